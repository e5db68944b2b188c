"""Which trials a file asks for, and their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from semcom.apps.sweeps.rows import Row, keeps_picture, rows_of
from semcom.phy.errors import PhyError
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.sweep import SweepSettings

ROW = Row("/a.png", "webp", "ideal", "awgn", "ofdm64", "auto", 5.0, 0.1, None, 1)
BASE = {"systems": ["webp", "linear_analog,snr_db=3"], "photos": ["*.png"], "snr_db": [0, 5.5], "cbr": ["1/6"]}


def rows(tmp_path: Path, **changes):
    for name in ("b.png", "a.png"):
        (tmp_path / name).touch()
    return rows_of(SweepSettings.model_validate({**BASE, **changes}), tmp_path)


def test_every_combination_is_a_trial_once(tmp_path: Path) -> None:
    found = rows(tmp_path, photos=["*.png", "a.png"], seeds=[1, 2], links=["ideal", "modem"], channels=["awgn", "EPA5"])
    # two photos, two systems, two SNRs, two seeds; a fading channel for the modem alone
    assert len(found) == 2 * 2 * 2 * 2 * 3 == len({row.trial for row in found})
    assert [Path(row.photo).name for row in (found[0], found[-1])] == ["a.png", "b.png"]
    assert all(Path(row.photo).is_absolute() and row.cbr == 1 / 6 for row in found)


def test_a_trial_is_named_by_all_that_it_does() -> None:
    assert ROW.trial == "bb9cf96a500c93fa"
    changes = [{"snr_db": 5.5}, {"seed": 2}, {"cbr": None, "budget_bytes": 7}, {"mcs": "qpsk-1/2"}, {"system": "avif"}]
    assert len({ROW.trial, *(replace(ROW, **change).trial for change in changes)}) == 6


def test_pictures_are_kept_of_the_first_seed_at_the_snrs_named() -> None:
    settings = SweepSettings.model_validate({**BASE, "pictures": {"snr_db": [5], "photos": 1}})
    assert keeps_picture(ROW, settings, ["/a.png", "/b.png"])
    for other in (replace(ROW, snr_db=0.0), replace(ROW, seed=2), replace(ROW, photo="/b.png")):
        assert not keeps_picture(other, settings, ["/a.png", "/b.png"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"photos": ["c*.png"]}, "photos must exist, got 'c*.png'"),
        ({"photos": [""]}, "photos must be files or patterns, got ''"),
        ({"systems": ["wepb"]}, "systems must be of avif,"),
        ({"seeds": list(range(100_000)), "snr_db": [s / 2 for s in range(60)]}, "trials of a sweep must be at most"),
    ],
)
def test_what_does_not_exist_is_named(tmp_path: Path, changes, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        rows(tmp_path, **changes)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("changes", [{"mcs": "qpsk-9"}, {"waveform": "ofdm65"}, {"channels": ["EPX"]}])
def test_what_the_modem_does_not_know_is_named(tmp_path: Path, changes) -> None:
    with pytest.raises(PhyError):
        rows(tmp_path, **changes)
