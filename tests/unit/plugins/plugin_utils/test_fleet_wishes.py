# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wishes of many hosts: each host's own, and what is alike is checked once."""

from __future__ import annotations

import datetime

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.cai.console.plugins.plugin_utils._fleet import _wishes
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Unfit
from ansible_collections.cai.console.plugins.plugin_utils._fleet._wishes import MOST, Wishes


class Hostvars(dict):
    """The variables of hosts."""

    raw_get = dict.__getitem__


@pytest.fixture
def checks(monkeypatch):
    """The documents that were checked."""
    found = []
    check = _wishes.DOCUMENT.check
    monkeypatch.setattr(
        _wishes.DOCUMENT, "check", lambda wishes, environ: found.append(wishes) or check(wishes, environ)
    )
    return found


def wishes_of(documents):
    hostvars = Hostvars({host: {"wishes": document} for host, document in documents.items()})
    templar = Templar(loader=DataLoader(), variables={})
    return Wishes(hostvars, templar, {}, document="wishes", common=None, console={})


def email(**options):
    return {"email_service": options}


def test_documents_that_are_alike_are_checked_once(checks):
    wishes = wishes_of({"one": email(port=25), "two": email(port=26), "three": email(port=25)})
    jobs = [wishes.job(host) for host in ("one", "two", "three")]
    assert [job.params["email_service"]["port"] for job in jobs] == [25, 26, 25]
    assert [(job.host, job.target) for job in jobs] == [("one", "one"), ("two", "two"), ("three", "three")]
    assert len(checks) == 2


def test_values_that_are_equal_and_of_another_type_are_not_alike():
    wishes = wishes_of({"one": email(username=True), "two": email(username=1), "three": email(username="1")})
    found = [wishes.job(host).params["email_service"]["username"] for host in ("one", "two", "three")]
    assert found == ["True", "1", "1"]


def test_what_has_no_text_of_its_own_is_checked_each_time(checks):
    day = datetime.date(2026, 11, 28)
    wishes = wishes_of({"one": email(username=day), "two": email(username=day), "three": email(username="2026-11-28")})
    found = [wishes.job(host).params["email_service"]["username"] for host in ("one", "two", "three")]
    assert found == ["2026-11-28"] * 3
    assert len(checks) == 3


def test_a_wrong_document_fails_for_each_host_in_its_own_name():
    wishes = wishes_of(dict.fromkeys(("one", "two"), {**email(prt=25), "previous_secret": "hush"}))
    for host in ("one", "two"):
        with pytest.raises(Unfit) as caught:
            wishes.job(host)
        assert (caught.value.error.target, caught.value.error.code) == (host, "invalid_option")
        assert caught.value.hidden == {"hush"}


def test_the_kept_documents_are_bounded(checks):
    documents = {f"host-{port}": email(port=port) for port in range(1, MOST + 2)}
    wishes = wishes_of(documents)
    for host in (*documents, *documents):
        assert wishes.job(host).params["email_service"]["port"] == documents[host]["email_service"]["port"]
    assert MOST < len(checks) <= 2 * len(documents)
    assert len(wishes._known) <= MOST
