# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same services as other consoles might speak of them: each dialect has its wire form, and a page for it.

Everything here is invented. It exists so that bindings, and the learner of bindings, are tried on several consoles.
"""
