# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialects put together: their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from cai_lab.dialects import pages
from cai_lab.dialects.doors import Doors, Handler
from cai_lab.dialects.form_doors import Forms
from cai_lab.dialects.json_doors import Nested, Patch
from cai_lab.dialects.tongues import DIALECTS, FORM, TREE
from cai_lab.dialects.xml_doors import Tree
from cai_lab.fleet import Target
from cai_lab.page.desk import Desk, Visit

if TYPE_CHECKING:
    from cai_lab.console.core import Console

ROOT = "/dialects"
WITH_HEADER = ("plain", TREE.name)


class Dialects:
    """The handlers of all dialects; ``desk`` is their way to the console."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self._doors = Doors(console, desk)

    def add_to(self, application: web.Application) -> None:
        """Add the addresses."""
        router, doors = application.router, self._doors
        nested, patch, tree, forms = Nested(doors), Patch(doors), Tree(doors), Forms(doors)
        router.add_get(f"{ROOT}/dialect.js", _script)
        for name in DIALECTS:
            if name != FORM.name:
                router.add_get(f"{ROOT}/{name}/page", doors.page(self._page(name)))
        router.add_post(f"{ROOT}/nested/api", doors.call(nested.way, nested.api))
        node = f"{ROOT}/patch/nodes/{{node}}"
        router.add_get(f"{node}/jobs/{{job}}", doors.call(patch.way, patch.job))
        router.add_post(f"{node}/email/test", doors.call(patch.way, patch.test))
        router.add_get(f"{node}/{{service}}", doors.call(patch.way, patch.read))
        router.add_patch(f"{node}/{{service}}", doors.call(patch.way, patch.change))
        router.add_get(f"{ROOT}/tree/settings", doors.call(tree.way, tree.read))
        router.add_put(f"{ROOT}/tree/settings", doors.call(tree.way, tree.write))
        router.add_post(f"{ROOT}/tree/test", doors.call(tree.way, tree.test))
        router.add_get(f"{ROOT}/form/{{node}}/services", doors.page(forms.show))
        router.add_post(f"{ROOT}/form/{{node}}/{{service}}", doors.page(forms.send))

    def _page(self, name: str) -> Handler:
        async def show(request: web.Request, visit: Visit, target: Target) -> web.StreamResponse:
            session = visit.session.id if name in WITH_HEADER else ""
            text = pages.scripted(DIALECTS[name], target, session, self._doors.token(visit.session))
            return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

        return show


async def _script(request: web.Request) -> web.StreamResponse:
    return web.Response(body=pages.SCRIPT, content_type="text/javascript")
