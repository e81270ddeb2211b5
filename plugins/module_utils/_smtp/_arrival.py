# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for the message in a mailbox, and tells delivered, deferred, bounced and lost apart. 250 is not delivery."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp import _mailparts
from ansible_collections.cai.console.plugins.module_utils._smtp._imap import ImapBox
from ansible_collections.cai.console.plugins.module_utils._smtp._maildir import Maildir
from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._found import Box, Found
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Arrival

Finding = t.Tuple[str, str]


class Watch:
    """One mailbox for one probe. ``facts`` is the result's ``arrival``."""

    def __init__(self, arrival: Arrival, probe: str) -> None:
        self._arrival = arrival
        self._probe = probe
        self._box: Box = ImapBox(arrival.imap) if arrival.imap else Maildir(t.cast(str, arrival.maildir))
        self._began = 0.0
        self._reports = False
        self._own: dict[tuple[str, str], Found] = {}
        self._seen: set[tuple[str, str]] = set()
        self._clear: list[Found] = []
        self.facts: dict[str, t.Any] = {
            "seen": False,
            "latency_ms": None,
            "folder": None,
            "duplicates": 0,
            "hops": [],
            "authentication_results": None,
            "report": None,
            "removed": 0,
        }

    def open(self) -> None:
        """Remember what is in the mailbox now. A StageFault ``smtp_mailbox_unreadable`` if it cannot be read."""
        self._box.open()

    def begin(self, *, reports: bool) -> None:
        """The message was accepted just now; ``reports``: the server was asked to report a failure or a delay."""
        self._began = time.monotonic()
        self._reports = reports

    def wait(self) -> tuple[str, list[Finding]]:
        """Return a sentence and findings when the message is there; a StageFault tells what became of it else."""
        if not self.look():
            raise self._absent()
        # A duplicate comes close behind.
        time.sleep(self._arrival.poll)
        self._read()
        return self._delivered()

    def look(self) -> bool:
        """Look until the message is there, a report of its failure is, or the time is over."""
        end = self._began + self._arrival.wait
        while True:
            self._read()
            if self._own:
                return True
            if (self.facts["report"] or {}).get("action") == "failed":
                return False
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(self._arrival.poll, left))

    def close(self) -> None:
        """Remove the probe's own messages, and reports on them, and let go of the mailbox."""
        for found in [*self._own.values(), *self._clear]:
            self.facts["removed"] += int(self._box.remove(found))
        self._own, self._clear = {}, []
        self._box.close()

    def _read(self) -> None:
        try:
            fresh = self._box.fresh()
        except StageFault as fault:
            fault.remedy = "Check the mailbox of arrival. The message was sent, and is not sent again."
            raise
        for found in fresh:
            place = (found.folder, found.key)
            if place in self._seen:
                continue
            self._seen.add(place)
            if _mailparts.is_own(found.raw, self._probe):
                self._arrived(place, found)
                continue
            report = _mailparts.report(found.raw, self._probe)
            if report:
                self.facts["report"] = report
                self._clear.append(found)

    def _arrived(self, place: tuple[str, str], found: Found) -> None:
        if not self._own:
            self.facts.update(
                seen=True,
                latency_ms=round((time.monotonic() - self._began) * 1000, 1),
                folder=found.folder.strip('"'),
                hops=_mailparts.hops(found.raw),
                authentication_results=_mailparts.results(found.raw),
            )
        self._own[place] = found
        self.facts["duplicates"] = len(self._own) - 1

    def _delivered(self) -> tuple[str, list[Finding]]:
        findings = []
        first = next(iter(self._own.values()))
        if first.junk:
            findings.append(("in_junk", f"The message is in the folder {self.facts['folder']}, where nobody looks."))
        if self.facts["duplicates"]:
            findings.append(("duplicates", f"The message is there {self.facts['duplicates'] + 1} times."))
        if any(hop["tls"] is False and hop["protocol"] not in ("LMTP",) for hop in self.facts["hops"]):
            findings.append(("hop_in_clear", "Between two mail servers the message went without TLS."))
        return f"In {self.facts['folder']} after {self.facts['latency_ms']:g} ms.", findings

    def _absent(self) -> StageFault:
        report = self.facts["report"]
        if report:
            said = f"{report['recipient']}: {report['diagnostic'] or report['status']}."
            reply = _mailparts.reply_in(report)
            if report["action"] == "failed":
                return StageFault("smtp_bounced", f"Accepted, then returned. {said}", reply=reply, retryable=False)
            if report["action"] == "delayed":
                return StageFault(
                    "smtp_deferred",
                    f"Accepted but deferred: the server reports a delay. {said}",
                    reply=reply,
                    retryable=True,
                )
            return StageFault(
                "smtp_lost", f"The server reports {report['action']}, but the message is not here. {said}"
            )
        waited = f"within {self._arrival.wait:g} s"
        if self._reports:
            return StageFault(
                "smtp_deferred",
                f"Accepted but deferred: neither the message nor a report of a failure came {waited}; it waits in a "
                "queue, as far as can be told from here.",
            )
        return StageFault(
            "smtp_lost", f"The message did not come {waited}, and the server offers no reports that could tell why."
        )
