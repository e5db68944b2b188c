import math
import random
from itertools import pairwise

import pytest

from semcom.link import AdaptationError, LinkAdaptation

THRESHOLDS = {"robust": -6.0, "slow": 0.0, "middle": 6.0, "fast": 12.0, "fastest": 18.0}
SPEED = {"robust": 0.2, "slow": 1.0, "middle": 2.0, "fast": 4.0, "fastest": 6.0}


def _loss(snr_db, threshold_db):
    """1 % at the threshold, falling steeply, as a long code does."""
    return 1 / (1 + 99 * math.exp(min(max(8 * (snr_db - threshold_db), -500), 500)))


def _simulate(snrs_db, rng, bias_db=0.0, deviation_db=0.3, **settings):
    """Frames one by one over a channel of these SNRs: names chosen, frames that came, speed of the best choice."""
    adaptation = LinkAdaptation(THRESHOLDS, **settings)
    names, came, best = [], [], 0.0
    for snr_db in snrs_db:
        name = adaptation.mcs
        ok = rng.random() > _loss(snr_db, THRESHOLDS[name])
        names.append(name)
        came.append(ok)
        best += max(SPEED[n] if _loss(snr_db, t) <= 0.01 else SPEED["robust"] for n, t in THRESHOLDS.items())
        report = snr_db + bias_db + rng.gauss(0, deviation_db) if ok else None
        adaptation.report(snr_db=report, acks=int(ok), nacks=int(not ok))
    got = sum(SPEED[n] for n, ok in zip(names, came, strict=True) if ok)
    return names, 1 - sum(came) / len(came), got / best


def _slow_fading(num_frames, rng):
    """SNR that wanders around 10 dB by 4 dB, some hundred frames from one to another (first-order process, in dB)."""
    level, out = 0.0, []
    for _ in range(num_frames):
        level = 0.998 * level + math.sqrt(1 - 0.998**2) * rng.gauss(0, 4)
        out.append(10 + level)
    return out


@pytest.mark.parametrize("bias_db", [-2.0, 0.0, 2.0])
def test_target_is_met_and_little_is_given_away(bias_db):
    """Also where thresholds and reports disagree by 2 dB: the outer loop learns it."""
    rng = random.Random(5)
    names, per, share = _simulate(_slow_fading(30_000, rng), rng, bias_db=bias_db)
    assert per < 0.0135
    assert share > 0.9
    changes = sum(a != b for a, b in pairwise(names))
    assert changes < 0.06 * len(names)


def test_a_laxer_target_is_used():
    rng = random.Random(6)
    snrs_db = _slow_fading(20_000, rng)
    _, per, _ = _simulate(snrs_db, rng, target_per=0.1, bias_db=-2.0)
    assert 0.0135 < per < 0.115  # thresholds lie 6 dB apart here: between them there is nothing to use it for


def test_steady_channel_means_steady_scheme():
    """Between two thresholds, with an estimate that scatters: one MCS, found at once and kept."""
    names, per, _ = _simulate([8.0] * 5000, random.Random(7), deviation_db=0.5)
    assert set(names[1:]) == {"middle"} and per < 0.01


def test_scatter_around_a_threshold_does_not_flap():
    """At a threshold the offset decides; hysteresis keeps the changes rare."""
    names, per, _ = _simulate([12.3] * 5000, random.Random(8), deviation_db=0.3)
    assert sum(a != b for a, b in pairwise(names)) < 150 and per < 0.015


def test_losses_bring_it_down_and_silence_too():
    adaptation = LinkAdaptation(THRESHOLDS)
    assert adaptation.mcs == "robust"
    assert adaptation.report(snr_db=14.0, acks=1) == "fast"
    for _ in range(8):
        adaptation.report(snr_db=14.0, nacks=1)
    assert adaptation.mcs == "middle" and adaptation.offset_db >= 2.0
    assert adaptation.no_report() == "slow"
    assert adaptation.no_report() == "robust"
    assert adaptation.no_report() == "robust"


def test_without_any_estimate_losses_alone_bring_it_down():
    adaptation = LinkAdaptation(THRESHOLDS, start="fast")
    assert adaptation.report(nacks=1) == "middle"
    assert adaptation.report(acks=1) == "middle"


def test_distortion_counts_where_it_is_worse_than_noise():
    """30 dB of SNR through an oscillator that leaves 10 dB."""
    adaptation = LinkAdaptation(THRESHOLDS)
    assert adaptation.report(snr_db=30.0, evm_db=-10.0) == "middle"
    assert LinkAdaptation(THRESHOLDS).report(snr_db=30.0, evm_db=-31.0) == "fastest"


def test_nonsense_from_the_air_is_borne():
    adaptation = LinkAdaptation(THRESHOLDS)
    for value in (float("nan"), float("inf"), -float("inf"), 1e30, -1e30):
        adaptation.report(snr_db=value, evm_db=value)
        assert adaptation.mcs in THRESHOLDS
        assert adaptation.snr_db is None or abs(adaptation.snr_db) <= 100
    adaptation.report(snr_db=0.5, nacks=1_000_000)
    assert adaptation.offset_db <= 20
    for _ in range(100):
        adaptation.report(snr_db=30.0, acks=1_000_000)
    assert adaptation.offset_db == -3.0


def test_mcs_that_need_more_than_faster_ones_are_left_out():
    points = LinkAdaptation({"a": 0.0, "b": 5.0, "c": 4.0, "d": 4.0, "e": 9.0}).operating_points
    assert points == (("a", 0.0), ("d", 4.0), ("e", 9.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"thresholds_db": {}}, "thresholds_db must name at least one MCS"),
        ({"thresholds_db": {"a": float("nan")}}, "thresholds_db of a must be -100 to 100, got nan"),
        ({"target_per": 0}, "target_per must be 1e-06 to 0.5, got 0"),
        ({"target_per": 1.0}, "target_per must be 1e-06 to 0.5, got 1.0"),
        ({"hysteresis_db": -1.0}, "hysteresis_db must be 0 to 20, got -1.0"),
        ({"smoothing": True}, "smoothing must be 0.001 to 1, got True"),
        ({"start": "qpsk"}, "start must be one of robust, slow, .*, got 'qpsk'"),
    ],
)
def test_impossible_settings_are_refused(arguments, message):
    with pytest.raises(AdaptationError, match=message):
        LinkAdaptation(**({"thresholds_db": THRESHOLDS} | arguments))


@pytest.mark.parametrize("counts", [{"acks": -1}, {"nacks": 1.0}, {"nacks": True}, {"acks": 10**7}])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(AdaptationError, match=f"{next(iter(counts))} must be 0 to 1000000, got"):
        LinkAdaptation(THRESHOLDS).report(snr_db=5.0, **counts)
