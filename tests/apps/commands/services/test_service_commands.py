"""The commands of the services say in one line what is wrong, and end with status 2."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from semcom.apps.cli import app

RADIO = ("radio", "--keys", "KEYS/radio", "--state", "KEYS/s")


def invoke(*arguments: str):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_keygen_makes_keys_that_know_each_other(tmp_path: Path) -> None:
    made = invoke("keygen", "--out", tmp_path / "keys", "--for", "tx, radio")
    assert made.exit_code == 0 and len(made.output.split()) == 4
    assert stat.S_IMODE((tmp_path / "keys" / "tx" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys" / "tx" / "peers").iterdir()] == ["radio.key"]
    again = invoke("keygen", "--out", tmp_path / "keys", "--for", "tx, radio")
    assert again.exit_code == 2 and "keys are not replaced" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("host", "rx", "--keys", "KEYS/none", "--out", "KEYS/o"), "semcom keygen"),
        (("host", "tx", "--keys", "KEYS/tx", "--mcs", "fast", "--state", "KEYS/s"), "fast"),
        (("host", "tx", "--keys", "KEYS/tx", "--radio-key", "nobody", "--state", "KEYS/s"), "got 'nobody'"),
        (("host", "rx", "--keys", "KEYS/tx", "--radio", "udp://x", "--out", "KEYS/o"), "address must be tcp://"),
        (("air", "--keys", "KEYS/radio", "--listen", "tcp://300.0.0.1:1", "--state", "KEYS/s"), "cannot be bound"),
        (("air", "--keys", "KEYS/radio", "--snr-db", "1000", "--state", "KEYS/s"), "snr_db must be"),
        (("air", "--keys", "KEYS/radio", "--radio", "pluto", "--state", "KEYS/s"), "driver must be loopback here"),
        ((*RADIO, "--radio", "pluto"), "confirm_transmit must be true, or --confirm-transmit be given"),
        ((*RADIO, "--radio", "pluto", "--role", "send"), "role must be one of tx, rx, both, got 'send'"),
        ((*RADIO, "--radio", "pluto", "--snr-db", "3"), "snr_db must be given for a loopback radio only"),
        ((*RADIO, "--radio", "sigmf_replay", "--role", "rx"), "recording must be given for a radio of driver sigmf"),
        ((*RADIO, "--listen", "tcp://300.0.0.1:1"), "cannot be bound"),
        (("push", "KEYS/tx/none.png", "--keys", "KEYS/tx", "--to", "radio"), "cannot be read"),
        (("status", "KEYS"), "no service answers there"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    invoke("keygen", "--out", tmp_path, "--for", "tx,radio")
    port = ("--metrics-port", "0") if arguments[0] in ("host", "air", "radio") else ()
    done = invoke(*(argument.replace("KEYS", str(tmp_path)) for argument in arguments), *port)
    assert done.exit_code == 2 and said in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_a_push_that_nobody_answers_ends_in_time(tmp_path: Path) -> None:
    invoke("keygen", "--out", tmp_path, "--for", "tx,me")
    (tmp_path / "a.png").write_bytes(b"x")
    options = ("--keys", tmp_path / "me", "--at", "tcp://127.0.0.1:1", "--timeout-s", "0.3")
    done = invoke("push", tmp_path / "a.png", *options)
    assert done.exit_code == 2 and "must answer within 0.3 s" in done.stderr
