"""The words both ends share: category ids of a published, versioned vocabulary.

A vocabulary is a short JSON file in `semantic/vocabularies/`. Once published it is never edited: a change makes a new
version. Packets carry its name, version and 16-bit `hash`, so that a receiver with another file notices. Similar
categories have neighbouring ids, which helps the context coders of label maps.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from semcom.semantic.errors import VocabularyError

NO_LABEL = 255
"""Label of a pixel that has no category."""

MAX_CATEGORIES = 254
MAX_FILE_BYTES = 1 << 16

_FOLDER = Path(__file__).parent / "vocabularies"


@dataclass(frozen=True)
class Category:
    """One word of a vocabulary.

    Attributes
    ----------
    id : int
        0 .. N-1; what label maps hold.
    name, plural : str
        English words, lower case. Mass nouns ("grass") have ``plural == name`` and ``countable`` false.
    parent : str
        Group the category belongs to ("vehicle", "animal", "nature", ...).
    isthing : bool
        Things come in instances with a box; stuff (sky, road) does not.
    countable : bool
        "a tree" and "trees", but only "grass".
    colour : (int, int, int)
        sRGB, 0..255, for drawn label maps; different for every category.
    """

    id: int
    name: str
    plural: str
    parent: str
    isthing: bool
    countable: bool
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Vocabulary:
    """A named, versioned list of categories.

    Attributes
    ----------
    name : str
    version : int
        1..255
    categories : tuple of Category
        Position = id.
    general : tuple of (str, str)
        (group, category of it that is said where it is not known which other one of the group something is); none in
        the first version of a vocabulary.

    Raises
    ------
    VocabularyError
        Ids out of order, doubled names or colours, too many categories, a general category of another group.
    """

    name: str
    version: int
    categories: tuple[Category, ...]
    general: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.categories) <= MAX_CATEGORIES:
            raise VocabularyError(f"categories must number 1 to {MAX_CATEGORIES}, got {len(self.categories)}")
        if not 1 <= self.version <= 255:
            raise VocabularyError(f"version must be 1 to 255, got {self.version}")
        for position, category in enumerate(self.categories):
            if category.id != position:
                raise VocabularyError(f"id of category {category.name!r} must be {position}, got {category.id}")
            if len(category.colour) != 3 or not all(0 <= value <= 255 for value in category.colour):
                raise VocabularyError(f"colour of {category.name!r} must be three values 0..255, got {category.colour}")
        if len({category.name for category in self.categories}) != len(self.categories):
            raise VocabularyError(f"category names must differ in vocabulary {self.name!r}")
        if len({category.colour for category in self.categories}) != len(self.categories):
            raise VocabularyError(f"category colours must differ in vocabulary {self.name!r}")

        for group, name in self.general:
            if name not in self or self[name].parent != group:
                raise VocabularyError(f"general category of group {group!r} must be one of it, got {name!r}")

    @staticmethod
    def load(name: str = "everyday-2") -> Vocabulary:
        """A published vocabulary by ``<name>-<version>``."""
        return _load(name)

    @staticmethod
    def published() -> list[str]:
        """Names that `load` knows."""
        return sorted(path.stem for path in _FOLDER.glob("*.json"))

    @property
    def full_name(self) -> str:
        """``everyday-1``"""
        return f"{self.name}-{self.version}"

    @cached_property
    def hash(self) -> int:
        """16-bit fingerprint: first two bytes (big endian) of SHA-256 over the canonical JSON of the whole content."""
        content = asdict(self)
        if not self.general:  # as it was when there were none
            del content["general"]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return int.from_bytes(hashlib.sha256(canonical.encode("ascii")).digest()[:2], "big")

    @cached_property
    def palette(self) -> np.ndarray:
        """uint8 [256, 3]: colour of each label; ids outside the vocabulary and `NO_LABEL` are black."""
        palette = np.zeros((256, 3), np.uint8)
        for category in self.categories:
            palette[category.id] = category.colour
        palette.flags.writeable = False
        return palette

    @cached_property
    def thing_ids(self) -> frozenset[int]:
        """Ids of the categories that come in instances."""
        return frozenset(category.id for category in self.categories if category.isthing)

    @cached_property
    def _by_name(self) -> dict[str, Category]:
        return {category.name: category for category in self.categories}

    def __len__(self) -> int:
        return len(self.categories)

    def __iter__(self):
        return iter(self.categories)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, key: int | str) -> Category:
        """Category by id or by name.

        Raises
        ------
        VocabularyError
            No such category.
        """
        if isinstance(key, str):
            if key not in self._by_name:
                raise VocabularyError(f"category {key!r} is not in vocabulary {self.full_name}")
            return self._by_name[key]
        if not 0 <= int(key) < len(self.categories):
            raise VocabularyError(f"category id must be 0 to {len(self.categories) - 1}, got {int(key)}")
        return self.categories[int(key)]

    def group(self, parent: str) -> tuple[Category, ...]:
        """All categories of a parent group; an unknown group raises `VocabularyError`."""
        members = tuple(category for category in self.categories if category.parent == parent)
        if not members:
            raise VocabularyError(f"group {parent!r} is not in vocabulary {self.full_name}")
        return members

    def colour_map(self, labels: np.ndarray) -> np.ndarray:
        """Label map uint8 [H, W] drawn in the vocabulary's colours: uint8 [H, W, 3]."""
        return self.palette[labels]


@lru_cache(maxsize=8)
def _load(name: str) -> Vocabulary:
    if name not in Vocabulary.published():
        raise VocabularyError(f"vocabulary must be one of {Vocabulary.published()}, got {name!r}")
    path = _FOLDER / f"{name}.json"
    if path.stat().st_size > MAX_FILE_BYTES:
        raise VocabularyError(f"{path.name} must be at most {MAX_FILE_BYTES} bytes, got {path.stat().st_size}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        categories = tuple(
            Category(**{**entry, "colour": tuple(entry["colour"])}) for entry in content.pop("categories")
        )
        general = tuple((str(group), str(name)) for group, name in content.pop("general", ()))
        return Vocabulary(categories=categories, general=general, **content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VocabularyError(f"{path.name} is not a vocabulary file: {error}") from error
