"""The scene of a packet: its finest picture of the whole, a base and its refinement put together where both came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semcom.semantic.coding.picture import prediction_weight
from semcom.semantic.coding.prediction import Prediction
from semcom.semantic.layers import LayerKind, SubImage
from semcom.semantic.packet import SemanticPacket


@dataclass(frozen=True)
class Scene:
    """The whole picture, small.

    Attributes
    ----------
    pixels : uint8 [rows, columns, 3]
    reduction : float
        How many pixels of the picture one of these stands for, along a side.
    """

    pixels: np.ndarray
    reduction: float


def scene_of(packet: SemanticPacket) -> Scene | None:
    """The finest scene that the layers give (the first of equals); a refinement without its base gives none."""
    layers = [(layer.key.layer, layer.content) for layer in packet.of_kind(LayerKind.SUB_IMAGE)]
    alone = {number: content for number, content in layers if content.is_scene}
    choices: list[tuple[float, SubImage, SubImage | None]] = [
        (scene.reduction, scene, None) for scene in alone.values()
    ]
    for number, content in layers:
        base = alone.get(number - 1)
        if content.is_refinement and base is not None:
            choices.append((content.reduction, content, base))
    if not choices:
        return None
    reduction, finest, base = min(choices, key=lambda choice: choice[0])
    if base is None:
        return Scene(finest.pixels, reduction)
    prediction = Prediction(base.pixels, prediction_weight(finest.coded))
    return Scene(prediction.refined(finest.pixels), reduction)
