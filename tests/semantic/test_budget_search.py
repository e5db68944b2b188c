"""The packet that fills a limit: found from expected layers, coded seldom more than twice, never too large."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from semcom.semantic import EncodeRequest, SemanticPacket, analyse, budget_search, code
from semcom.semantic.budget_search import LEAST_BUDGET_BYTES, MAX_CODED, code_within

from ..stand_ins import stand_ins, street  # noqa: F401

pytestmark = pytest.mark.usefixtures("stand_ins")


NOISE_FILLS = 0.88
"""Share of its bytes that the photo below takes at least: what is fine in it is coded in steps."""


def photo() -> np.ndarray:
    """The street under spots of all sizes. (Pure noise is coded in steps of a third of a budget.)"""
    rng, image = np.random.default_rng(5), street(480, 320).astype(float)
    for rows, strength in ((10, 40), (40, 30), (160, 15)):
        spots = rng.integers(0, 256, (rows, 3 * rows // 2, 3), dtype=np.uint8)
        image += strength / 128 * (np.asarray(Image.fromarray(spots).resize((480, 320))).astype(float) - 128)
    return np.clip(image, 0, 255).astype(np.uint8)


def size(packet: SemanticPacket) -> int:
    return len(packet.to_bytes())


def expected_size(layers) -> int:
    return sum(num_bytes for *_, num_bytes in layers)


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    budgets: list[int] = []

    def counting(analysis, budget_bytes, identity):
        budgets.append(budget_bytes)
        return code(analysis, budget_bytes, identity)

    monkeypatch.setattr(budget_search, "code", counting)
    return budgets


@pytest.mark.parametrize("limit", [400, 900, 3000])
def test_the_limit_is_filled_and_never_exceeded(coded: list[int], limit: int) -> None:
    packet = code_within(analyse(photo()), limit, size, expected_size, (1, 2, 3))
    assert NOISE_FILLS * limit <= size(packet) <= limit and packet.identity == (1, 2, 3)
    assert len(coded) <= 2


def test_a_wrong_expectation_is_mended(coded: list[int]) -> None:
    packet = code_within(analyse(photo()), 1500, size, lambda layers: 0.5 * expected_size(layers))
    assert 0.8 * 1500 <= size(packet) <= 1500 and 2 <= len(coded) <= MAX_CODED
    coded.clear()
    packet = code_within(analyse(photo()), 1500, size, lambda layers: 2 * expected_size(layers))
    assert NOISE_FILLS * 1500 <= size(packet) <= 1500 and len(coded) == 2


def test_a_part_of_the_cost_that_grows_with_no_byte_is_found(coded: list[int]) -> None:
    """As of soft texts beside symbols: what they take on air is in no expectation."""
    packet = code_within(analyse(photo()), 6000, lambda packet: 5000 + size(packet), expected_size)
    assert 0.75 * 1000 <= size(packet) <= 1000 and len(coded) <= MAX_CODED


def test_the_budget_of_the_request_stays_a_limit(coded: list[int]) -> None:
    packet = code_within(analyse(photo(), EncodeRequest(budget_bytes=600)), 5000, size, expected_size)
    assert 500 < size(packet) <= 600 and coded == [600]
    assert size(code_within(analyse(photo(), EncodeRequest(budget_bytes=5000)), 600, size, expected_size)) <= 600


def test_where_nothing_fits_it_is_the_smallest(coded: list[int]) -> None:
    packet = code_within(analyse(photo()), 10, size, expected_size)
    assert size(packet) <= LEAST_BUDGET_BYTES and set(coded) == {LEAST_BUDGET_BYTES} and len(coded) <= 2
