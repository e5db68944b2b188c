"""What services do alike when they start: a state folder of their own, and a connection that may be sealed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from semcom.apps.commands.services.opening import Opening, open_service
from semcom.apps.report.result_folder import OutputError
from semcom.apps.services.sealed_frames import OpeningClient, SealingClient
from semcom.apps.services.service_log import LogFormat, LogLevel
from semcom.apps.services.start import status_point
from semcom.apps.services.status import read_status
from semcom.link.messages import Role
from semcom.link.transports.client import Client
from semcom.link.transports.key_files import make_acquainted

RADIO = ("tcp://127.0.0.1:1", "radio")


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    make_acquainted(tmp_path / "keys", ["tx", "radio"])
    return open_service("host-tx", tmp_path / "keys" / "tx", tmp_path / "state", 0, LogLevel.INFO, LogFormat.TEXT)


def test_a_connection_is_sealed_by_one_host_and_opened_by_the_other(opening: Opening, tmp_path: Path) -> None:
    key = tmp_path / "frame.key"
    key.write_text("0a" * 32)
    key.chmod(0o600)
    for role, file, kind in (
        (Role.TX, None, Client),
        (Role.RX, None, Client),
        (Role.TX, key, SealingClient),
        (Role.RX, key, OpeningClient),
    ):
        with closing(opening.client(role, *RADIO, file)) as client:
            assert type(client) is kind and client.address == RADIO[0]
    key.chmod(0o644)
    with pytest.raises(OutputError, match="mode 600"):
        opening.client(Role.TX, *RADIO, key)


def test_nothing_is_made_in_the_state_folder_of_another_service(opening: Opening) -> None:
    with (
        closing(status_point(opening.state, 0, "radio")),
        pytest.raises(OutputError, match=r"another service \(radio\)"),
    ):
        opening.run(lambda: pytest.fail("made"), str)


def test_what_cannot_be_made_leaves_the_state_folder_free(opening: Opening) -> None:
    def make() -> None:
        assert read_status(opening.state)["service"] == "tx"
        raise OutputError("no room")

    for _ in range(2):
        with pytest.raises(OutputError, match="no room"):
            opening.run(make, str)
    with pytest.raises(OutputError):
        read_status(opening.state)
