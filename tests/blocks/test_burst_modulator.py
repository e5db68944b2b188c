import numpy as np
import pmt
import pytest
from gnuradio import blocks, gr

from semcom.blocks import burst_modulator
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform, WaveformError


@pytest.fixture
def modulate(make_source, make_sink):
    """Samples and statistics of a modulator that is given these messages."""

    def run(modulator, messages):
        top_block = gr.top_block()
        source, statistics, sink = make_source(messages), make_sink(), blocks.vector_sink_c()
        top_block.msg_connect(source, "out", modulator, "frames")
        top_block.msg_connect(modulator, "statistics", statistics, "in")
        top_block.connect(modulator, sink)
        run_to_end(top_block, 60.0)
        return np.array(sink.data(), np.complex64), [read_pdu(m)[0] for m in statistics.messages]

    return run


def test_the_stream_is_what_the_transmitter_makes_with_silence_between(modulate):
    modulator = burst_modulator(mcs="qpsk-1/2", gap_samples=100, tail_samples=50, max_blocks_per_burst=2)
    frames = [b"first frame", b"other frame", b"longer than these"]
    messages = [make_pdu({}, frame) for frame in frames] + [make_pdu({"mcs": "bpsk-1/2"}, b"robust")]
    modulator.queue.wait_for_full_bursts = True
    samples, statistics = modulate(modulator, messages)
    transmitter = Transmitter(Waveform.load("ofdm64"))
    qpsk, bpsk = MCS_TABLE["qpsk-1/2"], MCS_TABLE["bpsk-1/2"]
    bursts = [
        transmitter.modulate([TransportBlock(frames[0], process=0), TransportBlock(frames[1], process=1)], qpsk),
        transmitter.modulate([TransportBlock(frames[2], process=2)], qpsk),
        transmitter.modulate([TransportBlock(b"robust", process=3)], bpsk),
    ]
    gap = np.zeros(100, np.complex64)
    expected = np.concatenate([part for burst in bursts for part in (gap, burst)] + [np.zeros(50, np.complex64)])
    assert np.array_equal(samples, expected)
    assert [entry["channel_uses"] for entry in statistics] == [len(burst) for burst in bursts]
    assert [entry["num_frames"] for entry in statistics] == [2, 1, 1]
    assert statistics[1]["start_sample"] == 200 + len(bursts[0])
    assert modulator.counts["channel_uses"] == sum(map(len, bursts))


def test_amplitude_scales_the_bursts(modulate):
    modulator = burst_modulator(amplitude=0.25, gap_samples=0, tail_samples=0)
    samples, _ = modulate(modulator, [make_pdu({}, bytes(200))])
    assert abs(np.mean(np.abs(samples) ** 2) / 0.25**2 - 1) < 0.05


def test_the_stream_ends_when_what_feeds_it_ends():
    """A source that ends without saying so: GNU Radio's own message is enough, and it overtakes no frame."""
    modulator = burst_modulator(tail_samples=10)
    modulator.gateway._post(pmt.intern("frames"), make_pdu({}, b"queued before the end"))
    modulator.gateway._post(pmt.intern("system"), pmt.cons(pmt.intern("done"), pmt.from_long(1)))
    top_block, sink = gr.top_block(), blocks.vector_sink_c()
    top_block.connect(modulator, sink)
    run_to_end(top_block, 30.0)
    assert modulator.counts["bursts"] == 1
    assert len(sink.data()) == 256 + modulator.counts["channel_uses"] + 10


def test_frames_that_cannot_be_sent_are_counted_and_the_rest_goes_on(modulate, caplog):
    modulator = burst_modulator(gap_samples=0, tail_samples=0)
    bad = [make_pdu({}, b""), make_pdu({"mcs": "morse"}, b"x"), make_pdu({"mcs": 3}, b"x"), pmt.intern("x")]
    _, statistics = modulate(modulator, [*bad, make_pdu({}, bytes(8193)), make_pdu({}, b"good")])
    assert modulator.counts["refused"] == 5 and modulator.counts["frames"] == 1
    assert [entry["frame_bytes"] for entry in statistics] == [4]
    assert "mcs must be one of" in caplog.text and "payload must be 1 to 8192 bytes, got 0" in caplog.text


def test_zeros_while_idle_where_a_radio_wants_them():
    modulator = burst_modulator(idle_zeros=True, tail_samples=0)
    top_block, head, sink = gr.top_block(), blocks.head(8, 100_000), blocks.vector_sink_c()
    top_block.connect(modulator, head, sink)
    run_to_end(top_block, 30.0)
    assert len(sink.data()) == 100_000 and not np.any(sink.data())


def test_what_may_change_at_run_time(capfd):
    modulator = burst_modulator()
    assert modulator.set_mcs("bpsk-1/2") and modulator.mcs is MCS_TABLE["bpsk-1/2"]
    assert not modulator.set_mcs("fm") and modulator.mcs is MCS_TABLE["bpsk-1/2"]
    assert modulator.set_amplitude(0.5)
    assert not modulator.set_amplitude(float("nan")) and modulator.amplitude == 0.5
    assert modulator.set_peak_limit_db(8) and not modulator.set_peak_limit_db(1)
    assert modulator.counts["refused_settings"] == 3
    told = capfd.readouterr().out
    assert "mcs stays as it is: mcs must be one of" in told
    assert "amplitude stays as it is: amplitude must be above 0 and at most 1e6, got nan" in told
    assert "peak_limit_db stays as it is: peak_limit_db must be at least" in told


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"waveform": "ofdm65"}, WaveformError),
        ({"mcs": "am"}, ConfigurationError),
        ({"gap_samples": -1}, ConfigurationError),
        ({"tail_samples": -1}, ConfigurationError),
        ({"amplitude": 0}, ConfigurationError),
        ({"max_blocks_per_burst": 0}, ConfigurationError),
    ],
)
def test_parameters_that_cannot_work_are_refused_when_built(parameters, error):
    with pytest.raises(error, match=r"must be .* got|must be one of"):
        burst_modulator(**parameters)


def test_a_length_tag_covers_everything_that_is_sent_in_one_piece(make_source):
    modulator = burst_modulator(
        gap_samples=100, hang_samples=64, tail_samples=50, length_tag="tx", max_blocks_per_burst=1
    )
    top_block, source, sink = gr.top_block(), make_source([make_pdu({}, b"frame")] * 3), blocks.vector_sink_c()
    top_block.msg_connect(source, "out", modulator, "frames")
    top_block.connect(modulator, sink)
    run_to_end(top_block, 60.0)
    pieces = [(tag.offset, pmt.to_long(tag.value)) for tag in sink.tags() if pmt.symbol_to_string(tag.key) == "tx"]
    assert len(pieces) == 4 and pieces[-1][1] == 50  # three bursts and the tail
    assert [start for start, _ in pieces] == list(np.cumsum([0, *(length for _, length in pieces[:-1])]))
    samples = np.array(sink.data(), np.complex64)
    assert sum(length for _, length in pieces) == len(samples)
    for start, length in pieces[:-1]:
        assert not samples[start : start + 100].any() and not samples[start + length - 64 : start + length].any()
