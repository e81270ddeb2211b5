# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of secrets: in which file, with which mode, and that it tells nothing without the key."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import stat
import threading

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import CHUNK, locked, read_file, replace_file
from ansible_collections.cai.console.plugins.module_utils._memory import VERSION, Entry, Memory, Place

PLACE = Place("https://console.example.org", "agent-1", "email_service")
STAMP = "2026-01-01T00:00:00Z"


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "state")


def remembered(folder, value="hunter2", key=None, stamp=STAMP, place=PLACE):
    memory = Memory(folder, key)
    memory.keep(place, Entry(memory.fingerprints(place, {"password": value}, stamp), None))
    return memory


def compared(folder, value, key=None, stamp=STAMP, place=PLACE, known=None):
    memory = Memory(folder, key, known)
    return memory.compare(place, memory.recall(place), {"password": value}, stamp)["password"]


def test_the_same_secret_is_recognised_and_another_is_not(folder):
    remembered(folder)
    assert compared(folder, "hunter2") == "same"
    assert compared(folder, "hunter3") == "changed"


@pytest.mark.parametrize(
    "difference",
    [
        {"stamp": "2026-01-02T00:00:00Z"},
        {"stamp": None},
        {"key": "another key"},
        {"place": Place("https://other.example.org", "agent-1", "email_service")},
        {"place": Place("https://console.example.org", "agent-2", "email_service")},
    ],
)
def test_what_cannot_be_compared_is_unknown(folder, difference):
    remembered(folder)
    assert compared(folder, "hunter2", **difference) == "unknown"


def test_nothing_kept_is_unknown_and_makes_no_file(folder):
    assert Memory(folder, None).is_new()
    assert compared(folder, "hunter2") == "unknown"
    assert not os.path.exists(folder)


def test_the_caller_may_keep_the_fingerprints(folder):
    memory = Memory(None, "the key")
    kept = memory.fingerprints(PLACE, {"password": "hunter2"}, STAMP)
    memory.keep(PLACE, Entry(kept, None))
    assert compared(None, "hunter2", key="the key", known=kept) == "same"
    assert compared(None, "hunter3", key="the key", known=kept) == "changed"
    assert not Memory(None, "the key", kept).is_new()


def test_files_are_private_and_hold_no_secret(folder):
    remembered(folder)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    names = os.listdir(folder)
    assert sorted(os.path.splitext(name)[1] for name in names) == ["", ".json", ".lock"]
    for name in names:
        path = os.path.join(folder, name)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with open(path, encoding="utf-8") as stream:
            assert "hunter2" not in stream.read()


def test_without_the_key_a_list_of_words_recovers_nothing(folder):
    words = ["".join(letters) for letters in itertools.product("abcdefghij", repeat=4)]
    assert len(words) == 10000
    memory = remembered(folder, value="cafe", key="a key that the thief does not have")
    kept = memory.recall(PLACE).fingerprints
    thief = Memory(folder, "guessed key")
    assert {thief.compare(PLACE, Entry(kept), {"password": word}, STAMP)["password"] for word in words} == {"unknown"}
    fresh = {thief.fingerprints(PLACE, {"password": word}, STAMP)["password"].split("$")[2] for word in words}
    assert kept["password"].split("$")[2] not in fresh
    owner = Memory(folder, "a key that the thief does not have")
    found = [
        word for word in words if owner.compare(PLACE, Entry(kept), {"password": word}, STAMP)["password"] == "same"
    ]
    assert found == ["cafe"]


def test_a_torn_file_is_set_aside_and_said(folder):
    remembered(folder)
    (name,) = [name for name in os.listdir(folder) if name.endswith(".json")]
    path = os.path.join(folder, name)
    with open(path, "r+", encoding="utf-8") as stream:
        stream.truncate(20)
    memory = Memory(folder, None)
    assert memory.recall(PLACE) == Entry()
    assert os.path.exists(path + ".torn")
    assert "set aside" in memory.warnings[0]


def test_a_newer_version_is_refused_and_left_alone(folder):
    remembered(folder)
    (name,) = [name for name in os.listdir(folder) if name.endswith(".json")]
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as stream:
        content = json.load(stream)
    with open(path, "w", encoding="utf-8") as stream:
        json.dump({**content, "version": VERSION + 1}, stream)
    with pytest.raises(ConsoleError) as caught:
        Memory(folder, None).recall(PLACE)
    assert caught.value.code == "state_too_new"
    assert os.listdir(folder).count(name) == 1


def test_an_older_version_is_read(folder):
    """Of what it does not say, nothing is known."""
    remembered(folder)
    (name,) = [name for name in os.listdir(folder) if name.endswith(".json")]
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as stream:
        content = json.load(stream)
    del content["tested"]
    with open(path, "w", encoding="utf-8") as stream:
        json.dump({**content, "version": VERSION - 1}, stream)
    assert compared(folder, "hunter2") == "same"
    assert Memory(folder, None).recall(PLACE).tested is None


def test_fingerprints_that_nothing_can_be_compared_with_are_as_good_as_none(folder):
    """The key that made them lay in a folder that is gone."""
    kept = remembered(folder).recall(PLACE).fingerprints
    assert Memory(folder + "-2", None, kept).is_new()
    assert not Memory(folder + "-2", "the key", kept).is_new()
    assert not Memory(folder, None, kept).is_new()


def test_a_save_of_our_own_carries_what_was_good_until_then(folder):
    memory = remembered(folder)
    entry = memory.recall(PLACE)
    carried = memory.carried(entry, STAMP, "later")
    memory.keep(PLACE, Entry(carried))
    assert compared(folder, "hunter2", stamp="later") == "same"
    assert memory.carried(entry, "another stamp", "later") == {}


@pytest.mark.parametrize("known", [{"password": None}, {"password": ""}, {"password": "1$a"}, {"password": 7}])
def test_rubbish_that_the_caller_kept_is_unknown(known):
    memory = Memory(None, "the key", known)
    assert memory.compare(PLACE, Entry(), {"password": "hunter2"}, STAMP) == {"password": "unknown"}
    assert memory.carried(Entry(), STAMP, "later") == {}


def test_a_folder_that_cannot_be_used_is_said_and_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    memory = Memory(str(tmp_path / "file" / "state"), None)
    assert memory.recall(PLACE) == Entry()
    memory.keep(PLACE, Entry(memory.fingerprints(PLACE, {"password": "hunter2"}, STAMP)))
    assert memory.warnings
    assert all("state_dir" in warning for warning in memory.warnings)


@pytest.mark.parametrize("tested", [True, False, None])
def test_whether_it_was_tested_is_remembered(folder, tested):
    Memory(folder, None).keep(PLACE, Entry({}, tested))
    assert Memory(folder, None).recall(PLACE).tested is tested


SECRETS = ("password", "oauth.client_secret")
FORKS = multiprocessing.get_context("fork")


def keep_over_and_over(folder, name, ready):
    """Be a job that writes one of a service's secrets again and again, and remembers each."""
    for number in range(50):
        memory = Memory(folder, None)
        kept = memory.recall(PLACE).fingerprints
        ready.wait(10)
        memory.keep(PLACE, Entry({**kept, **memory.fingerprints(PLACE, {name: str(number)}, STAMP)}))
        ready.wait(10)


def test_two_jobs_at_once_lose_nothing_of_each_other(folder):
    ready = FORKS.Barrier(2)
    jobs = [FORKS.Process(target=keep_over_and_over, args=(folder, name, ready)) for name in SECRETS]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(60)
    memory = Memory(folder, None)
    found = memory.compare(PLACE, memory.recall(PLACE), dict.fromkeys(SECRETS, "49"), STAMP)
    assert found == dict.fromkeys(SECRETS, "same")
    assert [job.exitcode for job in jobs] == [0, 0]
    assert not memory.warnings


def test_what_another_job_forgot_or_marked_meanwhile_stays_so(folder):
    remembered(folder)
    mine, other = Memory(folder, None), Memory(folder, None)
    kept = mine.recall(PLACE).fingerprints
    other.recall(PLACE)
    other.keep(PLACE, Entry({}, False))
    mine.keep(PLACE, Entry({**kept, "oauth.client_secret": "1$a$b$c"}))
    assert Memory(folder, None).recall(PLACE) == Entry({"oauth.client_secret": "1$a$b$c"}, False)


def test_a_file_that_another_job_has_mended_meanwhile_is_not_set_aside(folder):
    remembered(folder)
    (name,) = [name for name in os.listdir(folder) if name.endswith(".json")]
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as stream:
        whole = stream.read()
    found = []
    with locked(path):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(whole[:10])
        reader = threading.Thread(target=lambda: found.append(Memory(folder, None).recall(PLACE)))
        reader.start()
        reader.join(0.2)
        replace_file(path, whole.encode())
    reader.join(10)
    assert found[0].fingerprints
    assert not os.path.exists(f"{path}.torn")


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_is_read_whole(tmp_path, size):
    content = bytes(number % 251 for number in range(size))
    path = tmp_path / "file"
    path.write_bytes(content)
    assert read_file(str(path)) == content


def test_the_memory_of_the_next_target_has_seen_nothing_and_warns_apart(folder):
    one = Memory(folder, None)
    one.warnings.append("of all")
    other = one.again()
    other.keep(PLACE, Entry({"password": "1$a$b$c"}))
    other.warnings.append("of the other")
    assert one.warnings == ["of all"]
    assert other.warnings == ["of all", "of the other"]
    one.keep(PLACE, Entry())
    assert Memory(folder, None).recall(PLACE).fingerprints == {"password": "1$a$b$c"}
