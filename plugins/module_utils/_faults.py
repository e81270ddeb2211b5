# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of error codes, as data. The page about errors is made from it."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._faults_fleet import FLEET_FAULTS
from ansible_collections.cai.console.plugins.module_utils._faults_oauth import OAUTH_FAULTS
from ansible_collections.cai.console.plugins.module_utils._faults_smtp import SMTP_FAULTS


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
    "secret_unknown": Fault(
        "Whether the secret given is the one that the console holds is not known, and on_unknown_secret is fail.",
        False,
        "Set on_unknown_secret to send or keep, or keep state_dir or known_fingerprints between runs.",
    ),
    "previous_secret_required": Fault(
        "A rollback would have to give the console its former secret, which cannot be read back. Nothing was written.",
        False,
        "Give previous_secret, or choose another on_test_failure.",
    ),
    "alert_gap_not_accepted": Fault(
        "A service that works now would be switched off if the test failed. Nothing was written.",
        False,
        "Accept that with accept_alert_gap=true, or choose another on_test_failure.",
    ),
    "test_failed": Fault(
        "The console's test of its Email Service failed.",
        False,
        "Correct what the console's text says; state_left says what is stored now.",
    ),
    "email_service_off": Fault(
        "Alerts would be sent by mail, but the Email Service is, or would be, off.",
        False,
        "Switch the Email Service on in the same task, or choose action=custom_service.",
    ),
    "suspend_off": Fault(
        "Alerts would never fire, since processes are not suspended on an uncaught fault, and require_suspend is true.",
        False,
        "Set suspend_on_uncaught_fault=true in server_properties.",
    ),
    "state_too_new": Fault(
        "The files in state_dir were written by a newer version of this collection.",
        False,
        "Use that version, or another state_dir.",
    ),
    "library_missing": Fault(
        "A Python library is not installed where the module runs.", False, "Install the library into that Python."
    ),
    "binding_missing": Fault(
        "console_binding is not set, and nobody publishes how a console saves these services.",
        False,
        "Set console_binding to your console's binding ('lab' is the embedded one's); it is never guessed.",
    ),
    "binding_invalid": Fault(
        "The binding that was given is not in the format of bindings.",
        False,
        "Correct the place named here; the guide about bindings describes the format.",
    ),
    "binding_open": Fault(
        "The binding does not say yet where something stands, and nothing is written by guessing. Nothing was sent.",
        False,
        "Record what is missing and learn the binding again (learn_binding), or complete its file by hand.",
    ),
    "whole_document_refused": Fault(
        "A write would replace the whole configuration of the engine, without a lock. Nothing was written.",
        False,
        "Set console_allow_whole_document_write=true, and let nobody else change the engine's configuration meanwhile.",
    ),
    "binding_unknown": Fault(
        "console_binding names no binding.",
        False,
        "Use a name from the list in the message, or a file on the controller.",
    ),
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
    **{code: Fault(*row) for code, row in SMTP_FAULTS.items()},
    **{code: Fault(*row) for code, row in OAUTH_FAULTS.items()},
    **{code: Fault(*row) for code, row in FLEET_FAULTS.items()},
}
