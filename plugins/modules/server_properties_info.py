#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the server properties of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: server_properties_info
short_description: Read the server properties of an execution target
version_added: 0.1.0
description:
  - Reads the server property that decides whether the Alert Service fires, of the Cloud Server, of a Secure Agent or
    of a clustered group of agents, in Informatica Cloud Application Integration.
  - It never returns a secret.
  - How a console shows it is not published. It is stated by O(console_binding); see there.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.target
  - cai.console.attributes
  - cai.console.attributes.info_module
  - cai.console.attributes.actiongroup_console
seealso:
  - module: cai.console.server_properties
"""

EXAMPLES = r"""
- name: Read the server properties of the Cloud Server
  cai.console.server_properties_info:
    target: Cloud Server
  register: found

- name: Show it
  ansible.builtin.debug:
    var: found.server_properties
"""

RETURN = r"""
server_properties:
  description: The settings as the console holds them.
  returned: success
  type: dict
  contains:
    suspend_on_uncaught_fault:
      description: Whether processes are suspended on an uncaught fault.
      returned: success
      type: bool
      sample: true
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
from ansible_collections.cai.console.plugins.module_utils._tasks import reading


def main() -> None:
    """Run the module."""
    run(reading(SERVER_PROPERTIES))


if __name__ == "__main__":
    main()
