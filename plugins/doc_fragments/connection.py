# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that every module has which talks to the console."""

from __future__ import annotations

import re


class ModuleDocFragment:
    """The connection options."""

    DOCUMENTATION = r"""
options:
  console_url:
    description:
      - Address of the Application Integration Console, as in the browser's address bar; only scheme, host and port
        are used.
      - On a host of the vendor's domain, the sign-in goes to the region's host, which the name holds (observed form
        of these names). On any other host, the sign-in goes to this address too.
      - Without it, the host that the reply to the sign-in names is taken (an assumption), and O(console_region) is
        needed.
      - Environment variable E(CAI_CONSOLE_URL).
    type: str
  console_region:
    description:
      - First part of the sign-in host of the organisation's region, such as V(dm-us) in
        C(dm-us.informaticacloud.com).
      - Environment variable E(CAI_CONSOLE_REGION).
    type: str
  console_username:
    description:
      - Name of the user who signs in.
      - A native user is needed; a user of a single sign-on provider cannot sign in through the documented interface.
      - Environment variable E(CAI_CONSOLE_USERNAME).
    type: str
  console_password:
    description:
      - Password of O(console_username).
      - Environment variable E(CAI_CONSOLE_PASSWORD).
    type: str
  console_session:
    description:
      - Id of a session that somebody else opened, in place of O(console_username) and O(console_password). It is
        never signed out here.
      - Without it, a run of Ansible signs in once for each console and user, and signs out at its end. A task with
        C(async), C(become) or a connection that is not local gets that session in this option.
      - The platform's interface is then looked for at C({console_url}/saas) (an assumption). Where it is elsewhere,
        give a dictionary with the keys C(id) and C(platform_url) instead; C(platform_url) is what the reply to the
        sign-in calls C(baseApiUrl) or C(serverUrl).
      - Environment variable E(CAI_CONSOLE_SESSION).
    type: raw
  console_organization_id:
    description:
      - Id of the organisation that the user must belong to. If the reply to the sign-in names another one, the task
        fails before anything else.
      - The v3 sign-in, which is tried first, names the organisation by its id of 22 characters.
      - Environment variable E(CAI_CONSOLE_ORGANIZATION_ID).
    type: str
  console_binding:
    description:
      - How this kind of console saves its services, as data. V(lab) is the binding of the embedded console of this
        collection. V(activebpel_admin) is that of the engine's SOAP service; it has the server properties and the
        server log, and a file of your own can add more (see the guide about bindings).
      - A value with a slash in it, or that ends in C(.yml), C(.yaml) or C(.json), is a file on the controller, looked
        for where Ansible looks for the files of a play and its roles; its content is what travels. What begins with a
        brace is such content itself, in JSON. The guide about bindings describes the format.
      - The vendor does not publish how the Email Service and the Alert Service are saved. Therefore there is no
        default, and without a binding the task fails before the first request.
      - Environment variable E(CAI_CONSOLE_BINDING).
    type: str
  console_ca_path:
    description:
      - Path of a PEM file, or of a folder of them, on the host that runs the module. No other certificate authority
        is trusted then.
      - Environment variable E(CAI_CONSOLE_CA_PATH).
    type: path
  console_validate_certs:
    description:
      - Whether the server's certificate is verified. V(false) is for experiments only.
      - Environment variable E(CAI_CONSOLE_VALIDATE_CERTS).
    type: bool
    default: true
  console_timeout:
    description:
      - Seconds to wait for a connection, and for an answer.
      - Environment variable E(CAI_CONSOLE_TIMEOUT).
    type: float
    default: 30.0
  console_proxy:
    description:
      - Address of an HTTP proxy for all requests. Without it, C(http_proxy), C(https_proxy), C(all_proxy) and
        C(no_proxy) of the environment apply.
      - Environment variable E(CAI_CONSOLE_PROXY).
    type: str
  console_fingerprint:
    description:
      - SHA-256 fingerprint of the server's certificate, with or without colons, for a certificate that no authority
        signed.
      - It belongs to the agent's own address if O(console_agent_url) or O(console_allowed_agent_hosts) is set,
        otherwise to O(console_url). Other addresses are verified as usual.
      - Environment variable E(CAI_CONSOLE_FINGERPRINT).
    type: str
  console_allow_cleartext:
    description:
      - Whether a session or a password may travel over plain C(http). Loopback addresses are always allowed.
      - A session is good for the whole organisation, so whoever can listen can do what the user can do.
      - Environment variable E(CAI_CONSOLE_ALLOW_CLEARTEXT).
    type: bool
    default: false
  console_allow_whole_document_write:
    description:
      - Whether a write may replace the engine's whole configuration where the binding says that it does, as
        C(activebpel_admin) does. The engine has no lock and no version for it, so what somebody else changes between
        the last look and the write is lost.
      - Without it, such a write is refused. Reading is not.
      - Environment variable E(CAI_CONSOLE_ALLOW_WHOLE_DOCUMENT_WRITE).
    type: bool
    default: false
    aliases: [allow_whole_document_write]
  console_allowed_agent_hosts:
    description:
      - Patterns of host names, such as V(*.example.org). Agents whose host, as the platform names it, matches one are
        reached directly.
      - Without this option and O(console_agent_url), agents are reached through the cloud, if the binding knows a
        way.
      - Environment variable E(CAI_CONSOLE_ALLOWED_AGENT_HOSTS), separated by commas.
    type: list
    elements: str
  console_agent_url:
    description:
      - Address of the agent's process engine; only scheme, host and port are used. The agent is then reached
        directly.
      - Environment variable E(CAI_CONSOLE_AGENT_URL).
    type: str
requirements:
  - requests >= 2.32 (with urllib3 2.0 or newer, which it brings)
"""

    # For plugins, whose environment variables Ansible itself reads. Annotated, since what checks the fragments of
    # modules takes every plain assignment for a text.
    PLUGIN: str = re.sub(
        r"^  (console_\w+):\n",
        lambda option: f"{option[0]}    env:\n      - name: CAI_{option[1].upper()}\n",
        DOCUMENTATION,
        flags=re.MULTILINE,
    )
