"""Which trials a file asks for, and their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from semcom.apps.sweeps.rows import Row, keeps_picture, rows_of
from semcom.apps.sweeps.store import COLUMNS
from semcom.phy.errors import PhyError
from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.sweep import SweepSettings
from semcom.semantic.errors import RequestError

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
    changes = [{"snr_db": 5.5}, {"seed": 2}, {"cbr": None, "budget_bytes": 7}, {"mcs": "qpsk-1/2"}, {"system": "avif"},
               {"text": "soft"}, {"models": "big"}, {"metrics": ("cosine",)}, {"metrics": ("words",)}]  # fmt: skip
    assert len({ROW.trial, *(replace(ROW, **change).trial for change in changes)}) == 10
    assert replace(ROW, text="coded", models=None, metrics=()).trial == "bb9cf96a500c93fa"


def test_a_result_begins_with_what_was_asked() -> None:
    asked = replace(ROW, models="big", metrics=("cosine",)).asked
    assert set(asked) <= set(COLUMNS) and (asked["cbr_asked"], asked["models"], asked["text"]) == (0.1, "big", "coded")


def test_systems_with_links_of_their_own(tmp_path: Path) -> None:
    own = {"system": "heic", "links": ["gallager"], "mcs": "qpsk-1/3"}
    found = rows(tmp_path, systems=["webp", own], photos=["a.png"], snr_db=[0], links=["ideal", "modem"])
    assert [(row.system, row.link, row.mcs) for row in found] == [
        ("webp", "ideal", "auto"), ("webp", "modem", "auto"), ("heic", "gallager", "qpsk-1/3"),
    ]  # fmt: skip


def test_a_set_is_one_trial(tmp_path: Path) -> None:
    sets = {"two": ["a.png", "b.png"], "one": ["b*.png"]}
    found = rows(tmp_path, photos=[], sets=sets, systems=["avif", "av1-sequence"], snr_db=[0])
    assert [(row.photo, row.system, [Path(path).name for path in row.pictures]) for row in found] == [
        ("two", "avif", ["a.png", "b.png"]), ("two", "av1-sequence", ["a.png", "b.png"]),
        ("one", "avif", ["b.png"]), ("one", "av1-sequence", ["b.png"]),
    ]  # fmt: skip
    assert len({row.trial for row in found}) == 4 and found[0].asked["set_size"] == 2 and ROW.asked["set_size"] is None


def test_only_what_networks_measure_enters_a_trial(tmp_path: Path) -> None:
    found = rows(tmp_path, metrics=["ms_ssim", "words", "lpips=../nets", "cosine"])
    assert {row.metrics for row in found} == {("cosine", f"lpips={tmp_path.parent.resolve()}/nets", "words")}
    assert rows(tmp_path, metrics=["ssim"])[0].metrics == ()


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
        ({"systems": ["av1-sequence"]}, "systems must be of avif,"),
        ({"photos": [], "sets": {"all": ["c*.png"]}}, "sets must exist, got 'c*.png'"),
        ({"systems": [{"system": "wepb"}]}, "systems must be of avif,"),
        ({"seeds": list(range(100_000)), "snr_db": [s / 2 for s in range(60)]}, "trials of a sweep must be at most"),
    ],
)
def test_what_does_not_exist_is_named(tmp_path: Path, changes, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        rows(tmp_path, **changes)
    assert sentence in str(refused.value)


def test_a_preset_of_models_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"models must be one of small, big, big-permissive, got 'huge'"):
        rows(tmp_path, systems=[{"system": "multi-sc", "models": "huge"}])


@pytest.mark.parametrize(
    "changes",
    [
        {"mcs": "qpsk-9"},
        {"systems": [{"system": "webp", "mcs": "qpsk-9"}]},
        {"waveform": "ofdm65"},
        {"channels": ["EPX"]},
    ],
)
def test_what_the_modem_does_not_know_is_named(tmp_path: Path, changes) -> None:
    with pytest.raises(PhyError):
        rows(tmp_path, **changes)
