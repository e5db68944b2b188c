"""The command as a stranger types it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request

import pytest
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.live import requirements

LIMIT_S = 240

pytest.importorskip("fastapi", reason="the live page's packages are not here: scripts/setup live")


def test_it_says_where_the_page_is_serves_it_and_ends_when_told():
    command = [sys.executable, "-m", "semcom.apps.cli", "live", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
            assert b"gr-semcom live" in urllib.request.urlopen(address, timeout=LIMIT_S).read()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(LIMIT_S)
    assert process.returncode in (0, -signal.SIGTERM)


def test_a_port_that_is_taken_and_packages_that_lack_are_a_sentence(monkeypatch):
    from semcom.apps.live.run import listening_socket

    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        taken_by_us = CliRunner().invoke(app, ["live", "--host", "127.0.0.1", "--port", str(port)])
    assert taken_by_us.exit_code == 2 and f"port {port}" in taken_by_us.output
    monkeypatch.setattr(requirements.importlib.util, "find_spec", lambda name: None)
    without = CliRunner().invoke(app, ["live"])
    assert without.exit_code == 2 and "pip install" in without.output
