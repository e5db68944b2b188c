"""The trials of a sweep file, each with a name that follows from what it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from semcom.phy.mcs import find_mcs
from semcom.phy.waveform import Waveform
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.sweep import MAX_TRIALS, SweepSettings
from semcom.semantic import registry
from semcom.semantic.request import EncodeRequest

AWGN = "awgn"


@dataclass(frozen=True)
class Row:
    """What one trial does: nothing else enters its result.

    Attributes
    ----------
    photo : str
        Path of the file, the same on all machines.
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

    @property
    def trial(self) -> str:
        """Name: 16 hexadecimal digits that follow from the contents."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def rows_of(settings: SweepSettings, folder: Path) -> list[Row]:
    """All trials of a sweep whose paths are relative to `folder`; the photos change slowest.

    Raises
    ------
    ConfigError
        A photo, system, MCS, waveform or channel that does not exist; too many trials.
    """
    photos = list(_photos(settings, folder))
    _check_names(settings)
    widths = [(cbr, None) for cbr in settings.cbrs] or [(None, size) for size in settings.budget_bytes]
    count = len(photos) * len(settings.systems) * len(settings.links) * len(settings.channels)
    count *= len(settings.snr_db) * len(widths) * len(settings.seeds)
    if count > MAX_TRIALS:
        raise ConfigError(f"trials of a sweep must be at most {MAX_TRIALS:,}, got {count:,}")
    lists = photos, settings.systems, settings.links, settings.channels, widths, settings.snr_db, settings.seeds
    rows = [
        Row(photo, system, link, channel, settings.waveform, settings.mcs, float(snr_db), cbr, size, seed)
        for photo, system, link, channel, (cbr, size), snr_db, seed in product(*lists)
        if channel == AWGN or link == "modem"
    ]
    return list(dict.fromkeys(rows))


def keeps_picture(row: Row, settings: SweepSettings, photos: list[str]) -> bool:
    """Whether the page shows what the trial rebuilds; `photos` in the order of the rows."""
    shown = settings.pictures
    first = row.seed == settings.seeds[0]
    return first and row.snr_db in shown.snr_db and row.photo in photos[: shown.photos]


def _photos(settings: SweepSettings, folder: Path) -> Iterator[str]:
    for pattern in settings.photos:
        path = Path(pattern)
        base, rest = (path.anchor, str(path.relative_to(path.anchor))) if path.is_absolute() else (folder, pattern)
        try:
            found = sorted(Path(base).glob(rest))
        except (ValueError, NotImplementedError) as error:
            raise ConfigError(f"photos must be files or patterns, got {pattern!r}: {error}") from None
        if not found:
            raise ConfigError(f"photos must exist, got {pattern!r}, which no file in {folder} matches")
        yield from (str(file.resolve()) for file in found if file.is_file())


def _check_names(settings: SweepSettings) -> None:
    Waveform.load(settings.waveform)
    if settings.mcs != "auto":
        find_mcs(settings.mcs)
    known = registry.names("systems")
    for text in settings.systems:
        name = EncodeRequest.from_options(text).system
        if name not in known:
            raise ConfigError(f"systems must be of {', '.join(known)}, got {name!r}")
    for name in settings.channels:
        if name != AWGN:
            from semcom.phy.channel import profile

            profile(name)
