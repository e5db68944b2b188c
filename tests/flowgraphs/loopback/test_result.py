import numpy as np

from semcom.flowgraphs.loopback.result import BurstStatistics, LoopbackResult, ReceivedFrame, SentBurst


def sent(start_sample, num_frames=1):
    return SentBurst(num_frames, 60, "qpsk-1/2", 2000, start_sample)


def received(number, start_sample, num_ok=1, num_blocks=1, header_ok=True, snr_db=10.0):
    mcs = "qpsk-1/2" if header_ok else None
    shown = {"constellation": np.ones(10 * num_blocks, np.complex64), "channel": np.ones(52, np.complex64)}
    quality = {"snr_db": snr_db, "cfo_hz": 50.0, "evm_db": -9.0, "clock_offset_ppm": 0.0, "num_clipped": 0}
    counts = {"channel_uses": 2000, "num_blocks": num_blocks, "num_blocks_ok": num_ok}
    return BurstStatistics(number, start_sample, header_ok, mcs, **shown, **quality, **counts)


def frame(burst, block=0, crc_ok=True):
    return ReceivedFrame(b"x" if crc_ok else None, crc_ok, 10.0, 50.0, -9.0, "qpsk-1/2", burst, block, 0)


def test_each_frame_has_an_outcome_with_its_cause():
    result = LoopbackResult(
        frames=(frame(0), frame(1, 0), frame(1, 1, crc_ok=False)),
        bursts=(received(0, 113), received(1, 5009, 1, 2), received(2, 15010, header_ok=False, num_blocks=0)),
        sent_bursts=(sent(100), sent(5000, 2), sent(10000), sent(15000, 2)),
        nominal_rate_hz=1e6,
    )
    assert result.outcomes() == ["delivered", "delivered", "crc", "missed", "header", "header"]
    assert result.channel_uses == 8000 and result.airtime_s == 0.008
    assert result.snr_db == 10.0 and result.cfo_hz == 50.0 and len(result.shown_burst.constellation) == 20


def test_clocks_that_drift_apart_do_not_confuse_bursts():
    starts = np.arange(100, 5_000_000, 10_000)
    bursts = tuple(received(number, round(start * (1 - 5e-4))) for number, start in enumerate(starts))
    frames = tuple(frame(number) for number in range(len(starts)))
    result = LoopbackResult(frames, bursts, tuple(sent(int(start)) for start in starts), 1e6)
    assert set(result.outcomes()) == {"delivered"}


def test_a_false_alarm_beside_a_burst_does_not_hide_it():
    bursts = (received(0, 90, header_ok=False, num_blocks=0), received(1, 110), received(2, 300, header_ok=False))
    result = LoopbackResult((frame(1),), bursts, (sent(100), sent(4000)), 1e6)
    assert result.outcomes() == ["delivered", "missed"]


def test_where_nothing_came_there_is_nothing_to_estimate():
    result = LoopbackResult((), (), (sent(100, 3),), 1e6)
    assert result.outcomes() == ["missed"] * 3
    assert result.snr_db is None and result.cfo_hz is None and result.shown_burst is None
