#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action ``learn_binding``; the work is done on the controller, in ``action/learn_binding.py``."""

from __future__ import annotations

DOCUMENTATION = r"""
module: learn_binding
short_description: Learn how a console saves its services, from what a browser recorded
version_added: 0.1.0
description:
  - Nobody publishes what a console sends when somebody saves its services. Whoever has one can record it. This action
    turns the recording into a binding, which is a file for O(cai.console.email_service#module:console_binding).
  - First O(step=sheet) gives a sheet of what to type into the page, save by save. Then O(step=learn) reads what the
    browser's developer tools recorded meanwhile (a HAR), and finds where each marker travelled.
  - Nothing is guessed silently. What could not be told stays open in the binding, and a service with anything open is
    not written.
  - It runs on the controller. The recording is read there, and not copied. No request is made.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.attributes
attributes:
  check_mode:
    support: full
    details: The file O(dest) is not written.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: The same recordings give the same binding. A file that differs only in the time is not written again.
options:
  step:
    description: What to do. V(sheet) gives the sheet, V(learn) makes the binding.
    type: str
    choices: [sheet, learn]
    default: sheet
  seed:
    description:
      - What the markers are made of, as RV(seed) said. 4 to 12 lower-case letters and digits.
      - Needed for O(step=learn). For the sheet, one is made up where none is given.
    type: str
  scratch_target:
    description: Whether nothing depends on the target on which markers will replace the settings.
    type: bool
    default: false
  secret_at_hand:
    description:
      - Whether the stored password of the target is at hand. Markers replace it, and nobody can read it back.
      - The sheet is refused unless this or O(scratch_target) is true.
    type: bool
    default: false
  recording:
    description:
      - Path of the HAR of the whole sheet, on the controller. It holds a live session and what was typed.
      - Browsers drop what was answered before the last page load. Where each save loads the page anew, export after
        each save and each test into one folder, and give the folder.
    type: path
  target_kind:
    description: What the recorded target is.
    type: str
    choices: [cloud, agent]
    default: cloud
  target_id:
    description:
      - How requests name the recorded target, if they do. For an agent or a group it is the id that the platform gives
        it.
    type: str
    default: ''
  target_name:
    description: The name of the recorded target, if requests hold it.
    type: str
    default: ''
  more_recordings:
    description: Recordings of the first save of the Email Service on other targets, which tell how a target is chosen.
    type: list
    elements: dict
    suboptions:
      recording:
        description: Path of the HAR, or of a folder of exports, on the controller.
        type: path
        required: true
      target_kind:
        description: What the recorded target is.
        type: str
        choices: [cloud, agent]
        default: cloud
      target_id:
        description: As O(target_id).
        type: str
        default: ''
      target_name:
        description: As O(target_name).
        type: str
        default: ''
  custom_service:
    description: A service that is deployed on the target, where the page of the Alert Service lets nobody type a name.
    type: str
  absent_options:
    description: Options that the page does not have, such as V(oauth.scope). The binding leaves them out.
    type: list
    elements: str
  name:
    description: What the binding is called in messages.
    type: str
    default: learned
  describes:
    description: The kind of console that it is for.
    type: str
    default: a console whose pages were recorded
  console_version:
    description: The console's version, as its page says.
    type: str
  learned_by:
    description: Who recorded it.
    type: str
  dest:
    description: Path of the file for the binding, on the controller.
    type: path
seealso:
  - module: cai.console.console_doctor
"""

EXAMPLES = r"""
- name: Get the sheet
  cai.console.learn_binding:
    scratch_target: true
  register: sheet

- name: Show it
  ansible.builtin.debug:
    msg: "{{ sheet.sheet }}"

- name: Learn from what was recorded
  cai.console.learn_binding:
    step: learn
    seed: 3f9a
    recording: ~/recordings/cloud.har
    target_id: cloud
    more_recordings:
      - recording: ~/recordings/agent.har
        target_kind: agent
        target_id: 00XXXX08000000000002
    dest: bindings/our-console.yml
"""

RETURN = r"""
seed:
  description: What the markers of the sheet are made of. O(step=learn) needs it.
  returned: O(step=sheet)
  type: str
  sample: 3f9a
sheet:
  description: The sheet, line by line.
  returned: O(step=sheet)
  type: list
  elements: str
  sample: ["email service, save 1 of 5:", "  Host: m3f9a0h.cai-learn.example"]
binding:
  description: The binding. It holds no secret, no cookie, no marker and no name of a host.
  returned: O(step=learn)
  type: dict
  sample: {"format": 1, "meta": {"name": "learned", "describes": "a console", "status": "learned"}}
report:
  description: What was found, guessed and left open, with the reason, and what to record next to settle it.
  returned: O(step=learn)
  type: list
  elements: dict
  contains:
    what:
      description: An option of a service, or a part of the binding.
      returned: O(step=learn)
      type: str
      sample: email_service.host
    verdict:
      description: V(found), V(guessed) or V(open).
      returned: O(step=learn)
      type: str
      sample: found
    why:
      description: The place that was found, or the reason.
      returned: O(step=learn)
      type: str
      sample: smtp.host
    next:
      description: What to do next, where there is something.
      returned: O(step=learn)
      type: str
      sample: Record the first save of each service on a second target too.
complete:
  description: Whether nothing is open.
  returned: O(step=learn)
  type: bool
  sample: true
open:
  description: What is open.
  returned: O(step=learn)
  type: list
  elements: str
  sample: []
msg:
  description: What went wrong, with the next step.
  returned: failure
  type: str
  sample: recording ~/cloud.har is of no use. it is not a HAR.
error:
  description: The failure, for programs.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name, listed in docs/errors.md.
      returned: failure
      type: str
      sample: invalid_option
    stage:
      description: Where it happened.
      returned: failure
      type: str
      sample: options
    target:
      description: Always null.
      returned: failure
      type: str
      sample: ""
    retryable:
      description: Whether running again may help without a change.
      returned: failure
      type: bool
      sample: false
    remedy:
      description: The next step.
      returned: failure
      type: str
      sample: Correct the option named here.
"""
