# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durable state: JSON records in SQLite, mirrored in memory; a write is on disk before its reply leaves."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Owner = tuple[str, str]
"""Organisation id and target id."""

LAB_SETTINGS = frozenset({"switch", "clock"})
JOURNALS = frozenset({"log", "counter"})
OAUTH = "oauth_"
"""Kinds that begin so belong to the OAuth server, and to the tokens that the console got from it."""


class StateInUse(RuntimeError):
    """Another lab has the state folder open."""


class State:
    """Records by kind, owner (organisation, target) and key. Values are JSON values; what you get is read-only."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._records: dict[str, dict[Owner, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
        self._database = sqlite3.connect(folder / "state.sqlite", isolation_level=None, timeout=0.5)
        try:
            self._open()
        except sqlite3.OperationalError as error:
            self._database.close()
            if "locked" in str(error):
                raise StateInUse(f"The state folder {folder} is in use by another lab.") from None
            raise

    def _open(self) -> None:
        # Exclusive locking keeps a second lab out. WAL with NORMAL loses nothing when the process is killed.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS record (kind TEXT, org TEXT, target TEXT, key TEXT, value TEXT NOT NULL,"
            " PRIMARY KEY (kind, org, target, key)) WITHOUT ROWID"
        )
        # The lock is taken with the first write: without one, two labs could start on the same folder.
        self._database.execute("PRAGMA user_version = 1")
        for kind, org, target, key, value in self._database.execute("SELECT kind, org, target, key, value FROM record"):
            self._records[kind][org, target][key] = json.loads(value)

    def get(self, kind: str, owner: Owner, key: str = "") -> Any:
        """The value, or None."""
        return self._records[kind][owner].get(key)

    def put(self, kind: str, owner: Owner, key: str, value: Any) -> None:
        """Store a value."""
        self._database.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)",
            (kind, *owner, key, json.dumps(value, ensure_ascii=False, sort_keys=True)),
        )
        self._records[kind][owner][key] = value

    def delete(self, kind: str, owner: Owner, key: str) -> None:
        """Forget a value; nothing happens when there is none."""
        self._database.execute(
            "DELETE FROM record WHERE kind = ? AND org = ? AND target = ? AND key = ?", (kind, *owner, key)
        )
        self._records[kind][owner].pop(key, None)

    def delete_kind(self, kind: str) -> None:
        """Forget all records of a kind."""
        self._database.execute("DELETE FROM record WHERE kind = ?", (kind,))
        self._records.pop(kind, None)

    def items(self, kind: str, owner: Owner) -> dict[str, Any]:
        """Key to value, sorted by key."""
        return dict(sorted(self._records[kind][owner].items()))

    def owners(self, kind: str) -> list[Owner]:
        """Who has records of the kind."""
        return sorted(owner for owner, records in self._records[kind].items() if records)

    def count(self, name: str) -> int:
        """The next number of a counter that never goes back."""
        number = int(self.get("counter", ("", ""), name) or 0) + 1
        self.put("counter", ("", ""), name, number)
        return number

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Writes of the block are committed together."""
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.execute("COMMIT")

    def stored(self) -> Iterator[tuple[str, str, str, str, Any]]:
        """What clients have stored (kind, org, target, key, value): no settings of the lab, no journals."""
        for kind in sorted(self._records.keys() - LAB_SETTINGS - JOURNALS):
            if kind.startswith(OAUTH):
                continue
            for owner in self.owners(kind):
                for key, value in self.items(kind, owner).items():
                    yield kind, *owner, key, value

    def hash(self) -> str:
        """SHA-256 over all that clients have stored, secrets included."""
        digest = hashlib.sha256()
        for record in self.stored():
            digest.update(json.dumps(record, sort_keys=True).encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Close the database."""
        self._database.close()
