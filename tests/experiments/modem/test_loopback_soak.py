from collections import Counter

from semcom.experiments.modem.loopback_soak import rows_of, soak
from semcom.sdr_configs.radio import load_radio


def test_rows_add_up_and_know_what_they_do_not_know():
    outcomes = Counter({("qpsk-1/2", "delivered"): 97, ("qpsk-1/2", "crc"): 3, ("bpsk-1/2", "wrong"): 1})
    rows = rows_of(outcomes, Counter({"qpsk-1/2": 1000, "bpsk-1/2": 10}))
    assert [(row.mcs, row.frames, row.lost) for row in rows] == [
        ("bpsk-1/2", 1, 1),
        ("qpsk-1/2", 100, 3),
        ("all", 101, 4),
    ]
    assert 0.03 < rows[1].lost_high < 0.09 and rows[2].channel_uses == 1010
    assert [row.mcs for row in rows_of(Counter({("qpsk-1/2", "missed"): 2}), Counter())] == ["qpsk-1/2"]


def test_a_soak_counts_each_frame_once(rng):
    frames = [(rng.bytes(int(rng.integers(14, 100))), "qpsk-1/2") for _ in range(25)]
    result, outcomes = soak(frames, load_radio("loopback-clean"), gap_samples=0, max_blocks_per_burst=4)
    assert outcomes == {("qpsk-1/2", "delivered"): 25} and result.channel_uses > 0
