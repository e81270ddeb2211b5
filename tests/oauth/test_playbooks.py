# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user runs: the playbooks about OAuth, by ansible-playbook, and that no secret is in anything they print."""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.cai.console.plugins.module_utils._bindings.lab import LAB
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

from .conftest import KEY, REDIRECT
from .runner import CONFIGURE, LINK, PASSWORD, ROOT, SECOND, SECRET, TARGETS, Runner, held


@pytest.fixture
def runner(lab: LabControl, tmp_path: Path) -> Iterator[Runner]:
    lab.clear_mailbox()
    robot = PlainClient(lab)
    for target in TARGETS.values():
        robot.admin("DELETE", "server/services/email/authorization", target)
    yield Runner(lab, tmp_path)


@pytest.fixture
def authorized(runner: Runner) -> Runner:
    runner.variables |= runner.service(authentication="oauth", oauth=runner.oauth())
    (runner.folder / "configure.yml").write_text(CONFIGURE)
    runner.run(str(runner.folder / "configure.yml"))
    for target in TARGETS.values():
        client = PlainClient(runner.lab)
        link = client.admin("POST", "server/services/email/authorization", target).json()["authorizationUrl"]
        runner.person.open(link, runner.lab.addresses["console"])
        client.admin("PUT", "server/services/email", target, json=runner.status(target))
    return runner


@pytest.fixture
def with_password(runner: Runner) -> Runner:
    runner.variables |= runner.service(authentication="password", password=PASSWORD)
    (runner.folder / "configure.yml").write_text(CONFIGURE)
    runner.run(str(runner.folder / "configure.yml"))
    return runner


def migration(runner: Runner, **more: Any) -> dict[str, Any]:
    """The variables of a migration that has all it needs."""
    return {
        "migrate_to_oauth_settings": runner.oauth(None),
        "migrate_to_oauth_client_secret": SECRET,
        "migrate_to_oauth_password": PASSWORD,
        "migrate_to_oauth_report": str(runner.folder / "report.json"),
        "smtp_test_ca_path": runner.lab.addresses["ca"],
        **more,
    }


def verdicts(runner: Runner) -> dict[str, str]:
    """What the migration's report says of each target."""
    rows = json.loads((runner.folder / "report.json").read_text())["targets"]
    return {row["target"]: row["found"]["verdict"] for row in rows}


def authentications(runner: Runner) -> list[str]:
    return [runner.status(target)["authenticationType"] for target in TARGETS.values()]


def test_migrate_to_oauth(with_password: Runner, tasks: Any) -> None:
    runner = with_password
    settings = migration(runner, **held(runner, tasks))
    runner.lab.clear_operations()
    done = " ".join(runner.run("cai.console.migrate_to_oauth", accept=True, **settings).split())
    assert "3 of 3 targets were switched, 0 still use a password" in done
    assert f"cloud-server: {runner.service()['email_service_host']}" in done
    assert set(verdicts(runner).values()) == {"switched"}
    assert authentications(runner) == ["OAUTH"] * 3
    assert len(runner.lab.mailbox()) == 3
    # One request for our own mailbox, whatever the number of targets.
    ours = runner.lab.operations(operation="oauth_token_refresh_token", user="mail-client")
    assert len(ours) == 1
    steps = [(entry["operation"], entry["target"]) for entry in runner.lab.operations(mutates=True)]
    (canary, *rest) = dict.fromkeys(target for name, target in steps if name == "write_email_service")
    began = min(steps.index(("write_email_service", target)) for target in rest)
    assert steps.index(("test_email_service", canary)) < began


def test_a_migration_counts_the_old_passwords_that_may_stay(with_password: Runner, tasks: Any) -> None:
    """With a binding that knows no way to clear the secret of the former kind."""
    runner = with_password
    runner.lab.set_switches(omitted_secret="kept")
    binding = copy.deepcopy(LAB)
    binding["services"]["email_service"]["clears_secrets"] = False
    (runner.folder / "binding.json").write_text(json.dumps(binding))
    runner.variables["cai_console_binding"] = str(runner.folder / "binding.json")
    done = runner.run("cai.console.migrate_to_oauth", accept=True, **migration(runner, migrate_to_oauth_precheck=False))
    rows = json.loads((runner.folder / "report.json").read_text())["targets"]
    stale = [name for row in rows for name in row["found"]["stale_secrets"]]
    assert stale == ["password"] * 3
    assert f"may still hold {len(stale)} old passwords" in " ".join(done.split())


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        ({"migrate_to_oauth_password": ""}, "Set migrate_to_oauth_password"),
        ({"migrate_to_oauth_client_secret": ""}, "Set migrate_to_oauth_password"),
        ({"email_authorization_mailboxes": []}, "no consent of our own for alerts@lab.test"),
        ({"email_authorization_client_secret": "another-Secret"}, "AADSTS7000215"),
    ],
)
def test_a_migration_without_what_it_needs_changes_nothing(
    with_password: Runner, tasks: Any, lack: dict[str, Any], said: str
) -> None:
    runner = with_password
    settings = migration(runner, **{**held(runner, tasks), **lack})
    runner.lab.clear_operations()
    done = " ".join(runner.run("cai.console.migrate_to_oauth", code=2, **settings).split())
    assert said in done
    assert "Nothing was changed" in done
    assert runner.lab.operations(operation="write_email_service") == []


def test_a_token_that_the_mail_server_refuses_stops_a_migration(with_password: Runner, tasks: Any) -> None:
    """The consent is somebody else's: only a real sign-in shows it, as this client may not ask whose it is."""
    from dataclasses import replace

    runner = with_password
    tasks.person = replace(tasks.person, login="reports@lab.test", password="reports-Mail-pw1")
    scope = ["offline_access", "https://outlook.office.com/SMTP.Send"]
    settings = migration(runner, **held(runner, tasks, scope=scope))
    runner.lab.clear_operations()
    done = " ".join(runner.run("cai.console.migrate_to_oauth", code=2, **settings).split())
    assert "fails at the stage auth: 535" in done
    assert done.count("not tried (mailbox_refused)") >= 2
    assert runner.lab.operations(operation="write_email_service") == []
    assert runner.lab.mailbox() == []


def test_a_migration_that_fails_goes_back_and_stops(with_password: Runner) -> None:
    runner = with_password
    runner.lab.clear_operations()
    settings = migration(runner, migrate_to_oauth_precheck=False, migrate_to_oauth_wait=0)
    done = runner.run("cai.console.migrate_to_oauth", code=2, **settings)
    assert "cloud-server uses its password again" in done
    assert verdicts(runner) == {
        "cloud-server": "undone",
        "agent-a": "uses a password",
        "agent-b": "uses a password",
    }
    assert authentications(runner) == ["PASSWORD"] * 3
    assert len({entry["target"] for entry in runner.lab.operations(operation="write_email_service")}) == 1
    assert [mail["auth_user"] for mail in runner.lab.mailbox()] == ["alerts@lab.test"]


def test_a_target_that_cannot_go_back_is_reported(with_password: Runner) -> None:
    runner = with_password
    wrong = migration(
        runner, migrate_to_oauth_precheck=False, migrate_to_oauth_wait=0, migrate_to_oauth_password="old-wrong-pw"
    )
    done = runner.run("cai.console.migrate_to_oauth", code=2, **wrong)
    assert "cloud-server could not go back to its password" in done
    assert verdicts(runner)["cloud-server"] == "broken"
    assert runner.lab.secret("Cloud Server", "password", "old-wrong-pw")["equal"]
    assert "old-wrong-pw" not in done + (runner.folder / "report.json").read_text()


def test_an_audit_only_lists(with_password: Runner) -> None:
    runner = with_password
    runner.lab.clear_operations()
    done = " ".join(runner.run("cai.console.migrate_to_oauth").split())
    assert "0 of 3 targets were switched, 3 still use a password" in done
    assert "agent-b: localhost" in done
    assert runner.lab.operations(operation="write_email_service") == []


@pytest.fixture
def configured(runner: Runner) -> Runner:
    """OAuth everywhere, and nobody has authorized anything yet."""
    runner.variables |= runner.service(authentication="oauth", oauth=runner.oauth())
    (runner.folder / "configure.yml").write_text(CONFIGURE)
    runner.run(str(runner.folder / "configure.yml"))
    runner.lab.clear_operations()
    return runner


def states(runner: Runner) -> list[str]:
    return [runner.status(target)["authorizationStatus"]["status"] for target in TARGETS.values()]


def started(runner: Runner) -> int:
    return len(runner.lab.operations(operation="start_authorization"))


def test_authorize_at_a_terminal_and_again(configured: Runner) -> None:
    done = " ".join(configured.run("cai.console.authorize", accept=True).split())
    assert "3 of 3 targets are due; this run takes 3." in done
    assert re.findall(r"(\d of 3), about \d+ min left", done) == ["1 of 3", "2 of 3", "3 of 3"]
    assert states(configured) == ["AUTHORIZED"] * 3
    assert len(configured.lab.mailbox()) == 3
    again = configured.run("cai.console.authorize")
    assert "0 of 3 targets are due" in again
    assert started(configured) == 3


def test_authorize_in_batches(configured: Runner) -> None:
    for number, left in ((2, 3), (1, 1)):
        done = configured.run("cai.console.authorize", accept=True, authorize_batch=2)
        assert f"{left} of 3 targets are due; this run takes {number}." in " ".join(done.split())
    assert states(configured) == ["AUTHORIZED"] * 3


def test_authorize_stops_when_nobody_is_there_and_goes_on_later(configured: Runner) -> None:
    stopped = configured.run("cai.console.authorize", authorize_wait=0, code=2)
    assert "Run it again to go on from here." in " ".join(stopped.split())
    assert started(configured) == 1
    configured.run("cai.console.authorize", accept=True)
    assert states(configured) == ["AUTHORIZED"] * 3


def test_authorize_goes_on_where_a_consoles_test_fails(configured: Runner) -> None:
    """The first is authorized by somebody whose mailbox it is not."""
    good = configured.person
    configured.person = Person("reports@lab.test", "reports-Mail-pw1", configured.lab.addresses["ca"])
    opened = configured.person.open

    def once(link: str, until: str) -> str:
        configured.person = good
        return opened(link, until)

    configured.person.open = once  # type: ignore[method-assign]
    done = configured.run("cai.console.authorize", accept=True, code=2)
    assert "cloud-server: Cloud Server: The authorization is new, but the console's test failed" in " ".join(
        done.split()
    )
    assert states(configured) == ["AUTHORIZED"] * 3
    assert [mail["auth_user"] for mail in configured.lab.mailbox()] == ["alerts@lab.test"] * 2


def test_authorize_as_two_jobs(configured: Runner) -> None:
    listed = configured.run("cai.console.authorize", authorize_step="links")
    links = LINK.findall(listed)
    assert len(links) == 3
    assert configured.lab.operations(operation="test_email_service") == []
    for link in links[:2]:
        configured.person.open(link, configured.lab.addresses["console"])
    left = list(TARGETS)[states(configured).index("NOT_AUTHORIZED")]
    half = " ".join(configured.run("cai.console.authorize", authorize_step="confirm", code=2).split())
    assert f"{left}: {TARGETS[left]}: The authorization was last completed never" in half
    assert len(configured.lab.mailbox()) == 2
    configured.person.open(links[2], configured.lab.addresses["console"])
    configured.run("cai.console.authorize", authorize_step="confirm")
    assert states(configured) == ["AUTHORIZED"] * 3


def test_due_dates_are_spread(authorized: Runner) -> None:
    """With as many days as the authorization has, some are due at once and others are not; the same each time."""
    found = [
        authorized.run("cai.console.authorize", authorize_step="links", **spread)
        for spread in ({}, *({"email_authorization_spread_days": 110},) * 2)
    ]
    due = [re.search(r"(\d) of 3 targets are due", " ".join(text.split())) for text in found]
    assert [found.group(1) if found else None for found in due] == [
        "0",
        due[1] and due[1].group(1),
        due[1] and due[1].group(1),
    ]
    assert due[1] and due[1].group(1) in ("1", "2")


def test_more_targets_than_google_keeps_tokens_for_are_refused(configured: Runner) -> None:
    client = PlainClient(configured.lab)
    for target in TARGETS.values():
        service = configured.status(target)
        service["oauth"]["tokenUrl"] = "https://oauth2.googleapis.com/token"
        client.admin("PUT", "server/services/email", target, json=service)
    refused = " ".join(configured.run("cai.console.authorize", code=2, authorize_google_limit=2).split())
    assert "3 targets use alerts@lab.test with the client console-client" in refused
    assert started(configured) == 0
    configured.run("cai.console.authorize", authorize_step="links")
    assert started(configured) == 3


def test_a_mailboxes_consent_as_two_jobs(lab: LabControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two machines: nothing of the first job is there in the second, but the link's address that a person pasted."""
    from ansible_collections.cai.console.plugins.plugin_utils._oauth import state

    from .victim import vault

    key = "CANARY-consent-key-" + "k" * 30
    monkeypatch.setenv("CAI_OAUTH_CONSENT_KEY", key)
    jobs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        jobs.append(Runner(lab, tmp_path / name))
    first, second = jobs
    mailbox = {
        "authorize_mailbox": "alerts@lab.test",
        "email_authorization_client": {
            "discovery_url": lab.addresses["oauth"]["discovery"],
            "client_id": "mail-client",
            "redirect_uri": "https://localhost:8400/callback",
            "ca_path": lab.addresses["ca"],
            "scope": ["openid", "offline_access", "https://outlook.office.com/SMTP.Send"],
        },
    }
    (first.folder / "ansible.cfg").write_text(f"[defaults]\nlog_path = {first.folder / 'ansible.log'}\n")
    begun = first.run(
        "cai.console.authorize_mailbox",
        **mailbox,
        authorize_mailbox_step="begin",
        authorize_mailbox_file=str(first.folder / "alerts.yml"),
        flags="-vvvvv",
    )
    link = LINK.search(begun)
    assert link
    signed = re.search(r"state=([^&]+)", link.group(1))
    assert signed
    artifacts = begun + "".join(item.read_text() for item in first.folder.rglob("*") if item.is_file())
    for secret in (key, state.verifier(signed.group(1), key), "mail-client-Secret-1"):
        assert secret not in artifacts

    url = second.person.consent(link.group(1), "https://localhost:8400/callback")
    path = second.folder / "alerts.yml"
    complete = {
        **mailbox,
        "authorize_mailbox_step": "complete",
        "authorize_mailbox_file": str(path),
        "authorize_mailbox_url": url,
        "email_authorization_client_secret": "mail-client-Secret-1",
    }
    other = second.run("cai.console.authorize_mailbox", **{**complete, "authorize_mailbox": "reports@lab.test"}, code=2)
    assert "It was begun for the target alerts@lab.test, not for reports@lab.test." in " ".join(other.split())
    assert not path.exists()
    second.run("cai.console.authorize_mailbox", **complete)
    assert b"refresh_token" in vault("pw").decrypt(path.read_bytes())
    twice = second.run("cai.console.authorize_mailbox", **complete, code=2)
    assert "code_already_used" in twice
    assert "the code was exchanged before" in " ".join(twice.split())


def test_rotate_secret(authorized: Runner) -> None:
    done = authorized.run("cai.console.rotate_secret", rotate_secret_new=SECOND, rotate_secret_old=SECRET)
    assert "3 of 3 targets use the new secret. The old one may go." in " ".join(done.split())
    assert authorized.lab.secret("agent-a", "oauth.clientSecret", SECOND)["equal"]
    assert SECOND not in done


def test_rotate_a_password(runner: Runner) -> None:
    """The mail server takes the new one; one that it does not take goes no further than the canary."""
    old = "alerts-Mail-pw0"
    runner.variables |= runner.service(authentication="password", password=old)
    (runner.folder / "configure.yml").write_text(CONFIGURE)
    runner.run(str(runner.folder / "configure.yml"))
    rotate: dict[str, Any] = {"rotate_secret_kind": "password"}
    done = runner.run("cai.console.rotate_secret", **rotate, rotate_secret_new=PASSWORD, rotate_secret_old=old)
    assert "3 of 3 targets use the new secret. The old one may go." in " ".join(done.split())
    assert [mail["auth_user"] for mail in runner.lab.mailbox()] == ["alerts@lab.test"] * 3
    runner.lab.clear_operations()
    wrong = runner.run(
        "cai.console.rotate_secret", code=2, **rotate, rotate_secret_new="no", rotate_secret_old=PASSWORD
    )
    assert "The old one may go." not in wrong
    assert len({entry["target"] for entry in runner.lab.operations(operation="write_email_service")}) == 1
    assert all(runner.lab.secret(target, "password", PASSWORD)["equal"] for target in TARGETS.values())


def test_a_secret_that_does_not_work_is_rolled_back_at_the_canary(authorized: Runner) -> None:
    authorized.lab.set_clock(7200)
    done = authorized.run(
        "cai.console.rotate_secret", code=2, rotate_secret_new="wrong-Secret", rotate_secret_old=SECRET
    )
    assert "test_failed" in done
    for target in TARGETS.values():
        assert authorized.lab.secret(target, "oauth.clientSecret", SECRET)["equal"]
    writes = authorized.lab.operations(operation="write_email_service", since=0)
    assert {entry["target"] for entry in writes if "oauth.clientSecret" in entry["members"]} >= {"cloud"}


def test_renew_lists_who_is_needed(authorized: Runner) -> None:
    report = authorized.folder / "report.json"
    done = authorized.run(
        "cai.console.renew_authorizations",
        code=2,
        email_authorization_as_of="2100-01-01T00:00:00Z",
        renew_authorizations_report=str(report),
    )
    assert done.count("a person must open https://") >= 3
    found = {row["target"]: row["found"] for row in json.loads(report.read_text())["targets"]}
    assert {row["verdict"] for row in found.values()} == {"failed"}
    good = authorized.run("cai.console.renew_authorizations")
    assert "3 good" in good


def in_days(number: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=number)).isoformat()


@pytest.mark.parametrize(
    ("day", "verdict", "code", "said"),
    [
        (55, "good", 0, "3 good"),
        (70, "warned", 0, "3 warned"),
        (84, "failed", 2, "Act now: cloud-server; agent-a; agent-b"),
    ],
)
def test_renew_warns_of_thirty_days_and_fails_at_seven(
    authorized: Runner, day: int, verdict: str, code: int, said: str
) -> None:
    report = authorized.folder / "report.json"
    done = authorized.run(
        "cai.console.renew_authorizations",
        code=code,
        email_authorization_as_of=in_days(day),
        renew_authorizations_report=str(report),
        renew_authorizations_jitter=1,
    )
    assert said in " ".join(done.split())
    assert done.count("a person must open https://") >= (0 if verdict == "good" else 3)
    rows = json.loads(report.read_text())["targets"]
    assert {(row["found"]["verdict"], bool(row["found"]["authorization_url"])) for row in rows} == {
        (verdict, verdict != "good")
    }


@pytest.mark.parametrize(("left", "code"), [(40, 0), (20, 0), (5, 2)])
def test_renew_warns_of_a_client_secret_that_expires(authorized: Runner, left: int, code: int) -> None:
    done = authorized.run(
        "cai.console.renew_authorizations",
        code=code,
        email_authorization_client_secret_expires=in_days(left)[:10],
    )
    said = " ".join(done.split())
    warning = f"The client's secret expires in {left} days; see the playbook rotate_secret."
    assert (warning in said) is (left <= 30)
    assert (f"Act now: {warning}" in said) is (code == 2)


def test_a_mailbox_that_cannot_be_refreshed_is_named_whatever_the_reason(authorized: Runner, tasks: Any) -> None:
    """Also where the task's own options are wrong, which no code of an error says."""
    mine = held(authorized, tasks)
    mine["email_authorization_client"] |= {"tennant": "misspelt"}
    done = " ".join(authorized.run("cai.console.renew_authorizations", code=2, **mine).split())
    assert "Act now: alerts@lab.test: Unsupported parameters" in done, done[-2500:]
    assert "tennant" in done


def test_the_role_by_itself_lists_what_needs_a_person(configured: Runner, tasks: Any) -> None:
    """Links of the targets, and mailboxes whose consent is over."""
    mine = held(configured, tasks)
    configured.lab.oauth_refuse(50173)
    play = [
        {"hosts": "all", "connection": "local", "gather_facts": False, "roles": ["cai.console.email_authorization"]}
    ]
    (configured.folder / "role.json").write_text(json.dumps(play))
    done = configured.run(str(configured.folder / "role.json"), flags="--diff", **mine)
    said = " ".join(done.split())
    for host in TARGETS:
        assert f"{host}: a person must open https://" in said
    assert said.count("alerts@lab.test: alerts@lab.test: The provider refuses (AADSTS50173)") == 1
    assert tasks.token_requests() == 1


def test_a_mailbox_whose_consent_is_over_comes_with_the_link_for_a_new_one(
    configured: Runner, tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nightly job shows it, a person opens it, and the job for it completes it."""
    monkeypatch.setenv("CAI_OAUTH_CONSENT_KEY", KEY)
    mine = held(configured, tasks)
    mine["email_authorization_client"] |= {"redirect_uri": REDIRECT}
    configured.lab.oauth_refuse(50173)
    shown = configured.run("cai.console.renew_authorizations", code=2, flags="--diff", **mine)
    mailbox = mine["email_authorization_mailboxes"][0]
    link = re.search(r"alerts@lab\.test: .*AADSTS50173.* Open (https://[^\"\s]+)", shown)
    assert link, shown
    configured.run(
        "cai.console.authorize_mailbox",
        **mine,
        authorize_mailbox=mailbox["user"],
        authorize_mailbox_file=mailbox["refresh_token_file"],
        authorize_mailbox_step="complete",
        authorize_mailbox_url=tasks.person.consent(link.group(1), REDIRECT),
    )
    again = configured.run("cai.console.renew_authorizations", code=2, **mine)
    assert "AADSTS50173" not in again


def test_renew_and_revoke_the_mailboxes_that_we_hold(authorized: Runner, tasks: Any) -> None:
    mine = held(authorized, tasks)
    authorized.lab.clear_operations()
    authorized.run("cai.console.renew_authorizations", **mine)
    assert tasks.token_requests() == 1
    soon = authorized.run(
        "cai.console.renew_authorizations",
        **mine,
        email_authorization_client_secret_expires="2026-01-01",
        code=2,
    )
    assert "The client's secret expires in" in soon
    authorized.run("cai.console.revoke", **mine)
    assert states(authorized) == ["AUTHORIZED"] * 3
    assert not (authorized.folder / "alerts.yml").exists()
    assert authorized.lab.oauth_events()[-1]["event"] == "revoked"
    authorized.run("cai.console.revoke", **mine, revoke_consoles=True)
    assert states(authorized) == ["NOT_AUTHORIZED"] * 3


def test_a_renewal_of_many_asks_as_little_as_can_be(runner: Runner, tasks: Any) -> None:
    """200 authorized targets and mailboxes of ours: one sign-in, one token request a mailbox, one read a target."""
    lab, number, ours = runner.lab, 200, ["alerts@lab.test", "reports@lab.test"]
    lab.add_agents(max(0, number - len([one for one in lab.targets() if one["name"].startswith("bulk-")])))
    bulk = {one["name"]: one["id"] for one in lab.targets() if one["name"].startswith("bulk-")}
    many = Runner(lab, runner.folder / "many", dict(list(bulk.items())[:number]))
    for target in many.targets.values():
        lab.authorize(target)
    mine = held(many, tasks, *ours[1:])
    lab.clear_operations()
    before, events = lab.sessions()["sign_ins"], len(lab.oauth_events(event="token"))
    done = many.run("cai.console.renew_authorizations", **mine, flags="--forks=20")
    assert f"{number} targets: {number} good" in " ".join(done.split())
    assert lab.sessions()["sign_ins"] - before == 1
    assert tasks.token_requests() == len(ours)
    assert sorted(entry["user"] for entry in lab.oauth_events(event="token")[events:]) == ours
    assert len(lab.operations(operation="read_email_service")) == number
    assert lab.operations(operation="write_email_service") == []


def test_no_secret_in_anything_that_is_printed(runner: Runner, tasks: Any) -> None:
    """Begin, complete, refresh and failures, as loud as Ansible can be, through two callbacks and the log file."""
    key, urls = "CANARY-consent-key-" + "k" * 30, runner.lab.addresses["oauth"]
    common = {
        "discovery_url": urls["discovery"],
        "client_id": "mail-client",
        "client_secret": "mail-client-Secret-1",
        "ca_path": runner.lab.addresses["ca"],
        "redirect_uri": "https://localhost:8400/callback",
        "consent_key": key,
        "scope": tasks.options()["scope"],
        "target": "agent-a",
        "grant": "authorization_code",
    }
    begun = tasks.run(**{**common, "step": "begin"})
    back = tasks.come_back(begun)
    code = re.search(r"code=([^&]+)", back)
    assert code
    steps: list[dict[str, Any]] = [
        {"cai.console.oauth_token": {**common, "step": "begin"}},
        {
            "cai.console.oauth_token": {**common, "step": "complete", "redirect_response": back},
            "register": "got",
        },
        {
            "ansible.builtin.copy": {"dest": str(runner.folder / "tokens"), "content": "{{ got | to_json }}"},
            "no_log": True,
        },
        {
            "cai.console.oauth_token": {**common, "grant": "refresh_token", "refresh_token": "{{ got.refresh_token }}"},
            "register": "again",
        },
        {
            "ansible.builtin.copy": {"dest": str(runner.folder / "more"), "content": "{{ again | to_json }}"},
            "no_log": True,
        },
        {
            "cai.console.oauth_token": {**common, "step": "complete", "redirect_response": back},
            "ignore_errors": True,
        },
        {
            "cai.console.oauth_token": {**common, "grant": "refresh_token", "refresh_token": "CANARY-refresh"},
            "ignore_errors": True,
        },
    ]
    play = [{"hosts": "agent-a", "connection": "local", "gather_facts": False, "tasks": steps}]
    (runner.folder / "canary.json").write_text(json.dumps(play))
    log = runner.folder / "ansible.log"
    (runner.folder / "ansible.cfg").write_text(f"[defaults]\nlog_path = {log}\ncallback_result_format = yaml\n")
    output = runner.run(str(runner.folder / "canary.json"), flags="-vvvvv")
    secrets = {key, "CANARY-refresh", "mail-client-Secret-1", code.group(1)}
    for name in ("tokens", "more"):
        got = json.loads((runner.folder / name).read_text())
        secrets |= {got["access_token"], got["refresh_token"]}
    everything = output + log.read_text() + json.dumps([runner.lab.operations(), runner.lab.oauth_events()])
    for path in (runner.folder / "state").rglob("*"):
        everything += path.read_text() if path.is_file() else ""
    assert [secret[:12] for secret in secrets if secret in everything] == []
    assert "consent_needed" in output


def test_no_token_in_what_the_playbooks_tell_of_mailboxes(
    authorized: Runner, tasks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewal of two mailboxes, a use of their tokens, and the end of them: screen, log, every result, state."""
    from .victim import vault

    record, log = authorized.folder / "record", authorized.folder / "ansible.log"
    plugins = ROOT / "tests" / "integration" / "callback_plugins"
    (authorized.folder / "ansible.cfg").write_text(
        f"[defaults]\nlog_path = {log}\ncallback_plugins = {plugins}\ncallbacks_enabled = recorder\n"
    )
    monkeypatch.setenv("CAI_TEST_RECORD", str(record))
    mine = held(authorized, tasks, "reports@lab.test")
    files = [Path(mailbox["refresh_token_file"]) for mailbox in mine["email_authorization_mailboxes"]]

    def now_held() -> set[str]:
        return {yaml.safe_load(vault("pw").decrypt(path.read_bytes()))["refresh_token"] for path in files}

    secrets = {"mail-client-Secret-1"} | now_held()
    output = authorized.run("cai.console.renew_authorizations", **mine, flags="-vvvvv")
    secrets |= now_held()
    assert len(secrets) == 5
    # A later task gets the access token that the play got.
    for path, mailbox in zip(files, mine["email_authorization_mailboxes"], strict=True):
        state = str(authorized.folder / "state")
        got = tasks.refresh(refresh_token_file=str(path), user=mailbox["user"], state_dir=state, vault=vault("pw"))
        assert got["refreshed"] is False, got
        secrets.add(got["access_token"])
    output += authorized.run("cai.console.revoke", **mine, flags="-vvvvv")
    assert [path.exists() for path in files] == [False, False]
    assert record.read_text().count("Refresh each mailbox that we hold") >= 1
    everything = output + log.read_text() + record.read_text()
    everything += "".join(path.read_text() for path in (authorized.folder / "state").rglob("*") if path.is_file())
    assert [secret[:12] for secret in secrets if secret in everything] == []


WATCH = """
import os, sys
def hook(event, arguments):
    if event == "import" and arguments[0] == "requests_oauthlib":
        with open(os.environ["WATCH_FILE"], "a") as stream:
            stream.write(f"{os.getpid()}\\n")
sys.addaudithook(hook)
"""


@pytest.mark.parametrize("used", [True, False])
def test_the_libraries_are_imported_once_by_the_parent_and_only_where_they_are_used(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, used: bool
) -> None:
    (runner.folder / "sitecustomize.py").write_text(WATCH)
    seen = runner.folder / "imports"
    seen.touch()
    monkeypatch.setenv("PYTHONPATH", str(runner.folder))
    monkeypatch.setenv("WATCH_FILE", str(seen))
    token = {
        "grant": "client_credentials",
        "token_url": runner.lab.addresses["oauth"]["token_url"],
        "client_id": "daemon",
        "client_secret": "daemon-Secret-1",
        "ca_path": runner.lab.addresses["ca"],
        "scope": ["https://outlook.office365.com/.default"],
    }
    tasks: list[dict[str, Any]] = [{"ansible.builtin.debug": {"msg": "x"}}]
    tasks += [{"cai.console.oauth_token": token}] * 2 if used else []
    play = [{"hosts": "all", "connection": "local", "gather_facts": False, "tasks": tasks}]
    (runner.folder / "imports.json").write_text(json.dumps(play))
    runner.run(str(runner.folder / "imports.json"))
    importers = set(seen.read_text().split())
    assert importers == ({str(runner.pid)} if used else set())
