"""Layers in any order, any subset: the end is the same, each one helps, and no network has a say in decoding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from semcom.semantic import LayerKind, SemanticPacket, encode
from semcom.semantic.layers import decode_layer
from semcom.semantic.metrics.quality import ms_ssim, psnr_db
from semcom.semantic.reconstruct.drawing import draw

from .conftest import make_packet

PACKET = make_packet()
PAYLOADS = {layer.key: layer.payload for layer in PACKET.layers}


@given(st.permutations(list(PAYLOADS)), st.data())
@settings(max_examples=20)
def test_order_of_arrival_does_not_matter(order: list, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, len(order)))
    came = order[:count]
    packet = SemanticPacket.from_payloads({key: PAYLOADS[key] for key in came})
    sorted_packet = SemanticPacket.from_payloads({key: PAYLOADS[key] for key in sorted(came)})
    assert packet.to_bytes() == sorted_packet.to_bytes()
    assert packet.missing() == sorted_packet.missing()
    if packet.size:
        for one, other in zip(draw(packet, 1 << 20), draw(sorted_packet, 1 << 20), strict=True):
            np.testing.assert_array_equal(one, other)
    if count == len(order):
        assert packet.to_bytes() == PACKET.to_bytes()


def test_every_subset_is_shown() -> None:
    kinds = [kind for kind in LayerKind if kind in {layer.kind for layer in PACKET.layers} - {LayerKind.HEADER}]
    for chosen in range(1 << len(kinds)):
        subset = PACKET.only(kind for number, kind in enumerate(kinds) if chosen >> number & 1)
        drawing, provenance = draw(subset, 1 << 20)
        assert drawing.shape == (64, 96, 3) and provenance.shape == (64, 96)


def test_each_layer_improves_the_picture(shared_dir) -> None:
    photo = np.asarray(Image.open(shared_dir / "data/kodak/kodim09.png").convert("RGB"))
    packet = encode(photo, budget_bytes=3500)
    steps = (LayerKind.OBJECTS, LayerKind.CLASS_MAP, LayerKind.DETAIL_MAP, LayerKind.SUB_IMAGE)
    drawn = [draw(packet.only(steps[: count + 1]), 1 << 20)[0] for count in range(len(steps))]
    quality = [ms_ssim(photo, picture) for picture in drawn]
    assert quality[-1] > 0.8 and quality[-1] > max(quality[:-1]) + 0.2
    # A map's colours are signs: where sea is drawn darker than sky, MS-SSIM is 0. That they are nearer than paper is
    # what counts before there are pixels.
    nearness_db = [psnr_db(photo, picture) for picture in drawn]
    assert nearness_db[1] > nearness_db[0] + 1 and nearness_db[2] > nearness_db[1] - 0.1


def perturbed(weights_scale: float) -> None:
    """Change every weight of the two networks that look at a picture a little."""
    torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    from semcom.semantic import registry

    generator = torch.Generator().manual_seed(5)
    for kind in ("segmenters", "detailers"):
        part = registry.create(kind, "best")
        with torch.no_grad():
            for parameter in (part._head if hasattr(part, "_head") else part._net).parameters():
                noise = torch.randn(parameter.shape, generator=generator)
                parameter.add_(weights_scale * parameter.abs().mean() * noise)


def test_decoding_depends_on_no_network_and_no_number_of_threads(monkeypatch: pytest.MonkeyPatch, shared_dir) -> None:
    torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    from semcom.semantic import registry

    registry.clear_cache()
    photo = np.asarray(Image.open(shared_dir / "data/kodak/kodim23.png").convert("RGB").resize((384, 256)))
    packet = encode(photo, budget_bytes=1500)
    data = packet.to_bytes()
    contents = [layer.content for layer in packet.layers]
    before = torch.get_num_threads()
    try:
        for threads in (1, 4):
            torch.set_num_threads(threads)
            again = SemanticPacket.from_bytes(data)
            assert again.to_bytes() == data
            assert_same(contents, [layer.content for layer in again.layers])
        perturbed(0.2)
        assert encode(photo, budget_bytes=1500).to_bytes() != data  # the networks did change
        assert_same(contents, [layer.content for layer in SemanticPacket.from_bytes(data).layers])
        assert_same(contents, [decode_layer(layer.key, layer.payload).content for layer in packet.layers])
    finally:
        torch.set_num_threads(before)
        registry.clear_cache()  # the next test gets the networks as shipped


def assert_same(contents: list, others: list) -> None:
    for content, other in zip(contents, others, strict=True):
        assert type(content) is type(other)
        for name, value in vars(content).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(value, getattr(other, name))
            else:
                assert value == getattr(other, name)
