# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the workers of a run share: who gets which session, what is tried again, and what is on the disk."""

from __future__ import annotations

import stat
import typing as t
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._connection import _OPTIONS, Connection
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._session import ANY, NEWER, NOW, SessionRecord
from ansible_collections.cai.console.plugins.plugin_utils import _run_cache
from ansible_collections.cai.console.plugins.plugin_utils._run_cache import RunStore, Vault

KEY = b"k" * 32
URL = "https://console.example.org"


class Clock:
    """A clock that the test moves; sleeping moves it too."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SignIns:
    """A console's sign-in: counts, and hands out new sessions, or refuses with ``error``."""

    def __init__(self) -> None:
        self.number = 0
        self.error: ConsoleError | None = None
        self.organization = "org"

    def __call__(self) -> SessionRecord:
        self.number += 1
        if self.error is not None:
            raise t.cast(ConsoleError, self.error)
        return SessionRecord(f"session-{self.number}", f"{URL}/saas", (self.organization,))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(_run_cache, "time", made)
    return made


@pytest.fixture
def sign_in() -> SignIns:
    return SignIns()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(str(tmp_path / "vault"), KEY)


@pytest.fixture
def store(vault: Vault, clock: Clock) -> Callable[..., RunStore]:
    """Makes the store of a task, as a new worker would."""

    def make(environ: dict[str, str] | None = None, **options: Any) -> RunStore:
        return RunStore(vault, connection(**options), environ or {}, clock.sleep)

    return make


def connection(**options: Any) -> Connection:
    defaults = {name: option.get("default") for name, option in _OPTIONS.items()}
    mine = {"console_url": URL, "console_username": "robot", "console_password": "Right-pw1"}
    return Connection.from_params({**defaults, **mine, **options})


def refusal() -> ConsoleError:
    return ConsoleError("sign_in_refused", "The console refuses the sign-in of robot.", stage="sign_in")


def test_all_workers_get_one_session(store: Callable[..., RunStore], sign_in: SignIns) -> None:
    assert {store().obtain(sign_in).id for _worker in range(5)} == {"session-1"}
    assert sign_in.number == 1


@pytest.mark.parametrize(
    "other",
    [
        {"console_username": "viewer"},
        {"console_password": "Wrong-pw1"},
        {"console_url": "https://other.example.org"},
        {"console_proxy": "http://proxy.example.org:3128"},
        {"console_validate_certs": False},
        {"console_ca_path": "/etc/other.pem"},
        {"environ": {"https_proxy": "http://proxy.example.org:3128"}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_user_console_or_way_has_another_session(
    other: dict[str, Any], store: Callable[..., RunStore], sign_in: SignIns
) -> None:
    assert store().obtain(sign_in) != store(**other).obtain(sign_in)


def test_what_does_not_matter_shares_the_session(store: Callable[..., RunStore], sign_in: SignIns) -> None:
    first = store().obtain(sign_in)
    assert store(console_organization_id="x", console_timeout=5.0, console_binding="lab").obtain(sign_in) == first


def test_a_refused_password_is_tried_once_and_its_words_stay(
    store: Callable[..., RunStore], sign_in: SignIns, clock: Clock
) -> None:
    sign_in.error = refusal()
    for _worker in range(3):
        with pytest.raises(ConsoleError, match="refuses the sign-in of robot") as raised:
            store().obtain(sign_in)
        assert raised.value.code == "sign_in_refused"
        clock.now += 3600
    assert sign_in.number == 1


def test_a_console_out_of_reach_is_tried_again_after_a_while(
    store: Callable[..., RunStore], sign_in: SignIns, clock: Clock
) -> None:
    sign_in.error = ConsoleError("console_unreachable", "No connection.", stage="sign_in")
    for _worker in range(3):
        with pytest.raises(ConsoleError, match="No connection"):
            store().obtain(sign_in)
    assert sign_in.number == 1
    clock.now += 1.1
    sign_in.error = None
    assert store().obtain(sign_in).id == "session-2"


def test_a_refused_session_is_renewed_by_the_first_and_taken_over_by_the_others(
    store: Callable[..., RunStore], sign_in: SignIns
) -> None:
    store().obtain(sign_in)
    assert {store().obtain(sign_in, "session-1").id for _worker in range(5)} == {"session-2"}


def test_a_session_renewed_just_now_is_not_renewed_again(
    store: Callable[..., RunStore], sign_in: SignIns, clock: Clock
) -> None:
    store().obtain(sign_in)
    store().obtain(sign_in, "session-1")
    before = clock.now
    assert store().obtain(sign_in, "session-2").id == "session-2"
    assert clock.now > before
    clock.now += _run_cache.GRACE
    assert store().obtain(sign_in, "session-2").id == "session-3"


def test_a_renewal_that_fails_leaves_the_old_session_for_a_moment(
    store: Callable[..., RunStore], sign_in: SignIns, clock: Clock
) -> None:
    store().obtain(sign_in)
    sign_in.error = refusal()
    assert [store().obtain(sign_in, "session-1").id for _worker in range(3)] == ["session-1"] * 3
    clock.now += _run_cache.GRACE
    with pytest.raises(ConsoleError, match="did not try again"):
        store().obtain(sign_in, "session-1")
    assert sign_in.number == 2


def test_what_is_remembered_is_read_once_and_once_more_for_all_that_missed_something(
    store: Callable[..., RunStore], clock: Clock
) -> None:
    values = iter(range(100))

    def ask(need: str) -> int:
        clock.now += 1
        return int(store().remember("targets", lambda: next(values), need))

    assert [ask(need) for need in (ANY, ANY, NEWER, NEWER, ANY, NOW, ANY, NEWER)] == [0, 0, 1, 1, 1, 2, 2, 2]


def test_what_is_remembered_is_forgotten_with_the_organisation(
    store: Callable[..., RunStore], sign_in: SignIns, clock: Clock
) -> None:
    store().obtain(sign_in)
    store().remember("targets", lambda: "old")
    store().obtain(sign_in, "session-1")
    assert store().remember("targets", lambda: "new") == "old"
    sign_in.organization = "other"
    clock.now += _run_cache.GRACE
    store().obtain(sign_in, "session-2")
    assert store().remember("targets", lambda: "new") == "new"


@pytest.mark.parametrize("value", ["", "a\nb", ["agent-a", None], {"a": 1}, None, "Zürich"])
def test_what_is_remembered_comes_back_as_it_was(value: Any, store: Callable[..., RunStore]) -> None:
    assert store().remember("targets", lambda: value) == value
    assert store().remember("targets", lambda: "read again") == value


def test_a_renewal_while_something_is_read_is_kept(store: Callable[..., RunStore], sign_in: SignIns) -> None:
    mine = store()
    mine.obtain(sign_in)
    assert mine.remember("targets", lambda: mine.obtain(sign_in, "session-1").id) == "session-2"
    assert store().obtain(sign_in).id == "session-2"
    assert store().remember("targets", lambda: "new") == "session-2"


def test_the_file_is_private_and_tells_nothing(
    tmp_path: Path, vault: Vault, store: Callable[..., RunStore], sign_in: SignIns
) -> None:
    store().obtain(sign_in)
    store().remember("targets", lambda: ["agent-a"])
    store().remember("more", lambda: "agent-a")
    file = tmp_path / "vault" / "sessions"
    files = list(file.parent.iterdir())
    assert len(files) == 4
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    content = b"".join([one.name.encode() + one.read_bytes() for one in files])
    assert [word for word in ("session-1", "robot", "Right", "example", "agent-a") if word.encode() in content] == []
    assert "Right-pw1" not in str(vault.read())
    with pytest.raises(Exception, match="^$") as raised:
        Vault(str(file.parent), b"x" * 32).read()
    assert type(raised.value).__name__ == "InvalidTag"


def test_after_the_end_nobody_signs_in(
    tmp_path: Path, vault: Vault, store: Callable[..., RunStore], sign_in: SignIns
) -> None:
    late = store()
    late.obtain(sign_in)
    (entry,) = vault.destroy().values()
    assert entry["session"]["id"] == "session-1"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConsoleError, match="The run has ended"):
        late.obtain(sign_in, "session-1")
    assert sign_in.number == 1


def test_without_cryptography_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign_in: SignIns) -> None:
    monkeypatch.setattr(_run_cache, "AESGCM", None)
    with pytest.raises(ConsoleError, match="cryptography") as raised:
        RunStore(Vault(str(tmp_path / "vault"), KEY), connection(), {}).obtain(sign_in)
    assert raised.value.code == "library_missing"
