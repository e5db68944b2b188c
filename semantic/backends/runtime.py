"""The libraries of the extra ``pretrained``, offline and quiet; the device and its number format."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from semcom.semantic.errors import ModelError

COMMAND = 'pip install "gr-semcom[pretrained]"'
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


def library(name: str) -> Any:
    """``transformers`` or ``diffusers``, imported so that it never calls a hub.

    Raises
    ------
    ModelError
        The extra is not installed, or torchvision is: it has no build for this torch, and breaks these libraries.
    """
    os.environ.update(_OFFLINE)  # read when huggingface_hub is imported
    hub = sys.modules.get("huggingface_hub.constants")
    if hub is not None:
        hub.HF_HUB_OFFLINE = True
    for module in ("torch", name):
        if module not in sys.modules and find_spec(module) is None:
            raise ModelError(f"models of others need the package {module}, not installed: {COMMAND}")
    try:
        with quietly():
            found = import_module(name)
    except ImportError as error:
        raise ModelError(f"the package {name} cannot be imported ({error}): {COMMAND}") from error
    import_module(f"{name}.utils.logging").set_verbosity_error()
    import_module(f"{name}.utils.logging").disable_progress_bar()
    return found


@contextmanager
def quietly() -> Iterator[None]:
    """Without the warnings of libraries that a user can do nothing about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def check_device(device: str) -> str:
    """The device, where torch has it.

    Raises
    ------
    ModelError
        CUDA is asked for and not there.
    """
    import torch

    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise ModelError(f"device must be cpu or cuda, got {device!r}") from None
    if kind == "cuda" and not torch.cuda.is_available():
        raise ModelError(f"device {device} is asked for, and torch {torch.__version__} sees no CUDA device: device cpu")
    return device


def number_format(device: str) -> Any:
    """float16 on CUDA, float32 elsewhere."""
    import torch

    return torch.float16 if device.startswith("cuda") else torch.float32
