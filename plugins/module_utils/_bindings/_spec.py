# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of a binding: which members there are, of which type, and what each is for. Ansible's own validation of
nested options checks a binding against it; the JSON Schema for editors and the guide's tables are made from it.
"""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._bindings._options import SERVICE_OPTIONS

FORMAT = 1
BASES = ("cloud", "agent_through_cloud", "agent_direct")
KINDS = ("boolean", "integer", "text", "words", "list")
READINGS = (*(f"read_{service}" for service in SERVICE_OPTIONS), "list_processes", "read_server_log", "read_entries")
"""What changes nothing, whatever the HTTP method: some consoles read by POST."""
OPERATIONS = (
    *(f"read_{service}" for service in SERVICE_OPTIONS),
    *(f"write_{service}" for service in SERVICE_OPTIONS),
    "test_email_service",
    "start_authorization",
    "forget_authorization",
    "hand_over_tokens",
    "list_processes",
    "read_server_log",
    "read_entries",
)
Spec = t.Dict[str, t.Any]


def _of(kind: str, about: str, **more: t.Any) -> Spec:
    return {"type": kind, "description": about, **more}


def _texts(about: str, **more: t.Any) -> Spec:
    return _of("list", about, elements="str", **more)


META: Spec = {
    "name": _of("str", "What the binding is called in messages.", required=True),
    "describes": _of("str", "The kind of console that it is for.", required=True),
    "status": _of(
        "str",
        "Where its knowledge comes from.",
        choices=["documented", "observed", "assumed", "learned"],
        default="assumed",
    ),
    "console_version": _of("str", "The console's version, as it says itself, that it was learned from."),
    "learned_by": _of("str", "Who recorded it."),
    "learned_at": _of("str", "When, in ISO 8601."),
    "notes": _texts("What a reader should know, such as what was guessed and why."),
}
TOKEN: Spec = {
    "path": _of("str", "Path below the base of the page, read before each operation that mutates.", required=True),
    "query": _of("dict", "Query of the page."),
    "source": _of(
        "str",
        "Where the token stands in the answer.",
        choices=["form_field", "meta", "json", "header", "cookie"],
        required=True,
    ),
    "name": _of("str", "Its name there; for json, its place.", required=True),
    "header": _of("str", "The request's header that takes it."),
    "cookie": _of("str", "The request's cookie that takes it."),
    "field": _of("str", "The place in the request's body that takes it."),
    "parameter": _of("str", "The query's parameter that takes it."),
}
SESSION: Spec = {
    "headers": _texts("Headers that carry the session's id."),
    "cookies": _texts("Cookies that carry the session's id."),
    "doubled": _of(
        "list",
        "Anti-forgery tokens that the client makes up and sends twice, as a cookie and as a header.",
        elements="dict",
        options={
            "cookie": _of("str", "Name of the cookie.", required=True),
            "header": _of("str", "Name of the header.", required=True),
        },
    ),
    "tokens": _of(
        "list",
        "Anti-forgery tokens that the console hands out on a page, read before each write.",
        elements="dict",
        options=TOKEN,
    ),
    "expired_redirect": _of("str", "Pattern of the path to which the console redirects when the session has ended."),
    "open": _of("str", "Why it is not known what carries the session; nothing is sent then."),
}
SUCCESS: Spec = {
    "status": _of("list", "Statuses that mean yes; without it, 200 to 299.", elements="int"),
    "at": _of("str", "Place in the answer that tells how it went."),
    "words": _texts("Words there that mean yes."),
    "redirect": _of("str", "Pattern of the path to which a redirect that means yes leads."),
}
JOB: Spec = {
    "id": _of("str", "Place of the job's id in the first answer."),
    "path": _of("str", "Path of the job below the base, with {job}; without it, the answer's header Location."),
    "state": _of("str", "Place of the job's state.", required=True),
    "done": _texts("Words of the state for a job that went well.", required=True),
    "failed": _texts("Words of the state for a job that did not."),
}
OUTCOME: Spec = {
    "ok": _of("str", "Place of the test's verdict.", required=True),
    "words": _texts("Words there that mean a success; without it, the verdict is true or false."),
    "stage": _of("str", "Place of the stage at which it failed."),
    "code": _of("str", "Place of the mail server's reply code."),
    "message": _of("str", "Place of the text."),
}
LOG: Spec = {
    "at": _of("str", "Place of the entries in the answer.", required=True),
    **{name: _of("str", f"Place of the {name} in an entry.") for name in ("level", "source", "service")},
    "time": _of("str", "Place of the time in an entry.", required=True),
    "time_in": _of(
        "str", "How the time is written; milliseconds since 1970.", choices=["text", "milliseconds"], default="text"
    ),
    "message": _of("str", "Place of the text in an entry.", required=True),
    "complete_at": _of("str", "Place in the answer that tells whether it has all entries (true or false)."),
    "words": _of("dict", "Services of the console by which one can ask, each with the console's word.", required=True),
    "asked_at": _of("str", "Place in the request that takes that word."),
    "parameter": _of("str", "The query's parameter that takes that word."),
}
OPERATION: Spec = {
    "method": _of("str", "HTTP method.", choices=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    "path": _of("str", "Path below the base; {id} and {name} are the target's."),
    "query": _of("dict", "Parameters of the query."),
    "headers": _of("dict", "More headers."),
    "mutates": _of("bool", "Whether it changes something; without it, everything but reading and listing does."),
    "reply": _of("str", "How the answer is written.", choices=["json", "html", "xml", "soap", "none"], default="json"),
    "form": _of("str", "For html: name or id of the form that holds the settings."),
    "body": _of("str", "How the request's body is written.", choices=["json", "form", "xml", "soap"], default="json"),
    "element": _of("str", "For soap: the element in the envelope's body, in XML. Places of the request are below it."),
    "document_at": _of(
        "str",
        "For soap: place of a text that is an XML document, in the answer of a reading, or in the request of a write. "
        "The service's places are below the root of that document.",
    ),
    "replaces_all": _of(
        "bool",
        "For a write: whether it replaces more than the services, without a lock. It is refused then, unless the task "
        "has console_allow_whole_document_write.",
    ),
    "writes": _of(
        "str",
        "whole: the object as it was read, with the changes in it; changed: what changes, and nothing else; named: "
        "every option that the binding names, and nothing else.",
        choices=["whole", "changed", "named"],
        default="whole",
    ),
    "at": _of("str", "Place of the service's object in the answer of a reading, or in the body of a write."),
    "fixed": _of("dict", "Places in the body with what always stands there; {id} and {name} are the target's."),
    "leave_out": _texts("Places that are read, but must not be sent."),
    "success": _of("dict", "What an answer must be to mean yes.", options=SUCCESS),
    "message_at": _of("str", "Place of the console's own words in an answer that means no."),
    "job": _of("dict", "The job that a 202 promises.", options=JOB),
    "tests": _of(
        "str",
        "For the test: the settings that are stored, a candidate in the body, or either.",
        choices=["stored", "candidate", "either"],
        default="either",
    ),
    "candidate_at": _of("str", "For the test: place of the settings to be tested in the body."),
    "recipient_at": _of("str", "For the test: place of the recipient in the body."),
    "outcome": _of("dict", "For the test: where the answer says how it went.", options=OUTCOME),
    "log": _of("dict", "For read_server_log: how its entries are written, and how they are asked for.", options=LOG),
    "link_at": _of("str", "For start_authorization: place of the link for a person."),
    "lifetime_at": _of("str", "For start_authorization: place of the link's lifetime in seconds."),
    "refresh_token_at": _of("str", "For hand_over_tokens: place of the refresh token.", no_log=False),
    "guessed": _of("str", "Why this is a guess, if it is one."),
    "open": _of("str", "Why it is not known; the operation is refused then."),
}
FIELD: Spec = {
    "at": _texts("Places of the option. It is read from the first and written to all."),
    "write_at": _texts("Places to write to, where they differ from where it is read."),
    "kind": _of("str", "Type of the value.", choices=list(KINDS)),
    "words": _of("dict", "The option's words, each with the console's; null stands for nothing."),
    "as_text": _of("bool", "Whether numbers and booleans travel as text."),
    "secret": _of("bool", "Whether it can be written and never read.", no_log=False),
    "hidden": _of(
        "str",
        "What is read in the place of a secret that is set. empty: an empty text, as in the form of a page, which "
        "tells nothing.",
        choices=["omitted", "empty", "mask", "encrypted"],
    ),
    "read_only": _of("bool", "Whether it can only be read."),
    "may_be_absent": _of("bool", "Whether its absence means nothing, rather than another console."),
    "guessed": _of("str", "Why this is a guess, if it is one."),
    "open": _of("str", "Why its place is not known; every write of the service is refused then."),
}
SERVICE: Spec = {
    "stamp": _of("str", "Place of the time of the last change."),
    "omitted_secret": _of(
        "str",
        "What becomes of a secret that a write leaves out. unknown: every write has to carry it.",
        choices=["kept", "cleared", "unknown"],
        default="unknown",
        no_log=False,
    ),
    "omit_by": _of(
        "str",
        "How a write leaves a secret out. as_read: by sending back what was read in its place, for a console that "
        "shows it encrypted.",
        choices=["absence", "empty", "as_read"],
        default="absence",
        no_log=False,
    ),
    "mask_keeps": _of("str", "The console's own mask, where sending it back, and only that, keeps the secret."),
    "clears_secrets": _of("bool", "Whether a null in a secret's place makes the console forget it.", no_log=False),
    "save_after_authorization": _of("bool", "Whether the service has to be saved after an authorization."),
}


def _field_of(option: str) -> Spec:
    return _of("dict", f"Where and how {option} travels.", options=FIELD)


def _service_of(service: str, options: t.Sequence[str]) -> Spec:
    fields = {option: _field_of(option) for option in options}
    listed = _of("dict", "Its options.", options=fields, required=True)
    return _of("dict", f"How {service} is written down.", options={**SERVICE, "fields": listed})


BINDING: Spec = {
    "format": _of("int", "Version of this format.", choices=[FORMAT], required=True),
    "extends": _of(
        "str",
        "Name of a binding that ships. What is written here is laid over it, mapping by mapping; null takes a member "
        "away. meta is not taken over.",
    ),
    "meta": _of("dict", "What the binding is about.", options=META, required=True),
    "bases": _of(
        "dict",
        "What every path begins with, for each kind of target. {console} is the origin of the console's address, "
        "{agent} that of the agent's own; {id} and {name} are the target's, {organization} is the organisation's id.",
        options={
            **{name: _of("str", f"The base for {name.replace('_', ' ')}.") for name in BASES},
            "cloud_id": _of("str", "What {id} is for the Cloud Server."),
        },
        required=True,
    ),
    "session": _of("dict", "What carries the session.", options=SESSION, required=True),
    "operations": _of(
        "dict",
        "The console's operations.",
        options={name: _of("dict", f"The operation {name}.", options=OPERATION) for name in OPERATIONS},
        required=True,
    ),
    "services": _of(
        "dict",
        "The services.",
        options={name: _service_of(name, options) for name, options in SERVICE_OPTIONS.items()},
        required=True,
    ),
}
