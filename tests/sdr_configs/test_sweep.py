"""Sweep files: what can be, and sentences for what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.sweep import load_sweep

SETS = "systems: [seb]\nsets: {all: ['*.png']}\nsnr_db: [0]\ncbr: [0.1]\n"
GOOD = "systems: [webp]\nphotos: [a.png]\nsnr_db: [0, 5]\n"


def load(tmp_path: Path, text: str):
    file = tmp_path / "sweep.yml"
    file.write_text(text, encoding="utf-8")
    return load_sweep(file)


def test_fractions_are_numbers(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD + 'cbr: ["1/6", 0.02]\n')
    assert settings.cbrs == (1 / 6, 0.02) and settings.links == ("ideal",) and settings.seeds == (1,)


def test_a_system_may_have_links_texts_and_models_of_its_own(tmp_path: Path) -> None:
    text = "systems: [webp, {system: vlm-csc, links: [modem], text: soft, models: big, mcs: bpsk-1/3}]\n"
    one, other = load(tmp_path, GOOD.replace("systems: [webp]\n", text) + "cbr: [0.1]\n").systems
    assert (one.system, one.links, one.text, one.models, one.mcs) == ("webp", (), "coded", None, None)
    assert (other.system, other.links, other.text, other.models, other.mcs) == (
        "vlm-csc", ("modem",), "soft", "big", "bpsk-1/3",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + "cbr: [0.1]\nsytems: [avif]\n", "sytems is not a key here (known: description, systems, photos"),
        (GOOD + "cbr: [0]\n", "cbr must be 0.00001 to 4 channel uses for a colour value, got 0"),
        (GOOD + 'cbr: ["1/0"]\n', "cbr must be 0.00001 to 4 channel uses for a colour value, got 1/0"),
        (GOOD + "cbr: [five]\n", "cbr must be 0.00001 to 4 channel uses for a colour value, got five"),
        (GOOD + "cbr: [5]\n", "channel uses for a colour value, got 5"),
        (GOOD, "either cbr or budget_bytes must be given, got both or none"),
        (GOOD + "cbr: [0.1]\nbudget_bytes: [100]\n", "either cbr or budget_bytes must be given"),
        (GOOD + "budget_bytes: [0]\n", "budget_bytes must be 1 to 16777216, got 0"),
        (GOOD + "cbr: [0.1]\nlinks: [modm]\n", "links.0 must be 'ideal', 'modem' or 'gallager', got"),
        (GOOD + "cbr: [0.1]\nseeds: [-1]\n", "seeds must be 0 to 2147483647, got -1"),
        (GOOD.replace("5", "99") + "cbr: [0.1]\n", "snr_db must be -20 to 60, got 99"),
        (GOOD + "cbr: [0.1]\nsets: {all: [a.png]}\n", "either photos or sets must be given, got both or none"),
        (SETS + "links: [modem]\n", "links of sets must be ideal"),
        (SETS.replace("[seb]", "[{system: seb, links: [gallager]}]"), "links of sets must be ideal"),
        ("photos: [a.png]\nsnr_db: [0]\ncbr: [0.1]\n", "systems must be given"),
        (
            GOOD + "cbr: [0.1]\nmetrics: [cosin]\n",
            "metrics must be of psnr_db, ssim, ms_ssim, cosine, features",
        ),
        (GOOD + "cbr: [0.1]\nmetrics: [lpips]\n", "lpips=FOLDER, clip=FOLDER, got 'lpips'"),
        (GOOD + "cbr: [0.1]\nmetrics: [cosine=a]\n", "got 'cosine=a'"),
        (GOOD + "cbr: [0.1]\nfigures: [snr]\n", "figures.0 must be 'set', 'link', 'channel' or 'bandwidth', got"),
        (
            GOOD.replace("[webp]", "[{system: webp, txt: soft}]") + "cbr: [0.1]\n",
            "systems.0.txt is not a key here (known: system, links, mcs, text, models)",
        ),
        (GOOD.replace("[webp]", "[5]") + "cbr: [0.1]\n", "systems.0 must hold keys and values, got 5"),
        (GOOD + "cbr: [0.1]\npictures: {snr: [0]}\n", "pictures.snr is not a key here (known: snr_db, photos)"),
    ],
)
def test_what_cannot_be_is_named_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, text)
    assert sentence in str(refused.value) and "\n" not in str(refused.value)
