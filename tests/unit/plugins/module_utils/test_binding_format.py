# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong in a binding is named with its place; what is right comes out in the form that the code works with."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding, require_closed
from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS, _load
from ansible_collections.cai.console.plugins.module_utils._bindings._options import SECRETS, SERVICE_OPTIONS
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._plan import flatten
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.server_properties import SERVER_PROPERTIES

READ = ("operations", "read_email_service")
LOG = ("operations", "read_server_log", "log")
SOAP = {"method": "POST", "path": "/x", "body": "soap", "reply": "soap", "element": "<a/>", "document_at": "b"}
HOST = ("services", "email_service", "fields", "host")


def lab():
    """Return a copy of the binding that ships, as a person would write it."""
    return copy.deepcopy(find_binding("lab"))


def changed(place, value):
    """Return it with ``value`` at a place; ``...`` takes out what is there."""
    binding = lab()
    at = binding
    for name in place[:-1]:
        at = at[name]
    if value is ...:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return binding


@pytest.mark.parametrize("name", BINDINGS)
def test_the_bindings_that_ship_are_in_the_format(name):
    assert _load.checked(copy.deepcopy(find_binding(name)), name) == find_binding(name)


def test_what_ships_for_the_engine_has_no_place_of_email_or_alert():
    assert list(find_binding("activebpel_admin")["services"]) == ["server_properties"]


def test_the_options_are_those_of_the_modules():
    for service in (EMAIL_SERVICE, ALERT_SERVICE, SERVER_PROPERTIES):
        options = flatten({name: option.get("options", name) for name, option in service.options.items()})
        paths = {path.rpartition(".type")[0] or path for path in options if path.endswith(".type") or "." not in path}
        listed = {path for path in SERVICE_OPTIONS[service.name] if not path.startswith("authorization.")}
        assert listed == paths
        assert {secret.name for secret in service.secrets} <= set(SECRETS)


@pytest.mark.parametrize(
    "binding, named",
    [
        ([], "not a mapping"),
        (changed(("format",), 2), "format must be one of: 1"),
        (changed(("meta", "name"), ...), "name found in meta"),
        (changed(("surprise",), 1), "surprise"),
        (changed((*HOST, "att"), ["x"]), "services.email_service.fields.host.att"),
        (changed(("services", "email_service", "fields", "hots"), {"at": ["x"]}), "services.email_service.fields.hots"),
        (changed((*HOST, "kind"), "number"), "services -> email_service -> fields -> host"),
        (changed((*HOST, "kind"), ...), "services -> email_service -> fields -> host needs kind or words"),
        (changed((*HOST, "at"), []), "services -> email_service -> fields -> host needs at, or open"),
        (changed((*HOST, "secret"), True), "host must not be a secret"),
        (changed(("services", "email_service", "fields", "password", "secret"), ...), "password must be a secret"),
        (changed(("operations", "read_email_service", "path"), ...), "operations -> read_email_service needs path"),
        (changed(("operations", "read_email_service", "path"), "x"), "path must begin with a slash"),
        (changed(("operations", "read_email_service", "path"), "/{org}"), "{org}, which is not known there"),
        (changed(("operations", "read_email_service", "path"), "/{"), "a brace that is not closed"),
        (changed(("operations", "read_email_service", "headers"), {"X": "a\r\nY: b"}), "headers -> X is no header"),
        (changed(("bases", "cloud"), "{consle}/x"), "bases -> cloud has {consle}"),
        (changed(("session", "headers"), ["A B"]), "'A B' is no name of a header"),
        (changed((*READ, "body"), "soap"), "read_email_service needs body soap and element, or neither"),
        (changed((*READ, "element"), "<a/>"), "read_email_service needs body soap and element, or neither"),
        (changed(READ, {**SOAP, "element": "<a>"}), "read_email_service -> element: it is not well-formed XML"),
        (changed(READ, {**SOAP, "element": "<!DOCTYPE a><a/>"}), "element: it declares a document type"),
        (changed(READ, {**SOAP, "reply": "xml"}), "document_at needs body and reply soap, and writes whole"),
        (changed(READ, {**SOAP, "writes": "named"}), "document_at needs body and reply soap, and writes whole"),
        (changed((*READ, "document_at"), "x"), "document_at needs body and reply soap, and writes whole"),
        (
            changed(("operations", "read_server_log", "log"), ...),
            "read_server_log needs log, with asked_at or parameter",
        ),
        (changed((*LOG, "parameter"), ...), "read_server_log needs log, with asked_at or parameter"),
        (changed((*LOG, "message"), ...), "message found in operations -> read_server_log -> log"),
        (changed(("extends",), "nothing"), "extends must be one of activebpel_admin, lab"),
        (changed(("extends",), ["lab"]), "extends must be one of activebpel_admin, lab"),
        ({"format": 1, "extends": "lab"}, "meta"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(binding, named):
    with pytest.raises(ConsoleError) as caught:
        _load.checked(binding, "mine.yml")
    assert caught.value.code == "binding_invalid"
    assert named in caught.value.message
    assert "mine.yml" in caught.value.message


@pytest.mark.parametrize("text", ["{", '{"a": ' + "[" * 100000, "{" + " " * 300000, '{"a":' * 500 + "1" + "}" * 500])
def test_a_text_that_is_no_binding_is_refused(text):
    with pytest.raises(ConsoleError) as caught:
        find_binding(text)
    assert caught.value.code == "binding_invalid"


def test_a_text_is_parsed_once():
    text = json.dumps(lab())
    assert find_binding(text) is find_binding(text)
    assert find_binding(text) == find_binding("lab")


def test_booleans_of_yaml_are_words():
    binding = changed(("services", "alert_service", "fields", "enabled"), {"at": ["on"], "kind": "boolean"})
    binding["services"]["alert_service"]["fields"]["enabled"]["words"] = {True: "Y", False: None}
    words = _load.checked(binding, "it")["services"]["alert_service"]["fields"]["enabled"]["words"]
    assert words == {"true": "Y", "false": None}


def test_what_is_open_is_named_before_a_write():
    binding = changed(HOST, {"open": "typed in no field"})
    binding["operations"]["write_alert_service"] = {"open": "no save was recorded"}
    binding = _load.checked(binding, "it")
    with pytest.raises(ConsoleError, match=r"host \(typed in no field\)") as caught:
        require_closed("email_service", binding)
    assert caught.value.code == "binding_open"
    with pytest.raises(ConsoleError, match="no save was recorded"):
        require_closed("alert_service", binding)
    require_closed("server_properties", binding)


def test_what_extends_a_binding_is_laid_over_it():
    own = {
        "format": 1,
        "extends": "lab",
        "meta": {"name": "mine", "describes": "ours"},
        "operations": {"read_email_service": {"path": "/other"}, "list_processes": None},
        "services": {"alert_service": {"fields": {"email": {"at": ["to"]}, "service": {"open": "not seen"}}}},
    }
    found = _load.checked(own, "mine.yml")
    expected = lab()
    expected["meta"] = {"name": "mine", "describes": "ours", "status": "assumed"}
    expected["operations"]["read_email_service"]["path"] = "/other"
    del expected["operations"]["list_processes"]
    fields = expected["services"]["alert_service"]["fields"]
    fields["email"]["at"] = ["to"]
    fields["service"]["open"] = "not seen"
    assert found == expected
    assert find_binding("lab") == lab()
    assert _load.checked(found, "travelled") == found
