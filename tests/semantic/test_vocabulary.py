import numpy as np
import pytest

from semcom.semantic.errors import VocabularyError
from semcom.semantic.vocabulary import NO_LABEL, Category, Vocabulary


def test_everyday_1_is_frozen():
    vocabulary = Vocabulary.load("everyday-1")
    assert (vocabulary.name, vocabulary.version, len(vocabulary)) == ("everyday", 1, 50)
    # python -c "import json,hashlib;..." over the canonical JSON: a published vocabulary never changes
    assert vocabulary.hash == 0xEA4C
    assert vocabulary.full_name in Vocabulary.published()


def test_everyday_2_is_frozen_and_begins_as_the_first_version():
    first, second = Vocabulary.load("everyday-1"), Vocabulary.load("everyday-2")
    assert second.hash == 0x655C and Vocabulary.load() is second
    assert second.categories[: len(first)] == first.categories
    assert [category.name for category in second.categories[len(first) :]] == ["landscape", "structure", "vehicle"]
    assert first.general == () and {group for group, _ in second.general} == {
        "nature", "building", "furniture", "object", "vehicle", "animal"
    }  # fmt: skip


def test_lookups_by_id_and_name_agree():
    vocabulary = Vocabulary.load()
    for category in vocabulary:
        assert vocabulary[category.id] is category
        assert vocabulary[category.name] is category
        assert category.name in vocabulary
    assert vocabulary["person"].plural == "people"
    assert vocabulary["grass"].countable is False
    assert {category.name for category in vocabulary.group("vehicle")} >= {"car", "boat", "aeroplane"}
    assert vocabulary["car"].id in vocabulary.thing_ids and vocabulary["sky"].id not in vocabulary.thing_ids


@pytest.mark.parametrize("key", ["unicorn", -1, 53, NO_LABEL])
def test_unknown_category_is_refused(key):
    with pytest.raises(VocabularyError, match=str(key)):
        Vocabulary.load()[key]


@pytest.mark.parametrize("name", ["nowhere-1", "../everyday-1", "", "/etc/passwd"])
def test_unknown_vocabulary_is_refused(name):
    with pytest.raises(VocabularyError, match="vocabulary must be one of"):
        Vocabulary.load(name)


def test_unknown_group_is_refused():
    with pytest.raises(VocabularyError, match="'spaceship'"):
        Vocabulary.load().group("spaceship")


def test_hash_covers_the_content():
    vocabulary = Vocabulary.load()
    other = Vocabulary(vocabulary.name, vocabulary.version, vocabulary.categories[:-1])
    assert other.hash != vocabulary.hash


def test_broken_vocabularies_are_refused():
    sky = Category(0, "sky", "skies", "sky", False, False, (1, 2, 3))
    with pytest.raises(VocabularyError, match="id of category"):
        Vocabulary("x", 1, (Category(1, "sky", "skies", "sky", False, False, (1, 2, 3)),))
    with pytest.raises(VocabularyError, match="names must differ"):
        Vocabulary("x", 1, (sky, Category(1, "sky", "skies", "sky", False, False, (3, 2, 3))))
    with pytest.raises(VocabularyError, match="colours must differ"):
        Vocabulary("x", 1, (sky, Category(1, "sea", "seas", "sky", False, False, (1, 2, 3))))
    with pytest.raises(VocabularyError, match="three values"):
        Vocabulary("x", 1, (Category(0, "sky", "skies", "sky", False, False, (1, 256, 3)),))
    for general in (("sea", "sky"), ("sky", "sea")):
        with pytest.raises(VocabularyError, match="general category of group"):
            Vocabulary("x", 1, (sky,), (general,))
    with pytest.raises(VocabularyError, match="version"):
        Vocabulary("x", 0, (sky,))


def test_colour_map_shows_each_category_and_no_label_as_black():
    vocabulary = Vocabulary.load()
    labels = np.array([[0, 9], [NO_LABEL, 37]], np.uint8)
    drawn = vocabulary.colour_map(labels)
    assert drawn.shape == (2, 2, 3) and drawn.dtype == np.uint8
    assert tuple(drawn[0, 1]) == vocabulary["water"].colour
    assert not drawn[1, 0].any()
