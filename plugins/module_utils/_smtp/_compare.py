# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One verdict over what this host and the console found, in plain words."""

from __future__ import annotations

import typing as t

Report = t.Mapping[str, t.Any]
# Stages that speak of the path to the mail server rather than of the mail server.
_PATH = ("dns", "connect", "banner")


class Verdict(t.NamedTuple):
    """``comparison``: a word, None for one vantage only. ``of_console``: the console's half decides."""

    comparison: str | None
    sentence: str
    error_code: str | None
    of_console: bool = False


def compare(here: Report | None, there: Report | None, server: str, target: str | None) -> Verdict:
    """Return the verdict over one half or both."""
    console = f"The console's test at {target}" if target else "The console's test"
    if there is None:
        only = t.cast(Report, here)
        return Verdict(None, f"This host: {_said(only, server)}", only["error_code"])
    if here is None:
        return Verdict(None, f"{console}: {_said(there, server)}", there["error_code"], of_console=True)
    both = f"This host: {_said(here, server)} {console}: {_said(there, server)}"
    if here["not_tried"] or there["not_tried"]:
        not_here = bool(here["not_tried"] or here["error_code"])
        return Verdict("not_tried", both, (here if not_here else there)["error_code"], of_console=not not_here)
    if here["error_code"] and there["error_code"]:
        same = here["failed_stage"] == there["failed_stage"]
        return Verdict("same_failure" if same else "different_failures", both, here["error_code"])
    return _one_sided(here, there, server, target, both)


def _one_sided(here: Report, there: Report, server: str, target: str | None, both: str) -> Verdict:
    """At least one of the two works."""
    if here["error_code"]:
        said = f"{target or 'The target'} sends through {server}, and this host does not. {both}"
        return Verdict("only_target_works", said, here["error_code"])
    if not there["error_code"]:
        return Verdict("both_work", both, None)
    other = target or "the target"
    if there["failed_stage"] in _PATH:
        said = f"This host reaches {server}, and {other} does not. {both}"
        return Verdict("target_cut_off", said, "smtp_target_cut_off", of_console=True)
    said = f"This host sends through {server}, and {other} does not. {both}"
    return Verdict("only_this_host_works", said, "smtp_console_differs", of_console=True)


def _said(report: Report, server: str) -> str:
    if report["not_tried"]:
        return f"not tried ({report['not_tried']}): {report['detail']}"
    if report["error_code"]:
        stage = report["failed_stage"]
        where = f"fails at the stage {stage}: " if stage else "fails: "
        cause = f" {report['cause']}" if report["cause"] else ""
        return f"{where}{_sentence(report['detail'])}{cause}"
    arrival = report.get("arrival")
    if report["outcome"] == "delivered" and arrival:
        return f"mail leaves through {server} and is in {arrival['folder']} after {arrival['latency_ms']:g} ms."
    if report["outcome"] == "accepted":
        return f"{server} took the message. Whether it arrives was not tested."
    return f"{server} passes every stage that was asked for."


def _sentence(text: str | None) -> str:
    """A server's text often ends without a full stop."""
    said = text or "it does not say why"
    return said if said[-1] in ".!?" else f"{said}."
