# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary's own entry in the list of processes: never another's."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._alert import _canary
from ansible_collections.cai.console.plugins.module_utils._alert._canary import Canary
from ansible_collections.cai.console.plugins.module_utils._alert._model import Process
from ansible_collections.cai.console.plugins.module_utils._alert._server import Listed
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

DATE = "Fri, 02 Jan 2026 03:04:05 GMT"
OLD = Process("1", "Canary", "SUSPENDED", started="2026-01-02T03:00:00+00:00")


def run(number, state="SUSPENDED", name="Canary", started="2026-01-02T03:04:06.5+00:00"):
    return Process(str(number), name, state, "X", "FULL", started)


class Server:
    """A target whose list is as told: before the canary, then at each look."""

    class target:
        name = "agent-a"

    def __init__(self, *looks, answers=None, complete=False):
        self.looks = [[OLD], *looks]
        self.answers = answers
        self.complete = complete
        self.asked = []

    def look(self, process_id=None):
        """Return the next list; the last one stays."""
        self.asked.append(process_id)
        rows = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        found = [row for row in rows if process_id in (None, row.id)]
        return Listed(found, self.complete or process_id is not None, DATE)

    def run(self, name, document, id_at):
        """Return what it answers with."""
        return self.answers


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(_canary, "SETTLE_SECONDS", 0.05)
    monkeypatch.setattr(_canary, "UNLISTED_SECONDS", 0.02)


def find(server, listed_as=None, name="Canary"):
    canary = Canary(server, name, listed_as, "processId", 0.01)
    canary.prepare()
    canary.run({})
    return canary.find()


def test_the_new_entry_of_its_name_is_its_own():
    assert find(Server([run(7, name="Other"), run(8), OLD])).id == "8"


def test_it_is_waited_for_until_it_has_come_to_rest():
    assert find(Server([], [run(8, "RUNNING")], [run(8, "FAULTED")])).state == "FAULTED"
    assert find(Server([run(8, "RUNNING")])).state == "RUNNING"


def test_the_id_that_it_answers_with_is_asked_for():
    server = Server([run(7), run(8)], answers="8")
    assert find(server).id == "8"
    assert server.asked == [None, "8"]


def test_a_name_in_a_folder_is_listed_by_its_last_part_or_as_told():
    assert find(Server([run(8)]), name="Folder/Canary").id == "8"
    assert find(Server([run(8, name="urn-Canary")]), listed_as="urn-Canary").id == "8"


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (Server([run(7), run(8)]), "one of 2 processes"),
        (Server([run(8, name="Other")], answers="8"), "is not that of a new process"),
        (Server([OLD], answers="1"), "is not that of a new process"),
        (Server([run(8, started="2026-01-02T02:00:00Z")], answers="8"), "is not that of a new process"),
        (Server([run(8, started="2026-01-02T02:00:00Z")]), "no entry of its own"),
        (Server([], complete=True), "no entry of its own"),
    ],
)
def test_where_it_cannot_be_told_it_is_not_guessed(server, said):
    with pytest.raises(ConsoleError, match=said) as caught:
        find(server)
    assert caught.value.code == "canary_unknown"


def test_an_id_that_is_not_listed_is_told_from_one_that_is_unknown():
    assert find(Server([], answers="8")) is None
