#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ``rollout``; the work is done on the controller, in ``action/rollout.py``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout
short_description: Change many execution targets by an approved plan, in waves, and go on after an interruption
version_added: 0.1.0
description:
  - Brings all hosts of the play to their wishes, as M(cai.console.fleet) does, but by a plan that somebody has
    approved,
    in waves that are tested by mail, and so that a run that was cut off can be gone on with.
  - Most users run the playbook or the role C(cai.console.rollout), which shows the tables.
  - V(plan) looks at every target, writes nothing to any console, and keeps a plan on the controller. Its digest stands
    for what each target holds and is wished to hold. V(apply) takes this digest, so that nothing but the approved plan
    is carried out. A target that somebody changed meanwhile, or whose wishes were changed, is left alone and named
    (C(changed_since_plan)).
  - V(apply) looks at all targets that are left, then writes the canary, waits for O(soak), and writes wave after wave.
    After each wave O(gate) tests the mail of its targets.
  - Every step is noted in O(state_dir) before and after each write. V(apply) with the same digest goes on where an
    earlier run ended, be it by V(kill -9). Finished targets get no request and no mail any more.
  - Targets that are down, that could not be planned, or that joined after the plan was made are C(pending), which is no
    failure. V(catch_up) takes just those.
  - Job slices may apply one plan at the same time, if they share O(state_dir). V(report) merges what all of them did.
    Each slice has its own canary, waves and O(max_failed).
  - A group that is shared by another organisation is C(shared), and left to its owner.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.attributes
  - cai.console.attributes.actiongroup_console
attributes:
  check_mode:
    support: full
    details: V(plan) writes the plan's file in check mode too. V(apply) and V(catch_up) compare the targets with the
      plan.
  diff_mode:
    support: none
    details: RV(targets[].changes) shows each change.
  idempotent:
    support: full
options:
  step:
    description: What to do.
    type: str
    choices: [plan, apply, catch_up, report]
    required: true
  name:
    description: Tells one rollout from another in the same O(state_dir). Letters, digits, hyphens and underscores.
    type: str
    default: rollout
  document:
    description: Name of the host variable that holds the wishes of each target, as in M(cai.console.fleet). Exactly one
      of this and O(common_document) is needed, except for O(step=report).
    type: str
  common_document:
    description: The wishes, where they are the same for all targets, as in M(cai.console.fleet).
    type: dict
  plan_digest:
    description: The digest of the approved plan. O(step=apply) and O(step=catch_up) need it. O(step=report) takes the
      last plan without it.
    type: str
  plan_file:
    description:
      - File on the controller for the plan. Without it, the plan is kept in O(state_dir).
      - It holds the settings that would change, and no secret.
    type: path
  state_dir:
    description:
      - Folder on the controller for the plan and for what was done, in C(rollout/) and the O(name). It has to outlive
        the run, and has to be shared by slices. Wishes that name no C(state_dir) of their own use it too.
      - No secret is in it. The secrets in the wishes take part in the plan's digest by keyed fingerprints.
      - Environment variable E(CAI_STATE_DIR).
    type: path
    default: ~/.ansible/cai_console
  fingerprint_key:
    description:
      - Key of the fingerprints. Without it a random one is made and kept in O(state_dir).
      - Environment variable E(CAI_FINGERPRINT_KEY).
    type: str
  canary:
    description:
      - How many targets are the canary, as a number or as a percentage of those that the plan changes. V(0) for none.
      - If they are down, the next ones are the canary. A canary that fails ends the rollout, whatever O(max_failed) is.
    type: str
    default: "1"
  canary_hosts:
    description: The hosts that are the canary, in place of the first O(canary) ones.
    type: list
    elements: str
  soak:
    description: Seconds to wait after the canary.
    type: float
    default: 0.0
  waves:
    description: Sizes of the waves after the canary, each a number or a percentage of the targets that the plan
      changes.
      The last one is repeated.
    type: list
    elements: str
    default: ["10%", "100%"]
  max_failed:
    description:
      - How many targets may fail in the whole run, at the write or at the gate, as a number or a percentage of the
        hosts
        of the play. Once more failed, nothing further is begun, and O(on_failure) is done.
    type: str
    default: "0"
  on_failure:
    description:
      - What happens once too many failed.
      - V(stop) leaves the wave as it is.
      - V(roll_back) gives all targets of the wave that were written their former settings. A target whose secret would
        be replaced needs C(previous_secret) in its wishes, or it fails before it is written.
      - V(go_on) tries all targets all the same. The task fails at its end.
    type: str
    choices: [stop, roll_back, go_on]
    default: stop
  gate:
    description:
      - Options of M(cai.console.smtp_test), without those of the connection and without C(target). After each wave, its
        targets are tested so. A target that does not pass has failed.
      - With C(arrival), the gate proves that mail arrives. Without O(gate) nothing is tested, which the result says.
      - A password that is neither given here nor needed there is the one in the target's wishes. A target whose wishes
        switch the Email Service off is not tested.
    type: dict
  workers:
    description: How many targets are worked on at a time, from 1 to 128.
    type: int
    default: 16
  requests_per_second:
    description: Limit of the requests of all workers together. Without it there is none.
    type: float
  report:
    description: Folder on the controller for C(rollout.json), the result for programs.
    type: path
notes:
  - The result reaches all hosts of the play by C(register) only with C(run_once=true).
  - The play must not have C(serial), and not the strategies V(free) and V(host_pinned).
  - On SIGINT and SIGTERM no further target is begun, and what is under way is brought to its end, within 30 seconds. If
    the run is killed, the worker notices, and sends nothing more.
  - A target during whose write the run was killed is written again by the next run, whatever it holds then.
  - Whether a target that the plan does not change was changed since is not looked at.
seealso:
  - module: cai.console.fleet
  - module: cai.console.execution_target
  - module: cai.console.smtp_test
"""

EXAMPLES = r"""
- name: See who would change
  cai.console.rollout:
    step: plan
    document: wishes
  register: plan
  run_once: true

- name: Apply the approved plan
  cai.console.rollout:
    step: apply
    document: wishes
    plan_digest: "{{ approved_digest }}"
    soak: 600
    waves: [10%, 50%, 100%]
    max_failed: 2%
    on_failure: roll_back
    gate:
      recipient: probe@example.org
      arrival:
        imap:
          host: imap.example.org
          username: probe@example.org
          password: "{{ vaulted_probe_password }}"
  run_once: true

- name: Take those that were down
  cai.console.rollout:
    step: catch_up
    document: wishes
    plan_digest: "{{ approved_digest }}"
  run_once: true

- name: Merge what the slices did
  cai.console.rollout:
    step: report
    plan_digest: "{{ approved_digest }}"
    report: ./report
  run_once: true
"""

RETURN = r"""
msg:
  description: How many targets there are of each status. In a failure, also where it stopped and what failed.
  returned: always
  type: str
  sample: "60 targets: 56 changed, 0 unchanged, 1 failed, 1 refused, 0 rolled back, 2 pending, 0 shared, 0 not
    finished, 0 not begun."
plan_digest:
  description: Digest of the plan.
  returned: when targets were tried
  type: str
  sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
plan_file:
  description: Where the plan is.
  returned: with O(step=plan)
  type: str
  sample: /home/operator/.ansible/cai_console/rollout/rollout/plan.json
counts:
  description: Number of targets, C(total) and of each status. A plan counts V(change), V(unchanged), V(down), V(failed)
    and V(shared); the other steps count the statuses of RV(targets[].status).
  returned: when targets were tried
  type: dict
  sample: {total: 60, change: 57, unchanged: 0, down: 2, failed: 0, shared: 1}
targets:
  description: One entry for each target.
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
      description: Id, name and kind of the execution target, or null.
      returned: success
      type: dict
      sample: {id: 00LAB108000000000001, name: agent-a, kind: agent}
    status:
      description:
        - In a plan, V(change), V(unchanged), V(down), V(failed) or V(shared).
        - Else V(changed), V(unchanged), V(failed), V(refused) (changed since the plan), V(rolled_back), V(pending),
          V(shared),
          V(not_finished) (a run ended in the middle of it) or V(not_begun).
      returned: success
      type: str
      sample: changed
    wave:
      description: V(canary), V(wave 1) and so on, V(catch_up), or null.
      returned: success
      type: str
      sample: wave 2
    code:
      description: Name of the failure, or of why it is pending, or null.
      returned: success
      type: str
      sample: null
    message:
      description: The same for a person, or null.
      returned: success
      type: str
      sample: null
    changes:
      description: Each change, with C(service), C(field), C(from) and C(to). Secrets are words such as V(set) and
        V(sent).
      returned: success
      type: list
      elements: dict
      sample: [{service: email_service, field: host, from: smtp.example.org, to: smtp2.example.org}]
    mail:
      description: What the gate found, with C(verdict) and C(latency_ms), or null.
      returned: success
      type: dict
      sample: null
    before_digest:
      description: Digest of what was stored, or null.
      returned: with O(step=plan)
      type: str
      sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
    processes:
      description: Where the handling of faults changes, how many processes are C(faulted) and C(suspended), as a
        number, as
        V(at least 3) where the console's list is incomplete, or as V(unknown) with the reason. Else null.
      returned: with O(step=plan)
      type: dict
      sample: {faulted: 1, suspended: at least 2}
fault_handling:
  description: The targets at which the handling of faults changes, with C(host), C(from), C(to), C(faulted) and
    C(suspended).
  returned: with O(step=plan)
  type: list
  elements: dict
  sample: [{host: agent-b.0a1b2c, from: false, to: true, faulted: 1, suspended: at least 2}]
table:
  description: The same as lines for a person.
  returned: when targets were tried
  type: list
  elements: str
  sample: ["60 targets: 57 change, 0 unchanged, 2 down, 0 failed, 1 shared."]
stopped_at:
  description: The wave after which nothing further was begun, or null.
  returned: with the other steps
  type: str
  sample: wave 2
gate:
  description: What the gate proves, as a sentence; also if there is none.
  returned: with the other steps
  type: str
  sample: The gate after each wave is smtp_test with proof of arrival.
waves:
  description: The waves, each with its C(name) and its counts as in RV(counts).
  returned: with the other steps
  type: list
  elements: dict
  sample: [{name: canary, total: 1, changed: 1}]
pending_hosts:
  description: Hosts that V(catch_up) would take.
  returned: with the other steps
  type: list
  elements: str
  sample: [agent-c.0a1b2c]
refused_hosts:
  description: Hosts that were changed since the plan.
  returned: with the other steps
  type: list
  elements: str
  sample: []
failed_hosts:
  description: Hosts that failed.
  returned: with the other steps
  type: list
  elements: str
  sample: []
rolled_back_hosts:
  description: Hosts that were given their former settings.
  returned: with the other steps
  type: list
  elements: str
  sample: []
left_hosts:
  description: Hosts that another V(apply) with the same digest would try.
  returned: with the other steps
  type: list
  elements: str
  sample: []
finished:
  description: Number of targets that need nothing more.
  returned: with the other steps
  type: int
  sample: 58
finished_before:
  description: Number of targets that earlier runs of the same plan had finished, and to which this run sent nothing.
  returned: with the other steps
  type: int
  sample: 0
runs:
  description: Every run of the plan, with C(began), C(ended) (null if it was killed, or still goes on) and
    C(stopped_at).
  returned: with the other steps
  type: list
  elements: dict
  sample: [{began: "2026-11-27T19:00:00.000000+00:00", ended: null, stopped_at: null}]
budget:
  description: The failures against O(max_failed).
  returned: with O(step=apply) and O(step=catch_up)
  type: dict
  contains:
    max_failed:
      description: The option.
      returned: success
      type: str
      sample: "0"
    failed:
      description: How many failed in this run.
      returned: success
      type: int
      sample: 1
    exceeded:
      description: Whether more failed than may.
      returned: success
      type: bool
      sample: true
step:
  description: The option.
  returned: with the other steps
  type: str
  sample: apply
report_file:
  description: The report for programs.
  returned: with O(report)
  type: str
  sample: ./report/rollout.json
error:
  description: What failed, for a program. The message says the same to a person.
  returned: failure
  type: dict
  contains:
    code:
      description: V(targets_failed) if too many failed, V(changed_since_plan) if targets were refused, V(plan_unknown)
        if the
        digest is not that of a plan; otherwise the name of what kept the task from trying any.
      returned: failure
      type: str
      sample: targets_failed
    stage:
      description: Where it happened; V(rollout) if targets were tried.
      returned: failure
      type: str
      sample: rollout
    target:
      description: Execution target, where one is known.
      returned: failure
      type: str
      sample: null
    retryable:
      description: Whether running again may help without a change.
      returned: failure
      type: bool
      sample: true
    remedy:
      description: The next step.
      returned: failure
      type: str
      sample: Correct what the message says of each; targets that were done are not touched again by the next run.
"""
