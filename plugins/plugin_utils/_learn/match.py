# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds where each option travels: the place whose values follow what the sheet had somebody type and choose."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._learn.leaves import Leaves
from ansible_collections.cai.console.plugins.plugin_utils._learn.sheet import NUMBERS, SECRETS, WORDS, Step

ABSENT: t.Any = ("absent",)
Found = dict[str, t.Any]
Sample = tuple[Step, Leaves]


def texts(option: str, samples: t.Sequence[Sample]) -> list[str]:
    """Return the places that hold an option's marker in every sample that has one."""
    marked = [(step[option], leaves) for step, leaves in samples if option in step]
    if not marked:
        return []
    first = [place for place, value in marked[0][1].items() if says(option, value, marked[0][0])]
    return [place for place in first if all(says(option, leaves.get(place), value) for value, leaves in marked)]


def says(option: str, value: t.Any, marker: t.Any) -> bool:
    """Whether a value of a body is what was typed."""
    if isinstance(value, tuple):
        return bool(" ".join(value) == marker)
    return value is not None and not isinstance(value, bool) and str(value) == str(marker)


def marks(step: Step, leaves: Leaves) -> int:
    """Return how many different markers of a save stand in a body, each as a whole value."""
    values = {str(value) for value in leaves.values() if isinstance(value, (str, int)) and not isinstance(value, bool)}
    typed = {str(value) for option, value in step.items() if option not in WORDS}
    return len(values & typed)


def share(step: Step, leaves: Leaves) -> float:
    """Return how much of what a save typed stands in a body. What an earlier save typed may still be there, but not all
    of it.
    """
    return marks(step, leaves) / max(1, len({str(value) for option, value in step.items() if option not in WORDS}))


def choices(option: str, samples: t.Sequence[Sample], *, changes_only: bool) -> dict[str, Found]:
    """Return the places whose values follow an option's choices, each with the words found there.

    A place that holds a marker belongs to another option. With ``changes_only`` a place that is absent says nothing;
    otherwise absence is a word like any other.
    """
    chosen = [(step[option], leaves) for step, leaves in samples if option in step]
    if not chosen:
        return {}
    found: dict[str, Found] = {}
    for place in _unmarked(chosen, samples):
        words = _words(place, chosen, changes_only)
        if words is not None and len(words) == len({word for word, _leaves in chosen}) > 1:
            found[place] = words
    return found


def _unmarked(chosen: t.Sequence[tuple[t.Any, Leaves]], samples: t.Sequence[Sample]) -> set[str]:
    """Return the places that never hold a marker."""
    typed = {str(value) for step, _leaves in samples for name, value in step.items() if name not in WORDS}
    places = {place for _word, leaves in chosen for place in leaves}
    return places - {place for _word, leaves in chosen for place, value in leaves.items() if str(value) in typed}


def _words(place: str, chosen: t.Sequence[tuple[t.Any, Leaves]], changes_only: bool) -> Found | None:
    """Return option's word to the console's where one follows the other, else None."""
    words: Found = {}
    previous: t.Any = ABSENT
    for word, leaves in chosen:
        value = leaves.get(place, ABSENT)
        changed, previous = previous is not ABSENT and word != previous, word
        if value is ABSENT and changes_only:
            if changed:
                return None
            continue
        value = None if value is ABSENT else value
        if isinstance(value, tuple) or words.setdefault(_key(word), value) != value:
            return None
        if type(words[_key(word)]) is not type(value):
            return None
    return words if _translates(words) else None


def _translates(words: Found) -> bool:
    """Whether the console's words can stand for the option's: each for one, and none for the opposite."""
    if any(said in (True, "true") if word == "false" else said in (False, "false") for word, said in words.items()):
        return False  # something else that happens to go the other way
    distinct = {(type(value), value) for value in words.values()}
    return len(distinct) == len(words)


def _key(word: t.Any) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)


def missing_words(option: str, words: Found) -> list[str]:
    """Return the words of an option that no sample showed."""
    return [_key(word) for word in WORDS[option] if _key(word) not in words]


def field_of(option: str, samples: t.Sequence[Sample], changes_only: bool) -> tuple[list[str], Found, str]:
    """Return an option's places, what a binding says of its values, and why nothing is found, if so."""
    if option not in WORDS:
        places = texts(option, samples)
        if not places:
            return [], {}, "its marker stands in no request that saves"
        return places, _kind(option, places[0], samples), ""
    by_place = choices(option, samples, changes_only=changes_only)
    if not by_place:
        return [], {}, "no value follows what was chosen"
    if len({repr(sorted(words.items())) for words in by_place.values()}) > 1:
        return [], {}, f"several places follow it, with different words: {', '.join(sorted(by_place))}"
    places, words = sorted(by_place), next(iter(by_place.values()))
    if missing := missing_words(option, words):
        return [], {}, f"the console's word for {', '.join(missing)} was not recorded"
    plain = words in ({"true": True, "false": False}, {"true": "true", "false": "false"})
    if plain:
        return places, {"kind": "boolean", **({"as_text": True} if words["true"] == "true" else {})}, ""
    kind = {"kind": "boolean"} if WORDS[option] == (True, False) else {}
    return places, {**kind, "words": words}, ""


def _kind(option: str, place: str, samples: t.Sequence[Sample]) -> Found:
    value = next(leaves[place] for step, leaves in samples if option in step)
    if option in SECRETS:
        return {"secret": True}
    if option in NUMBERS:
        return {"kind": "integer", **({"as_text": True} if isinstance(value, str) else {})}
    if option == "oauth.scope":
        return {"kind": "list" if isinstance(value, tuple) else "words"}
    return {"kind": "text"}
