// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The control endpoints below /_lab/, the faults that they switch on, and the record of what happened (never a token).
import { body } from './pages.mjs';

const EVENTS = ['authorization.success', 'authorization.error', 'grant.success', 'grant.error', 'grant.revoked',
  'introspection.error', 'revocation.error', 'refresh_token.consumed', 'server_error'];
const INTERACTION_REQUIRED = {
  error: 'interaction_required',
  error_description: 'AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication.',
  error_codes: [50076],
  suberror: 'basic_action',
};
const defaults = () => ({
  interactionRequired: false, // the token endpoint wants a person
  tokenStatus: null, // the token endpoint answers this status,
  tokenBody: 'busy', // with this body
  retryAfter: '2', // and this header (null: none)
  tokenDelayMs: 0, // the token endpoint takes its time
  rotate: true, // a refresh brings a new refresh token
  revokeOnReuse: false, // a used refresh token revokes its whole grant
  tokenLength: 43, // characters of an access token
});

export class Control {
  constructor(config, clock) {
    this.config = config;
    this.clock = clock;
    this.knobs = { ...defaults(), ...config.knobs };
    this.events = [];
    this.requests = {};
  }

  watch(provider) {
    for (const name of EVENTS) provider.on(name, (ctx, what) => this.record(name, ctx, what));
  }

  record(event, ctx, what) {
    // Some events pass the token before, or instead of, the context.
    const oidc = ctx?.oidc;
    const error = what instanceof Error ? what : undefined;
    this.events.push({
      event,
      at: Math.floor(Date.now() / 1000),
      client: oidc?.client?.clientId ?? ctx?.clientId ?? null,
      account: oidc?.account?.accountId ?? oidc?.session?.accountId ?? ctx?.accountId ?? null,
      grant_type: oidc?.params?.grant_type ?? null,
      error: error ? (error.error ?? error.name) : null,
      detail: error ? (error.error_detail ?? error.message) : null,
    });
  }

  async answer(req, res, pathname) {
    const name = pathname.slice('/_lab/'.length);
    const text = await body(req);
    const asked = text ? JSON.parse(text) : {};
    res.setHeader('content-type', 'application/json');
    if (req.method === 'GET' && name === 'events') return res.end(JSON.stringify({ events: this.events, token_requests: this.requests }));
    if (req.method !== 'POST' || !Object.hasOwn(this.verbs, name)) {
      res.statusCode = 404;
      return res.end('{}');
    }
    return res.end(JSON.stringify(this.verbs[name](asked)));
  }

  verbs = {
    clock: ({ offset_s: seconds }) => {
      this.clock.offset = seconds * 1000;
      return { offset_s: seconds };
    },
    knobs: (asked) => Object.assign(this.knobs, asked),
    user: ({ id, ...fields }) => {
      this.config.users[id] = { ...this.config.users[id], ...fields };
      return {};
    },
    reset: () => {
      this.clock.offset = 0;
      this.events.length = 0;
      this.requests = {};
      return Object.assign(this.knobs, defaults(), this.config.knobs);
    },
  };

  // A switched-on fault answers for the token endpoint; says whether it did.
  async interfere(req, res) {
    const { interactionRequired, tokenStatus, tokenBody, retryAfter, tokenDelayMs } = this.knobs;
    const text = await body(req);
    const type = new URLSearchParams(text).get('grant_type') ?? 'none';
    this.requests[type] = (this.requests[type] ?? 0) + 1;
    if (tokenDelayMs) await new Promise((done) => { setTimeout(done, tokenDelayMs); });
    if (interactionRequired) {
      res.statusCode = 400;
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(INTERACTION_REQUIRED));
      return true;
    }
    if (tokenStatus) {
      res.statusCode = tokenStatus;
      if (retryAfter !== null) res.setHeader('retry-after', retryAfter);
      res.end(tokenBody);
      return true;
    }
    // oidc-provider takes what was already read from here.
    req.body = text;
    return false;
  }
}
