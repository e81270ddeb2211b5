#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ``fleet_export``; the work is done on the controller, in ``action/fleet_export.py``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_export
short_description: Write the fleet as it is into variables of hosts and groups
version_added: 0.1.0
description:
  - Reads the services of all hosts of the play concurrently, and writes what it found as C(host_vars) and
    C(group_vars), in the form that O(cai.console.fleet#module:document) names.
  - What all hosts of a group have in common is written once, for the group. What differs is a variable of a smaller
    group, or of the host.
  - The console shows no secret. Each is written as a lookup by a name, which says whose secret it is. RV(secrets)
    lists the names. Targets with the same user name at the same mail server, or with the same client id, get one
    name.
  - Applying the files changes nothing, if each secret that is looked up is the one that the console has, or is kept.
    They say C(on_unknown_secret=keep), since nothing is known yet of the secrets that are stored. Take that line out
    as soon as the secrets are known to be right.
  - Nothing is written to any target. It runs once, on the controller, whatever the hosts' connection. With the
    strategies V(free) and V(host_pinned) Ansible refuses it.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.attributes
  - cai.console.attributes.actiongroup_console
attributes:
  check_mode:
    support: full
    details: The targets are read, and no file is written.
  diff_mode:
    support: full
    details: Of the files, which hold no secret.
  idempotent:
    support: full
    details: The files depend on what the targets have, and on nothing else. With the same content they are not written.
options:
  dest:
    description:
      - Folder for C(host_vars) and C(group_vars), on the controller. Ansible reads them beside an inventory or a
        playbook.
      - The files are as readable as the user's umask says.
    type: path
    required: true
  document:
    description: Name of the variable for the wishes. The variables in it begin with this name too.
    type: str
    default: wishes
  secret_lookup:
    description:
      - How a secret is looked up. With V(ansible.builtin.vars) it is a variable such as
        C(vault_smtp_password_alerts_example_org_at_smtp_example_org), for a file that ansible-vault encrypts.
      - With V(ansible.builtin.env) it is an environment variable such as
        C(SMTP_PASSWORD_ALERTS_EXAMPLE_ORG_AT_SMTP_EXAMPLE_ORG), and it is an error if that is not set.
    type: str
    choices: [ansible.builtin.vars, ansible.builtin.env]
    default: ansible.builtin.vars
  overwrite:
    description: Whether files may be replaced that are there and say something else. Otherwise that is an error, and
      nothing is written.
    type: bool
    default: false
  targets:
    description: Hosts to read, in place of those of the play, or names or ids of execution targets.
    type: list
    elements: str
  workers:
    description: How many targets are read at a time, from 1 to 128.
    type: int
    default: 16
  requests_per_second:
    description: Limit of the requests of all workers together. Without it there is none.
    type: float
  progress_interval:
    description: Seconds between two lines on the screen about how far it is. With V(0) nothing is shown before the end.
    type: float
    default: 10.0
notes:
  - A group is used only if all its hosts were read and have the value. So a host that was down gets nothing by mistake,
    and it does not matter which group Ansible lets win.
  - A host that joins such a group later has the group's values, as with any variable of a group.
  - A text of the console that looks like a template is written as C(!unsafe), so it is not evaluated.
seealso:
  - module: cai.console.fleet
  - module: cai.console.execution_target
  - plugin: cai.console.targets
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Write what all targets have beside the inventory
  cai.console.fleet_export:
    dest: "{{ inventory_dir }}"
  register: exported
  run_once: true

- name: Name the secrets that are needed
  ansible.builtin.debug:
    msg: "{{ exported.secrets | map(attribute='name') }}"
  run_once: true

- name: The same, with secrets from the environment, over an earlier export
  cai.console.fleet_export:
    dest: ./export
    secret_lookup: ansible.builtin.env
    overwrite: true
"""

RETURN = r"""
files:
  description: The files that hold the export, below O(dest), those that were there already included.
  returned: success
  type: list
  elements: str
  sample: [group_vars/all.yml, host_vars/agent-a.0a1b2c.yml]
exported_hosts:
  description: Hosts whose settings are in the files.
  returned: success
  type: list
  elements: str
  sample: [agent-a.0a1b2c]
left_out:
  description: Hosts that are not in the files, since they could not be read, or have what a task may not ask for.
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      returned: success
      type: str
      sample: agent-b.0a1b2c
    msg:
      description: Why.
      returned: success
      type: str
      sample: "agent-b: The process engine is stopped."
secrets:
  description: The secrets that are looked up.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name by which it is looked up.
      returned: success
      type: str
      sample: vault_smtp_password_alerts_example_org_at_smtp_example_org
    option:
      description: The option that it is for.
      returned: success
      type: str
      sample: email_service.password
    owner:
      description: User name at the mail server, or id of the client.
      returned: success
      type: str
      sample: alerts@example.org
    hosts:
      description: Hosts whose target uses it.
      returned: success
      type: list
      elements: str
      sample: [agent-a.0a1b2c]
error:
  description: What failed, for a program. The message says the same to a person.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name of the failure, such as V(export_exists). The guide about errors lists them all.
      returned: failure
      type: str
      sample: export_exists
    stage:
      description: Where it happened, such as V(options) or V(sign_in).
      returned: failure
      type: str
      sample: options
    target:
      description: Execution target, where one is known.
      returned: failure
      type: str
      sample: null
    retryable:
      description: Whether running again may help without a change.
      returned: failure
      type: bool
      sample: false
    remedy:
      description: The next step.
      returned: failure
      type: str
      sample: Set dest to another folder, or overwrite to true if what the files say may be lost.
"""
