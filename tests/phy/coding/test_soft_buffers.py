import numpy as np

from semcom.phy.coding.decode_result import SoftBuffer
from semcom.phy.coding.soft_buffers import KeptBlock, SoftBuffers

SHAPE = (120, 5)


def kept(num_values=100, shape=SHAPE):
    return KeptBlock(SoftBuffer(np.ones((1, num_values), np.int16), 1.0), shape, 1)


def test_a_repeat_finds_its_block_once():
    buffers, block = SoftBuffers(), kept()
    buffers.keep((1, 2), block)
    assert buffers.take((1, 3), SHAPE, new_data=False) is None
    assert buffers.take((1, 2), SHAPE, new_data=False) is block
    assert buffers.take((1, 2), SHAPE, new_data=False) is None
    assert buffers.num_bytes == 0


def test_new_data_and_other_shapes_clear_the_place():
    buffers = SoftBuffers()
    for shape, new_data in ((SHAPE, True), ((121, 5), False)):
        buffers.keep((0, 0), kept())
        assert buffers.take((0, 0), shape, new_data) is None
        assert len(buffers) == 0


def test_number_and_bytes_are_bounded():
    buffers = SoftBuffers(max_buffers=3, max_bytes=1000)
    for process in range(5):
        buffers.keep((0, process), kept())
    assert len(buffers) == 3 and buffers.num_bytes == 600
    buffers.keep((0, 9), kept(400))
    assert len(buffers) == 2 and buffers.num_bytes == 1000
    assert buffers.take((0, 9), SHAPE, new_data=False) is not None
    buffers.keep((0, 10), kept(5000))
    assert len(buffers) == 0 and buffers.num_bytes == 0


def test_keeping_twice_counts_once():
    buffers = SoftBuffers()
    for _ in range(3):
        buffers.keep((0, 0), kept())
    assert len(buffers) == 1 and buffers.num_bytes == 200
