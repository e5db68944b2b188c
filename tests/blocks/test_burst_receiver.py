import numpy as np
import pmt
import pytest
import scipy.signal
from gnuradio import blocks, gr

from semcom.blocks import burst_modulator, burst_receiver
from semcom.blocks.burst_receiver import BATCH_SAMPLES
from semcom.blocks.pdu import make_pdu, read_pdu, read_symbols
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.receiver import Receiver
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock
from semcom.phy.waveform import Waveform


@pytest.fixture(scope="module")
def waveform():
    return Waveform.load("ofdm64")


@pytest.fixture
def noisy_bursts(waveform, rng):
    """Three bursts in noise, the second one beyond repair; and the frames."""
    frames = [rng.bytes(60) for _ in range(4)]
    mcs = MCS_TABLE["qpsk-1/2"]
    groups = [frames[:1], frames[1:3], frames[3:]]
    parts = [Transmitter(waveform).modulate([TransportBlock(frame) for frame in group], mcs) for group in groups]
    spoilt = parts[1][1400:]  # the payload, well after preamble and signal field
    spoilt += rng.normal(scale=9, size=(len(spoilt), 2)) @ np.array([1, 1j])
    gap = np.zeros(500, np.complex64)
    samples = np.concatenate([part for burst in parts for part in (gap, burst)] + [np.zeros(9000, np.complex64)])
    noise = rng.normal(scale=0.1, size=(len(samples), 2)) @ np.array([1, 1j])
    return (samples + noise).astype(np.complex64), frames


class Reception(gr.top_block):
    """Samples through a receiver; may run more than once."""

    def __init__(self, receiver, samples, make_sink, tags=()):
        gr.top_block.__init__(self)
        self.receiver = receiver
        self.source = blocks.vector_source_c(samples.tolist(), False, 1, list(tags))
        self.frames, self.failed, self.statistics = make_sink(), make_sink(), make_sink()
        self.connect(self.source, receiver)
        self.msg_connect(receiver, "frames", self.frames, "in")
        self.msg_connect(receiver, "failed", self.failed, "in")
        self.msg_connect(receiver, "statistics", self.statistics, "in")

    def run_once(self):
        self.source.rewind()
        self.frames.messages.clear()
        self.failed.messages.clear()
        self.statistics.messages.clear()
        run_to_end(self, 60.0)
        return self.frames, self.statistics


def receive(receiver, samples, make_sink):
    return Reception(receiver, samples, make_sink).run_once()


def test_blocks_and_numerics_give_the_same_for_the_same_samples(waveform, noisy_bursts, make_sink):
    samples, sent = noisy_bursts
    reference = Receiver(waveform)
    bursts = reference.push(samples) + reference.flush()
    reception = Reception(burst_receiver("ofdm64"), samples, make_sink)
    frames, statistics = reception.run_once()
    good, bad = ([read_pdu(message) for message in sink.messages] for sink in (frames, reception.failed))
    assert [meta["crc_ok"] for meta, _ in good] == [True, True]
    received = sorted(good + bad, key=lambda pdu: (pdu[0]["burst"], pdu[0]["block"]))
    expected = [(burst, block) for burst in bursts for block in burst.blocks]
    assert [data for _, data in received] == [block.payload or b"" for _, block in expected]
    assert [meta["snr_db"] for meta, _ in received] == [burst.snr_db for burst, _ in expected]
    assert [meta["cfo_hz"] for meta, _ in received] == [burst.cfo_hz for burst, _ in expected]
    assert [meta["crc_ok"] for meta, _ in received] == [True, False, False, True]
    assert [received[0][1], received[3][1]] == [sent[0], sent[3]]
    shown = [read_symbols(message) for message in statistics.messages]
    assert [meta["num_blocks_ok"] for meta, _ in shown] == [1, 0, 1]
    assert [meta["start_sample"] for meta, _ in shown] == [burst.start_sample for burst in bursts]
    assert np.array_equal(shown[0][1], bursts[0].constellation[:1024])


def test_what_is_queued_is_received_before_the_flowgraph_stops(noisy_bursts, make_sink):
    """The last burst ends with the last sample of a stream that ends without notice, and its frame still arrives."""
    samples, sent = noisy_bursts
    for _ in range(5):
        frames, statistics = receive(burst_receiver("ofdm64"), samples[:-9000], make_sink)
        assert read_pdu(frames.messages[-1])[1] == sent[3] and len(statistics.messages) == 3
        assert frames.ended and statistics.ended


def test_the_end_of_a_transmission_comes_after_its_last_frame(make_source, make_sink, rng):
    top_block = gr.top_block()
    sent = [rng.bytes(30) for _ in range(20)]
    source, modulator = make_source([make_pdu({}, frame) for frame in sent]), burst_modulator(tail_samples=200)
    receiver, sink = burst_receiver(max_queued_chunks=1), make_sink()
    top_block.msg_connect(source, "out", modulator, "frames")
    top_block.connect(modulator, receiver)
    top_block.msg_connect(receiver, "frames", sink, "in")
    run_to_end(top_block, 60.0)
    assert [read_pdu(message)[1] for message in sink.messages] == sent
    assert sink.ended


def test_a_failure_costs_its_samples_and_nothing_else(noisy_bursts, make_sink, caplog, monkeypatch):
    samples, sent = noisy_bursts
    receiver = burst_receiver("ofdm64")
    reception = Reception(receiver, samples, make_sink)
    with monkeypatch.context() as broken:
        broken.setattr(receiver._receiver, "push", lambda samples: 1 / 0)
        frames, _ = reception.run_once()
        assert frames.ended and not frames.messages
    assert receiver.counts["failed_chunks"] >= 1 and "chunk of samples lost" in caplog.text
    frames, _ = reception.run_once()
    assert read_pdu(frames.messages[0])[1] == sent[0] and receiver.counts["frames"] == 2


def test_positions_go_on_counting_samples_of_the_stream_after_a_failure(noisy_bursts, make_sink, monkeypatch):
    samples, _ = noisy_bursts
    receiver, before = burst_receiver("ofdm64"), 3 * BATCH_SAMPLES
    push, failures = receiver._receiver.push, iter([1])
    monkeypatch.setattr(receiver._receiver, "push", lambda part: 1 / 0 if next(failures, 0) else push(part))
    _, statistics = receive(receiver, np.concatenate([np.zeros(before, np.complex64), samples]), make_sink)
    starts = [read_symbols(message)[0]["start_sample"] for message in statistics.messages]
    assert receiver.counts["failed_chunks"] == 1 and starts[0] == before + 500


def test_it_can_be_started_again(noisy_bursts, make_sink):
    samples, _ = noisy_bursts
    reception = Reception(burst_receiver("ofdm64"), samples, make_sink)
    first = [read_pdu(message) for message in reception.run_once()[0].messages]
    second = [read_pdu(message) for message in reception.run_once()[0].messages]
    assert [data for _, data in first] == [data for _, data in second]
    assert [meta["start_sample"] for meta, _ in first] == [meta["start_sample"] for meta, _ in second]


def test_worker_processes_change_nothing_and_end(noisy_bursts, make_sink):
    samples, sent = noisy_bursts
    said = []
    for num_workers in (0, 1):
        receiver = burst_receiver("ofdm64", num_workers=num_workers)
        reception = Reception(receiver, samples, make_sink)
        for _ in range(2):  # it can be started again
            frames, statistics = reception.run_once()
            pdus = [read_pdu(message) for message in (*frames.messages, *reception.failed.messages)]
            said.append([(meta["start_sample"], meta["snr_db"], data) for meta, data in pdus])
            assert len(statistics.messages) == 3
    assert said[0] == said[2] == said[3] and [data for *_, data in said[0]][:2] == [sent[0], sent[3]]
    first = worker_of(receiver)
    receiver.set_max_cfo_subcarriers(2.0)
    reception.run_once()
    assert first.returncode == 0  # with the receiver that it served
    second = worker_of(receiver)
    assert second.returncode is None
    receiver.close()
    assert second.returncode == 0


def worker_of(receiver):
    ((process, _),) = receiver._receiver._receiver._branches[0][2]._workers._workers
    return process


def test_parameters_that_cannot_work_are_refused_when_built():
    with pytest.raises(ConfigurationError, match="max_queued_chunks must be 1 or more, got 0"):
        burst_receiver(max_queued_chunks=0)
    with pytest.raises(ConfigurationError, match="sample_rate_hz must be"):
        burst_receiver(sample_rate_hz=12.0)


def test_twice_the_rate_gives_the_same_as_numerics(waveform, rng, make_sink):
    frame = rng.bytes(90)
    burst = Transmitter(waveform).modulate([TransportBlock(frame)], MCS_TABLE["qpsk-1/2"])
    samples = scipy.signal.resample_poly(np.concatenate([np.zeros(400), burst, np.zeros(9000)]), 2, 1)
    samples = (samples * np.exp(2j * np.pi * 0.04 * np.arange(len(samples)))).astype(np.complex64)  # 5.1 subcarriers
    reference = Receiver(waveform, 2e6, max_cfo_subcarriers=8)
    (expected,) = reference.push(samples) + reference.flush()
    frames, statistics = receive(burst_receiver("ofdm64", 2e6, 8), samples, make_sink)
    ((meta, data),) = [read_pdu(message) for message in frames.messages]
    assert data == frame == expected.blocks[0].payload
    assert (meta["start_sample"], meta["cfo_hz"]) == (expected.start_sample, expected.cfo_hz)
    assert np.array_equal(read_symbols(statistics.messages[0])[1], expected.constellation[:1024])


def test_a_gap_in_the_time_stamps_starts_the_receiver_anew(waveform, noisy_bursts, make_sink):
    """Half of the second burst is lost in an overflow: the third one, right behind it, is found all the same."""
    samples, sent = noisy_bursts
    reference = Receiver(waveform)
    starts = [burst.start_sample for burst in reference.push(samples) + reference.flush()]
    first_lost, last_lost = starts[1] + 1000, starts[2] - 300
    received = np.concatenate([samples[:first_lost], samples[last_lost:]])
    tags = []
    for position, time_s in ((0, 7.0), (1000, 7.0 + 1000e-6), (first_lost, 7.0 + last_lost * 1e-6)):
        tag = gr.tag_t()
        tag.offset, tag.key = position, pmt.intern("rx_time")
        tag.value = pmt.make_tuple(pmt.from_uint64(int(time_s)), pmt.from_double(time_s % 1))
        tags.append(tag)
    receiver = burst_receiver("ofdm64")
    reception = Reception(receiver, received, make_sink, tags)
    frames, _ = reception.run_once()
    assert receiver.counts["gaps"] == 1
    good = [(meta["start_sample"], data) for meta, data in map(read_pdu, frames.messages) if meta["crc_ok"]]
    assert good == [(starts[0], sent[0]), (first_lost + 300, sent[3])]
