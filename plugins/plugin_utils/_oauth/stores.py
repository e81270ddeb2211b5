# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a refresh token that we hold is kept: a vaulted file, behind a command, or with the caller."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import typing as t

import yaml
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import replace_file

COMMAND_SECONDS = 60.0


class Vault(t.Protocol):
    """The part of Ansible's VaultLib that is needed."""

    def encrypt(self, plaintext: bytes | str) -> bytes:
        """Return the text as a vault."""

    def decrypt(self, vaulttext: bytes | str) -> bytes:
        """Return what the vault holds."""


class Store(t.Protocol):
    """Keeps the newest refresh token. ``name`` says where, in messages."""

    name: str

    def load(self) -> str | None:
        """Return the token, or None where there is none, or none can be read back."""

    def save(self, tokens: t.Mapping[str, t.Any]) -> None:
        """Keep the token of a token object; a ConsoleError where that fails."""

    def clear(self) -> None:
        """Keep none any more."""


class Caller:
    """The caller keeps it: it is in the result."""

    name = "the caller"

    def load(self) -> None:
        return None

    def save(self, tokens: t.Mapping[str, t.Any]) -> None:
        """Nothing to do: the journal keeps it until the caller comes with it."""

    def clear(self) -> None:
        """Nothing to do."""


class Command:
    """A command gets the token object as JSON on its standard input; nothing secret is among its arguments."""

    def __init__(self, argv: t.Sequence[str], environ: t.Mapping[str, str]) -> None:
        self._argv = list(argv)
        self._environ = dict(environ)
        self.name = f"the command {os.path.basename(self._argv[0])}"

    def load(self) -> None:
        return None

    def save(self, tokens: t.Mapping[str, t.Any]) -> None:
        kept = {name: tokens.get(name) for name in ("refresh_token", "mailbox", "scope", "expires_at")}
        try:
            done = subprocess.run(
                self._argv,
                input=json.dumps(kept).encode(),
                env=self._environ,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=COMMAND_SECONDS,
                check=False,
            )
            problem = f"ended with code {done.returncode}" if done.returncode else None
        except subprocess.TimeoutExpired:
            problem = f"did not end within {COMMAND_SECONDS:.0f} seconds"
        except OSError as error:
            problem = f"cannot be started: {error.strerror}"
        if problem:
            raise not_stored(f"{self.name} {problem}")

    def clear(self) -> None:
        """What the command keeps cannot be cleared by it."""


class VaultedFile:
    """A file in ansible-vault's format (mode 0600), which ``include_vars`` can read too: refresh_token, mailbox, ..."""

    def __init__(self, path: str, vault: Vault | None) -> None:
        self._path = os.path.expanduser(path)
        self._vault = vault
        self.name = f"the file {path}"

    def load(self) -> str | None:
        try:
            with open(self._path, "rb") as stream:
                text = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(str(error.strerror)) from None
        if not text.startswith(b"$ANSIBLE_VAULT"):
            raise self._unreadable("it is not in ansible-vault's format")
        try:
            content = yaml.safe_load(self._need_vault().decrypt(text))
        except ConsoleError:
            raise
        except Exception:
            # Ansible's errors about vaults quote paths and ids only, but differ between its releases.
            raise self._unreadable("no vault secret of this run opens it") from None
        token = content.get("refresh_token") if isinstance(content, dict) else None
        return str(token) if token else None

    def save(self, tokens: t.Mapping[str, t.Any]) -> None:
        kept = {name: tokens.get(name) for name in ("refresh_token", "mailbox", "scope")}
        try:
            text = self._need_vault().encrypt(yaml.safe_dump(kept, default_flow_style=False))
            replace_file(self._path, text if isinstance(text, bytes) else str(text).encode(), durable=True)
        except OSError as error:
            raise not_stored(f"{self.name} cannot be written: {error.strerror}") from None

    def clear(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def _need_vault(self) -> Vault:
        if self._vault is None:
            raise ConsoleError(
                "invalid_option",
                "refresh_token_file needs a vault secret.",
                stage="options",
                remedy="Run with --vault-id or --vault-password-file, or choose another store.",
            )
        return self._vault

    def _unreadable(self, why: str) -> ConsoleError:
        return ConsoleError("invalid_option", f"refresh_token_file cannot be read: {why}.", stage="options")


def not_stored(problem: str) -> ConsoleError:
    """Return the error for a store that did not take the token."""
    return ConsoleError("token_not_stored", f"The new refresh token is not stored: {problem}.", stage="store")
