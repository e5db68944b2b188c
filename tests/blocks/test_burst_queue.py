import pytest

from semcom.blocks.burst_queue import BurstQueue
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.waveform import Waveform

QPSK, BPSK = MCS_TABLE["qpsk-1/2"], MCS_TABLE["bpsk-1/2"]


@pytest.fixture
def waveform():
    return Waveform.load("ofdm64")


def bursts(queue):
    while (burst := queue.take()) is not None:
        blocks, mcs = burst
        yield [block.payload for block in blocks], mcs


def test_equal_neighbours_share_a_burst_in_order(waveform):
    queue = BurstQueue(waveform, max_blocks_per_burst=3)
    frames = [(b"aa", QPSK)] * 4 + [(b"bb", BPSK), (b"c", BPSK), (b"dd", BPSK), (b"ee", BPSK)]
    for frame in frames:
        queue.add(*frame)
    assert len(queue) == 8 and queue.queued_bytes == 15
    assert list(bursts(queue)) == [
        ([b"aa"] * 3, QPSK),
        ([b"aa"], QPSK),
        ([b"bb"], BPSK),
        ([b"c"], BPSK),
        ([b"dd", b"ee"], BPSK),
    ]
    assert len(queue) == 0 and queue.queued_bytes == 0


def test_processes_count_on_from_burst_to_burst(waveform):
    queue = BurstQueue(waveform, max_blocks_per_burst=40)
    for _ in range(80):
        queue.add(b"x", QPSK)
    processes = [block.process for _ in range(2) for block in queue.take()[0]]
    assert processes == [number % 64 for number in range(80)]


def test_waiting_makes_bursts_independent_of_when_frames_come(waveform):
    queue = BurstQueue(waveform, 2, wait_for_full_bursts=True)
    queue.add(b"aa", QPSK)
    assert queue.take() is None
    queue.add(b"bb", QPSK)
    assert [block.payload for block in queue.take()[0]] == [b"aa", b"bb"]
    queue.add(b"cc", QPSK)
    queue.add(b"d", QPSK)
    assert [block.payload for block in queue.take()[0]] == [b"cc"]
    assert queue.take() is None
    queue.close()
    assert [block.payload for block in queue.take()[0]] == [b"d"]
    queue.close()
    assert queue.take() is None


def test_a_burst_never_grows_beyond_what_the_waveform_allows(waveform):
    queue = BurstQueue(waveform, 64)
    for _ in range(10):
        queue.add(bytes(2000), BPSK)
    sizes = [len(frames) for frames, _ in bursts(queue)]
    assert sum(sizes) == 10 and max(sizes) < 10


def test_refusals_name_rule_and_value_and_leave_the_queue_as_it_was(waveform):
    for number in (0, 65):
        with pytest.raises(ConfigurationError, match=f"max_blocks_per_burst must be 1 to 64, got {number}"):
            BurstQueue(waveform, number)
    queue = BurstQueue(waveform, max_queued_bytes=10)
    for frame, mcs in ((b"", QPSK), (bytes(11), QPSK)):
        with pytest.raises(ConfigurationError, match="must be"):
            queue.add(frame, mcs)
    assert len(queue) == 0
    with pytest.raises(ConfigurationError, match="data symbols of a burst must be at most"):
        BurstQueue(waveform).check(bytes(8192), "bpsk-1/8")
    with pytest.raises(ConfigurationError, match="mcs must be one of"):
        queue.check(b"x", "qpsk")
    assert queue.check(b"x", "qpsk-1/2") is QPSK
