"""A scene in two layers: any split of them is shown as far as it goes, and nothing of it is shown wrongly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, SemanticPacket, analyse, code, decode
from semcom.semantic.coding.prediction import FULL_WEIGHT, Prediction
from semcom.semantic.errors import LayerError, SemanticError
from semcom.semantic.layers import LayerKind, decode_layer, encode_layer
from semcom.semantic.metrics.quality import ms_ssim
from semcom.semantic.reconstruct.scene import scene_of
from semcom.semantic.systems.es_isc.sub_images import SceneCoder
from semcom.semantic.wire import ByteWriter

IDENTITY = (3, 4, 5)


@pytest.fixture(scope="module")
def photo(shared_dir) -> np.ndarray:
    from semcom.semantic import load_picture

    return load_picture(shared_dir / "data/kodak/kodim23.png")[::2, ::2]


@pytest.fixture(scope="module")
def packet(photo: np.ndarray) -> SemanticPacket:
    layers = SceneCoder(photo).layers(900, 400, IDENTITY)
    return SemanticPacket.build(photo.shape[1::-1], "es-isc", layers, IDENTITY)


def test_a_base_and_what_it_lacks(photo: np.ndarray, packet: SemanticPacket) -> None:
    base, refinement = packet.of_kind(LayerKind.SUB_IMAGE)
    assert (base.importance, refinement.importance) == (5, 4) and refinement.requires == (base.key,)
    assert base.content.is_scene and not refinement.content.is_scene and refinement.content.is_refinement
    assert 200 <= len(base.payload) <= 400 and len(packet.to_bytes()) < 900 + 40
    read = SemanticPacket.from_bytes(packet.to_bytes())
    expected = Prediction(base.content.pixels, FULL_WEIGHT).refined(refinement.content.pixels)
    assert (scene_of(read).pixels == expected).all()
    assert scene_of(read).reduction == refinement.content.reduction < base.content.reduction


def test_each_split_is_shown_as_far_as_it_goes(photo: np.ndarray, packet: SemanticPacket) -> None:
    header, base, refinement = packet.layers
    shown = {}
    for name, layers in {
        "both": (header, base, refinement),
        "no header": (base, refinement),
        "base": (header, base),
        "refinement": (header, refinement),
    }.items():
        arrived = SemanticPacket.from_payloads({layer.key: layer.payload for layer in layers})
        shown[name] = decode(arrived, reconstructor="drawing")
        if name == "refinement":
            assert scene_of(arrived) is None and shown[name].missing == (base.key,)
            assert (shown[name].provenance == 0).all() and not arrived.says_something
    assert (shown["both"].picture == shown["no header"].picture).all()
    assert ms_ssim(photo, shown["both"].picture) > ms_ssim(photo, shown["base"].picture) + 0.02 > 0.5
    assert shown["base"].provenance.max() & 15 > shown["both"].provenance.max() & 15


def test_a_refinement_stands_on_the_layer_before_it_alone(packet: SemanticPacket) -> None:
    _, base, refinement = packet.layers
    far = replace(refinement, key=refinement.key._replace(layer=refinement.key.layer + 1))
    assert scene_of(replace(packet, layers=(base, far))).reduction == base.content.reduction
    twice = replace(refinement, key=refinement.key._replace(layer=refinement.key.layer + 1))
    assert scene_of(replace(packet, layers=(refinement, twice))) is None


def test_a_close_up_cannot_be_a_difference(packet: SemanticPacket) -> None:
    refinement = packet.layers[2]
    close_up = replace(refinement.content, object_id=1, box=(0, 0, 20, 20))
    with pytest.raises(LayerError, match="close-up"):
        encode_layer(refinement.key, LayerKind.SUB_IMAGE, close_up)
    assert decode_layer(refinement.key, refinement.payload).content.is_refinement


def test_hostile_refinements_are_refused_or_shown(photo: np.ndarray, packet: SemanticPacket) -> None:
    """Flipped, cut and invented bytes: an error by name, or a picture of the size that the layer states."""
    _, base, refinement = packet.layers
    random = np.random.default_rng(7)
    start = len(refinement.payload) - len(refinement.content.coded)
    read = 0
    for attempt in range(150):
        data = bytearray(refinement.payload)
        if attempt % 3 == 0:
            data[start + 1 :] = random.bytes(int(random.integers(0, 60)))
        elif attempt % 3 == 1:
            del data[int(random.integers(start, len(data))) :]
        for _ in range(3):
            if len(data) > start:
                data[int(random.integers(start, len(data)))] = int(random.integers(256))
        try:
            hostile = decode_layer(refinement.key, bytes(data))
        except SemanticError:
            continue
        read += 1
        shown = scene_of(replace(packet, layers=(base, hostile)))
        assert shown.pixels.shape in (hostile.content.pixels.shape, base.content.pixels.shape)
    assert read > 0


def test_every_weight_of_a_prediction_is_read(packet: SemanticPacket) -> None:
    _, base, refinement = packet.layers
    start = len(refinement.payload) - len(refinement.content.coded)
    for weight in range(1, FULL_WEIGHT + 1):
        data = bytearray(refinement.payload)
        data[start] = data[start] & 31 | weight - 1 << 5
        other = decode_layer(refinement.key, bytes(data))
        expected = Prediction(base.content.pixels, weight).refined(refinement.content.pixels)
        assert (scene_of(replace(packet, layers=(base, other))).pixels == expected).all()


def test_coded_sides_of_a_refinement_are_bounded_before_anything_is_decoded(packet: SemanticPacket) -> None:
    content = packet.layers[2].content
    huge = replace(content, pixels=np.broadcast_to(np.uint8(128), (1025, 8, 3)))
    with pytest.raises(SemanticError, match=r"coded height must be in 1\.\.1024, got 1025"):
        encode_layer(packet.layers[2].key, LayerKind.SUB_IMAGE, huge)
    payload = packet.layers[2].payload
    rows, columns = content.pixels.shape[:2]
    start = len(payload) - len(content.coded)
    sizes = ByteWriter("sizes").varint(columns).varint(rows).to_bytes()
    assert payload[:start].endswith(sizes)
    head = payload[: start - len(sizes)] + ByteWriter("sizes").varint(columns).varint(1 << 20).to_bytes()
    with pytest.raises(SemanticError, match=r"coded height must be in 1\.\.1024, got 1048576"):
        decode_layer(packet.layers[2].key, head + content.coded)


def test_where_bytes_are_many_the_finer_scene_needs_no_base(photo: np.ndarray) -> None:
    base, finer = SceneCoder(photo).layers(2500, 400, IDENTITY)
    assert base.importance == 5 and finer.content.is_scene and finer.requires == ()
    assert finer.content.reduction < base.content.reduction


def test_no_base_where_there_is_little_or_none_is_wanted(photo: np.ndarray) -> None:
    assert [layer.importance for layer in SceneCoder(photo).layers(400, 400, IDENTITY)] == [4]
    assert [layer.importance for layer in SceneCoder(photo).layers(900, 0, IDENTITY)] == [4]


def test_a_packet_of_the_default_budget_has_a_base_unless_told_otherwise(photo: np.ndarray) -> None:
    for config, expected in (({}, [5, 4]), ({"scene_base_most_bytes": 0}, [4])):
        scenes = [
            layer.importance
            for layer in code(analyse(photo, EncodeRequest(config=config)), 1474).of_kind(LayerKind.SUB_IMAGE)
            if layer.content.object_id == 0
        ]
        assert scenes == expected
