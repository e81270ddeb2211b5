#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that mail leaves and arrives, or name the stage where it does not."""

from __future__ import annotations

DOCUMENTATION = r"""
module: smtp_test
short_description: Prove that mail leaves and arrives, or name the stage where it does not
version_added: 0.2.0
description:
  - Talks to a mail server stage by stage and says at which one it stops, what the server said there, what that means,
    who must act, and whether trying again can help.
  - A whole run passes the stages C(dns), C(connect), C(banner), C(ehlo), C(starttls), C(certificate), C(ehlo_tls),
    C(auth_offer), C(auth), C(mail), C(rcpt), C(data), C(queued) and C(delivered).
  - The test is made from the host on which the module runs, by the console of the execution target, or by both, see
    O(vantage).
  - The settings are those of the target's own Email Service, or the options. With O(host) and O(vantage=module_host) no
    console is needed, and no connection option.
  - A sign-in is made once, never repeated, and never over a connection without TLS. A message is never sent twice.
  - Equal tests of one run from one host are made once, however many targets ask for them.
    After a mailbox has refused one sign-in, no other target of the run tries it, be it to send or, by IMAP, to see the
    message arrive. While a secret was not yet accepted,
    one target tries it alone, and the others wait.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.target
  - cai.console.attributes
  - cai.console.attributes.actiongroup_console
attributes:
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: The limits per mailbox, and the memory of a refused sign-in, could not hold for what runs in the
      background. The task fails before any connection. O(budget) and O(arrival.wait) bound how long it takes.
  check_mode:
    support: full
    details: No packet leaves, to nobody, and the result says so. Options are checked.
  diff_mode:
    support: N/A
    details: This module does not modify state.
  idempotent:
    support: N/A
    details: It never reports a change, and each run sends a message of its own, unless O(stop_after) ends it before.
options:
  vantage:
    description:
      - From where the test is made.
      - V(module_host) is the host on which the module runs. A delegated task tests from that host's network; it is told
        the mail server, user and secret, and never a console's session.
      - V(console) lets the target's console test what it has stored, or what the options say.
      - V(both) does both and compares.
    type: str
    choices: [module_host, console, both]
    default: module_host
  stop_after:
    description:
      - The last stage. Nothing of a message is sent before C(mail).
      - Without it the test ends with V(delivered) if O(arrival) is given, else with V(queued).
      - A stage that the security does not have ends the test at the stage before it.
    type: str
    choices:
      - dns
      - connect
      - banner
      - ehlo
      - starttls
      - certificate
      - ehlo_tls
      - auth_offer
      - auth
      - mail
      - rcpt
      - data
      - queued
      - delivered
  host:
    description: DNS name or IP address of the mail server, in place of the stored one.
    type: str
  port:
    description: TCP port. Without it, and without a stored one, 587 for V(tls), 465 for V(ssl) and 25 for V(none).
    type: int
  security:
    description:
      - V(tls) is STARTTLS, V(ssl) is TLS from the first byte. There is no fall-back from one to another.
      - Without it, and without a stored one, V(tls).
    type: str
    choices: [none, tls, ssl]
  authentication:
    description: How to sign in. Without it, what is stored; else what fits O(password) or O(token).
    type: str
    choices: [none, password, oauth]
  username:
    description: The mailbox that signs in.
    type: str
  password:
    description: The mailbox's password. The console never shows the stored one, so it must be given.
    type: str
  token:
    description: An OAuth access token for the mailbox, such as RV(cai.console.oauth_token#module:access_token).
    type: str
  token_info:
    description:
      - What is known of the token, as M(cai.console.oauth_token) returns it. It explains a refusal.
      - A JWT says the same by itself.
    type: dict
    suboptions:
      expires_at:
        description: When it ends, in ISO 8601 or in seconds since 1970.
        type: str
      scope:
        description: Its scopes, as a list or separated by spaces.
        type: list
        elements: str
      username:
        description: Whose it is.
        type: str
        aliases: [mailbox]
  mechanism:
    description: The SASL mechanism. V(auto) takes the first that is offered of PLAIN and LOGIN, or of XOAUTH2 and
      OAUTHBEARER.
    type: str
    choices: [auto, plain, login, xoauth2, oauthbearer]
    default: auto
  sender:
    description: Sender of the message. Without it, O(username) if that is a mail address.
    type: str
  recipient:
    description: Recipient of the message. Without it, the sender.
    type: str
  smtputf8:
    description: Whether addresses may hold other characters than ASCII; then the server must offer SMTPUTF8.
    type: bool
    default: false
  message_size:
    description: Size of the message in octets, to try a server's limit. 0 is the smallest.
    type: int
    default: 0
  ehlo_name:
    description: The name in EHLO.
    type: str
    default: cai-console.invalid
  ca_path:
    description: File with the CA certificates that are trusted instead of the system's, on the controller.
    type: path
  ca_pem:
    description: The same as text.
    type: str
  fingerprint:
    description: SHA-256 fingerprint of the server's certificate, which then counts in place of any CA and name.
    type: str
  tls_floor:
    description: Lowest TLS version that is accepted. V(1.0) takes every version that the Python at hand can speak.
    type: str
    choices: ["1.0", "1.2", "1.3"]
    default: "1.2"
  min_key_bits:
    description: Shortest RSA key of the server's certificate that is accepted.
    type: int
    default: 2048
  warn_days:
    description: Days of the certificate's remaining life below which there is a warning.
    type: float
    default: 21.0
  fail_days:
    description: Days below which the stage C(certificate) fails.
    type: float
    default: 0.0
  budget:
    description: Seconds for all stages but C(delivered).
    type: float
    default: 120.0
  stage_budget:
    description:
      - Seconds for single stages, such as C({auth&#58; 60}).
      - "Without it: dns 10, connect 10, banner 30, ehlo 15, starttls 15, certificate 15, ehlo_tls 15, auth_offer 5,
        auth 45, mail 20, rcpt 45, data 20, queued 60. Some servers answer a refused sign-in only after a while."
    type: dict
    default: {}
  arrival:
    description:
      - The mailbox in which the message should arrive. Exactly one of O(arrival.imap) and O(arrival.maildir).
      - It is opened before the message is sent. The message, and reports about it, are removed from it at the end.
    type: dict
    suboptions:
      imap:
        description: A mailbox by IMAP. INBOX and the folder for junk are searched.
        type: dict
        suboptions:
          host:
            description: The IMAP server.
            type: str
          port:
            description: TCP port. Without it, 993 for V(ssl) and 143 for V(tls).
            type: int
          security:
            description: V(ssl) is TLS from the first byte, V(tls) is STARTTLS.
            type: str
            choices: [tls, ssl]
            default: ssl
          username:
            description: The mailbox.
            type: str
          password:
            description: Its password. One of this and O(arrival.imap.token).
            type: str
          token:
            description: An OAuth access token for it.
            type: str
          folders:
            description: More folders to search.
            type: list
            elements: str
            default: []
          ca_path:
            description: File with the CA certificates that are trusted instead of the system's, on the controller.
            type: path
          ca_pem:
            description: The same as text.
            type: str
      maildir:
        description: Path of a Maildir on the host on which the module runs. Its folders (Maildir++) are searched too.
        type: path
      wait:
        description: Seconds to wait for the message.
        type: float
        default: 60.0
      poll:
        description: Seconds between two looks.
        type: float
        default: 1.0
  max_connections:
    description: Connections that this run has to one mailbox at the same time; more targets wait. The mailbox of
      O(arrival.imap) is one too.
    type: int
    default: 2
  max_messages_per_minute:
    description: Messages that this run sends by one mailbox in a minute; more targets wait.
    type: int
    default: 20
  reuse_stored_secret:
    description: Whether the console may try its stored secret with another server or user than the stored one.
    type: bool
    default: false
notes:
  - The limits and the memory of a refused sign-in hold for the whole run, whether the test is made by the controller
    or delegated to other hosts.
  - The chain and the life of certificates are read by the Python library cryptography. Without it only the leaf's
    fingerprint is reported; the certificate is verified all the same.
requirements:
  - cryptography, for facts about certificates
seealso:
  - module: cai.console.email_service
"""

EXAMPLES = r"""
- name: Prove that the mail of the Cloud Server leaves, with its own settings
  cai.console.smtp_test:
    target: Cloud Server
    password: "{{ smtp_password }}"

- name: Prove without any console that mail leaves and arrives
  cai.console.smtp_test:
    host: smtp.example.org
    port: 587
    security: tls
    username: alerts@example.org
    password: "{{ smtp_password }}"
    arrival:
      imap:
        host: imap.example.org
        username: alerts@example.org
        password: "{{ smtp_password }}"

- name: Look at the certificate only, and fail a month before it ends
  cai.console.smtp_test:
    host: smtp.example.org
    stop_after: certificate
    fail_days: 30

- name: Compare this host's way to the mail server with the execution target's
  cai.console.smtp_test:
    target: agent-a
    vantage: both
    password: "{{ smtp_password }}"

- name: Get an access token by a consent that is kept here
  cai.console.oauth_token:
    provider: microsoft
    tenant: example.org
    client_id: "{{ oauth_client_id }}"
    user: alerts@example.org
    refresh_token_file: vault/alerts.yml
  register: alerts

- name: Prove that the mail server takes it
  cai.console.smtp_test:
    host: smtp.office365.com
    port: 587
    security: tls
    authentication: oauth
    username: alerts@example.org
    token: "{{ alerts.access_token }}"
    token_info:
      expires_at: "{{ alerts.expires_at }}"
      scope: "{{ alerts.scope }}"
      mailbox: "{{ alerts.mailbox }}"
    stop_after: auth
"""

RETURN = r"""
verdict:
  description: What was found, in one sentence or two.
  returned: always
  type: str
  sample: "This host: mail leaves through smtp.example.org:587 and is in INBOX after 830 ms."
checked:
  description: Whether anything was tested. V(false) in check mode.
  returned: success
  type: bool
  sample: true
vantage:
  description: From where the test was made.
  returned: always
  type: str
  sample: module_host
settings:
  description: The mail server and user, without the secret.
  returned: when tested
  type: dict
  sample: {host: smtp.example.org, port: 587, security: tls, authentication: password, username: alerts@example.org}
stages:
  description:
    - For each stage, in order, C(status), C(code), C(enhanced_code), C(ms), C(detail) and C(remedy).
    - The status is V(ok), V(warning), V(failed), V(unknown), V(not_needed), V(not_run), or V(passed) where a console
      said so. The code is the refusing reply's.
  returned: always
  type: dict
  sample:
    auth:
      status: failed
      code: 535
      enhanced_code: 5.7.8
      ms: 2013.4
      detail: "535 5.7.8 Error: authentication failed"
      remedy: Check user name and secret.
failed_stage:
  description: The stage that failed, or null.
  returned: always
  type: str
  sample: auth
code:
  description: Code of the reply that refused, or null where no reply refused.
  returned: always
  type: int
  sample: 535
enhanced_code:
  description: Its enhanced status code (RFC 3463), or null.
  returned: always
  type: str
  sample: 5.7.8
retryable:
  description: Whether trying again may help without a change. Null where nothing failed.
  returned: always
  type: bool
  sample: false
who:
  description: Who must act, V(mail_admin), V(tenant_admin) or V(you).
  returned: always
  type: str
  sample: you
cause:
  description: What the failure means.
  returned: always
  type: str
  sample: User name, password or token is refused.
remedy:
  description: The next step.
  returned: always
  type: str
  sample: Check user name and secret.
outcome:
  description:
    - What became of the message. One of V(not_sent), V(accepted), V(delivered), V(deferred), V(bounced), V(lost) and
      V(unknown).
    - V(unknown) means that the connection was lost after the dot that ends the message and before the answer.
  returned: always
  type: str
  sample: delivered
not_tried:
  description: V(mailbox_refused) if the mailbox had refused another target before, so that nothing was tried.
  returned: when tested
  type: str
  sample: mailbox_refused
shared:
  description: Whether the result is that of an equal test of another target.
  returned: when tested
  type: bool
  sample: false
findings:
  description: What should be looked at although it ended nothing, each with C(stage), C(name) and C(detail).
  returned: always
  type: list
  elements: dict
  sample:
    - stage: certificate
      name: certificate_expires_soon
      detail: The certificate is valid for 5.0 more days.
addresses:
  description: For C(ipv4) and C(ipv6) the addresses found, and which was tried with what result.
  returned: always
  type: dict
  sample:
    ipv4: {found: [192.0.2.1], status: connected, address: 192.0.2.1, ms: 12.1, detail: null}
    ipv6: {found: [], status: no address, address: null, ms: null, detail: null}
tls:
  description: C(version), C(cipher), C(verified) and C(chain), leaf first; also where the certificate was refused.
  returned: always
  type: dict
  sample: {version: TLSv1.3, cipher: TLS_AES_256_GCM_SHA384, verified: true, chain: []}
capabilities:
  description: What the server offers before TLS, or under implicit TLS.
  returned: always
  type: dict
  sample: {starttls: "", size: "36700160"}
capabilities_tls:
  description: What it offers after STARTTLS.
  returned: always
  type: dict
  sample: {auth: LOGIN XOAUTH2, size: "36700160"}
mechanism:
  description: The SASL mechanism used.
  returned: always
  type: str
  sample: PLAIN
auth_challenge:
  description: What the server said of a refused token, decoded.
  returned: always
  type: dict
  sample: {status: "401", schemes: bearer}
arrival:
  description:
    - How the message arrived. C(latency_ms), C(folder), C(duplicates), C(hops) (each with C(tls) and C(auth)),
      C(authentication_results), the C(report) of a failure or delay, and how many messages were C(removed).
  returned: always
  type: dict
  sample: {seen: true, latency_ms: 830.0, folder: INBOX, duplicates: 0, hops: [], report: null, removed: 1}
console:
  description: The result of the console's own test, with the keys above.
  returned: when tested
  type: dict
  sample: {failed_stage: connect, code: null, detail: Connection refused}
comparison:
  description: With V(both), one of V(both_work), V(target_cut_off), V(only_this_host_works), V(only_target_works),
    V(same_failure), V(different_failures) and V(not_tried); else null.
  returned: when tested
  type: str
  sample: target_cut_off
round_trips:
  description: Commands that were answered.
  returned: always
  type: int
  sample: 8
probe_id:
  description: The id in the message, also in the header C(X-Cai-Console-Probe).
  returned: always
  type: str
  sample: 4542e3faad991e0625531dbd724069d5
target:
  description: The execution target, where a console was asked.
  returned: when a console was asked
  type: dict
  sample: {id: 00LAB108000000000001, name: agent-a, kind: agent}
error:
  description: What failed, for a program. The message says the same to a person.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name of the failure, such as V(smtp_auth_refused). The guide about errors lists them all.
      returned: failure
      type: str
      sample: smtp_auth_refused
    stage:
      description: The stage that failed, V(options) before any connection, V(test) where the console names none, or one
        of the other modules' stages where the console itself could not be read.
      returned: failure
      type: str
      sample: auth
    target:
      description: Execution target, where one is known.
      returned: failure
      type: str
      sample: agent-a
    retryable:
      description: Whether running again may help without a change.
      returned: failure
      type: bool
      sample: false
    remedy:
      description: The next step.
      returned: failure
      type: str
      sample: Check user name and secret.
"""

from ansible_collections.cai.console.plugins.module_utils._edge import run
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing


def main() -> None:
    """Run the module."""
    run(smtp_testing())


if __name__ == "__main__":
    main()
