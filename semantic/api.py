"""Picture → packet → picture, by whichever system a request names.

```
picture, request ─ analyse ─► Analysis ─ code (budget) ─► packet ─ decode ─► Reconstruction
                      │           └───── refine ────────► more layers
                      └ checks the request, blanks what must not be sent, then the system looks: nothing else may
```

`analyse` is the only place where a picture is looked at for sending. Whoever needs another budget, a finer map or a
close-up starts from its `Analysis`, so that what was withheld once stays withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from semcom.semantic.analysis import Analysis, Guard
from semcom.semantic.backends.presets import models_preset
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import RequestError, SemanticError
from semcom.semantic.extract.privacy import blank, hidden_categories
from semcom.semantic.layers import MAX_IMPORTANCE, Layer, LayerKey
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.parts import make_part, make_system, part_of, stand_ins
from semcom.semantic.picture_file import check_picture
from semcom.semantic.plain_texts import plain_within, with_plain_texts
from semcom.semantic.protocols import DraftingSystem, System
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice

DEFAULT_SEGMENTER = PartChoice("best")
"""Looks for what must not be sent where neither the request nor the system names a segmenter."""

Identity = tuple[int, int, int]


def check_request(request: EncodeRequest) -> System:
    """Refuse a request that cannot be honoured, before any picture is there; the system that would honour it.

    Raises
    ------
    RequestError
        The system does not honour something that the request sets, knows no such profile or no such kind of part.
    SemanticError, VocabularyError, ModelError
        An unknown system, part, configuration key or category; a network that cannot be loaded.
    """
    system = make_system(request.system)
    default = EncodeRequest()
    for name in ("budget_bytes", "profile", "without", "text", "seed", "parts", "config"):
        if name not in system.honours and getattr(request, name) != getattr(default, name):
            raise RequestError(f"system {request.system} cannot honour {name}, got {_told(request, name)}")
    if request.profile is not None and request.profile not in system.profiles:
        known = ", ".join(system.profiles)
        raise RequestError(f"profile of system {request.system} must be one of {known}, got {request.profile!r}")
    for kind, choice in request.parts.items():
        if kind not in system.parts:
            known = ", ".join(system.parts) or "none"
            raise RequestError(f"parts of system {request.system} must be of the kinds {known}, got {kind!r}")
        make_part(kind, choice, request.seed)
    preset = models_preset(request.models, request.system)
    if preset.parts and not system.parts:
        raise RequestError(f"system {request.system} cannot honour models, got {request.models!r}")
    for kind in sorted({*preset.parts} & {*system.parts}):
        part_of(kind, request, system.parts)
    if request.without:
        hidden_categories(request.without, _segmenter(request, system).vocabulary)
    return system


def analyse(image: np.ndarray, request: EncodeRequest | None = None) -> Analysis:
    """What is found in a picture under a request: once per picture, the expensive part.

    Parameters
    ----------
    image : uint8 [height, width, 3]
    request : EncodeRequest or None
        None asks for nothing in particular.

    Returns
    -------
    Analysis
        For `code` and `refine`, as often as needed.

    Raises
    ------
    PictureError
        Not such an array, or outside the limits.
    RequestError, SemanticError, ModelError
        As for `check_request`.
    """
    check_picture(image)
    request = EncodeRequest() if request is None else request
    system = check_request(request)
    guard = Guard()
    if request.without:
        segmenter = _segmenter(request, system)
        hidden = hidden_categories(request.without, segmenter.vocabulary)
        blanked = blank(image, segmenter, hidden)
        image, guard = blanked.picture, Guard(request.without, hidden, blanked.withheld)
    return system.analyse(image, request, guard)


def code(analysis: Analysis, budget_bytes: int | None = None, identity: Identity = (0, 0, 1)) -> SemanticPacket:
    """The packet of an analysed picture.

    Parameters
    ----------
    analysis : Analysis
    budget_bytes : int or None
        Most bytes of the packet; None takes the request's.
    identity : (stream, group, picture)
        Who sends, which set of pictures, which picture of it (from 1).
    """
    budget_bytes = analysis.request.budget_bytes if budget_bytes is None else budget_bytes
    system = make_system(analysis.request.system)
    if analysis.request.text == "soft":
        packet = plain_within(lambda most_bytes: system.code(analysis, most_bytes, identity), budget_bytes)
    else:
        packet = system.code(analysis, budget_bytes, identity)
    return _with_note(packet, analysis)


def draft(analysis: Analysis, budget_bytes: int, identity: Identity = (0, 0, 1)) -> list[tuple[LayerKey, int, int]]:
    """What `code` would give in so many bytes, uncoded: (key, importance, expected bytes) of each layer.

    Of a system that cannot tell, one layer of middle importance.
    """
    system = make_system(analysis.request.system)
    if isinstance(system, DraftingSystem):
        return system.draft(analysis, budget_bytes, identity)
    return [(LayerKey(*identity, 1), MAX_IMPORTANCE // 2 + 1, budget_bytes)]


def encode(
    image: np.ndarray,
    system: str | None = None,
    budget_bytes: int | None = None,
    stream: int = 0,
    group: int = 0,
    picture: int = 1,
    profile: str | None = None,
    without: Iterable[str] = (),
    *,
    request: EncodeRequest | None = None,
) -> SemanticPacket:
    """What a picture means, as a packet.

    Parameters
    ----------
    image : uint8 [height, width, 3]
        As `load_picture` reads it.
    system : str or None
        A name from `registry.names("systems")`; None is ``es-isc``.
    budget_bytes : int or None
        Most bytes of the packet; None leaves it to the system.
    stream, group, picture : int
        Identity: who sends, which set of pictures, which picture of it (from 1).
    profile : str or None
        What bytes are for, of a system that knows profiles: ``meaning``, ``pixels`` or ``tasks``; None is its default.
    without : str or iterable of str
        Categories or groups of the vocabulary (``person``, ``vehicle``) that must not be sent: blanked in the picture
        before anything is coded, and named in no layer. As well as the segmenter sees them: docs/privacy.md.
    request : EncodeRequest or None
        All of this in one value, in place of `system`, `budget_bytes`, `profile` and `without`.

    Raises
    ------
    PictureError, RequestError, ModelError, SemanticError
    """
    return code(
        analyse(image, _request(request, system, budget_bytes, profile, without)), None, (stream, group, picture)
    )


def encode_set(
    images: Sequence[np.ndarray],
    request: EncodeRequest | None = None,
    stream: int = 0,
    group: int = 0,
    first_picture: int = 1,
) -> list[SemanticPacket]:
    """Packets of pictures that belong together, each within the request's budget; they may share layers of their group.

    Parameters
    ----------
    images : sequence of uint8 [height, width, 3]
    request : EncodeRequest or None
        Of every picture.
    stream, group, first_picture : int
        Identity; pictures are numbered from `first_picture`.
    """
    request = EncodeRequest() if request is None else request
    analyses = [analyse(image, request) for image in images]
    identities = [(stream, group, first_picture + index) for index in range(len(analyses))]
    packets = make_system(request.system).code_set(analyses, request.budget_bytes, identities)
    if request.text == "soft":
        packets = [with_plain_texts(packet) for packet in packets]
    return [_with_note(packet, analysis) for packet, analysis in zip(packets, analyses, strict=True)]


def refine(analysis: Analysis, refinement: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
    """Layers that answer a refinement request about a packet of the analysed picture; none where no more can be said.

    Parameters
    ----------
    analysis : Analysis
        The one the packet was coded from, or a new one under the same `EncodeRequest`: what was withheld stays so.
    refinement : RefinementRequest
    packet : SemanticPacket
        As the receiver has it, with the answers so far.

    Raises
    ------
    SemanticError
        An object that the packet does not list.
    """
    return make_system(analysis.request.system).refine(analysis, refinement, packet)


def decode(
    packet: SemanticPacket,
    reconstructor: str = "best",
    texture: float = 0.0,
    seed: int = 0,
    *,
    backend: str | None = None,
    max_pixels: int | None = None,
) -> Reconstruction:
    """Caption, objects, maps and picture of a packet, from whatever layers it has.

    The system is found by the name in the packet's header; where that is missing or not known here, what can be shown
    is shown.

    Parameters
    ----------
    packet : SemanticPacket
    reconstructor : str
        ``drawing`` (no model), ``generator`` (learned, extra ``models``), or ``best``: what `semcom decode` takes, the
        generator where torch is installed; docs/reconstruction.md.
    texture : float
        Of the generator: 0 for what is likeliest, up to 1 for made-up texture.
    seed : int
        Of the texture.
    backend : str or None
        Former name of `reconstructor`.
    max_pixels : int or None
        Larger pictures are rebuilt smaller; None is the usual limit.
    """
    options = DecodeOptions(backend or reconstructor, texture, seed, max_pixels)
    name = packet.header.system if packet.header is not None else ""
    try:
        system = make_system(name) if name else None
    except SemanticError:
        system = None
    return decode_any(packet, options) if system is None else system.decode(packet, options)


def _request(
    request: EncodeRequest | None,
    system: str | None,
    budget_bytes: int | None,
    profile: str | None,
    without: Iterable[str],
) -> EncodeRequest:
    """The request of `encode`'s arguments: one value, or one by one."""
    given = {"system": system, "budget_bytes": budget_bytes, "profile": profile, "without": without}
    given = {name: value for name, value in given.items() if value is not None and value != ()}
    if request is None:
        return EncodeRequest(**given)
    if given:
        raise RequestError(f"{next(iter(given))} must be given in the request, or without one, got both")
    return request


def _segmenter(request: EncodeRequest, system: System):
    """The segmenter that looks for what must not be sent: the one the system works with."""
    if "segmenter" in system.parts:
        return part_of("segmenter", request, system.parts)
    return make_part("segmenter", DEFAULT_SEGMENTER, request.seed)


def _with_note(packet: SemanticPacket, analysis: Analysis) -> SemanticPacket:
    """With notes for the sender: how much was withheld, and which parts only stand in for better ones."""
    notes = stand_ins(analysis.request, make_system(analysis.request.system).parts)
    if analysis.guard.names:
        notes = [analysis.guard.note, *notes]
    return packet.leaving_out([*notes, *packet.left_out]) if notes else packet


def _told(request: EncodeRequest, name: str) -> str:
    value = getattr(request, name)
    return ", ".join(value) if isinstance(value, tuple) else repr(value)
