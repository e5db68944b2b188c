"""A reconstruction in a terminal and in a notebook; reconstructors by name, those of other packages too."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from semcom.semantic import LayerKind, SemanticPacket, registry
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import Caption, LayerKey, encode_layer
from semcom.semantic.reconstruct import reconstruct

from ..conftest import IDENTITY


def test_repr_is_one_short_line(packet: SemanticPacket) -> None:
    said = repr(reconstruct(packet))
    assert said == (
        "<Reconstruction 96 × 64, “A red car is on a road.”, "
        "layers: header, caption, objects, class_map, detail_map, 2 sub_image>"
    )


def test_repr_names_what_is_missing_and_damaged(packet: SemanticPacket) -> None:
    payloads = {layer.key: layer.payload for layer in packet.layers if layer.key.layer in (1, 3)}
    payloads[LayerKey(*IDENTITY, 3)] = payloads[LayerKey(*IDENTITY, 3)][:4]
    shown = reconstruct(SemanticPacket.from_payloads(payloads))
    assert repr(shown) == (
        "<Reconstruction size unknown, “A red car is on a road.”, layers: caption, missing: 3/0/7/0, damaged: 3/0/7/3>"
    )
    assert shown._repr_png_() is None and "<img" not in shown._repr_html_()


def test_a_notebook_shows_picture_and_words(packet: SemanticPacket) -> None:
    shown = reconstruct(packet)
    with Image.open(io.BytesIO(shown._repr_png_())) as opened:
        np.testing.assert_array_equal(np.asarray(opened), shown.picture)
    large = replace(shown, picture=np.zeros((1000, 2000, 3), np.uint8))
    with Image.open(io.BytesIO(large._repr_png_())) as opened:
        assert opened.size == (768, 384)
    assert "data:image/webp;base64," in shown._repr_html_() and "A red car is on a road." in shown._repr_html_()


def test_words_from_outside_are_escaped_in_a_notebook() -> None:
    layer = encode_layer(LayerKey(*IDENTITY, 1), LayerKind.CAPTION, Caption("<script>alert(1)</script>", ()))
    html = reconstruct(SemanticPacket(*IDENTITY, (layer,)))._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


class Grey:
    name = "grey"

    def __init__(self, level: int = 90, shape: tuple = (64, 96)) -> None:
        self.level, self.shape = level, shape

    def __call__(self, packet, max_pixels, texture=0.0, seed=0):
        return np.full((*self.shape, 3), self.level + seed, np.uint8), np.zeros((64, 96), np.uint8)


def test_a_reconstructor_of_another_package_makes_the_picture(packet: SemanticPacket) -> None:
    with registry.override("reconstructors", "grey", Grey()):
        shown = reconstruct(packet, reconstructor="grey", seed=5)
    assert shown.reconstructor == "grey" and (shown.picture == 95).all()
    assert (shown.drawing != shown.picture).any()


def test_one_that_fails_is_named_and_the_drawing_serves(packet: SemanticPacket) -> None:
    class Fails(Grey):
        def __call__(self, *given, **also):
            raise RuntimeError("no memory")

    for part, said in (
        (Fails(), "RuntimeError: no memory"),
        (Grey(shape=(9, 9)), "picture and provenance must be of one"),
    ):
        with registry.override("reconstructors", "grey", part), pytest.warns(RuntimeWarning, match=said):
            shown = reconstruct(packet, reconstructor="grey")
        np.testing.assert_array_equal(shown.picture, shown.drawing)
        assert shown.reconstructor == "drawing"


def test_a_missing_generator_is_named_once(packet: SemanticPacket, monkeypatch: pytest.MonkeyPatch) -> None:
    from semcom.semantic.reconstruct import generator

    def missing(*given, **also):
        raise ModelError("the generator needs torch")

    monkeypatch.setattr(generator.Generator, "__init__", missing)
    registry.clear_cache()
    try:
        with pytest.warns(
            RuntimeWarning, match="the drawing serves in place of the generator: the generator needs torch"
        ):
            assert reconstruct(packet, reconstructor="generator").reconstructor == "drawing"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert reconstruct(packet, reconstructor="generator").reconstructor == "drawing"
    finally:
        registry.clear_cache()
