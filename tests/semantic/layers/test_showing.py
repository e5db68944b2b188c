"""Lines, pictures and files of a packet's layers, whatever their kinds."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from semcom.semantic.layers import LayerKey, LayerKind, decode_layer, encode_layer, showing
from semcom.semantic.packet import SemanticPacket

from ..conftest import IDENTITY


def test_each_kind_is_described_in_a_line(packet: SemanticPacket) -> None:
    lines = [showing.describe(layer) for layer in packet.layers]
    assert lines[0] == "96 × 64, system es-isc, 6 layers listed"
    assert lines[1] == "“A red car is on a road.” entities: car, road"
    assert lines[2] == "car 80%"
    assert lines[3].startswith("1/2 resolution, everyday-1: sky 50%")
    assert lines[4].startswith("1/2 resolution, ") and lines[4].endswith("% of it boundary")
    assert lines[5].startswith("whole scene, ") and lines[6].startswith("object 1 at (22, 38, 50, 58), ")
    unknown = decode_layer(LayerKey(*IDENTITY, 9), bytes([1 << 4 | 14]) + b"?")
    assert showing.describe(unknown) == "kind unknown to this version: skipped"


def test_files_are_those_of_each_kind(packet: SemanticPacket) -> None:
    files = showing.files(packet.layers)
    assert list(files) == [
        "caption.txt", "objects.json", "class_map.png", "detail_map.png", "sub_images/01_scene.png",
        "sub_images/02_object_1.png",
    ]  # fmt: skip
    assert files["caption.txt"] == b"A red car is on a road.\n"
    (car,) = json.loads(files["objects.json"])
    assert car.pop("category_id") >= 0
    assert car == {"id": 1, "category": "car", "word": "", "box": [24, 40, 48, 56], "score": 0.8}
    assert {path.split("/")[0] for path in files} <= {*showing.file_names()}


def test_of_maps_the_finest_is_shown_wherever_it_stands(packet: SemanticPacket) -> None:
    coarse = packet.content(LayerKind.CLASS_MAP)
    fine = replace(coarse, divisor=1, labels=np.repeat(np.repeat(coarse.labels, 2, 0), 2, 1))
    finer = encode_layer(LayerKey(*IDENTITY, 9), LayerKind.CLASS_MAP, fine)
    for layers in ((*packet.layers, finer), (finer, *packet.layers)):
        (shown,) = [layer for layer in showing.shown_layers(layers) if layer.kind == LayerKind.CLASS_MAP]
        assert shown is finer
        assert len([layer for layer in showing.shown_layers(layers) if layer.kind == LayerKind.SUB_IMAGE]) == 2


def test_objects_are_drawn_over_the_picture_that_arrived(packet: SemanticPacket) -> None:
    ground = np.zeros((64, 96, 3), np.uint8)
    drawn = {picture.label: picture for picture in showing.pictures(packet.layers, ground)}
    assert sorted(drawn) == ["class_map", "detail_map", "objects", "sub_image"]
    assert (drawn["objects"].pixels[:4] == 0).all() and drawn["objects"].pixels[40:56, 24:48].any()
    assert drawn["sub_image"].many and not drawn["class_map"].many
    assert "objects" not in {picture.label for picture in showing.pictures(packet.layers, None)}


def test_colours_are_those_of_the_kinds() -> None:
    assert showing.colour("caption") == "#c2543a" and showing.colour("unknown_14") == "#777777"
