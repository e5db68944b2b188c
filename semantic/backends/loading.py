"""Models and their processors out of a folder, the one way for all of them: checked, offline, safetensors alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

from semcom.semantic.backends.catalogue import entry, folder_of
from semcom.semantic.backends.folder_check import check_folder, check_safetensors, check_weights
from semcom.semantic.backends.memory import check_fits
from semcom.semantic.backends.runtime import check_device, library, number_format, quietly
from semcom.semantic.errors import ModelError

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


_TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model")


class Loaded(NamedTuple):
    """A model ready to run, its processor, the device and the type of its numbers."""

    model: Any
    processor: Any
    device: str
    dtype: Any


def load(
    name: str,
    folder: Path | str | None,
    device: str,
    model_class: str | Callable[..., Any],
    processor_class: str | Callable[..., Any],
    types: Collection[str],
) -> Loaded:
    """A model of transformers and its processor.

    Parameters
    ----------
    name : str
        Of the catalogue.
    folder : path or None
        None takes the model's own below the folder of models.
    device : str
    model_class, processor_class : str or callable
        Of transformers; or what takes the folder and the options of ``from_pretrained``.
    types : collection of str
        Values of ``model_type`` that fit.

    Raises
    ------
    ModelError
        The extra, the folder, the model or the memory is not as it must be.
    """
    transformers = library("transformers")
    path = folder_of(name, folder)
    check_folder(path, name, types)
    device = check_device(device)
    values = sum(check_safetensors(file, name) for file in check_weights(path, name))
    check_fits(name, values, entry(name).role, device)
    dtype = number_format(device)
    try:
        with quietly():
            processor = _maker(transformers, processor_class)(str(path), backend="pil", **LOCAL)
            model = _maker(transformers, model_class)(str(path), use_safetensors=True, dtype=dtype, **LOCAL)
            _check_tokenizer(path, name, processor)
    except ModelError:
        raise
    except Exception as error:  # whatever a library does with a folder that is not as it should be
        raise load_error(name, path, error) from error
    return Loaded(model.to(device).eval().requires_grad_(False), processor, device, dtype)


def _maker(library_: Any, wanted: str | Callable[..., Any]) -> Callable[..., Any]:
    return wanted if callable(wanted) else getattr(library_, wanted).from_pretrained


def _check_tokenizer(path: Path, name: str, processor: Any) -> None:
    """Refuse a processor without its words: the library makes an empty one in their place, and says nothing."""
    if hasattr(processor, "tokenizer") and not any((path / file).is_file() for file in _TOKENIZER_FILES):
        files = ", ".join(_TOKENIZER_FILES)
        raise ModelError(f"model {name}: {path} must hold one of {files}, got none: half downloaded")


def load_error(name: str, path: Path, error: Exception) -> ModelError:
    """One sentence for whatever a library said."""
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ModelError(f"model {name}: {path} cannot be loaded: {said}")
