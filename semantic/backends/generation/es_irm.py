"""ES-IRM with CLIP's text encoder: caption, maps and drawing → picture, by a generator that the user trained.

No weights of it are published: `experiments/training/es_irm/train_es_irm.py` makes the folder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from semcom.semantic.backends.generation.received_pixels import with_received_pixels
from semcom.semantic.backends.loading import Loaded, load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.errors import ModelError
from semcom.semantic.layers import LayerKind
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct.canvas import Canvas, prepare
from semcom.semantic.reconstruct.drawing import draw

WEIGHTS, NETWORK = "es_irm.safetensors", "es-irm-1"
WORKING_PIXELS = 512 * 512
RECIPE = "experiments/training/es_irm/train_es_irm.py makes it"


def sentence_vectors(clip: Loaded, sentences: list[str]):
    """float32 tensor [sentences, projection], each of unit length: CLIP's text encoder."""
    import torch

    with quietly(), torch.no_grad():
        words = clip.processor(text=sentences, return_tensors="pt", padding=True, truncation=True).to(clip.device)
        found = clip.model.get_text_features(**words)
        found = getattr(found, "pooler_output", found)
        return torch.nn.functional.normalize(found.float(), dim=1)


def load_clip(folder: str, device: str) -> Loaded:
    """CLIP, both encoders; `ModelError` where it cannot be."""
    return load("clip", folder, device, "CLIPModel", "AutoProcessor", {"clip"})


class EsIrm:
    """Layers → picture and provenance.

    Parameters
    ----------
    folder : str
        What the recipe wrote.
    clip : str
        Folder of the CLIP that it was trained with; empty takes ``clip`` of the folder of models.
    device : str

    Raises
    ------
    ModelError
        No such folder, another network's weights, or another CLIP's.
    """

    name = "es-irm"

    def __init__(self, folder: str = "", clip: str = "", device: str = "cpu") -> None:
        from semcom.semantic.nets.es_irm.generator import EsIrmGenerator
        from semcom.semantic.nets.loading import load_weights, read_header

        path = Path(folder).expanduser() / WEIGHTS
        if not folder or not path.is_file():
            raise ModelError(f"model es-irm: folder must hold {WEIGHTS}, got {folder!r}: {RECIPE}")
        self._clip = load_clip(clip, device)
        length = int(self._clip.model.config.projection_dim)
        _, metadata, _ = read_header(path)
        channels = metadata.get("channels", "")
        if metadata.get("network") != NETWORK or not _are_channels(channels):
            raise ModelError(f"weights {path}: network must be {NETWORK!r}, got {metadata.get('network')!r}")
        if metadata.get("sentence") != str(length):
            raise ModelError(
                f"weights {path}: CLIP must give vectors of {metadata.get('sentence')} values, got {length}: "
                "name the CLIP that it was trained with, clip=FOLDER"
            )
        self._net = EsIrmGenerator(length, [int(number) for number in channels.split(",")])
        load_weights(path, self._net)
        self._net.to(self._clip.device)

    def __call__(
        self, packet: SemanticPacket, max_pixels: int, texture: float = 0.0, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `protocols.Reconstructor`; `seed` decides the noise that the picture begins with, `texture` nothing."""
        drawing, provenance = draw(packet, max_pixels)
        if packet.content(LayerKind.PICTURE) is not None:
            return drawing, provenance
        caption = packet.content(LayerKind.CAPTION)
        made = self._made(prepare(packet, WORKING_PIXELS), caption.text if caption is not None else "", seed)
        height, width = provenance.shape
        picture = np.array(Image.fromarray(made).resize((width, height), Image.Resampling.LANCZOS))
        return with_received_pixels(picture, drawing, provenance, packet)

    def _made(self, canvas: Canvas, text: str, seed: int) -> np.ndarray:
        """uint8 [height, width, 3] of the canvas's size."""
        import torch

        from semcom.semantic.nets.es_irm.generator import NOISE, STRIDE

        height, width = canvas.drawing.shape[:2]
        rows, columns = (-(-side // STRIDE) * STRIDE for side in (height, width))
        drawing = np.pad(canvas.drawing, ((0, rows - height), (0, columns - width), (0, 0)), mode="edge")
        cells = (0, rows // 4 - canvas.labels.shape[0]), (0, columns // 4 - canvas.labels.shape[1])
        planes, labels = np.pad(canvas.planes, ((0, 0), *cells), mode="edge"), np.pad(canvas.labels, cells, mode="edge")
        noise = torch.randn(1, NOISE, generator=torch.Generator("cpu").manual_seed(seed))
        with torch.inference_mode():
            given = (
                sentence_vectors(self._clip, [text]),
                noise,
                torch.from_numpy(drawing.transpose(2, 0, 1)[None].astype(np.float32) / 255),
                torch.from_numpy(planes[None]),
                torch.from_numpy(labels[None].astype(np.int64)),
            )
            made = self._net(*(each.to(self._clip.device) for each in given))[0].float().cpu().numpy()
        return np.rint(made.transpose(1, 2, 0)[:height, :width] * 255).astype(np.uint8)


def _are_channels(text: str) -> bool:
    numbers = text.split(",")
    return len(numbers) == 5 and all(number.isdecimal() and 1 <= int(number) <= 1024 for number in numbers)
