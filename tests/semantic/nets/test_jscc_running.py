"""The shipped filters on pictures: better than the linear code alone, at any size."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is needed: scripts/setup models")

from semcom.phy.channel.ideal import send_symbols
from semcom.semantic import load_picture
from semcom.semantic.coding import linear_analog as code
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.nets.jscc_running import load_jscc


def both(photo, esno_db, cbr=1 / 6, around="deep"):
    """PSNR of the linear code and of the deep one, same noise."""
    jscc, count = load_jscc(around), round(cbr * photo.size)
    quality = []
    for before in (lambda x: x, lambda x: jscc.before(x, round(esno_db), cbr)):
        described, symbols = code.encode(before(photo.astype(np.float32)), count, round(esno_db))
        received = code.decode(described, *send_symbols(symbols, esno_db, np.random.default_rng(1)))
        if quality:
            received = jscc.behind(received, esno_db, round(esno_db), cbr)
        quality.append(psnr_db(photo, np.clip(np.rint(received), 0, 255).astype(np.uint8)))
    return quality


@pytest.mark.parametrize(("esno_db", "least_db"), [(-3, 0.25), (0, 0.15), (10, 0.0)])
def test_better_than_the_linear_code_on_a_photo_it_never_saw(shared_dir, esno_db, least_db):
    photo = load_picture(shared_dir / "data/kodak/kodim19.png")[200:456, 100:356]
    linear, deep = both(photo, esno_db)
    assert deep > linear + least_db


def test_any_size_and_any_snr():
    rng = np.random.default_rng(3)
    photo = rng.integers(0, 255, (33, 50, 3), dtype=np.uint8)
    for esno_db in (-30.0, 60.0):
        made = load_jscc("deep").behind(photo.astype(np.float32), esno_db, 40, 0.16)
        assert made.shape == photo.shape and made.dtype == np.float32 and np.isfinite(made).all()
