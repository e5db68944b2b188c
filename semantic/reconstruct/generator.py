"""The generator (ES-IRM): any subset of layers → the picture at full size, drawn by a network this project trained.

```
packet ─► canvas (drawing, planes, labels, caption) ─► network ─► change ──► drawing + change = faithful ─┐
                                                noise ────┘  └─► detail ─────────────────────────────────┴─► vivid
```

The network adds to the drawing; pixels received at full resolution stay as they are.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter

from semcom.installation.packages import missing
from semcom.semantic.errors import ModelError
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import provenance as prov
from semcom.semantic.reconstruct.canvas import GRID, SIDE_STEP, Canvas, prepare
from semcom.semantic.reconstruct.drawing import draw
from semcom.semantic.reconstruct.sentence_vector import sentence_vector

WEIGHTS = Path(__file__).resolve().parents[1] / "weights/generator.safetensors"
WORKING_PIXELS = 1_500_000
"""Larger pictures are generated at this size; what the network adds is enlarged and added to the full drawing."""
NOTICEABLE = 4.0
"""Of 255 levels, mean over `_NEARBY_PX`: received pixels that the network changed by less count as received."""
_NEARBY_PX = 9
_TONE_CELLS = 9
_NETWORK = "generator-2"
_NEEDS_TORCH = "the generator needs torch: pip install 'gr-semcom[models]'"


class Generator:
    """Layers → picture and provenance.

    Parameters
    ----------
    weights : path or None
        None takes those shipped.
    threads : int
        CPU threads.

    Raises
    ------
    ModelError
        No torch, or weights that are missing, damaged or another network's; the message names the file.
    """

    name = "generator"

    def __init__(self, weights: Path | str | None = None, threads: int = 1) -> None:
        try:
            from semcom.semantic.nets.generator_net import GeneratorNet
            from semcom.semantic.nets.generator_running import run_generator
            from semcom.semantic.nets.loading import load_weights
        except ImportError as error:
            raise ModelError(missing("sending pictures") or _NEEDS_TORCH) from error
        path = Path(weights) if weights is not None else WEIGHTS
        self.threads = threads
        self._net, self._run_net = GeneratorNet(), run_generator
        metadata = load_weights(path, self._net)
        if metadata.get("network") != _NETWORK:
            raise ModelError(f"weights {path}: network must be {_NETWORK!r}, got {metadata.get('network')!r}")

    def __call__(
        self, packet: SemanticPacket, max_pixels: int, texture: float = 0.0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Generate a picture.

        Parameters
        ----------
        packet : SemanticPacket
            Any subset of layers, as long as one of them tells the picture's size.
        max_pixels : int
            Larger pictures are drawn smaller, in the same shape.
        texture : float
            0 faithful: what is likeliest. 1 vivid: with all the detail that makes it look whole, made up from noise.
        seed : int
            Of that noise: the same seed gives the same picture.

        Returns
        -------
        picture : uint8 [height, width, 3]
        provenance : uint8 [height, width]
            `GENERATED` where no pixels were received, or the network changed them noticeably.

        Raises
        ------
        ModelError
            texture outside 0..1.
        """
        if not 0.0 <= texture <= 1.0:
            raise ModelError(f"texture must be 0 to 1, got {texture}")
        canvas = prepare(packet, min(max_pixels, WORKING_PIXELS))
        added = self._added(canvas, texture, seed)
        if min(math.prod(packet.size), max_pixels) <= WORKING_PIXELS:
            drawing, provenance = canvas.drawing, canvas.provenance
        else:
            drawing, provenance = draw(packet, max_pixels)
        made = provenance & prov.RESOLUTION_MASK != 1
        changed = np.zeros(made.shape, np.float32)
        for channel in range(3):
            plane = Image.fromarray(np.ascontiguousarray(added[..., channel]))
            if added.shape[:2] != made.shape:
                plane = plane.resize(made.shape[::-1], Image.Resampling.BICUBIC)
            changed += np.abs(plane) / 3
            moved = np.clip(np.rint(drawing[..., channel] + np.asarray(plane)), 0, 255).astype(np.uint8)
            drawing[..., channel] = np.where(made, moved, drawing[..., channel])
        noticeable = uniform_filter(changed, _NEARBY_PX, mode="nearest") >= NOTICEABLE
        generated = made & (noticeable | (provenance & prov.RESOLUTION_MASK == 0))
        return drawing, provenance | np.where(generated, np.uint8(prov.GENERATED), np.uint8(0))

    def _added(self, canvas: Canvas, texture: float, seed: int) -> np.ndarray:
        """float32 [height, width, 3]: what to add to the drawing, in units of its levels."""
        change, detail = self._run(canvas, np.random.default_rng(seed) if texture > 0.0 else None)
        _keep_received_colours(change, canvas.planes[1])
        height, width = canvas.provenance.shape
        if detail is not None:
            change = change + np.float32(texture) * detail
        added = 255 * change.transpose(1, 2, 0)
        return added[:height, :width].astype(np.float32)

    def _run(self, canvas: Canvas, rng: np.random.Generator | None) -> tuple[np.ndarray, np.ndarray | None]:
        """The change, and detail made of the generator's noise; None without one."""
        height, width = canvas.drawing.shape[:2]
        padding = ((0, -height % SIDE_STEP), (0, -width % SIDE_STEP), (0, 0))
        drawing = np.pad(canvas.drawing, padding, mode="edge")
        size = (self._net.NUM_NOISE, *canvas.labels.shape)
        noise = None if rng is None else rng.standard_normal(size, dtype=np.float32)
        sentence = sentence_vector(canvas.caption)
        return self._run_net(self._net, drawing, canvas.planes, canvas.labels, sentence, noise, self.threads)


def _keep_received_colours(change: np.ndarray, received: np.ndarray) -> None:
    """Take from the change its mean around each place where pixels were received: broad tones are known there."""
    rows, columns = received.shape
    cells = change.reshape(3, rows, GRID, columns, GRID).mean((2, 4))
    mean = uniform_filter(cells, (0, _TONE_CELLS, _TONE_CELLS), mode="nearest") * received
    for plane, broad in zip(change, mean, strict=True):
        size = plane.shape[::-1]
        plane -= np.asarray(Image.fromarray(broad).resize(size, Image.Resampling.BILINEAR))
