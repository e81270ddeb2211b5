# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contrast of the texts on a page, from the colours that the browser computed (WCAG 2: relative luminance)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selenium.webdriver import Chrome

VISIBLE_TEXTS = """
const found = [];
for (const item of document.querySelectorAll('body *')) {
  const own = [...item.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const typed = item.matches('input:not([type=hidden], [type=radio], [type=checkbox]), select');
  const exempt = item.matches(':disabled, option, optgroup, .skip, .unseen');
  if (!(own || typed) || exempt || !item.checkVisibility()) continue;
  const grounds = [];
  for (let at = item; at; at = at.parentElement) grounds.push(getComputedStyle(at).backgroundColor);
  const text = (typed ? item.labels[0].textContent : item.textContent).trim().replace(/\\s+/g, ' ').slice(0, 60);
  found.push([text, getComputedStyle(item).color, grounds]);
}
return found;
"""
Colour = tuple[float, float, float, float]


@dataclass(frozen=True)
class Text:
    """A text as seen: the ratio of its colour to what is behind it, 1 to 21."""

    text: str
    ratio: float


def texts(browser: Chrome) -> list[Text]:
    """The texts that can be seen, but for those of controls that are switched off."""
    return [
        Text(text, _ratio(_parse(colour), grounds)) for text, colour, grounds in browser.execute_script(VISIBLE_TEXTS)
    ]


def _parse(colour: str) -> Colour:
    """``rgb(1, 2, 3)`` or ``rgba(1, 2, 3, 0.5)``, as getComputedStyle gives colours of sRGB."""
    assert colour.startswith("rgb"), colour
    red, green, blue, *alpha = (float(number) for number in re.findall(r"[\d.]+", colour))
    return red, green, blue, alpha[0] if alpha else 1.0


def _ratio(colour: Colour, grounds: list[str]) -> float:
    ground = next(found for found in map(_parse, grounds) if found[3] > 0)
    assert ground[3] == colour[3] == 1, "no half-transparent colours are expected"
    high, low = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
