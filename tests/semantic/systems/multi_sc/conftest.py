"""What the tests of Multi-SC share: parts that see a street without a network."""

from collections.abc import Iterator

import pytest

from semcom.semantic import registry
from semcom.semantic.extract.captioner import compose_caption

from ....stand_ins import SeesRed


@pytest.fixture
def sees_red() -> Iterator[None]:
    """Whatever is red is a car, and captions are composed from maps."""
    with (
        registry.override("segmenters", "best", SeesRed()),
        registry.override("captioners", "best", compose_caption),
    ):
        yield
