"""Named tensors out of one file: safetensors, or a pickle of tensors alone out of a folder that the user names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from semcom.semantic.backends.folder_check import check_safetensors
from semcom.semantic.errors import ModelError

MAX_BYTES = 8 << 30
PICKLES = (".pth", ".pt", ".bin")
_WRAPPERS = ("state_dict", "model", "model_state")
"""Keys under which training scripts store the tensors beside their own state."""


def find_tensor_file(folder: Path, name: str, patterns: Sequence[str], named_by_user: bool) -> Path:
    """The one weight file in a folder, safetensors before pickles.

    Parameters
    ----------
    folder : Path
    name : str
        Of the model, for messages.
    patterns : sequence of str
        Of file names, without the ending: ``fcn_resnet50*``.
    named_by_user : bool
        Whether the user named this folder: pickles are read from no other.

    Raises
    ------
    ModelError
        The folder or the file is missing, there are several, or a pickle lies in a folder nobody named.
    """
    if not folder.is_dir():
        raise ModelError(f"model {name} is not there: {folder} must be its folder; docs/models.md says where it is")
    for endings in ((".safetensors",), PICKLES):
        found = sorted({path for pattern in patterns for end in endings for path in folder.glob(pattern + end)})
        if len(found) > 1:
            listed = ", ".join(path.name for path in found[:4])
            raise ModelError(f"model {name}: {folder} must hold one file of weights, got {listed}")
        if found and endings == PICKLES and not named_by_user:
            raise ModelError(
                f"model {name}: weights must be safetensors, got only {found[0].name} in {folder}; a pickle is read "
                "from a folder that you name alone: folder=FOLDER"
            )
        if found:
            return found[0]
    wanted = ", ".join(patterns)
    raise ModelError(f"model {name}: {folder} holds no weights: no {wanted} as .safetensors or {', '.join(PICKLES)}")


def read_tensors(path: Path, name: str) -> dict[str, Any]:
    """Tensors by the names in the file; nothing but tensors is ever unpickled.

    Raises
    ------
    ModelError
        Too large, cut short, or holding anything but named tensors.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ModelError(f"model {name}: {path} must have at most {MAX_BYTES} bytes, got {size}")
    if path.suffix == ".safetensors":
        check_safetensors(path, name)
        from safetensors.torch import load_file

        return load_file(path)
    import torch

    try:
        read = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # whatever a pickle that is none, or more than tensors, makes of it
        said = " ".join(str(error).split())[:120]
        raise ModelError(f"model {name}: {path} holds no tensors alone ({type(error).__name__}: {said})") from None
    for wrapper in _WRAPPERS:
        if isinstance(read, Mapping) and isinstance(read.get(wrapper), Mapping):
            read = read[wrapper]
    if not isinstance(read, Mapping) or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in read.items()
    ):
        raise ModelError(f"model {name}: {path} must hold tensors by name, got {type(read).__name__}")
    return dict(read)
