"""Caption composed from what was found: who or what, how many, where, in which colours, before which background.

Nothing is invented: every noun of the caption is an object or a segment of the maps, so the words can be checked
against them. The nouns are marked as named entities.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from semcom.semantic.extract.colour_names import colour_name
from semcom.semantic.extract.sentence import Sentence, join_sentences, with_article
from semcom.semantic.layers.caption import Caption
from semcom.semantic.layers.objects import Objects, SceneObject
from semcom.semantic.vocabulary import Category, Vocabulary

NUMBER_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
GROUND_SHARE = 0.03
BACKGROUND_SHARE = 0.06
INDOORS_MOST_OUTDOORS = 0.1
SUPPORTS = {
    "road": "on a road", "pavement": "on the pavement", "grass": "on grass", "ground": "on bare ground",
    "sand": "on sand", "snow": "on snow", "water": "on the water", "floor": "on the floor", "table": "on a table",
    "bed": "on a bed", "sofa": "on a sofa", "rock": "on a rock", "sky": "in the sky",
}  # fmt: skip
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
COLOURED_GROUPS = ("vehicle", "animal", "furniture", "object")


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
        sentence, support = _subject_sentence(labels, objects, subjects)
        sentences.append(sentence)
        if support:
            mentioned.add(support)
    background = _background_sentence(image, labels, vocabulary, shares, mentioned, alone=not subjects)
    if background:
        sentences.append(background)
    if not sentences:
        sentences.append(Sentence().add("a").add("picture", entity=True).add("without anything we can name").finish())
    return join_sentences(sentences)


@dataclass(frozen=True)
class _Subject:
    """Objects of one category, named together."""

    category: Category
    items: tuple[SceneObject, ...]
    colour: str | None

    @property
    def plural(self) -> bool:
        return len(self.items) > 1

    def phrase(self) -> tuple[str, str]:
        """(article or number with colour, noun)."""
        colour = f"{self.colour} " if self.colour else ""
        if self.plural:
            number = NUMBER_WORDS.get(len(self.items), "several")
            return f"{number} {colour}".rstrip(), self.category.plural
        if not self.category.countable:
            return colour.rstrip(), self.category.name
        return f"{with_article(colour or self.category.name)} {colour}".rstrip(), self.category.name


def _subjects(image: np.ndarray, labels: np.ndarray, objects: Objects) -> list[_Subject]:
    """The up to three categories that matter most, each with all its objects."""
    order = list(dict.fromkeys(item.category for item in objects.items))[:3]
    subjects = []
    for category_id in order:
        category = objects.vocabulary[category_id]
        items = tuple(item for item in objects.items if item.category == category_id)
        colour = None
        if len(items) == 1 and category.parent in COLOURED_GROUPS:
            x0, y0, x1, y1 = items[0].box
            inside = labels[y0:y1, x0:x1] == category_id
            colour = colour_name(image[y0:y1, x0:x1][inside])
        subjects.append(_Subject(category, items, colour))
    return subjects


def _subject_sentence(labels: np.ndarray, objects: Objects, subjects: list[_Subject]) -> tuple[Sentence, str | None]:
    sentence = Sentence()
    main, *others = subjects
    if len(others) == 1 and not main.plural and not others[0].plural:
        sentence.add_list([main.phrase()]).add("is").add(_relation(main.items[0], others[0].items[0]))
        sentence.add_list([others[0].phrase()])
        return sentence.finish(), None
    sentence.add_list([subject.phrase() for subject in subjects])
    plural = main.plural or bool(others)
    support = _support(labels, objects, [item for subject in subjects for item in subject.items])
    if support:
        article, noun = SUPPORTS[support].rsplit(" ", 1)
        sentence.add("are" if plural else "is").add(article).add(noun, entity=True)
    else:
        verb = "are" if plural else "is"
        sentence.add(f"{verb} {_place(main.items, labels.shape)}")
    return sentence.finish(), support


def _relation(first: SceneObject, second: SceneObject) -> str:
    """Where the first object is as seen from the second."""
    ax0, ay0, ax1, ay1 = first.box
    bx0, by0, bx1, by1 = second.box
    overlap = min(ax1, bx1) - max(ax0, bx0)
    if overlap > 0.3 * min(ax1 - ax0, bx1 - bx0):
        if ay1 < by0 + 0.5 * (by1 - by0) and ay0 < by0:
            return "above"
        if by0 < ay0 and by1 < ay0 + 0.5 * (ay1 - ay0):
            return "below"
        return "in front of" if ay1 >= by1 else "behind"
    return "to the left of" if ax0 + ax1 < bx0 + bx1 else "to the right of"


def _support(labels: np.ndarray, objects: Objects, items: list[SceneObject]) -> str | None:
    """What most of the objects stand on: the commonest supporting category just below their boxes."""
    votes: Counter[str] = Counter()
    height = labels.shape[0]
    for item in items:
        x0, y0, x1, y1 = item.box
        depth = max(3, (y1 - y0) // 8)
        below = labels[max(0, y1 - depth // 2) : min(height, y1 + depth), x0:x1].ravel()
        names = Counter(int(label) for label in below if label < len(objects.vocabulary) and label != item.category)
        for label, count in names.most_common(1):
            name = objects.vocabulary[label].name
            if name in SUPPORTS and count > 0.3 * below.size:
                votes[name] += 1
    if not votes:
        return None
    name, count = votes.most_common(1)[0]
    return name if 2 * count >= len(items) else None


def _place(items: tuple[SceneObject, ...], shape: tuple[int, int]) -> str:
    centre = float(np.mean([(item.box[0] + item.box[2]) / 2 for item in items])) / shape[1]
    if centre < 0.36:
        return "on the left"
    return "on the right" if centre > 0.64 else "in the middle"


def _background_sentence(
    image: np.ndarray, labels: np.ndarray, vocabulary: Vocabulary, shares: np.ndarray, mentioned: set[str], alone: bool
) -> Sentence | None:
    """What is behind the objects; for a picture without objects, the scene itself."""
    scene = _scene(vocabulary, shares) if alone else None
    hidden = {*mentioned, *SAID_BY_SCENE.get(scene, ())}
    names = [name for name in BACKGROUNDS if name in vocabulary and name not in hidden]
    large = sorted((name for name in names if shares[vocabulary[name].id] >= BACKGROUND_SHARE),
                   key=lambda name: -shares[vocabulary[name].id])[:2]  # fmt: skip
    phrases = [("", vocabulary[name].plural) for name in large]
    sky = _sky(image, labels, vocabulary, shares) if "sky" not in mentioned else None
    sentence = Sentence()
    if alone:
        if scene is None and not phrases and not sky:
            return None
        scene = scene or "scene"
        sentence.add(with_article(scene)).add(scene, entity=True)
        if phrases:
            sentence.add("with").add_list(phrases)
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
        return float(sum(shares[vocabulary[name].id] for name in names if name in vocabulary))

    outdoors = share("sky", "grass", "tree", "water", "mountain", "road", "sand", "snow") > INDOORS_MOST_OUTDOORS
    paved = share("road", "pavement") > GROUND_SHARE
    scenes = {
        "street": share("road", "pavement", "building", "pole", "sign") * paved,
        "room": share("wall", "floor", "ceiling", "furniture", "table", "window") * (not outdoors),
        "water view": 1.5 * share("water"),
        "landscape": share("grass", "tree", "mountain", "rock", "ground", "sand", "snow", "plant"),
        "building": share("building", "door", "wall") * (not paved),
    }
    best = max(scenes, key=lambda name: scenes[name])
    return best if scenes[best] > BACKGROUND_SHARE else None
