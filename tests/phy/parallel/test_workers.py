"""Receiving with worker processes: the same bursts whatever comes, and nothing left behind."""

import gc
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import scipy.signal

from semcom.phy import analog, channel
from semcom.phy.block_decoding import BlockDecoder
from semcom.phy.coding.soft_buffers import SoftBuffers
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.parallel import workers as burst_workers
from semcom.phy.parallel.workers import SLOTS_PER_WORKER, BurstWorkers
from semcom.phy.receiver import MAX_CHUNK, Receiver
from semcom.phy.transport_block import TransportBlock

QPSK, DENSE = MCS_TABLE["qpsk-1/2"], MCS_TABLE["16qam-3/4"]
FULL_SCALE = 2.5


@pytest.fixture(scope="module", params=[1, 2])
def pooled(request, waveform):
    receiver = Receiver(waveform, full_scale=FULL_SCALE, num_workers=request.param)
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def alone(waveform):
    return Receiver(waveform, full_scale=FULL_SCALE)


@pytest.fixture(scope="module")
def streams(waveform, transmitter):
    """Samples by what is in them."""
    rng = np.random.default_rng(14)

    def burst(*blocks, mcs=QPSK, noise=0.001):
        return channel.add_noise(transmitter.modulate(list(blocks), mcs), noise, rng)

    def block(size=200, **others):
        return TransportBlock(rng.bytes(size), **others)

    def gap(length):
        return channel.complex_noise(length, 0.02, rng)

    good = [burst(*(block() for _ in range(n)), mcs=mcs) for n in (1, 3) for mcs in MCS_TABLE.values()]
    repeated = [block(300, source=1, process=7) for _ in range(2)]
    later = TransportBlock(repeated[0].payload, source=1, process=7, redundancy_version=2, new_data=False)
    other = TransportBlock(rng.bytes(300), source=1, process=7, redundancy_version=0, new_data=False)
    failing = {"mcs": DENSE, "noise": 10**-0.8}
    soft = TransportBlock(rng.bytes(120), coded_bytes=20)
    symbols = channel.complex_noise(300, 1.0, rng)
    complex_block = TransportBlock(rng.bytes(30) + analog.to_bytes(symbols), coded_bytes=30, analog=True)
    eight = transmitter.modulate([block(300) for _ in range(8)], QPSK)
    cut = channel.add_noise(eight[: len(eight) // 3], 0.02, rng)
    headless = burst(block())
    headless[waveform.preamble_length :] = channel.complex_noise(len(headless) - waveform.preamble_length, 1.0, rng)
    strong, weak = burst(block(400)), burst(block(400))
    overlapping = np.concatenate([strong, gap(500)])
    overlapping[len(strong) // 2 :] += 0.7 * weak[: len(overlapping) - len(strong) // 2]
    return {
        "good": np.concatenate([gap(300), *good, gap(100), *good[5:9]]),
        "harq": np.concatenate(
            [
                burst(repeated[0], **failing),  # combined with its repeat
                burst(later, **failing),
                burst(repeated[1], **failing),  # reused by a burst that was missed: of it comes a repeat
                burst(other, mcs=DENSE),
                burst(repeated[0], **failing),  # cleared by new data
                burst(repeated[1], mcs=DENSE),
                burst(later, **failing),
                *[burst(block(300, process=n), mcs=DENSE, noise=10**-0.88) for n in range(30)],  # some of them good
            ]
        ),
        "uncoded": np.concatenate([burst(soft), burst(complex_block), burst(soft, noise=0.2), burst(block())]),
        "damaged": np.concatenate(
            [cut, burst(block()), gap(200), cut, *good[4:8], headless, overlapping, good[6], strong.conj(), good[7]]
        ),
        "false": np.concatenate([np.tile(eight[:1500], 30), *good[4:9], np.tile(headless[:700], 200), *good[4:9]]),
        "noise": channel.complex_noise(200_000, 1.0, rng),
    }


def receive(receiver, samples, chunk=MAX_CHUNK):
    receiver.keep_soft_values_in(SoftBuffers())
    bursts = []
    for start in range(0, len(samples), chunk):
        bursts += receiver.push(samples[start : start + chunk])
    return bursts + receiver.flush()


def everything(bursts):
    """All that bursts say, comparable: decided things exactly, measured ones but for rounding."""
    return [
        [_plain(getattr(burst, field.name)) for field in fields(burst) if field.name != "blocks"]
        + [[_plain(getattr(block, field.name)) for field in fields(block)] for block in burst.blocks]
        for burst in bursts
    ]


def _plain(value):
    if isinstance(value, np.ndarray):
        return Measured(value) if value.dtype.kind in "fc" else (value.dtype, value.tobytes())
    return Measured(value) if isinstance(value, float) else value


class Measured:
    """Numbers that equal others but for rounding: another process may round sums otherwise, 1e-6 dB was seen."""

    def __init__(self, value):
        self.value = np.asarray(value)

    def __eq__(self, other):
        a, b = self.value, other.value
        return (a.dtype, a.shape) == (b.dtype, b.shape) and np.allclose(a, b, rtol=1e-4, atol=1e-4, equal_nan=True)

    def __repr__(self):
        return f"Measured({self.value!r})"


def pool_of(receiver) -> BurstWorkers:
    return receiver._branches[0][2]._workers


def processes_of(receiver) -> list[subprocess.Popen]:
    return [process for process, _ in pool_of(receiver)._workers]


@pytest.mark.parametrize("name", ["good", "harq", "uncoded", "damaged", "false", "noise"])
def test_the_same_bursts_as_without_workers(name, pooled, alone, streams):
    samples = streams[name]
    before, work_before = alone.counts, alone.unreadable_work_us
    expected = everything(receive(alone, samples))
    counts, work_us = alone.counts - before, alone.unreadable_work_us - work_before
    for chunk in (len(samples), MAX_CHUNK, 3000):
        before, work_before = pooled.counts, pooled.unreadable_work_us
        assert everything(receive(pooled, samples, chunk)) == expected
        assert pooled.counts - before == counts
        assert pooled.unreadable_work_us - work_before == pytest.approx(work_us, rel=1e-9)
    assert pool_of(pooled)._are_ready


def test_the_streams_hold_what_they_say(alone, streams):
    """Else the test above would compare nothing."""
    good = receive(alone, streams["good"])
    assert len(good) == 2 * len(MCS_TABLE) + 4 and all(block.crc_ok for burst in good for block in burst.blocks)
    harq = [burst.blocks[0] for burst in receive(alone, streams["harq"])]
    assert [block.crc_ok for block in harq[:7]] == [False, True, False, True, False, True, False]
    assert harq[1].num_transmissions == 2 and harq[6].num_transmissions == 1
    assert 0 < sum(block.crc_ok for block in harq[7:]) < 30
    assert [block.llr is not None for burst in receive(alone, streams["uncoded"]) for block in burst.blocks] == [
        True,
        False,
        True,
        False,
    ]
    damaged = receive(alone, streams["damaged"])
    assert any(burst.spectrum_inverted for burst in damaged) and not all(burst.header_ok for burst in damaged)
    assert any(len({block.crc_ok for block in burst.blocks}) == 2 for burst in damaged)
    before = alone.counts["unexamined"]
    receive(alone, streams["false"])
    assert alone.counts["unexamined"] > before


def test_good_bursts_are_decoded_by_the_workers(pooled, streams, monkeypatch):
    decoded, original = [], BlockDecoder.decode

    def counted(self, payload, header):
        decoded.append(header)
        return original(self, payload, header)

    monkeypatch.setattr(BlockDecoder, "decode", counted)
    bursts = receive(pooled, streams["good"])
    assert len(decoded) < len(bursts) - SLOTS_PER_WORKER / 2


def test_order_is_kept_and_bursts_come_before_the_end(pooled, streams):
    samples = np.tile(streams["good"], 6)
    early = pooled.push(samples)
    late = pooled.flush()
    starts = [burst.start_sample for burst in early + late]
    assert starts == sorted(starts) and len(starts) == 6 * (2 * len(MCS_TABLE) + 4)
    assert early and late


def test_a_stream_given_up_leaves_nothing_in_the_next(pooled, alone, streams):
    expected = everything(receive(alone, streams["good"]))
    pooled.push(np.tile(streams["good"], 2))
    pooled.reset()
    assert everything(receive(pooled, streams["good"])) == expected


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_fails_costs_no_burst(end, waveform, alone, streams, monkeypatch, caplog):
    monkeypatch.setattr(burst_workers, "_PATIENCE_S", 2.0)
    monkeypatch.setattr(burst_workers, "_END_S", 1.0)
    samples = np.tile(streams["good"], 4)
    expected = everything(receive(alone, samples))
    receiver = Receiver(waveform, full_scale=FULL_SCALE, num_workers=2)
    processes = processes_of(receiver)
    bursts = receiver.push(samples[: len(samples) // 2])
    for process in processes[: 1 if end == signal.SIGKILL else 2]:
        os.kill(process.pid, end)
    with caplog.at_level(logging.WARNING, "semcom.phy"):
        bursts += receiver.push(samples[len(samples) // 2 :]) + receiver.flush()
    assert everything(bursts) == expected
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == ["burst workers given up"]
    assert all(process.returncode is not None for process in processes)
    assert everything(receive(receiver, samples)) == expected


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/python"])
def test_workers_that_do_not_start_cost_no_burst(program, waveform, alone, streams, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", program)
    with caplog.at_level(logging.WARNING, "semcom.phy"):
        receiver = Receiver(waveform, full_scale=FULL_SCALE, num_workers=2)
    assert "burst workers given up" in caplog.text
    assert everything(receive(receiver, streams["damaged"])) == everything(receive(alone, streams["damaged"]))


def shared_memory() -> int:
    return Path("/proc/self/maps").read_text(encoding="utf-8").count("semcom-bursts")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_behind(waveform, alone, streams):
    gc.collect()
    files, memory = open_files(), shared_memory()
    receiver = Receiver(waveform, full_scale=FULL_SCALE, num_workers=2)
    processes = processes_of(receiver)
    receiver.push(streams["good"])
    assert shared_memory() == memory + 1
    receiver.close()
    receiver.close()
    assert all(process.returncode == 0 for process in processes)
    receiver.reset()
    assert everything(receive(receiver, streams["harq"])) == everything(receive(alone, streams["harq"]))
    del receiver
    gc.collect()
    assert (open_files(), shared_memory()) == (files, memory)


def test_a_receiver_that_is_forgotten_ends_its_workers(waveform):
    receiver = Receiver(waveform, num_workers=1)
    (process,) = processes_of(receiver)
    del receiver
    gc.collect()
    assert process.returncode == 0


FORGETFUL = """
import sys, time
from semcom.phy.receiver import Receiver
from semcom.phy.waveform import Waveform
receiver = Receiver(Waveform.load("ofdm64"), num_workers=2)
print(*(process.pid for process, _ in receiver._branches[0][2]._workers._workers), flush=True)
if len(sys.argv) > 1:
    time.sleep(600)
"""


@pytest.mark.parametrize("is_killed", [True, False])
def test_workers_end_with_their_process(is_killed):
    """Killed, or at its end; without a guard of its main module."""
    command = [sys.executable, "-c", FORGETFUL, *(["wait"] if is_killed else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        workers = [int(word) for word in process.stdout.readline().split()]
        assert len(workers) == 2
        if is_killed:
            process.kill()
    deadline = time.monotonic() + 120
    while any(_runs(worker) for worker in workers):
        assert time.monotonic() < deadline, "a worker outlived its receiver"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("name", ["harq", "damaged"])
def test_the_same_bursts_at_twice_the_rate(name, waveform, streams):
    """There parts of the range of carrier offsets, which share the soft values of failed blocks, share the workers."""
    samples = scipy.signal.resample_poly(streams[name], 2, 1).astype(np.complex64)
    samples *= np.exp(2j * np.pi * 0.03 * np.arange(len(samples))).astype(np.complex64)
    came = []
    for num_workers in (0, 3):
        receiver = Receiver(waveform, 2e6, FULL_SCALE, 6.0, num_workers)
        came.append(everything(receive(receiver, samples)))
        pools = [chain._workers for _, _, chain in receiver._branches]
        assert len(pools) == 2 and sum(len(pool._workers) for pool in pools if pool) == num_workers
        receiver.close()
    assert came[0] == came[1] and len(came[0]) > 10


def test_numbers_that_cannot_work_are_refused(waveform):
    for number in (-1, 65):
        for rate_hz in (1e6, 2e6):
            with pytest.raises(ConfigurationError, match=f"num_workers must be 0 to 64, got {number}"):
                Receiver(waveform, rate_hz, num_workers=number)
