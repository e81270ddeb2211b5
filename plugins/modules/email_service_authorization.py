#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The console's own OAuth authorization of its Email Service: status, link, confirmation, end."""

from __future__ import annotations

DOCUMENTATION = r"""
module: email_service_authorization
short_description: Look after the OAuth authorization of an execution target's Email Service
version_added: 0.1.0
description:
  - With O(cai.console.email_service#module:authentication=oauth) a person authorizes the console once, and again
    before the authorization ends. Documented for that are the button Authorize Access, the status (state, who, when
    last completed), that a refresh token ends after 90 days, and that the service is saved again afterwards.
  - This module reports the status with an estimate of the end, starts the authorization and returns the link for a
    person, confirms that a new one is good, and lets the console forget it.
  - The consent belongs to the console alone. Its refresh token is never known here, and never refreshed here. One that
    is handed over by O(refresh_token) is not refreshed here any more. See O(state_dir).
  - How a console does this is not published. It is stated by O(console_binding); see there.
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
    details: No authorization is started, nothing is saved and no mail is sent.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: An authorization that has more than O(renew_before_days) left is left alone.
options:
  state:
    description:
      - V(status) reads.
      - V(link) starts Authorize Access where it is due, and returns the link. With O(refresh_token), the token is
        handed over instead.
      - V(confirmed) fails unless the authorization was completed after O(last_completed_before). It saves the service
        again where the binding says so, and lets the console test it.
      - V(absent) lets the console forget it.
    type: str
    choices: [status, link, confirmed, absent]
    default: status
  renew_before_days:
    description: An authorization with more days left, by the estimate, is not due.
    type: int
    default: 30
  refresh_token_lifetime_days:
    description: Days after which an authorization ends. 90 is documented by the vendor, and Microsoft's default.
    type: int
    default: 90
  as_of:
    description: Time in ISO 8601 for which days left are counted, such as the end of a holiday. Without it, now.
    type: str
  last_completed_before:
    description: What RV(authorization.last_completed) was before the person opened the link.
    type: str
  wait:
    description: Seconds for which V(confirmed) waits for the person.
    type: float
    default: 0.0
  test:
    description: Whether V(confirmed) lets the console test its Email Service, which sends a mail.
    type: bool
    default: true
  test_recipient:
    description: Recipient of that mail, where the console takes one.
    type: str
  refresh_token:
    description:
      - Refresh token to hand over to the console, where the binding says that it takes one.
      - One grant has one holder. A token that was handed to another console is refused.
    type: str
  state_dir:
    description:
      - Folder for marks of tokens that were handed over, on the host that runs the task. A task on a local connection
        runs on the controller; its default lies in Ansible's home there.
      - With the same folder, M(cai.console.oauth_token) refuses such a token and forgets it. A mark holds no secret.
      - Environment variable E(CAI_STATE_DIR).
    type: path
    default: ~/.ansible/cai_console
seealso:
  - module: cai.console.email_service
  - module: cai.console.oauth_token
"""

EXAMPLES = r"""
- name: Get the link for a person, where the authorization is due
  cai.console.email_service_authorization:
    target: Cloud Server
    state: link
  register: access

- name: Show it
  ansible.builtin.debug:
    var: access.authorization_url
  when: access.due

- name: After the person has accepted
  cai.console.email_service_authorization:
    target: Cloud Server
    state: confirmed
    last_completed_before: "{{ access.authorization.last_completed }}"
    test_recipient: operations@example.org
  when: access.due
"""

RETURN = r"""
authorization:
  description: The authorization.
  returned: success
  type: dict
  contains:
    status:
      description: The status, or V(unknown). The vendor does not publish the words.
      returned: success
      type: str
      sample: authorized
    authorized_by:
      description: Who granted the authorization, or null.
      returned: success
      type: str
      sample: robot@example.org
    last_completed:
      description: When the authorization was last completed, or null.
      returned: success
      type: str
      sample: "2026-11-01T08:00:00Z"
    expires_estimate:
      description:
        - RV(authorization.last_completed) and O(refresh_token_lifetime_days), or V(unknown).
        - It is an estimate.
      returned: success
      type: str
      sample: "2027-01-30T08:00:00Z"
    days_left:
      description: Days until then, or null.
      returned: success
      type: int
      sample: 68
due:
  description: Whether a person should authorize, because it is not authorized, nearly over, or unknown.
  returned: success, unless with O(state=absent)
  type: bool
  sample: true
authorization_url:
  description: The link for the person.
  returned: with O(state=link), if it is due, outside check mode
  type: str
  sample: https://login.microsoftonline.com/example.org/oauth2/v2.0/authorize?...
link_lifetime:
  description: Seconds for which the link is good, or null where the console does not tell.
  returned: as RV(authorization_url)
  type: int
  sample: 3600
would_start:
  description: That the authorization would be started.
  returned: with O(state=link), if it is due, in check mode
  type: bool
  sample: true
saved_again:
  description: Whether the service was saved again.
  returned: with O(state=confirmed)
  type: bool
  sample: true
test_result:
  description: What the console's test said.
  returned: with O(state=confirmed) and O(test=true)
  type: dict
  sample: {ok: true, stage: null, code: 250, message: "2.0.0 Ok"}
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
      description: Stable name of the failure. The guide about errors lists them all.
      returned: failure
      type: str
      sample: authorization_not_completed
    stage:
      description: Where it happened.
      returned: failure
      type: str
      sample: authorize
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
      sample: Let the person open the link and accept, then confirm again.
"""

from ansible_collections.cai.console.plugins.module_utils._authorization_task import authorizing
from ansible_collections.cai.console.plugins.module_utils._edge import run


def main() -> None:
    """Run the module."""
    run(authorizing())


if __name__ == "__main__":
    main()
