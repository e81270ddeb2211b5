#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge all services of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: execution_target
short_description: Configure the services of an execution target together
version_added: 0.1.0
description:
  - Sets server properties, Email Service and Alert Service of one execution target in one task, in Informatica Cloud
    Application Integration.
  - Everything is planned before anything is written, and then applied in this order. An Email Service that is
    switched off goes last.
  - A service that is left out is not touched. It is read where alerts depend on it.
  - Alerts by mail are refused while the Email Service is, or would be, off. A custom service needs no mail.
  - How a console saves these services is not published. It is stated by O(console_binding); see there.
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
  server_properties:
    description: The server properties, as in M(cai.console.server_properties).
    type: dict
    suboptions:
      suspend_on_uncaught_fault:
        description:
          - Whether every process of the target is suspended on a fault that it does not catch.
          - A process also has an option of its own for this, which this collection does not touch.
        type: bool
  email_service:
    description: The Email Service, as in M(cai.console.email_service).
    type: dict
    suboptions:
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
        description: How the console signs in at the mail server. With V(password), a server that asks for no login
          needs neither user name nor password.
        type: str
        choices: [password, oauth]
      username:
        description:
          - User name at the mail server, often the address of the mailbox.
          - Whether the console keeps it with O(email_service.authentication=oauth) is not documented.
        type: str
      password:
        description: Password of O(email_service.username) at the mail server. Whether it is sent, decides
          O(update_secrets).
        type: str
      security:
        description:
          - How the connection to the mail server is secured, in the words of the console's page.
          - That V(tls) means STARTTLS and V(ssl) means TLS from the start is usual, but not documented.
        type: str
        choices: [none, tls, ssl]
      oauth:
        description: Settings for O(email_service.authentication=oauth). All five are needed then. A person must grant
          the authorization in the console.
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
  alert_service:
    description: The Alert Service, as in M(cai.console.alert_service).
    type: dict
    suboptions:
      enabled:
        description: Whether the service is on. It can only be on if the state, as it will be, has what
          O(alert_service.action) needs.
        type: bool
      action:
        description:
          - With V(send_email), mail is sent to O(alert_service.email). It needs the target's Email Service.
          - With V(custom_service), the service O(alert_service.service) is called. It needs no mail.
        type: str
        choices: [send_email, custom_service]
      email:
        description: The one recipient. For several people, use a distribution list.
        type: str
      service:
        description:
          - Name of a deployed service, or of a process whose start event is the Runtime Alert Service.
          - It must be published to this very target before.
        type: str
  require_suspend:
    description:
      - Whether it is an error if the Alert Service is on, but processes are not suspended on an uncaught fault, so
        that alerts fire only for processes that have the option of their own. Without it, that is a warning.
    type: bool
    default: false
seealso:
  - module: cai.console.email_service
  - module: cai.console.alert_service
  - module: cai.console.server_properties
"""

EXAMPLES = r"""
- name: Alerts by mail, in one task
  cai.console.execution_target:
    server_properties:
      suspend_on_uncaught_fault: true
    email_service:
      enabled: true
      host: smtp.example.org
      port: 587
      security: tls
      authentication: password
      username: alerts@example.org
      password: "{{ smtp_password }}"
    alert_service:
      enabled: true
      action: send_email
      email: operations@example.org

- name: Alerts by a service of one's own, and no mail at all
  cai.console.execution_target:
    target: agent-a
    alert_service:
      enabled: true
      action: custom_service
      service: AlertHandler
    email_service:
      enabled: false
"""

RETURN = r"""
server_properties:
  description: The properties as the console stored them; in check mode, as they would be.
  returned: success, if O(server_properties) is given
  type: dict
  contains:
    suspend_on_uncaught_fault:
      description: Whether processes are suspended on an uncaught fault.
      returned: success
      type: bool
      sample: true
email_service:
  description: The settings as the console stored them; in check mode, as they would be. Never a secret.
  returned: success, if O(email_service) is given
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
alert_service:
  description: The settings as the console stored them; in check mode, as they would be.
  returned: success, if O(alert_service) is given
  type: dict
  contains:
    enabled:
      description: Whether the service is on.
      returned: success
      type: bool
      sample: true
    action:
      description: Either V(send_email) or V(custom_service).
      returned: success
      type: str
      sample: send_email
    email:
      description: Recipient, or null.
      returned: success
      type: str
      sample: operations@example.org
    service:
      description: Name of the custom service, or null.
      returned: success
      type: str
      sample: AlertHandler
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
  description: For each service of the task, what is stored now. One of V(unchanged), V(saved), V(previous) and
    V(disabled).
  returned: success, or when something was saved before the failure
  type: dict
  sample: {server_properties: unchanged, email_service: saved, alert_service: saved}
authorization:
  description: The console's OAuth authorization as it was before the task, as in
    M(cai.console.email_service_authorization).
  returned: success, if O(email_service) is given and the binding reads it
  type: dict
  contains:
    status:
      description: The status, or V(unknown).
      returned: success
      type: str
      sample: authorized
    authorized_by:
      description: Who granted the authorization, or null.
      returned: success
      type: str
      sample: alerts@example.org
    last_completed:
      description: When the authorization was last completed, or null.
      returned: success
      type: str
      sample: "2026-11-01T08:00:00Z"
    expires_estimate:
      description: 90 days after RV(authorization.last_completed), or V(unknown). No console tells it.
      returned: success
      type: str
      sample: "2027-01-30T08:00:00Z"
    days_left:
      description: Days until RV(authorization.expires_estimate), or null.
      returned: success
      type: int
      sample: 68
before_digest:
  description: Digest of what was stored before for the services of the task, secrets by their state and the console's
    stamp. If it differs from that of an earlier run, somebody changed something meanwhile.
  returned: success
  type: str
  sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
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
from ansible_collections.cai.console.plugins.module_utils._tasks import converging_target


def main() -> None:
    """Run the module."""
    run(converging_target())


if __name__ == "__main__":
    main()
