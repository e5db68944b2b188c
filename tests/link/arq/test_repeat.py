"""The repeat engine against a simulated modem: losses by process and version, reports that get lost, restarts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcom.link import Feedback, FrameError, Item, ItemError, Key, Reporter, Scope, Sender
from semcom.link.arq.feedback import Part, is_feedback
from semcom.link.arq.repeat import RepeatSender, bursts_of

SCOPE = Scope(1, 2, 3)


def frames_of(sizes, max_frame_bytes=64):
    items = [Item(Key(*SCOPE, n), 7 - n, bytes([n]) * size) for n, size in enumerate(sizes)]
    return items, Sender(max_frame_bytes).frames(items)


class SimulatedModem:
    """Delivers a block after `needed` transmissions that were heard and could be combined."""

    def __init__(self, reporter, needed, hears):
        self.reporter, self.needed, self.hears = reporter, needed, hears
        self.soft = {}  # process → (frame, versions heard)
        self.combined = []

    def send(self, transmissions):
        for entry in transmissions:
            if not self.hears(entry):
                continue
            frame, versions = self.soft.get(entry.process, (None, set()))
            if entry.new_data or frame is None:  # nothing kept: decoded alone
                frame, versions = entry.frame, set()
            self.combined.append((entry.frame.name, frame.name))
            versions = versions | {entry.redundancy_version}
            ok = frame is entry.frame and len(versions) >= self.needed(entry)
            self.reporter.block(entry.frame.data if ok else None, process=entry.process)
            if ok:
                self.soft.pop(entry.process, None)
            else:
                self.soft[entry.process] = (frame, versions)


def run(frames, needed, hears, report_lost=lambda: False, max_transmissions=4, rounds=40):
    reporter = Reporter()
    sender = RepeatSender(frames, max_transmissions)
    modem = SimulatedModem(reporter, needed, hears)
    for _ in range(rounds):
        if sender.done:
            break
        modem.send(sender.next_round())
        reports = [Feedback.from_bytes(report.to_bytes()) for report in reporter.reports()]
        if reports and not report_lost():
            sender.feedback(reports)
        else:
            sender.timeout()
    sender.close()
    sender.account.close()
    sender.account.check()
    return sender, reporter, modem


def test_a_clean_channel_takes_one_round():
    items, frames = frames_of([200, 30])
    sender, reporter, _ = run(frames, lambda entry: 1, lambda entry: True)
    totals = sender.account.totals()
    assert sender.rounds == 1 and (totals.delivered, totals.transmissions) == (len(frames), len(frames))
    assert reporter.receiver.is_complete(SCOPE) and len(items) == reporter.receiver.counts["items"]


def test_only_what_failed_is_sent_again_and_in_the_next_version():
    _, frames = frames_of([400])
    bad = {frames[1].name, frames[4].name}
    sent = []

    def hears(entry):
        sent.append((entry.frame.name, entry.redundancy_version, entry.new_data))
        return True

    sender, reporter, _ = run(frames, lambda entry: 2 if entry.frame.name in bad else 1, hears)
    assert sorted(sent[len(frames) :]) == sorted((name, 2, False) for name in bad)
    assert sender.account.totals().repaired == 2 and reporter.receiver.is_complete(SCOPE)


def test_what_was_not_heard_is_sent_again_as_new():
    _, frames = frames_of([100])
    heard, sent = iter([False, True, True, True]), []

    def hears(entry):
        sent.append((entry.frame.name.piece, entry.redundancy_version, entry.new_data))
        return next(heard, True)

    run(frames, lambda entry: 1, hears)
    assert (0, 0, True) in sent[len(frames) :]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.6), st.floats(0, 0.5), st.integers(1, 3))
def test_whatever_is_lost_the_account_balances_and_no_wrong_blocks_are_combined(seed, lost, reports_lost, needed):
    rng = random.Random(seed)
    _, frames = frames_of([rng.randrange(600) for _ in range(5)], 48)
    sender, reporter, modem = run(
        frames, lambda entry: needed, lambda entry: rng.random() >= lost, lambda: rng.random() < reports_lost, 8
    )
    totals = sender.account.totals()
    assert totals.delivered + totals.repaired + totals.lost == totals.sent
    wrong = [pair for pair in modem.combined if pair[0] != pair[1]]
    assert not wrong
    assert totals.received <= reporter.receiver.counts["new"]


def test_a_window_of_64_is_never_exceeded_and_all_arrives():
    _, frames = frames_of([8000], 64)
    largest = 0

    def hears(entry):
        return random.Random(hash(entry.frame.name) & 0xFFFF).random() > 0.1

    reporter, sender = Reporter(), RepeatSender(frames, 16)
    rng = random.Random(3)
    for _ in range(60):
        if sender.done:
            break
        round_ = sender.next_round()
        largest = max(largest, len(round_))
        assert len({entry.process for entry in round_}) == len(round_)
        for entry in round_:
            if rng.random() > 0.2:
                reporter.block(entry.frame.data, process=entry.process)
        sender.feedback(reporter.reports())
    assert sender.done and largest == 64 and reporter.receiver.is_complete(SCOPE)


def test_frames_are_given_up_after_their_last_transmission_and_named():
    _, frames = frames_of([10])
    sender, _, _ = run(frames, lambda entry: 1, lambda entry: False, max_transmissions=3)
    assert sender.rounds == 3 and sender.account.lost() == {frames[0].name: "no report"}


def test_bursts_hold_neighbours_of_one_kind():
    _, frames = frames_of([300, 30, 30])
    bursts = bursts_of(RepeatSender(frames).next_round(), "qpsk-1/2")
    assert [len(burst) for burst in bursts] == [7, 2]
    for burst in bursts:
        assert len({len(entry.frame.data) for entry in burst}) == 1
        assert [entry.process for entry in burst] == list(range(burst[0].process, burst[0].process + len(burst)))


numbers = st.frozensets(st.integers(0, 255), max_size=20)


@given(
    st.tuples(*[st.integers(0, 65535)] * 3),
    st.integers(0, 255),
    numbers,
    numbers,
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 255), st.frozensets(st.integers(0, 4095), max_size=9)), max_size=6
    ),
    st.frozensets(st.integers(0, 63)),
    st.one_of(st.none(), st.integers(-120, 120)),
    st.booleans(),
)
def test_reports_survive_the_feedback_channel(scope, source, layers, sets, parts, failed, half_db, complete):
    snr_db = None if half_db is None else half_db / 2
    report = Feedback(
        Scope(*scope), source, layers, sets, tuple(Part(*part) for part in parts), failed, snr_db, complete
    )
    data = report.to_bytes()
    assert Feedback.from_bytes(data) == report and is_feedback(data)


@settings(max_examples=300)
@given(st.binary(max_size=60), st.booleans(), st.data())
def test_hostile_reports_are_refused_by_name(data, mutated, draw):
    if mutated:
        whole = bytearray(Feedback(SCOPE, 3, frozenset({1, 9}), failed=frozenset({5})).to_bytes())
        whole[draw.draw(st.integers(0, len(whole) - 1))] ^= draw.draw(st.integers(1, 255))
        data = bytes(whole)
    with pytest.raises(FrameError, match="must"):
        Feedback.from_bytes(data)


def test_a_report_too_long_for_a_frame_leaves_parts_out():
    parts = tuple(Part(False, n, frozenset(range(0, 4096, 2))) for n in range(100))
    data = Feedback(SCOPE, parts=parts).to_bytes()
    assert len(data) <= 8192 and 0 < len(Feedback.from_bytes(data).parts) < 100


def test_refusals():
    with pytest.raises(ItemError, match="max_transmissions must be 1 to 16, got 0"):
        RepeatSender([], 0)
    with pytest.raises(ItemError, match="window must be 1 to 64, got 65"):
        RepeatSender([], window=65)


def test_what_was_not_heard_goes_out_more_robustly_and_what_was_heard_does_not():
    _, frames = frames_of([200])
    steps = {None: "middle", "middle": "slow", "slow": "slow"}
    sender, reporter = RepeatSender(frames, 5, fallback=steps.__getitem__), Reporter()
    sender.next_round()
    reporter.block(None, process=1)  # heard, not decoded
    sender.feedback(reporter.reports())
    second = {entry.frame.name.piece: entry for entry in sender.next_round()}
    assert {piece: entry.frame.mcs for piece, entry in second.items()} == {
        piece: None if piece == 1 else "middle" for piece in second
    }
    assert (second[1].redundancy_version, second[1].new_data, second[0].new_data) == (2, False, True)
    sender.timeout()  # nothing is known of this round: no reason to change
    assert {entry.frame.mcs for entry in sender.next_round()} == {None, "middle"}


def test_processes_are_taken_in_turn_so_that_a_late_report_meets_no_younger_frame():
    """A process that came free is not used again before all others were: its soft values may still be asked for."""
    _, frames = frames_of([20] * 4 + [300])
    sender = RepeatSender(frames, max_transmissions=4, window=2)
    reporter = Reporter()
    processes = []
    while not sender.done:
        for entry in sender.next_round():
            processes.append(entry.process)
            reporter.block(entry.frame.data, process=entry.process)
        sender.feedback(reporter.reports(0))
    assert processes == list(range(len(frames))) and len(frames) > 6
