from semcom.semantic.vocabulary import Vocabulary
from semcom.semantic.word_lists import caption_words, named_classes

CATEGORIES = {category.name for category in Vocabulary.load("everyday-1")}


def test_every_class_of_the_backbone_has_a_category_of_the_vocabulary():
    classes = named_classes()
    assert len(classes) == 1000
    assert {one.category for one in classes} <= CATEGORIES
    assert all(bool(one.word) == bool(one.basic) for one in classes)


def test_words_known_by_heart_are_where_the_backbone_has_them():
    classes = named_classes()
    assert (classes[88].word, classes[88].basic, classes[88].category) == ("macaw", "bird", "bird")
    assert (classes[437].word, classes[437].category) == ("lighthouse", "building")
    assert (classes[207].word, classes[207].basic, classes[207].category) == ("golden retriever", "dog", "dog")
    assert classes[967].word == "espresso"


def test_caption_words_are_one_of_four_kinds_and_nouns_have_number_and_category():
    for word in caption_words().values():
        assert word.kind in ("noun", "adjective", "number", "verb")
        assert (word.number in tuple("spmb")) == (word.kind == "noun")
        assert (word.category in CATEGORIES) == (word.kind == "noun")


def test_people_are_people():
    words = caption_words()
    for name in ("man", "woman", "people", "girl", "surfer", "skier", "crowd"):
        assert words[name].category == "person"


def test_nouns_agree_with_articles():
    words = caption_words()
    assert words["dog"].can_be("s") and not words["dog"].can_be("p") and not words["dog"].can_be("pm")
    assert words["dogs"].can_be("p") and words["dogs"].can_be("pm") and not words["dogs"].can_be("s")
    assert words["snow"].can_be("pm") and not words["snow"].can_be("s")
    assert words["sheep"].can_be("s") and words["sheep"].can_be("p")
