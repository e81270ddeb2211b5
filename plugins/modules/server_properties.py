#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converge server properties of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: server_properties
short_description: Configure server properties of an execution target
version_added: 0.1.0
description:
  - Sets the server property that decides whether the Alert Service fires, in Informatica Cloud Application
    Integration.
  - B(This changes how all processes of the target behave.) A suspended process stays open until somebody ends or
    resumes it, so they can pile up. Therefore no option has a default, and no role or playbook of this collection
    sets it unless it is asked to.
  - Properties that are not named here are passed back untouched.
  - How a console saves its properties is not published. It is stated by O(console_binding); see there.
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
  suspend_on_uncaught_fault:
    description:
      - Whether every process of the target is suspended on a fault that it does not catch.
      - A process also has an option of its own for this, which this collection does not touch.
    type: bool
seealso:
  - module: cai.console.server_properties_info
  - module: cai.console.alert_service
  - name: System Services
    description: The vendor's page about the services, which names the property.
    link: https://onlinehelp.informatica.com/IICS/prod/CAI/en/dd-monitor/System_Services.html
"""

EXAMPLES = r"""
- name: Suspend processes on an uncaught fault, so that alerts fire
  cai.console.server_properties:
    suspend_on_uncaught_fault: true
"""

RETURN = r"""
server_properties:
  description: The properties as the console stored them; in check mode, as they would be.
  returned: success
  type: dict
  contains:
    suspend_on_uncaught_fault:
      description: Whether processes are suspended on an uncaught fault.
      returned: success
      type: bool
      sample: true
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
from ansible_collections.cai.console.plugins.module_utils._resources.server_properties import SERVER_PROPERTIES
from ansible_collections.cai.console.plugins.module_utils._tasks import converging


def main() -> None:
    """Run the module."""
    run(converging(SERVER_PROPERTIES))


if __name__ == "__main__":
    main()
