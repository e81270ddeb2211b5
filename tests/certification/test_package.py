# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of Automation Hub and Galaxy about the collection's file and its first page."""

from __future__ import annotations

import re

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from .house import ROLES, ROOT, read, read_yaml

HEADINGS = (
    "Description",
    "Requirements",
    "Installation",
    "Use cases",
    "Testing",
    "Support",
    "Release notes",
    "License",
)
REQUIRED_TAGS = {
    "application",
    "cloud",
    "database",
    "infrastructure",
    "linux",
    "monitoring",
    "networking",
    "security",
    "storage",
    "tools",
    "windows",
}
PLUGIN_FOLDERS = {"action", "doc_fragments", "inventory", "module_utils", "modules", "plugin_utils"}
PRIVATE = ("module_utils", "plugin_utils")
PAGES = ["README.md", *(f"roles/{role}/README.md" for role in ROLES)]


def test_the_readme_has_the_headings_in_order() -> None:
    found = re.findall(r"^## (.+)$", read("README.md"), re.M)
    assert found == list(HEADINGS)


@pytest.mark.parametrize("page", PAGES)
def test_links_are_full_addresses(page: str) -> None:
    links = re.findall(r"\]\(([^)]*)\)", read(page)) + re.findall(r"""(?:href|src)=["']([^"']*)""", read(page))
    assert [link for link in links if not link.startswith("https://")] == []


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_told_to_install_ansible_with_pip(page: str) -> None:
    assert re.findall(r"pip3? install (?:\S+ )*ansible\b", read(page)) == []


def test_the_readme_names_the_oldest_python_and_ansible_core() -> None:
    text = read("README.md")
    lowest = re.findall(r"\d+\.\d+", read_yaml("meta/runtime.yml")["requires_ansible"])[0]
    assert f"ansible-core {lowest} or newer" in text
    assert re.search(r"Python \d+\.\d+ or newer", text)


def test_there_are_no_ignore_files() -> None:
    assert list((ROOT / "tests").rglob("ignore*.txt")) == []


def test_there_are_at_most_twenty_tags_and_a_required_one() -> None:
    tags = read_yaml("galaxy.yml")["tags"]
    assert len(tags) <= 20
    assert len(set(tags)) == len(tags)
    assert REQUIRED_TAGS & set(tags)
    assert all(re.fullmatch("[a-z0-9]+", tag) for tag in tags)


def test_every_role_has_a_page() -> None:
    assert ROLES
    assert [role for role in ROLES if not (ROOT / "roles" / role / "README.md").is_file()] == []


def test_every_role_has_argument_specs() -> None:
    assert [role for role in ROLES if not (ROOT / "roles" / role / "meta" / "argument_specs.yml").is_file()] == []


def test_the_lower_bound_is_an_ansible_core_that_the_platform_supports() -> None:
    required = read_yaml("meta/runtime.yml")["requires_ansible"]
    assert required == ">=2.18.0"
    assert SpecifierSet(required).contains("2.21.5")


def test_no_other_collection_is_needed() -> None:
    assert read_yaml("galaxy.yml")["dependencies"] == {}


def test_license_and_addresses_are_stated() -> None:
    galaxy = read_yaml("galaxy.yml")
    assert galaxy["license"] == ["GPL-3.0-or-later"]
    assert "license_file" not in galaxy
    for name in ("repository", "documentation", "homepage", "issues"):
        assert galaxy[name].startswith("https://")


def test_the_changelog_can_be_read_by_galaxy() -> None:
    assert (ROOT / "CHANGELOG.md").is_file()
    assert read_yaml("changelogs/changelog.yaml")["releases"]


def test_the_name_is_allowed() -> None:
    galaxy = read_yaml("galaxy.yml")
    for name in (galaxy["namespace"], galaxy["name"], *ROLES):
        assert re.fullmatch(r"[a-z](?:_?[0-9a-z])*", name)


def test_files_of_the_execution_environment_exist() -> None:
    named = read_yaml("meta/execution-environment.yml")["dependencies"]
    assert named
    assert [path for path in named.values() if not (ROOT / path).is_file()] == []


def test_python_libraries_have_lower_bounds_only_and_ansible_is_none_of_them() -> None:
    lines = [line for line in read("meta/ee-requirements.txt").splitlines() if line and not line.startswith("#")]
    assert lines
    for requirement in map(Requirement, lines):
        assert requirement.name not in ("ansible", "ansible-core")
        assert {bound.operator for bound in requirement.specifier} == {">="}


def test_the_documentation_asks_for_the_libraries_that_are_installed() -> None:
    lines = read("meta/ee-requirements.txt").splitlines()
    required = {
        found.name: found.specifier for found in map(Requirement, (line for line in lines if line and line[0] != "#"))
    }
    fragment = read("plugins/doc_fragments/connection.py").split('r"""')[1].split('"""')[0]
    for text in yaml.safe_load(fragment)["requirements"]:
        documented = Requirement(text.split(";")[0].split(" (")[0])
        assert documented.specifier == required[documented.name], documented.name


def test_plugins_lie_in_folders_that_ansible_knows() -> None:
    found = {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found <= PLUGIN_FOLDERS


def test_shared_code_is_private_by_name() -> None:
    found = [path.name for folder in PRIVATE for path in (ROOT / "plugins" / folder).iterdir()]
    assert [name for name in found if not name.startswith("_")] == []


def test_there_is_a_code_of_conduct() -> None:
    assert "https://docs.ansible.com/" in read("CODE_OF_CONDUCT.md")


def test_no_rule_of_ansible_lint_is_switched_off() -> None:
    settings = read_yaml(".ansible-lint")
    assert settings["profile"] == "production"
    assert not {"skip_list", "warn_list"} & set(settings)
    hidden = {"plugins", "roles", "playbooks", "meta", "extensions"}
    assert not hidden & {path.split("/")[0] for path in settings["exclude_paths"]}


def test_the_same_rules_are_checked_elsewhere() -> None:
    jobs = read_yaml(".github/workflows/certification.yml")["jobs"]
    checker = next(job for job in jobs.values() if "/partner-certification-checker/" in job["uses"])
    assert f">={checker['with']['ansible-core-version']}" == read_yaml("meta/runtime.yml")["requires_ansible"]
