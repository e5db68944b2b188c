from dataclasses import replace

import numpy as np

from semcom.experiments.robustness.hostile_streams import make_stream
from semcom.experiments.robustness.receiver_fuzz import Fuzz, defects
from semcom.phy.receiver import Receiver
from semcom.phy.waveform import Waveform


def test_hostile_streams_show_no_defect():
    fuzz = Fuzz(seed=20260101, longest=30_000)
    assert {number: found for number in range(12) if (found := fuzz.trial(number))} == {}
    assert fuzz.counts["blocks delivered"] > 10


def test_what_is_wrong_is_noticed():
    waveform = Waveform.load("ofdm64")
    receiver = Receiver(waveform)
    stream = next(
        stream
        for seed in range(99)
        if (stream := make_stream(waveform, 1, 0.5, np.random.default_rng(seed), 0)).sent and stream.sent[0][2]
    )
    bursts = receiver.push(stream.samples) + receiver.flush()
    assert defects(stream, bursts, bursts, 1) == []
    assert defects(stream, bursts[1:], bursts, 1) == ["cut into chunks matters", "clean burst lost"]
    lying = [replace(bursts[0], blocks=(replace(bursts[0].blocks[0], payload=b"never sent"),)), *bursts[1:]]
    assert "wrong bytes" in defects(stream, lying, lying, 1)
    moved = [replace(burst, start_sample=burst.start_sample + 5000) for burst in bursts]
    assert set(defects(stream, moved, moved, 1)) == {"payload of another burst"}
