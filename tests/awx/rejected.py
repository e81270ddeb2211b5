# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each rule a change of the shipped data that AWX would reject: the object's kind, its name, what is set in it.

A path is the keys and numbers that lead to the value.
"""

from __future__ import annotations

from typing import Any

Change = tuple[str, str, tuple[Any, ...], Any]

CONSOLE = ("credential_types", "CAI console")
READ = ("credentials", "CAI console (plan)")
SOURCE = ("inventory_sources", "CAI targets")
WEBHOOK = ("notifications", "CAI webhook")
NIGHT = ("schedules", "CAI every night")
DOCTOR = ("templates", "CAI doctor")
ROTATE = ("templates", "CAI rotate secret")
PLAN = ("templates", "CAI rollout plan")
FLOW = ("workflows", "CAI configure with approval")
ROLLOUT_FLOW = ("workflows", "CAI rollout with approval")
QUESTION = ("survey_spec", "spec")
NODE = ("simplified_workflow_nodes",)
ENV = ("injectors", "env")
START = "DTSTART:20260101T013000Z RRULE:FREQ=DAILY;"

REJECTED: list[tuple[str, Change]] = [
    ("kind_is_cloud_or_net", (*CONSOLE, ("kind",), "ssh")),
    ("nothing_is_asked_at_runtime", (*CONSOLE, ("inputs", "fields", 2, "ask_at_runtime"), True)),
    ("inputs_fit_the_schema", (*CONSOLE, ("inputs", "fields", 0, "type"), "integer")),
    ("inputs_fit_the_schema", (*CONSOLE, ("inputs", "fields", 0, "format"), "email")),
    ("inputs_fit_the_schema", (*CONSOLE, ("inputs", "fields", 0, "id"), "console-url")),
    ("inputs_fit_the_schema", (*CONSOLE, ("inputs", "dependencies"), {})),
    ("field_ids_are_unique_and_not_tower", (*CONSOLE, ("inputs", "fields", 5, "id"), "tower")),
    ("field_ids_are_unique_and_not_tower", (*CONSOLE, ("inputs", "fields", 5, "id"), "proxy")),
    ("defaults_have_the_type_of_the_field", (*CONSOLE, ("inputs", "fields", 9, "default"), "no")),
    ("only_strings_have_choices_lines_formats_and_secrets", (*CONSOLE, ("inputs", "fields", 9, "secret"), True)),
    ("injectors_fit_the_schema", (*CONSOLE, (*ENV, "CAI-CONSOLE"), "x")),
    ("injectors_fit_the_schema", (*CONSOLE, (*ENV, "CAI_CONSOLE_URL"), "ü")),
    ("injectors_fit_the_schema", (*CONSOLE, ("injectors", "file", "ca"), "x")),
    ("environment_is_allowed", (*CONSOLE, (*ENV, "ANSIBLE_HOST_KEY_CHECKING"), "x")),
    ("environment_is_allowed", (*CONSOLE, (*ENV, "PYTHONPATH"), "x")),
    ("one_file_or_named_files", (*CONSOLE, ("injectors", "file", "template.ca"), "x")),
    ("templates_name_defined_fields", (*CONSOLE, (*ENV, "CAI_CONSOLE_URL"), "{{ address }}")),
    ("templates_name_defined_fields", (*CONSOLE, (*ENV, "CAI_CONSOLE_URL"), "{{ url }")),
    ("templates_name_defined_fields", (*CONSOLE, (*ENV, "CAI_CONSOLE_URL"), "{{ tower }}")),
    (
        "templates_name_defined_fields",
        (*CONSOLE, (*ENV, "CAI_CONSOLE_URL"), "{{ url.__class__.__mro__[1].__subclasses__() }}"),
    ),
    ("templates_name_defined_fields", (*CONSOLE, ("injectors", "file"), {})),
    ("inputs_are_fields_of_the_type", (*READ, ("inputs", "address"), "x")),
    ("inputs_are_fields_of_the_type", (*READ, ("inputs", "accept_any_certificate"), "no")),
    ("inputs_are_fields_of_the_type", (*READ, ("inputs", "password"), "$encrypted$")),
    ("inputs_are_fields_of_the_type", ("credentials", "CAI probe mailbox", ("inputs", "security"), "none")),
    ("required_inputs_are_there", (*READ, ("inputs", "password"), "")),
    ("a_source_of_files_has_a_project", (*SOURCE, ("source_project",), None)),
    ("a_source_of_files_has_a_project", (*SOURCE, ("source",), "ec2")),
    ("the_project_of_a_source_is_not_manual", ("projects", "CAI", ("scm_type",), "")),
    ("a_manual_project_does_not_update", ("projects", "CAI", ("scm_type",), "")),
    ("the_inventory_of_a_source_is_a_plain_one", ("inventories", "CAI targets", ("kind",), "smart")),
    ("the_file_of_a_source_is_in_the_project", (*SOURCE, ("source_path",), "targets.ini")),
    ("nothing_is_told_by_mail", (*WEBHOOK, ("notification_type",), "email")),
    ("a_webhook_is_configured", (*WEBHOOK, ("notification_configuration", "http_method"), "GET")),
    ("a_webhook_is_configured", (*WEBHOOK, ("notification_configuration", "headers"), "none")),
    ("a_webhook_is_configured", (*WEBHOOK, ("notification_configuration",), {"headers": {}})),
    ("messages_are_for_known_events", (*WEBHOOK, ("messages", "finished"), {"body": "{}"})),
    ("messages_are_for_known_events", (*WEBHOOK, ("messages", "error", "message"), "a\nb")),
    ("messages_are_for_known_events", (*WEBHOOK, ("messages", "workflow_approval", "asked"), {"body": "{}"})),
    ("messages_can_be_rendered", (*WEBHOOK, ("messages", "error", "body"), "{{ job.password }}")),
    ("a_rule_has_one_start_with_a_time_zone", (*NIGHT, ("rrule",), "RRULE:FREQ=DAILY;INTERVAL=1")),
    (
        "a_rule_has_one_start_with_a_time_zone",
        (*NIGHT, ("rrule",), "DTSTART:20260101T013000 RRULE:FREQ=DAILY;INTERVAL=1"),
    ),
    ("every_rule_has_an_interval", (*NIGHT, ("rrule",), "DTSTART:20260101T013000Z RRULE:FREQ=DAILY")),
    ("a_rule_has_nothing_that_is_not_supported", (*NIGHT, ("rrule",), f"{START}INTERVAL=1 EXDATE:20260102T013000Z")),
    ("a_rule_has_nothing_that_is_not_supported", (*NIGHT, ("rrule",), f"{START}INTERVAL=1;COUNT=1000")),
    (
        "a_rule_has_nothing_that_is_not_supported",
        (*NIGHT, ("rrule",), f"{START}INTERVAL=1;COUNT=9;UNTIL=20270101T000000Z"),
    ),
    (
        "a_rule_has_nothing_that_is_not_supported",
        (*NIGHT, ("rrule",), START.replace("DAILY", "MONTHLY") + "INTERVAL=1;BYDAY=1MO"),
    ),
    (
        "a_rule_has_nothing_that_is_not_supported",
        (*NIGHT, ("rrule",), START.replace("DAILY", "SECONDLY") + "INTERVAL=1"),
    ),
    ("a_rule_can_be_parsed", (*NIGHT, ("rrule",), START.replace("DAILY", "NIGHTLY") + "INTERVAL=1")),
    ("a_rule_can_be_parsed", (*NIGHT, ("rrule",), f"{START}INTERVAL=1;UNTIL=20250101T000000Z")),
    ("a_schedule_gives_only_what_is_asked_for", (*NIGHT, ("limit",), "agent-a")),
    ("a_schedule_gives_only_what_is_asked_for", (*NIGHT, ("extra_data",), {"x": 1})),
    ("a_schedule_gives_only_what_is_asked_for", (*NIGHT, ("unified_job_template",), "CAI rotate secret")),
    ("survey_of_templates_has_name_description_and_questions", (*ROTATE, ("survey_spec", "description"), None)),
    ("survey_of_templates_has_name_description_and_questions", (*ROTATE, QUESTION, [])),
    ("survey_of_templates_questions_are_complete", (*ROTATE, (*QUESTION, 0, "required"), "yes")),
    ("survey_of_templates_questions_are_complete", (*ROTATE, (*QUESTION, 0, "type"), "secret")),
    ("survey_of_templates_questions_are_complete", (*ROTATE, (*QUESTION, 0, "variable"), "rotate_secret_new")),
    ("survey_of_templates_limits_and_defaults_have_the_type", (*ROTATE, (*QUESTION, 0, "default"), 7)),
    ("survey_of_templates_limits_and_defaults_have_the_type", (*ROTATE, (*QUESTION, 1, "max"), "64")),
    ("survey_of_templates_limits_and_defaults_have_the_type", (*ROTATE, (*QUESTION, 1, "default"), "$encrypted$")),
    ("survey_of_templates_choices_hold_the_default", (*ROTATE, (*QUESTION, 0, "choices"), None)),
    ("survey_of_templates_choices_hold_the_default", (*ROTATE, (*QUESTION, 0, "default"), "token")),
    ("survey_of_templates_secrets_are_passwords", (*ROTATE, (*QUESTION, 1, "type"), "text")),
    (
        "survey_of_templates_secrets_are_passwords",
        ("templates", "CAI consent complete", (*QUESTION, 1, "type"), "text"),
    ),
    ("survey_of_workflows_has_name_description_and_questions", (*FLOW, ("survey_spec",), {"name": "x"})),
    ("survey_of_workflows_questions_are_complete", (*FLOW, ("survey_spec",), {"spec": [{"type": "text"}]})),
    (
        "survey_of_workflows_limits_and_defaults_have_the_type",
        (*FLOW, ("survey_spec",), {"spec": [{"type": "integer", "default": "1"}]}),
    ),
    ("survey_of_workflows_choices_hold_the_default", (*FLOW, ("survey_spec",), {"spec": [{"type": "multiselect"}]})),
    (
        "survey_of_workflows_secrets_are_passwords",
        (*FLOW, ("survey_spec",), {"spec": [{"type": "text", "variable": "the_secret"}]}),
    ),
    ("there_is_an_inventory_or_it_is_asked_for", (*DOCTOR, ("inventory",), None)),
    ("the_playbook_is_one_of_the_project", (*DOCTOR, ("playbook",), "cai.console.doctor")),
    ("the_playbook_is_one_of_the_project", (*DOCTOR, ("playbook",), "cai_targets.yml")),
    ("the_playbook_is_one_of_the_project", (*DOCTOR, ("playbook",), "tasks/main.yml")),
    ("a_branch_needs_a_project_that_allows_it", (*DOCTOR, ("scm_branch",), "next")),
    ("one_credential_of_a_type", (*DOCTOR, ("credentials",), ["CAI console (plan)", "CAI console (apply)"])),
    ("the_job_type_is_run_or_check", (*DOCTOR, ("job_type",), "scan")),
    ("variables_are_an_object", (*DOCTOR, ("extra_vars",), "a=1")),
    ("what_rotates_is_not_sliced", (*ROTATE, ("job_slice_count",), 4)),
    ("nodes_have_known_keys_and_names", (*FLOW, (*NODE, 0, "identifier"), "apply")),
    ("nodes_have_known_keys_and_names", (*FLOW, (*NODE, 1, "unified_job_template"), "CAI doctor")),
    ("nodes_have_known_keys_and_names", (*FLOW, (*NODE, 0, "on_success"), [])),
    ("nodes_run_what_exists_with_what_it_asks_for", (*FLOW, (*NODE, 0, "unified_job_template"), "CAI")),
    ("nodes_run_what_exists_with_what_it_asks_for", (*FLOW, (*NODE, 0, "job_type"), "run")),
    ("nodes_run_what_exists_with_what_it_asks_for", (*FLOW, (*NODE, 0, "extra_data"), {"x": 1})),
    ("a_node_leads_to_another_in_one_way", (*FLOW, (*NODE, 0, "success_nodes"), ["nowhere"])),
    ("a_node_leads_to_another_in_one_way", (*FLOW, (*NODE, 0, "always_nodes"), ["approve"])),
    ("nodes_make_no_cycle", (*FLOW, (*NODE, 2, "success_nodes"), ["plan"])),
    ("approvals_have_a_name_and_whole_seconds", (*FLOW, (*NODE, 1, "approval_node", "timeout"), "1d")),
    ("approvals_have_a_name_and_whole_seconds", (*FLOW, (*NODE, 1, "approval_node"), {"timeout": 1})),
    (
        "apply_has_another_console_user_than_plan",
        ("templates", "CAI configure plan", ("credentials",), ["CAI console (apply)"]),
    ),
    (
        "apply_has_another_console_user_than_plan",
        ("templates", "CAI rollout apply", ("credentials",), ["CAI console (plan)"]),
    ),
    ("apply_has_another_console_user_than_plan", (*READ, ("inputs", "username"), "w")),
    ("a_plan_is_approved_before_it_is_applied", (*ROLLOUT_FLOW, (*NODE, 0, "success_nodes"), ["apply"])),
    ("a_plan_is_approved_before_it_is_applied", (*ROLLOUT_FLOW, (*NODE, 0, "always_nodes"), ["apply"])),
    ("a_failed_apply_fails_the_workflow", (*ROLLOUT_FLOW, (*NODE, 2, "always_nodes"), ["report"])),
    ("a_rollout_names_its_step_and_only_apply_is_sliced", (*PLAN, ("job_slice_count",), 2)),
    ("a_rollout_names_its_step_and_only_apply_is_sliced", (*PLAN, ("ask_job_slice_count_on_launch",), True)),
    ("a_rollout_names_its_step_and_only_apply_is_sliced", (*PLAN, ("job_tags",), "")),
]
