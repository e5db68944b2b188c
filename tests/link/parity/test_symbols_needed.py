from __future__ import annotations

from math import comb

import pytest

from semcom.link.parity.symbols_needed import symbols_needed


def test_number_of_symbols_is_the_least_that_keeps_the_promise():
    assert symbols_needed(1, 0.2, 0.99) == 3  # 1 - 0.2 ** 3 = 0.992
    assert symbols_needed(7, 0.0, 0.99) == 7
    assert symbols_needed(250, 0.5, 0.99) is None
    assert symbols_needed(4, 1.0, 0.99) is None


@pytest.mark.parametrize("num_source", [1, 2, 5, 20])
@pytest.mark.parametrize("frame_loss", [0.05, 0.3, 0.6])
def test_one_symbol_fewer_would_not_be_enough(num_source, frame_loss):
    def delivered(number):
        """Probability that enough of them come, counted by those that are lost."""
        most = number - num_source
        return sum(
            comb(number, lost) * frame_loss**lost * (1 - frame_loss) ** (number - lost) for lost in range(most + 1)
        )

    number = symbols_needed(num_source, frame_loss, 0.995)
    assert delivered(number) >= 0.995 > (delivered(number - 1) if number > num_source else 0)


def test_all_256_symbols_may_be_needed():
    assert symbols_needed(256, 0.0, 0.99) == 256 and symbols_needed(256, 0.01, 0.5) is None
    assert symbols_needed(255, 0.001, 0.97) == 256
