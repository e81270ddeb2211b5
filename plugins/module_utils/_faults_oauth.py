# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error codes of the OAuth token exchange, as rows of the catalogue: meaning, retryable, what to do."""

from __future__ import annotations

OAUTH_FAULTS: dict[str, tuple[str, bool, str]] = {
    "consent_needed": (
        "The provider does not take the refresh token any more: a person must consent again.",
        False,
        "Run the consent again (step=begin, or the playbook authorize), and let the mailbox's owner open the link.",
    ),
    "consent_declined": (
        "The person, or a policy, declined the consent.",
        False,
        "Ask the mailbox's owner to accept, or an administrator to allow it; then begin again.",
    ),
    "consent_expired": (
        "The link, the code or the device code is too old.",
        False,
        "Begin again and complete it sooner.",
    ),
    "authorization_not_completed": (
        "The console's authorization was not completed anew.",
        False,
        "Let the person open the link and accept, then confirm again; the link is good for a limited time.",
    ),
    "code_already_used": (
        "The authorization code was exchanged before; it is good once.",
        False,
        "If you did not paste the same URL twice, treat it as a leak and revoke the consent; then begin again.",
    ),
    "state_invalid": (
        "The state of the redirect URL was not made with this consent_key, or was changed.",
        False,
        "Paste the whole URL of the browser's last page, and use the same consent_key in both steps.",
    ),
    "state_mismatch": (
        "The redirect URL belongs to another target, client or provider.",
        False,
        "Complete with the options that step=begin had for this target.",
    ),
    "redirect_mismatch": (
        "The URL that was pasted is not one of redirect_uri.",
        False,
        "Paste the URL that the browser ended at; its beginning must be redirect_uri.",
    ),
    "issuer_mismatch": (
        "The answer to the browser comes from another issuer than the one that was asked (RFC 9207).",
        False,
        "Do not use it: it may be a mix-up attack. Check issuer and discovery_url; then begin again.",
    ),
    "scope_wider": (
        "The provider granted more than was asked for. The tokens are not used.",
        False,
        "Revoke that consent at the provider; then check scope and the client's registration.",
    ),
    "scope_missing": (
        "The provider granted less than was asked for. The tokens are not used.",
        False,
        "Give the client the permission at the provider, and consent again.",
    ),
    "scope_refused": (
        "The provider does not know or not allow the scope.",
        False,
        "Correct scope: one resource only, spelt as the provider documents it.",
    ),
    "no_refresh_token": (
        "offline_access was asked for, but no refresh token came.",
        False,
        "Allow refresh tokens for the client at the provider, and consent again.",
    ),
    "mailbox_mismatch": (
        "Somebody else consented than the mailbox's owner. The tokens are not used.",
        False,
        "Sign out at the provider (or use a private window), sign in as the mailbox named here, and consent again.",
    ),
    "second_factor_needed": (
        "The provider asks for a second factor or another interaction, which only a person can give.",
        False,
        "Consent again as a person, or let an administrator except this client from the policy.",
    ),
    "admin_consent_needed": (
        "Neither the user nor an administrator has consented to the client's use.",
        False,
        "Let an administrator of the tenant grant the permission, then consent again.",
    ),
    "client_unknown": (
        "The provider does not know the client in this tenant.",
        False,
        "Check client_id and tenant.",
    ),
    "client_refused": (
        "The provider does not accept the client's authentication.",
        False,
        "Check client_secret (its value, not its id), client_authentication and the certificate.",
    ),
    "client_secret_expired": (
        "The client's secret has expired.",
        False,
        "Make a new secret at the provider, and give it by client_secret (playbook rotate_secret).",
    ),
    "account_disabled": (
        "The account is disabled or does not exist.",
        False,
        "Let an administrator enable the account, or use another mailbox.",
    ),
    "grant_not_allowed": (
        "The client may not use this grant.",
        False,
        "Allow the grant for the client at the provider, or use another grant.",
    ),
    "token_refused": (
        "The provider refuses the request.",
        False,
        "Follow the provider's own words in the message.",
    ),
    "token_endpoint_busy": (
        "The token endpoint is busy or failing (429 or 5xx). Nothing was spent that is known of.",
        True,
        "Try again later, not before the time in the message.",
    ),
    "token_endpoint_error": (
        "The answer of the token endpoint cannot be understood.",
        False,
        "Check token_url, and that no gateway stands in front of it.",
    ),
    "token_endpoint_unreachable": (
        "No connection to the provider, or it was lost.",
        True,
        "Check the network, proxy and the addresses of the provider.",
    ),
    "token_endpoint_timeout": (
        "The provider did not answer in time.",
        True,
        "Try again, or raise timeout.",
    ),
    "listener_timeout": (
        "Nobody came back from the provider in time.",
        False,
        "Run it again and open the link within wait seconds, or use step=begin and step=complete.",
    ),
    "token_handed_over": (
        "A console has this refresh token. One grant has one holder, so it is neither used nor kept here.",
        False,
        "Get another consent for this use (grant authorization_code or device_code); the console keeps its own.",
    ),
    "token_not_stored": (
        "The new refresh token could not be handed to its store. It is kept, encrypted, in state_dir.",
        True,
        "Repair the store named here and run again with the same refresh token; no consent is needed.",
    ),
    "state_dir_unusable": (
        "The place for the pending mark cannot be written, so nothing was requested.",
        False,
        "Make state_dir writable for this user only, on a file system with locks.",
    ),
}
