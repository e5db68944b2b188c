from semcom.link import Feedback, Item, Key, RepeatPolicy, Scope, Sender, SetKey
from semcom.link.arq.feedback import Part
from semcom.link.frame import FrameName

SCOPE = Scope(0, 1, 1)
NAMES = [frame.name for frame in Sender(64).frames([Item(Key(*SCOPE, layer), 5, bytes(100)) for layer in (1, 2)])]


def test_nothing_that_a_report_names_goes_out_again():
    report = Feedback(SCOPE, layers=frozenset({1}), parts=(Part(False, 2, frozenset({0})),))
    policy = RepeatPolicy(max_transmissions=3)
    for _ in range(2):
        assert [(name.key.layer, name.piece) for name in policy.frames_again(report, NAMES)] == [(2, 1), (2, 2)]
    assert policy.frames_again(report, NAMES) == []
    assert policy.allowed(NAMES) == NAMES[:-2] and policy.allowed(NAMES) == NAMES[:-2] and policy.allowed(NAMES) == []


def test_symbols_of_sets_are_told_apart_from_layers_of_the_same_number():
    names = [FrameName(SetKey.of(SCOPE, number), symbol) for number in (1, 2) for symbol in (0, 1)]
    report = Feedback(SCOPE, layers=frozenset({1, 2}), sets=frozenset({1}), parts=(Part(True, 2, frozenset({1})),))
    assert RepeatPolicy(2).frames_again(report, names) == [FrameName(SetKey.of(SCOPE, 2), 0)]


def test_a_report_says_nothing_about_another_picture_or_the_group():
    group = FrameName(Key(0, 1, 0, 9), 0)
    policy = RepeatPolicy(2)
    assert policy.frames_again(Feedback(SCOPE), [group]) == []
    assert policy.frames_again(Feedback(Scope(0, 1, 0)), [*NAMES, group]) == [group]
    assert policy.frames_again(Feedback(Scope(0, 1, 2)), NAMES) == []


def test_repeats_are_counted_until_the_frame_is_settled():
    policy = RepeatPolicy(2)
    assert policy.times_repeated(NAMES[0]) == 0
    policy.allowed(NAMES)
    assert policy.times_repeated(NAMES[0]) == 1 and policy.allowed(NAMES[:1]) == []
    policy.forget(NAMES[:1])
    assert policy.times_repeated(NAMES[0]) == 0 and policy.allowed(NAMES) == NAMES[:1]
    assert RepeatPolicy(1).allowed(NAMES) == []
