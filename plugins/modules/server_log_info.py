#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the server log of one execution target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: server_log_info
short_description: Read the server log of an execution target
version_added: 0.1.0
description:
  - Reads what the Cloud Server, a Secure Agent or a clustered group of agents has logged, by default of all its
    services. With O(service=email) or O(service=alert) it is what the Email Service or the Alert Service says of
    itself, such as a mail that could not be sent.
  - The log's words are documented, and so is that an entry can be seen only after 30 to 60 seconds. How a console
    hands its log out is stated by O(console_binding); see there.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection
  - cai.console.target
  - cai.console.attributes
  - cai.console.attributes.info_module
  - cai.console.attributes.actiongroup_console
options:
  service:
    description:
      - Service whose entries are read. Without it, those of all are.
      - The module asks the console for these entries only. A binding need not know each of the words.
    type: str
    choices: [alert, email, engine, eventing, identity, messaging, process, task]
  level:
    description: Least severe level that is returned, such as V(warning) for warnings, errors and critical entries.
    type: str
    choices: [critical, error, warning, info, verbose]
  since:
    description: Time in ISO 8601, in UTC unless it names another zone. Older entries are left out.
    type: str
seealso:
  - module: cai.console.email_service
  - module: cai.console.alert_service
  - module: cai.console.smtp_test
"""

EXAMPLES = r"""
- name: See why no alert arrived
  cai.console.server_log_info:
    target: agent-a
    service: alert
    level: warning
  register: log

- name: Show it
  ansible.builtin.debug:
    msg: "{{ log.entries | map(attribute='message') }}"

- name: See what the Email Service did within the last hour
  cai.console.server_log_info:
    target: Cloud Server
    service: email
    since: "{{ '%Y-%m-%dT%H:%M:%SZ' | ansible.builtin.strftime(now(utc=true).timestamp() - 3600, utc=true) }}"
"""

RETURN = r"""
entries:
  description: The entries, the oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    time:
      description: When, in ISO 8601 and UTC.
      returned: success
      type: str
      sample: "2026-01-31T12:00:00.000Z"
    level:
      description:
        - One of V(critical), V(error), V(warning), V(info) and V(verbose); null where the console does not tell.
      returned: success
      type: str
      sample: error
    source:
      description: One of V(system), V(maintenance) and V(user); null where the console does not tell.
      returned: success
      type: str
      sample: system
    service:
      description: The service, in the words of O(service); null where the console does not tell.
      returned: success
      type: str
      sample: email
    message:
      description: The console's own words.
      returned: success
      type: str
      sample: Email Service configuration was saved by ops@example.org.
complete:
  description: Whether these are all entries that the console has; null where it does not tell.
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
from ansible_collections.cai.console.plugins.module_utils._log_task import reading_log


def main() -> None:
    """Run the module."""
    run(reading_log())


if __name__ == "__main__":
    main()
