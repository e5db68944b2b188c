import numpy as np

from semcom.phy.frontend.sample_buffer import SampleBuffer


def test_reads_what_was_appended_by_position(rng):
    stream = (rng.standard_normal(5000) + 1j * rng.standard_normal(5000)).astype(np.complex64)
    buffer, position = SampleBuffer(600), 0
    while position < len(stream):
        step = int(rng.integers(0, 200))
        buffer.append(stream[position : position + step])
        position = min(position + step, len(stream))
        first = max(0, position - 400)
        assert np.array_equal(buffer.read(first, position), stream[first:position])
    assert buffer.end == len(stream)


def test_what_is_not_held_reads_as_zero():
    buffer = SampleBuffer(100)
    buffer.append(np.ones(10, np.complex64))
    assert buffer.read(-3, 13).tolist() == [0] * 3 + [1] * 10 + [0] * 3
    buffer.discard_before(4)
    assert buffer.read(2, 6).tolist() == [0, 0, 1, 1]
    assert buffer.read(50, 52).tolist() == [0, 0]
    buffer.discard_before(1000)
    assert buffer.end == 10 and buffer.read(0, 10).tolist() == [0] * 10


def test_memory_stays_flat():
    buffer = SampleBuffer(1000)
    size = buffer._data.nbytes
    for _ in range(200):
        buffer.append(np.ones(777, np.complex64))
    assert buffer._data.nbytes == size and buffer.end == 200 * 777
    assert buffer.read(buffer.end - 1000, buffer.end).sum() == 1000


def test_samples_that_are_no_numbers_become_harmless():
    buffer = SampleBuffer(10)
    buffer.append(np.array([np.nan, np.inf, -np.inf * 1j, 1e30, 2 - 3j], np.complex64))
    held = buffer.read(0, 5)
    assert np.all(np.isfinite(held.view(np.float32))) and np.max(np.abs(held.view(np.float32))) <= 1e4
    assert held[4] == 2 - 3j
