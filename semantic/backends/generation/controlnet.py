"""Stable Diffusion led by ControlNets [Zhang 2023]: one for the class map, one for the detail map, of what came.

```
captions ─► text encoder ──────────────────────────┐
class map ─► ADE20K's colours ─► ControlNet ────────┼─► diffusion, seed ─► picture ─► received pixels laid over it
detail map ─► white lines on black ─► ControlNet ───┘
```
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.catalogue import folder_of
from semcom.semantic.backends.diffusion import Diffusion
from semcom.semantic.backends.folder_check import check_safetensors, check_weights, read_config
from semcom.semantic.backends.generation.control_pictures import line_picture, segmentation_picture
from semcom.semantic.backends.loading import LOCAL
from semcom.semantic.backends.pipelines import DiffusionPipeline
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket

NAMES = ("controlnet-seg", "controlnet-scribble")
"""In the catalogue: for the class map, for the detail map."""
WEIGHTS = "diffusion_pytorch_model.safetensors"


class ControlledPipeline(DiffusionPipeline):
    """`DiffusionPipeline` with a picture for each of `NAMES`.

    Parameters
    ----------
    folder : str
        Of Stable Diffusion.
    controls : sequence of str
        Folders of the ControlNets in the order of `NAMES`; empty ones take those of the folder of models.
    device, offload
        As `DiffusionPipeline`.

    Raises
    ------
    ModelError
    """

    def __init__(
        self, folder: str = "", controls: Sequence[str] = ("", ""), device: str = "cpu", offload: bool = False
    ) -> None:
        self._controls = [folder_of(name, path) for name, path in zip(NAMES, controls, strict=True)]
        super().__init__(folder, None, device, offload)

    def _checked_parts(self) -> dict[str, int]:
        return {name: _checked(name, path) for name, path in zip(NAMES, self._controls, strict=True)}

    def _add_parts(self, diffusers: Any, dtype: Any) -> None:
        nets = [
            diffusers.ControlNetModel.from_pretrained(str(path), use_safetensors=True, torch_dtype=dtype, **LOCAL)
            for path in self._controls
        ]
        self._words = diffusers.StableDiffusionControlNetPipeline(
            **self._words.components, controlnet=nets, requires_safety_checker=False
        )

    def _other_pipelines(self, diffusers: Any) -> None:
        self._from_picture = diffusers.StableDiffusionControlNetImg2ImgPipeline(
            **self._words.components, requires_safety_checker=False
        )

    weight = 1.0
    """Of every ControlNet that has a picture."""

    def _led(self, size: tuple[int, int], guides: Sequence[np.ndarray | None], has_begin: bool) -> dict[str, Any]:
        """Pictures and weights for each ControlNet; one without a picture has weight 0 and sees black."""
        guides = guides or [None] * len(NAMES)
        pictures = [
            Image.new("RGB", size) if guide is None else Image.fromarray(guide).resize(size) for guide in guides
        ]
        weights = [0.0 if guide is None else self.weight for guide in guides]
        return {
            "control_image" if has_begin else "image": pictures,
            "controlnet_conditioning_scale": weights,
        }


class ControlNetDiffusion(Diffusion):
    """Layers → picture and provenance, shapes as they were received.

    Parameters
    ----------
    folder : str
        Of Stable Diffusion; empty takes ``stable-diffusion`` of the folder of models.
    segmentation, lines : str
        Folders of the ControlNets for the class map and for the detail map; empty takes those of the folder of models.
    control : float
        Weight of both, 0..2; 0 is words alone.
    steps, guidance, strength, device, offload
        As `Diffusion`.
    """

    name = "controlnet"

    def __init__(
        self,
        folder: str = "",
        segmentation: str = "",
        lines: str = "",
        control: float = 1.0,
        steps: int = 25,
        guidance: float = 7.0,
        strength: float = 0.7,
        device: str = "cpu",
        offload: bool = False,
    ) -> None:
        self._pipeline = ControlledPipeline(folder, (segmentation, lines), device, offload)
        self._pipeline.weight = control
        self._options = {"steps": steps, "guidance": guidance, "strength": strength}

    def _guides(self, packet: SemanticPacket, size: tuple[int, int]) -> dict[str, Any]:
        class_map, detail_map = packet.content(LayerKind.CLASS_MAP), packet.content(LayerKind.DETAIL_MAP)
        return {
            "guides": [
                None if class_map is None else segmentation_picture(class_map, *size),
                None if detail_map is None else line_picture(detail_map, *size),
            ]
        }


def _checked(name: str, path: Path) -> int:
    """Values of a ControlNet's weights in a folder that can be loaded from."""
    config = read_config(path, name)
    if config.get("_class_name") != "ControlNetModel":
        raise ModelError(f"model {name}: {path} must hold a ControlNetModel, got {config.get('_class_name')!r}")
    return sum(check_safetensors(file, name) for file in check_weights(path, name, WEIGHTS))
