"""The catalogue's numbers of parameters are those of the published configurations, counted on torch's meta device."""

from __future__ import annotations

import pytest

from semcom.semantic.backends.catalogue import catalogue
from semcom.semantic.backends.runtime import quietly

from . import published

pytestmark = pytest.mark.usefixtures("libraries")


def test_every_model_is_counted() -> None:
    assert set(published.COUNTS) == set(catalogue())


@pytest.mark.parametrize("name", published.COUNTS)
def test_the_catalogue_says_what_the_configuration_has(name: str) -> None:
    import torch

    with torch.device("meta"), quietly():
        assert published.COUNTS[name]() == catalogue()[name].parameters


def test_known_figures() -> None:
    import torch

    with torch.device("meta"), quietly():
        assert published.unet() == pytest.approx(859.5e6, rel=1e-4)
    assert catalogue()["llava-interleave"].parameters == pytest.approx(864e6, rel=1e-3)
