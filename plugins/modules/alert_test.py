#!/usr/bin/python
# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that a fault of a process reaches people, or say what keeps the alert from them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alert_test
short_description: Prove that a fault of a process reaches people, or say what keeps the alert from them
version_added: 0.2.0
description:
  - Runs a process of yours that ends in a fault, the canary, on one execution target. It waits until the canary is
    suspended or faulted, then for the alert about it, in a mailbox or as a call of a custom service. At the end it ends
    the process that it started, and no other.
  - Alerts page people. So nothing is done without O(confirm=true), and of several hosts only one is taken at a time.
  - No O(console_binding) is needed. A process is run by the documented address C(/rt/), and seen by the documented list
    C(restadmin/processes). With a binding, the target's own settings and a test of its mail make the verdict surer.
  - A Secure Agent is reached at its own address, which is documented; see O(console_allowed_agent_hosts) and
    O(console_agent_url). Through the cloud it is reached only if O(console_binding) says how.
  - How a process is ended is observed, not documented. Where the console refuses it, the task says which process is
    left.
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
    details: The target is looked up. No process runs, and no mailbox, listener or address is opened. RV(would) says
      what would be done.
  diff_mode:
    support: N/A
    details: This module changes no setting.
  idempotent:
    support: N/A
    details: Each run sets off an alert of its own. A change is reported only if a process of the run stays open.
options:
  confirm:
    description:
      - That whoever gets the alerts of this target knows that one comes.
      - Anything but V(true) is refused before the first request, also in check mode.
    type: bool
    default: false
  process:
    description:
      - Name of the canary, as it stands in its address after C(/rt/).
      - It must be published to this target, throw a fault that nothing catches, and do nothing else. Whoever signs in
        must be allowed to run it.
      - If it can, let it answer with its own process id before the fault, see O(process_id_at).
    type: str
    required: true
  process_input:
    description: What the canary is given, as JSON.
    type: dict
    default: {}
  process_id_at:
    description:
      - Where in the canary's answer its own process id stands, as a dotted path.
      - Without an id there, its entry is the new one of its name in the list of processes, which shows 20. Where two
        could be it, the task ends with the code V(canary_unknown) and ends no process.
    type: str
    default: processId
  listed_as:
    description: The canary's name in the list of processes, where it differs from the last part of O(process).
    type: str
  control_process:
    description:
      - A second process that ends in a fault, with the persistence Full or Persist, and without an option of its own
        about suspending.
      - It runs only if the canary faulted, was not suspended, and neither its persistence nor a binding tells why. If
        it is suspended, the canary's own option is the reason, else the target's property. It may set off an alert too.
    type: str
  match:
    description:
      - What shows that an alert is about this canary.
      - V(process_id) is sure. V(process_name) takes the first new alert that names the canary; choose it only where the
        text of your alerts has no id.
    type: str
    choices: [process_id, process_name]
    default: process_id
  arrival:
    description:
      - Where the alert should arrive. One of O(arrival.imap), O(arrival.maildir), O(arrival.listener) and
        O(arrival.url).
      - It is opened before the canary runs. Nothing is removed from it.
    type: dict
    required: true
    suboptions:
      imap:
        description: A mailbox by IMAP. INBOX and the folder for junk are searched.
        type: dict
        suboptions:
          host:
            description: The IMAP server.
            type: str
          port:
            description: TCP port. Without it, 993 for V(ssl) and 143 for V(tls).
            type: int
          security:
            description: V(ssl) is TLS from the first byte, V(tls) is STARTTLS.
            type: str
            choices: [tls, ssl]
            default: ssl
          username:
            description: The mailbox.
            type: str
          password:
            description: Its password. One of this and O(arrival.imap.token).
            type: str
          token:
            description: An OAuth access token for it.
            type: str
          folders:
            description: More folders to search.
            type: list
            elements: str
            default: []
          ca_path:
            description: File with the CA certificates that are trusted instead of the system's, on the host on which
              the module runs.
            type: path
          ca_pem:
            description: The same as text.
            type: str
      maildir:
        description: Path of a Maildir on the host on which the module runs. Its folders (Maildir++) are searched too.
        type: path
      listener:
        description:
          - An address of the host on which the module runs. It takes POST and PUT, at any path, while the task waits
            and no longer.
          - The custom service has to send on what it is called with. It is plain HTTP, and whoever reaches the address
            can send something, so it is loopback unless you say otherwise.
        type: dict
        suboptions:
          address:
            description: The IP address.
            type: str
            default: 127.0.0.1
          port:
            description: The TCP port.
            type: int
            required: true
      url:
        description: An address at which the custom service leaves what it is called with, for targets that cannot reach
          a O(arrival.listener).
        type: dict
        suboptions:
          address:
            description: It is read by GET. C(204) and C(404) mean that nothing is there yet. Plain http is refused
              except on loopback, unless O(console_allow_cleartext=true).
            type: str
            required: true
          headers:
            description: More headers, such as one that authorizes. They are secrets.
            type: dict
          ca_path:
            description: File with the CA certificates that are trusted instead of the system's, on the host on which
              the module runs.
            type: path
      wait:
        description: Seconds to wait for the alert.
        type: float
        default: 60.0
      poll:
        description: Seconds between two looks.
        type: float
        default: 1.0
  end_process:
    description: Whether the process is ended. With V(false) its id is in RV(to_end).
    type: bool
    default: true
  smtp_test:
    description:
      - A result of M(cai.console.smtp_test) for the mail server that this target uses, as it was registered. It tells
        mail that does not leave from an alert that was not sent.
      - Without it, and with a binding that has the Email Service, the target's own test is made, but only if no mail
        came. It sends a mail to the address for alerts.
    type: dict
notes:
  - The vendor documents that suspending needs the persistence Full or Persist. Processes of the Process Designer can
    have Final; the vendor's own example of the list of processes shows one.
  - The words for the states in the list of processes are documented for C(COMPLETED) only; those for suspended and
    faulted processes are assumed. That the text of the built-in mail has the process id is assumed too, see O(match).
  - What people get is a real alert. RV(alert) has its text, so that you can see what they see.
seealso:
  - module: cai.console.alert_service
  - module: cai.console.server_properties
  - module: cai.console.smtp_test
"""

EXAMPLES = r"""
- name: Prove that a fault on the Cloud Server is mailed to the operators
  cai.console.alert_test:
    target: Cloud Server
    confirm: true
    process: AlertCanary
    arrival:
      imap:
        host: imap.example.org
        username: operations@example.org
        password: "{{ smtp_password }}"

- name: Prove that a fault on an agent reaches the service that handles alerts
  cai.console.alert_test:
    target: agent-a
    confirm: true
    process: AlertCanary
    arrival:
      listener:
        address: 127.0.0.1
        port: 9020

- name: Tell the target's property from the canary's own option, without a binding
  cai.console.alert_test:
    target: Cloud Server
    confirm: true
    process: AlertCanary
    control_process: PlainCanary
    arrival:
      maildir: /var/mail/operations
"""

RETURN = r"""
verdict:
  description:
    - What was found, as a word. Null in check mode. All but V(alerted) are failures.
    - V(alerted), the alert came.
    - V(property_off), the canary was not suspended, since the target's server property is off.
    - V(process_option), it was not suspended, since its own option overrides the property.
    - V(persistence), it was not suspended, since its persistence is too low.
    - V(not_suspended), it was not suspended, and nothing tells which of the first two it was.
    - V(no_alert), it was suspended, and no alert was sent.
    - V(no_mail), it was suspended, and the target's mail does not leave.
    - V(no_fault), it did not fault.
  returned: when the canary was found, or in check mode
  type: str
  sample: alerted
summary:
  description: The same in a sentence or two.
  returned: when the canary was found, or in check mode
  type: str
  sample: "AlertCanary was suspended. The alert came by mail after 1830 ms (INBOX)."
checked:
  description: Whether anything was tried. V(false) in check mode.
  returned: when the target was found
  type: bool
  sample: true
would:
  description: What would be done, in order.
  returned: in check mode
  type: list
  elements: str
  sample:
    - "POST https://console.example.org/active-bpel/rt/AlertCanary, which sets off the alert of Cloud Server."
process:
  description: The canary as the list of processes shows it, or null where it is not listed.
  returned: when the canary ran
  type: dict
  contains:
    id:
      description: Its process id.
      returned: always
      type: str
      sample: "624948257633603584"
    name:
      description: Its name.
      returned: always
      type: str
      sample: AlertCanary
    state:
      description: Its state, in upper case.
      returned: always
      type: str
      sample: SUSPENDED
    reason:
      description: The reason for it, or null.
      returned: always
      type: str
      sample: SUSPENDED_FAULTING
    persistence:
      description: Its persistence, in upper case, or null.
      returned: always
      type: str
      sample: FULL
    started:
      description: When it began, as the console says.
      returned: always
      type: str
      sample: "2026-01-02T03:04:05.678+00:00"
control:
  description: The control process likewise, or null where it did not run.
  returned: when the canary ran
  type: dict
  sample: null
alert:
  description: What arrived.
  returned: when the canary ran
  type: dict
  contains:
    seen:
      description: Whether the alert came.
      returned: always
      type: bool
      sample: true
    place:
      description: The mailbox's folder, or the path that was called.
      returned: always
      type: str
      sample: INBOX
    latency_ms:
      description: Milliseconds from the moment at which the canary was asked for, to that at which the alert was seen.
        It can be longer than the way itself by O(arrival.poll), and by the time for which the canary does not answer.
      returned: always
      type: float
      sample: 1830.2
    subject:
      description: The mail's subject.
      returned: always
      type: str
      sample: Process AlertCanary suspended on Cloud Server
    sender:
      description: The mail's sender.
      returned: always
      type: str
      sample: alerts@example.org
    text:
      description: The text of the mail or of the call, at most 4000 characters of it.
      returned: always
      type: str
      sample: "processId: 624948257633603584"
    details:
      description: What a call holds, where that is a JSON object; else null.
      returned: always
      type: dict
      sample: {processId: "624948257633603584", processName: AlertCanary, status: suspended}
    others:
      description: How many other messages or calls came meanwhile; none of them is about this canary.
      returned: always
      type: int
      sample: 0
known:
  description: What a binding let one read of the target; each is null without it.
  returned: when the target was found
  type: dict
  contains:
    suspend_on_uncaught_fault:
      description: The server property.
      returned: always
      type: bool
      sample: true
    alert_service:
      description: The Alert Service, as M(cai.console.alert_service_info) has it.
      returned: always
      type: dict
      sample: {enabled: true, action: send_email, email: operations@example.org, service: null}
smtp_test:
  description:
    - Of the test of the target's mail, C(verdict), C(failed_stage), C(code), C(enhanced_code), C(who), C(cause),
      C(remedy) and C(findings), as M(cai.console.smtp_test) has them.
    - Null where none was made.
  returned: when the canary ran
  type: dict
  sample: null
ended:
  description: Ids of the processes that were ended. Each was started by this task.
  returned: when the canary was found
  type: list
  elements: str
  sample: ["624948257633603584"]
to_end:
  description: Ids of the processes that were started by this task, and stay open.
  returned: when the canary was found
  type: list
  elements: str
  sample: []
end_refusal:
  description: Why a process could not be ended, or null.
  returned: when the canary was found
  type: str
  sample: null
target:
  description: The execution target.
  returned: when the target was found
  type: dict
  sample: {id: cloud_server, name: Cloud Server, kind: cloud}
error:
  description: What failed, for a program. The message says the same to a person.
  returned: failure
  type: dict
  contains:
    code:
      description: Stable name of the failure, such as V(alert_persistence_low). The guide about errors lists them all.
      returned: failure
      type: str
      sample: alert_persistence_low
    stage:
      description: V(options) before any request; V(run), V(read) or V(arrival) where the proof could not be made;
        V(alert) where it was made, and failed; or one of the other modules' stages.
      returned: failure
      type: str
      sample: alert
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
      sample: Set the process's persistence to Full or Persist, and publish it again.
"""

from ansible_collections.cai.console.plugins.module_utils._alert_test import alert_testing
from ansible_collections.cai.console.plugins.module_utils._edge import run


def main() -> None:
    """Run the module."""
    run(alert_testing())


if __name__ == "__main__":
    main()
