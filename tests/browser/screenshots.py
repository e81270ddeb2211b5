# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the pictures of the documentation: ``python tests/browser/screenshots.py [FOLDER]`` (default: docs/images).

That of the guide about learning stands beside the guide, unless a folder is given. Needs the packages of
requirements/browser.txt, and Chromium.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "lab"), str(ROOT / "build" / "collections")]

from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet  # noqa: E402  (the folders above first)
from cai_lab.control_client import LabControl  # noqa: E402
from page_support.browser import chromium, colours  # noqa: E402
from page_support.person import Person  # noqa: E402
from page_support.scribe import Scribe  # noqa: E402
from selenium.webdriver import Chrome  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402

PICTURES = ROOT / "docs" / "images"
SCHEMES = {"light": "", "dark": "-dark"}
VIEWS = ("services", "log", "processes", "mailbox")
SIZE = (1360, 1200)
PHONE = (420, 900)
GUIDE = ROOT / "docs" / "docsite" / "rst"
SEED = "3f9a"
BOX = (
    "const box = document.getElementById('email').getBoundingClientRect(); return [box.x, box.y, box.width, box.height]"
)


def prepare(person: Person) -> None:
    """Something to look at: a service that was tested and saved, an alert that was sent."""
    person.open("agent-a")
    person.fill_email()
    person.tick("email", "Enable SMTP Service")
    person.type("email", "Recipient of the test", "reports@lab.test")
    person.test_email()
    person.save("email")
    person.tick("properties", "Suspend processes on uncaught fault")
    person.save("properties")
    person.tick("alert", "Enable Alert Service")
    person.type("alert", "Email for Alerts", "reports@lab.test")
    person.save("alert")
    person.open("agent-a", "processes")
    person.press("Run the canary")


def picture(browser: Chrome, path: Path, whole: bool = False) -> None:
    """Write what is seen, or the whole page."""
    options = {"captureBeyondViewport": True, "clip": _whole(browser)} if whole else {}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", **options})
    path.write_bytes(base64.b64decode(shot["data"]))


def learning(person: Person, path: Path) -> None:
    """The Email Service of a page, filled in as the first save of the learner's sheet says."""
    scribe = Scribe(person, "plain")
    scribe.open("cloud")
    scribe.fill("email", sheet.steps(SEED)["email_service"][0])
    x, y, _width, height = person.browser.execute_script(BOX)
    clip = {"x": x - 8, "y": y - 8, "width": 480, "height": height + 16, "scale": 1}
    shot = person.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "clip": clip})
    path.write_bytes(base64.b64decode(shot["data"]))


def _whole(browser: Chrome) -> dict[str, float]:
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}


def main(folder: Path, everything: bool) -> None:
    """Take the pictures; ``everything`` adds the other views, for looking at them while they are worked on."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        LabControl.start(Path(place) / "lab") as lab,
        chromium(Path(place) / "profile", *SIZE) as browser,
    ):
        person = Person(browser, lab)
        person.sign_in()
        learning(person, (folder if folder != PICTURES else GUIDE) / "learn-page.png")
        prepare(person)
        for scheme, suffix in SCHEMES.items():
            colours(browser, scheme)
            person.open("agent-a")
            picture(browser, folder / f"console-page{suffix}.png")
            if everything:
                rest(person, folder, suffix)


def rest(person: Person, folder: Path, suffix: str) -> None:
    """The other views, whole pages."""
    browser = person.browser
    for view in VIEWS:
        person.open("agent-a", view)
        if view == "mailbox":
            browser.find_element(By.TAG_NAME, "summary").click()
        picture(browser, folder / f"{view}{suffix}.png", whole=True)
    person.open("agent-a")
    person.choose("email", "OAuth")
    picture(browser, folder / f"oauth{suffix}.png", whole=True)
    person.open("agent-a")
    person.type("email", "Port", "seven")
    person.save("email")
    picture(browser, folder / f"refused{suffix}.png")
    person.open("agent-stopped")
    picture(browser, folder / f"stopped{suffix}.png")
    browser.set_window_size(*PHONE)
    person.open("agent-a")
    picture(browser, folder / f"phone{suffix}.png", whole=True)
    browser.set_window_size(*SIZE)
    cookies = browser.get_cookies()
    browser.delete_all_cookies()
    browser.get(browser.current_url)
    picture(browser, folder / f"sign-in{suffix}.png")
    for cookie in cookies:
        browser.add_cookie(cookie)


if __name__ == "__main__":
    arguments = [text for text in sys.argv[1:] if text != "--everything"]
    main(Path(arguments[0]) if arguments else PICTURES, "--everything" in sys.argv)
