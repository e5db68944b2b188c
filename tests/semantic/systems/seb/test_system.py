"""Seb from pictures to pictures: bases once for the set, what is lost with which layer, and odd sets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from semcom.semantic import (
    EncodeRequest,
    LayerKind,
    RequestError,
    SemanticPacket,
    analyse,
    code,
    decode,
    encode,
    encode_set,
    refine,
    registry,
)
from semcom.semantic.layers import Layer
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.packet import SemanticPacket as Packet
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.refinement import RefinementRequest, Subject

from .sets import camera, unrelated

SEB = EncodeRequest(system="seb", budget_bytes=400)


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return camera(26)


@pytest.fixture(scope="module")
def packets(pictures: list[np.ndarray]) -> list[Packet]:
    return [Packet.from_bytes(packet.to_bytes()) for packet in encode_set(pictures, SEB, stream=2, group=5)]


def base_of(packets: list[Packet]) -> Layer:
    (base,) = (layer for packet in packets for layer in packet.layers if layer.kind == LayerKind.SEMANTIC_BASE)
    return base


def received(packet: Packet, base: Layer, *without: str) -> Packet:
    """What a receiver that keeps the group's base has of a packet."""
    layers = {layer.key: layer for layer in (*packet.layers, base)}.values()
    return SemanticPacket.from_payloads({la.key: la.payload for la in layers if la.label not in without})


def test_the_bases_travel_once_and_the_others_require_them(packets: list[Packet]) -> None:
    base = base_of(packets)
    assert base.key == (2, 5, 0, 128) and base in packets[0].layers
    assert [layer.label for layer in packets[0].layers][:2] == ["header", "usage"]
    for packet in packets[1:]:
        assert packet.missing() == (base.key,)
        assert received(packet, base).missing() == ()
        (usage,) = packet.of_kind(LayerKind.USAGE)
        assert usage.requires == (base.key,)
    assert sum(len(packet.to_bytes()) for packet in packets) <= 26 * 400


def test_a_set_is_better_than_its_pictures_alone(pictures: list[np.ndarray], packets: list[Packet]) -> None:
    base = base_of(packets)
    shown = [decode(received(packet, base)).picture for packet in packets]
    of_set = np.mean([psnr_db(a, b) for a, b in zip(pictures, shown, strict=True)])
    alone = np.mean([psnr_db(picture, decode(encode(picture, request=SEB)).picture) for picture in pictures[:6]])
    assert of_set > alone + 3


def test_each_layer_that_is_lost_leaves_what_the_others_say(pictures: list[np.ndarray], packets: list[Packet]) -> None:
    base, packet, original = base_of(packets), packets[8], pictures[8]
    whole = psnr_db(original, decode(received(packet, base)).picture)
    without_residual = decode(received(packet, base, "residual"))
    without_usage = decode(received(packet, base, "usage"))
    without_header = decode(received(packet, base, "header"))
    without_base = decode(received(packet, base, "semantic_base"))
    assert 15 < psnr_db(original, without_residual.picture) < whole
    assert psnr_db(original, without_usage.picture) > 15
    np.testing.assert_array_equal(without_header.picture, decode(received(packet, base)).picture)
    assert without_base.missing == (base.key,) and base.key in packet.missing()
    assert psnr_db(original, without_base.picture) < psnr_db(original, without_residual.picture)
    assert (without_residual.provenance & prov.RESOLUTION_MASK == 1).mean() > 0.6
    assert without_base.picture.shape == original.shape


def test_a_receiver_that_joins_late_shows_pictures_once_it_has_the_bases(packets: list[Packet]) -> None:
    late = packets[20]
    assert decode(late).missing == (base_of(packets).key,)
    assert decode(received(late, base_of(packets))).missing == ()


def test_a_picture_is_added_later_beside_the_bases_that_are_there(
    pictures: list[np.ndarray], packets: list[Packet]
) -> None:
    base, system, later = base_of(packets), registry.create("systems", "seb"), camera(32)[31]
    packet = system.code_beside(analyse(later, SEB), base, 250, (2, 5, 31))
    assert packet.missing() == (base.key,) and len(packet.to_bytes()) <= 250
    shown = decode(received(packet, base)).picture
    alone = decode(encode(later, request=replace(SEB, budget_bytes=250))).picture
    assert psnr_db(later, shown) > psnr_db(later, alone) + 3
    with pytest.raises(RequestError, match="base must be a semantic base of group 2/6"):
        system.code_beside(analyse(later, SEB), base, 250, (2, 6, 31))


def test_a_picture_alone_needs_nothing_else() -> None:
    packet = encode(camera(1)[0], request=SEB)
    assert packet.missing() == () and len(packet.to_bytes()) <= 400
    assert all(layer.key.picture == 1 for layer in packet.layers)
    assert psnr_db(camera(1)[0], decode(Packet.from_bytes(packet.to_bytes())).picture) > 15


@pytest.mark.parametrize("count", [1, 2, 3])
def test_small_sets_and_k_of_0(count: int) -> None:
    packets = encode_set(camera(count, 64, 64), SEB)
    assert len(packets) == count and not any(packet.missing() for packet in packets)
    assert not any(packet.of_kind(LayerKind.SEMANTIC_BASE) for packet in packets)
    assert encode_set([], SEB) == []


def test_mixed_sizes_and_unrelated_pictures() -> None:
    pictures = [*camera(3), *camera(3, 96, 64), *unrelated(4, 130, 70), np.full((16, 16, 3), 90, np.uint8)]
    request = EncodeRequest(system="seb", budget_bytes=500, config={"patches_per_base": 4})
    packets = encode_set(pictures, request)
    shared = {layer.key: layer for packet in packets for layer in packet.layers if layer.key.picture == 0}
    for picture, packet in zip(pictures, packets, strict=True):
        whole = replace(packet, layers=(*packet.layers, *(shared[key] for key in packet.missing())))
        assert decode(Packet.from_bytes(whole.to_bytes())).picture.shape == picture.shape


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.long)])
def test_a_large_set_is_coded_within_its_budget(count: int) -> None:
    pictures = camera(count, 32, 32)
    packets = encode_set(pictures, EncodeRequest(system="seb", budget_bytes=140))
    assert len(packets) == count and sum(len(packet.to_bytes()) for packet in packets) <= count * 140
    assert {packet.picture for packet in packets} == {*range(1, count + 1)}


def test_a_budget_that_holds_nothing_and_pictures_that_are_too_large_are_refused() -> None:
    with pytest.raises(RequestError, match="budget of seb must be at least 80 bytes, got 79"):
        encode(camera(1)[0], request=replace(SEB, budget_bytes=79))
    with pytest.raises(RequestError, match="must have at most 16384 patches of 32 × 32 pixels, got 16400"):
        analyse(np.broadcast_to(np.uint8(0), (32 * 100, 32 * 164, 3)), SEB)
    with pytest.raises(RequestError, match="config of seb must be among patches_per_base"):
        analyse(camera(1)[0], replace(SEB, config={"bases": 3}))
    with pytest.raises(RequestError, match="largest_shift must be int 0 to 15, got 16"):
        analyse(camera(1)[0], replace(SEB, config={"largest_shift": 16}))


def test_nothing_finer_is_made_of_a_packet() -> None:
    analysis = analyse(camera(1)[0], SEB)
    assert refine(analysis, RefinementRequest(Subject.SCENE, max_bytes=500), code(analysis)) == []
