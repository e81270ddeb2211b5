# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error codes of work on many targets, as rows of the catalogue: meaning, retryable, what to do."""

from __future__ import annotations

FLEET_FAULTS: dict[str, tuple[str, bool, str]] = {
    "targets_failed": (
        "More targets failed than max_failed allows.",
        True,
        "Correct what the message says of each; targets that were done are not touched again by the next run.",
    ),
    "document_missing": (
        "The host has no variable of the name that document gives.",
        False,
        "Set the variable for this host or one of its groups, or take the host out of the play.",
    ),
    "document_invalid": (
        "The variable that document names cannot be templated, or is no dictionary.",
        False,
        "Correct the variable; play, role and task variables cannot be used in it.",
    ),
    "target_repeated": (
        "Two hosts of the task are the same execution target.",
        False,
        "Leave one of the two hosts out, or correct its cai_target_id.",
    ),
    "changed_since_plan": (
        "Somebody changed a target, or its wishes, after the rollout was planned. It was left as it is.",
        False,
        "Look at what was changed, plan again, and apply the new plan_digest.",
    ),
    "not_in_plan": (
        "A host joined after the rollout was planned.",
        False,
        "Take it with --tags catch_up, or plan again.",
    ),
    "plan_unknown": (
        "The plan_digest is not that of a plan which is there, or the plan's file was altered.",
        False,
        "Give the plan_digest that the plan printed, with the same state_dir, name and plan_file; or plan again.",
    ),
    "export_exists": (
        "A file of the export is there already and says something else.",
        False,
        "Set dest to another folder, or overwrite to true if what the files say may be lost.",
    ),
    "run_cancelled": (
        "The run was ended before this was done.",
        True,
        "Run again; what was done is not done again.",
    ),
    "internal_error": (
        "An error in the collection itself, at this target only.",
        False,
        "Report the name of the exception and the place in the message to the collection's issue tracker.",
    ),
}
