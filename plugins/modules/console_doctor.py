#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examine whether this collection fits an organisation."""

from __future__ import annotations

DOCUMENTATION = r"""
module: console_doctor
short_description: Examine whether this collection fits an organisation
version_added: 0.1.0
description:
  - Examines the console's address, TLS, the clock, the sign-in, the organisation, the execution targets and their
    process engines, the user's privilege, and, with a O(console_binding), whether every service can be read and every
    field stands where the binding says.
  - It only reads, unless O(write) asks for more. It sends no mail.
  - A bad verdict is no failure of this module, so that all verdicts can be shown. The playbook C(cai.console.doctor)
    shows them and fails.
  - A check whose precondition failed is skipped, so that only the right line is red.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.attributes
  - cai.console.attributes.actiongroup_console
attributes:
  check_mode:
    support: full
    details: With O(write), nothing is written.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details: With O(write), it always writes.
options:
  bindings:
    description:
      - Bindings to compare with those that ship, by name or as files of the controller. Each is tried, by reading only,
        at the first of O(targets), or the Cloud Server, and a line says how much of it fits.
      - An empty list compares those that ship.
    type: list
    elements: str
  write:
    description:
      - Whether to write what is there already, service by service, and read it back. It must be equal.
      - O(targets) must name the one target on which this is done.
    type: bool
    default: false
  write_password:
    description: The stored password of the Email Service. Without it, O(write) is refused where the console holds one.
    type: str
  write_client_secret:
    description: The stored client secret, in the same way.
    type: str
  entries:
    description:
      - Whether to list everything that stands in the documents in which the console keeps its services, each with its
        place as a binding writes it. So the place of an option can be found for a binding of your own.
      - They are read at the first of O(targets), or the Cloud Server, through O(console_binding).
      - A value is shown where it can be no secret, such as a switch, a small number or the name of a host.
    type: bool
    default: false
  targets:
    description:
      - Names or ids of the execution targets whose services are read.
      - Without it, up to five are taken that run.
    type: list
    elements: str
seealso:
  - module: cai.console.targets_info
"""

EXAMPLES = r"""
- name: Examine the organisation
  cai.console.console_doctor:
  register: doctor

- name: Show the verdicts
  ansible.builtin.debug:
    var: doctor.report

- name: See what stands in the engine's documents
  cai.console.console_doctor:
    console_binding: activebpel_admin
    targets: [agent-a]
    entries: true
  register: doctor

- name: Show it
  ansible.builtin.debug:
    msg: "{{ doctor.entries | map(attribute='place') }}"
"""

RETURN = r"""
fit:
  description: Whether no verdict is V(failed).
  returned: success
  type: bool
  sample: true
report:
  description: The findings as lines for a person.
  returned: success
  type: list
  elements: str
  sample:
    - "ok       sign-in       The console accepts the user."
findings:
  description: One entry per check, in order; for V(services), one per execution target.
  returned: success
  type: list
  elements: dict
  contains:
    check:
      description:
        - One of V(address), V(tls), V(clock), V(sign_in), V(organization), V(targets), V(engines), V(privilege),
          V(binding), V(services), V(bindings), V(write) and V(entries). The last three only where they are asked for.
      returned: success
      type: str
      sample: privilege
    verdict:
      description: One of V(ok), V(warning), V(failed) and V(skipped).
      returned: success
      type: str
      sample: ok
    message:
      description: What was found, in plain words.
      returned: success
      type: str
      sample: The user may read the documented list of processes of the Cloud Server.
    remedy:
      description: The next step; empty where nothing is to be done.
      returned: success
      type: str
      sample: ""
entries:
  description: Everything that stands in the console's documents.
  returned: with O(entries)
  type: list
  elements: dict
  contains:
    document:
      description: Operation of the binding that reads the document.
      returned: success
      type: str
      sample: read_server_properties
    place:
      description: Place in the document, as a binding writes it.
      returned: success
      type: str
      sample: entry[@name='SuspendProcessOnUncaughtFault']/@value
    value:
      description: The value where it can be no secret, else its kind, or asterisks where the place sounds like one.
      returned: success
      type: str
      sample: "true"
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

from ansible_collections.cai.console.plugins.module_utils._doctor_task import examining
from ansible_collections.cai.console.plugins.module_utils._edge import run


def main() -> None:
    """Run the module."""
    run(examining())


if __name__ == "__main__":
    main()
