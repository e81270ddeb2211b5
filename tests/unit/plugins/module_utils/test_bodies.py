# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every form of a body: what stands where, what a write makes of it, and what is passed back as it was."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import pytest
from ansible_collections.cai.console.plugins.module_utils._binding import decode, encode
from ansible_collections.cai.console.plugins.module_utils._bindings import _soap_body, _xml_body
from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import (
    begun,
    body_of,
    enclosed,
    opened,
    said,
    same,
)
from ansible_collections.cai.console.plugins.module_utils._bindings._form_body import FormBody
from ansible_collections.cai.console.plugins.module_utils._bindings._html_form import Page
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._bindings._soap_body import SoapBody
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._bindings._xml_body import XmlBody
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._transport import Reply

PAGE = """<!doctype html><html><head><meta name="csrf" content="m-1"></head><body>
<form id="search"><input name="q"></form>
<form name="mail" method="post"><input type="hidden" name="token" value="t-1"><input type="hidden" name="rev" value="7">
<input type="checkbox" name="on" value="Y" checked><input type="checkbox" name="debug" value="Y">
<input name="host" value="a&amp;b.example.org"><input name="port" value="25"><input disabled name="gone" value="x">
<input type="radio" name="auth" value="PW" checked><input type="radio" name="auth" value="OA">
<select name="sec"><option value="">None</option><option value="TLS" selected>TLS</option></select>
<input type="password" name="pw" value=""><input type="password" name="pw2" value="">
<textarea name="note">
line</textarea><button name="go">Save</button></form><p class="error"><b>No</b> such host</p></body></html>"""
FORM = {
    "omit_by": "empty",
    "fields": {
        "enabled": {"at": ["on"], "kind": "boolean", "words": {"true": "Y", "false": None}},
        "host": {"at": ["host"], "kind": "text"},
        "port": {"at": ["port"], "kind": "integer"},
        "security": {"at": ["sec"], "words": {"none": None, "tls": "TLS", "ssl": "SSL"}},
        "password": {"at": ["pw", "pw2"], "secret": True, "hidden": "empty"},
    },
}
XML = b"""<?xml version="1.0"?><s xmlns="urn:x"><!-- c --><mail on="true"><server port="25">old</server><pw>****</pw>
<entry name="user" value="me"/><other keep="1">deep<x/></other></mail><alert on="false"/></s>"""
TREE = {
    "mask_keeps": "****",
    "fields": {
        "enabled": {"at": ["mail/@on"], "kind": "boolean"},
        "host": {"at": ["mail/server"], "kind": "text"},
        "port": {"at": ["mail/server/@port"], "kind": "integer"},
        "username": {"at": ["mail/entry[@name='user']/@value"], "kind": "text", "may_be_absent": True},
        "security": {"at": ["mail/@sec"], "words": {"none": None, "tls": "starttls"}},
        "password": {"at": ["mail/pw"], "secret": True},
    },
}


def reply(body, kind="text/html"):
    """Return an answer."""
    return Reply(200, {"content-type": kind}, body if isinstance(body, bytes) else body.encode())


def form():
    """Return the form of the page as it is read."""
    return decode(FORM, opened(reply(PAGE), {"reply": "html", "form": "mail"}, "It", "read").raw, None, "It")


def test_reads_a_form_out_of_a_page():
    stored = form()
    assert stored.settings == {"enabled": True, "host": "a&b.example.org", "port": 25, "security": "tls"}
    assert stored.secrets == {"password": "unknown"}


def test_a_form_is_sent_whole_with_what_changes_and_a_secret_twice():
    stored = form()
    wanted = {**stored.settings, "enabled": False, "port": 587, "security": "none"}
    body = body_of(encode(FORM, stored, wanted, {"password": "n&w"}))
    sent = parse_qsl(body.encoded().decode(), keep_blank_values=True)
    assert sent == [
        ("token", "t-1"),
        ("rev", "7"),
        ("host", "a&b.example.org"),
        ("port", "587"),
        ("auth", "PW"),
        ("note", "line"),
        ("pw", "n&w"),
        ("pw2", "n&w"),
    ]
    kept = dict(parse_qsl(body_of(encode(FORM, stored, stored.settings, {})).encoded().decode(), True))
    assert (kept["pw"], kept["pw2"], kept["on"]) == ("", "", "Y")


def test_a_control_that_a_form_does_not_have_is_missed():
    raw = opened(
        reply(PAGE.replace('name="host"', 'name="hosts"')), {"reply": "html", "form": "mail"}, "It", "read"
    ).raw
    with pytest.raises(ConsoleError, match=r"has no host \(host\)"):
        decode(FORM, raw, None, "It")


def test_a_page_without_the_form_is_said():
    with pytest.raises(ConsoleError, match="a page without the form alert"):
        opened(reply(PAGE), {"reply": "html", "form": "alert"}, "It", "read")


def test_a_page_says_more_than_its_forms():
    page = Page(PAGE)
    assert page.metas == {"csrf": "m-1"}
    assert said(reply(PAGE), {"reply": "html"}, ".error") == "No such host"


@pytest.mark.parametrize(
    ("text", "forms"),
    [("<form " * 20000, 0), ("<div>" * 100000, 0), ("<select name=a><option>" * 5000, 0), ("\x00<form><", 1)],
)
def test_a_hostile_page_ends(text, forms):
    assert len(Page(text).forms) == forms


def test_xml_is_read_and_written_in_place():
    stored = decode(TREE, _xml_body.parse(XML), None, "It")
    assert stored.settings == {"enabled": True, "host": "old", "port": 25, "username": "me", "security": "none"}
    assert stored.secrets == {"password": "set"}
    assert stored.masked == {"password"}
    wanted = {**stored.settings, "host": "new", "port": 465, "username": None, "security": "tls"}
    written = XmlBody(_xml_body.parse(body_of(encode(TREE, stored, wanted, {})).encoded()))
    after = decode(TREE, written.raw, None, "It")
    assert after.settings == wanted
    assert written.get("mail/pw") == "****"
    assert written.get("mail/other/@keep") == "1"
    assert written.get("alert/@on") == "false"
    replaced = XmlBody(encode(TREE, stored, wanted, {"password": "new"}))
    assert replaced.get("mail/pw") == "new"


def test_xml_is_compared_as_a_tree():
    one = _xml_body.parse(b"<a><b x='1' y='2'/><c> t </c></a>")
    assert same(one, _xml_body.parse(b"<a>\n  <c>t</c><b y='2' x='1'></b></a>"))
    assert not same(one, _xml_body.parse(b"<a><b x='1'/><c>t</c></a>"))


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 1000 + b'">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b"<a>" * 100,
        b"<a>" * 100 + b"</a>" * 100,
        b"<a>" + b"<b/>" * 60000 + b"</a>",
        b"<a>" + b" " * _xml_body.MAX_BYTES + b"</a>",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"no xml",
        b"",
    ],
)
def test_hostile_xml_is_refused(data):
    with pytest.raises(ConsoleError, match="is not the XML|more than"):
        opened(reply(data, "text/xml"), {"reply": "xml"}, "It", "read")


def test_a_json_bomb_is_refused():
    with pytest.raises(ConsoleError, match="not valid JSON"):
        opened(reply('{"a":' * 100000, "application/json"), {}, "It", "read")
    with pytest.raises(ConsoleError, match="more than"):
        opened(reply("[" + "1," * 2000000 + "1]", "application/json"), {}, "It", "read")


@pytest.mark.parametrize(
    "place, value",
    [
        ("a.b", 1),
        ('"a.b"', 2),
        ("list[0].x", 3),
        ("list[name=smtp.host].value", 4),
        ("list[name=none].value", MISSING),
        ("list[9]", MISSING),
        ("a.b.c", MISSING),
        ("list.x", MISSING),
    ],
)
def test_places_in_json(place, value):
    body = JsonBody({"a": {"b": 1}, "a.b": 2, "list": [{"x": 3}, {"name": "smtp.host", "value": 4}]})
    assert body.get(place) == value if value is not MISSING else body.get(place) is MISSING


def test_json_is_written_in_place_and_made_where_it_is_missing():
    body = JsonBody({"list": [{"name": "a", "value": 1, "keep": 2}]})
    for place, value in (("list[name=a].value", 3), ("list[name=b].value", 4), ("x.y", 5), ("z[0].w", 6)):
        body.put(place, value)
    assert body.raw == {
        "list": [{"name": "a", "value": 3, "keep": 2}, {"name": "b", "value": 4}],
        "x": {"y": 5},
        "z": [{"w": 6}],
    }
    body.drop("list[name=a].value")
    assert body.raw["list"][0] == {"name": "a", "keep": 2}


def test_a_patch_carries_what_changes_only():
    bound = {
        "fields": {"host": {"at": ["m.h"], "kind": "text"}, "port": {"at": ["m.p"], "kind": "integer", "as_text": True}}
    }
    stored = decode(bound, {"m": {"h": "a", "p": "25", "x": 1}}, None, "It")
    changed = encode(bound, stored, {"host": "a", "port": 26}, {}, {"writes": "changed"})
    assert changed == {"m": {"p": "26"}}
    assert encode(bound, stored, {"host": "a", "port": 26}, {}, {"writes": "named"}) == {"m": {"h": "a", "p": "26"}}
    whole = JsonBody(encode(bound, stored, {"host": "a", "port": 26}, {}, {"leave_out": ["m.x"]}))
    wrapped = whole.wrapped("data", {"operation": "save"})
    assert json.loads(wrapped.encoded()) == {"operation": "save", "data": {"m": {"h": "a", "p": "26"}}}


def soap(content):
    """Return an element in an envelope of SOAP 1.1."""
    return f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{content}</s:Body></s:Envelope>'


READ_SOAP = {
    "reply": "soap",
    "body": "soap",
    "element": '<get xmlns="urn:a"/>',
    "document_at": "text",
    "mutates": False,
}
WRITE_SOAP = {**READ_SOAP, "element": '<set xmlns="urn:a"><text/></set>', "mutates": True}
CONFIG = {"fields": {"enabled": {"at": ["entry[@name='On']/@value"], "kind": "boolean", "as_text": True}}}
DOCUMENT = '<config><entry name="On" value="false"/><entry name="Map"><entry name="a" value="1&lt;2"/></entry></config>'


def test_a_document_travels_as_the_text_of_an_element():
    answer = soap(f'<a:got xmlns:a="urn:a"><a:text>{escape(DOCUMENT)}</a:text></a:got>')
    stored = decode(CONFIG, opened(reply(answer, "text/xml"), READ_SOAP, "It", "read").raw, None, "It")
    assert stored.settings == {"enabled": False}
    sent = enclosed(body_of(encode(CONFIG, stored, {"enabled": True}, {}, WRITE_SOAP)), WRITE_SOAP)
    text = SoapBody(_soap_body.content_of(sent.encoded())).get("text")
    found = _xml_body.parse(text.encode())
    expected = _xml_body.parse(DOCUMENT.replace("false", "true").encode())
    assert same(found, expected)
    assert not same(found, stored.raw)


def test_an_operation_without_a_document_sends_its_own_element():
    body = begun(WRITE_SOAP)
    body.put("text", "a<b")
    plain = {name: value for name, value in WRITE_SOAP.items() if name != "document_at"}
    assert _soap_body.content_of(enclosed(body, plain).encoded()).find("{urn:a}text").text == "a<b"
    assert _soap_body.content_of(enclosed(None, READ_SOAP).encoded()).tag == "{urn:a}get"


def test_a_document_that_declares_another_encoding_was_a_text_before():
    document = escape('<?xml version="1.0" encoding="UTF-16"?><config><entry name="On" value="true"/></config>')
    answer = soap(f"<got><text>{document}</text></got>")
    assert opened(reply(answer, "text/xml"), READ_SOAP, "It", "read").get("entry[@name='On']/@value") == "true"


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        ("", "string"),
        ("<detail><x:adminFaultElement xmlns:x='urn:a'><x:info>info</x:info></x:adminFaultElement></detail>", "info"),
        ("<detail><adminFaultElement><message>said &lt;config/&gt; x</message></adminFaultElement></detail>", "said"),
        ("<detail><adminFaultElement><message/><info> </info></adminFaultElement></detail>", "string"),
    ],
)
def test_a_fault_says_the_best_words_without_markup(detail, text):
    fault = soap(f"<s:Fault><faultcode>s:Server</faultcode><faultstring>string</faultstring>{detail}</s:Fault>")
    assert _soap_body.fault_of(fault.encode()) == ("Server", text)


@pytest.mark.parametrize("data", [b"", b"<html/>", soap("").encode(), soap("<ok/>").encode(), b"<a>" * 10000])
def test_what_is_no_fault(data):
    assert _soap_body.fault_of(data) is None


def test_comparing_deep_documents_costs_no_more_than_their_size():
    def nested(depth):
        return _xml_body.parse(b"<e n='1'>" * depth + b"</e>" * depth)

    assert same(nested(60), nested(60))
    assert not same(nested(60), nested(59))
    sizes = [len(repr(_xml_body.tree(nested(depth)))) for depth in (30, 60)]
    assert sizes[1] < 3 * sizes[0]


def test_every_value_has_a_place_by_which_it_is_found():
    document = XmlBody(
        _xml_body.parse(b"<c v='0'><entry name='a.b' value='1' x='2'/>t<m><entry name='n'>3</entry></m></c>")
    )
    leaves = document.leaves()
    assert dict(leaves) == {
        "@v": "0",
        "entry[@name='a.b']/@value": "1",
        "entry[@name='a.b']/@x": "2",
        "m/entry[@name='n']": "3",
    }
    assert [document.get(place) for place, _text in leaves] == [text for _place, text in leaves]
    document = JsonBody({"a": {"b.c": [1, {"d": None}], "e": "x"}, "f": True})
    assert document.leaves() == [('a."b.c"[0]', "1"), ('a."b.c"[1].d', "null"), ("a.e", "x"), ("f", "true")]
    assert document.get('a."b.c"[1].d') is None
    assert FormBody(Page(PAGE).form("mail").raw()).leaves()[:2] == [("token", "t-1"), ("rev", "7")]


def test_rows_stand_beside_each_other():
    rows = XmlBody(_xml_body.parse(b"<a><r><x>1</x><o/><x>2</x></r></a>"))
    assert [row.raw.text for row in rows.rows("r/x")] == ["1", "2"]
    assert rows.rows("none/x") == rows.rows("r/y") == []
    listed = JsonBody({"r": [{"x": 1}, "odd", {"x": 2}]})
    assert [row.get("x") for row in listed.rows("r")] == [1, 2]
    assert listed.rows("none") == FormBody().rows("r") == []


def test_a_secret_that_is_left_out_as_it_was_read():
    bound = {"omit_by": "as_read", "fields": {"password": {"at": ["pw"], "secret": True, "hidden": "encrypted"}}}
    stored = decode(bound, _xml_body.parse(b"<c><pw>encrypted:1</pw></c>"), None, "It")
    assert stored.secrets == {"password": "set"}
    assert XmlBody(encode(bound, stored, {}, {})).get("pw") == "encrypted:1"
    assert XmlBody(encode(bound, stored, {}, {"password": "new"})).get("pw") == "new"
    assert XmlBody(encode(bound, stored, {}, {"password": None})).get("pw") is MISSING
