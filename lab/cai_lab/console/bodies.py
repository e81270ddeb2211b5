# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers: JSON, and errors in the shapes that the console and what stands before it use."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from typing import Any

from aiohttp import web

JSON = "application/json"


class ConsoleError(Exception):
    """A refusal: status, the console's code and message; ``kind`` forces a body (v2, v3, html, empty)."""

    def __init__(
        self, status: int, code: str, message: str, *, kind: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.kind = kind
        self.retry_after = retry_after


def bad_request(message: str) -> ConsoleError:
    """400: what was sent is not what the console takes."""
    return ConsoleError(400, "CAI_400", message)


def not_found(message: str = "The requested resource was not found.") -> ConsoleError:
    """404."""
    return ConsoleError(404, "CAI_404", message)


def forbidden(message: str) -> ConsoleError:
    """403."""
    return ConsoleError(403, "CAI_403", message)


def reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return web.Response(body=body, status=status, headers=headers, content_type=JSON)


def error_reply(error: ConsoleError, kind: str) -> web.Response:
    """The answer of a refusal; ``kind`` is the body unless the refusal forces one."""
    kind = error.kind or kind
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if kind == "empty":
        return web.Response(status=error.status, headers=headers)
    if kind == "html":
        title = f"{error.status} {HTTPStatus(error.status).phrase}"
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return web.Response(text=page, status=error.status, headers=headers, content_type="text/html")
    return reply(error_object(error, kind), error.status, headers)


def error_object(error: ConsoleError, kind: str) -> dict[str, Any]:
    """The documented error object of v2 or v3."""
    if kind == "v2":
        return {"@type": "error", "code": error.code, "description": error.message, "statusCode": error.status}
    request_id = secrets.token_hex(11)
    return {"error": {"code": error.code, "message": error.message, "requestId": request_id, "details": None}}


def text_of(body: dict[str, Any], name: str) -> str:
    """A member that must be text; 400 otherwise."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise bad_request(f"{name} must be a text.")
    return value
