"""A segmenter of one's own in place of ours: a class with a vocabulary that labels every pixel.

Run: ``python examples/own_segmenter.py PHOTO``; without PHOTO it takes the one that comes with scikit-image. Another
package offers its segmenter by an entry point in its pyproject.toml, and needs no `override`::

    [project.entry-points."semcom.segmenters"]
    by-colour = "my_package.segmenter:ByColour"

Requests then find it by that name; docs/plugins.md says how every kind of part is added.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcom.apps.commands.demo_photo import demo_photo
from semcom.semantic import decode, encode, load_picture, registry
from semcom.semantic.request import EncodeRequest, PartChoice
from semcom.semantic.vocabulary import Vocabulary


@dataclass
class Segmentation:
    """What a segmenter returns: labels uint8 [H, W], and how sure it is of each, score float32 [H, W], 0..1."""

    labels: np.ndarray
    score: np.ndarray


class ByColour:
    """Category of every pixel by its colour alone: blue is sky, green is a plant, warm is a person, the rest is a wall.

    Parameters
    ----------
    contrast : int
        Least difference of red and blue, 0 to 255. Arguments of ``__init__`` are the part's configuration.
    """

    vocabulary = Vocabulary.load("everyday-1")

    def __init__(self, contrast: int = 40) -> None:
        self.contrast = contrast

    def __call__(self, image: np.ndarray) -> Segmentation:
        red, green, blue = image.astype(np.int16).transpose(2, 0, 1)
        labels = np.full(image.shape[:2], self.vocabulary["wall"].id, np.uint8)
        labels[(green > red) & (green > blue)] = self.vocabulary["plant"].id
        labels[blue > red + self.contrast] = self.vocabulary["sky"].id
        labels[red > blue + self.contrast] = self.vocabulary["person"].id
        return Segmentation(labels, np.full(labels.shape, 0.6, np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photo", type=Path, nargs="?", help="default: the photo of `semcom demo`")
    options = parser.parse_args()
    image = load_picture(options.photo or demo_photo())

    # The request names the part; what is not named is left to the system. `override` stands in for the entry point.
    request = EncodeRequest(parts={"segmenter": PartChoice("by-colour")}, budget_bytes=1200)
    with registry.override("segmenters", "by-colour", ByColour()):
        packet = encode(image, request=request)

    # A receiver knows nothing of the segmenter: the packet says what its labels mean.
    shown = decode(packet)
    labels, counts = np.unique(shown.class_map.labels, return_counts=True)
    print(shown.caption.text)
    for label, count in zip(labels, counts, strict=True):
        name = "no label" if label == 255 else shown.class_map.vocabulary[int(label)].name
        print(f"{name:12} {count / shown.class_map.labels.size:6.1%}")


if __name__ == "__main__":
    main()
