"""One picture at one budget: every rival and our profiles, looked at and put to work."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from semcom.semantic import decode, encode
from semcom.semantic.benchmark.model_measures import ModelMeasures
from semcom.semantic.benchmark.rivals import rivals
from semcom.semantic.benchmark.sender_view import SenderView
from semcom.semantic.benchmark.truth import Truth
from semcom.semantic.captioning.comparison import found_words, right_words
from semcom.semantic.layers import Caption, Objects
from semcom.semantic.metrics.maps import mean_iou
from semcom.semantic.metrics.quality import ms_ssim, psnr_db, ssim
from semcom.semantic.metrics.sharpness import sharpness_ratio
from semcom.semantic.metrics.text import bleu, chrf

OURS = ("meaning", "pixels", "tasks")
"""Profiles of es-isc that take part."""


@dataclass
class Verdict:
    """What one rival made of one picture. Figures that do not exist are None."""

    image: str
    rival: str
    ours: bool
    budget_bytes: int
    num_bytes: int | None
    setting: str = ""
    psnr_db: float | None = None
    ssim: float | None = None
    ms_ssim: float | None = None
    sharpness: float | None = None
    mean_iou: float | None = None
    agreement: float | None = None
    objects_found: float | None = None
    caption: str | None = None
    caption_bleu: float | None = None
    caption_chrf: float | None = None
    caption_right: float | None = None
    caption_found: float | None = None
    caption_similarity: float | None = None
    lpips: float | None = None
    clip_picture: float | None = None
    clip_text: float | None = None
    layers: dict[str, int] = field(default_factory=dict)
    picture: np.ndarray | None = field(default=None, repr=False)
    labels: np.ndarray | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers and words, without pictures."""
        entry = asdict(self)
        del entry["picture"], entry["labels"]
        rounded = {k: float(f"{v:.5g}") if isinstance(v, float) and math.isfinite(v) else v for k, v in entry.items()}
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in rounded.items()}


class Referee:
    """Our packet is read; at what a codec delivers the sender's segmenter looks: trained, too, on degraded pictures.

    For tasks the sender's own view of the original is the measure where there is no truth: `agreement` is the share of
    pixels with the sender's category, `objects_found` the share of the sender's objects found again (category, and half
    of the union of the boxes in common), captions are compared with the sender's, or with those by people, where
    they are given: then also word by word, how many of its words people used and how many of theirs it has.
    """

    def __init__(self, measures: ModelMeasures | None = None) -> None:
        """`measures` by models of others: without it, those that are at hand without being named."""
        self._measures = measures or ModelMeasures()
        self._understand = SenderView()
        self.rivals = rivals()

    @property
    def num_verdicts(self) -> int:
        """For one picture at one budget."""
        return len(self.rivals) + len(OURS)

    def judge(
        self,
        name: str,
        image: np.ndarray,
        budget_bytes: int,
        truth: Truth | None = None,
        captions: tuple[str, ...] = (),
    ) -> Iterator[Verdict]:
        """Verdicts on one picture at one budget, ours first."""
        sender = self._understand(image)
        for profile in OURS:
            yield self._ours(name, image, budget_bytes, profile, sender, truth, captions)
        for rival in self.rivals:
            verdict = Verdict(name, rival.name, False, budget_bytes, None)
            coded = rival.best(image, budget_bytes)
            if coded is not None:
                verdict.num_bytes, verdict.setting = coded.num_bytes, coded.setting
                seen = self._understand(coded.picture)
                _look(verdict, image, coded.picture)
                _work(verdict, sender, seen.labels, seen.objects, seen.caption, truth, captions)
                self._measure(verdict, image, captions or (sender.caption.text,))
            yield verdict

    def _ours(self, name, image, budget_bytes, profile, sender, truth, captions) -> Verdict:
        packet = encode(image, budget_bytes=budget_bytes, profile=profile)
        data = packet.to_bytes()
        shown = decode(packet, backend="best")  # as the command line shows it
        verdict = Verdict(name, f"es-isc, {profile}", True, budget_bytes, len(data))
        for layer in packet.layers:
            verdict.layers[layer.kind.label] = verdict.layers.get(layer.kind.label, 0) + len(layer.payload)
        _look(verdict, image, shown.picture)
        height, width = image.shape[:2]
        labels = shown.class_map.shown(width, height) if shown.class_map else np.full((height, width), 255, np.uint8)
        _work(verdict, sender, labels, shown.objects, shown.caption or Caption(""), truth, captions)
        self._measure(verdict, image, captions or (sender.caption.text,))
        return verdict

    def _measure(self, verdict: Verdict, image: np.ndarray, references: tuple[str, ...]) -> None:
        """What models of others say, where they are at hand."""
        found = self._measures(image, verdict.picture, verdict.caption or "", references)
        for field_of in fields(found):
            setattr(verdict, field_of.name, getattr(found, field_of.name))


def _look(verdict: Verdict, image: np.ndarray, picture: np.ndarray) -> None:
    verdict.picture = picture
    verdict.psnr_db, verdict.ssim = psnr_db(image, picture), ssim(image, picture)
    verdict.ms_ssim, verdict.sharpness = ms_ssim(image, picture), sharpness_ratio(image, picture)


def _work(verdict, sender, labels, objects: Objects | None, caption: Caption, truth: Truth | None, captions) -> None:
    verdict.labels, verdict.caption = labels, caption.text
    if labels.shape == sender.labels.shape:
        verdict.agreement = float(np.mean(labels == sender.labels))
    if truth is not None and truth.classes.shape == labels.shape:
        verdict.mean_iou = mean_iou(truth.classes, truth.class_of[labels], truth.num_classes)
    verdict.objects_found = _found_again(sender.objects, objects)
    _words(verdict, sender.caption, caption, captions)


def _words(verdict: Verdict, sent: Caption, caption: Caption, people: tuple[str, ...]) -> None:
    """The caption against people's where there are some, else against the sender's."""
    references = people or (sent.text,)
    verdict.caption_bleu, verdict.caption_chrf = bleu(caption.text, references), chrf(caption.text, references)
    if people:
        (said, right), (wanted, found) = right_words(caption, people), found_words(caption, people)
        verdict.caption_right = right / said if said else None
        verdict.caption_found = found / wanted if wanted else None


def _found_again(sent: Objects, received: Objects | None) -> float | None:
    """Share of objects that have one of their category at the other end, each counted once; None without objects."""
    if not sent.items:
        return None
    free = list(received.items) if received else []
    hits = 0
    for item in sent.items:
        match = next((o for o in free if o.category == item.category and _overlap(o.box, item.box) >= 0.5), None)
        if match is not None:
            free.remove(match)
            hits += 1
    return hits / len(sent.items)


def _overlap(a: tuple, b: tuple) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def means(verdicts: list[Verdict], value: Callable[[Verdict], float | None]) -> dict[tuple[str, int], float | None]:
    """Mean of a figure by rival and budget, over the pictures that have it."""
    groups: dict[tuple[str, int], list[float]] = {}
    for verdict in verdicts:
        number = value(verdict)
        group = groups.setdefault((verdict.rival, verdict.budget_bytes), [])
        if number is not None and math.isfinite(number):
            group.append(number)
    return {key: sum(group) / len(group) if group else None for key, group in groups.items()}
