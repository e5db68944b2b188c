"""FCN-ResNet50 as segmenter: what Multi-SC cuts the main object out with (§II-A), its 21 VOC classes as ours.

The published checkpoint (torchvision's ``fcn_resnet50_coco``) is read as it is, without torchvision: the network is
defined in `semantic.nets.fcn_resnet`.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.backends.catalogue import entry, folder_of
from semcom.semantic.backends.label_tables import table_labels, to_vocabulary
from semcom.semantic.backends.memory import check_fits
from semcom.semantic.backends.runtime import check_device, quietly
from semcom.semantic.backends.segmenters import MappedSegmenter
from semcom.semantic.backends.tensors.key_mapping import fill, renamed
from semcom.semantic.backends.tensors.tensor_files import find_tensor_file, read_tensors
from semcom.semantic.errors import ModelError
from semcom.semantic.vocabulary import Vocabulary

NAME = "fcn-resnet50"
FILES = ("fcn_resnet50*", "model")
SHORT_SIDE_PX, LONG_SIDE_PX = 520, 1024
"""The shorter side is brought to what the network was trained at, unless the longer one would get too long."""
KEYS = ((r"aux_classifier\..*", None), (r".*\.num_batches_tracked", None), (r"module\.(.*)", r"\1"))
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def fcn_resnet50(folder: str = "", device: str = "cpu") -> MappedSegmenter:
    """The segmenter.

    Parameters
    ----------
    folder : str
        With the checkpoint, safetensors or (of a folder named here alone) the ``.pth`` as published; empty takes
        ``fcn-resnet50`` of the folder of models.
    device : str

    Raises
    ------
    ModelError
    """
    try:
        import torch

        from semcom.semantic.nets.fcn_resnet import FcnResNet
    except ImportError as error:
        raise ModelError(f"model {NAME} needs torch: pip install 'gr-semcom[models]'") from error
    path = find_tensor_file(folder_of(NAME, folder), NAME, FILES, bool(folder))
    device = check_device(device)
    check_fits(NAME, entry(NAME).parameters, entry(NAME).role, device)
    tensors = renamed(read_tensors(path, NAME), KEYS)
    labels = table_labels("voc")
    sizes = _sizes(tensors, len(labels))
    with torch.device("meta"):
        network = FcnResNet(len(labels), *sizes)
    network = network.to_empty(device="cpu")
    fill(network, tensors, NAME, left=(r".*\.num_batches_tracked",))
    network = network.to(device).eval().requires_grad_(False)

    def probabilities_of(image: np.ndarray) -> np.ndarray:
        with quietly(), torch.inference_mode():
            given = torch.from_numpy(prepared(image)).to(device)
            return network(given)[0].float().softmax(0).cpu().numpy().astype(np.float32)

    return MappedSegmenter(probabilities_of, to_vocabulary(labels, Vocabulary.load("everyday-1"), "voc"))


def prepared(image: np.ndarray) -> np.ndarray:
    """float32 [1, 3, rows, columns] of an image, uint8 [height, width, 3], at the size of training."""
    height, width = image.shape[:2]
    scale = min(SHORT_SIDE_PX / min(height, width), LONG_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR), np.float32) / 255
    standard = (scaled - np.float32(MEAN)) / np.float32(DEVIATION)
    return np.ascontiguousarray(standard.transpose(2, 0, 1))[None]


def _sizes(tensors: dict, num_classes: int) -> tuple[tuple[int, ...], int]:
    """(blocks of each stage, channels of the first) that a checkpoint has; `ModelError` where it is no such network."""
    first, last = tensors.get("backbone.conv1.weight"), tensors.get("classifier.4.weight")
    if first is None or last is None:
        missing = "backbone.conv1.weight" if first is None else "classifier.4.weight"
        raise ModelError(f"model {NAME}: its checkpoint must be of an FCN on a ResNet, got none of {missing}")
    if last.shape[0] != num_classes:
        raise ModelError(f"model {NAME}: must have {num_classes} VOC classes, got {last.shape[0]}")
    depths = []
    for stage in range(1, 5):
        numbers = [key.split(".")[2] for key in tensors if key.startswith(f"backbone.layer{stage}.")]
        depths.append(min(64, max((int(number) for number in numbers if number.isdigit()), default=0) + 1))
    return tuple(depths), min(256, int(first.shape[0]))
