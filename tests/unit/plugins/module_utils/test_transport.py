# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport against a real HTTP server on loopback that misbehaves on demand."""

from __future__ import annotations

import base64
import contextlib
import html
import http.server
import json
import threading
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.cai.console.plugins.module_utils import _http, _transport
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError, LostReply
from ansible_collections.cai.console.plugins.module_utils._replies import failure, server_text


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the next of ``server.script``: a function of the handler."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
        step = self.server.script.pop(0) if len(self.server.script) > 1 else self.server.script[0]
        step(self)

    do_PUT = do_POST = do_GET

    def log_message(self, *args):
        """Be quiet."""


def answer(status, body=b"{}", **headers):
    def step(handler):
        handler.send_response(status)
        for name, value in {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return step


def cut(handler):
    answer(200, b'{"a": ', Content_Length="100")(handler)
    handler.close_connection = True


def hang_up(handler):
    handler.close_connection = True


@contextlib.contextmanager
def serving():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.seen, running.script = [], [answer(200)]
        running.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture
def slept():
    return []


@pytest.fixture
def transport(slept):
    made = _transport.Transport(timeout=5, context=_http.tls_context(None, True), environ={}, sleep=slept.append)
    yield made
    made.close()


@pytest.mark.parametrize("status", _transport.BUSY)
def test_a_busy_read_is_tried_again_a_bounded_number_of_times(server, transport, slept, status):
    server.script = [answer(status, Retry_After="7"), answer(200)]
    assert transport.send("GET", server.url, stage="read", retry=True).status == 200
    assert len(slept) == 1
    assert 7 <= slept[0] <= 7.25
    server.script, server.seen[:] = [answer(status)], []
    assert transport.send("GET", server.url, stage="read", retry=True).status == status
    assert len(server.seen) == _transport.MAX_TRIES


def test_what_the_server_asks_for_is_capped(server, transport, slept):
    server.script = [answer(503, Retry_After="86400"), answer(200)]
    transport.send("GET", server.url, stage="read", retry=True)
    assert slept[0] <= _transport.MAX_WAIT + 0.25


@pytest.mark.parametrize("step", [answer(429), answer(503), hang_up, cut])
def test_without_retry_there_is_one_request(server, transport, slept, step):
    server.script = [step]
    try:
        status = transport.send("PUT", server.url, stage="write", body=b"{}").status
    except LostReply as lost:
        status = lost.code
    assert status in (429, 503, "console_unreachable")
    assert len(server.seen) == 1
    assert slept == []


@pytest.mark.parametrize("step", [hang_up, cut])
def test_a_lost_read_is_tried_again(server, transport, step):
    server.script = [step, answer(200, b'{"a": 1}')]
    assert transport.send("GET", server.url, stage="read", retry=True).json("It", "read") == {"a": 1}


def test_no_connection_is_not_a_lost_reply(transport, server):
    port = server.server_port
    server.shutdown()
    server.server_close()
    with pytest.raises(ConsoleError) as caught:
        transport.send("PUT", f"http://127.0.0.1:{port}/x?secret=planted", stage="write", body=b"planted")
    assert caught.value.code == "console_unreachable"
    assert not isinstance(caught.value, LostReply)
    assert "planted" not in str(caught.value.as_result())


def test_a_time_out_says_so(server):
    waiting = threading.Event()
    server.script = [lambda handler: waiting.wait(5)]
    impatient = _transport.Transport(timeout=0.2, context=_http.tls_context(None, True), environ={})
    with pytest.raises(LostReply) as caught:
        impatient.send("GET", server.url, stage="read")
    waiting.set()
    impatient.close()
    assert caught.value.code == "console_timeout"


def test_credentials_do_not_follow_a_redirect_elsewhere(server, transport):
    server.script = [answer(302, Location="http://localhost:1/stolen")]
    with pytest.raises(ConsoleError) as caught:
        transport.send("GET", server.url, stage="read", headers={"IDS-SESSION-ID": "planted"}, retry=True)
    assert caught.value.code == "redirect_refused"
    assert len(server.seen) == 1


def test_a_read_follows_within_the_same_origin_and_not_for_ever(server, transport):
    server.script = [answer(307, Location="/there"), answer(200)]
    assert transport.send("GET", server.url + "/here", stage="read", retry=True).status == 200
    assert [path for _method, path, _headers, _body in server.seen] == ["/here", "/there"]
    server.script = [answer(307, Location="/there")]
    with pytest.raises(ConsoleError) as caught:
        transport.send("GET", server.url, stage="read", retry=True)
    assert caught.value.code == "redirect_refused"


def test_a_write_follows_no_redirect(server, transport):
    server.script = [answer(307, Location="/there")]
    with pytest.raises(ConsoleError) as caught:
        transport.send("PUT", server.url, stage="write", body=b"{}")
    assert caught.value.code == "redirect_refused"
    assert len(server.seen) == 1


def test_an_endless_answer_is_cut_off(server, transport):
    server.script = [answer(200, b"x" * 5000)]
    with pytest.raises(ConsoleError) as caught:
        transport.send("GET", server.url, stage="read", most=1000)
    assert caught.value.code == "unexpected_reply"
    assert "more than 1000 bytes" in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("body", ["[]", " [ ] ", '["a"]', ' [ {"a": [1, 2]} , "ü]", null ]\n', "[1,2,3]"])
def test_the_rows_of_an_array_are_its_items(body, encoding):
    reply = _transport.Reply(200, {}, body.encode(encoding))
    assert list(reply.rows("It", "read")) == reply.json("It", "read")


@pytest.mark.parametrize(
    "body",
    [b"[", b"[1", b"[1,", b"[1,]", b"[1 2]", b"[1] 2", b"[,1]", b"[{]", b"<html>", b"", b"[" * 100000]
    + [b'["\xff"]', "[1,\u00a02]".encode(), "[1]\u00a0".encode()],
)
def test_rows_of_what_is_not_json_are_refused(body):
    reply = _transport.Reply(200, {}, body)
    for read in (reply.json, lambda *what: list(reply.rows(*what))):
        with pytest.raises(ConsoleError) as caught:
            read("It", "read")
        assert caught.value.code == "not_json"


def test_rows_of_what_is_no_array_are_refused():
    with pytest.raises(ConsoleError) as caught:
        list(_transport.Reply(200, {}, b'{"error": []}').rows("It", "read"))
    assert (caught.value.code, caught.value.message) == ("unexpected_reply", "It is not a JSON array.")


def test_a_gateways_page_is_not_json(server, transport):
    server.script = [answer(200, b"<html>planted</html>", Content_Type="text/html; charset=utf-8")]
    with pytest.raises(ConsoleError) as caught:
        transport.send("GET", server.url, stage="read").json("The answer", "read")
    assert caught.value.code == "not_json"
    assert "text/html" in caught.value.message
    assert "planted" not in caught.value.message


def test_a_proxy_from_the_environment_is_used_but_not_for_exceptions(server, slept):
    proxied = _transport.Transport(
        timeout=5,
        context=_http.tls_context(None, True),
        environ={"http_proxy": server.url, "NO_PROXY": "skip.example.org"},
        sleep=slept.append,
    )
    assert proxied.send("GET", "http://console.example.org/x", stage="read").status == 200
    assert server.seen[0][1] == "http://console.example.org/x"
    proxied.close()


@pytest.mark.parametrize(
    "environ, url, expected",
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://a.example.org/", {"https": "http://p:1"}),
        ({"https_proxy": "http://p:1", "no_proxy": "example.org"}, "https://a.example.org/", {}),
        ({"https_proxy": "http://p:1", "no_proxy": "example.com"}, "https://a.example.org/", {"https": "http://p:1"}),
        ({"ALL_PROXY": "http://p:1"}, "http://a.example.org/", {"http": "http://p:1"}),
        ({"http_proxy": "http://p:1"}, "https://a.example.org/", {}),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, "https://a.example.org/", {}),
        ({"http_proxy": "http://p:1", "no_proxy": "127.0.0.1"}, "http://127.0.0.1:8400/", {}),
    ],
)
def test_proxies_of_the_environment(environ, url, expected):
    assert _http.environment_proxies(url, environ) == expected


def test_the_ca_file_is_named_when_it_is_not_there(tmp_path):
    with pytest.raises(ConsoleError) as caught:
        _http.tls_context(str(tmp_path / "none.pem"), True)
    assert caught.value.code == "invalid_option"
    assert "console_ca_path" in caught.value.message


def reply(status, body):
    return _transport.Reply(status, {}, body)


@pytest.mark.parametrize(
    "body, text",
    [
        (
            {"@type": "error", "code": "UI_10000", "description": "no privilege", "statusCode": 403},
            "UI_10000: no privilege",
        ),
        ({"error": {"code": "IDS_085", "message": "made up", "requestId": "r", "details": None}}, "IDS_085: made up"),
        ({"error": "plain"}, ""),
        (["x"], ""),
    ],
)
def test_the_servers_words_from_both_kinds_of_error_body(body, text):
    assert server_text(reply(403, json.dumps(body).encode())) == text


def test_a_server_that_quotes_a_secret_is_not_repeated():
    body = json.dumps(
        {"error": {"code": "X", "message": "password planted-secret is too short\r\nInjected: line"}}
    ).encode()
    error = failure(reply(400, body), "PUT x", stage="write", secrets=["planted-secret"])
    assert error.code == "write_refused"
    assert "planted-secret" not in str(error.as_result())
    assert "\n" not in error.message


@pytest.mark.parametrize(
    "written",
    [str, quote, quote_plus, html.escape, json.dumps, lambda text: base64.b64encode(text.encode()).decode()],
)
def test_a_secret_is_not_repeated_in_another_spelling(written):
    secret = """Pw/"'&<core> \u00fc"""
    body = json.dumps({"error": {"code": "X", "message": f"not taken: {written(secret)}!"}}).encode()
    assert server_text(reply(400, body), [secret]).replace('"', "") == "X: not taken: ********!"


@pytest.mark.parametrize(
    "status, stage, code",
    [
        (401, "read", "session_expired"),
        (403, "write", "forbidden"),
        (404, "read", "not_found"),
        (409, "write", "write_refused"),
        (422, "write", "write_refused"),
        (412, "write", "concurrent_change"),
        (429, "read", "rate_limited"),
        (500, "read", "console_error"),
        (503, "write", "console_error"),
        (400, "read", "unexpected_reply"),
    ],
)
def test_each_status_has_its_code(status, stage, code):
    assert failure(reply(status, b""), "GET x", stage=stage).code == code


def test_a_redirect_may_be_the_answer(server, transport):
    server.script = [answer(302, Location="http://localhost:1/elsewhere")]
    assert transport.send("GET", server.url, stage="sign_in", follow=False).status == 302
    assert len(server.seen) == 1


def test_a_proxy_that_does_not_speak_http_is_refused(server):
    transport = _transport.Transport(
        timeout=5, context=_http.tls_context(None, True), environ={"all_proxy": "socks5://u:planted@127.0.0.1:1"}
    )
    with pytest.raises(ConsoleError) as caught:
        transport.send("GET", server.url, stage="read")
    assert caught.value.code == "invalid_option"
    assert "planted" not in str(caught.value.as_result())
    assert server.seen == []


@pytest.mark.parametrize(("headers", "path"), [({"X-Test": "a\r\nplanted: 1"}, "/"), ({}, "\\planted:/ /")])
def test_what_cannot_be_sent_is_said_without_repeating_it(server, transport, headers, path):
    server.script = [answer(200)]
    try:
        transport.send("GET", server.url + path, stage="read", headers=headers)
    except ConsoleError as error:
        assert "planted: 1" not in str(error.as_result())
    assert all("planted" not in named for _method, _path, named, _body in server.seen)


def test_an_answer_without_a_body_leaves_the_connection_in_use(server, transport):
    server.script = [answer(204, b"")]
    ports = []
    server.script = [lambda handler: (ports.append(handler.client_address), answer(204, b"")(handler))]
    for _number in range(3):
        assert transport.send("GET", server.url, stage="read").body == b""
    assert len(set(ports)) == 1


def test_headers_that_come_twice_are_all_kept(server, transport):
    def twice(handler):
        handler.send_response(200)
        for value in ("a=1", "b=2"):
            handler.send_header("Set-Cookie", value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.script = [twice]
    assert transport.send("GET", server.url, stage="read").headers["set-cookie"] == "a=1, b=2"
    assert "cookie" not in {name.lower() for _m, _p, named, _b in server.seen for name in named}


def test_each_request_goes_to_its_own_server_whatever_the_one_before_did(server, transport):
    with serving() as other:
        for url in (f"{server.url}/a?b=c#d", f"{other.url}/a", server.url, f"{other.url}?b=c", f"{other.url}/a/b"):
            assert transport.send("GET", url, stage="read").status == 200
    assert [path for _method, path, _headers, _body in server.seen] == ["/a?b=c", "/"]
    assert [path for _method, path, _headers, _body in other.seen] == ["/a", "/?b=c", "/a/b"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://console.example.org/a/b", "https://console.example.org"),
        ("http://[::1]:8080/a//b", "http://[::1]:8080"),
        ("http://console.example.org?a=//b", "http://console.example.org"),
        ("http://console.example.org#/a", "http://console.example.org"),
        ("http://console.example.org", "http://console.example.org"),
    ],
)
def test_the_origin_of_an_address(url, origin):
    assert _http.origin_of(url) == origin
