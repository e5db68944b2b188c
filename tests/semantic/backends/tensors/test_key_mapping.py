"""Tensors under other names: the first pattern counts, what is left out goes, what does not fit is named."""

from __future__ import annotations

import pytest

from semcom.semantic.backends.tensors.key_mapping import fill, renamed
from semcom.semantic.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")


def test_the_first_pattern_that_fits_the_whole_name_counts() -> None:
    table = ((r"aux\..*", None), (r"a\.(\d+)\.w", r"b.\1.weight"), (r"a\.(.*)", r"c.\1"))
    assert renamed({"aux.x": 1, "a.12.w": 2, "a.12.w2": 3, "other": 4}, table) == {
        "b.12.weight": 2, "c.12.w2": 3, "other": 4,
    }  # fmt: skip


def refusal(tensors: dict, **options: object) -> str:
    with pytest.raises(ModelError) as refused:
        fill(torch.nn.Linear(3, 2), tensors, "tiny", **options)
    return str(refused.value)


def test_a_network_gets_exactly_what_it_wants() -> None:
    network = torch.nn.Linear(3, 2)
    fill(network, {"weight": torch.ones(2, 3), "bias": torch.full((2,), 7.0)}, "tiny")
    assert network.weight.sum() == 6 and network.bias.tolist() == [7, 7]
    fill(network, {"weight": torch.zeros(2, 3)}, "tiny", left=("bi.s",))
    assert network.weight.sum() == 0 and network.bias.tolist() == [7, 7]
    assert refusal({"weight": torch.ones(2, 3)}) == "model tiny: its checkpoint lacks 1 tensors, first 'bias'"
    whole = {"weight": torch.ones(2, 3), "bias": torch.ones(2)}
    assert refusal(whole | {"more": torch.ones(1)}).endswith("has unknown 1 tensors, first 'more'")
    assert refusal(whole | {"bias": torch.ones(3)}) == "model tiny: bias must have shape (2,), got (3,)"
