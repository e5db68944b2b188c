"""Reconstruction by Stable Diffusion: from words; from words and the cut-out (IP-Adapter); from words and the scene.

```
captions ─► a sentence each ─► text encoder ──────────┐
cut-out ─► on paper ─► IP-Adapter, weight λ ──────────┼─► diffusion, seed ─► picture ─► received pixels laid over it
scene, where there is one ─► enlarged ─► begun with ──┘
```

Every pixel that was not received is marked as generated.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.generation.received_pixels import with_received_pixels
from semcom.semantic.backends.pipelines import DiffusionPipeline, LcmPipeline, working_size
from semcom.semantic.layers import Caption, LayerKind
from semcom.semantic.layers.cut_out import on_paper
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.plain_texts import field_captions
from semcom.semantic.reconstruct.drawing import draw
from semcom.semantic.reconstruct.pasting import cut_outs_of

MAX_SENTENCES = 12
MAX_SENTENCE_CHARACTERS = 240
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")


class Diffusion:
    """Layers → picture and provenance.

    Parameters
    ----------
    folder : str
        Of Stable Diffusion; empty takes ``stable-diffusion`` of the folder of models.
    adapter : str or None
        Folder of the IP-Adapter, empty for ``ip-adapter`` of the folder of models; None uses none.
    weight : float
        λ of the adapter, 0..1: 0 is words alone.
    steps, guidance : int, float
        Of the diffusion.
    strength : float
        How much of a received scene is changed, 0..1.
    device : str
    offload : bool
        On a GPU: each network lies there only while it runs; slower, for cards on which they do not fit together.
    """

    name = "stable-diffusion"

    def __init__(
        self,
        folder: str = "",
        adapter: str | None = None,
        weight: float = 0.6,
        steps: int = 25,
        guidance: float = 7.0,
        strength: float = 0.5,
        device: str = "cpu",
        offload: bool = False,
    ) -> None:
        self._pipeline = DiffusionPipeline(folder, adapter, device, offload)
        self._options = {"steps": steps, "guidance": guidance, "strength": strength, "weight": weight}

    def __call__(
        self, packet: SemanticPacket, max_pixels: int, texture: float = 0.0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `protocols.Reconstructor`; `seed` decides what is made up, `texture` nothing."""
        drawing, provenance = draw(packet, max_pixels)
        if packet.content(LayerKind.PICTURE) is not None:
            return drawing, provenance
        scenes = [layer.content for layer in packet.of_kind(LayerKind.SUB_IMAGE) if layer.content.is_scene]
        cut_outs = cut_outs_of(packet)
        height, width = provenance.shape
        made = self._pipeline(
            sentences_of(packet),
            (width, height),
            seed,
            begin=drawing if scenes else None,
            look=on_paper(cut_outs[0]) if cut_outs else None,
            **self._options,
            **self._guides(packet, working_size(width, height)),
        )
        picture = np.array(Image.fromarray(made).resize((width, height), Image.Resampling.LANCZOS))
        return with_received_pixels(picture, drawing, provenance, packet)

    def _guides(self, packet: SemanticPacket, size: tuple[int, int]) -> dict[str, Any]:
        """What else of a packet leads a subclass's pipeline, whose pictures are of a size."""
        return {}


class IpAdapterDiffusion(Diffusion):
    """The same, led by the cut-out as well: what Multi-SC does (§III-D).

    Parameters
    ----------
    folder, adapter : str
        Of Stable Diffusion and of the IP-Adapter; empty takes those of the folder of models.
    weight, steps, guidance, strength, device, offload
        As `Diffusion`.
    """

    name = "ip-adapter"

    def __init__(
        self,
        folder: str = "",
        adapter: str = "",
        weight: float = 0.6,
        steps: int = 25,
        guidance: float = 7.0,
        strength: float = 0.5,
        device: str = "cpu",
        offload: bool = False,
    ) -> None:
        super().__init__(folder, adapter, weight, steps, guidance, strength, device, offload)


class LcmDiffusion(Diffusion):
    """The same in few steps, by a latent consistency model.

    Parameters
    ----------
    folder : str
        Of the model; empty takes ``lcm`` of the folder of models.
    steps : int
        1 to 8 do.
    guidance, strength, device, offload
        As `Diffusion`.
    """

    name = "lcm"

    def __init__(
        self,
        folder: str = "",
        steps: int = 4,
        guidance: float = 8.0,
        strength: float = 0.5,
        device: str = "cpu",
        offload: bool = False,
    ) -> None:
        self._pipeline = LcmPipeline(folder, None, device, offload)
        self._options = {"steps": steps, "guidance": guidance, "strength": strength}


def sentences_of(packet: SemanticPacket) -> list[str]:
    """What the captions say, a sentence each, without the names of fields, each once; bounded.

    The caption of the whole picture where no field has one: a fused caption says what the fields' captions say.
    """
    parts = field_captions(packet)
    whole: Caption | None = packet.content(LayerKind.CAPTION)
    texts = [part.caption.text for part in parts] or ([whole.text] if whole is not None else [])
    found = (match.group().strip()[:MAX_SENTENCE_CHARACTERS] for text in texts for match in _SENTENCE.finditer(text))
    return list(dict.fromkeys(sentence for sentence in found if sentence))[:MAX_SENTENCES]
