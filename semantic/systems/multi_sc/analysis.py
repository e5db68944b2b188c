"""What Multi-SC found in one picture: a caption for each field of the grid, and the main object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from semcom.semantic.analysis import Analysis
from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.extract.instances import find_objects
from semcom.semantic.extract.understanding import without_categories, working_picture
from semcom.semantic.extract.withheld_words import withheld_words, without_words
from semcom.semantic.layers import Caption
from semcom.semantic.layers.region_caption import field_box
from semcom.semantic.parts import part_of
from semcom.semantic.request import PartChoice
from semcom.semantic.systems.multi_sc.main_object import MainObject, find_main_object
from semcom.semantic.systems.multi_sc.preset import Preset
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

LEAST_FIELD_SIDE_PX = 16
"""Of a field that is described by itself; smaller ones are not worth a model's time."""
WITHHELD_MOST = 0.8
"""A field of which more than this is withheld is not described by the rest."""
WITHHELD_CAPTION = "Most of this part is withheld."


@dataclass
class MultiScAnalysis(Analysis):
    """An analysis by Multi-SC. Each stage is computed when it is first needed, and kept. Of one thread at a time.

    Attributes
    ----------
    preset : Preset
    parts : mapping of str to PartChoice
        The system's own; the request may choose others.
    """

    preset: Preset
    parts: Mapping[str, PartChoice]

    @cached_property
    def working(self) -> tuple[np.ndarray, int]:
        """The picture at a size that bounds time and memory, and how many times smaller it is."""
        return working_picture(self.picture)

    @cached_property
    def seen(self) -> tuple[np.ndarray, np.ndarray, Vocabulary]:
        """labels uint8 and score float32 [rows, columns] of the working picture without what is hidden; their words."""
        picture, _ = self.working
        segmenter = part_of("segmenter", self.request, self.parts)
        found = segmenter(picture)
        labels = without_categories(found.labels, self.guard.hidden) if self.guard.hidden else found.labels
        if self.guard.withheld is not None:
            labels = np.where(self._withheld, np.uint8(NO_LABEL), labels)
        return labels, found.score, segmenter.vocabulary

    @cached_property
    def captions(self) -> tuple[Caption, ...]:
        """One for each field of the grid, row by row; of a picture too small for the grid, the first alone."""
        picture, _ = self.working
        labels, score, vocabulary = self.seen
        captioner = part_of("captioner", self.request, self.parts)
        words = withheld_words(self.guard.hidden, vocabulary)
        captions = []
        for x0, y0, x1, y1 in self._fields():
            part = np.s_[y0:y1, x0:x1]
            if self.guard.withheld is not None and self._withheld[part].mean() > WITHHELD_MOST:
                captions.append(Caption(WITHHELD_CAPTION))
                continue
            crop = np.ascontiguousarray(picture[part]), np.ascontiguousarray(labels[part])
            objects = find_objects(crop[1], np.ascontiguousarray(score[part]), vocabulary)
            caption = without_words(captioner(*crop, objects), words)
            captions.append(caption if caption.text else without_words(compose_caption(*crop, objects), words))
        return tuple(captions)

    @cached_property
    def main_object(self) -> MainObject | None:
        """In pixels of the working picture; None where nothing serves."""
        labels, score, vocabulary = self.seen
        areas = self.preset.least_object_area, self.preset.most_object_area
        return find_main_object(labels, score, vocabulary, self.guard.hidden, *areas, self.preset.centrality)

    @property
    def grid(self) -> tuple[int, int]:
        """(columns, rows): the preset's, fewer where fields would be smaller than `LEAST_FIELD_SIDE_PX`."""
        width, height = self.size
        most = width // LEAST_FIELD_SIDE_PX, height // LEAST_FIELD_SIDE_PX
        return min(self.preset.columns, max(1, most[0])), min(self.preset.rows, max(1, most[1]))

    def _fields(self) -> list[tuple[int, int, int, int]]:
        """Boxes of the fields, pixels of the working picture."""
        height, width = self.working[0].shape[:2]
        columns, rows = self.grid
        return [field_box(width, height, columns, rows, field) for field in range(columns * rows)]

    @property
    def _withheld(self) -> np.ndarray:
        """bool [rows, columns] of the working picture."""
        reduction = self.working[1]
        return self.guard.withheld[::reduction, ::reduction]
