import pytest

from semcom.experiments.modem.ldpc_early_stop import Comparison, compare, loss_db


def test_the_early_stop_loses_nothing_that_is_easy_and_saves_where_nothing_is_decoded(rng):
    easy = compare("qpsk-1/2", 120, 3.0, 6, rng)
    assert (easy.blocks, easy.lost, easy.only) == (6, (0, 0), (0, 0))
    hopeless = compare("qpsk-1/2", 120, -3.0, 6, rng)
    assert (hopeless.lost, hopeless.only) == ((6, 6), (0, 0))


def test_the_loss_is_read_off_the_slope():
    near = Comparison(1000, (100, 110), (0, 10), (1.0, 0.8))
    higher = Comparison(1000, (10, 10), (0, 0), (1.0, 1.0))  # a decade in 0.1 dB
    assert loss_db(near, higher) == pytest.approx(0.00414, abs=1e-5) and near.cpu_ratio == 0.8
    assert loss_db(higher, Comparison(1000, (1, 1), (0, 0), (1.0, 1.0))) == 0
