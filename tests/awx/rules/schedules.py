# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dateutil.rrule import rrulestr

from .prompts import refused_prompts
from .rule import rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

PREVIEW = "awx/api/serializers.py, SchedulePreviewSerializer.validate_rrule"
# What must not be found in a rule, with the switches of the expression.
REFUSED = (
    (r"EXDATE:", "EXDATE"),
    (r"RDATE:", "RDATE"),
    (r"RULE:\S*SECONDLY", "SECONDLY"),
    (r"RULE:\S*BYDAY[:=][0-9]+[a-z]{2}", "BYDAY with a number"),
    (r"RULE:\S*COUNT\S*UNTIL|RULE:\S*UNTIL\S*COUNT", "COUNT beside UNTIL"),
    (r"RULE:\S*COUNT=[0-9]{4,}", "COUNT above 999"),
)


@rule("schedules", PREVIEW)
def a_rule_has_one_start_with_a_time_zone(item: Item, _content: Content) -> Iterator[str]:
    """DTSTART once, in UTC or with TZID."""
    rrule = str(item.get("rrule"))
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rrule)
    if len(starts) != 1:
        yield f"{len(starts)} DTSTART"
    yield from (f"{start} has no time zone" for start in starts if re.fullmatch(r"DTSTART:[0-9]+T[0-9]+", start))


@rule("schedules", PREVIEW)
def every_rule_has_an_interval(item: Item, _content: Content) -> Iterator[str]:
    """And there is a rule."""
    rules = re.findall(r"RULE:\S*", str(item.get("rrule")))
    if not rules:
        yield "there is no RRULE"
    yield from (f"{found} has no INTERVAL" for found in rules if "interval" not in found.lower())


@rule("schedules", PREVIEW)
def a_rule_has_nothing_that_is_not_supported(item: Item, _content: Content) -> Iterator[str]:
    """Exceptions, seconds, numbered days, two ends, too many times."""
    yield from (why for refused, why in REFUSED if re.search(refused, str(item.get("rrule")), re.IGNORECASE))


@rule("schedules", "awx/main/models/schedules.py, Schedule.rrulestr")
def a_rule_can_be_parsed(item: Item, _content: Content) -> Iterator[str]:
    """By dateutil, as AWX parses it; its start then knows its time zone, and it happens at all."""
    try:
        found = rrulestr(str(item.get("rrule")), forceset=True)
        first = next(iter(found), None)
    except (ValueError, TypeError) as error:
        yield str(error)
        return
    if first is None:
        yield "it never happens"
    elif first.tzinfo is None:
        yield "its time zone is not known"


@rule("schedules", "awx/api/serializers.py, ScheduleSerializer (LaunchConfigurationBaseSerializer.validate)")
def a_schedule_gives_only_what_is_asked_for(item: Item, content: Content) -> Iterator[str]:
    """Values for fields that the template prompts for, and variables that it or its survey asks for."""
    template = content.one("templates", item.get("unified_job_template"))
    template = template or content.one("workflows", item.get("unified_job_template"))
    if template is None:
        yield f"there is no template {item.get('unified_job_template')}"
        return
    yield from refused_prompts(item, template)
    # Nobody is there to answer.
    given = item.get("extra_data", {})
    spec = template.get("survey_spec", {}).get("spec", []) if template.get("survey_enabled") else []
    yield from (
        f"{asked['variable']} is required"
        for asked in spec
        if asked.get("required") and not asked.get("default") and asked["variable"] not in given
    )
