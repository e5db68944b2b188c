"""The trials of a sweep file, each with a name that follows from what it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, asdict, dataclass, fields
from itertools import product
from math import prod
from pathlib import Path

from semcom.phy.mcs import find_mcs
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.sweep import MAX_TRIALS, QUALITIES, SweepSettings
from semcom.semantic import registry
from semcom.semantic.backends.presets import models_preset
from semcom.semantic.request import EncodeRequest

AWGN = "awgn"
SEQUENCE = "av1-sequence"
"""No system of ours: all pictures of a set as one AV1 file."""


@dataclass(frozen=True)
class Row:
    """What one trial does: nothing else enters its result.

    Attributes
    ----------
    photo : str
        Path of the file, the same on all machines; or the name of a set.
    system : str
        As `EncodeRequest.from_options` takes it.
    link : str
        ``ideal`` (capacity), ``modem`` (all of `phy`), ``gallager`` (a (3,6) code over QPSK, as the literature has it).
    channel : str
        ``awgn``, or the name of a fading profile, for the modem.
    snr_db : float
        Of a symbol for ``ideal`` and ``gallager``; at the nominal rate for ``modem`` (docs/conventions.md).
    cbr : float or None
    budget_bytes : int or None
        One of both.
    seed : int
    text : str
        How sentences travel: ``coded`` or ``soft``.
    models : str or None
        Preset of models, at both ends.
    metrics : tuple of str
        What is measured besides PSNR, SSIM and MS-SSIM.
    pictures : tuple of str
        Paths of a set's, coded together; empty where it is one photo.
    """

    photo: str
    system: str
    link: str
    channel: str
    waveform: str
    mcs: str
    snr_db: float
    cbr: float | None
    budget_bytes: int | None
    seed: int
    text: str = "coded"
    models: str | None = None
    metrics: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()

    @property
    def trial(self) -> str:
        """Name: 16 hexadecimal digits that follow from the contents; what has its default does not enter."""
        told = {
            entry.name: getattr(self, entry.name)
            for entry in fields(self)
            if entry.default is MISSING or getattr(self, entry.name) != entry.default
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def asked(self) -> dict[str, str | float | int | None]:
        """What its result begins with: the name, and what was asked for, by column of `store.COLUMNS`."""
        told = asdict(self)
        del told["metrics"]
        size = len(told.pop("pictures")) or None
        return {"trial": self.trial, "cbr_asked": told.pop("cbr"), "set_size": size, **told}


def rows_of(settings: SweepSettings, folder: Path) -> list[Row]:
    """All trials of a sweep whose paths are relative to `folder`; the photos change slowest.

    Raises
    ------
    ConfigError
        A photo, system, MCS, waveform or channel that does not exist; too many trials.
    """
    photos = [(photo, ()) for photo in _files("photos", settings.photos, folder)]
    photos += [(name, tuple(_files("sets", patterns, folder))) for name, patterns in settings.sets.items()]
    _check_names(settings)
    widths = [(cbr, None) for cbr in settings.cbrs] or [(None, size) for size in settings.budget_bytes]
    over = [(system, link) for system in settings.systems for link in system.links or settings.links]
    lists = photos, over, settings.channels, widths, settings.snr_db, settings.seeds
    count = prod(map(len, lists))
    if count > MAX_TRIALS:
        raise ConfigError(f"trials of a sweep must be at most {MAX_TRIALS:,}, got {count:,}")
    metrics = _measured(settings.metrics, folder)
    rows = [
        Row(photo, one.system, link, channel, settings.waveform, one.mcs or settings.mcs, float(snr_db), cbr, size,
            seed, one.text, one.models, metrics, pictures)
        for (photo, pictures), (one, link), channel, (cbr, size), snr_db, seed in product(*lists)
        if channel == AWGN or link == "modem"
    ]  # fmt: skip
    return list(dict.fromkeys(rows))


def keeps_picture(row: Row, settings: SweepSettings, photos: list[str]) -> bool:
    """Whether the page shows what the trial rebuilds; `photos` in the order of the rows."""
    shown = settings.pictures
    first = row.seed == settings.seeds[0]
    return first and row.snr_db in shown.snr_db and row.photo in photos[: shown.photos]


def _files(key: str, patterns: Iterable[str], folder: Path) -> Iterator[str]:
    for pattern in patterns:
        path = Path(pattern)
        base, rest = (path.anchor, str(path.relative_to(path.anchor))) if path.is_absolute() else (folder, pattern)
        try:
            found = sorted(Path(base).glob(rest))
        except (ValueError, NotImplementedError) as error:
            raise ConfigError(f"{key} must be files or patterns, got {pattern!r}: {error}") from None
        if not found:
            raise ConfigError(f"{key} must exist, got {pattern!r}, which no file in {folder} matches")
        yield from (str(file.resolve()) for file in found if file.is_file())


def _measured(metrics: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Without those of every row; folders as they are called on all machines."""
    found = []
    for name in metrics:
        kind, _, models = name.partition("=")
        if kind not in QUALITIES:
            found.append(f"{kind}={(folder / models).resolve()}" if models else kind)
    return tuple(sorted(found))


def _check_names(settings: SweepSettings) -> None:
    Waveform.load(settings.waveform)
    for mcs in {settings.mcs, *(one.mcs for one in settings.systems)} - {"auto", None}:
        find_mcs(mcs)
    known = [*registry.names("systems"), *([SEQUENCE] if settings.sets else [])]
    for one in settings.systems:
        name = EncodeRequest.from_options(one.system).system
        if name not in known:
            raise ConfigError(f"systems must be of {', '.join(known)}, got {name!r}")
        models_preset(one.models, name)
    for name in settings.channels:
        if name != AWGN:
            from semcom.phy.channel import profile

            profile(name)
