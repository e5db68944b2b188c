from semcom.link import Key
from semcom.link.assembly.requirements import required_by, tells_nothing

A, B, C, D = (Key(0, 0, 1, layer) for layer in range(4))


def test_what_is_required_is_found_through_layers_that_are_not_there():
    requires = {A: (B,), B: (C,), D: (A,)}
    assert required_by([A], requires) == {B, C} and required_by([D, C], requires) == {A, B, C}
    assert required_by([], requires) == required_by([C], requires) == set()


def test_a_circle_ends():
    assert required_by([A], {A: (B,), B: (A,)}) == {A, B}


def test_nobody_reads_payloads_unless_told_how():
    assert tells_nothing(A, b"anything") is None
