"""Names of the parts a system is put together from, and whole systems; each made on demand with its configuration.

Our own are listed here, one line each (layer kinds: one file each in ``semantic/layers``). Other packages add theirs
through entry points of the groups ``semcom.<kind>``; docs/plugins.md shows how. A plug-in that fails to import or does
not fit its protocol is named in `problems`, and nothing else suffers from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from semcom.semantic.errors import SemanticError
from semcom.semantic.part_fit import PROTOCOLS, call_factory, check_fit, checked_config, singular

MAX_PARTS = 32
"""Parts kept made; the one used longest ago goes first."""

_OWN = {
    "segmenters": {
        "best": "semcom.semantic.extract.scene_segmenter:best_segmenter",
        "deeplab": "semcom.semantic.backends.vision.deeplab:deeplab",
        "everyday": "semcom.semantic.extract.segmenter:Segmenter",
        "fcn-resnet50": "semcom.semantic.backends.vision.fcn:fcn_resnet50",
        "mask2former": "semcom.semantic.backends.segmenters:mask2former",
        "oneformer": "semcom.semantic.backends.vision.oneformer:oneformer",
        "scene": "semcom.semantic.extract.scene_segmenter:SceneSegmenter",
        "segformer": "semcom.semantic.backends.segmenters:segformer",
    },
    "detailers": {
        "backbone-boundaries": "semcom.semantic.extract.backbone_detailer:BackboneDetailer",
        "best": "semcom.semantic.extract.backbone_detailer:best_detailer",
        "boundaries": "semcom.semantic.extract.detailer:Detailer",
        "sam": "semcom.semantic.backends.sam:SamDetailer",
        "segment-anything": "semcom.semantic.backends.vision.segment_anything:OriginalSamDetailer",
        "segment-anything-package": "semcom.semantic.backends.vision.segment_anything:PackageSamDetailer",
    },
    "detectors": {
        "components": "semcom.semantic.extract.instances:ComponentDetector",
        "detr": "semcom.semantic.backends.vision.detr:DetrDetector",
    },
    "captioners": {
        "best": "semcom.semantic.captioning.describing:best_captioner",
        "blip": "semcom.semantic.backends.captioners:BlipCaptioner",
        "composed": "semcom.semantic.extract.captioner:ComposedCaptioner",
        "describing": "semcom.semantic.captioning.describing:DescribingCaptioner",
        "llava-interleave": "semcom.semantic.backends.captioners:VlmCaptioner",
        "smolvlm": "semcom.semantic.backends.captioners:SmolVlmCaptioner",
    },
    "reconstructors": {
        "best": "semcom.semantic.reconstruct.best:Best",
        "drawing": "semcom.semantic.reconstruct.drawing:Drawing",
        "generator": "semcom.semantic.reconstruct.generator:Generator",
        "controlnet": "semcom.semantic.backends.generation.controlnet:ControlNetDiffusion",
        "es-irm": "semcom.semantic.backends.generation.es_irm:EsIrm",
        "ip-adapter": "semcom.semantic.backends.diffusion:IpAdapterDiffusion",
        "lcm": "semcom.semantic.backends.diffusion:LcmDiffusion",
        "stable-diffusion": "semcom.semantic.backends.diffusion:Diffusion",
    },
    "repairers": {
        "bart": "semcom.semantic.backends.bart:BartRepairer",
        "ngram": "semcom.semantic.repair.ngram:NgramRepairer",
        "none": "semcom.semantic.extract.repairer:NoRepair",
    },
    "picture_codecs": {
        "avif": "semcom.semantic.coding.picture_codecs.avif:Avif",
        "heic": "semcom.semantic.coding.picture_codecs.heic:Heic",
        "hyperprior": "semcom.semantic.coding.picture_codecs.hyperprior:Hyperprior",
        "jpeg2000": "semcom.semantic.coding.picture_codecs.jpeg2000:Jpeg2000",
        "webp": "semcom.semantic.coding.picture_codecs.webp:WebP",
    },
    "systems": {
        "avif": "semcom.semantic.systems.classical:avif",
        "es-isc": "semcom.semantic.systems.es_isc.system:EsIsc",
        "heic": "semcom.semantic.systems.classical:heic",
        "hyperprior": "semcom.semantic.systems.classical:hyperprior",
        "jpeg2000": "semcom.semantic.systems.classical:jpeg2000",
        "jscc": "semcom.semantic.systems.analog:jscc",
        "jscc_19db": "semcom.semantic.systems.analog:jscc_19db",
        "linear_analog": "semcom.semantic.systems.analog:linear_analog_system",
        "multi-sc": "semcom.semantic.systems.multi_sc.system:MultiSc",
        "pair": "semcom.semantic.systems.seb.system:pair",
        "seb": "semcom.semantic.systems.seb.system:Seb",
        "seb-end-to-end": "semcom.semantic.systems.seb.system:seb_end_to_end",
        "seb-learned": "semcom.semantic.systems.seb.system:seb_learned",
        "single-text": "semcom.semantic.systems.multi_sc.system:single_text",
        "vlm-csc": "semcom.semantic.systems.multi_sc.system:vlm_csc",
        "webp": "semcom.semantic.systems.classical:webp",
    },
}

_overridden: dict[tuple[str, str], Any] = {}
_failures: dict[tuple[str, str], str] = {}
_default_device = "cpu"
_version = 0


def names(kind: str) -> list[str]:
    """Names of all parts of a kind, one of `PROTOCOLS`: our own, plug-ins', overridden ones."""
    overridden = (name for of_kind, name in _overridden if of_kind == kind)
    return sorted({*_own(kind), *_plug_ins(kind), *overridden})


def own_names(kind: str) -> list[str]:
    """Names of our own parts of a kind: no other package is looked for."""
    return sorted(_own(kind))


def create(
    kind: str,
    name: str,
    config: Mapping[str, str | int | float | bool] | None = None,
    *,
    device: str | None = None,
    seed: int = 0,
) -> Any:
    """The part of that name; made once for all equal arguments.

    Parameters
    ----------
    kind : str
        One of `PROTOCOLS`.
    name : str
        One of `names(kind)`.
    config : mapping, optional
        Keyword arguments of the part.
    device : str or None
        Where it computes, as torch says it (``cpu``, ``cuda:0``); None is the host's default (`use_device`).
    seed : int
        Of whatever it draws at random.

    Raises
    ------
    SemanticError
        A name or a configuration key that is not known (the message lists those that are), or a plug-in that cannot be
        imported or made, or does not fit its protocol.
    ModelError
        It needs a network that cannot be loaded.
    """
    if (kind, name) in _overridden:
        return _overridden[kind, name]
    items = tuple(sorted(checked_config(kind, name, config or {}).items()))
    kinds_of_value = tuple(type(value).__name__ for _, value in items)  # for 1 == 1.0 == True
    return _made(kind, name, items, kinds_of_value, device or _default_device, seed)


def problems(kind: str) -> list[tuple[str, str]]:
    """(name, reason) of every plug-in of a kind that cannot be used as its entry point says."""
    if kind == "layers":
        import_module("semcom.semantic.layers.kind").kinds()  # numbers and labels are compared there
    found = dict(_plug_in_conflicts(kind))
    for name, point in _plug_ins(kind).items():
        try:
            factory = _loaded(kind, name, point)
            if isinstance(factory, type):
                check_fit(kind, name, factory, methods_only=True)
        except SemanticError as error:
            found.setdefault(name, str(error))
    for (of_kind, name), reason in _failures.items():
        if of_kind == kind:
            found.setdefault(name, reason)
    return sorted(found.items())


def report_problem(kind: str, name: str, reason: str) -> None:
    """Name a plug-in in `problems` that fits its protocol and cannot be used all the same."""
    _failures[kind, name] = reason


def use_device(device: str) -> None:
    """The device of all parts that are asked for without one: the host's choice, never a request's."""
    global _default_device
    _default_device = device


@contextmanager
def override(kind: str, name: str, part: Any) -> Iterator[None]:
    """Hand out `part` under a name, whatever configuration is asked for: for tests and experiments.

    Raises
    ------
    SemanticError
        It does not fit the protocol of its kind.
    """
    check_fit(kind, name, part)
    before = _overridden.get((kind, name))
    _set_override(kind, name, part)
    try:
        yield
    finally:
        _set_override(kind, name, before)


def version() -> int:
    """A number that changes whenever another set of parts may be known: for those who keep tables of them."""
    return _version


def clear_cache() -> None:
    """Forget all parts made and all plug-ins found."""
    global _version
    _version += 1
    _failures.clear()
    for cached in (_made, _entry_points):
        cached.cache_clear()


def release() -> None:
    """Let go of all parts made: their memory is free once nobody else holds them; they are made again when needed."""
    _made.cache_clear()


def _set_override(kind: str, name: str, part: Any) -> None:
    global _version
    _version += 1
    if part is None:
        _overridden.pop((kind, name), None)
    else:
        _overridden[kind, name] = part


def _own(kind: str) -> dict[str, str]:
    """Where each of our own parts of a kind is defined, as ``module:attribute``."""
    if kind not in PROTOCOLS:
        raise SemanticError(f"kind of part must be one of {', '.join(PROTOCOLS)}, got {kind!r}")
    return import_module("semcom.semantic.layers.kind").own_modules() if kind == "layers" else _OWN[kind]


@lru_cache(maxsize=len(PROTOCOLS))
def _entry_points(kind: str) -> tuple[EntryPoint, ...]:
    """All entry points of a kind, in an order that does not depend on the folders they lie in."""
    points = entry_points(group=f"semcom.{kind}")
    return tuple(sorted(points, key=lambda point: (point.name, point.dist.name if point.dist else "", point.value)))


def _plug_ins(kind: str) -> dict[str, EntryPoint]:
    """The entry point that serves each name that is not our own."""
    own = _own(kind)
    chosen: dict[str, EntryPoint] = {}
    for point in _entry_points(kind):
        if point.name not in own:
            chosen.setdefault(point.name, point)
    return chosen


def _plug_in_conflicts(kind: str) -> Iterator[tuple[str, str]]:
    """(name, reason) of entry points whose name another part has."""
    own, chosen = _own(kind), _plug_ins(kind)
    for point in _entry_points(kind):
        if point.name in own:
            yield (
                point.name,
                f"plug-in {point.value}: its name must not be that of a part of gr-semcom, got {point.name!r}",
            )
        elif point != chosen[point.name]:
            yield point.name, f"plug-in {point.value}: its name must be its own, {chosen[point.name].value} has it, too"


@lru_cache(maxsize=MAX_PARTS)
def _made(kind: str, name: str, items: tuple, kinds_of_value: tuple, device: str, seed: int) -> Any:
    try:
        factory, config = _factory(kind, name), dict(items)
        if not callable(factory):  # a layer kind or another part that needs no configuration, as an object
            part = factory
        else:
            part = call_factory(kind, name, factory, config, {"device": device, "seed": seed})
        check_fit(kind, name, part)
    except SemanticError as error:
        if name in _plug_ins(kind):
            _failures[kind, name] = str(error)
        raise
    return part


def _factory(kind: str, name: str) -> Any:
    own = _own(kind)
    if name in own:
        module, attribute = own[name].split(":")
        return getattr(import_module(module), attribute)
    plug_ins = _plug_ins(kind)
    if name not in plug_ins:
        raise SemanticError(f"{singular(kind)} must be one of {names(kind)}, got {name!r}")
    return _loaded(kind, name, plug_ins[name])


def _loaded(kind: str, name: str, point: EntryPoint) -> Any:
    try:
        return point.load()
    except (Exception, SystemExit) as error:  # whatever another package does while it is imported
        raise SemanticError(
            f"{singular(kind)} {name!r}: {point.value} must be importable, got {type(error).__name__}: {error}"
        ) from error
