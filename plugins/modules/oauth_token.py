#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ``oauth_token``; the work is done on the controller, in ``action/oauth_token.py``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oauth_token
short_description: Get an OAuth access token for a mailbox, on the controller
version_added: 0.1.0
description:
  - Gets a token from Microsoft, Google or another OAuth 2.0 provider, by one of four grants.
  - It runs on the controller, whatever host the task is for. Tokens never travel to a managed host by it.
  - A person's consent can be given in two steps, days and machines apart, with nothing secret between them.
  - A refresh token that the provider replaces at each use is not lost, whatever crashes. See O(state_dir).
  - A refresh token that was handed to a console by M(cai.console.email_service_authorization) is refused here, and
    forgotten. One grant has one holder.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.attributes
attributes:
  check_mode:
    support: partial
    details:
      - Only what spends nothing is done, which is O(grant=client_credentials) and O(step=begin).
      - A refresh token, a code and a device code are not spent. RV(would_spend) then is true.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: A token that still lives for O(min_validity) seconds is returned again, without a request.
options:
  state:
    description: With V(absent), the refresh token is revoked at the provider (RFC 7009), and forgotten.
    type: str
    choices: [present, absent]
    default: present
  grant:
    description:
      - How the token is got.
      - V(refresh_token) spends a refresh token that we hold.
      - V(authorization_code) needs a person once, with PKCE. See O(step).
      - V(device_code) shows a code for a person to enter at the provider (RFC 8628), and waits.
      - V(client_credentials) is for a client that acts for itself. The console has no field for it.
    type: str
    choices: [refresh_token, authorization_code, device_code, client_credentials]
    default: refresh_token
  step:
    description:
      - For O(grant=authorization_code).
      - V(begin) returns the link for the person, and spends nothing. It is the default.
      - V(complete) takes what the browser ended at, checks it and exchanges the code.
      - V(interactive) prints the link, listens on loopback for the browser, and completes. It is for a terminal.
    type: str
    choices: [begin, complete, interactive]
  provider:
    description: Presets for addresses, scope and parameters.
    type: str
    choices: [microsoft, google, generic]
    default: generic
  tenant:
    description: Id or domain of the tenant, for O(provider=microsoft).
    type: str
  cloud:
    description: Microsoft's cloud, for O(provider=microsoft).
    type: str
    choices: [public, us-government, china]
    default: public
  discovery_url:
    description: Address of the provider's discovery document (OpenID Connect, or RFC 8414). It overrules the preset.
    type: str
  issuer:
    description: The issuer that the answer to the browser must name (RFC 9207). The discovery document tells it too.
    type: str
  authorization_url:
    description: Authorization endpoint. It overrules preset and discovery.
    type: str
  token_url:
    description: Token endpoint. It overrules preset and discovery.
    type: str
  device_url:
    description: Device authorization endpoint. It overrules preset and discovery.
    type: str
  revocation_url:
    description: Revocation endpoint, for O(state=absent). It overrules preset and discovery.
    type: str
  client_id:
    description:
      - Id of the client (application) at the provider.
      - Environment variable E(CAI_OAUTH_CLIENT_ID).
    type: str
    required: true
  client_authentication:
    description:
      - How the client authenticates.
      - Without it, V(private_key_jwt) if O(private_key) is given, else V(post) if O(client_secret) is, else V(none).
    type: str
    choices: [post, basic, private_key_jwt, none]
  client_secret:
    description:
      - Secret of the client.
      - Environment variable E(CAI_OAUTH_CLIENT_SECRET).
    type: str
  private_key:
    description: Private key in PEM (RSA or EC P-256), as text, for V(private_key_jwt). It needs C(cryptography).
    type: str
  private_key_passphrase:
    description: Passphrase of O(private_key).
    type: str
  certificate:
    description: Certificate in PEM that belongs to O(private_key). Microsoft knows the key by it.
    type: str
  scope:
    description:
      - Scopes that are asked for. With C(openid) the provider also tells whose mailbox it is.
      - With C(openid) and C(offline_access), and O(provider=generic), the link holds C(prompt=consent), which OpenID
        Connect demands for a refresh token. Another C(prompt) in O(authorization_url) is kept.
    type: list
    elements: str
  user:
    description: Address of the mailbox. If the provider tells that somebody else consented, the tokens are refused.
    type: str
  target:
    description: Whose consent this is. Without it, the host's name. A consent for one target completes for no other.
    type: str
  redirect_uri:
    description:
      - Redirect URI that is registered for the client.
      - With O(step=interactive) it is on loopback, by default C(http://127.0.0.1/callback), and any port is added.
    type: str
  consent_key:
    description:
      - Key of at least 32 characters that signs the state and makes the PKCE verifier. Give the same to both steps.
      - Whoever has it, and the link, could complete a consent. Keep it as a secret, such as in a credential.
      - Environment variable E(CAI_OAUTH_CONSENT_KEY).
    type: str
  consent_lifetime:
    description: Seconds for which the link of O(step=begin) can be completed.
    type: int
    default: 604800
  redirect_response:
    description: The whole URL that the browser ended at, for O(step=complete).
    type: str
  code:
    description: The code of that URL, in place of O(redirect_response). The issuer is then not checked.
    type: str
  consent_state:
    description: The state of that URL, together with O(code).
    type: str
  listen_port:
    description: Port for O(step=interactive); V(0) takes a free one. With a fixed one, C(ssh -L) can forward it.
    type: int
    default: 0
  open_browser:
    description: Whether O(step=interactive) opens a browser where there is one.
    type: bool
    default: false
  wait:
    description: Seconds to wait for the person, with O(step=interactive) and O(grant=device_code).
    type: float
    default: 300.0
  refresh_token:
    description: The refresh token. Without it, the one in O(refresh_token_file).
    type: str
  refresh_token_file:
    description:
      - File in ansible-vault's format that holds the refresh token, on the controller. It is encrypted with the vault
        secrets of the run, has mode 0600 and is replaced at once or not at all.
      - The file can be read by C(ansible.builtin.include_vars); its key is C(refresh_token).
    type: path
  store_command:
    description:
      - A command, as a list, that gets each new refresh token on its standard input, as a JSON object with the keys
        C(refresh_token), C(mailbox), C(scope) and C(expires_at).
      - If it fails, the token is kept in O(state_dir), and the next run gives it to the command again.
    type: list
    elements: str
  min_validity:
    description: Seconds that an access token of an earlier task must still live to be returned again.
    type: int
    default: 600
  force_refresh:
    description: Whether to refresh even if there is a token that lives long enough.
    type: bool
    default: false
  state_dir:
    description:
      - Folder on the controller where the pending mark and the newest tokens are kept, encrypted under keys made from
        the refresh tokens themselves. Without an older refresh token nothing in it can be read.
      - One process at a time refreshes a mailbox. The others get what it got.
      - Rotation must run in one job, not in slices, because slices do not share this folder.
      - The default lies in Ansible's home.
      - Environment variable E(CAI_STATE_DIR).
    type: path
    default: ~/.ansible/cai_console
  ca_path:
    description: PEM file, or folder of them. No other certificate authority is trusted then.
    type: path
  validate_certs:
    description: Whether the provider's certificate is verified. V(false) is for experiments only.
    type: bool
    default: true
  proxy:
    description: Address of an HTTP proxy. Without it, the usual environment variables apply.
    type: str
  timeout:
    description: Seconds to wait for a connection, and for an answer.
    type: float
    default: 30.0
requirements:
  - requests-oauthlib >= 2.0
  - cryptography >= 42
notes:
  - A successful result that carries a token is censored on the screen and in logs, yet C(register) works.
  - It is not a member of the action group, so that no default of the console's connection reaches a provider.
seealso:
  - module: cai.console.email_service_authorization
  - module: cai.console.email_service
"""

EXAMPLES = r"""
- name: First job, get the link for a person
  cai.console.oauth_token:
    grant: authorization_code
    step: begin
    provider: microsoft
    tenant: example.org
    client_id: "{{ oauth_client_id }}"
    redirect_uri: https://localhost:8400/callback
    user: alerts@example.org
    target: alerts@example.org
  register: consent

- name: Show it
  ansible.builtin.debug:
    var: consent.authorization_url

- name: Second job, with the URL that the browser ended at
  cai.console.oauth_token:
    grant: authorization_code
    step: complete
    provider: microsoft
    tenant: example.org
    client_id: "{{ oauth_client_id }}"
    client_secret: "{{ oauth_client_secret }}"
    redirect_uri: https://localhost:8400/callback
    redirect_response: "{{ pasted_url }}"
    user: alerts@example.org
    target: alerts@example.org
    refresh_token_file: vault/alerts.yml

- name: Later, an access token for a test of mail
  cai.console.oauth_token:
    provider: microsoft
    tenant: example.org
    client_id: "{{ oauth_client_id }}"
    client_secret: "{{ oauth_client_secret }}"
    user: alerts@example.org
    refresh_token_file: vault/alerts.yml
  register: token

- name: A client for itself, with a certificate
  cai.console.oauth_token:
    grant: client_credentials
    provider: microsoft
    tenant: example.org
    client_id: "{{ oauth_client_id }}"
    private_key: "{{ lookup('ansible.builtin.file', 'client.key') }}"
    certificate: "{{ lookup('ansible.builtin.file', 'client.pem') }}"
"""

RETURN = r"""
access_token:
  description: The access token.
  returned: success, unless with O(step=begin), O(state=absent), or where check mode spends nothing
  type: str
  sample: eyJ0eXAiOiJKV1Qi...
refresh_token:
  description: The newest refresh token, or null.
  returned: as RV(access_token)
  type: str
  sample: 0.AXoA...
expires_at:
  description: When the access token ends, in UTC, or null.
  returned: as RV(access_token)
  type: str
  sample: "2026-11-24T12:00:00Z"
scope:
  description: Scopes that were granted.
  returned: as RV(access_token)
  type: list
  elements: str
  sample: ["https://outlook.office.com/SMTP.Send"]
token_type:
  description: Kind of the access token.
  returned: as RV(access_token)
  type: str
  sample: Bearer
mailbox:
  description: Whose mailbox it is, or null where the provider does not tell.
  returned: as RV(access_token)
  type: str
  sample: alerts@example.org
refreshed:
  description: Whether a request was made; V(false) if a token of an earlier task was returned again.
  returned: with O(grant=refresh_token)
  type: bool
  sample: true
would_spend:
  description: That something would be spent, outside check mode.
  returned: in check mode, where nothing was done
  type: bool
  sample: true
revoked:
  description: Whether a token was revoked.
  returned: with O(state=absent)
  type: bool
  sample: true
authorization_url:
  description: Link for the person. Nothing in it is secret.
  returned: with O(step=begin), and with the error V(consent_needed) if O(redirect_uri) and O(consent_key) are given
  type: str
  sample: https://login.microsoftonline.com/example.org/oauth2/v2.0/authorize?...
state:
  description: The signed state of the link.
  returned: as RV(authorization_url)
  type: str
  sample: WzEsImFnZW50LWEi...
link_expires_at:
  description: Until when the link can be completed, in UTC.
  returned: as RV(authorization_url)
  type: str
  sample: "2026-12-01T12:00:00Z"
target:
  description: Whose consent this is.
  returned: with O(grant=authorization_code) and O(grant=device_code)
  type: str
  sample: agent-a
provider_error:
  description: What the provider said.
  returned: failure, if the provider refused
  type: dict
  contains:
    error:
      description: OAuth's word.
      returned: always
      type: str
      sample: invalid_grant
    aadsts:
      description: Microsoft's number, or null.
      returned: always
      type: int
      sample: 700082
    status:
      description: HTTP status.
      returned: always
      type: int
      sample: 400
    who_must_act:
      description: Who has to do something.
      returned: always
      type: str
      sample: the mailbox's owner
error:
  description: What failed, for a program. The message says the same to a person. No failure holds a secret.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name of the failure, such as V(consent_needed). The guide about errors lists them all.
      returned: failure
      type: str
      sample: consent_needed
    stage:
      description: Where it happened.
      returned: failure
      type: str
      sample: refresh
    target:
      description: Target or mailbox, where one is known.
      returned: failure
      type: str
      sample: alerts@example.org
    retryable:
      description: Whether running again may help without a change.
      returned: failure
      type: bool
      sample: false
    remedy:
      description: The next step.
      returned: failure
      type: str
      sample: Run the consent again.
"""
