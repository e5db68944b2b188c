"""What networks make of a received picture beside the sent one, of rows that ask for it (docs/sweeps.md).

None of these networks is in the loss of a system that is compared. ``cosine`` and ``features`` are by networks that
come by pip; ``lpips`` and ``clip`` by those of the literature, in a folder of the user's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from semcom.semantic.benchmark.sender_view import SenderView
from semcom.semantic.extract.understanding import Understanding
from semcom.semantic.metrics.clip import ClipScore
from semcom.semantic.metrics.features import embedding_cosine, feature_distance
from semcom.semantic.metrics.lpips import Lpips
from semcom.semantic.reconstruct import Reconstruction


def measured(
    metrics: Iterable[str], sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None
) -> dict[str, float]:
    """By column.

    Parameters
    ----------
    metrics : iterable of str
        Of ``cosine``, ``features``, ``labels``, ``words``, ``lpips=FOLDER``, ``clip=FOLDER``.
    sent, shown : uint8 [height, width, 3]
    came : Reconstruction or None
        None where nothing came: then no label is right and nothing is said.

    Raises
    ------
    ModelError
        A network is not there.
    """
    return {name.partition("=")[0]: _measure(name, sent, shown, came) for name in metrics}


def _measure(name: str, sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None) -> float:
    kind, _, folder = name.partition("=")
    match kind:
        case "cosine":
            return embedding_cosine(sent, shown)
        case "features":
            return feature_distance(sent, shown)
        case "lpips":
            return _lpips(folder)(sent, shown)
        case "clip":
            return _clip(folder).of_pictures(sent, shown)
        case "labels":
            return _labels(sent, shown, came)
        case "words":
            return _words(sent, shown, came)
    raise ValueError(f"metrics must be those of docs/sweeps.md, got {name!r}")


def _labels(sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None) -> float:
    """Share of pixels with the sender's category, in the map that came or in what the sender sees in the picture."""
    if came is None:
        return 0.0
    labels = _seen(sent).labels
    height, width = labels.shape
    return float(np.mean(labels == (came.class_map.shown(width, height) if came.class_map else _seen(shown).labels)))


def _words(sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None) -> float:
    """Cosine of the sender's caption with the one that came, or with what the sender says of the picture."""
    if came is None:
        return 0.0
    texts = [_seen(sent).caption.text, (came.caption or _seen(shown).caption).text]
    if not all(texts):
        return 0.0
    one, other = _sentences()(texts)
    return float(one @ other)


def _seen(picture: np.ndarray) -> Understanding:
    return _understood(picture.tobytes(), picture.shape)


@lru_cache(maxsize=4)
def _understood(pixels: bytes, shape: tuple[int, ...]) -> Understanding:
    return _sender()(np.frombuffer(pixels, np.uint8).reshape(shape))


@lru_cache(maxsize=1)
def _sender() -> SenderView:
    return SenderView()


@lru_cache(maxsize=1)
def _sentences():
    from semcom.semantic.nets.minilm import SentenceModel

    return SentenceModel()


@lru_cache(maxsize=1)
def _lpips(folder: str) -> Lpips:
    return Lpips(folder)


@lru_cache(maxsize=1)
def _clip(folder: str) -> ClipScore:
    return ClipScore(folder)
