"""Tasks and bursts go through a slot unchanged."""

from dataclasses import fields, replace

import numpy as np
import pytest

from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.burst_decoder import BurstDecoder
from semcom.phy.burst_layout import burst_layout
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate
from semcom.phy.coding.signal_field import KIND_ANALOG, KIND_SOFT_TEXT, SignalField
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.parallel.messages import SlotFormat
from semcom.phy.transport_block import MAX_ANALOG_SYMBOLS, TransportBlock


@pytest.fixture(scope="module")
def slot_format(waveform):
    return SlotFormat(waveform)


@pytest.fixture
def slot(slot_format):
    return memoryview(bytearray(b"\xff" * slot_format.num_bytes))


def assert_same(one, other, but=()):
    """Type, and value to the last bit."""
    for field in fields(one):
        if field.name in but:
            continue
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype and np.array_equal(first, second), field.name
        elif isinstance(first, ChannelEstimate):
            assert_same(first, second)
        else:
            assert type(first) is type(second) and first == second, field.name


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"num_blocks": 7, "block_bytes": 200, "source": 255, "process": 63, "mcs": MCS_TABLE["64qam-5/6"]},
        {"kind": KIND_SOFT_TEXT, "soft_bytes": 100, "soft_bits_per_symbol": 4, "block_bytes": 20},
        {"kind": KIND_ANALOG, "analog_symbols": 100, "block_bytes": 20},
    ],
)
def test_a_task(changed, waveform, transmitter, slot_format, slot):
    samples = transmitter.modulate([TransportBlock(bytes(100))], MCS_TABLE["qpsk-1/2"])
    header = BurstDecoder(waveform).read_header(samples, np.float64(1e-5))
    field = replace(header.field, **changed)
    sizes = field.num_blocks, field.block_bytes, field.form, field.soft_bytes, field.soft_bits_per_symbol
    header = replace(header, field=field, layout=burst_layout(waveform, field.mcs, *sizes, field.analog_symbols))
    slot_format.write_task(slot, 12_345_678_901, header)
    start, read = slot_format.read_task(slot)
    assert start == 12_345_678_901
    assert_same(header, read, but=["symbols"])
    assert isinstance(read.field, SignalField)


def burst_of(waveform, rng, blocks, num_points):
    values = rng.standard_normal(4)
    return Burst(
        start_sample=2**40 + 1,
        header_ok=True,
        mcs=MCS_TABLE["16qam-1/2"],
        snr_db=float(values[0]),
        cfo_hz=float(values[1]),
        evm_db=float(values[2]),
        clock_offset_ppm=float(values[3]),
        num_samples=9000,
        num_clipped=3,
        channel=rng.standard_normal(waveform.num_used).astype(np.complex64),
        constellation=rng.standard_normal(num_points).astype(np.complex64),
        blocks=tuple(blocks),
    )


def test_a_burst(waveform, slot_format, slot, rng):
    """The most there can be of each kind: blocks, soft text, analog symbols."""
    about = {"redundancy_version": 1, "new_data": True, "crc_ok": True}
    many = [ReceivedBlock(rng.bytes(1300), source=9, process=n, num_iterations=n, **about) for n in range(64)]
    llr = rng.integers(-128, 128, 8 * 8192).astype(np.int8)
    soft = ReceivedBlock(rng.bytes(64 + 8192), source=1, process=2, llr=llr, **about)
    symbols = rng.standard_normal(MAX_ANALOG_SYMBOLS).astype(np.complex64)
    noise = rng.random(MAX_ANALOG_SYMBOLS).astype(np.float32)
    waves = ReceivedBlock(
        rng.bytes(64 + 4 * MAX_ANALOG_SYMBOLS), source=1, process=2, symbols=symbols, noise_var=noise, **about
    )
    for blocks in (many, [soft], [waves]):
        burst = burst_of(waveform, rng, blocks, 2048)
        slot_format.write_burst(slot, burst)
        read = slot_format.read_burst(slot)
        assert_same(burst, read, but=["blocks"])
        assert len(read.blocks) == len(blocks)
        for one, other in zip(blocks, read.blocks, strict=True):
            assert_same(one, other)


def test_what_was_read_outlives_the_slot(waveform, slot_format, slot, rng):
    block = ReceivedBlock(b"some", source=1, process=2, redundancy_version=0, new_data=True, crc_ok=True)
    burst = burst_of(waveform, rng, [block], 100)
    slot_format.write_burst(slot, burst)
    read = slot_format.read_burst(slot)
    slot[:] = bytes(len(slot))
    assert_same(burst, read, but=["blocks"])
    assert read.blocks == (block,)
