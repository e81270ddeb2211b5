# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service of an execution target is, as data: its options, its secrets, and the rules that its settings keep."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._binding import Settings
    from ansible_collections.cai.console.plugins.module_utils._converge import Wishes
    from ansible_collections.cai.console.plugins.module_utils._secrets import Secret, Situation

Check = t.Callable[[t.Any], t.Optional[str]]


def _nothing(*unused: t.Any) -> tuple[str, ...]:
    return ()


@dataclasses.dataclass(frozen=True)
class Service:
    """One service.

    ``options``: the argument spec of its settings. ``rules``: option path to a check that returns what is wrong with a
    given value, or None.
    ``normal``: option path to a function under which two values mean the same. ``needs``: from the merged state (and
    the secrets' situation) to the
    options that an enabled service misses. ``warns``: from before, after and wishes to warnings.
    """

    name: str
    title: str
    options: dict[str, dict[str, t.Any]]
    secrets: tuple[Secret, ...] = ()
    rules: t.Mapping[str, Check] = dataclasses.field(default_factory=dict)
    normal: t.Mapping[str, t.Callable[[t.Any], t.Any]] = dataclasses.field(default_factory=dict)
    needs: t.Callable[[Settings, Situation | None], t.Sequence[str]] = _nothing
    warns: t.Callable[[Settings, Settings, Wishes], t.Sequence[str]] = _nothing

    def same(self, path: str, one: t.Any, other: t.Any) -> bool:
        """Return whether two values of an option mean the same to the console."""
        normal = self.normal.get(path)
        return (
            bool(normal(one) == normal(other))
            if normal and one is not None and other is not None
            else bool(one == other)
        )

    def check_given(self, settings: Settings) -> None:
        """Refuse a given value that can never be right; the error names the option."""
        for path, value in settings.items():
            wrong = self.rules[path](value) if path in self.rules else None
            if wrong:
                raise ConsoleError("invalid_option", f"{path} {wrong}.", stage="options")

    def check_merged(self, after: Settings, situation: Situation | None) -> None:
        """Refuse a state in which the service is on but cannot work."""
        missing = self.needs(after, situation)
        if after.get("enabled") and missing:
            raise ConsoleError(
                "incomplete_settings", f"The {self.title} would be enabled without {', '.join(missing)}.", stage="plan"
            )

    def warnings(self, before: Settings, after: Settings, wishes: Wishes) -> t.Sequence[str]:
        """Return what is unusual enough to say."""
        return self.warns(before, after, wishes)
