"""Short captures as ordinary radios would have made them, written as SigMF, and exactly the packets that are in them.

The captures are made from a seed. Packets that an overflow has cut into cannot be there. All others must come out, in
order, once, with where they lie and when.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from semcom.phy.any_rate_receiver import AnyRateReceiver
from semcom.phy.channel.radio_models import HACKRF, PLUTO, RTL_SDR, USRP
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.reader import RecordingReader
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

NUM_PACKETS = 12
GAP_SAMPLES = 700
EPOCH_S = 1_760_000_000
BEGAN = "2025-10-09T08:53:20Z"

CASES = {
    "pluto": (PLUTO, "qpsk-1/2", {}),
    "pluto-64qam": (replace(PLUTO, sample_rate_hz=2e6), "64qam-2/3", {"snr_db": 24}),
    "pluto-at-its-lowest-rate": (replace(PLUTO, sample_rate_hz=2083334.0), "16qam-1/2", {"snr_db": 18}),
    "pluto-far-off-25-ppm": (replace(PLUTO, clock_ppm=-25.0), "qpsk-1/2", {}),
    "pluto-agc-steps-between": (PLUTO, "qpsk-3/4", {"snr_db": 15, "steps": ((2, -8.0), (6, 12.0))}),
    "pluto-dc-as-strong-as-ever": (replace(PLUTO, dc_dbc=-15.0), "qpsk-1/2", {}),
    "pluto-61-msps": (replace(PLUTO, sample_rate_hz=61.44e6, drive_db=-30.0), "qpsk-1/2", {}),
    "rtl-sdr": (RTL_SDR, "qpsk-1/2", {}),
    "rtl-sdr-2048": (replace(RTL_SDR, sample_rate_hz=2.048e6), "16qam-1/2", {"snr_db": 18}),
    "rtl-sdr-3200": (replace(RTL_SDR, sample_rate_hz=3.2e6), "qpsk-3/4", {"snr_db": 14}),
    "rtl-sdr-weak-in-its-codes": (replace(RTL_SDR, drive_db=-38.0), "bpsk-1/2", {"snr_db": 14}),
    "rtl-sdr-overdriven": (replace(RTL_SDR, drive_db=0.0), "qpsk-1/2", {}),
    "rtl-sdr-60-ppm": (replace(RTL_SDR, clock_ppm=60.0), "qpsk-1/2", {}),
    "rtl-sdr-lost-usb-packets": (RTL_SDR, "qpsk-1/2", {"gaps": ((3, 0.3, 1.2), (8, -0.1, 0.4))}),
    "rtl-sdr-agc-steps": (RTL_SDR, "qpsk-1/2", {"steps": ((1, 6.0), (4, -9.0), (9, 3.0))}),
    "usrp": (USRP, "qpsk-1/2", {}),
    "usrp-64qam": (USRP, "64qam-5/6", {"snr_db": 28}),
    "usrp-overflow": (USRP, "16qam-3/4", {"snr_db": 20, "gaps": ((5, 0.5, 2.4),)}),
    "usrp-overflow-between": (USRP, "qpsk-1/2", {"gaps": ((4, -0.2, -0.05), (7, -0.2, -0.05))}),
    "usrp-10-msps-shorts": (replace(USRP, sample_rate_hz=10e6, datatype="ci16_le"), "qpsk-1/2", {}),
    "hackrf": (HACKRF, "qpsk-1/2", {}),
    "hackrf-10-msps": (replace(HACKRF, sample_rate_hz=10e6), "16qam-1/2", {"snr_db": 20}),
    "hackrf-20-msps": (replace(HACKRF, sample_rate_hz=20e6), "qpsk-1/2", {}),
    "hackrf-poor-image": (replace(HACKRF, image_gain_db=0.8, image_phase_deg=4.0), "qpsk-1/2", {}),
    "hackrf-overflow": (HACKRF, "qpsk-1/2", {"gaps": ((0, 0.4, 0.9), (10, 0.2, 0.5))}),
}


def make_capture(stem, model, mcs, rng, snr_db=12.0, steps=(), gaps=()):
    """Writes the recording; returns payloads, starts in samples of the whole stream, and the gaps [from, to) in it.

    Gain steps lie in the middle of the silence before a packet. Gaps run from one place to another, counted in packets.
    """
    waveform = Waveform.load("ofdm64")
    transmitter = Transmitter(waveform)
    payloads = [rng.bytes(int(rng.integers(20, 120))) for _ in range(NUM_PACKETS)]
    parts, starts, lengths, at = [], [], [], 0
    for payload in payloads:
        burst = transmitter.modulate([TransportBlock(payload)], MCS_TABLE[mcs])
        starts.append(at + GAP_SAMPLES)
        lengths.append(len(burst))
        parts += [np.zeros(GAP_SAMPLES, np.complex64), burst]
        at += GAP_SAMPLES + len(burst)
    rate_hz = waveform.nominal_rate_hz
    times = tuple(((starts[packet] - GAP_SAMPLES / 2) / rate_hz, gain_db) for packet, gain_db in steps)
    signal = np.concatenate([*parts, np.zeros(3 * GAP_SAMPLES, np.complex64)])
    samples = model.receive(signal, rate_hz, snr_db, rng, times)
    ratio = model.samples_per_nominal(rate_hz)

    def place(packet, share):
        """In the stream: a share of this packet from its start; of the silence before it where negative."""
        return round((starts[packet] + share * (lengths[packet] if share >= 0 else GAP_SAMPLES)) * ratio)

    lost = [
        (place(first, begin), place(first + int(end // 1) if end >= 0 else first, end % 1 if end >= 0 else end))
        for first, begin, end in gaps
    ]
    captures, kept, begin = [], [], 0
    for first, last in [*lost, (len(samples), None)]:
        captures.append({"core:sample_start": sum(map(len, kept)), "core:global_index": begin})
        kept.append(samples[begin:first])
        begin = last
    captures[0] |= {"core:datetime": BEGAN}
    about = {"core:datatype": model.datatype, "core:sample_rate": model.sample_rate_hz, "core:version": "1.2.0"}
    meta = {"global": about, "captures": captures, "annotations": []}
    stem.with_suffix(".sigmf-meta").write_text(json.dumps(meta))
    stem.with_suffix(".sigmf-data").write_bytes(model.to_bytes(np.concatenate(kept)))
    return payloads, [start * ratio for start in starts], [length * ratio for length in lengths], lost


def received(stem, max_cfo_subcarriers):
    """(payload, place in the file, place in the stream, time, carrier offset) of each packet, as any program would."""
    recording = read_recording(stem)
    receiver = AnyRateReceiver(Waveform.load("ofdm64"), recording.sample_rate_hz, max_cfo_subcarriers)
    found, bursts, here = [], [], None

    def settle(capture):
        for burst in bursts:
            time_s = capture.time_s + Fraction(burst.start_sample) / Fraction(recording.sample_rate_hz)
            places = (capture.start_sample + burst.start_sample, capture.stream_sample + burst.start_sample)
            found.extend((block.payload, *places, time_s, burst.cfo_hz) for block in burst.blocks)
        bursts.clear()

    with RecordingReader(recording) as reader:
        while True:
            samples, capture = reader.read(50_000)
            if not len(samples):
                break
            if capture is not None and here is not None:
                bursts += receiver.flush()
                settle(here)
            here = capture or here
            bursts += receiver.push(samples)
    bursts += receiver.flush()
    settle(here)
    return [entry for entry in found if entry[0] is not None]


@pytest.mark.parametrize("name", CASES)
def test_exactly_the_packets_that_are_whole_come_out(tmp_path, name):
    model, mcs, options = CASES[name]
    rng = np.random.default_rng([2026, *name.encode()])
    payloads, starts, lengths, lost = make_capture(tmp_path / "it", model, mcs, rng, **options)
    whole = [
        number
        for number, (start, length) in enumerate(zip(starts, lengths, strict=True))
        if not any(first < start + length and start < last for first, last in lost)
    ]
    assert len(whole) == NUM_PACKETS - (len(lost) and len(payloads) - len(whole)) >= 8
    got = received(tmp_path / "it", 6.0)
    assert [entry[0] for entry in got] == [payloads[number] for number in whole]
    for number, (_, in_file, in_stream, time_s, cfo_hz) in zip(whole, got, strict=True):
        missing = sum(last - first for first, last in lost if first < starts[number])
        assert abs(in_stream - starts[number]) < 2 * model.sample_rate_hz / 1e6 + 1
        assert in_stream - in_file == missing
        assert time_s == EPOCH_S + Fraction(in_stream) / Fraction(model.sample_rate_hz)
        assert abs(cfo_hz - model.cfo_hz) < 400
