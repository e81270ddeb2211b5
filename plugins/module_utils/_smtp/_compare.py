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
    console = f"the console's test at {target}" if target else "the console's test"
    if here is None or there is None:
        only = t.cast(Report, here if here is not None else there)
        who = "This host" if here is not None else console[0].upper() + console[1:]
        return Verdict(None, f"{who}: {_said(only, server)}", only["error_code"], of_console=here is None)
    both = f"This host: {_said(here, server)} {console[0].upper() + console[1:]}: {_said(there, server)}"
    if here["not_tried"] or there["not_tried"]:
        not_here = bool(here["not_tried"] or here["error_code"])
        return Verdict("not_tried", both, (here if not_here else there)["error_code"], of_console=not not_here)
    if not here["error_code"] and not there["error_code"]:
        return Verdict("both_work", both, None)
    if not here["error_code"]:
        if there["failed_stage"] in _PATH:
            said = f"This host reaches {server}, and {target or 'the target'} does not. {both}"
            return Verdict("target_cut_off", said, "smtp_target_cut_off", of_console=True)
        said = f"This host sends through {server}, and {target or 'the target'} does not. {both}"
        return Verdict("only_this_host_works", said, "smtp_console_differs", of_console=True)
    if not there["error_code"]:
        said = f"{target or 'The target'} sends through {server}, and this host does not. {both}"
        return Verdict("only_target_works", said, here["error_code"])
    same = here["failed_stage"] == there["failed_stage"]
    return Verdict("same_failure" if same else "different_failures", both, here["error_code"])


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
