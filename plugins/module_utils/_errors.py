# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of the collection, and the catalogue of its codes. It carries safe fields only."""

from __future__ import annotations

import typing as t


class Fault(t.NamedTuple):
    """One row of the catalogue: what a code means, whether trying again can help, and what to do next."""

    meaning: str
    retryable: bool
    remedy: str


FAULTS: dict[str, Fault] = {
    "invalid_option": Fault(
        "An option has a value that the service cannot take.", False, "Correct the option named here."
    ),
    "incomplete_settings": Fault(
        "The service would be enabled without something that it needs.",
        False,
        "Give the options named here, or leave the service off with enabled=false.",
    ),
    "secret_required": Fault(
        "The change would hand a stored secret to another server or user, or the console drops what is left out.",
        False,
        "Give the secret named here in the same task.",
    ),
    "library_missing": Fault(
        "A Python library is not installed where the module runs.", False, "Install the library into that Python."
    ),
    "binding_missing": Fault(
        "console_binding is not set, and nobody publishes how a console saves these services.",
        False,
        "Set console_binding to the binding of your console ('lab' is the embedded one's); it is never guessed.",
    ),
    "binding_unknown": Fault("console_binding names no binding.", False, "Use a name from the list in the message."),
    "not_bound": Fault(
        "The binding does not say how this operation is done.",
        False,
        "Use a binding that covers the service, or leave the task out.",
    ),
    "cleartext_refused": Fault(
        "A session or password would travel over plain http.",
        False,
        "Use https, or accept the risk with console_allow_cleartext=true.",
    ),
    "agent_address_missing": Fault(
        "The agent can only be reached at its own address, and none is allowed.",
        False,
        "Set console_agent_url, or list the agent's host in console_allowed_agent_hosts.",
    ),
    "agent_host_not_allowed": Fault(
        "The host that the platform names for the agent matches no pattern of console_allowed_agent_hosts.",
        False,
        "Add the host to console_allowed_agent_hosts if it is yours.",
    ),
    "redirect_refused": Fault(
        "The server redirects to another address; credentials are not sent there.",
        False,
        "Set console_url to the address at which the console really answers.",
    ),
    "console_unreachable": Fault(
        "No connection, or it was lost.",
        True,
        "Check console_url, console_proxy and the network between this host and the console.",
    ),
    "console_timeout": Fault(
        "No answer within console_timeout seconds.", True, "Check the network, or raise console_timeout."
    ),
    "tls_failed": Fault(
        "The server's certificate is not trusted, or TLS could not be agreed on.",
        False,
        "Set console_ca_path to the CA's certificate, or console_fingerprint to the server's fingerprint.",
    ),
    "console_error": Fault(
        "The console answers with a server error.", True, "Try again later; look into the console's log if it stays."
    ),
    "rate_limited": Fault(
        "The console asks for fewer requests (429).", True, "Try again later, or lower the number of forks."
    ),
    "not_json": Fault(
        "The answer is not the JSON that the interface documents; often a gateway's page.",
        True,
        "Check that console_url is the console itself and that no gateway stands in front of it.",
    ),
    "unexpected_reply": Fault(
        "The answer lacks fields that are documented or that the binding names. Nothing was written.",
        False,
        "Check that console_binding fits this console and its version.",
    ),
    "sign_in_refused": Fault(
        "The console refuses the user name and password.",
        False,
        "Check console_username and console_password; it is not tried again.",
    ),
    "session_expired": Fault(
        "The session is not valid any more.",
        True,
        "Sign in again, or give console_username and console_password in place of console_session.",
    ),
    "forbidden": Fault(
        "The user may not do this (403).",
        False,
        "Give the user of console_username the privilege to administer the console (its exact name is not documented).",
    ),
    "organization_mismatch": Fault(
        "The user belongs to another organisation than console_organization_id.",
        False,
        "Use a user of that organisation, or correct console_organization_id.",
    ),
    "target_unknown": Fault(
        "The organisation has no such execution target.",
        False,
        "Set target (or cai_target_id) to one of the names in the message.",
    ),
    "target_ambiguous": Fault(
        "Several execution targets have this name.",
        False,
        "Set target (or cai_target_id) to one of the ids in the message.",
    ),
    "no_process_engine": Fault(
        "The Secure Agent runs no process engine, so it has no such services.",
        False,
        "Take it out of the inventory, or enable its Process Server.",
    ),
    "group_member": Fault(
        "The agent's process server belongs to a clustered group; its members share one set of services.",
        False,
        "Set target to the group named here.",
    ),
    "agent_stopped": Fault(
        "The Secure Agent or its process engine is not running.",
        True,
        "Start the agent's Process Server, then run again.",
    ),
    "not_owner": Fault(
        "The group is shared by another organisation, which alone may change it.",
        False,
        "Run the task with a user of the organisation that owns the group.",
    ),
    "target_unreachable": Fault(
        "The console cannot reach the execution target.", True, "Check that the agent is connected, then run again."
    ),
    "not_found": Fault(
        "The console does not know this address (404).",
        False,
        "Check console_url, and that console_binding fits this console.",
    ),
    "write_refused": Fault(
        "The console refuses the settings.", False, "Correct the settings as the console's text says."
    ),
    "concurrent_change": Fault(
        "Somebody else changed the service at the same time. Nothing of theirs was overwritten.",
        True,
        "Run again; compare both versions first.",
    ),
    "write_not_confirmed": Fault(
        "What the console stored is not what was sent.",
        False,
        "Compare both versions in the message; run again with --check --diff to see where it stands.",
    ),
}


class ConsoleError(Exception):
    """A failure that ends the task.

    :param code: a key of ``FAULTS``.
    :param message: one sentence that says what happened, with option names and without secrets.
    :param stage: where: ``options``, ``binding``, ``sign_in``, ``targets``, ``read``, ``plan``, ``write``,
    ``read_back`` or ``test``.
    :param target: name of the execution target, where one is known.
    :param remedy: the next step, where the catalogue's own is too general.
    """

    def __init__(
        self, code: str, message: str, *, stage: str, target: str | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.stage = stage
        self.target = target
        self.retryable = FAULTS[code].retryable
        self.remedy = remedy or FAULTS[code].remedy

    def as_result(self) -> dict[str, t.Any]:
        """Return ``{"msg", "error": {"code", "stage", "target", "retryable", "remedy"}}`` for the task's result."""
        where = f"{self.target}: " if self.target else ""
        return {
            "msg": f"{where}{self.message} {self.remedy}",
            "error": {
                "code": self.code,
                "stage": self.stage,
                "target": self.target,
                "retryable": self.retryable,
                "remedy": self.remedy,
            },
        }


class HttpFailure(ConsoleError):
    """The server answered, but with a failure: the HTTP ``status``, and its ``Retry-After`` where it sent one."""

    def __init__(self, code: str, message: str, *, stage: str, status: int, retry_after: str | None = None) -> None:
        super().__init__(code, message, stage=stage)
        self.status = status
        self.retry_after = retry_after


class LostReply(ConsoleError):
    """The request was sent, but no complete reply came: whether it was carried out is not known."""
