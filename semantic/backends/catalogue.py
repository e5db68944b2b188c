"""The catalogue of models: name, role, repository, licence, size; and where they lie on this computer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from semcom.semantic.errors import ModelError

ENVIRONMENT = "SEMCOM_MODELS"
"""Names the folder of models; else it is ``semcom/models`` of the user's data folder."""


@dataclass(frozen=True)
class Entry:
    """One model.

    Attributes
    ----------
    name : str
    role : str
        captioner, segmenter, detailer, detector, repairer, reconstructor, adapter (belongs to a reconstructor), metric.
    repository : str
        On the hub, ``owner/name``.
    licence : str
    commercial : bool
        Whether the licence allows commercial use.
    parameters : int
    files : tuple of str
        Patterns of what is needed of the repository.
    by_hand : str
        Where a model comes from that is on no hub; empty for those that `semcom models get` brings.
    """

    name: str
    role: str
    repository: str
    licence: str
    commercial: bool
    parameters: int
    files: tuple[str, ...]
    by_hand: str = ""

    def num_bytes(self, bytes_per_parameter: int = 2) -> int:
        """Of its weights: 2 bytes each at fp16, 4 at fp32."""
        return self.parameters * bytes_per_parameter


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Entry]:
    """Every model by name, in the order of the file."""
    read = yaml.safe_load((Path(__file__).parent / "catalogue.yml").read_text(encoding="utf-8"))
    return {name: Entry(name, **{**values, "files": tuple(values["files"])}) for name, values in read.items()}


def entry(name: str) -> Entry:
    """One model of the catalogue.

    Raises
    ------
    ModelError
        There is none of that name.
    """
    if name not in catalogue():
        raise ModelError(f"model must be one of {', '.join(catalogue())}, got {name!r}")
    return catalogue()[name]


def of_role(wanted: str) -> list[Entry]:
    """Models by role or by name.

    Raises
    ------
    ModelError
        Neither is known.
    """
    found = [one for one in catalogue().values() if one.role == wanted]
    if not found and wanted not in catalogue():
        roles = ", ".join(dict.fromkeys(one.role for one in catalogue().values()))
        raise ModelError(f"model must be a role ({roles}) or a name ({', '.join(catalogue())}), got {wanted!r}")
    return found or [entry(wanted)]


def models_folder(folder: Path | str | None = None) -> Path:
    """Where models lie, one folder each: as given, else ``SEMCOM_MODELS``, else the user's data folder."""
    if folder or os.environ.get(ENVIRONMENT):
        return Path(folder or os.environ[ENVIRONMENT]).expanduser()
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111 (works without a home)
    return Path(data) / "semcom" / "models"


def folder_of(name: str, folder: Path | str | None = None) -> Path:
    """The folder of one model: as given, else its name below `models_folder`."""
    return Path(folder).expanduser() if folder else models_folder() / name
