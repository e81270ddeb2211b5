# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform API's objects, built from the fleet; made-up values in the documented and observed members."""

from __future__ import annotations

from typing import Any

from cai_lab.console.core import Console
from cai_lab.fleet import HOSTED_PORT, Agent, Fleet, Group, Organisation, uuid

SEEDED = "2025-01-01T00:00:00.000Z"
STARTED = "2025-01-02T00:00:00.000Z"
STAMPS = {"createTime": SEEDED, "updateTime": STARTED, "createdBy": "admin", "updatedBy": "admin"}
ENGINE_VERSION = "9174990.3"


def agent(console: Console, item: Agent) -> dict[str, Any]:
    """An agent as the list forms give it."""
    return {"@type": "agent", **_common(console, item), "readyToRun": item.engine != "STOPPED"}


def agent_details(console: Console, item: Agent, configured: bool) -> dict[str, Any]:
    """An agent with its engines; ``configured`` adds their settings, clear-text passwords included, as observed."""
    ready = {} if item.ready is None else {"readyToRun": item.ready}
    engines = [_engine(console, item, "DataIntegrationServer", "Data Integration Server", "RUNNING", None)]
    if item.engine is not None:
        settings = _settings(console, item) if configured else None
        engines.append(_engine(console, item, "process-engine", "Process Server", item.engine, settings))
    return {"@type": "agentdetails", **_common(console, item), **ready, "agentEngines": engines}


def _common(console: Console, item: Agent) -> dict[str, Any]:
    return {
        "id": item.id,
        "orgId": item.org.id,
        "name": item.name,
        **STAMPS,
        "active": True,
        "platformAgent": True,
        "platform": "linux64",
        "agentHost": item.host,
        "serverUrl": console.pod_url,
        "proxyPort": 0,
        "agentVersion": "70.1",
        "upgradeStatus": "NotUpgrading",
        "spiUrl": "deprecated",
        "lastUpgraded": STARTED,
        "lastUpgradeCheck": STARTED,
        "lastStatusChange": STARTED,
        "configUpdateTime": STARTED,
        "packages": [],
        "agentConfigs": [],
        "agentGroupId": item.group.id,
        "federatedId": uuid("agent", item.id),
    }


def _engine(
    console: Console, item: Agent, appname: str, display: str, status: str, settings: list[dict[str, Any]] | None
) -> dict[str, Any]:
    engine: dict[str, Any] = {
        "@type": "AgentEngine",
        "agentEngineStatus": {
            "@type": "AgentEngineStatus",
            "appname": appname,
            "appDisplayName": display,
            "appversion": ENGINE_VERSION,
            "replacePolicy": "REPLACE_VERSION",
            "status": status,
            "desiredStatus": status,
            "subState": "0",
            "createTime": SEEDED,
            "updateTime": STARTED,
        },
        "packages": [f"package-{appname}.{ENGINE_VERSION.partition('.')[0]}"],
    }
    if settings is not None:
        engine["agentEngineConfigs"] = settings
    return engine


def _settings(console: Console, item: Agent) -> list[dict[str, Any]]:
    """The process engine's settings; text values wrapped in single quotes, numbers not, as observed."""
    port = str(console.fleet.ports.get(item.id, HOSTED_PORT))
    http, https = (str(HOSTED_PORT), port) if console.tls else (port, "7443")
    settings = [
        ("connectors", "http-port", http),
        ("connectors", "https-port", https),
        ("server", "host-name", "'localhost'"),
        ("server", "shutdown-port", "7005"),
        ("server", "key-alias", "'localhost'"),
        ("server", "key-store", "'../conf/ae.keystore'"),
        ("server", "key-store-password", "'SECRET-key-store-password'"),
        ("server", "trust-store", "'../conf/ae.truststore'"),
        ("server", "trust-store-password", "'SECRET-trust-store-password'"),
        ("server", "ssl-enabled-protocols", "'TLSv1.2'"),
        ("jvm", "max-heap", "'1024m'"),
        ("cluster", "enabled", "true" if item.group.cluster else "false"),
    ]
    if item.group.cluster:
        primary = console.fleet.members(item.group)[0].name
        settings += [("cluster", "name", f"'{item.group.cluster}'"), ("cluster", "primary-node", f"'{primary}'")]
    return [
        {"@type": "engineConfig", "type": kind, "name": name, "value": value, "platform": "all", "customized": False}
        for kind, name, value in settings
    ]


def environment(fleet: Fleet, group: Group) -> dict[str, Any]:
    """A runtime environment (agent group)."""
    members = [
        {"@type": "agent", "id": item.id, "orgId": item.org.id, "name": item.name, **STAMPS}
        for item in fleet.members(group)
    ]
    return {
        "@type": "runtimeEnvironment",
        "id": group.id,
        "orgId": group.org.id,
        "name": group.name,
        "description": "",
        **STAMPS,
        "agents": members,
        "isShared": group.shared,
        "federatedId": uuid("group", group.id),
        "createTimeUTC": SEEDED,
        "updateTimeUTC": STARTED,
        "serverlessConfig": None,
    }


def organisation(org: Organisation) -> dict[str, Any]:
    """An organisation. No public sample of this object was found: its members are assumed."""
    return {
        "@type": "org",
        "id": org.id,
        "orgUuid": org.uuid,
        "name": org.name,
        "parentOrgId": org.parent.id if org.parent else None,
        **STAMPS,
    }
