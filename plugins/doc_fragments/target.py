# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option that names the execution target."""

from __future__ import annotations


class ModuleDocFragment:
    """The target."""

    DOCUMENTATION = r"""
options:
  target:
    description:
      - Name or id of the execution target, which is the Cloud Server, a Secure Agent or a clustered group of agents.
      - V(Cloud Server) is the Cloud Server, in any spelling such as V(cloud_server).
      - Without it, the host variable C(cai_target_id) counts, then C(inventory_hostname).
    type: str
"""
