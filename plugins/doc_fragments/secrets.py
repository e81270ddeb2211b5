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
      - When a secret that is given is sent. The console never shows a secret, so it cannot be compared with it.
      - V(when_changed) compares a keyed fingerprint of the secret with that of the last one that was written, see
        O(state_dir). Where nothing is known, or somebody saved the service since, O(on_unknown_secret) decides.
      - V(on_create) sends it if the console says that it is unset, if the authentication type or the user changes, or
        if the service is switched on. Where nothing can be known, it is not sent.
      - V(always) sends it each time, and reports a change each time.
      - Whatever is chosen, a secret is sent where it is required, see O(reuse_stored_secret), and where the console
        says that it is unset.
    type: str
    choices: [when_changed, always, on_create]
    default: when_changed
    aliases: [update_password]
  on_unknown_secret:
    description:
      - What happens with O(update_secrets=when_changed) if it is not known whether the secret is the one that the
        console holds.
      - V(send) sends it, V(keep) does not, V(fail) fails.
      - Without it, the SMTP password is sent. A client secret is not sent while the target is authorized, since
        sending it may drop an authorization that only a person can give back (whether it does is not documented);
        otherwise it is sent.
    type: str
    choices: [send, keep, fail]
  reuse_stored_secret:
    description:
      - A change of the host, the port, the security, the token URL or the user would hand the stored secret to
        another server or user. Such a change fails unless the secret is given in the same task; then it is sent.
      - V(true) accepts the change without the secret. A warning names the former and the new values.
    type: bool
    default: false
  state_dir:
    description:
      - Folder for the fingerprints, on the host that runs the task. A task on a local connection runs on the
        controller; its default lies in Ansible's home there.
      - It holds no secret. Its mode is 0700. It should outlive the run; where it cannot, keep RV(fingerprints) and
        give them back as O(known_fingerprints).
      - Environment variable E(CAI_STATE_DIR).
    type: path
    default: ~/.ansible/cai_console
  fingerprint_key:
    description:
      - Key of the fingerprints. Without it a random one is made and kept in O(state_dir). It is needed where
        O(state_dir) does not outlive the run.
      - Environment variable E(CAI_FINGERPRINT_KEY).
    type: str
  known_fingerprints:
    description: Fingerprints that an earlier run returned for this target as RV(fingerprints). They count where
      O(state_dir) knows none.
    type: dict
"""
