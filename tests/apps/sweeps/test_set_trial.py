"""A set is coded together in the bytes of capacity; what comes of it are means over its pictures."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.apps.sweeps.rows import Row
from semcom.apps.sweeps.set_trial import av1_sequence, bytes_by_layer, rebuilt
from semcom.apps.sweeps.store import COLUMNS
from semcom.apps.sweeps.trial import run_trial
from semcom.semantic import EncodeRequest, encode_set
from semcom.semantic.errors import RequestError
from semcom.semantic.metrics.quality import psnr_db

CBR, SNR_DB = 0.25, 5.0


@pytest.fixture(scope="module")
def images() -> list[np.ndarray]:
    """Four pictures of one wall, each with a spot of its own and noise."""
    rng = np.random.default_rng(4)
    wall = np.kron(rng.integers(60, 200, (4, 5, 3)), np.ones((32, 32, 1)))
    found = []
    for number in range(4):
        picture = wall + rng.normal(0, 4, wall.shape)
        picture[20 + 20 * number : 40 + 20 * number, 30:60] = (200, 40, 30)
        found.append(np.clip(picture, 0, 255).astype(np.uint8))
    return found


@pytest.fixture(scope="module")
def row(images, tmp_path_factory) -> Row:
    folder = tmp_path_factory.mktemp("set")
    paths = []
    for number, image in enumerate(images):
        paths.append(str(folder / f"{number}.png"))
        Image.fromarray(image).save(paths[-1])
    return Row("wall", "avif", "ideal", "awgn", "ofdm64", "auto", SNR_DB, CBR, None, 1, pictures=tuple(paths))


def of(row: Row, **changes) -> dict:
    result = run_trial(replace(row, **changes))
    assert set(result) <= set(COLUMNS)
    return result


def test_a_set_has_the_bytes_that_equations_11_and_12_give(row: Row, images) -> None:
    most = CBR * images[0].size * math.log2(1 + 10 ** (SNR_DB / 10)) / 8  # of a picture
    for system in ("avif", "seb", "av1-sequence"):
        found = of(row, system=system)
        assert found["outcome"] == "complete" and found["set_size"] == 4 and found["photo"] == "wall"
        assert 0.5 * 4 * most < found["bytes"] <= 4 * most
        assert found["cbr"] == pytest.approx(CBR * found["bytes"] / (4 * most), rel=1e-3)
        assert found["channel_uses"] == pytest.approx(found["cbr"] * 4 * images[0].size)


def test_quality_is_the_mean_over_the_pictures_of_what_a_receiver_shows(row: Row, images) -> None:
    found = of(row, cbr=None, budget_bytes=2500, system="seb")
    packets = encode_set(images, EncodeRequest("seb", budget_bytes=2500))
    expected = [psnr_db(a, b) for a, b in zip(images, rebuilt(packets), strict=True)]
    assert found["psnr_db"] == pytest.approx(np.mean(expected)) and np.ptp(expected) > 0
    assert found["bytes"] == sum(len(packet.to_bytes()) for packet in packets)
    layers = json.loads(found["layers"])
    assert layers == bytes_by_layer(packets) and sum(layers.values()) < found["bytes"]
    assert sum(layers.values()) == sum(len(layer.payload) for packet in packets for layer in packet.layers)


def test_bases_that_were_sent_once_serve_every_picture(images) -> None:
    packets = encode_set(images, EncodeRequest("seb", budget_bytes=1000, config={"patches_per_base": 4}))
    assert "semantic_base" in bytes_by_layer(packets) and all(packet.missing() for packet in packets[1:])
    assert min(psnr_db(a, b) for a, b in zip(images, rebuilt(packets), strict=True)) > 20


def test_the_first_picture_is_kept(row: Row) -> None:
    assert run_trial(row, keep_picture=True)["picture"][:3] == b"\xff\xd8\xff" and "picture" not in of(row)


def test_a_sequence_is_one_file_a_size_within_its_bytes(images) -> None:
    smaller = [image[:64] for image in images[:2]]
    num_bytes, shown = av1_sequence([*images, *smaller], 24_000)
    assert num_bytes <= 24_000 and [p.shape for p in shown] == [p.shape for p in (*images, *smaller)]
    assert all(psnr_db(a, b) > 25 for a, b in zip([*images, *smaller], shown, strict=True))
    with pytest.raises(RequestError, match="an AV1 sequence of 4 pictures must fit 100 bytes"):
        av1_sequence(images, 100)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"system": "linear_analog"}, "must send no analog symbols, got linear_analog"),
        ({"pictures": ("/nowhere/a.png",)}, "/nowhere/a.png"),
        ({"system": "av1-sequence", "cbr": 1e-4}, "must fit"),
    ],
)
def test_what_cannot_be_is_a_row_that_says_so(row: Row, changes, reason: str) -> None:
    found = of(row, **changes)
    assert found["outcome"] == "failed" and reason in found["reason"] and Path(row.pictures[0]).exists()
