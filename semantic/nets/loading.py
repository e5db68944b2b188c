"""Weights of our networks: safetensors files with what they are written inside.

A weight file is untrusted: sizes are bounded before anything is read, names, shapes and types are compared with the
network, and values must be finite. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import torch
from torch import nn

from semcom.semantic.errors import ModelError

MAX_FILE_BYTES = 16 << 20
MAX_HEADER_BYTES = 1 << 18
_DTYPES = {"F16": (torch.float16, 2), "F32": (torch.float32, 4)}


def save_weights(path: Path, module: nn.Module, metadata: dict[str, str], half: bool = True) -> None:
    """Write parameters and running statistics of `module` (float16; float32 where `half` is false) and `metadata`."""
    from safetensors.torch import save

    dtype = torch.float16 if half else torch.float32
    tensors = {name: value.detach().to("cpu", dtype).contiguous() for name, value in _state(module).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(tensors, metadata=metadata))


def read_header(path: Path) -> tuple[dict[str, dict], dict[str, str], int]:
    """Tensor table, metadata and offset of the first data byte, all checked.

    Raises
    ------
    ModelError
        File missing, larger than `MAX_FILE_BYTES`, or not a safetensors file; the message names it.
    """
    if not path.is_file():
        raise ModelError(f"weights {path} are missing; reinstall gr-semcom or name a file that exists")
    size = path.stat().st_size
    if not 8 < size <= MAX_FILE_BYTES:
        raise ModelError(f"weights {path} must have 9 to {MAX_FILE_BYTES} bytes, got {size}")
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise ModelError(f"weights {path} are damaged: header length {length} of {size} bytes")
        text = file.read(length)
    try:
        header = json.loads(text)
        metadata = header.pop("__metadata__", {})
        if not all(isinstance(value, str) for value in metadata.values()):
            raise ValueError("metadata must be text")
        table = {name: _entry(**entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"weights {path} are damaged: header is not a tensor table ({error})") from error
    return table, metadata, 8 + length


def _entry(dtype: str, shape: list[int], data_offsets: list[int]) -> tuple[str, tuple[int, ...], int, int]:
    """One line of the table of tensors: type, shape, first byte, end."""
    begin, end = data_offsets
    if not isinstance(dtype, str) or not all(isinstance(number, int) for number in (*shape, begin, end)):
        raise ValueError("types must be text, shapes and offsets whole numbers")
    return dtype, tuple(shape), begin, end


def load_weights(path: Path, module: nn.Module) -> dict[str, str]:
    """Fill `module` from a file and set it to evaluation; returns the file's metadata.

    Raises
    ------
    ModelError
        Missing or damaged file, or one that belongs to another network: says file, tensor, rule and value.
    """
    table, metadata, start = read_header(path)
    state = _state(module)
    if table.keys() != state.keys():
        odd = sorted(table.keys() ^ state.keys())
        raise ModelError(
            f"weights {path} do not fit {type(module).__name__}: {len(odd)} tensors differ, first {odd[0]!r}"
        )
    data = path.read_bytes()[start:]
    for name, target in state.items():
        dtype_name, shape, begin, end = table[name]
        if shape != tuple(target.shape):
            raise ModelError(f"weights {path}: shape of {name!r} must be {tuple(target.shape)}, got {shape}")
        if dtype_name not in _DTYPES:
            raise ModelError(f"weights {path}: type of {name!r} must be F16 or F32, got {dtype_name!r}")
        dtype, item_bytes = _DTYPES[dtype_name]
        if not (0 <= begin <= end <= len(data) and end - begin == target.numel() * item_bytes):
            raise ModelError(f"weights {path}: bytes of {name!r} run from {begin!r} to {end!r} of {len(data)}")
        values = torch.frombuffer(bytearray(data[begin:end]), dtype=dtype).reshape(target.shape).float()
        if not bool(torch.isfinite(values).all()):
            raise ModelError(f"weights {path}: {name!r} holds values that are not finite")
        with torch.no_grad():
            target.copy_(values)
    module.eval().requires_grad_(False)
    return metadata


def _state(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value for name, value in module.state_dict().items() if not name.endswith("num_batches_tracked")}
