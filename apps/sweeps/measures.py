"""How near a received picture comes to the sent one: by formula always, by networks where a row asks (docs/sweeps.md).

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
from semcom.semantic.metrics.quality import ms_ssim, psnr_db, ssim
from semcom.semantic.reconstruct import Reconstruction

GREY = 128


def quality(
    metrics: Iterable[str], sent: np.ndarray, shown: np.ndarray | None, came: Reconstruction | None = None
) -> dict[str, float]:
    """By column of `store.COLUMNS`.

    Parameters
    ----------
    metrics : iterable of str
        Of ``cosine``, ``features``, ``labels``, ``words``, ``lpips=FOLDER``, ``clip=FOLDER``.
    sent : uint8 [height, width, 3]
    shown : uint8 [height, width, 3] or None
        None where no picture came: it counts as a grey one, in which nothing is found.
    came : Reconstruction or None
        Whose class map and caption are read; without them the sender looks at the picture that came.

    Raises
    ------
    ModelError
        A network is not there.
    """
    is_lost = shown is None or shown.shape != sent.shape
    picture = np.full_like(sent, GREY) if is_lost else shown
    found = {"psnr_db": psnr_db(sent, picture), "ssim": ssim(sent, picture), "ms_ssim": ms_ssim(sent, picture)}
    for name in metrics:
        kind, _, folder = name.partition("=")
        if is_lost and kind in ("labels", "words"):
            found[kind] = 0.0
        else:
            found[kind] = _measured(kind, folder, sent, picture, came)
    return found


def _measured(kind: str, folder: str, sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None) -> float:
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
    raise ValueError(f"metrics must be those of docs/sweeps.md, got {kind!r}")


def _labels(sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None) -> float:
    """Share of pixels with the sender's category, in the map that came or in what the sender sees in the picture."""
    labels, class_map = _seen(sent).labels, came.class_map if came is not None else None
    height, width = labels.shape
    return float(np.mean(labels == (class_map.shown(width, height) if class_map else _seen(shown).labels)))


def _words(sent: np.ndarray, shown: np.ndarray, came: Reconstruction | None) -> float:
    """Cosine of the sender's caption with the one that came, or with what the sender says of the picture."""
    caption = came.caption if came is not None else None
    texts = [_seen(sent).caption.text, (caption or _seen(shown).caption).text]
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
