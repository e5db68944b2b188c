"""What a model needs, what is free, and the refusal with both numbers."""

from __future__ import annotations

import pytest

from semcom.semantic.backends.memory import WORKING_BYTES, check_fits, free_bytes, in_gb, needed_bytes
from semcom.semantic.errors import ModelError


def test_a_model_needs_its_weights_and_room() -> None:
    assert needed_bytes(1000, "captioner", "cpu") == 4000 + WORKING_BYTES["captioner"]
    assert needed_bytes(1000, "detailer", "cuda:0") == 2000 + WORKING_BYTES["detailer"]


def test_what_does_not_fit_is_refused_with_numbers() -> None:
    with pytest.raises(ModelError, match=r"model big must fit the memory of cpu: it needs 4\.63 GB, and 2\.00 GB are"):
        check_fits("big", 10**9, "captioner", "cpu", free=2 * 10**9)
    check_fits("big", 10**9, "captioner", "cpu", free=5 * 10**9)


def test_free_memory_is_known_of_this_computer_alone() -> None:
    free = free_bytes("cpu")
    assert free is None or 1 << 20 < free < 1 << 50
    assert free_bytes("elsewhere") is None
    assert in_gb(1_730_000_000) == "1.73 GB"
