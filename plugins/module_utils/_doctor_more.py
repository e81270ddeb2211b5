# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor finds, and its further checks: which binding fits, and a write of what is there, with a read-back."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._bindings import BINDINGS
from ansible_collections.cai.console.plugins.module_utils._bindings._bodies import body_of, same
from ansible_collections.cai.console.plugins.module_utils._converge import save
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.server_properties import SERVER_PROPERTIES

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Stored
    from ansible_collections.cai.console.plugins.module_utils._console import Console
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service

WRITTEN: tuple[Service, ...] = (SERVER_PROPERTIES, EMAIL_SERVICE, ALERT_SERVICE)
Row = t.Tuple[str, t.List[str], str]


class Finding(t.NamedTuple):
    """The result of one check: its ``verdict`` is ``ok``, ``warning``, ``failed`` or ``skipped``."""

    check: str
    verdict: str
    message: str
    remedy: str = ""

    def as_line(self) -> str:
        """Return it as a line for a person."""
        name = self.check.replace("_", "-")
        return f"{self.verdict:<8} {name:<13} {self.message} {self.remedy}".rstrip()


class Wanted(t.NamedTuple):
    """What is asked for beyond the usual: ``bindings`` to compare; to ``write`` what is stored, with its secrets; the
    ``entries`` of the console's documents.
    """

    bindings: t.Sequence[str] | None = None
    write: bool = False
    password: str | None = None
    client_secret: str | None = None
    entries: bool = False


def compare(given: t.Iterable[str], console_of: t.Callable[[dict[str, t.Any]], Console]) -> list[Row]:
    """Return, for each binding that ships and each of ``given``, its name, the services that can be read through it,
    and what the others say. Reads only.
    """
    rows: list[Row] = []
    for value in dict.fromkeys([*BINDINGS, *given]):
        binding = find_binding(value)
        readable, said = [], ""
        for service in binding["services"]:
            try:
                console_of(binding).read(service)
                readable.append(service)
            except ConsoleError as error:
                said = said or error.message
        rows.append((binding["meta"]["name"], readable, said))
    return rows


def rewrite(console: Console, password: str | None, client_secret: str | None) -> tuple[list[str], list[str]]:
    """Write what every bound service holds already, and read it back. Every option must be equal, and no other member
    may be lost; ``write_not_confirmed`` names the service otherwise. Nothing is written, of any service, while a secret
    that the console holds is not given.

    Return the services, and the members that the console changed by itself, such as who saved it last.
    """
    moved: list[str] = []
    given = {"password": password, "oauth.client_secret": client_secret}
    services = [service for service in WRITTEN if service.name in console.bound_services()]
    held = {service.name: console.read(service.name) for service in services}
    for service in services:
        console.require_writable(service.name)
    secrets = _secrets_in_use(held, given)
    for service in services:
        stored = held[service.name]
        carried = secrets if service.secrets else {}
        after = save(service, console, stored, stored.settings, carried)
        moved += _require_same(service, console, stored, after)
    return [service.title for service in services], moved


def _secrets_in_use(held: t.Mapping[str, Stored], given: t.Mapping[str, str | None]) -> dict[str, str | None]:
    stored = held.get(EMAIL_SERVICE.name)
    if stored is None:
        return {}
    by_oauth = stored.settings["authentication"] == "oauth"
    secret = next(item for item in EMAIL_SERVICE.secrets if (item.used_with == "oauth") is by_oauth)
    state = stored.secrets.get(secret.name, "unset")
    if given[secret.name]:
        return {secret.name: given[secret.name]}
    if state == "set" or (state == "unknown" and stored.settings[secret.owner]):
        raise ConsoleError(
            "secret_required",
            f"The console holds {secret.name}, and a write could lose it.",
            stage="plan",
            remedy="Give it: write_password or write_client_secret.",
        )
    return {}


def _require_same(service: Service, console: Console, before: Stored, after: Stored) -> list[str]:
    """Compare the members that no option names too, but for secrets and the binding's stamp. Return those that were
    changed; one that was lost is an error.
    """
    bound = console.service(service.name)
    places = [field["at"][0] for field in bound["fields"].values() if field.get("secret")]
    bodies = [body_of(stored.raw).copy() for stored in (before, after)]
    for body in bodies:
        for place in [*places, *([bound["stamp"]] if "stamp" in bound else [])]:
            body.drop(place)
    one, other = (body.raw for body in bodies)
    if same(one, other):
        return []
    moved = _moved(one, other, "") if isinstance(one, dict) and isinstance(other, dict) else None
    if moved is not None:
        return moved
    said = f"The {service.title} was written as it was read, and reads otherwise now."
    raise ConsoleError("write_not_confirmed", said, stage="read_back")


def _moved(one: t.Any, other: t.Any, place: str) -> list[str] | None:
    """Return the members whose plain value differs; None where one was lost, or is of another shape."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        plain = not isinstance(one, (dict, list)) and not isinstance(other, (dict, list))
        return [place] * (one != other) if plain or one == other else None
    if set(one) - set(other):
        return None
    found: list[str] = []
    for name in one:
        inner = _moved(one[name], other[name], f"{place}.{name}".lstrip("."))
        if inner is None:
            return None
        found += inner
    return found
