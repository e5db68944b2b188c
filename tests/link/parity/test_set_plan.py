import numpy as np
import pytest

from semcom.link import Item, ItemError, Key, ProtectionClass, ProtectionError, ProtectionPolicy, Receiver, SetPlanner
from semcom.link.protection import FLAT, mcs_with_margin

THRESHOLDS = {"slow": -6.0, "middle": -1.0, "fast": 4.0}
RATE = {"slow": 0.1, "middle": 0.3, "fast": 0.9}


def airtime(mcs, num_frames, frame_bytes):
    return int(800 + num_frames * frame_bytes * 8 / RATE[mcs])


def item(layer, importance, num_bytes, requires=()):
    return Item(Key(0, 0, 1, layer), importance, bytes([layer]) * num_bytes, tuple(Key(0, 0, 1, n) for n in requires))


ITEMS = [item(0, 7, 20), item(1, 5, 90), item(2, 3, 700), item(3, 1, 400), item(4, 1, 60, requires=[3])]
LAYERED = ProtectionPolicy((ProtectionClass(5, 4.0), ProtectionClass(2), ProtectionClass(0, -3.0)))


def test_classes_get_the_scheme_their_margin_asks_for():
    plan = SetPlanner(LAYERED, "middle", THRESHOLDS, airtime).plan(ITEMS)
    assert [(entry.mcs, [i.key.layer for i in entry.items]) for entry in plan] == [
        ("slow", [0, 1]),
        ("middle", [2]),
        ("middle", [3, 4]),
    ]
    assert [entry.key.set_number for entry in plan] == [2, 5, 7]
    assert mcs_with_margin("middle", -5.0, THRESHOLDS) == "fast"
    assert mcs_with_margin("slow", 3.0, THRESHOLDS) == "slow"


def test_all_frames_of_a_plan_give_all_items():
    receiver = Receiver()
    for entry in SetPlanner(LAYERED, "middle", THRESHOLDS, airtime).plan(ITEMS):
        frames = entry.frames()
        assert len({len(frame.data) for frame in frames}) == 1 and len(frames[0].data) <= 256
        assert {frame.mcs for frame in frames} == {entry.mcs}
        assert entry.channel_uses == airtime(entry.mcs, len(frames), len(frames[0].data))
        for frame in frames:
            receiver.push(frame.data)
    assert receiver.is_complete((0, 0, 1)) and receiver.counts["items"] == len(ITEMS)


def test_what_others_require_is_protected_like_the_most_important_of_them():
    items = [item(0, 1, 30), item(1, 7, 10, requires=[0])]
    (only,) = SetPlanner(LAYERED, "middle", THRESHOLDS, airtime).plan(items)
    assert only.mcs == "slow" and [entry.key.layer for entry in only.items] == [0, 1]


def test_airtime_is_filled_by_importance_and_never_exceeded():
    planner = SetPlanner(LAYERED, "middle", THRESHOLDS, airtime)
    whole = sum(entry.channel_uses for entry in planner.plan(ITEMS))
    best = [False] * len(ITEMS)
    for limit in np.linspace(0, whole, 30).astype(int):
        plan, left_out = planner.fill(ITEMS, int(limit))
        assert sum(entry.channel_uses for entry in plan) <= limit
        names = {entry.key.layer for entry in left_out}
        assert 4 in names or 3 not in names  # what requires it goes with it
        taken = [layer not in names for layer in range(len(ITEMS))]  # most important first
        assert taken >= best
        best = taken
    assert all(best)


def test_spare_symbols_bring_a_set_through_random_loss_as_often_as_promised():
    policy = ProtectionPolicy((ProtectionClass(0, 0.0, frame_loss=0.2, delivery=0.99),))
    (entry,) = SetPlanner(policy, "middle", THRESHOLDS, airtime).plan([item(0, 7, 400)])
    frames, rng, came = entry.frames(), np.random.default_rng(1), 0
    trials = 1500
    for _ in range(trials):
        receiver = Receiver()
        for frame, kept in zip(frames, rng.random(len(frames)) > 0.2, strict=True):
            if kept:
                receiver.push(frame.data)
        came += receiver.is_complete((0, 0, 1))
    assert came / trials > 0.99 - 3 * np.sqrt(0.01 / trials)


def test_frames_are_cut_to_the_time_they_may_take():
    planner = SetPlanner(FLAT, "middle", THRESHOLDS, airtime, max_frame_uses=4000)
    (entry,) = planner.plan([item(0, 7, 700)])
    assert airtime("middle", 1, len(entry.frames()[0].data)) <= 4000 and entry.num_source_symbols >= 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ProtectionPolicy(()), "of the last class must be 0, got none"),
        (lambda: ProtectionPolicy((ProtectionClass(3),)), "of the last class must be 0, got 3"),
        (
            lambda: ProtectionPolicy((ProtectionClass(0), ProtectionClass(3), ProtectionClass(0))),
            "must fall from class",
        ),
        (lambda: ProtectionClass(0, frame_loss=1.0), "frame_loss must be 0 to 0.9, got 1.0"),
        (lambda: ProtectionClass(9), "least_importance must be 0 to 7, got 9"),
        (lambda: mcs_with_margin("bold", 1.0, THRESHOLDS), "MCS must be one of slow, middle, fast, got 'bold'"),
    ],
)
def test_refused_policies_name_field_rule_and_value(make, message):
    with pytest.raises(ProtectionError, match=message):
        make()


def test_a_picture_that_no_set_can_hold_is_refused():
    with pytest.raises(ItemError, match="at most 65535 bytes together"):
        SetPlanner(FLAT, "middle", THRESHOLDS, airtime).plan([item(0, 7, 70_000)])
