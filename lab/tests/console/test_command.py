# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: addresses, ports, signals, durability, TLS, access log."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from cai_lab.control_client import PACKAGES, LabControl, LabError
from cai_lab.plain_client import PlainClient

EMAIL = "server/services/email"


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "cai_lab", *options],
        env={**os.environ, "PYTHONPATH": str(PACKAGES), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_block() -> int:
    """A base port with the ports of a whole layout free above it."""
    for base in range(21000, 60000, 50):
        sockets = []
        try:
            for offset in (0, 1, 2, 3, *range(10, 20)):
                sock = socket.socket()
                sockets.append(sock)
                sock.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        else:
            return base
        finally:
            for sock in sockets:
                sock.close()
    raise AssertionError("no free block of ports")


def test_what_was_stored_survives_kill_9(tmp_path: Path) -> None:
    lab = LabControl.start(tmp_path)
    robot = PlainClient(lab)
    hosts = [f"host-{number}.test" for number in range(20)]
    for host in hosts:
        robot.admin("PUT", EMAIL, "agent-a", json={"hostName": host, "password": "kept-pw"})
    lab.set_switches(port_type="string")
    lab.add_agents(3)
    lab.deploy("agent-a", "Mine")
    before, certificate = lab.state(), Path(lab.addresses["ca"]).read_bytes()
    lab.kill()
    with LabControl.start(tmp_path) as again:
        assert again.state() == before
        assert PlainClient(again).admin("GET", EMAIL, "agent-a").json()["hostName"] == hosts[-1]
        assert again.secret("agent-a", "password", "kept-pw")["equal"]
        assert again.switches()["port_type"]["position"] == "string"
        assert len([target for target in again.targets() if target["name"].startswith("bulk-")]) == 3
        assert Path(again.addresses["ca"]).read_bytes() == certificate


def test_the_fixed_layout_starts_at_the_base_port(tmp_path: Path) -> None:
    base = free_block()
    with LabControl.start(tmp_path, "--port", str(base)) as lab:
        assert lab.addresses["console"] == f"http://127.0.0.1:{base}"
        assert lab.addresses["pod"] == f"http://127.0.0.1:{base + 1}"
        assert lab.addresses["smtp"] == {"host": "127.0.0.1", "starttls_port": base + 2, "tls_port": base + 3}
        assert lab.addresses["agents"]["agent-a"] == f"http://127.0.0.1:{base + 10}"
        assert lab.addresses["agents"]["agent-b"] == f"http://127.0.0.1:{base + 11}"


@pytest.mark.parametrize("offset", [0, 1, 2, 3, 11])
def test_a_port_in_use_is_one_sentence(tmp_path: Path, offset: int) -> None:
    base = free_block()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + offset))
        taken.listen()
        done = run("--state", str(tmp_path), LAB_PORT=str(base))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"Port {base + offset} is in use" in done.stderr


def test_a_state_folder_serves_one_lab(tmp_path: Path) -> None:
    with LabControl.start(tmp_path):
        done = run("--state", str(tmp_path), "--free-ports")
    assert done.returncode == 2
    assert "in use by another lab" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("value", ["x", "0", "70000"])
def test_a_senseless_port_is_refused(tmp_path: Path, value: str) -> None:
    done = run("--state", str(tmp_path), LAB_PORT=value)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    state = tmp_path / "state"
    command = [sys.executable, "-m", "cai_lab", "--state", str(state), "--free-ports", "--ready-file", str(ready)]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not ready.exists():
            assert process.poll() is None
        lab = LabControl.attach(ready)
        assert lab.pid == process.pid
        robot = PlainClient(lab)
        process.send_signal(number)
        text, problems = process.communicate(timeout=30)
        robot.close()
    assert process.returncode == 0
    assert problems == b""
    for word in (
        "The lab is running",
        "robot@lab.test",
        lab.addresses["console"],
        lab.addresses["pod"],
        "alerts-Mail-pw1",
    ):
        assert word.encode() in text
    assert not ready.exists()


def test_tls_serves_every_listener_with_the_labs_ca(tmp_path: Path) -> None:
    with LabControl.start(tmp_path, "--tls") as lab:
        robot = PlainClient(lab)
        direct = f"{lab.addresses['agents']['agent-a']}/process-engine/restadmin/{EMAIL}"
        assert direct.startswith("https:")
        assert robot.ask("GET", direct).status_code == 200
        agent = next(a for a in robot.platform("agent/details?onlyStatus=false").json() if a["name"] == "agent-a")
        configs = {item["name"]: item["value"] for item in agent["agentEngines"][1]["agentEngineConfigs"]}
        assert direct.startswith(f"https://127.0.0.1:{configs['https-port']}/")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{lab.addresses['console']}/", verify=True)


def test_a_file_without_certificates_cannot_be_trusted(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(LabError, match="--trust: .*ca.pem holds no CA certificates"):
        LabControl.start(tmp_path / "state", "--trust", str(tmp_path / "ca.pem"))


def test_the_access_log_has_a_line_per_request_and_no_secrets(tmp_path: Path) -> None:
    with LabControl.start(tmp_path, "--access-log") as lab:
        robot = PlainClient(lab)
        robot.admin("PUT", EMAIL, json={"password": "SECRET-pw"})
    text = (tmp_path / "lab.log").read_text()
    assert f"PUT /active-bpel/restadmin/{EMAIL} 200 write_email_service robot@lab.test" in text
    requests_seen = [line for line in text.splitlines() if " console " in line and " /" in line]
    assert len(requests_seen) == 2
    assert "SECRET-pw" not in text
    assert robot.session not in text


def test_a_lab_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="unrecognized"):
        LabControl.start(tmp_path, "--nonsense")
