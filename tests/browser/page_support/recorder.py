# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what Chromium sends and gets, as its developer tools do, and writes it as a HAR."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome

SENSITIVE = ("cookie", "set-cookie", "authorization")


class Recorder:
    """Takes the browser's events. ``collect`` must be called before a page makes way for another: bodies go then. With
    ``late``, bodies are asked for when a HAR is made, as the developer tools do: then it has those of the last page.
    """

    def __init__(self, browser: Chrome, *, late: bool = False) -> None:
        self._browser = browser
        self._late = late
        self._entries: dict[str, dict[str, Any]] = {}
        self._order: list[dict[str, Any]] = []
        self._extra: dict[str, list[dict[str, Any]]] = {}
        browser.get_log("performance")

    def collect(self) -> None:
        """Take what has happened since the last time, with the bodies of the answers."""
        self._take_events()
        if not self._late:
            self._take_bodies()

    def _take_bodies(self) -> None:
        for number, entry in self._entries.items():
            if entry["finished"] and (self._late or "body" not in entry):
                entry["body"] = self._body(number)

    def _take_events(self) -> None:
        for row in self._browser.get_log("performance"):
            message = json.loads(row["message"])["message"]
            handler = getattr(self, "_on_" + message["method"].replace(".", "_"), None)
            if handler:
                handler(message["params"])

    def har(self, *, sanitised: bool = False) -> bytes:
        """The HAR. ``sanitised``: as browsers export it unless told otherwise, without cookies and authorization."""
        self._take_events()
        self._take_bodies()
        entries = [_entry(item, sanitised) for item in self._order if "response" in item]
        log = {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "pages": [], "entries": entries}
        return json.dumps({"log": log}).encode()

    def _on_Network_requestWillBeSent(self, params: dict[str, Any]) -> None:
        number = params["requestId"]
        if "redirectResponse" in params and number in self._entries:
            self._entries[number].update(response=params["redirectResponse"], body={"body": ""})
        entry = {"request": params["request"], "time": params["wallTime"], "finished": False, "number": number}
        self._entries[number] = entry
        self._order.append(entry)
        for name in ("sent", "got"):
            self._take_extra(number, name)

    def _on_Network_requestWillBeSentExtraInfo(self, params: dict[str, Any]) -> None:
        self._extra.setdefault(params["requestId"] + "sent", []).append(params["headers"])
        self._take_extra(params["requestId"], "sent")

    def _on_Network_responseReceivedExtraInfo(self, params: dict[str, Any]) -> None:
        self._extra.setdefault(params["requestId"] + "got", []).append(params["headers"])
        self._take_extra(params["requestId"], "got")

    def _on_Network_responseReceived(self, params: dict[str, Any]) -> None:
        if params["requestId"] in self._entries:
            self._entries[params["requestId"]]["response"] = params["response"]

    def _on_Network_loadingFinished(self, params: dict[str, Any]) -> None:
        if params["requestId"] in self._entries:
            self._entries[params["requestId"]]["finished"] = True

    def _take_extra(self, number: str, name: str) -> None:
        """Headers as they really travelled come apart from the rest, one for each step of a redirect."""
        waiting = self._extra.get(number + name, [])
        for entry in self._order:
            if waiting and entry["number"] == number and f"{name}_headers" not in entry:
                entry[f"{name}_headers"] = waiting.pop(0)

    def _body(self, number: str) -> dict[str, Any]:
        try:
            return dict(self._browser.execute_cdp_cmd("Network.getResponseBody", {"requestId": number}))
        except WebDriverException:
            return {}


def _entry(item: dict[str, Any], sanitised: bool) -> dict[str, Any]:
    asked, reply, body = item["request"], item["response"], item.get("body", {})
    sent = item.get("sent_headers") or asked["headers"]
    parts = urlsplit(asked["url"])
    content = {"mimeType": reply.get("mimeType", ""), "text": body.get("body", "")}
    if body.get("base64Encoded"):
        content["encoding"] = "base64"
    cookies = next((value for name, value in sent.items() if name.lower() == "cookie"), "")
    pairs = [part.strip().partition("=") for part in cookies.split(";") if part.strip()]
    posted = {"mimeType": _header(sent, "content-type"), "text": asked["postData"]} if "postData" in asked else None
    return {
        "startedDateTime": datetime.datetime.fromtimestamp(item["time"], datetime.UTC).isoformat(),
        "request": {
            "method": asked["method"],
            "url": asked["url"],
            "headers": _headers({**sent, ":method": asked["method"]}, sanitised),
            "cookies": [] if sanitised else [{"name": name, "value": value} for name, _equals, value in pairs],
            "queryString": [{"name": name, "value": value} for name, value in parse_qsl(parts.query)],
            **({"postData": posted} if posted else {}),
        },
        "response": {
            "status": reply["status"],
            "headers": _headers({**reply["headers"], **item.get("got_headers", {})}, sanitised),
            "content": content,
        },
    }


def _headers(headers: dict[str, str], sanitised: bool) -> list[dict[str, str]]:
    return [
        {"name": name, "value": value}
        for name, value in headers.items()
        if not (sanitised and name.lower() in SENSITIVE)
    ]


def _header(headers: dict[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def as_base64(har: bytes) -> bytes:
    """The same HAR with every body of an answer in base64."""
    whole = json.loads(har)
    for entry in whole["log"]["entries"]:
        content = entry["response"]["content"]
        if "encoding" not in content:
            content.update(text=base64.b64encode(content["text"].encode()).decode(), encoding="base64")
    return json.dumps(whole).encode()
