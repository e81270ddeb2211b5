# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys of job templates and workflows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .rule import RULES, Rule

if TYPE_CHECKING:
    from awx.content import Content

    Item = dict[str, Any]

VIEW = "awx/api/views/__init__.py, JobTemplateSurveySpec._validate_spec_data"
# awx/main/constants.py, SURVEY_TYPE_MAPPING
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str,),
    "integer": (int,),
    "float": (float, int),
}
SECRET_WORDS = ("secret", "password", "token", "redirect", "mailbox_url")


def questions(item: Item) -> list[Item]:
    """The questions that are objects at all."""
    spec = (item.get("survey_spec") or {}).get("spec")
    return [question for question in spec if isinstance(question, dict)] if isinstance(spec, list) else []


def has_name_description_and_questions(item: Item, _content: Content) -> Iterator[str]:
    """All three, of their types, and at least one question."""
    spec = item.get("survey_spec")
    if spec is None:
        return
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(key), kind):
            yield f"{key} is missing, or no {kind.__name__}"
    if spec.get("spec") == []:
        yield "there is no question"


def questions_are_complete(item: Item, _content: Content) -> Iterator[str]:
    """Type, name, variable and whether an answer is required; a known type; a variable only once."""
    variables = []
    for number, question in enumerate(questions(item)):
        for key, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
            if not isinstance(question.get(key), kind):
                yield f"{key} of question {number} is missing, or no {kind.__name__}"
        if question.get("type") not in TYPES:
            yield f"type {question.get('type')} of question {number}"
        if question.get("variable") in variables:
            yield f"variable {question['variable']} is there twice"
        variables.append(question.get("variable"))


def limits_and_defaults_have_the_type(item: Item, _content: Content) -> Iterator[str]:
    """A default has the question's type, limits are whole numbers, and a mask is no default."""
    for question in questions(item):
        default, kinds = question.get("default", ""), TYPES.get(question.get("type", ""), (object,))
        if default != "" and not isinstance(default, kinds):
            yield f"default of {question.get('variable')}"
        if str(default).startswith("$encrypted$"):
            yield f"default of {question.get('variable')} is the reserved word"
        for key in ("min", "max"):
            if question.get(key) is not None and not isinstance(question[key], int):
                yield f"{key} of {question.get('variable')}"


def choices_hold_the_default(item: Item, _content: Content) -> Iterator[str]:
    """A question with choices has some, and its default is one of them."""
    for question in questions(item):
        if question.get("type") not in ("multiselect", "multiplechoice"):
            continue
        choices, default = question.get("choices"), question.get("default", "")
        if not choices:
            yield f"{question.get('variable')} has no choices"
            continue
        defaults = [line for line in str(default).splitlines() if line.strip()]
        if question["type"] == "multiplechoice" and len(defaults) > 1:
            yield f"{question.get('variable')} has two defaults"
        yield from (f"default {one} of {question.get('variable')}" for one in defaults if one not in choices)


def secrets_are_passwords(item: Item, _content: Content) -> Iterator[str]:
    """AWX masks and encrypts the answers to questions of this type only."""
    for question in questions(item):
        secret = any(word in str(question.get("variable")) for word in SECRET_WORDS)
        if secret and not str(question["variable"]).endswith("_kind") and question.get("type") != "password":
            yield f"{question['variable']} is {question.get('type')}"


OWN = "this collection: what is secret, or as good as a secret, is of type password"
for _kind in ("templates", "workflows"):
    for _check in (
        has_name_description_and_questions,
        questions_are_complete,
        limits_and_defaults_have_the_type,
        choices_hold_the_default,
    ):
        RULES.append(Rule(f"survey_of_{_kind}_{_check.__name__}", _kind, VIEW, _check))
    RULES.append(Rule(f"survey_of_{_kind}_{secrets_are_passwords.__name__}", _kind, OWN, secrets_are_passwords))
