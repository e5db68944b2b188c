"""Caption composed from what was found: who or what, how many, where, in which colours, before which background.

Nothing is invented: every noun of the caption is an object or a segment of the maps, so the words can be checked
against them. The nouns are marked as named entities; "a scene" and "a picture", of which nothing is known, are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.extract.appearance import COLOURED_GROUPS, clothes_colour, is_night, main_colours, thing_colour
from semcom.semantic.extract.colour_names import colour_name
from semcom.semantic.extract.placing import SUPPORTS, distance, place, relation, rides, support
from semcom.semantic.extract.plain_pictures import plain_caption
from semcom.semantic.extract.sentence import Sentence, join_sentences, with_article
from semcom.semantic.layers.caption import Caption
from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.vocabulary import Category, Vocabulary

NUMBER_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
GROUND_SHARE = 0.03
BACKGROUND_SHARE = 0.06
INDOORS_MOST_OUTDOORS = 0.1
BACKGROUNDS = (
    "building",
    "tree",
    "mountain",
    "rock",
    "plant",
    "fence",
    "wall",
    "window",
    "water",
    "grass",
    "furniture",
)
SAID_BY_SCENE = {
    "room": ("wall", "grass", "tree"), "building": ("building", "wall", "window"), "water view": ("water",),
    "street": ("wall",), "landscape": ("wall", "window"),
}  # fmt: skip
"""Backgrounds that the word for the scene already says, or that do not go with it."""
OUTDOORS = ("sky", "grass", "tree", "water", "mountain", "road", "sand", "snow", "landscape")


def compose_caption(image: np.ndarray, labels: np.ndarray, objects: Objects) -> Caption:
    """Say what is in the picture.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    labels : uint8 [height, width]
        Class map.
    objects : Objects
        Most important first.

    Returns
    -------
    Caption
        One or two sentences in English; nouns marked as entities.
    """
    vocabulary = objects.vocabulary
    shares = np.bincount(labels.ravel(), minlength=256) / labels.size
    subjects = _subjects(image, labels, objects)
    sentences = []
    mentioned: set[str] = {vocabulary[item.category].name for item in objects.items}
    if subjects:
        sentence, ground = _subject_sentence(labels, objects, subjects)
        sentences.append(sentence)
        if ground:
            mentioned.add(ground)
    background = _background_sentence(image, labels, vocabulary, shares, mentioned, alone=not subjects)
    if background:
        sentences.append(background)
    if not sentences:
        sentences.append(_nothing_but_colours(image))
    return join_sentences(sentences)


class ComposedCaptioner:
    """`compose_caption` as a captioner of the registry; `note` says why it serves where another was wanted."""

    note = ""

    def __call__(self, image: np.ndarray, labels: np.ndarray, objects: Objects) -> Caption:
        return plain_caption(image) or compose_caption(image, labels, objects)


@dataclass(frozen=True)
class _Subject:
    """Objects of one category, named together."""

    category: Category
    items: tuple[SceneObject, ...]
    colour: str | None
    clothes: str | None

    @property
    def several(self) -> bool:
        return len(self.items) > 1

    @property
    def plural(self) -> bool:
        """Whether the noun takes "are": "two cars are", but "food is" however much of it there is."""
        return self.several and self.category.countable

    def phrase(self) -> tuple[str, str, str]:
        """(article or number with colour, noun, clothes)."""
        colour = f"{self.colour} " if self.colour else ""
        if not self.category.countable:
            return colour.rstrip(), self.category.name, ""
        if self.several:
            number = NUMBER_WORDS.get(len(self.items), "several")
            return f"{number} {colour}".rstrip(), self.category.plural, ""
        clothes = f"in {self.clothes}" if self.clothes else ""
        return f"{with_article(colour or self.category.name)} {colour}".rstrip(), self.category.name, clothes


def _subjects(image: np.ndarray, labels: np.ndarray, objects: Objects) -> list[_Subject]:
    """The up to three categories that matter most, each with all its objects."""
    order = list(dict.fromkeys(item.category for item in objects.items))[:3]
    subjects = []
    for category_id in order:
        category = objects.vocabulary[category_id]
        items = tuple(item for item in objects.items if item.category == category_id)
        colour = clothes = None
        if len(items) == 1 and category.parent in COLOURED_GROUPS:
            colour = thing_colour(image, labels, items[0])
        elif len(items) == 1 and category.parent == "person":
            clothes = clothes_colour(image, labels, items[0])
        subjects.append(_Subject(category, items, colour, clothes))
    return subjects


def _subject_sentence(labels: np.ndarray, objects: Objects, subjects: list[_Subject]) -> tuple[Sentence, str | None]:
    """The first sentence, and the category it says the subjects stand on."""
    sentence = Sentence()
    main, *others = subjects
    if len(others) == 1 and not main.several and not others[0].several:
        first, second = main, others[0]
        if rides(second.items[0], first.items[0], objects.vocabulary):
            first, second = second, first
        sentence.add_list([first.phrase()]).add("is")
        sentence.add(relation(first.items[0], second.items[0], objects.vocabulary)).add_list([second.phrase()])
        return sentence.finish(), None
    items = [item for subject in subjects for item in subject.items]
    verb = "are" if others or main.plural else "is"
    ground = support(labels, objects.vocabulary, items)
    where = _where(items, labels)
    if ground is None and where is None:
        sentence.add("there " + ("are" if main.plural else "is"))
    sentence.add_list([subject.phrase() for subject in subjects])
    if ground is not None:
        article, noun = SUPPORTS[ground].rsplit(" ", 1)
        sentence.add(f"{verb} {article}").add(noun, entity=True)
    elif where is not None:
        sentence.add(f"{verb} {where}")
    return sentence.finish(), ground


def _where(items: list[SceneObject], labels: np.ndarray) -> str | None:
    """The place of all objects in words, and how far they are; None where no place holds for all of them."""
    height, width = labels.shape
    where, far = place(items, width), distance(items, width, height)
    if far == "close up":
        return "seen close up"
    return f"far away {where}" if far and where else where


def _nothing_but_colours(image: np.ndarray) -> Sentence:
    """What can still be said where nothing was recognised."""
    colours = main_colours(image)
    words = f"in {' and '.join(colours)}" if colours else "of many colours"
    return Sentence().add("a").add("picture").add(words).finish()


def _background_sentence(
    image: np.ndarray, labels: np.ndarray, vocabulary: Vocabulary, shares: np.ndarray, mentioned: set[str], alone: bool
) -> Sentence | None:
    """What is behind the objects; for a picture without objects, the scene itself."""
    scene = _scene(vocabulary, shares) if alone else None
    hidden = {*mentioned, *SAID_BY_SCENE.get(scene, ())}
    names = [name for name in BACKGROUNDS if name in vocabulary and name not in hidden]
    large = sorted((name for name in names if shares[vocabulary[name].id] >= BACKGROUND_SHARE),
                   key=lambda name: -shares[vocabulary[name].id])[:2]  # fmt: skip
    phrases = [("", vocabulary[name].plural, "") for name in large]
    night = is_night(image) and _share(vocabulary, shares, OUTDOORS) > INDOORS_MOST_OUTDOORS
    sky = (
        None
        if night
        else _sky(image, labels, vocabulary, shares)
        if "sky" not in mentioned and scene != "room"
        else None
    )
    sentence = Sentence()
    if alone:
        if scene is None and not phrases and not sky:
            return None
        sentence.add(with_article(scene or "scene")).add(scene or "scene", entity=scene is not None)
        if phrases:
            sentence.add("with").add_list(phrases)
        if night:
            sentence.add("at night")
        elif not phrases and not sky and (colours := main_colours(image)):
            sentence.add(f"in {' and '.join(colours)}")
    elif phrases:
        sentence.add_list(phrases).add("is" if _singular(large, vocabulary) else "are").add("in the background")
    elif sky:
        sentence.add("the").add("sky", entity=True).add("is " + sky if sky != "the" else "is above")
        return sentence.finish()
    else:
        return None
    if sky:
        sentence.add("under").add("the" if sky == "the" else f"{with_article(sky)} {sky}").add("sky", entity=True)
    return sentence.finish()


def _singular(names: list[str], vocabulary: Vocabulary) -> bool:
    return len(names) == 1 and not vocabulary[names[0]].countable


def _sky(image: np.ndarray, labels: np.ndarray, vocabulary: Vocabulary, shares: np.ndarray) -> str | None:
    """The sky's colour, "the" where it has none, None where there is no sky."""
    if "sky" not in vocabulary or shares[vocabulary["sky"].id] < BACKGROUND_SHARE:
        return None
    return colour_name(image[labels == vocabulary["sky"].id]) or "the"


def _scene(vocabulary: Vocabulary, shares: np.ndarray) -> str | None:
    """One word or two for a picture without objects; None where nothing suggests any."""

    def share(*names: str) -> float:
        return _share(vocabulary, shares, names)

    outdoors = share(*OUTDOORS) > INDOORS_MOST_OUTDOORS
    paved = share("road", "pavement") > GROUND_SHARE
    scenes = {
        "street": share("road", "pavement", "building", "pole", "sign") * paved,
        "room": share("wall", "floor", "ceiling", "furniture", "table", "window") * (not outdoors),
        "water view": 1.5 * share("water"),
        "landscape": share("grass", "tree", "mountain", "rock", "ground", "sand", "snow", "plant", "landscape"),
        "building": share("building", "door", "wall") * (not paved),
    }
    best = max(scenes, key=lambda name: scenes[name])
    return best if scenes[best] > BACKGROUND_SHARE else None


def _share(vocabulary: Vocabulary, shares: np.ndarray, names: tuple[str, ...]) -> float:
    """Share of the picture that some categories have together."""
    return float(sum(shares[vocabulary[name].id] for name in names if name in vocabulary))
