"""Spending bytes where they do most: which version of each layer goes into a packet of so many bytes.

Each kind of layer comes in versions, coarse to fine, each with its bytes and its benefit; what is left
goes to pixels, whose benefit grows smoothly with bytes. The best sum is taken over all combinations: the lists are
short.

References
----------
[Shoham 1988] bit allocation for an arbitrary set of quantisers; here small enough to be searched whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_COMBINATIONS = 200_000


@dataclass(frozen=True)
class Version:
    """One way to send a layer.

    Attributes
    ----------
    num_bytes : int
        What it adds to the packet, framing included. 0 for leaving the layer out.
    benefit : float
        In the unit all versions share.
    layer : Any
        Whatever the caller wants back; None where the layer is left out.
    """

    num_bytes: int
    benefit: float
    layer: Any = None


def allocate(
    versions: Mapping[str, Sequence[Version]], budget_bytes: int, benefit_of_rest: Callable[[int], float]
) -> dict[str, Version]:
    """Choose one version of every kind.

    Parameters
    ----------
    versions : mapping of name to versions
        Each with at least one version; one of 0 bytes allows the layer to be left out.
    budget_bytes : int
        For all of them and the rest together.
    benefit_of_rest : callable
        Benefit of the bytes that remain.

    Returns
    -------
    dict of name to Version
        The greatest sum of benefits that fits; ties go to the fewest bytes, then to the earlier versions.

    Raises
    ------
    ValueError
        A kind without versions, too many combinations, or no combination fits.
    """
    names = list(versions)
    sizes = [len(versions[name]) for name in names]
    if 0 in sizes:
        raise ValueError(f"versions of {names[sizes.index(0)]!r} must be at least one, got 0")
    if int(np.prod(sizes)) > MAX_COMBINATIONS:
        raise ValueError(f"combinations must be at most {MAX_COMBINATIONS}, got {int(np.prod(sizes))}")
    num_bytes, benefit = np.zeros(1, np.int64), np.zeros(1)
    for name in names:
        step_bytes = np.array([version.num_bytes for version in versions[name]])
        step_benefit = np.array([version.benefit for version in versions[name]])
        num_bytes = (num_bytes[:, None] + step_bytes).ravel()
        benefit = (benefit[:, None] + step_benefit).ravel()
    fitting = np.flatnonzero(num_bytes <= budget_bytes)
    if fitting.size == 0:
        raise ValueError(f"budget_bytes must be at least {int(num_bytes.min())} for these layers, got {budget_bytes}")
    rest = {left: benefit_of_rest(left) for left in np.unique(budget_bytes - num_bytes[fitting]).tolist()}
    total = benefit[fitting] + np.array([rest[left] for left in (budget_bytes - num_bytes[fitting]).tolist()])
    order = np.lexsort((fitting, num_bytes[fitting], -total))
    chosen = np.unravel_index(fitting[order[0]], sizes) if names else ()
    return {name: versions[name][index] for name, index in zip(names, chosen, strict=True)}
