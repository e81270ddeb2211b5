// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The settings of oidc-provider: grants, tokens and their lifetimes, scopes of a mail service, plain pages.
import { page } from './pages.mjs';

const RESOURCE = 'https://outlook.office.com';
const SCOPES = ['SMTP.Send', 'IMAP.AccessAsUser.All', '.default'].map((name) => `${RESOURCE}/${name}`);
const BITS_PER_CHARACTER = 6;
const DAY = 86400;

export function settings(config, control, jwks) {
  const { users, ttl, tenant } = config;
  const tokenUser = (token) => (token.kind === 'ClientCredentials' ? config.mailboxes[token.clientId] : token.accountId);
  return {
    clients: config.clients,
    jwks,
    cookies: { keys: ['lab-cookie-key'] },
    findAccount: async (_ctx, id) => (users[id] && !users[id].disabled
      ? { accountId: id, claims: async () => ({ sub: id, email: id, preferred_username: id }) } : undefined),
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      device_authorization: '/oauth2/v2.0/devicecode',
      code_verification: '/oauth2/deviceauth',
      introspection: '/introspect',
      revocation: '/revoke',
      jwks: '/discovery/v2.0/keys',
      end_session: '/oauth2/v2.0/logout',
    },
    scopes: ['openid', 'offline_access', 'email', 'profile'],
    claims: { openid: ['sub'], email: ['email'], profile: ['preferred_username'] },
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    rotateRefreshToken: () => control.knobs.rotate,
    issueRefreshToken: async (_ctx, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    ttl: {
      AccessToken: ttl.access,
      ClientCredentials: ttl.access,
      AuthorizationCode: 600,
      DeviceCode: ttl.device,
      IdToken: 3600,
      RefreshToken: ttl.refresh,
      Interaction: 600,
      Session: DAY,
      Grant: 400 * DAY,
    },
    // Opaque, as those in JWT form cannot be introspected here; Microsoft's are far longer than the 43 characters.
    formats: {
      bitsOfOpaqueRandomness: (_ctx, model) => (['AccessToken', 'ClientCredentials'].includes(model.kind)
        ? control.knobs.tokenLength * BITS_PER_CHARACTER : 256),
    },
    extraTokenClaims: async (_ctx, token) => ({ username: tokenUser(token) }),
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true },
      revocation: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, ...devicePages },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => `${RESOURCE}/`,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: SCOPES.join(' '), audience: RESOURCE, accessTokenTTL: ttl.access, accessTokenFormat: 'opaque',
        }),
      },
    },
    interactions: { url: (_ctx, interaction) => `/${tenant}/interaction/${interaction.uid}` },
    renderError: async (ctx, out) => { ctx.body = page('Error', `<p id=err>${out.error}`); },
  };
}

// oidc-provider's own pages ask a font server on the internet.
const send = (form) => `<button id=go type=submit form="${form}">Continue</button>`;
const devicePages = {
  userCodeInputSource: async (ctx, form, _out, error) => {
    ctx.body = page('Enter code', `${error ? '<p id=err>this code is not known' : ''}${form}${send('op.deviceInputForm')}`);
  },
  userCodeConfirmSource: async (ctx, form, client, _device, code) => {
    ctx.body = page('Confirm', `<p>${client.clientId} shows ${code}${form}${send('op.deviceConfirmForm')}`);
  },
  successSource: async (ctx) => { ctx.body = page('You have signed in', ''); },
};
