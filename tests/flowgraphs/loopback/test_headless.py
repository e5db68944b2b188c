"""The modem inside GNU Radio: what the channel does not take away must come out."""

import pytest

from semcom.flowgraphs.errors import FlowgraphTimeoutError
from semcom.flowgraphs.loopback.headless import run_loopback
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.sdr_configs.radio import load_radio, radio_names

TIMEOUT_S = 120.0


def random_frames(rng, number, mcs=("qpsk-1/2",), longest=300):
    return [(rng.bytes(int(rng.integers(14, longest))), mcs[at % len(mcs)]) for at in range(number)]


@pytest.mark.parametrize("gap_samples", [0, 256])
def test_without_noise_no_frame_is_lost_back_to_back(rng, gap_samples):
    """GNU Radio's own OFDM chain loses 2 to 6 of 100 here."""
    frames = random_frames(rng, 300, longest=500)
    channel = load_radio("loopback-clean").channel
    result = run_loopback(frames, channel=channel, gap_samples=gap_samples, timeout_s=TIMEOUT_S)
    assert [frame.data for frame in result.frames] == [frame for frame, _ in frames]
    assert result.outcomes() == ["delivered"] * len(frames)
    assert result.channel_uses == sum(burst.channel_uses for burst in result.sent_bursts) > 0


@pytest.mark.parametrize("radio", [name for name in radio_names() if name.startswith("loopback")])
def test_every_loopback_radio_delivers(rng, radio):
    settings = load_radio(radio)
    frames = [(rng.bytes(100), "qpsk-1/2") for _ in range(20)]
    result = run_loopback(frames, settings.waveform, settings.channel, timeout_s=TIMEOUT_S)
    assert [frame.data for frame in result.frames] == [frame for frame, _ in frames]
    assert len(result.sent_bursts) == 3  # 8 + 8 + 4 frames
    assert abs(result.cfo_hz - settings.channel.cfo_hz) < 100
    if settings.channel.snr_db is not None:
        assert abs(result.snr_db - settings.channel.snr_db) < 1.5


def test_every_mode_crosses_and_keeps_the_order(rng):
    frames = [(rng.bytes(60), mcs) for mcs in MCS_TABLE for _ in range(2)]
    channel = load_radio("loopback-awgn").with_channel(snr_db=32.0, clock_offset_ppm=5.0).channel
    result = run_loopback(frames, channel=channel, timeout_s=TIMEOUT_S)
    assert [(frame.data, frame.mcs) for frame in result.frames] == frames
    assert [burst.mcs for burst in result.sent_bursts] == list(MCS_TABLE)


def test_the_same_seed_gives_the_same_result_and_another_one_does_not(rng):
    frames = random_frames(rng, 30)
    radio = load_radio("loopback-awgn").with_channel(snr_db=3.0)
    first, second = (run_loopback(frames, channel=radio.channel, timeout_s=TIMEOUT_S) for _ in range(2))
    assert [frame.data for frame in first.frames] == [frame.data for frame in second.frames]
    assert [burst.start_sample for burst in first.bursts] == [burst.start_sample for burst in second.bursts]
    assert abs(first.snr_db - second.snr_db) < 1e-3  # GNU Radio's rounding depends on its buffers
    other = run_loopback(frames, channel=radio.with_channel(seed=2).channel, timeout_s=TIMEOUT_S)
    assert abs(other.snr_db - first.snr_db) > 1e-3


def test_below_the_threshold_frames_are_lost_with_their_cause(rng):
    frames = [(rng.bytes(200), "16qam-3/4") for _ in range(40)]
    channel = load_radio("loopback-awgn").with_channel(snr_db=4.0).channel
    result = run_loopback(frames, channel=channel, timeout_s=TIMEOUT_S)
    assert set(result.outcomes()) == {"crc"} and all(frame.data is None for frame in result.frames)
    silent = run_loopback(frames, channel=load_radio("loopback-awgn").with_channel(snr_db=-25.0).channel)
    assert silent.outcomes() == ["missed"] * 40 and silent.snr_db is None


def test_progress_comes_to_the_end(rng):
    seen = []
    run_loopback(random_frames(rng, 5), progress=lambda done, total: seen.append((done, total)), timeout_s=TIMEOUT_S)
    assert seen[-1] == (5, 5) and seen == sorted(seen)


def test_nothing_to_send_is_no_error():
    result = run_loopback([], timeout_s=TIMEOUT_S)
    assert result.outcomes() == [] and result.airtime_s == 0.0


def test_a_run_that_takes_too_long_is_stopped(rng):
    with pytest.raises(FlowgraphTimeoutError, match="must end within timeout_s"):
        run_loopback([(rng.bytes(200), "bpsk-1/8")] * 500, timeout_s=0.05)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ((b"x", "qpsk-1/7"), "mcs must be one of"),
        ((b"", "qpsk-1/2"), "payload must be 1 to 8192 bytes, got 0"),
        ((bytes(8193), "qpsk-1/2"), "payload must be 1 to 8192 bytes, got 8193"),
        ((bytes(8192), "bpsk-1/8"), "data symbols of a burst must be at most"),
    ],
)
def test_a_frame_that_cannot_be_sent_is_refused_before_anything_runs(frame, message):
    with pytest.raises(ConfigurationError, match=message):
        run_loopback([(b"good", "qpsk-1/2"), frame], timeout_s=TIMEOUT_S)


@pytest.mark.parametrize("number", [1000, pytest.param(5000, marks=pytest.mark.long)])
def test_none_of_thousands_of_frames_back_to_back_is_lost(rng, number):
    """Without noise every frame of every scheme arrives, whatever lengths follow each other."""
    frames = random_frames(rng, number, list(MCS_TABLE), longest=400)
    channel = load_radio("loopback-clean").channel
    result = run_loopback(frames, channel=channel, gap_samples=0, timeout_s=4 * TIMEOUT_S)
    assert [frame.data for frame in result.frames] == [frame for frame, _ in frames]
