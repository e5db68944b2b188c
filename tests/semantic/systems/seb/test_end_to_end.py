"""Seb with the networks trained for it: which of them codes what, and sets that are better with bases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic import EncodeRequest, decode, encode_set
from semcom.semantic.coding.picture_codecs.hyperprior import MODEL_UNIT, MODELS
from semcom.semantic.layers import Layer
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.packet import SemanticPacket

from ...coding.picture_codecs.decoding_elsewhere import check_packet_decodes_alike_everywhere
from .sets import camera

LEARNED = EncodeRequest(system="seb-end-to-end", budget_bytes=1200)


def weights_of(layer: Layer) -> str:
    assert layer.content.codec == "hyperprior"
    return list(MODELS)[layer.content.coded[0] // MODEL_UNIT]


def test_each_network_codes_what_it_was_trained_for() -> None:
    pictures = camera(26)
    packets = encode_set(pictures, LEARNED)
    (base,) = (layer for packet in packets for layer in packet.layers if layer.label == "semantic_base")
    residuals = [layer for packet in packets for layer in packet.layers if layer.label == "residual"]
    assert weights_of(base) == "seb_bases" and residuals
    assert {weights_of(layer) for layer in residuals} == {"seb_residual"}
    assert sum(len(packet.to_bytes()) for packet in packets) <= 26 * 1200

    some = range(0, 26, 5)
    whole = [{layer.key: layer for layer in (*packets[n].layers, base)}.values() for n in some]
    shown = [decode(SemanticPacket.from_payloads({la.key: la.payload for la in layers})).picture for layers in whole]
    alone = encode_set([pictures[n] for n in some], replace(LEARNED, config={"patches_per_base": 100_000}))
    (picture,) = (layer for layer in alone[0].layers if layer.label == "residual")
    assert weights_of(picture) == "seb_alone"
    of_set = np.mean([psnr_db(pictures[n], made) for n, made in zip(some, shown, strict=True)])
    of_one = np.mean([psnr_db(pictures[n], decode(made).picture) for n, made in zip(some, alone, strict=True)])
    assert of_set > of_one + 0.3


@pytest.mark.parametrize("system", ["seb", "seb-end-to-end"])
def test_a_whole_packet_decodes_alike_with_any_threads_and_kernels(system: str) -> None:
    pictures = camera(26)
    packet = encode_set(pictures, replace(LEARNED, system=system))[0]
    assert any(layer.label == "semantic_base" for layer in packet.layers)
    check_packet_decodes_alike_everywhere(packet.to_bytes(), pictures[0].size)
