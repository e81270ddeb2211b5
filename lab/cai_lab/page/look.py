# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates and files of the page."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).resolve().parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
STATUS_WORDS = {"NOT_AUTHORIZED": "Not authorized", "AUTHORIZED": "Authorized", "EXPIRED": "Expired"}


class Look:
    """Renders pages, and serves the style sheet, the script and the icon."""

    def __init__(self) -> None:
        folder = HERE / "static"
        self._files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["when"] = when
        self._templates.globals["assets"] = {name: _address(name, data) for name, data in self._files.items()}
        self._templates.globals["status_words"] = STATUS_WORDS

    def page(self, template: str, status: int = 200, **context: Any) -> web.Response:
        """A page; nothing of it is stored by caches."""
        text = self._templates.get_template(template).render(context)
        return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file; its address changes with its content, so that it may be kept."""
        name = request.match_info["name"]
        if name not in self._files:
            return web.Response(status=404, text="There is no such file.")
        kept = {"Cache-Control": "max-age=31536000, immutable"}
        return web.Response(body=self._files[name], content_type=TYPES[Path(name).suffix], headers=kept)


def when(stamp: str | None) -> str:
    """A stamp as people read it, to the second: ``2026-01-31 13:05:59 UTC``."""
    return f"{stamp[:10]} {stamp[11:19]} UTC" if stamp else "never"


def _address(name: str, data: bytes) -> str:
    return f"/console/static/{name}?v={hashlib.sha256(data).hexdigest()[:12]}"
