#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the Email Service of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: email_service
short_description: Configure the Email Service of an execution target
version_added: 0.1.0
description:
  - Sets the Email Service of the Cloud Server, of a Secure Agent or of a clustered group of agents, in Informatica
    Cloud Application Integration.
  - There is exactly one on each execution target, and the console cannot delete it. It is switched off with
    O(enabled=false).
  - An option that is left out is left alone, and so are members of the console's object that this collection does not
    know.
  - How a console saves this service is not published. It is stated by O(console_binding); see there.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.target
  - cai.console.secrets
  - cai.console.transaction
  - cai.console.attributes
  - cai.console.attributes.actiongroup_console
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Secrets are shown as V(set), V(unset), V(unknown) or V(sent), never by value.
  idempotent:
    support: partial
    details:
      - A secret cannot be read back. With O(update_secrets=always) it is sent, and reported as a change, each time.
      - With the default, a secret is sent again if O(state_dir) or O(known_fingerprints) do not tell that it is the
        same.
options:
  enabled:
    description: Whether the service is on. It can only be on if the state, as it will be, has everything that it
      needs.
    type: bool
  host:
    description: DNS name or IP address of the mail server, without scheme and port.
    type: str
  port:
    description: TCP port of the mail server. The console itself proposes 25.
    type: int
  authentication:
    description: How the console signs in at the mail server. With V(password), a server that asks for no login needs
      neither user name nor password.
    type: str
    choices: [password, oauth]
  username:
    description:
      - User name at the mail server, often the address of the mailbox.
      - Whether the console keeps it with O(authentication=oauth) is not documented.
    type: str
  password:
    description: Password of O(username) at the mail server. Whether it is sent, decides O(update_secrets).
    type: str
  security:
    description:
      - How the connection to the mail server is secured, in the words of the console's page.
      - That V(tls) means STARTTLS and V(ssl) means TLS from the start is usual, but not documented.
    type: str
    choices: [none, tls, ssl]
  oauth:
    description: Settings for O(authentication=oauth). All five are needed then. A person must grant the authorization
      in the console.
    type: dict
    suboptions:
      authorization_url:
        description: Address at which a person grants the authorization. It begins with C(https://).
        type: str
      token_url:
        description: Address at which tokens are requested. It begins with C(https://).
        type: str
      client_id:
        description: Id of the client (application) at the provider.
        type: str
      client_secret:
        description: Secret of the client. Whether it is sent, decides O(update_secrets).
        type: str
      scope:
        description: Scopes, compared as a set. For Outlook they are C(https://outlook.office.com/SMTP.Send) and
          C(offline_access).
        type: list
        elements: str
seealso:
  - module: cai.console.email_service_info
  - module: cai.console.alert_service
  - name: System Services
    description: The vendor's page about the services.
    link: https://onlinehelp.informatica.com/IICS/prod/CAI/en/dd-monitor/System_Services.html
"""

EXAMPLES = r"""
- name: Send mail with a user name and password, over STARTTLS
  cai.console.email_service:
    enabled: true
    host: smtp.example.org
    port: 587
    security: tls
    authentication: password
    username: alerts@example.org
    password: "{{ smtp_password }}"

- name: Move to another mail server and leave everything else as it is
  cai.console.email_service:
    target: Cloud Server
    host: smtp2.example.org
    password: "{{ smtp_password }}"

- name: Prepare OAuth with Microsoft; a person must then press Authorize Access in the console
  cai.console.email_service:
    host: smtp.office365.com
    port: 587
    security: tls
    authentication: oauth
    username: alerts@example.org
    oauth:
      authorization_url: https://login.microsoftonline.com/example.org/oauth2/v2.0/authorize
      token_url: https://login.microsoftonline.com/example.org/oauth2/v2.0/token
      client_id: "{{ oauth_client_id }}"
      client_secret: "{{ oauth_client_secret }}"
      scope:
        - https://outlook.office.com/SMTP.Send
        - offline_access

- name: Change the password, test it, and go back if the mail server refuses it
  cai.console.email_service:
    password: "{{ smtp_password }}"
    previous_secret: "{{ former_smtp_password }}"
    test: after
    test_recipient: operations@example.org
    on_test_failure: rollback

- name: Switch the service off
  cai.console.email_service:
    enabled: false
"""

RETURN = r"""
email_service:
  description: The settings as the console stored them; in check mode, as they would be. Never a secret.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether the service is on.
      returned: success
      type: bool
      sample: true
    host:
      description: Mail server, or null.
      returned: success
      type: str
      sample: smtp.example.org
    port:
      description: TCP port of the mail server.
      returned: success
      type: int
      sample: 587
    authentication:
      description: Either V(password) or V(oauth).
      returned: success
      type: str
      sample: password
    username:
      description: User name at the mail server, or null.
      returned: success
      type: str
      sample: alerts@example.org
    security:
      description: One of V(none), V(tls) and V(ssl).
      returned: success
      type: str
      sample: tls
    oauth:
      description: OAuth settings.
      returned: success
      type: dict
      contains:
        authorization_url:
          description: Address at which a person grants the authorization, or null.
          returned: success
          type: str
          sample: https://login.microsoftonline.com/example.org/oauth2/v2.0/authorize
        token_url:
          description: Address at which tokens are requested, or null.
          returned: success
          type: str
          sample: https://login.microsoftonline.com/example.org/oauth2/v2.0/token
        client_id:
          description: Id of the client, or null.
          returned: success
          type: str
          sample: 11111111-2222-3333-4444-555555555555
        scope:
          description: Scopes; empty where there are none.
          returned: success
          type: list
          elements: str
          sample: ["https://outlook.office.com/SMTP.Send", "offline_access"]
secrets:
  description: What was decided for each secret that the task gave.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the option.
      returned: success
      type: str
      sample: password
    sent:
      description: Whether it was sent; in check mode, whether it would be.
      returned: success
      type: bool
      sample: true
    reason:
      description:
        - If sent, V(required) (a change would hand it to another server or user, or this console drops what is left
          out), V(always), V(unset), V(authentication_changed), V(user_changed), V(switched_on), V(changed) or
          V(unknown).
        - If not sent, V(unchanged) (it is the one that was last written), V(already_set), V(unknown) (nothing tells
          whether it is the same), V(authorized) (sending it may drop the authorization) or V(not_in_use) (the
          authentication type does not use it).
      returned: success
      type: str
      sample: changed
stale_secrets:
  description: Secrets of the former authentication type that the console may still hold, because the binding knows no
    way to clear them.
  returned: success
  type: list
  elements: str
  sample: []
authorization_at_risk:
  description: Whether an OAuth authorization that is in force may be lost by what is sent. What drops one is not
    documented.
  returned: success
  type: bool
  sample: false
why:
  description: Each change, and where it comes from.
  returned: success
  type: list
  elements: dict
  contains:
    field:
      description: Name of the option.
      returned: success
      type: str
      sample: host
    from:
      description: The former value; for a secret V(set), V(unset) or V(unknown).
      returned: success
      type: raw
      sample: smtp.example.org
    to:
      description: The new value; for a secret V(sent) or V(unset).
      returned: success
      type: raw
      sample: smtp2.example.org
    source:
      description: V(task) for an option of the task, V(authentication) for a secret that the new type does not use,
        or the reason of RV(secrets).
      returned: success
      type: str
      sample: task
fingerprints:
  description: Keyed fingerprints of the secrets that the console holds now, as far as that is known; in check mode,
    those that were known before. They reveal nothing without the key.
  returned: success, or when the test failed
  type: dict
  sample: {password: "1$0123456789abcdef$89ab$2026-11-01T08:00:00Z"}
tested:
  description: Whether a test ran in this task and passed.
  returned: success, or when the test failed
  type: bool
  sample: true
test_results:
  description: The console's tests in this task.
  returned: success, or when the test failed
  type: list
  elements: dict
  contains:
    phase:
      description: Either V(before) or V(after) saving.
      returned: success
      type: str
      sample: after
    ok:
      description: Whether it passed.
      returned: success
      type: bool
      sample: true
    stage:
      description: Stage at which it failed, if the console tells.
      returned: success
      type: str
      sample: null
    code:
      description: The mail server's reply code, if the console tells.
      returned: success
      type: int
      sample: null
    message:
      description: The console's words.
      returned: success
      type: str
      sample: The mail was sent.
rolled_back:
  description: Whether the former settings were saved again.
  returned: success, or when the test failed
  type: bool
  sample: false
state_left:
  description: What is stored now. One of V(unchanged), V(saved), V(previous) and V(disabled).
  returned: success, or when the test failed
  type: str
  sample: saved
alert_gap:
  description: If a service that was on did not pass its test, since when it did not work. Otherwise null.
  returned: success, or when the test failed
  type: dict
  contains:
    from:
      description: When the settings were saved that do not work, by the console's clock.
      returned: when there was a gap
      type: str
      sample: "2026-11-01T08:00:00Z"
    to:
      description: When the former settings were saved again, or null while the gap goes on.
      returned: when there was a gap
      type: str
      sample: null
    suspended:
      description: Ids of the processes of the target that were suspended in that time.
      returned: when there was a gap and the list could be read
      type: list
      elements: str
      sample: ["100200"]
    suspended_count:
      description: Their number, or C(at least N) where the console's list is not complete.
      returned: when there was a gap
      type: raw
      sample: 1
concurrency:
  description:
    - With V(guaranteed), a change that somebody else makes at the same time is refused by the console.
    - With V(best_effort), the console gives no version, and such a change is noticed only by reading back.
  returned: success, or when something else is stored than was sent
  type: str
  sample: guaranteed
target:
  description: The execution target.
  returned: success
  type: dict
  contains:
    id:
      description: Its id.
      returned: success
      type: str
      sample: 00LAB108000000000001
    name:
      description: Its name.
      returned: success
      type: str
      sample: agent-a
    kind:
      description: One of V(cloud), V(agent) and V(group).
      returned: success
      type: str
      sample: agent
error:
  description: What failed, for a program. The message says the same to a person.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name of the failure, such as V(secret_required). The guide about errors lists them all.
      returned: failure
      type: str
      sample: secret_required
    stage:
      description: Where it happened; one of V(options), V(binding), V(sign_in), V(targets), V(read), V(plan),
        V(write) and V(read_back).
      returned: failure
      type: str
      sample: plan
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
      sample: Give password in the same task.
"""

from ansible_collections.cai.console.plugins.module_utils._edge import run
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import converging


def main() -> None:
    """Run the module."""
    run(converging(EMAIL_SERVICE))


if __name__ == "__main__":
    main()
