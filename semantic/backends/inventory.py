"""What of the catalogue is here, and what presets need: computed from the numbers of parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from semcom.semantic.backends.catalogue import Entry, catalogue, folder_of, models_folder, of_role
from semcom.semantic.backends.lock import FILE, read_lock
from semcom.semantic.backends.memory import needed_bytes
from semcom.semantic.backends.presets import models_preset, preset_names
from semcom.semantic.errors import ModelError

SYSTEMS = ("es-isc", "multi-sc", "single-text", "vlm-csc")
"""Systems that presets are for."""


@dataclass(frozen=True)
class Item:
    """One model: what the catalogue says, what is locked, and its state: complete, incomplete or absent."""

    name: str
    role: str
    repository: str
    revision: str | None
    bytes_fp16: int
    memory_fp16: int
    licence: str
    commercial: bool
    folder: str
    state: str


def inventory() -> list[Item]:
    """Every model of the catalogue; complete is one of which each locked file is there, else a file of each pattern."""
    locked = read_lock(models_folder() / FILE)
    return [
        Item(
            one.name, one.role, one.repository, locked[one.name].revision if one.name in locked else None,
            one.num_bytes(), needed_bytes(one.parameters, one.role, "cuda"), one.licence, one.commercial,
            str(folder_of(one.name)), state_of(one, list(locked[one.name].files) if one.name in locked else None),
        )
        for one in catalogue().values()
    ]  # fmt: skip


def state_of(entry: Entry, files: list[str] | None = None) -> str:
    """``complete``, ``incomplete`` or ``absent``."""
    folder = folder_of(entry.name)
    if not folder.is_dir():
        return "absent"
    if files is None:  # brought by hand: each pattern that names one file, and the first of each that names several
        return "complete" if all(any(folder.glob(pattern)) for pattern in _needed(entry)) else "incomplete"
    return "complete" if all((folder / file).is_file() for file in files) else "incomplete"


def _needed(entry: Entry) -> list[str]:
    return [pattern for pattern in entry.files if not pattern.endswith((".txt", ".jinja"))]


def preset_needs() -> list[dict[str, str | int]]:
    """Memory at fp16 that each end needs, for presets of models of others: all weights, and room for one at a time."""
    found = []
    for name in preset_names():
        for system in SYSTEMS:
            preset = models_preset(name, system)
            if preset.sender:
                ends = {"sender": together(preset.sender), "receiver": together(preset.receiver)}
                found.append({"preset": name, "system": system, **ends})
    return found


def together(names: Iterable[str]) -> int:
    """Bytes at fp16 of models that are loaded together and run one after the other."""
    entries = [catalogue()[name] for name in names]
    return sum(one.num_bytes() for one in entries) + max(needed_bytes(0, one.role, "cuda") for one in entries)


def named(wanted: Iterable[str]) -> list[Entry]:
    """Models by name, role or preset, each once.

    Raises
    ------
    ModelError
        Something else.
    """
    found: dict[str, Entry] = {}
    for one in wanted:
        if one in preset_names():
            presets = [models_preset(one, system) for system in SYSTEMS]
            names = dict.fromkeys(name for preset in presets for name in (*preset.sender, *preset.receiver))
            if not names:
                raise ModelError(f"preset {one} needs no model of others")
            found |= {name: catalogue()[name] for name in names}
        else:
            found |= {entry.name: entry for entry in of_role(one)}
    return list(found.values())
