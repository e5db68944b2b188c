"""Which options go together, and that nothing is transmitted unconfirmed: `choice`, `own_radio`."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.live.hosts.choice import HostOptions
from semcom.apps.live.hosts.own_radio import OwnRadio
from semcom.sdr_configs.errors import ConfigError
from semcom.semantic import RequestError


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (HostOptions(tx=True, rx=True), "two computers"),
        (HostOptions(confirm_transmit=True), "--confirm-transmit goes with --tx or --rx"),
        (HostOptions(watch=Path("photos")), "--watch goes with"),
        (HostOptions(radio="tcp://127.0.0.1:5701"), "goes with --tx or --rx"),
        (HostOptions(tx=True, radio="tcp://127.0.0.1:5701"), "needs --keys"),
    ],
)
def test_options_that_do_not_go_together(options: HostOptions, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        options.check()


def test_options_that_do() -> None:
    HostOptions().check()
    HostOptions(rx=True, radio="pluto").check()
    HostOptions(tx=True, radio="tcp://127.0.0.1:5701", keys=Path("keys")).check()


def test_a_real_radio_transmits_only_when_somebody_said_so() -> None:
    with pytest.raises(ConfigError, match="confirm"):
        OwnRadio("pluto", "tx", False, lambda line: None)


def test_a_loopback_has_both_ends() -> None:
    with pytest.raises(ConfigError, match="leave --tx and --rx out"):
        OwnRadio("loopback-awgn", "tx", True, lambda line: None)
