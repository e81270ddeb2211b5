// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The page works without this. With it, a test leaves the form as it is, so that typed passwords need not be typed again.
"use strict";

async function runTest(form, button) {
  const place = document.getElementById(form.dataset.test);
  const body = new URLSearchParams(new FormData(form));
  button.setAttribute("aria-disabled", "true");
  place.replaceChildren(note("Testing …"));
  try {
    const answer = await fetch(button.formAction, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const result = page.querySelector(`#${form.dataset.test} .message`) ?? page.querySelector("#email .message, main .message, main p");
    for (const hint of result.querySelectorAll("[data-reentry]")) hint.remove();
    place.replaceChildren(document.adoptNode(result));
  } catch {
    place.replaceChildren(note("The lab did not answer."));
  }
  button.removeAttribute("aria-disabled");
  place.firstElementChild.focus();
}

function note(text) {
  const made = document.createElement("p");
  made.className = "message note";
  made.tabIndex = -1;
  made.textContent = text;
  return made;
}

for (const form of document.querySelectorAll("form[data-test]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (button.getAttribute("aria-disabled") !== "true") runTest(form, button);
  });
}

// In the recipient's field, Enter tests; elsewhere in the form it saves.
for (const input of document.querySelectorAll("input[data-submits]")) {
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    document.getElementById(input.dataset.submits).click();
  });
}
