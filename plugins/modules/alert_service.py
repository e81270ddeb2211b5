#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge the Alert Service of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alert_service
short_description: Configure the Alert Service of an execution target
version_added: 0.1.0
description:
  - Sets what happens when a process of the execution target is suspended on an uncaught fault, in Informatica Cloud
    Application Integration.
  - There is exactly one Alert Service on each execution target, and the console cannot delete it. It is switched off
    with O(enabled=false).
  - It fires only if processes are suspended on an uncaught fault; see M(cai.console.server_properties).
  - An option that is left out is left alone, and so are members of the console's object that this collection does not
    know.
  - How a console saves this service is not published. It is stated by O(console_binding); see there.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.target
  - cai.console.attributes
  - cai.console.attributes.actiongroup_console
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  enabled:
    description: Whether the service is on. It can only be on if the state, as it will be, has what O(action) needs.
    type: bool
  action:
    description:
      - With V(send_email), mail is sent to O(email). It needs the target's Email Service.
      - With V(custom_service), the service O(service) is called. It needs no mail.
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
seealso:
  - module: cai.console.alert_service_info
  - module: cai.console.email_service
  - module: cai.console.server_properties
  - name: System Services
    description: The vendor's page about the services.
    link: https://onlinehelp.informatica.com/IICS/prod/CAI/en/dd-monitor/System_Services.html
"""

EXAMPLES = r"""
- name: Mail operations when a process is suspended
  cai.console.alert_service:
    enabled: true
    action: send_email
    email: operations@example.org

- name: Call a service of one's own on one agent
  cai.console.alert_service:
    target: agent-a
    enabled: true
    action: custom_service
    service: AlertHandler

- name: Switch alerts off
  cai.console.alert_service:
    enabled: false
"""

RETURN = r"""
alert_service:
  description: The settings as the console stored them; in check mode, as they would be.
  returned: success
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
  description: Always empty; this service has no secret.
  returned: success
  type: list
  elements: dict
  sample: []
stale_secrets:
  description: Always empty; this service has no secret.
  returned: success
  type: list
  elements: str
  sample: []
authorization_at_risk:
  description: Always false; this service has no authorization.
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
      description: The former value.
      returned: success
      type: raw
      sample: smtp.example.org
    to:
      description: The new value.
      returned: success
      type: raw
      sample: smtp2.example.org
    source:
      description: Always V(task).
      returned: success
      type: str
      sample: task
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
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import converging


def main() -> None:
    """Run the module."""
    run(converging(ALERT_SERVICE))


if __name__ == "__main__":
    main()
