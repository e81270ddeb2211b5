# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that a person sees at the OAuth server. Plain HTML, no script."""

from __future__ import annotations

from html import escape

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:10vh auto;max-width:26rem;padding:0 1rem;color-scheme:light dark}"
    "label{display:block;margin:.75rem 0}input{display:block;width:100%;padding:.5rem;box-sizing:border-box}"
    "button{padding:.5rem 1.25rem;margin:.75rem .5rem 0 0}li{overflow-wrap:anywhere}"
)


def page(title: str, body: str) -> str:
    """A whole page."""
    icon = '<link rel="icon" href="data:,">'  # none, so that no browser asks for one
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>{icon}<style>{STYLE}</style>'
    main = f"<main><h1>{escape(title)}</h1>{body}</main>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{main}</body></html>'


def form(action: str, fields: str, button: str) -> str:
    """A form with one button."""
    return f'<form method=post action="{escape(action)}">{fields}<button>{escape(button)}</button></form>'


def hidden(name: str, value: str) -> str:
    """A hidden field; the value has letters and digits only."""
    return f"<input type=hidden name={name} value={value}>"


def sign_in(action: str, ticket: str, problem: str = "") -> str:
    """Who are you?"""
    said = f"<p role=alert>{escape(problem)}</p>" if problem else ""
    fields = (
        hidden("ticket", ticket)
        + "<label>Account <input name=login autocomplete=username autofocus></label>"
        + "<label>Password <input name=password type=password autocomplete=current-password></label>"
    )
    return page("Sign in", said + form(action, fields, "Sign in"))


def consent(accept: str, decline: str, ticket: str, client: str, user: str, scopes: list[str]) -> str:
    """Do you agree?"""
    wanted = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    text = f"<p>{escape(client)} asks to act for {escape(user)}:</p><ul>{wanted}</ul>"
    token = hidden("ticket", ticket)
    return page("Permissions requested", text + form(accept, token, "Accept") + form(decline, token, "Cancel"))


def device(action: str, ticket: str, user_code: str, problem: str = "") -> str:
    """Which device?"""
    said = f"<p role=alert>{escape(problem)}</p>" if problem else ""
    field = f'<label>Code <input name=user_code value="{escape(user_code)}"></label>'
    return page("Enter the code of the device", said + form(action, hidden("ticket", ticket) + field, "Next"))
