# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin: every execution target of an organisation is a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: targets
short_description: Execution targets of an organisation as hosts
version_added: 0.1.0
description:
  - Makes a host of the Cloud Server, of every Secure Agent that runs a process engine, and of every clustered group of
    agents, in Informatica Cloud Application Integration. One file describes one organisation; several files can be
    used together.
  - A member of a clustered group is no host, since the group's members share one set of services. A Secure Agent
    without a process engine is none either.
  - The file's name ends with C(cai_targets.yml) or C(cai_targets.yaml), such as C(production.cai_targets.yml).
  - It uses documented interfaces only (sign-in, agents, runtime environments, organisation), so it needs no
    O(console_binding).
  - Nothing is reached by ssh. Each host has C(ansible_connection=local).
  - A play in the same run shares the session of the inventory, if both sign in as the same user.
author:
  - The cai.console authors (@cai-console)
extends_documentation_fragment:
  - cai.console.connection.plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Name of this plugin.
    type: str
    required: true
    choices: [cai.console.targets]
  host_names:
    description:
      - How hosts are named. A name consists of letters without accents, digits, dots, hyphens and underscores.
        Everything else becomes a hyphen, so V(Agent Zürich 3) is C(Agent-Zurich-3).
      - With V(qualified) the organisation's id follows after a dot, such as C(agent-a.0a1b2c). Each organisation has a
        Cloud Server, and a shared group is seen by several, so this is what keeps two files apart.
      - With V(plain) it does not. This is for a single organisation.
      - Where several targets would get the same name, each also gets its own id. Names do not depend on the order in
        which the platform lists the targets, nor on other files.
    type: str
    choices: [qualified, plain]
    default: qualified
notes:
  - The host variables are C(cai_target_id), C(cai_target_name), C(cai_target_kind) (C(cloud), C(agent) or C(group)),
    C(cai_target_state) (the platform's word for the process engine, in lower case, or C(inactive)),
    C(cai_target_running), C(cai_target_version), C(cai_target_platform), C(cai_target_host), C(cai_target_writable),
    C(cai_target_owner), C(cai_target_organization), C(cai_target_organization_name), C(cai_console_organization_id)
    and C(ansible_connection). Nothing else of the platform's answers is kept, since they hold passwords in clear text.
  - The groups are C(cai_execution_targets), C(cai_writable), C(cai_read_only), and C(cai_kind_*), C(cai_state_*),
    C(cai_version_*), C(cai_platform_*) and C(cai_organization_*), in lower case.
  - A group that another organisation shares is in C(cai_read_only), and its C(cai_target_writable) is false. Modules
    refuse to change it (C(not_owner)). Its owner's file has the host that can be written.
  - The shipped playbooks give C(cai_console_organization_id) to the modules, so a user of another organisation is
    refused before anything is read.
  - Text values of the connection options may be templates, and may be encrypted by ansible-vault.
seealso:
  - module: cai.console.targets_info
  - module: cai.console.fleet
"""

EXAMPLES = r"""
# production.cai_targets.yml
plugin: cai.console.targets
console_url: https://usw5-cai.dm-us.informaticacloud.com
console_username: automation@example.org
console_password: "{{ lookup('ansible.builtin.env', 'CONSOLE_PASSWORD') }}"

---
# With groups and variables of one's own, and a cache
plugin: cai.console.targets
console_url: https://usw5-cai.dm-us.informaticacloud.com
console_username: automation@example.org
strict: true
groups:
  canaries: cai_target_name is match('test-')
keyed_groups:
  - key: cai_target_platform
    prefix: runs_on
compose:
  fault_alerts_email: "'operations+' ~ cai_target_organization ~ '@example.org'"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ./cache
cache_timeout: 600
"""

import hashlib
import os
import typing as t

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.cai.console.plugins.module_utils._access import opened
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC, Connection
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._targets import list_targets, read_organization
from ansible_collections.cai.console.plugins.plugin_utils._inventory import Row, make_rows
from ansible_collections.cai.console.plugins.plugin_utils._stores import STORES


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Lists the targets once, or takes them from the cache, and adds hosts, groups and variables."""

    NAME = "cai.console.targets"

    def verify_file(self, path: str) -> bool:
        """Return whether the file is for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("cai_targets.yml", "cai_targets.yaml"))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Fill the inventory; an AnsibleParserError says what went wrong, and no secret."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            connection = Connection.from_params({name: self._value(name) for name in CONNECTION_SPEC})
            rows = self._rows(connection, path, cache)
        except ConsoleError as error:
            raise AnsibleParserError(f"{error.code}: {error.as_result()['msg']}") from None
        for row in rows:
            self._add(inventory, row)

    def _value(self, name: str) -> t.Any:
        value, origin = self.get_option_and_origin(name)
        if origin.startswith("env:") and not os.environ.get("CAI_" + name.upper()):
            # A job runner's credential leaves a variable empty for each field that nobody filled in.
            return CONNECTION_SPEC[name].get("default")
        return self.templar.template(value) if isinstance(value, str) else value

    def _rows(self, connection: Connection, path: str, cache: bool) -> list[Row]:
        """Return the rows; a cache that was filled for another console, user or kind of names is not theirs."""
        whose = [connection.sign_in_url, connection.console_url, connection.username, self.get_option("host_names")]
        key = f"{self.get_cache_key(path)}_{hashlib.sha256(repr(whose).encode()).hexdigest()[:16]}"
        use_cache = self.get_option("cache")
        if use_cache and cache:
            try:
                return [Row(*row) for row in self._cache[key]]
            except KeyError:
                pass
        rows = self._read(connection)
        if use_cache:
            self._cache[key] = [list(row) for row in rows]
        return rows

    def _read(self, connection: Connection) -> list[Row]:
        qualified = self.get_option("host_names") == "qualified"
        with opened(connection, check_mode=True, environ=os.environ, stores=STORES) as access:
            targets = list_targets(access.session)
            organization = read_organization(access.session)
            guard = next(iter(access.session.organization_ids), organization.uuid)
        return make_rows(organization, targets, qualified=qualified, guard=guard)

    def _add(self, inventory: t.Any, row: Row) -> None:
        inventory.add_host(row.name)
        for group in row.groups:
            inventory.add_host(row.name, group=inventory.add_group(group))
        for name, value in row.variables.items():
            inventory.set_variable(row.name, name, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), row.variables, row.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), row.variables, row.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), row.variables, row.name, strict=strict)
