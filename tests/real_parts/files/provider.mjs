// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// A certified OpenID provider (oidc-provider) with the routes of the Microsoft identity platform.
//   node provider.mjs CONFIG.json
// The clock first: what is imported later has to see the moved one.
const realNow = Date.now;
const clock = { offset: 0 };
Date.now = () => realNow() + clock.offset;

const { generateKeyPairSync } = await import('node:crypto');
const { readFileSync } = await import('node:fs');
const https = await import('node:https');
const { pathToFileURL } = await import('node:url');
const { Control } = await import('./control.mjs');
const { handleInteraction, isInteraction } = await import('./login.mjs');
const { settings } = await import('./settings.mjs');

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { default: Provider } = await import(pathToFileURL(`${config.modules}/oidc-provider/lib/index.js`));

const prefix = `/${config.tenant}`;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const control = new Control(config, clock);
const jwks = { keys: [{ ...key, kid: 'lab1', use: 'sig', alg: 'RS256' }] };
const provider = new Provider(config.base + prefix, settings(config, control, jwks));
control.watch(provider);

// Standard servers revoke the whole grant when a used refresh token comes again, Microsoft's does not.
const consume = provider.RefreshToken.prototype.consume;
provider.RefreshToken.prototype.consume = function consumeIfStrict() {
  return control.knobs.revokeOnReuse ? consume.call(this) : Promise.resolve();
};

const callback = provider.callback();
const tokenRoute = `${prefix}/oauth2/v2.0/token`;
const discovery = '/.well-known/openid-configuration';

async function answer(req, res) {
  const { pathname } = new URL(req.url, config.base);
  if (pathname.startsWith('/_lab/')) return control.answer(req, res, pathname);
  if (pathname === tokenRoute && await control.interfere(req, res)) return undefined;
  if (isInteraction(prefix, pathname)) return handleInteraction(provider, config, prefix, req, res);
  if (!pathname.startsWith(`${prefix}/`)) {
    res.statusCode = 404;
    return res.end('not found');
  }
  // Clients that know a tenant look below v2.0; the addresses in the answer come from the original one.
  if (pathname === `${prefix}/v2.0${discovery}`) req.url = prefix + discovery;
  req.originalUrl = req.url;
  req.url = req.url.slice(prefix.length);
  return callback(req, res);
}

https.createServer({ key: readFileSync(config.key), cert: readFileSync(config.cert) }, (req, res) => {
  answer(req, res).catch((error) => {
    console.log('failed', req.method, req.url.split('?')[0], error.name, error.message);
    if (!res.headersSent) res.statusCode = 500;
    res.end('failed');
  });
}).listen(config.port, '127.0.0.1');
