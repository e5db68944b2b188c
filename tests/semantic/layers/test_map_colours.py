import numpy as np
import pytest

from semcom.semantic.errors import LayerError, PacketError
from semcom.semantic.layers import ClassMap, LayerKey, LayerKind, decode_layer, encode_layer
from semcom.semantic.layers.map_colours import MAX_REGIONS, MapColours, colours_of, paint, regions
from semcom.semantic.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load("everyday-1")
KEY = LayerKey(1, 0, 1, 64)


def class_map(labels) -> ClassMap:
    labels = np.asarray(labels, np.uint8)
    return ClassMap(4 * labels.shape[1], 4 * labels.shape[0], VOCABULARY, 4, labels)


def halves() -> ClassMap:
    """Sky above, grass below, and a spot of sky in the grass: three regions."""
    labels = np.zeros((12, 16), np.uint8)
    labels[5:] = VOCABULARY["grass"].id
    labels[9:11, 3:5] = 0
    return class_map(labels)


def test_regions_are_numbered_by_size_and_then_by_place() -> None:
    numbers, areas = regions(halves().labels)
    assert areas.tolist() == [16 * 7 - 4, 16 * 5, 4]
    assert numbers[0, 0] == 1 and numbers[6, 0] == 0 and numbers[9, 3] == 2
    numbers, areas = regions(np.array([[2, 1], [2, 1]], np.uint8))
    assert numbers.tolist() == [[0, 1], [0, 1]] and areas.tolist() == [2, 2]


def test_colours_come_back_where_they_were(rng) -> None:
    content = halves()
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:20], picture[20:], picture[36:44, 12:20] = (90, 140, 220), (60, 120, 40), (250, 250, 250)
    colours = colours_of(content, picture)
    layer = encode_layer(KEY, LayerKind.MAP_COLOURS, colours)
    assert len(layer.payload) == 3 + 3  # kind, divisor, count, 2 × 12 bits: two regions cover nearly all
    received = decode_layer(KEY, layer.payload).content
    assert np.array_equal(received.colours, colours.colours) and received.divisor == 4
    shown = paint(content, received, picture).astype(int)
    assert np.abs(shown - picture).max() <= 24  # a step of luma is 17, one of chroma 16
    assert not np.array_equal(shown[0, 0], picture[0, 0]) and np.array_equal(shown[40, 16], picture[40, 16])


def test_grey_stays_grey() -> None:
    colours = colours_of(class_map(np.zeros((2, 2))), np.full((8, 8, 3), 128, np.uint8)).colours
    assert len(set(colours[0].tolist())) == 1


def test_small_regions_keep_the_ground() -> None:
    content = halves()
    shown = paint(content, MapColours(4, np.array([[10, 20, 30]], np.uint8)), np.full((48, 64, 3), 7, np.uint8))
    assert shown[30, 0].tolist() == [10, 20, 30] and shown[0, 0].tolist() == [7, 7, 7]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(LayerError, match="map colours must be at most 64, got 65"):
        encode_layer(KEY, LayerKind.MAP_COLOURS, MapColours(4, np.zeros((MAX_REGIONS + 1, 3), np.uint8)))
    good = encode_layer(KEY, LayerKind.MAP_COLOURS, MapColours(4, np.zeros((3, 3), np.uint8))).payload
    for hostile, rule in (
        (good[:1] + b"\0" + good[2:], "divisor"),
        (good[:2] + b"\x7f" + good[3:], "number of colours"),
        (good[:-1], "colours needs 5 bytes"),
        (good + b"\0", "end"),
    ):
        with pytest.raises(PacketError, match=rule):
            decode_layer(KEY, hostile)


def test_any_bytes_are_content_or_an_error(rng) -> None:
    for length in range(1, 40):
        data = bytes([16 | LayerKind.MAP_COLOURS]) + rng.bytes(length)
        try:
            content = decode_layer(KEY, data).content
        except PacketError:
            continue
        paint(halves(), content, np.zeros((48, 64, 3), np.uint8))
