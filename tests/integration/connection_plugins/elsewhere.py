# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is local in all but its name: what goes over it takes the door for hosts that are elsewhere."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: elsewhere
short_description: The local connection under another name
description: Tasks run on the controller, but as they would on another host (a module is packed and started).
author: The cai.console authors (@cai-console)
extends_documentation_fragment: [connection_pipelining]
"""


class Connection(LocalConnection):
    """See the module's text."""

    transport = "elsewhere"
