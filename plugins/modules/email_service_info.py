#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the Email Service of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: email_service_info
short_description: Read the Email Service of an execution target
version_added: 0.1.0
description:
  - Reads the Email Service of the Cloud Server, of a Secure Agent or of a clustered group of agents, in Informatica
    Cloud Application Integration.
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
  - module: cai.console.email_service
"""

EXAMPLES = r"""
- name: Read the Email Service of the Cloud Server
  cai.console.email_service_info:
    target: Cloud Server
  register: found

- name: Show it
  ansible.builtin.debug:
    var: found.email_service
"""

RETURN = r"""
email_service:
  description: The settings as the console holds them.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether the service is on.
      returned: success
      type: bool
      sample: true
    host:
      description: Mail server, or null.
      returned: success
      type: str
      sample: smtp.example.org
    port:
      description: TCP port of the mail server.
      returned: success
      type: int
      sample: 587
    authentication:
      description: Either V(password) or V(oauth).
      returned: success
      type: str
      sample: password
    username:
      description: User name at the mail server, or null.
      returned: success
      type: str
      sample: alerts@example.org
    security:
      description: One of V(none), V(tls) and V(ssl).
      returned: success
      type: str
      sample: tls
    oauth:
      description: OAuth settings.
      returned: success
      type: dict
      contains:
        authorization_url:
          description: Address at which a person grants the authorization, or null.
          returned: success
          type: str
          sample: https://login.microsoftonline.com/example.org/oauth2/v2.0/authorize
        token_url:
          description: Address at which tokens are requested, or null.
          returned: success
          type: str
          sample: https://login.microsoftonline.com/example.org/oauth2/v2.0/token
        client_id:
          description: Id of the client, or null.
          returned: success
          type: str
          sample: 11111111-2222-3333-4444-555555555555
        scope:
          description: Scopes; empty where there are none.
          returned: success
          type: list
          elements: str
          sample: ["https://outlook.office.com/SMTP.Send", "offline_access"]
    authorization:
      description: Status of the OAuth authorization, in the console's own words.
      returned: success
      type: dict
      contains:
        status:
          description: The status, or V(unknown). The vendor does not publish the words.
          returned: success
          type: str
          sample: AUTHORIZED
        authorized_by:
          description: Who granted the authorization, or null.
          returned: success
          type: str
          sample: alerts@example.org
        last_completed:
          description: When the authorization was last completed, or null.
          returned: success
          type: str
          sample: "2026-11-01T08:00:00Z"
        expires_estimate:
          description: 90 days after RV(email_service.authorization.last_completed), or V(unknown). No console tells
            it.
          returned: success
          type: str
          sample: "2027-01-30T08:00:00Z"
        days_left:
          description: Days until RV(email_service.authorization.expires_estimate), or null.
          returned: success
          type: int
          sample: 68
secrets:
  description: For each secret, V(set), V(unset), or V(unknown) where the console does not tell.
  returned: success
  type: dict
  sample: {password: unknown, oauth.client_secret: unknown}
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
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._tasks import reading


def main() -> None:
    """Run the module."""
    run(reading(EMAIL_SERVICE))


if __name__ == "__main__":
    main()
