"""Rates of the models are those of the distributions, and the hyper-decoder in integers is the trained one."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
from scipy import stats  # noqa: E402

from semcom.semantic.coding.integer_hyper import HyperTables, scale_numbers  # noqa: E402
from semcom.semantic.coding.latents import ROW_LENGTH  # noqa: E402
from semcom.semantic.nets.transform_coding.entropy_models import (  # noqa: E402
    NUM_SCALES,
    Factorised,
    ScaleHyperprior,
    gaussian_bits,
)


def test_bits_of_a_rounded_gaussian() -> None:
    numbers, scale = torch.tensor([0.0, 1.0, -3.0, 7.0]), torch.tensor([0.3, 1.0, 2.0, 2.5])
    wanted = -np.log2(stats.norm.cdf((numbers + 0.5) / scale) - stats.norm.cdf((numbers - 0.5) / scale)).sum()
    assert float(gaussian_bits(numbers, scale)) == pytest.approx(wanted, rel=1e-3)


def test_factorised_likelihoods_of_all_numbers_sum_to_one() -> None:
    prior = Factorised(2)
    with torch.no_grad():
        edges = torch.arange(-60.5, 61.0)[None, None, None].expand(1, 2, 1, -1)
        likelihoods = prior._cumulative(edges).diff(dim=3)[0, :, 0]
        bits = float(prior.bits(torch.zeros(1, 2, 30, 30)))
    assert likelihoods.sum(1).tolist() == pytest.approx([1, 1], abs=1e-4)
    assert (likelihoods >= 0).all() and bits > 0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_integer_hyper_decoder_says_what_the_trained_one_says(seed: int) -> None:
    torch.manual_seed(seed)
    prior = ScaleHyperprior(12, 8, 5)
    with torch.no_grad():
        for conv in (prior.first, prior.second, prior.last):
            conv.weight.mul_(3)
        prior.last.weight.mul_(4)
    convs = (prior.first, prior.second, prior.last)
    whole = [
        [np.floor(v.detach().double().numpy() * 64 + 0.5).astype(np.int64) for v in (c.weight, c.bias)] for c in convs
    ]
    even = np.full((NUM_SCALES, ROW_LENGTH), 1 << 15)
    tables = HyperTables(tuple(w for w, _ in whole), tuple(b for _, b in whole), even, even[:5])
    z = np.random.default_rng(seed).integers(-15, 16, (5, 3, 4))
    with torch.no_grad():
        trained = prior.scale_numbers(torch.from_numpy(z[None]).float())[0].numpy()
    told = scale_numbers(tables, z)
    assert told.shape == (12, 12, 16) and len(np.unique(told)) > 10
    np.testing.assert_array_equal(told, trained)
