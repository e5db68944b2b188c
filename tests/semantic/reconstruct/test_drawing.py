from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from semcom.semantic.layers import LayerKey, LayerKind, encode_layer
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance, reconstruct
from semcom.semantic.reconstruct.drawing import _affordable
from semcom.semantic.reconstruct.upsampling import guided_upsample, render_size

from ..conftest import HEIGHT, IDENTITY, WIDTH, street

KINDS = [kind for kind in LayerKind if kind != LayerKind.HEADER]


def test_every_subset_of_kinds_can_be_drawn(packet: SemanticPacket) -> None:
    for count in range(len(KINDS) + 1):
        for kinds in itertools.combinations(KINDS, count):
            shown = reconstruct(packet.only(kinds))
            assert shown.picture.shape == (HEIGHT, WIDTH, 3) and shown.picture.dtype == np.uint8
            assert shown.provenance.shape == (HEIGHT, WIDTH)
            assert (shown.caption is not None) == (LayerKind.CAPTION in kinds)


def test_each_layer_adds_to_the_picture(packet: SemanticPacket) -> None:
    original = street()
    steps = [(), (LayerKind.CLASS_MAP,), (LayerKind.CLASS_MAP, LayerKind.SUB_IMAGE), tuple(KINDS)]
    quality = [psnr_db(original, reconstruct(packet.only(kinds)).picture) for kinds in steps]
    assert quality[1] > quality[0]
    assert quality[2] > quality[1] + 3
    assert quality[3] >= quality[2] - 0.5


def test_order_of_arrival_does_not_matter(packet: SemanticPacket) -> None:
    payloads = {layer.key: layer.payload for layer in packet.layers}
    shuffled = dict(sorted(payloads.items(), key=lambda entry: hash(entry[1])))
    first, second = (reconstruct(SemanticPacket.from_payloads(each)) for each in (payloads, shuffled))
    np.testing.assert_array_equal(first.picture, second.picture)
    np.testing.assert_array_equal(first.provenance, second.provenance)


def test_provenance_says_what_was_received(packet: SemanticPacket) -> None:
    whole = reconstruct(packet).provenance
    scene = packet.of_kind(LayerKind.SUB_IMAGE)[0].content
    assert (whole & provenance.SHAPE_RECEIVED).all()
    assert whole[2, 2] & provenance.RESOLUTION_MASK == provenance.resolution_level(scene.reduction) == 3
    assert whole[48, 36] & provenance.RESOLUTION_MASK < 3  # inside the close-up: finer
    assert not (whole & provenance.GENERATED).any()
    nothing = reconstruct(packet.only([LayerKind.CAPTION])).provenance
    assert not nothing.any()
    assert provenance.summary(nothing)["nothing"] == 1.0


def test_provenance_colours_tell_levels_apart() -> None:
    codes = np.array([[0, provenance.SHAPE_RECEIVED, 1, 2, 3, 1 | provenance.GENERATED]], np.uint8)
    colours = provenance.colour(codes)[0]
    assert len({tuple(colour) for colour in colours.tolist()}) == 6


def test_the_legend_names_what_is_there_and_nothing_else() -> None:
    received = 3 | provenance.SHAPE_RECEIVED
    codes = np.array([[received] * 3 + [received | provenance.GENERATED] * 2 + [3, 0]], np.uint8)
    assert [words for words, _ in provenance.legend(codes)] == [
        "pixels received at a quarter",
        "pixels received at a quarter, changed by the generator",
        "nothing received",
    ]
    colours = provenance.colour(codes)[0]
    assert [colour for _, colour in provenance.legend(codes)] == [tuple(map(int, colours[at])) for at in (0, 3, 6)]


def test_a_caption_alone_is_still_read(packet: SemanticPacket) -> None:
    shown = reconstruct(SemanticPacket(*IDENTITY, (packet.layers[1],)))
    assert shown.caption.text == "A red car is on a road."
    assert shown.picture is None and shown.width is None


def test_many_large_close_ups_are_pasted_only_as_far_as_they_are_worth_it(packet: SemanticPacket) -> None:
    """A small packet must not cost minutes: what covers the drawing over and over is left out, coarsest first."""
    close_up = packet.layers[-1].content
    layers = [
        encode_layer(LayerKey(*IDENTITY, n), LayerKind.SUB_IMAGE, replace(close_up, box=(0, 0, WIDTH - n, HEIGHT)))
        for n in range(1, 60)
    ]
    contents = [layer.content for layer in layers]
    chosen = _affordable(contents, WIDTH, HEIGHT)
    assert 4 <= len(chosen) <= 9
    assert max(c.reduction for c in chosen) <= min(c.reduction for c in contents if c not in chosen)
    assert reconstruct(SemanticPacket(*IDENTITY, tuple(layers))).picture.shape == (HEIGHT, WIDTH, 3)


def test_large_pictures_are_drawn_smaller() -> None:
    assert render_size(4000, 3000, 1_000_000) == (1154, 866)
    assert render_size(400, 300, 1_000_000) == (400, 300)


def test_maps_alone_decide_edges_and_scene_alone_decides_colours(packet: SemanticPacket) -> None:
    """Along the road's upper edge the enlarged scene must switch within a pixel or two where the class map says so."""
    drawing = reconstruct(packet.only([LayerKind.CLASS_MAP, LayerKind.SUB_IMAGE])).picture.astype(int)
    step = np.abs(np.diff(drawing[:, 70, 2]))
    assert int(np.argmax(step)) == HEIGHT // 2 - 1
    assert step.max() > 60


def test_guided_upsampling_keeps_flat_pictures_flat() -> None:
    small = np.full((5, 7, 3), 77, np.uint8)
    segments = np.arange(40 * 56, dtype=np.int32).reshape(40, 56) // 300
    classes = (segments % 3).astype(np.uint8)
    assert (guided_upsample(small, segments, classes) == 77).all()
