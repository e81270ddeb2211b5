#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the execution targets of an organisation."""

from __future__ import annotations

DOCUMENTATION = r"""
module: targets_info
short_description: List the execution targets of an organisation
version_added: 0.1.0
description:
  - Lists the Cloud Server, every Secure Agent and every clustered group of agents, with the state of its process
    engine, in Informatica Cloud Application Integration.
  - It uses documented interfaces only (sign-in, agents, runtime environments), so it needs no O(console_binding).
  - Agent details hold passwords in clear text. This module returns the values documented below and nothing else.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.attributes
  - cai.console.attributes.info_module
  - cai.console.attributes.actiongroup_console
seealso:
  - module: cai.console.console_doctor
  - module: cai.console.email_service_info
"""

EXAMPLES = r"""
- name: List the execution targets
  cai.console.targets_info:
  register: found

- name: Show those that can be configured now
  ansible.builtin.debug:
    msg: "{{ found.targets | selectattr('writable') | selectattr('running') | map(attribute='name') }}"
"""

RETURN = r"""
targets:
  description: The Cloud Server, then clustered groups, then agents.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id, which the option O(cai.console.email_service#module:target) takes too.
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
    process_engine:
      description: The platform's word for the state of the process engine, or null where there is none.
      returned: success
      type: str
      sample: RUNNING
    running:
      description: Whether the process engine runs and the agent is active.
      returned: success
      type: bool
      sample: true
    host:
      description: Host name of the agent, as the platform knows it, or null.
      returned: success
      type: str
      sample: agent-a.example.org
    group:
      description: For a member of a clustered group, the group's name. Set the group instead of its members.
      returned: success
      type: str
      sample: null
    is_target:
      description: Whether it is an execution target; an agent without a process engine is not, nor is a member of a
        group.
      returned: success
      type: bool
      sample: true
    writable:
      description: Whether this organisation may change its services; a group that another organisation shares is not
        writable.
      returned: success
      type: bool
      sample: true
    owner:
      description: Id of the organisation that shares the group, or null.
      returned: success
      type: str
      sample: null
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
from ansible_collections.cai.console.plugins.module_utils._tasks import listing_targets


def main() -> None:
    """Run the module."""
    run(listing_targets())


if __name__ == "__main__":
    main()
