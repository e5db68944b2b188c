"""The quality that the last codings tell: slopes are learned within one size, and within limits."""

from __future__ import annotations

import numpy as np
import pytest

from semcom.semantic.coding.quality_guess import Coding


def test_the_next_quality_is_where_the_last_two_say() -> None:
    """Bytes that grow by the factor e in ten qualities: found from two codings, whatever the size."""
    size = (100, 80)

    def coded(quality: int, pixels: int) -> int:
        return round(2000 * np.exp(quality / 10) * (pixels / 8000) ** 0.85)

    first = Coding.after(None, 16, coded(16, 8000), size)
    assert first.quality_for(size, coded(16, 8000)) == pytest.approx(16)
    second = Coding.after(first, 24, coded(24, 8000), size)
    assert second.per_e == pytest.approx(10, rel=1e-3)
    assert second.quality_for(size, coded(31, 8000)) == pytest.approx(31, abs=0.05)
    assert second.quality_for((50, 40), coded(31, 2000)) == pytest.approx(31, abs=0.05)
    other_size = Coding.after(second, 30, coded(30, 9900), (110, 90))
    assert other_size.per_e == second.per_e  # other pixels say nothing about qualities
    assert Coding.after(second, 25, second.num_bytes - 5, size).per_e == second.per_e  # nor does noise
    assert Coding.after(second, 60, second.num_bytes + 1, size).per_e == 20.0
