# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that a body can have, and how an answer becomes one. What comes from a console is bounded before it is
taken apart.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.cai.console.plugins.module_utils._bindings import _html_form, _soap_body, _xml_body
from ansible_collections.cai.console.plugins.module_utils._bindings._form_body import FormBody
from ansible_collections.cai.console.plugins.module_utils._bindings._json_body import JsonBody
from ansible_collections.cai.console.plugins.module_utils._bindings._soap_body import SoapBody
from ansible_collections.cai.console.plugins.module_utils._bindings._words import MISSING
from ansible_collections.cai.console.plugins.module_utils._bindings._xml_body import XmlBody
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

MAX_BYTES = 2 * 1024 * 1024
Body = t.Union[JsonBody, FormBody, XmlBody]
BODIES: dict[str, t.Callable[[t.Any], Body]] = {"json": JsonBody, "form": FormBody, "xml": XmlBody, "soap": SoapBody}
CHARSET = re.compile(r"charset=\"?([\w.-]+)", re.IGNORECASE)


def body_of(raw: t.Any) -> Body:
    """Return the body whose ``raw`` this is."""
    if isinstance(raw, ET.Element):
        return XmlBody(raw)
    if isinstance(raw, dict) and set(raw) == {"pairs", "controls"}:
        return FormBody(raw)
    return JsonBody(raw)


def begun(operation: t.Mapping[str, t.Any]) -> Body:
    """Return the body of an operation's request before anything is put into it."""
    kind = operation.get("body", "json")
    return SoapBody(_xml_body.parse(operation["element"].encode())) if kind == "soap" else BODIES[kind](None)


def enclosed(body: Body | None, operation: t.Mapping[str, t.Any]) -> Body | None:
    """Return a body in what it travels in: a document as the text of an element in an envelope."""
    if operation.get("body") != "soap":
        return body
    if body is None or "document_at" not in operation:
        return begun(operation) if body is None else SoapBody(body.raw)
    outer = begun(operation)
    outer.put(operation["document_at"], ET.tostring(t.cast(ET.Element, body.raw), encoding="unicode"))
    return outer


def same(one: t.Any, other: t.Any) -> bool:
    """Whether two bodies' ``raw`` say the same."""
    if isinstance(one, ET.Element) and isinstance(other, ET.Element):
        return bool(_xml_body.tree(one) == _xml_body.tree(other))
    return bool(one == other)


def opened(reply: Reply, operation: t.Mapping[str, t.Any], what: str, stage: str) -> Body:
    """Return the answer as the operation's binding says that it is written."""
    _bounded(reply, what, stage)
    kind = operation.get("reply", "json")
    if kind == "xml":
        try:
            return XmlBody(_xml_body.parse(reply.body))
        except ValueError as error:
            raise _unexpected(f"{what} is not the XML that the binding expects: {error}.", stage) from None
    if kind == "soap":
        return _in_envelope(reply, operation, what, stage)
    if kind == "html":
        form = page_of(reply).form(operation.get("form"))
        if form is None:
            named = f" {operation['form']}" if "form" in operation else ""
            raise _unexpected(f"{what} is a page without the form{named}.", stage)
        return FormBody(form.raw())
    body = JsonBody(reply.json(what, stage))
    if isinstance(body.raw, (dict, list)):
        return body
    raise _unexpected(f"{what} is not an object.", stage)


def _in_envelope(reply: Reply, operation: t.Mapping[str, t.Any], what: str, stage: str) -> Body:
    try:
        body: Body = SoapBody(_soap_body.content_of(reply.body))
        if "document_at" in operation and not operation.get("mutates"):
            text = body.get(operation["document_at"])
            body = XmlBody(_xml_body.parse(b"" if text is MISSING else text.encode(), "utf-8"))
    except ValueError as error:
        raise _unexpected(f"{what} does not hold what the binding expects: {error}.", stage) from None
    return body


def part(body: Body, place: str | None, what: str, stage: str) -> Body:
    """Return what stands at ``place`` as a body of its own."""
    if not place:
        return body
    found = body.below(place)
    if found is MISSING:
        raise _unexpected(f"{what} has no {place}.", stage)
    return type(body)(found)


def page_of(reply: Reply) -> _html_form.Page:
    """Return an answer as a page."""
    named = CHARSET.search(reply.headers.get("content-type", ""))
    try:
        text = reply.body.decode(named.group(1) if named else "utf-8", "replace")
    except LookupError:
        text = reply.body.decode("utf-8", "replace")
    return _html_form.Page(text)


def said(reply: Reply, operation: t.Mapping[str, t.Any], place: str) -> str:
    """Return the text at ``place`` of an answer (for a page, ``#id`` or ``.class``), empty where there is none."""
    try:
        _bounded(reply, "", "")
        if operation.get("reply") == "html":
            return page_of(reply).said.get(place, "")
        found = opened(reply, operation, "", "").get(place)
    except ConsoleError:
        return ""
    return "" if found is MISSING or isinstance(found, (dict, list)) or found is None else str(found)


def _bounded(reply: Reply, what: str, stage: str) -> None:
    if len(reply.body) > MAX_BYTES:
        raise _unexpected(f"{what} has more than {MAX_BYTES} bytes.", stage)


def _unexpected(message: str, stage: str) -> ConsoleError:
    return ConsoleError("unexpected_reply", message, stage=stage)
