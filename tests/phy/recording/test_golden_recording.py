"""A recording that version 0.1.0 has made is received as it was then: two bursts in noise, one with a carrier offset.

python -m tests.phy.recording.test_golden_recording  # wrote tests/data/recording_v1.* at version 0.1.0
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semcom.phy.any_rate_receiver import AnyRateReceiver
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.reader import RecordingReader
from semcom.phy.recording.writer import RecordingWriter
from semcom.phy.recording.written_metadata import About
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

RECORDING = Path(__file__).parents[2] / "data" / "recording_v1"
SENT = ((b"What a picture means.", "qpsk-1/2", 0.0), (bytes(range(40)), "16qam-1/2", 3000.0))


def write_recording(path: Path) -> None:
    waveform, rng = Waveform.load("ofdm64"), np.random.default_rng(1)
    parts = [np.zeros(400)]
    for payload, mcs, cfo_hz in SENT:
        burst = Transmitter(waveform).modulate([TransportBlock(payload)], MCS_TABLE[mcs])
        parts += [burst * np.exp(2j * np.pi * cfo_hz / waveform.nominal_rate_hz * np.arange(len(burst))), np.zeros(400)]
    signal = np.concatenate(parts)
    noise = rng.normal(scale=np.sqrt(10**-2.0 / 2), size=(len(signal), 2)) @ np.array([1, 1j])
    facts = {"semcom:waveform": "ofdm64"}
    writer = RecordingWriter(path, About(waveform.nominal_rate_hz, 2.4e9, facts))
    writer.write((signal + noise).astype(np.complex64))
    writer.close()


def test_it_still_replays() -> None:
    recording = read_recording(RECORDING)
    assert recording.waveform == "ofdm64" and recording.center_freq_hz == 2.4e9
    receiver = AnyRateReceiver(Waveform.load(recording.waveform), recording.sample_rate_hz)
    with RecordingReader(recording) as reader:
        samples, _ = reader.read(1 << 20)
    bursts = receiver.push(samples) + receiver.flush()
    assert [block.payload for burst in bursts for block in burst.blocks] == [payload for payload, *_ in SENT]
    assert [burst.mcs.name for burst in bursts] == [mcs for _, mcs, _ in SENT]
    for burst, (*_, cfo_hz) in zip(bursts, SENT, strict=True):
        assert abs(burst.cfo_hz - cfo_hz) < 150 and 18 < burst.snr_db < 22


if __name__ == "__main__":
    write_recording(RECORDING)
