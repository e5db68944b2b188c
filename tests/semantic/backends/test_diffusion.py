"""Stable Diffusion and the IP-Adapter from folders: λ = 0 is words alone, a seed is a picture, what came stays."""

from __future__ import annotations

import weakref
from pathlib import Path

import numpy as np
import pytest

from semcom.semantic import EncodeRequest, LayerKind, SemanticPacket, decode, encode, registry
from semcom.semantic.backends import pipelines
from semcom.semantic.backends.diffusion import MAX_SENTENCES, sentences_of
from semcom.semantic.layers import Caption, LayerKey, encode_layer
from semcom.semantic.layers.region_caption import RegionCaption
from semcom.semantic.reconstruct import provenance as prov

from ...stand_ins import street, street_parts

FEW = "steps=2"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "SIDE_PX", 64)


@pytest.fixture
def multi() -> SemanticPacket:
    with street_parts():
        return encode(street(240, 160), request=EncodeRequest(system="multi-sc"))


@pytest.mark.usefixtures("models")
def test_lambda_zero_is_words_alone_bit_for_bit_and_more_is_not(multi: SemanticPacket) -> None:
    words = decode(multi, f"stable-diffusion,{FEW}", seed=3)
    zero = decode(multi, f"ip-adapter,{FEW},weight=0.0", seed=3)
    led = decode(multi, f"ip-adapter,{FEW},weight=0.9", seed=3)
    assert [made.reconstructor for made in (words, zero, led)] == ["stable-diffusion", "ip-adapter", "ip-adapter"]
    np.testing.assert_array_equal(words.picture, zero.picture)
    assert (led.picture != zero.picture).mean() > 0.1


@pytest.mark.usefixtures("models")
def test_a_seed_is_a_picture_and_the_object_is_as_it_came(multi: SemanticPacket) -> None:
    one, again, other = (decode(multi, f"ip-adapter,{FEW}", seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.picture, again.picture)
    assert (one.picture != other.picture).mean() > 0.5
    box = np.s_[104:136, 64:116]
    np.testing.assert_array_equal(one.picture[box], other.picture[box])
    assert (one.provenance[box] & prov.GENERATED == 0).all() and (one.provenance[box] & prov.RESOLUTION_MASK > 0).all()
    assert (one.provenance[:90] == prov.GENERATED).all()
    assert one.picture.shape == (160, 240, 3) and one.notes == ()


@pytest.mark.usefixtures("models")
def test_it_begins_with_a_scene_where_there_is_one(packet: SemanticPacket) -> None:
    made = decode(packet, f"stable-diffusion,{FEW},strength=0.5", seed=1)
    assert made.reconstructor == "stable-diffusion" and made.picture.shape == (64, 96, 3)
    assert (made.provenance & prov.GENERATED > 0).mean() > 0.5
    alone = decode(packet.only([LayerKind.CAPTION, LayerKind.CLASS_MAP]), f"stable-diffusion,{FEW}", seed=1)
    assert (made.picture != alone.picture).mean() > 0.5
    assert (alone.provenance == prov.GENERATED | prov.SHAPE_RECEIVED).all()


@pytest.mark.usefixtures("models")
def test_a_picture_that_came_whole_is_shown_as_it_is() -> None:
    packet = encode(street(240, 160), "webp")
    made = decode(packet, f"stable-diffusion,{FEW}")
    np.testing.assert_array_equal(made.picture, decode(packet, "drawing").picture)
    assert (made.provenance & prov.GENERATED == 0).all()


def test_a_model_that_is_missing_or_fails_leaves_it_to_ours_and_says_so(
    multi: SemanticPacket, tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = decode(multi, f"stable-diffusion,folder={tmp_path / 'none'}")
    assert made.reconstructor == "best" and made.picture.shape == (160, 240, 3)
    (note,) = made.notes
    assert note.startswith("stable-diffusion could not make the picture, so one of ours did: model stable-diffusion is")

    def out_of_memory(*arguments: object, **options: object) -> None:
        raise RuntimeError("CUDA out of memory.\nTried to allocate 2 GiB")

    monkeypatch.setattr(pipelines.DiffusionPipeline, "__call__", out_of_memory)
    made = decode(multi, f"ip-adapter,{FEW}")
    assert made.reconstructor == "best"
    assert made.notes[0].endswith("one of ours did: RuntimeError: CUDA out of memory. Tried to allocate 2 GiB")


@pytest.mark.usefixtures("models")
def test_few_steps_by_a_latent_consistency_model(multi: SemanticPacket, packet: SemanticPacket) -> None:
    one, again, other = (decode(multi, "lcm,steps=1", seed=seed) for seed in (1, 1, 2))
    assert one.reconstructor == "lcm" and one.notes == ()
    np.testing.assert_array_equal(one.picture, again.picture)
    assert (one.picture != other.picture).mean() > 0.5
    assert (decode(multi, "lcm,steps=4", seed=1).picture != one.picture).mean() > 0.1
    assert (
        decode(multi, "lcm,steps=1,guidance=1.5", seed=1).picture != one.picture
    ).mean() > 0.1  # a number it is told
    assert decode(packet, "lcm,steps=2", seed=1).reconstructor == "lcm"


def test_the_next_smaller_one_serves_and_each_step_is_told(multi: SemanticPacket, models: Path, tmp_path: Path) -> None:
    made = decode(multi, f"ip-adapter,{FEW},adapter={tmp_path}", seed=3)
    assert made.reconstructor == "stable-diffusion"
    np.testing.assert_array_equal(made.picture, decode(multi, f"stable-diffusion,{FEW}", seed=3).picture)
    assert [note.split(":")[0] for note in made.notes] == [
        "ip-adapter could not make the picture, so stable-diffusion did"
    ]
    made = decode(multi, f"ip-adapter,{FEW},folder={tmp_path}")
    assert made.reconstructor == "best"
    assert [note.split(":")[0] for note in made.notes] == [
        "ip-adapter could not make the picture, so one of ours did",
        "stable-diffusion could not make the picture, so one of ours did",
    ]


@pytest.mark.usefixtures("models")
def test_a_model_that_ran_out_of_memory_is_let_go(multi: SemanticPacket, monkeypatch: pytest.MonkeyPatch) -> None:
    held = weakref.ref(registry.create("reconstructors", "ip-adapter", {"steps": 2}))
    assert held() is not None

    def out_of_memory(self: object, *arguments: object, **options: object) -> None:
        if self.has_adapter:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return np.zeros((64, 64, 3), np.uint8)

    monkeypatch.setattr(pipelines.DiffusionPipeline, "__call__", out_of_memory)
    assert decode(multi, f"ip-adapter,{FEW}").reconstructor == "stable-diffusion"
    assert held() is None


def region(field: int, text: str) -> RegionCaption:
    return RegionCaption(96, 64, 2, 2, field, Caption(text))


def test_each_sentence_counts_once_in_the_order_of_the_fields() -> None:
    said = [region(1, "A tree. A sky."), region(0, "A sky. A car!"), region(3, " ".join(f"S{n}." for n in range(40)))]
    layers = [encode_layer(LayerKey(0, 0, 1, n + 2), LayerKind.REGION_CAPTION, one) for n, one in enumerate(said)]
    whole = encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, Caption("Upper left: A sky."))
    sentences = sentences_of(SemanticPacket.build((96, 64), "multi-sc", [whole, *layers]))
    assert sentences[:4] == ["A sky.", "A car!", "A tree.", "S0."] and len(sentences) == MAX_SENTENCES
    assert sentences_of(SemanticPacket.build((96, 64), "es-isc", [whole])) == ["Upper left: A sky."]
    assert sentences_of(SemanticPacket.build((96, 64), "es-isc", [])) == []
