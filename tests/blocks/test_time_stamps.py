"""Time stamps of radios through the modem receiver: correct ones cost nothing, gaps are found, every PDU says when."""

import numpy as np
import pmt
import pytest
import scipy.signal
from gnuradio import blocks, gr

from semcom.blocks import modem_receiver
from semcom.blocks.pdu import read_pdu, read_symbols
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform

EPOCH_S = 1_760_000_000


def tag_of(position, key, value):
    tag = gr.tag_t()
    tag.offset, tag.key, tag.value = position, pmt.intern(key), value
    return tag


def time_tag(position, sample, rate_hz):
    """The stamp that UHD gives the sample of this number."""
    whole, rest = divmod(sample, round(rate_hz))
    return tag_of(
        position, "rx_time", pmt.make_tuple(pmt.from_uint64(EPOCH_S + whole), pmt.from_double(rest / rate_hz))
    )


@pytest.fixture
def thirty_bursts(rng):
    """Thirty bursts at the nominal rate, their payloads and starts."""
    waveform, parts, starts, at = Waveform.load("ofdm64"), [], [], 0
    payloads = [rng.bytes(60) for _ in range(30)]
    for payload in payloads:
        burst = Transmitter(waveform).modulate([TransportBlock(payload)], MCS_TABLE["qpsk-1/2"])
        starts.append(at + 400)
        parts += [np.zeros(400), burst]
        at += 400 + len(burst)
    return np.concatenate([*parts, np.zeros(4000)]), payloads, starts


def receive(samples, tags, rate_hz, make_sink):
    top_block, receiver = gr.top_block(), modem_receiver(sample_rate_hz=rate_hz)
    source = blocks.vector_source_c(samples.astype(np.complex64).tolist(), False, 1, tags)
    frames, bursts = make_sink(), make_sink()
    top_block.connect(source, receiver)
    top_block.msg_connect(receiver, "frames", frames, "in")
    top_block.msg_connect(receiver, "statistics", bursts, "in")
    run_to_end(top_block, 60.0)
    return [read_pdu(m) for m in frames.messages], [read_symbols(m)[0] for m in bursts.messages], receiver.receiver


@pytest.mark.parametrize(("rate_hz", "up", "down"), [(2e6, 2, 1), (2.4e6, 12, 5), (2.5e6, 5, 2)])
def test_correct_stamps_lose_no_frame_at_any_rate(thirty_bursts, make_sink, rate_hz, up, down):
    signal, payloads, starts = thirty_bursts
    samples = scipy.signal.resample_poly(signal, up, down)
    tags = [time_tag(at, at, rate_hz) for at in range(0, len(samples), 1777)]
    frames, bursts, receiver = receive(samples, tags, rate_hz, make_sink)
    assert receiver.counts["gaps"] == 0 and [data for _, data in frames] == payloads
    for (meta, _), burst, start in zip(frames, bursts, starts, strict=True):
        for said in (meta, burst):
            assert abs(said["start_sample"] - start * up / down) <= 3 and said["sample_rate_hz"] == rate_hz
            seconds = said["rx_time_full_s"] - EPOCH_S + said["rx_time_frac_s"]
            assert seconds == pytest.approx(said["start_sample"] / rate_hz, abs=1e-9)
            assert said["utc"].startswith("2025-10-09T08:53:20.") and said["utc_source"] == "rx_time"


@pytest.mark.parametrize("missing", [364, 2_400_000])
def test_an_overflow_is_a_gap_and_times_go_on_behind_it(thirty_bursts, make_sink, missing):
    """Samples between burst 10 and burst 12 are lost, and the stamp says how many."""
    signal, payloads, starts = thirty_bursts
    samples = scipy.signal.resample_poly(signal, 12, 5)
    first, last = round(2.4 * starts[10]) + 1500, round(2.4 * starts[12]) - 500
    received = np.concatenate([samples[:first], samples[last:]])
    tags = [time_tag(0, 0, 2.4e6), time_tag(first, first + missing, 2.4e6)]
    frames, _, receiver = receive(received, tags, 2.4e6, make_sink)
    good = [(meta, data) for meta, data in frames if meta["crc_ok"]]
    assert receiver.counts["gaps"] == 1 and [data for _, data in good] == payloads[:10] + payloads[12:]
    behind = good[10][0]
    assert abs(behind["start_sample"] - (first + 500)) <= 3
    said_s = behind["rx_time_full_s"] - EPOCH_S + behind["rx_time_frac_s"]
    assert said_s == pytest.approx((behind["start_sample"] + missing) / 2.4e6, abs=1e-9)


def test_another_frequency_starts_anew_and_is_told(thirty_bursts, make_sink):
    signal, payloads, starts = thirty_bursts
    tags = [
        tag_of(0, "rx_freq", pmt.from_double(2.4e9)),
        tag_of(500, "rx_freq", pmt.from_double(2.4e9)),
        tag_of(starts[5] - 100, "rx_freq", pmt.from_double(2.41e9)),
    ]
    frames, _, receiver = receive(signal, tags, 1e6, make_sink)
    assert [data for _, data in frames] == payloads and receiver.counts["gaps"] == 1
    assert [meta["center_freq_hz"] for meta, _ in frames] == [2.4e9] * 5 + [2.41e9] * 25
    assert all(meta["utc_source"] == "host" and "rx_time_full_s" not in meta for meta, _ in frames)
