# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who and what there is: organisations, users, Secure Agents, runtime environments, execution targets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

CLOUD = "cloud"
HOSTED_PORT = 7080


def uuid(*parts: object) -> str:
    """A made-up but constant identifier of 22 characters, as the platform's federated ids are."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:22]


@dataclass(frozen=True)
class Organisation:
    """An organisation; ``id`` has 6 characters (v2), ``uuid`` 22 (v3)."""

    id: str
    name: str
    parent: Organisation | None = None

    @property
    def uuid(self) -> str:
        """The 22-character id."""
        return uuid("org", self.id)


@dataclass(frozen=True)
class User:
    """A person or robot that may sign in; ``administers`` = has the privilege Console Administration."""

    name: str
    password: str
    org: Organisation
    administers: bool
    number: int

    @property
    def id(self) -> str:
        """The 20-character id (v2)."""
        return f"{self.org.id}03{self.number:012d}"

    @property
    def uuid(self) -> str:
        """The 22-character id (v3)."""
        return uuid("user", self.name)


@dataclass(frozen=True)
class Group:
    """A runtime environment; ``cluster`` is the cluster's name when its members share one process server."""

    id: str
    org: Organisation
    name: str
    cluster: str | None = None
    shared: bool = False


@dataclass(frozen=True)
class Agent:
    """A Secure Agent. ``engine`` is the process engine's status, None without one; ``ready`` None = not reported."""

    id: str
    name: str
    group: Group
    engine: str | None = "RUNNING"
    reachable: bool = True
    ready: bool | None = True
    host: str = "127.0.0.1"

    @property
    def org(self) -> Organisation:
        """The owner."""
        return self.group.org

    @property
    def listens(self) -> bool:
        """Whether it has a direct address of its own in the lab."""
        return self.engine == "RUNNING" and self.reachable and self.host == "127.0.0.1"


@dataclass(frozen=True)
class Target:
    """An execution target: the Cloud Server, an agent's process server, or that of a clustered group."""

    org: Organisation
    id: str
    name: str
    kind: str
    engine: str | None = "RUNNING"
    reachable: bool = True

    @property
    def owner(self) -> tuple[str, str]:
        """Key of its records in the state."""
        return self.org.id, self.id


PARENT = Organisation("00LAB0", "Lab Parent")
SUB = Organisation("00LAB1", "Lab", PARENT)
ORGANISATIONS = {org.id: org for org in (PARENT, SUB)}
USERS = {
    user.name: user
    for user in (
        User("robot@lab.test", "robot-Console-pw1", SUB, True, 1),
        User("viewer@lab.test", "viewer-Console-pw1", SUB, False, 2),
        User("owner@parent.test", "owner-Console-pw1", PARENT, True, 3),
    )
}
MAIL_ACCOUNTS = {"alerts@lab.test": "alerts-Mail-pw1", "reports@lab.test": "reports-Mail-pw1"}


@dataclass
class Fleet:
    """All agents and groups, the seeded ones and those added in bulk; ``ports`` maps agent ids to direct ports."""

    groups: dict[str, Group] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    bulk: int = 0
    _members: dict[str, list[Agent]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._alone("agent-a")
        self._alone("agent-b", ready=None)
        self._alone("Agent Zürich 3", ready=None)
        self._alone("agent-unreachable", reachable=False)
        self._alone("agent-stopped", engine="STOPPED", ready=False)
        self._alone("agent-plain", engine=None)
        self._together("cluster-east", SUB, ("node-1", "node-2"), shared=False)
        self._together("shared-eu", PARENT, ("parent-agent-1", "parent-agent-2"), shared=True)

    def _group(self, org: Organisation, name: str, cluster: str | None, shared: bool) -> Group:
        group = Group(f"{org.id}25{len(self.groups) + 1:012d}", org, name, cluster, shared)
        self.groups[group.id] = group
        return group

    def _agent(self, group: Group, name: str, **more: object) -> None:
        agent = Agent(f"{group.org.id}08{len(self.agents) + 1:012d}", name, group, **more)  # type: ignore[arg-type]
        self.agents[agent.id] = agent
        self._members.setdefault(group.id, []).append(agent)

    def _alone(self, name: str, **more: object) -> None:
        self._agent(self._group(SUB, name, None, False), name, **more)

    def _together(self, name: str, org: Organisation, members: tuple[str, ...], shared: bool) -> None:
        group = self._group(org, name, name, shared)
        for member in members:
            self._agent(group, member)

    def grow(self, count: int) -> None:
        """Add bulk agents: running, reached through the cloud only."""
        for number in range(self.bulk + 1, self.bulk + count + 1):
            self._alone(f"bulk-{number:04d}", host=f"bulk-{number:04d}.lab.test")
        self.bulk += count

    def members(self, group: Group) -> list[Agent]:
        """The agents of a group."""
        return self._members.get(group.id, [])

    def visible_groups(self, org: Organisation) -> Iterator[Group]:
        """The organisation's groups, and those that its parent shares with it."""
        return (group for group in self.groups.values() if self.sees(org, group))

    def visible_agents(self, org: Organisation) -> Iterator[Agent]:
        """The agents of the groups that the organisation sees."""
        return (agent for agent in self.agents.values() if self.sees(org, agent.group))

    @staticmethod
    def sees(org: Organisation, group: Group) -> bool:
        """Whether the organisation sees the group."""
        return group.org is org or (group.shared and group.org is org.parent)

    @staticmethod
    def cloud(org: Organisation) -> Target:
        """The organisation's Cloud Server."""
        return Target(org, CLOUD, "Cloud Server", "cloud")

    def target(self, agent: Agent) -> Target:
        """The execution target that the agent's process server is, or belongs to."""
        if agent.group.cluster:
            return Target(agent.org, agent.group.id, agent.group.name, "group", agent.engine, agent.reachable)
        return Target(agent.org, agent.id, agent.name, "agent", agent.engine, agent.reachable)

    def find(self, org: Organisation, identifier: str) -> Target | None:
        """The target that an agent's or group's id names, as seen by an organisation; None when it sees none."""
        agent = self.agents.get(identifier)
        group = self.groups.get(identifier)
        if agent is None and group is not None:
            agent = next(iter(self.members(group)), None)
        if agent is None or not self.sees(org, agent.group):
            return None
        return self.target(agent)

    def targets(self, org: Organisation) -> list[Target]:
        """Every execution target that the organisation sees, each once."""
        found = {CLOUD: self.cloud(org)}
        for agent in self.visible_agents(org):
            if agent.engine is not None:
                target = self.target(agent)
                found[target.id] = target
        return list(found.values())

    def named(self, org: Organisation, name_or_id: str) -> Target:
        """For the lab's control interface: a target by id or name; LookupError without one."""
        for target in self.targets(org):
            if name_or_id in (target.id, target.name):
                return target
        found = self.find(org, name_or_id)
        if found is None:
            raise LookupError(f"organisation {org.id} has no target {name_or_id!r}")
        return found
