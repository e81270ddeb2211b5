# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The local connection under another name: what goes over it is packed and started as a module, as on another host."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: afar
short_description: The local connection under another name
description: Tasks run on the controller, but as they would on another host.
author: The cai.console authors (@cai-console)
extends_documentation_fragment: [connection_pipelining]
"""


class Connection(LocalConnection):
    """See the module's text."""

    transport = "afar"
