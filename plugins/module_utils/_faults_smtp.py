# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error codes of a probe, as rows of the collection's catalogue: meaning, whether to try again, what to do."""

from __future__ import annotations

SMTP_FAULTS: dict[str, tuple[str, bool, str]] = {
    "smtp_no_server": (
        "Neither a mail server nor a console is given.",
        False,
        "Set host, or a console (console_url, console_binding) from which the settings are read.",
    ),
    "smtp_dns_failed": (
        "The mail server's name cannot be resolved.",
        False,
        "Check host, and the DNS of the host that probes.",
    ),
    "smtp_unreachable": (
        "No connection to the mail server.",
        True,
        "Check host and port, and the firewalls between this host and the mail server.",
    ),
    "smtp_timeout": (
        "The mail server did not answer in time.",
        True,
        "Check that security fits the port, then the network; stage_budget gives a stage more time.",
    ),
    "smtp_connection_lost": (
        "The connection to the mail server was lost in the middle.",
        True,
        "Try again; look into the mail server's log if it stays.",
    ),
    "smtp_protocol_error": (
        "What answers does not speak SMTP as it is written down.",
        False,
        "Check that host and port are a mail server's submission port, and that nothing in between changes the text.",
    ),
    "smtp_banner_refused": (
        "The mail server refuses the connection in its first line.",
        False,
        "Do what its text says.",
    ),
    "smtp_ehlo_refused": ("The mail server refuses EHLO.", False, "Set ehlo_name, or do what its text says."),
    "smtp_starttls_missing": (
        "The mail server does not offer STARTTLS.",
        False,
        "Use the port that offers it, or security=ssl; there is no fall-back to plain text.",
    ),
    "smtp_starttls_refused": (
        "The mail server offers STARTTLS but refuses it.",
        False,
        "Look at the mail server's certificate and key files; there is no fall-back to plain text.",
    ),
    "smtp_starttls_stripped": (
        "Something between here and the mail server hides STARTTLS.",
        False,
        "Find the device that inspects SMTP (often a firewall), and switch that off; nothing secret was sent.",
    ),
    "smtp_plaintext_injected": (
        "Text was put into the session that no command asked for.",
        False,
        "Treat the path to the mail server as attacked until you know better; nothing secret was sent after it.",
    ),
    "smtp_tls_failed": (
        "TLS could not be agreed on with the mail server.",
        False,
        "Check that security fits the port (587 tls, 465 ssl), and that the server speaks TLS 1.2 or newer.",
    ),
    "smtp_certificate_refused": (
        "The mail server's certificate is refused.",
        False,
        "Renew or complete the server's certificate chain, correct host, or set ca_path to the CA that signed it.",
    ),
    "smtp_certificate_expiring": (
        "The mail server's certificate ends sooner than fail_days allows.",
        False,
        "Renew the certificate.",
    ),
    "smtp_fingerprint_mismatch": (
        "The mail server's certificate is not the pinned one.",
        False,
        "Find out whether the certificate was renewed; only then change fingerprint.",
    ),
    "smtp_auth_not_offered": (
        "The mail server offers no sign-in that could be used, so none was tried.",
        False,
        "Choose another authentication or mechanism, or let the server offer one.",
    ),
    "smtp_auth_in_clear": (
        "A sign-in would have gone over an unencrypted connection, so none was tried.",
        False,
        "Set security to tls or ssl.",
    ),
    "smtp_auth_refused": (
        "The mail server refuses the sign-in.",
        False,
        "Check username and the secret. It is not tried again: repeated refusals lock accounts.",
    ),
    "smtp_auth_interrupted": (
        "The sign-in was neither accepted nor refused.",
        True,
        "Try again later; look into the mail server's log if it stays.",
    ),
    "smtp_sender_refused": (
        "The mail server refuses the sender.",
        False,
        "Use an address that the signed-in user owns as sender.",
    ),
    "smtp_recipient_refused": (
        "The mail server refuses the recipient.",
        False,
        "Correct recipient, or do what the server's text says.",
    ),
    "smtp_data_refused": ("The mail server refuses DATA.", False, "Do what its text says."),
    "smtp_message_refused": ("The mail server refuses the message itself.", False, "Do what its text says."),
    "smtp_smtputf8_missing": (
        "An address is not ASCII, and SMTPUTF8 is not asked for or not offered.",
        False,
        "Set smtputf8=true if the server offers it, or give ASCII addresses (domains as xn--).",
    ),
    "smtp_outcome_unknown": (
        "The connection was lost after the message, before the answer: whether it was taken is not known.",
        False,
        "Look into the mailbox or the mail server's log. It is not sent again.",
    ),
    "smtp_deferred": (
        "The mail server took the message, but has not delivered it: accepted, but deferred.",
        True,
        "Look into the mail server's queue; the message may still arrive.",
    ),
    "smtp_bounced": (
        "The mail server took the message and then returned it.",
        False,
        "Do what the report of the return says.",
    ),
    "smtp_lost": (
        "The mail server took the message, and there is neither message nor report.",
        False,
        "Search the mail server's log for the id of the message.",
    ),
    "smtp_mailbox_unreadable": (
        "The mailbox in which the message should arrive cannot be read.",
        False,
        "Check the options of arrival. No message was sent.",
    ),
    "smtp_mailbox_refused": (
        "Another target of this run was refused by this mailbox, so nothing was tried.",
        False,
        "Correct the secret; see the target that was refused. Repeated refusals lock accounts.",
    ),
    "smtp_console_differs": (
        "This host and the console come to different ends with the same mail server.",
        False,
        "Compare both results: the network path, the stored secret and the CAs that each trusts can differ.",
    ),
    "smtp_target_cut_off": (
        "This host reaches the mail server, and the execution target does not.",
        True,
        "Check the network and firewalls between the execution target and the mail server.",
    ),
    "smtp_console_failed": (
        "The console's own test of its mail fails.",
        False,
        "Correct what the console's text says.",
    ),
    "smtp_in_background": (
        "The test was to run in the background, where a run cannot keep its other targets off a mailbox that refuses.",
        False,
        "Take async away from the task; budget and arrival.wait bound how long it takes.",
    ),
    "smtp_probe_not_run": (
        "The probe did not run on the host that it was sent to.",
        False,
        "See the message; that host needs a Python that Ansible supports.",
    ),
}
