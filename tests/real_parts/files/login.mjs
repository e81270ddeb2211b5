// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Sign-in and consent: two plain forms.
import { body, page } from './pages.mjs';

const ONCE = { mergeWithLastSubmission: false };
const DENIED = { error: 'access_denied', error_description: 'the user has denied access' };

const pattern = (prefix) => new RegExp(`^${prefix}/interaction/[^/]+(/login|/consent|/abort)?$`);

export const isInteraction = (prefix, pathname) => pattern(prefix).test(pathname);

export async function handleInteraction(provider, config, prefix, req, res) {
  const { pathname } = new URL(req.url, config.base);
  const step = pattern(prefix).exec(pathname)[1];
  const details = await provider.interactionDetails(req, res);
  res.setHeader('content-type', 'text/html');
  if (req.method === 'GET') return res.end(details.prompt.name === 'login' ? signIn(pathname) : consent(pathname, details));
  const form = new URLSearchParams(await body(req));
  if (step === '/abort') return provider.interactionFinished(req, res, DENIED, ONCE);
  if (step === '/consent') {
    const grantId = await grant(provider, details);
    return provider.interactionFinished(req, res, { consent: details.grantId ? {} : { grantId } }, { mergeWithLastSubmission: true });
  }
  const user = config.users[form.get('login')];
  if (!user || user.disabled || user.password !== form.get('password')) {
    res.statusCode = 401;
    return res.end(page('Sign in', '<p id=err>wrong name or password'));
  }
  return provider.interactionFinished(req, res, { login: { accountId: form.get('login') } }, ONCE);
}

const cancel = (path) => `<form method=post action="${path}/abort"><button id=cancel>Cancel</button></form>`;

const signIn = (path) => page('Sign in', `<form method=post action="${path}/login">`
  + '<input name=login autofocus><input name=password type=password><button id=go>Sign in</button></form>' + cancel(path));

const consent = (path, details) => page('Permissions requested', `<pre>${details.params.client_id}</pre>`
  + `<form method=post action="${path}/consent"><button id=go>Accept</button></form>` + cancel(path));

async function grant(provider, { grantId, session, params, prompt }) {
  const found = grantId ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
  if (missingOIDCScope) found.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) found.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes || {})) found.addResourceScope(resource, scopes.join(' '));
  return found.save();
}
