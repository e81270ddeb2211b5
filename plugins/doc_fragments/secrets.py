# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of how secrets that cannot be read back are treated."""

from __future__ import annotations


class ModuleDocFragment:
    """The options that decide whether a secret is sent."""

    DOCUMENTATION = r"""
options:
  update_secrets:
    description:
      - When a secret that is given is sent. The console never shows a secret, so it cannot be compared.
      - V(on_create) sends it if the console says that it is unset, if the authentication type or the user changes, or
        if the service is switched on.
        Where nothing can be known, it is not sent.
      - V(always) sends it each time, and reports a change each time.
      - Whatever is chosen, a secret is sent where it is required, see O(reuse_stored_secret).
    type: str
    choices: [always, on_create]
    default: on_create
    aliases: [update_password]
  reuse_stored_secret:
    description:
      - A change of the host, the port, the security, the token URL or the user would hand the stored secret to
        another server or user.
        Such a change fails unless the secret is given in the same task; then it is sent.
      - V(true) accepts the change without the secret. A warning names the former and the new values.
    type: bool
    default: false
"""
