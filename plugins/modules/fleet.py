#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ``fleet``; the work is done on the controller, in ``action/fleet.py``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet
short_description: Configure the services of many execution targets in one task
version_added: 0.1.0
description:
  - Does what M(cai.console.execution_target) does, for all hosts of the play (of the batch, with C(serial)) in one
    task. The targets are worked on concurrently, over one session and its connections.
  - For a few hundred targets, M(cai.console.execution_target) gives a result, a diff and a line of the recap for each
    host. For thousands, this action takes a fraction of the time. A check with this action, and
    M(cai.console.execution_target) for the targets that would change, is the best of both; the guide about fleets
    shows it.
  - One target that fails never keeps the others from being tried, nor hides their failures. With O(max_failed), no
    further target is begun once too many have failed.
  - Targets that are down (the process engine is stopped, or the console cannot reach the agent) are counted apart.
    They are no failures. RV(down_hosts) lists them.
  - It runs once, on the controller, whatever the hosts' connection. With the strategies V(free) and V(host_pinned)
    Ansible refuses it.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
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
    details: As with M(cai.console.execution_target).
options:
  document:
    description:
      - Name of the host variable that holds the wishes of each target. It is a dictionary of the options of
        M(cai.console.execution_target), without those of the connection and without C(target).
      - It is templated with the variables of its host, from inventory, group and host variables, facts and C(-e).
        Variables of the play, of roles and of the task cannot be seen, since they belong to the host for which the
        task runs. Vault works as usual.
      - A host without the variable fails with C(document_missing); the others go on.
      - Exactly one of this and O(common_document) is needed.
    type: str
  common_document:
    description:
      - The wishes, where they are the same for all targets. They are templated and validated once, with the variables
        of the first host.
    type: dict
  targets:
    description:
      - Hosts to work on, in place of those of the play. With O(common_document) also names or ids of execution targets
        that are no hosts of the inventory.
      - The target of a host is its variable C(cai_target_id), or else its name.
    type: list
    elements: str
  max_failed:
    description:
      - How many targets may fail in the whole run, as a number such as V(3), or as a percentage such as V(5%).
      - The task fails only if more failed than that, and then no further target is begun. What is under way is brought
        to its end. RV(not_begun_hosts) lists the rest. In check mode, all targets are tried all the same.
      - With C(serial), the failures of all batches count, and a percentage is one of all hosts of the play.
      - Without it, every target is tried, and the task fails if any failed.
    type: str
  workers:
    description: How many targets are worked on at a time, from 1 to 128. As many connections to the console are kept.
    type: int
    default: 16
  requests_per_second:
    description:
      - Limit of the requests of all workers together. Without it there is none.
      - If the console asks for a pause (C(Retry-After)), all workers keep it, with or without this option.
    type: float
  progress_interval:
    description: Seconds between two lines on the screen about how far it is. Failures are shown at once. With V(0)
      nothing is shown before the end.
    type: float
    default: 10.0
  journal:
    description:
      - File to which a line of JSON is appended for each target as soon as it is done, with C(host), C(target),
        C(status), C(code) and C(before_digest). It holds no setting and no secret.
      - After a run that was killed, it tells what was done.
    type: path
notes:
  - The result reaches all hosts of the play by C(register) only with C(run_once=true). Otherwise it is a variable of
    the first host.
  - The recap counts the task for the first host. If it fails, it fails for all hosts of the play.
  - C(when) and the options of the task are evaluated for the first host.
  - On SIGINT and SIGTERM no further target is begun, and what is under way is brought to its end, within 30 seconds.
    If the run is killed, the worker notices, and sends nothing more.
  - A connection option such as O(console_url) that the task leaves out is the variable C(cai_console_url) of the host
    for which the task runs. Another host whose variable names another value fails, since its target is elsewhere.
  - A host whose variable C(cai_console_organization_id) is not the user's organisation fails before anything is read.
seealso:
  - module: cai.console.execution_target
  - module: cai.console.targets_info
  - plugin: cai.console.targets
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Give each target the wishes in its variable "wishes"
  cai.console.fleet:
    document: wishes
    max_failed: 5%
  register: rollout
  run_once: true

- name: Name those that failed
  ansible.builtin.debug:
    msg: "{{ rollout.targets | selectattr('failed') | map(attribute='msg') }}"
  run_once: true

- name: The same for all, and not more than 50 requests a second
  cai.console.fleet:
    requests_per_second: 50
    common_document:
      server_properties:
        suspend_on_uncaught_fault: true
      alert_service:
        enabled: true
        action: custom_service
        service: AlertHandler

- name: Two targets by their names
  cai.console.fleet:
    targets: [Cloud Server, agent-a]
    common_document:
      email_service:
        enabled: false
"""

RETURN = r"""
msg:
  description: How many targets there are of each status. In a failure, also what the first failures say.
  returned: always
  type: str
  sample: "500 targets: 486 unchanged, 12 changed, 2 failed, 0 down, 0 not begun."
counts:
  description: Number of targets, in all and of each status.
  returned: when targets were tried
  type: dict
  contains:
    total:
      description: All.
      returned: success
      type: int
      sample: 500
    unchanged:
      description: As wished already.
      returned: success
      type: int
      sample: 486
    changed:
      description: Changed; in check mode, those that would be.
      returned: success
      type: int
      sample: 12
    failed:
      description: Failed.
      returned: success
      type: int
      sample: 2
    down:
      description: Down, and not touched.
      returned: success
      type: int
      sample: 0
    not_begun:
      description: Not begun, since too many failed or the run was ended.
      returned: success
      type: int
      sample: 0
changed_hosts:
  description: Hosts whose target was changed, or would be.
  returned: when targets were tried
  type: list
  elements: str
  sample: [agent-a.0a1b2c]
failed_hosts:
  description: Hosts whose target failed.
  returned: when targets were tried
  type: list
  elements: str
  sample: [agent-b.0a1b2c]
down_hosts:
  description: Hosts whose target is down.
  returned: when targets were tried
  type: list
  elements: str
  sample: []
not_begun_hosts:
  description: Hosts whose target was not begun.
  returned: when targets were tried
  type: list
  elements: str
  sample: []
budget:
  description: The failures against O(max_failed).
  returned: when targets were tried
  type: dict
  contains:
    max_failed:
      description: The option, or null.
      returned: success
      type: str
      sample: 5%
    failed:
      description: Failures of the whole run, earlier batches included.
      returned: success
      type: int
      sample: 2
    exceeded:
      description: Whether more failed than may.
      returned: success
      type: bool
      sample: false
targets:
  description:
    - One entry for each host, in their order. It holds what M(cai.console.execution_target) returns, its failures
      included, and the keys below.
    - C(diff) is there only if the target changed, or would change.
  returned: when targets were tried
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      returned: success
      type: str
      sample: agent-a.0a1b2c
    target:
      description: Id, name and kind of the execution target.
      returned: when the target was found
      type: dict
      sample: {id: 00LAB108000000000001, name: agent-a, kind: agent}
    status:
      description: One of V(unchanged), V(changed), V(failed), V(down) and V(not_begun).
      returned: success
      type: str
      sample: changed
    changed:
      description: Whether something was changed, or would be. A target that failed in the middle may be changed too.
      returned: success
      type: bool
      sample: true
    failed:
      description: Whether it failed.
      returned: success
      type: bool
      sample: false
    down:
      description: Whether it is down.
      returned: success
      type: bool
      sample: false
    before_digest:
      description: Digest of what was stored before, as in M(cai.console.execution_target).
      returned: when the target could be read
      type: str
      sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
    why:
      description: Each change, and where it comes from, as in M(cai.console.execution_target).
      returned: when the target could be read
      type: list
      elements: dict
      sample: [{field: host, from: smtp.example.org, to: smtp2.example.org, source: task}]
error:
  description: What failed, for a program. The message says the same to a person.
  returned: failure
  type: dict
  contains:
    code:
      description: V(targets_failed) if targets were tried; otherwise the name of the failure that kept the task from
        trying any, such as V(sign_in_refused).
      returned: failure
      type: str
      sample: targets_failed
    stage:
      description: Where it happened; V(fleet) if targets were tried.
      returned: failure
      type: str
      sample: fleet
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
      sample: Correct what the message says of each.
"""
