from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic.coding.picture import decode_picture, encode_picture
from semcom.semantic.layers import WHOLE_SCENE, LayerKey, LayerKind, SubImage, encode_layer
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance, reconstruct
from semcom.semantic.reconstruct.drawing import FEATHER_PIXELS, _affordable
from semcom.semantic.reconstruct.upsampling import guided_upsample, render_size

from ..conftest import HEIGHT, IDENTITY, WIDTH, street

KINDS = [LayerKind.CAPTION, LayerKind.OBJECTS, LayerKind.CLASS_MAP, LayerKind.DETAIL_MAP, LayerKind.SUB_IMAGE]
"""Those of the packet."""


def test_every_subset_of_kinds_can_be_drawn(packet: SemanticPacket) -> None:
    assert {layer.kind for layer in packet.layers} == {LayerKind.HEADER, *KINDS}
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


def flat(object_id: int, box: tuple[int, int, int, int], reduction: int, level: int) -> SubImage:
    """A sub-image of one grey, sent at 1/reduction of the picture's resolution."""
    shape = ((box[3] - box[1]) // reduction, (box[2] - box[0]) // reduction, 3)
    coded = encode_picture(np.full(shape, level, np.uint8), 2000)
    return SubImage(WIDTH, HEIGHT, object_id, box, decode_picture(coded, *shape[:2]), coded)


def drawn(*sub_images: SubImage) -> tuple[np.ndarray, np.ndarray]:
    """Green of the drawing, and levels of resolution in the provenance map."""
    layers = [
        encode_layer(LayerKey(*IDENTITY, n), LayerKind.SUB_IMAGE, content) for n, content in enumerate(sub_images, 1)
    ]
    shown = reconstruct(SemanticPacket(*IDENTITY, tuple(layers)))
    return shown.picture[:, :, 1].astype(int), shown.provenance & provenance.RESOLUTION_MASK


SCENE_BOX = (0, 0, WIDTH, HEIGHT)


def test_a_close_up_is_feathered_at_its_edges_and_whole_inside() -> None:
    """Along a row its weight rises from the edge within `FEATHER_PIXELS`, and falls alike on the other side."""
    green, _ = drawn(flat(WHOLE_SCENE, SCENE_BOX, 4, 40), flat(1, (24, 16, 72, 48), 1, 220))
    row, column = green[32], green[:, 48]
    assert abs(row[23] - 40) <= 3 and abs(row[72] - 40) <= 3 and abs(row[48] - 220) <= 3
    for edge in (row[24 : 24 + FEATHER_PIXELS], row[71 : 71 - FEATHER_PIXELS : -1], column[16 : 16 + FEATHER_PIXELS]):
        expected = 40 + 180 * np.arange(1, FEATHER_PIXELS + 1) / FEATHER_PIXELS
        assert np.abs(edge - expected).max() <= 12
    assert green[16, 24] < green[16, 48] < 80  # in a corner the weights of both sides multiply


def test_a_close_up_at_the_edge_of_the_picture_is_not_feathered_there() -> None:
    green, _ = drawn(flat(WHOLE_SCENE, SCENE_BOX, 4, 40), flat(1, (0, 0, 48, HEIGHT), 1, 220))
    assert np.abs(green[:, :40] - 220).max() <= 3
    assert abs(green[32, 48] - 40) <= 3 and 40 < green[32, 47] < 90


@pytest.mark.parametrize("coarse_first", [True, False])
def test_a_finer_close_up_lies_over_a_coarser_one_in_whatever_order_they_come(coarse_first: bool) -> None:
    coarse, fine = flat(1, (16, 8, 80, 56), 8, 120), flat(2, (32, 16, 64, 48), 1, 220)
    close_ups = (coarse, fine) if coarse_first else (fine, coarse)
    green, levels = drawn(flat(WHOLE_SCENE, SCENE_BOX, 16, 40), *close_ups)
    assert abs(green[32, 48] - 220) <= 3 and abs(green[32, 24] - 120) <= 3 and abs(green[2, 2] - 40) <= 3
    assert (levels[32, 48], levels[32, 24], levels[2, 2]) == (1, 4, 5)


def test_a_close_up_coarser_than_what_is_there_changes_nothing() -> None:
    """Only where the picture is coarser or empty: a scene at full resolution is not covered by an eighth of it."""
    scene = flat(WHOLE_SCENE, SCENE_BOX, 1, 40)
    alone, levels_alone = drawn(scene)
    green, levels = drawn(scene, flat(1, (16, 8, 80, 56), 8, 220))
    np.testing.assert_array_equal(green, alone)
    np.testing.assert_array_equal(levels, levels_alone)
    assert (levels == 1).all()


def test_of_two_close_ups_equally_fine_the_one_that_lies_there_stays() -> None:
    """Equal is not finer: the first to be drawn is not drawn over."""
    first, second = flat(1, (16, 8, 56, 56), 2, 120), flat(2, (40, 8, 80, 56), 2, 220)
    green, levels = drawn(first, second)
    assert abs(green[32, 20 + 4] - 120) <= 3 and abs(green[32, 70] - 220) <= 3
    inside = green[20:44, 47]
    assert np.abs(inside - 120).max() <= 3 or np.abs(inside - 220).max() <= 3
    assert (levels[8:56, 16:80] == 2).all()
