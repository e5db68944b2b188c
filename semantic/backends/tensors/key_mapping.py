"""Names of tensors as one project has them → as another has them: a table of patterns, checked tensor by tensor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from semcom.semantic.errors import ModelError

Table = Sequence[tuple[str, str | None]]
"""(pattern of the whole name, name with ``\\1``...); the first that fits counts; None leaves a tensor out."""


def renamed(tensors: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """Tensors under their new names; one that no pattern fits keeps its name."""
    patterns = [(re.compile(pattern), name) for pattern, name in table]
    found: dict[str, Any] = {}
    for old, tensor in tensors.items():
        match = next(((m, name) for pattern, name in patterns if (m := pattern.fullmatch(old))), None)
        if match is None:
            found[old] = tensor
        elif match[1] is not None:
            found[match[0].expand(match[1])] = tensor
    return found


def fill(network: Any, tensors: Mapping[str, Any], name: str, left: Sequence[str] = ()) -> None:
    """Put tensors into a network that wants exactly these, in their shapes.

    Parameters
    ----------
    network : torch.nn.Module
    tensors : mapping of str to tensor
    name : str
        Of the model, for messages.
    left : sequence of str
        Names, as patterns, that the network may want and computes by itself.

    Raises
    ------
    ModelError
        Tensors that are missing, unknown or of another shape: how many, and the first of them.
    """
    import torch

    wanted = network.state_dict()
    own = [key for key in wanted if any(re.fullmatch(pattern, key) for pattern in left)]
    missing = sorted(set(wanted) - set(tensors) - set(own))
    unknown = sorted(set(tensors) - set(wanted))
    if missing or unknown:
        kind, keys = ("lacks", missing) if missing else ("has unknown", unknown)
        raise ModelError(f"model {name}: its checkpoint {kind} {len(keys)} tensors, first {keys[0]!r}")
    for key, values in tensors.items():
        if tuple(values.shape) != tuple(wanted[key].shape):
            raise ModelError(
                f"model {name}: {key} must have shape {tuple(wanted[key].shape)}, got {tuple(values.shape)}"
            )
    with torch.no_grad():
        for key, values in tensors.items():
            wanted[key].copy_(values)
