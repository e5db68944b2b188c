import random

import pytest

from semcom.link import Carousel, Item, ItemError, Key, ProtectionClass, ProtectionPolicy, Receiver, Scope, SetPlanner
from semcom.link.arq.refinement_request import RefinementFrame, is_refinement_frame
from semcom.link.errors import FrameError

THRESHOLDS = {"slow": -6.0, "fast": 2.0}
POLICY = ProtectionPolicy((ProtectionClass(5, 3.0), ProtectionClass(0)))


def plan(picture):
    items = [Item(Key(0, 1, picture, n), 7 - 2 * n, bytes([picture, n]) * (40 + 150 * n)) for n in range(3)]
    airtime = lambda mcs, number, size: 500 + 10 * number * size  # noqa: E731
    return SetPlanner(POLICY, "fast", THRESHOLDS, airtime, 96).plan(items), items


def test_important_sets_go_out_more_often_and_never_the_same_symbol_twice():
    (words, pixels), _ = plan(1)
    passes = list(Carousel([words, pixels]).passes(4))
    names = [[frame.name for frame in frames] for frames in passes]
    assert [sum(name.key == words.key for name in some) for some in names] == [words.num_symbols] * 4
    assert [any(name.key == pixels.key for name in some) for some in names] == [True, False, True, False]
    every = [name for some in names for name in some]
    assert len(set(every)) == len(every)


def test_who_joins_in_the_middle_gets_this_picture_and_the_next_one_whole():
    rng, receiver = random.Random(4), Receiver()
    for picture in (1, 2):
        frames = [frame for some in Carousel(plan(picture)[0]).passes(6) for frame in some]
        for place, frame in enumerate(frames):
            late = picture == 1 and place < len(frames) // 3
            if not late and rng.random() > 0.2:
                receiver.push(frame.data)
        assert receiver.is_complete(Scope(0, 1, picture))


def test_loss_of_half_of_all_frames_is_only_a_matter_of_time():
    rng, receiver, turns = random.Random(1), Receiver(), 0
    for frames in Carousel(plan(1)[0]).passes(40):
        turns += 1
        for frame in frames:
            if rng.random() > 0.5:
                receiver.push(frame.data)
        if receiver.is_complete(Scope(0, 1, 1)):
            break
    assert turns < 12 and receiver.counts["items"] == 3


def test_passes_are_bounded():
    with pytest.raises(ItemError, match="passes must be 1 to 1000, got 0"):
        next(Carousel(plan(1)[0]).passes(0))


def test_refinement_requests_survive_the_feedback_channel_and_hostile_ones_are_refused():
    question = RefinementFrame(Scope(1, 2, 3), 9, b"\x01\x02")
    data = question.to_bytes()
    assert RefinementFrame.from_bytes(data) == question and is_refinement_frame(data)
    for hostile in (b"", data[:-1], data + b"\0", data[:3] + b"\xff" + data[4:], bytes(80)):
        with pytest.raises(FrameError, match="must"):
            RefinementFrame.from_bytes(hostile)
    with pytest.raises(FrameError, match="content must be 1 to 64 bytes, got 65"):
        RefinementFrame(Scope(1, 2, 3), 9, bytes(65))
