"""The reconstructor that shows most of a packet here: the generator where torch is installed, else the drawing."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct.drawing import Drawing
from semcom.semantic.reconstruct.from_bases import has_bases


class Best:
    """Layers → picture and provenance.

    A picture that a classical codec coded whole is shown as it is: the generator was trained on scenes and maps. So is
    a map whose regions have their own colours where no pixels came: the generator invents others.

    Raises
    ------
    ModelError
        Torch is installed, and the generator's weights are missing or damaged.
    """

    name = "best"

    def __init__(self) -> None:
        self._drawing = Drawing()
        self._generator = None
        if find_spec("torch") is not None:
            from semcom.semantic.reconstruct.generator import Generator

            self._generator = Generator()

    def __call__(
        self, packet: SemanticPacket, max_pixels: int, texture: float = 0.0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `drawing.Drawing` or `generator.Generator`."""
        drawn = packet.of_kind(LayerKind.PICTURE) or has_bases(packet) or _is_coloured_map(packet)
        chosen = self._drawing if self._generator is None or drawn else self._generator
        return chosen(packet, max_pixels, texture, seed)


def _is_coloured_map(packet: SemanticPacket) -> bool:
    scenes = [layer for layer in packet.of_kind(LayerKind.SUB_IMAGE) if layer.content.is_scene]
    return not scenes and bool(packet.of_kind(LayerKind.MAP_COLOURS))
