"""Whether a folder holds a model that may be loaded: its type, whole weights, no pickles, no code of its own."""

from __future__ import annotations

import json
import struct
from collections.abc import Collection
from pathlib import Path
from typing import Any

from semcom.semantic.errors import ModelError

MAX_JSON_BYTES = 8 << 20
MAX_HEADER_BYTES = 100 << 20
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def check_folder(folder: Path, name: str, types: Collection[str], weights: str = "") -> dict[str, Any]:
    """The model's ``config.json``, where the folder can be loaded from.

    Parameters
    ----------
    folder : Path
    name : str
        Of the model, for the sentence that says how to get it.
    types : collection of str
        Values of ``model_type`` that fit.
    weights : str
        Name of the one weight file, where the published layout has another than transformers' own.

    Raises
    ------
    ModelError
        One sentence: what is missing, cut short, of another kind, or brings code.
    """
    config = read_config(folder, name)
    if config.get("model_type") not in types:
        raise ModelError(
            f"model {name}: {folder} must hold one of type {' or '.join(sorted(types))}, "
            f"got {_short(config.get('model_type'))}"
        )
    check_weights(folder, name, weights)
    return config


def read_config(folder: Path, name: str, file: str = "config.json") -> dict[str, Any]:
    """A JSON file of a model that asks for no code of its own; `ModelError` in one sentence where it is none."""
    if not folder.is_dir():
        raise ModelError(f"model {name} is not there: {folder} must be its folder; to get it: semcom models get {name}")
    path = folder / file
    if not path.is_file():
        raise ModelError(f"model {name}: {folder} holds no model: no {file}; to get it: semcom models get {name}")
    config = _json(path, name)
    if any("auto_map" in part for part in (config, *(v for v in config.values() if isinstance(v, dict)))):
        raise ModelError(f"model {name}: {path} asks for code of its own (auto_map), and none is ever run")
    return config


def check_weights(folder: Path, name: str, weights: str = "") -> list[Path]:
    """The safetensors files of a model, each whole; `ModelError` in one sentence where one is not."""
    files = [folder / weights] if weights else _listed(folder, name)
    for path in files:
        if not path.is_file():
            pickled = sorted(p.name for p in folder.glob("*") if p.suffix in _PICKLES) if folder.is_dir() else []
            if pickled:
                raise ModelError(
                    f"model {name}: weights must be safetensors, got only {pickled[0]} in {folder}, which can run code"
                )
            raise ModelError(
                f"model {name}: {path} is missing, it was half downloaded; to go on: semcom models get {name}"
            )
        check_safetensors(path, name)
    return files


def _listed(folder: Path, name: str) -> list[Path]:
    """The one file, or all that the index names; the first file that should be there where there is none."""
    for stem in ("model", "diffusion_pytorch_model"):
        index = folder / f"{stem}.safetensors.index.json"
        if index.is_file():
            table = _json(index, name).get("weight_map")
            if not isinstance(table, dict) or not all(isinstance(file, str) for file in table.values()):
                raise ModelError(f"model {name}: {index} must have a weight_map of file names")
            if any(Path(file).name != file for file in table.values()):
                raise ModelError(f"model {name}: {index} must name files of its own folder")
            return [folder / file for file in sorted(set(table.values()))]
        if (folder / f"{stem}.safetensors").is_file():
            return [folder / f"{stem}.safetensors"]
    return [folder / "model.safetensors"]


def check_safetensors(path: Path, name: str) -> int:
    """Number of values in a safetensors file that is as long as its table says."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        (length,) = struct.unpack("<Q", head) if len(head) == 8 else (0,)
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise ModelError(f"model {name}: {path} is no safetensors file, or cut short: {size} bytes")
        try:
            table = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for key, entry in table.items() if key != "__metadata__"]
            shapes = [entry["shape"] for key, entry in table.items() if key != "__metadata__"]
            values = sum(_product(shape) for shape in shapes)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
            raise ModelError(f"model {name}: {path} has no table of tensors ({error})") from None
    wanted = 8 + length + max(ends, default=0)
    if size != wanted:
        raise ModelError(f"model {name}: {path} must have {wanted} bytes, got {size}: semcom models get {name}")
    return values


def _product(shape: list[int]) -> int:
    product = 1
    for side in shape:
        product *= int(side)
    return product


def _json(path: Path, name: str) -> dict[str, Any]:
    if path.stat().st_size > MAX_JSON_BYTES:
        raise ModelError(f"model {name}: {path} must have at most {MAX_JSON_BYTES} bytes, got {path.stat().st_size}")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"model {name}: {path} is no JSON ({' '.join(str(error).split())[:120]})") from None
    if not isinstance(read, dict):
        raise ModelError(f"model {name}: {path} must hold a JSON object, got {type(read).__name__}")
    return read


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"
