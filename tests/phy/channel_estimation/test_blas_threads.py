import numpy as np
import pytest
import scipy.linalg

from semcom.phy.channel_estimation import blas_threads
from semcom.phy.channel_estimation.blas_threads import single_threaded_blas


def thread_counts():
    return [get() for get, _ in blas_threads._libraries()]


def test_one_thread_inside_and_as_many_as_before_outside():
    scipy.linalg.cholesky(np.eye(3))
    if not thread_counts():
        pytest.skip("numpy brings no OpenBLAS here, its wheels do: scripts/setup dev")
    before = thread_counts()
    for _, set_to in blas_threads._libraries():
        set_to(2)
    with single_threaded_blas():
        assert set(thread_counts()) == {1}
        with single_threaded_blas():
            assert set(thread_counts()) == {1}
        assert set(thread_counts()) == {1}
    assert set(thread_counts()) == {2}
    for (_, set_to), count in zip(blas_threads._libraries(), before, strict=True):
        set_to(count)


def test_the_count_comes_back_after_an_error():
    before = thread_counts()
    with pytest.raises(ValueError, match="inside"), single_threaded_blas():
        raise ValueError("inside")
    assert thread_counts() == before
