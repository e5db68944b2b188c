"""Pictures nobody drew on purpose, through the shipped networks: all of them work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from semcom.semantic import ModelError, SemanticPacket, encode
from semcom.semantic.extract.detailer import Detailer
from semcom.semantic.extract.segmenter import Segmenter
from semcom.semantic.reconstruct.drawing import draw

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")


def text_page(width: int, height: int) -> np.ndarray:
    page = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(page)
    for y in range(8, height - 8, 13):
        pen.text((10, y), "every word of this page is small and black " * 3, fill=0)
    return np.repeat(np.asarray(page)[..., None], 3, 2)


ODD = {
    "smallest": np.full((16, 16, 3), 77, np.uint8),
    "black": np.zeros((200, 300, 3), np.uint8),
    "white": np.full((200, 300, 3), 255, np.uint8),
    "noise": np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8),
    "text page": text_page(400, 560),
    "tower": np.linspace(0, 255, 16 * 3000 * 3).reshape(3000, 16, 3).astype(np.uint8),
    "wall": np.linspace(0, 255, 16 * 3000 * 3).reshape(16, 3000, 3).astype(np.uint8),
    "checks": np.kron(np.indices((40, 60)).sum(0) % 2, np.ones((6, 6)))[..., None].repeat(3, 2).astype(np.uint8) * 255,
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("budget_bytes", [150, 1000])
def test_odd_pictures(name: str, budget_bytes: int) -> None:
    image = ODD[name]
    data = encode(image, budget_bytes=budget_bytes).to_bytes()
    assert len(data) <= budget_bytes
    packet = SemanticPacket.from_bytes(data)
    assert not packet.damaged and packet.says_something
    assert draw(packet, 1 << 20)[0].shape == image.shape


def test_odd_pictures_without_people() -> None:
    for name in ("smallest", "noise", "tower"):
        assert len(encode(ODD[name], budget_bytes=400, without=["person", "animal"]).to_bytes()) <= 400


@pytest.mark.parametrize("part", [Segmenter, Detailer])
def test_missing_or_damaged_weights_at_the_sender_are_named(part: type, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lost\.safetensors"):
        part(weights=tmp_path / "lost.safetensors")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\x10\0\0\0\0\0\0\0nonsense")
    with pytest.raises(ModelError, match=r"damaged\.safetensors"):
        part(weights=damaged)
