"""Automatic MCS: up with hysteresis, down at once, the most robust one where nothing is known; in the host, too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semcom.apps.delivery.frame_plan import FramePlan
from semcom.apps.delivery.outgoing import AirSettings
from semcom.apps.services.sending.automatic_mcs import SILENT_S, AutomaticMcs
from semcom.apps.services.unheard_pictures import here_i_am
from semcom.flowgraphs.loopback.result import BurstStatistics
from semcom.link.messages import Kind, Outcome, Role
from semcom.phy.errors import ConfigurationError
from semcom.phy.sensitivity import thresholds_db
from semcom.phy.waveform import Waveform

from .. import one_process
from ..radio_bench import Bench, EchoAir
from .test_host_tx import Sending

WAVEFORM = Waveform.load("ofdm64")
NEEDS_DB = thresholds_db(WAVEFORM)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chooser(clock: Clock) -> AutomaticMcs:
    return AutomaticMcs(WAVEFORM, 256, clock)


def test_the_most_robust_one_before_the_first_report(chooser: AutomaticMcs) -> None:
    assert chooser.mcs == "bpsk-1/8" == next(iter(NEEDS_DB))
    for nothing in (None, math.nan):
        chooser.reported(nothing)
    assert chooser.mcs == "bpsk-1/8" and chooser.status()["snr_db"] is None


def test_up_with_hysteresis_and_down_without(chooser: AutomaticMcs) -> None:
    needs_db = NEEDS_DB["qpsk-2/3"]
    chooser.reported(needs_db + 0.4)
    assert chooser.mcs == "qpsk-1/2"  # it holds, but not with 0.5 dB to spare
    for _ in range(20):
        chooser.reported(needs_db + 0.6)
    assert chooser.mcs == "qpsk-2/3"
    for _ in range(20):
        chooser.reported(needs_db + 0.1)
    assert chooser.mcs == "qpsk-2/3"  # within the hysteresis it stays
    chooser.reported(needs_db - 0.1)
    assert chooser.mcs == "qpsk-1/2"


def test_losses_raise_what_each_needs(chooser: AutomaticMcs) -> None:
    chooser.reported(NEEDS_DB["qpsk-1/2"] + 0.6)
    assert chooser.mcs == "qpsk-1/2"
    chooser.settled([(1, Outcome.RECEIVED), (2, Outcome.CRC), (3, Outcome.MISSED), (4, Outcome.ON_AIR)])
    chooser.reported(NEEDS_DB["qpsk-1/2"] + 0.6)
    assert chooser.mcs == "qpsk-1/3" and chooser.status()["offset_db"] == pytest.approx(0.5 * (2 - 0.01 / 0.99))


def test_what_is_not_answered_leads_back_to_the_most_robust_one(chooser: AutomaticMcs, clock: Clock) -> None:
    plan = FramePlan(AirSettings(), WAVEFORM)
    chooser.reported(30.0)
    plan = chooser.next_plan(plan)
    assert plan.mcs == "256qam-5/6"
    clock.now_s = SILENT_S
    assert chooser.next_plan(plan) is plan
    clock.now_s = SILENT_S + 0.1
    assert chooser.next_plan(plan).mcs == "bpsk-1/8"
    chooser.reported(30.0)
    clock.now_s += 3600  # nothing was sent meanwhile: nothing follows from the silence
    assert chooser.mcs == "256qam-5/6"


def test_only_what_carries_the_frames_is_chosen() -> None:
    assert AutomaticMcs(WAVEFORM, 3000).mcs == "bpsk-1/3"
    with pytest.raises(ConfigurationError, match="frame_bytes must fit a burst"):
        AutomaticMcs(WAVEFORM, 9000)


def test_a_host_follows_the_reports(bench: Bench, tmp_path: Path) -> None:
    rx = bench.join("rx", Role.RX)
    sending = Sending(bench, tmp_path)
    sending.host._automatic = AutomaticMcs(WAVEFORM, 256)
    bench.until(lambda: sending.turn() or sending.sent_pictures.totals["complete"] == 1)
    assert set(bench.air.schemes) == {"bpsk-1/8"}
    for _ in range(20):
        rx.send(Kind.FEEDBACK, feedback=here_i_am(6.0))
    bench.until(lambda: sending.turn() or sending.host.status()["mcs"]["snr_db"] == 6.0)
    bench.air.schemes.clear()
    (tmp_path / "photos" / "b.sem").write_bytes((tmp_path / "photos" / "a.sem").read_bytes())
    bench.until(lambda: sending.turn() or sending.sent_pictures.totals["complete"] == 2)
    assert set(bench.air.schemes) == {"16qam-1/2"}
    told = sending.host.status()["mcs"]
    assert (told["base"], told["chosen"], told["snr_db"]) == ("16qam-1/2", "16qam-1/2", 6.0)
    sending.host.close()


class MeasuringAir(EchoAir):
    """Tells each burst's SNR beside its frame."""

    def send(self, number: int, frame: bytes, mcs: str, repeat: Mapping[str, Any] | None = None) -> None:
        super().send(number, frame, mcs, repeat)
        nothing = np.zeros(0, np.complex64)
        burst = (self.sent, 0, True, mcs, 6.0, 1.0, -6.0, 0.0, 0, 100, 1, 1, nothing, nothing)
        self._mailbox.put(BurstStatistics(*burst))


def test_the_snr_that_the_receiving_host_measures_reaches_the_sending_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(one_process, "EchoAir", MeasuringAir)
    link = one_process.Link(tmp_path)
    try:
        host = link.start_tx()
        host._automatic = AutomaticMcs(WAVEFORM, 256)
        link.start_rx()
        link.put(1)
        link.until(lambda: host.sent_pictures.totals["complete"] == 1)
        assert set(link.radio.air.schemes) == {"bpsk-1/8"}
        link.until(lambda: host.status()["mcs"]["snr_db"] == 6.0)
        link.radio.air.schemes.clear()
        link.put(1, first=1)
        link.until(lambda: host.sent_pictures.totals["complete"] == 2)
        assert set(link.radio.air.schemes) == {"16qam-1/2"}
        assert host.counts["refused_feedback"] == 0
    finally:
        link.close()
