# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of the documentation site; nothing is fetched from other sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "cai.console"
copyright = "The cai.console authors"  # noqa: A001  (Sphinx wants this name)
title = html_short_title = "The collection cai.console"
extensions = ["sphinx_antsibull_ext"]
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_use_smartypants = True
html_use_modindex = False
html_use_index = False
html_copy_source = False
nitpicky = True
default_role = "any"
smartquotes = True

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
# Labels of Ansible's own site that the pages of the modules refer to; any other unknown label is a mistake.
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html#action-plugins",
    "ansible_configuration_settings": "reference_appendices/config.html#ansible-configuration-settings",
    "common_return_values": "reference_appendices/common_return_values.html#common-return-values",
}


def _resolve(app: Sphinx, env: BuildEnvironment, node: Element, content: Element) -> Element | None:
    target = node.get("reftarget", "")
    page = ANSIBLE_LABELS.get(target)
    if node.get("reftype") == "envvar" and target.startswith("ANSIBLE_"):
        page = f"reference_appendices/config.html#envvar-{target}"
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page) if page else None


def setup(app: Sphinx) -> None:
    """Let those labels, and Ansible's own environment variables, lead to Ansible's own site."""
    app.connect("missing-reference", _resolve)
