"""Whether a model works here: loaded, run once on a small picture, with the time and the memory it took."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from semcom.semantic import registry
from semcom.semantic.backends.catalogue import Entry, folder_of, models_folder
from semcom.semantic.backends.loading import load
from semcom.semantic.backends.lock import FILE, check_files, read_lock
from semcom.semantic.backends.pipelines import DiffusionPipeline, LcmPipeline
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import Objects
from semcom.semantic.vocabulary import NO_LABEL, Vocabulary

PARTS = {
    "blip": ("captioners", "blip", {}),
    "llava-interleave": ("captioners", "llava-interleave", {}),
    "smolvlm": ("captioners", "smolvlm", {}),
    "segformer-b0": ("segmenters", "segformer", {"name": "segformer-b0"}),
    "segformer-b2": ("segmenters", "segformer", {"name": "segformer-b2"}),
    "mask2former": ("segmenters", "mask2former", {}),
    "oneformer": ("segmenters", "oneformer", {}),
    "fcn-resnet50": ("segmenters", "fcn-resnet50", {}),
    "deeplab": ("segmenters", "deeplab", {}),
    "detr": ("detectors", "detr", {"least_score": 0.0}),
    "segment-anything": ("detailers", "segment-anything", {"points_per_side": 4}),
    "bart": ("repairers", "bart", {}),
    "sam-base": ("detailers", "sam", {"points_per_side": 4}),
}
"""Kind and name in the registry, and configuration, of the models that are a part by themselves."""
STEPS = 2
DAMAGED = "A rad car on a rood."


@dataclass(frozen=True)
class Trial:
    """Seconds to load and to run once; most memory of this process or of the GPU so far, bytes; what came out."""

    load_s: float
    run_s: float
    peak_bytes: int
    result: str


def try_model(entry: Entry, device: str = "cpu") -> Trial:
    """Load a model from its folder below the folder of models, and run it once.

    Raises
    ------
    ModelError
        It cannot be loaded, its files are not the locked ones, or it does not run.
    """
    locked = read_lock(models_folder() / FILE).get(entry.name)
    if locked is not None:
        check_files(entry.name, folder_of(entry.name), locked)
    image = trial_picture()
    start = time.perf_counter()
    run = _loaded(entry, image, device)
    loaded = time.perf_counter()
    try:
        result = run()
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ModelError(f"model {entry.name} was loaded and does not run: {said}") from error
    return Trial(loaded - start, time.perf_counter() - loaded, _peak_bytes(device), result)


def _loaded(entry: Entry, image: np.ndarray, device: str) -> Callable[[], str]:
    """What runs it once and tells what came out."""
    if entry.name in PARTS:
        kind, name, config = PARTS[entry.name]
        part = registry.create(kind, name, config, device=device)
        vocabulary = Vocabulary.load("everyday-1")
        nothing = np.full(image.shape[:2], NO_LABEL, np.uint8), Objects(*image.shape[1::-1], vocabulary, ())
        score = np.zeros(image.shape[:2], np.float32)
        return {
            "captioners": lambda: f"“{part(image, *nothing).text}”",
            "segmenters": lambda: f"{len(np.unique(part(image).labels))} categories",
            "repairers": lambda: f"“{part(DAMAGED, {})[0]}”",
            "detectors": lambda: f"{len(part(image, nothing[0], score, vocabulary).items)} objects",
            "detailers": lambda: f"{(part(image) > 0).mean():.1%} boundary",
        }[kind]
    if entry.role in ("reconstructor", "adapter"):
        pipeline = _pipeline(entry.name, device)
        look = image if pipeline.has_adapter else None
        return lambda: f"{pipeline(['A red car.'], (512, 512), 1, steps=STEPS, look=look).shape[1]} pixels wide"
    if entry.role == "metric":
        metric = load(entry.name, "", device, "CLIPModel", "AutoProcessor", {"clip"})
        given = metric.processor(text=["a red car"], images=[image], return_tensors="pt").to(device, metric.dtype)
        return lambda: f"similarity {float(metric.model(**given).logits_per_image[0, 0]):.1f}"
    raise ModelError(f"model {entry.name} cannot be run by itself")


def _pipeline(name: str, device: str) -> DiffusionPipeline:
    """What runs a reconstructor's model, or an adapter with the model that it belongs to."""
    if name.startswith("controlnet"):
        from semcom.semantic.backends.generation.controlnet import ControlledPipeline

        return ControlledPipeline(device=device)
    if name == LcmPipeline.model:
        return LcmPipeline(device=device)
    return DiffusionPipeline("", "" if name == "ip-adapter" else None, device)


def trial_picture(side: int = 256) -> np.ndarray:
    """uint8 [side, side, 3]: sky, ground, something red on it."""
    image = np.full((side, side, 3), (120, 170, 230), np.uint8)
    image[side // 2 :] = (110, 110, 112)
    image[side * 5 // 8 : side * 7 // 8, side // 4 : side // 2] = (190, 30, 30)
    return image


def _peak_bytes(device: str) -> int:
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_allocated(torch.device(device))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
