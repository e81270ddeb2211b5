# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a template takes from whoever launches it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# awx/main/models/unified_jobs.py, get_ask_mapping
ASKED = {
    "credentials": "ask_credential_on_launch",
    "diff_mode": "ask_diff_mode_on_launch",
    "execution_environment": "ask_execution_environment_on_launch",
    "forks": "ask_forks_on_launch",
    "inventory": "ask_inventory_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "job_tags": "ask_tags_on_launch",
    "job_type": "ask_job_type_on_launch",
    "limit": "ask_limit_on_launch",
    "scm_branch": "ask_scm_branch_on_launch",
    "skip_tags": "ask_skip_tags_on_launch",
    "timeout": "ask_timeout_on_launch",
    "verbosity": "ask_verbosity_on_launch",
}


def refused_prompts(launch: dict[str, Any], template: dict[str, Any]) -> Iterator[str]:
    """Yield what of a schedule or node the template refuses (_accept_or_ignore_job_kwargs and ..._variables)."""
    for key, asks in ASKED.items():
        if launch.get(key) not in (None, template.get(key)) and not template.get(asks):
            yield f"{key} is not asked for ({asks})"
    if template.get("ask_variables_on_launch"):
        return
    spec = template.get("survey_spec", {}).get("spec", []) if template.get("survey_enabled") else []
    known = {question.get("variable") for question in spec}
    own = template.get("extra_vars", {})
    for name, value in launch.get("extra_data", {}).items():
        if name not in known and own.get(name) != value:
            yield f"variable {name} is not asked for"
