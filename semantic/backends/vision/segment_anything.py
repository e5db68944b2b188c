"""B-seg by checkpoints of the project ``segment-anything``: through transformers, or by that package if it is there."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.catalogue import entry, folder_of
from semcom.semantic.backends.loading import Loaded, load_error
from semcom.semantic.backends.mask_filters import boundaries
from semcom.semantic.backends.memory import check_fits
from semcom.semantic.backends.runtime import check_device, library, number_format, quietly
from semcom.semantic.backends.sam import SamDetailer
from semcom.semantic.backends.tensors.key_mapping import fill
from semcom.semantic.backends.tensors.sam_keys import as_ours, sam_config
from semcom.semantic.backends.tensors.tensor_files import find_tensor_file, read_tensors
from semcom.semantic.errors import ModelError

NAME, FILES = "segment-anything", ("sam_vit_*", "model")
SIZES = {768: "vit_b", 1024: "vit_l", 1280: "vit_h"}
"""Width of the image encoder → name of the size in the package's registry."""
MAX_SIDE_PX = 1024
"""The package holds every mask at the picture's size: larger pictures are looked at smaller."""


class OriginalSamDetailer(SamDetailer):
    """`SamDetailer` with a checkpoint as the project published it (``sam_vit_b_01ec64.pth``); parameters as there."""

    def _load(self, folder: str, device: str) -> Loaded:
        transformers = library("transformers")
        from transformers.models.sam import SamImageProcessorPil

        path = find_tensor_file(folder_of(NAME, folder), NAME, FILES, bool(folder))
        device = check_device(device)
        tensors = read_tensors(path, NAME)
        check_fits(NAME, sum(tensor.numel() for tensor in tensors.values()), entry(NAME).role, device)
        try:
            config = transformers.SamConfig(**sam_config(tensors))
            with quietly():
                network = transformers.SamModel(config)
        except KeyError as error:
            raise ModelError(f"model {NAME}: {path} must be a checkpoint of segment-anything, got no {error}") from None
        except Exception as error:  # sizes that do not go together
            raise load_error(NAME, path, error) from error
        fill(network, as_ours(tensors), NAME)
        side = config.vision_config.image_size
        images = SamImageProcessorPil(size={"longest_edge": side}, pad_size={"height": side, "width": side})
        dtype = number_format(device)
        network = network.to(device, dtype).eval().requires_grad_(False)
        return Loaded(network, transformers.SamProcessor(images), device, dtype)


class PackageSamDetailer:
    """The package ``segment_anything`` with its own generator of masks, where a user has it and its torchvision.

    Parameters
    ----------
    folder : str
        With the checkpoint.
    points_per_side : int
    least_iou, least_stability : float
        Of masks that count.
    device : str

    Raises
    ------
    ModelError
        The package is not there, or the checkpoint is none of its sizes.
    """

    def __init__(
        self,
        folder: str = "",
        points_per_side: int = 16,
        least_iou: float = 0.88,
        least_stability: float = 0.9,
        device: str = "cpu",
    ) -> None:
        if "segment_anything" not in sys.modules and find_spec("segment_anything") is None:
            raise ModelError(
                "detailer segment-anything-package needs the package segment_anything with torchvision, not installed; "
                "the detailer segment-anything reads the same checkpoints without them"
            )
        path = find_tensor_file(folder_of(NAME, folder), NAME, FILES, bool(folder))
        tensors = read_tensors(path, NAME)
        width = tensors["image_encoder.pos_embed"].shape[-1] if "image_encoder.pos_embed" in tensors else None
        if width not in SIZES:
            raise ModelError(f"model {NAME}: {path} must be one of {', '.join(SIZES.values())}, got width {width}")
        try:
            package: Any = import_module("segment_anything")
            network = package.sam_model_registry[SIZES[width]](checkpoint=None)
        except Exception as error:  # whatever a package of somebody else, and its torchvision, does
            raise load_error(NAME, path, error) from error
        fill(network, tensors, NAME)
        self._generator = package.SamAutomaticMaskGenerator(
            network.to(check_device(device)).eval(),
            points_per_side=points_per_side,
            pred_iou_thresh=least_iou,
            stability_score_thresh=least_stability,
        )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """float32 [height, width], 0..1, of the image, uint8 [height, width, 3]."""
        size = image.shape[1], image.shape[0]
        small = Image.fromarray(image)
        small.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
        found = self._generator.generate(np.asarray(small))
        masks = np.array([one["segmentation"] for one in found], bool).reshape(-1, small.height, small.width)
        scores = np.clip(np.array([one["predicted_iou"] for one in found], np.float32), 0.0, 1.0)
        strength = Image.fromarray(boundaries(masks, scores))
        return np.clip(np.asarray(strength.resize(size, Image.Resampling.BILINEAR)), 0.0, 1.0)
