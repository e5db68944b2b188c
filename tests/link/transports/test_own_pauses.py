from semcom.link.transports.own_pauses import LONGEST_TURN_S, OwnPauses


def test_only_what_is_longer_than_a_turn_is_a_pause_and_it_counts_once():
    times_s = iter([10.0, 10.1, 10.1 + LONGEST_TURN_S, 20.0, 20.05])
    pauses = OwnPauses(lambda: next(times_s))
    assert [pauses.look() for _ in range(4)] == [0.0, 0.0, 20.0 - 10.1 - LONGEST_TURN_S, 0.0]
