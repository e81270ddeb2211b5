# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execution targets: the Cloud Server, Secure Agents and clustered groups, read from the platform's documented
interface.

The raw answers hold passwords in clear text; only what ``Target`` names leaves this file.
"""

from __future__ import annotations

import difflib
import json
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._replies import failure
from ansible_collections.cai.console.plugins.module_utils._session import ANY, NEWER, NOW
from ansible_collections.cai.console.plugins.module_utils._transport import MAX_BYTES

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._session import Session
    from ansible_collections.cai.console.plugins.module_utils._transport import Reply

PROCESS_ENGINE = "process-engine"
RUNNING = "RUNNING"
AGENTS = "/api/v2/agent/details?onlyStatus=false"
ENVIRONMENTS = "/api/v2/runtimeEnvironment"
ORGANIZATION = "/api/v2/org"
LIST_BYTES = 48 * 1024 * 1024
LIST_VALUES = 2_000_000
"""Of the platform's lists: 10,000 agents, with room."""


class Target(t.NamedTuple):
    """One execution target.

    ``kind`` is ``cloud``, ``agent`` or ``group``; ``status`` is the platform's word for the process engine
    (``RUNNING``), or None where it has none;
    ``host``, ``http_port`` and ``https_port`` say where the process engine itself listens; ``group`` names the
    clustered group of a member;
    ``owner`` is the v2 id of the owning organisation where the target is shared by another one; ``version`` and
    ``platform`` are the agent's, in the platform's words.
    """

    id: str
    name: str
    kind: str
    status: str | None = RUNNING
    active: bool = True
    host: str | None = None
    http_port: str | None = None
    https_port: str | None = None
    group: str | None = None
    owner: str | None = None
    version: str | None = None
    platform: str | None = None

    def is_running(self) -> bool:
        """Whether the process engine answers, as far as the platform knows."""
        return self.status == RUNNING and self.active

    def is_target(self) -> bool:
        """Whether it is an execution target of its own: it has a process engine, and is no member of a group."""
        return self.status is not None and not self.group

    def as_name(self) -> dict[str, str]:
        """Return id, name and kind."""
        return {"id": self.id, "name": self.name, "kind": self.kind}

    def as_dict(self) -> dict[str, t.Any]:
        """Return what ``targets_info`` shows: also the engine's state, and whether the services may be changed here."""
        engine = self.is_target()
        return {
            **self.as_name(),
            "process_engine": self.status,
            "running": self.is_running(),
            "host": self.host,
            "group": self.group,
            "is_target": engine,
            "writable": engine and not self.owner,
            "owner": self.owner,
        }


CLOUD_SERVER = Target(id="cloud_server", name="Cloud Server", kind="cloud")


class Organization(t.NamedTuple):
    """The session's organisation: its v2 ``id`` (6 characters), its v3 ``uuid`` (22) and its name, where told."""

    id: str
    uuid: str | None
    name: str | None


class Directory:
    """Execution targets, found by name or id without a walk through all of them."""

    def __init__(self, targets: t.Iterable[Target]) -> None:
        self.targets = tuple(targets)
        self._called: dict[str, list[Target]] = {}
        for target in self.targets:
            for word in dict.fromkeys((target.id, target.name)):
                self._called.setdefault(word, []).append(target)

    def choose(self, name: str) -> Target:
        """Return the one with this name or id, if it can be worked on."""
        target = CLOUD_SERVER if is_cloud_server(name) else _choose(self._called.get(name, ()), self.targets, name)
        if target.group:
            raise _wrong("group_member", f"{target.name} is a member of the clustered group {target.group}.", target)
        if target.status is None:
            raise _wrong("no_process_engine", "The Secure Agent runs no process engine.", target)
        if not target.is_running():
            state = "not active" if target.status == RUNNING else target.status
            raise _wrong("agent_stopped", f"The process engine is {state}.", target)
        return target


def is_cloud_server(name: str) -> bool:
    """Return whether ``name`` means the Cloud Server, however it is spelt."""
    return name.casefold().replace("_", " ").replace("-", " ") == "cloud server"


def find_target(session: Session, name: str) -> Target:
    """Return the target with this name or id, which runs a process engine; the Cloud Server needs no request.

    The list may be one that the run read before; where that has no fit target, it is read again, once in a run.
    """
    if is_cloud_server(name):
        return CLOUD_SERVER
    mentioned = json.dumps(name)
    rows = (row for row in _remembered(session, ANY).splitlines() if mentioned in row)
    try:
        return Directory([Target(*json.loads(row)) for row in rows]).choose(name)
    except ConsoleError:
        return Directory(list_targets(session, need=NEWER)).choose(name)


def list_targets(session: Session, need: str = NOW) -> list[Target]:
    """Return the Cloud Server, every agent and every clustered group of the session's organisation, in two or three
    requests, or as the run remembers them where ``need`` allows it.
    """
    return [Target(*json.loads(row)) for row in _remembered(session, need).splitlines()]


def _remembered(session: Session, need: str) -> str:
    """Return the list as text, a row of JSON for each target: who looks for one of thousands reads that one only."""

    def load() -> str:
        return "\n".join(json.dumps(target) for target in _read_targets(session))

    return str(session.store.remember("targets", load, need))


def _read_targets(session: Session) -> list[Target]:
    agents = _read(session, AGENTS, LIST_BYTES)
    environments = _read(session, ENVIRONMENTS, LIST_BYTES).json(_answer(session, ENVIRONMENTS), "targets", LIST_VALUES)
    owners = _owners(session, environments)
    found, clustered = [], []
    try:
        for agent in agents.rows(_answer(session, AGENTS), "targets", LIST_VALUES):
            settings = _settings(agent)
            found.append(_agent(agent, settings, owners))
            if settings.get(("cluster", "enabled"), "").lower() == "true":
                clustered.append(agent)
        groups = [group for group in (_group(environment, clustered, owners) for environment in environments) if group]
    except (KeyError, TypeError, AttributeError):
        raise ConsoleError(
            "unexpected_reply", "The platform's list of agents does not have the documented form.", stage="targets"
        ) from None
    names = {group.id: group.name for group in groups}
    groups_of = {agent["id"]: names.get(agent.get("agentGroupId", "")) for agent in clustered}
    return [CLOUD_SERVER, *groups, *(agent._replace(group=groups_of.get(agent.id)) for agent in found)]


def _read(session: Session, path: str, most: int = MAX_BYTES) -> Reply:
    url = session.platform_url + path
    reply = session.send(
        "GET",
        url,
        lambda session_id: {"icSessionId": session_id},
        stage="targets",
        headers={"Accept": "application/json"},
        retry=True,
        most=most,
    )
    if reply.status != 200:
        raise failure(reply, f"GET {url}", stage="targets")
    return reply


def _answer(session: Session, path: str) -> str:
    return f"The answer to GET {session.platform_url}{path}"


def read_organization(session: Session) -> Organization:
    """Return the session's organisation. That it can be read is documented; the form of the answer is assumed."""

    def load() -> list[str | None]:
        answer = _read(session, ORGANIZATION).json(_answer(session, ORGANIZATION), "targets")
        return [str(answer.get("id")), answer.get("orgUuid"), answer.get("name")]

    identity, uuid, name = session.store.remember("organization", load)
    return Organization(identity, uuid, name)


def _owners(session: Session, environments: t.Any) -> dict[str, str]:
    """Return the owner of each environment that another organisation shares; the session's own organisation is asked
    for only where that matters.
    """
    shared = [row for row in environments if isinstance(row, dict) and row.get("isShared") and row.get("orgId")]
    own = read_organization(session).id if shared else None
    return {row["id"]: row["orgId"] for row in shared if row["orgId"] != own}


def _settings(agent: t.Mapping[str, t.Any]) -> dict[tuple[str, str], str]:
    """Return the process engine's settings as ``{(type, name): value}``; text comes wrapped in single quotes
    (observed).
    """
    engine = _engine(agent) or {}
    return {
        (row["type"], row["name"]): str(row.get("value", "")).strip("'")
        for row in engine.get("agentEngineConfigs") or ()
    }


def _engine(agent: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any] | None:
    engines = agent.get("agentEngines") or ()
    return next((engine for engine in engines if engine["agentEngineStatus"]["appname"] == PROCESS_ENGINE), None)


def _agent(
    agent: t.Mapping[str, t.Any], settings: t.Mapping[tuple[str, str], str], owners: t.Mapping[str, str]
) -> Target:
    engine = _engine(agent)
    return Target(
        id=agent["id"],
        name=agent["name"],
        kind="agent",
        status=engine["agentEngineStatus"]["status"] if engine else None,
        active=bool(agent.get("active", True)) and bool(agent.get("readyToRun", True)),
        host=agent.get("agentHost"),
        http_port=settings.get(("connectors", "http-port")),
        https_port=settings.get(("connectors", "https-port")),
        owner=owners.get(agent.get("agentGroupId") or ""),
        version=agent.get("agentVersion"),
        platform=agent.get("platform"),
    )


def _group(
    environment: t.Mapping[str, t.Any], clustered: t.Sequence[t.Mapping[str, t.Any]], owners: t.Mapping[str, str]
) -> Target | None:
    """Return the runtime environment as a target, or None where none of the ``clustered`` agents is a member: its
    members then stand for themselves.
    """
    listed = {agent["id"] for agent in environment.get("agents") or ()}
    theirs = [agent for agent in clustered if agent.get("agentGroupId") == environment["id"] or agent["id"] in listed]
    if not theirs:
        return None
    members = [_agent(agent, _settings(agent), owners) for agent in theirs]
    speaker = next((member for member in members if member.is_running()), members[0])
    owner = owners.get(environment["id"])
    return speaker._replace(id=environment["id"], name=environment["name"], kind="group", owner=owner)


def _choose(called: t.Sequence[Target], targets: t.Sequence[Target], name: str) -> Target:
    """Return the one of ``called``, which have the name; ``targets`` are all, to say what is near."""
    found = [target for target in called if not target.group] or called
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{target.id} ({target.kind})" for target in found)
        raise ConsoleError(
            "target_ambiguous", f"{len(found)} execution targets are named {name}: {ids}.", stage="targets", target=name
        )
    names = [target.name for target in targets if not target.group]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or sorted(names)[:10]
    raise ConsoleError(
        "target_unknown", f"There is no execution target {name}. Near: {', '.join(near)}.", stage="targets", target=name
    )


def _wrong(code: str, message: str, target: Target) -> ConsoleError:
    return ConsoleError(code, message, stage="targets", target=target.name)
