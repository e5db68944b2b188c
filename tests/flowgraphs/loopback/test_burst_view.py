import numpy as np
import pytest

from semcom.flowgraphs.loopback.burst_view import LEAST_DB, MAX_VIEW_BYTES, MOST_CARRIERS, pack_view, read_view


def test_channel_and_points_come_back_to_the_step():
    channel = np.array([1.0, 0.1j, 0.0, -2.0], np.complex64)
    points = np.array([1 + 1j, -0.7 + 0.25j, 9 - 9j], np.complex64)
    level_db, shown = read_view(pack_view(channel, points))
    assert level_db == [0, -20, LEAST_DB, 6]
    assert np.allclose(shown, [[1, 1], [-0.7, 0.25], [127 / 40, -128 / 40]], atol=0.5 / 40)


def test_many_are_thinned_out_evenly_and_fit_in():
    data = pack_view(np.arange(1, 1201).astype(np.complex64), np.full(5000, 1j, np.complex64))
    level_db, points = read_view(data)
    assert len(data) <= MAX_VIEW_BYTES and 32 <= len(level_db) <= MOST_CARRIERS and len(points) == 200
    assert level_db[-1] == round(20 * np.log10(1 + 19 * (len(level_db) - 1)))
    nothing = np.zeros(0, np.complex64)
    assert pack_view(nothing, nothing) == b"" and read_view(b"") == ([], [])


@pytest.mark.parametrize("data", [b"\5abc", b"\1ab", bytes(MAX_VIEW_BYTES + 2)])
def test_what_is_no_view_shows_nothing(data):
    assert read_view(data) == ([], [])
