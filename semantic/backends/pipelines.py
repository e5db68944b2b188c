"""Stable Diffusion 1.5 out of a folder, with or without the IP-Adapter: loaded once, run with a seed.

The pipeline is loaded part by part from safetensors; its safety checker is not part of what is brought or run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semcom.semantic.backends.catalogue import entry, folder_of
from semcom.semantic.backends.folder_check import check_safetensors, check_weights, read_config
from semcom.semantic.backends.loading import LOCAL, load_error
from semcom.semantic.backends.memory import check_fits
from semcom.semantic.backends.runtime import check_device, library, number_format, quietly
from semcom.semantic.errors import ModelError

SIDE_STEP = 8
SIDE_PX = 512
"""The network was trained at about so many pixels a side."""
ADAPTER_FILE, ADAPTER_FOLDER = "ip-adapter_sd15.safetensors", "models"
NEGATIVE = "blurry, deformed, text, watermark"
_PARTS = {"unet": "diffusion_pytorch_model.safetensors", "vae": "diffusion_pytorch_model.safetensors",
          "text_encoder": "model.safetensors"}  # fmt: skip


class DiffusionPipeline:
    """Words, and a picture to begin with or to look at, → a picture.

    Parameters
    ----------
    folder : str
        Of Stable Diffusion; empty takes ``stable-diffusion`` of the folder of models.
    adapter : str or None
        Folder of the IP-Adapter; empty takes ``ip-adapter`` of the folder of models, None loads none.
    device : str
    offload : bool
        On a GPU: each network lies there only while it runs, so that the largest alone must fit; slower.

    Raises
    ------
    ModelError
    """

    model, classes = "stable-diffusion", ("StableDiffusionPipeline",)

    def __init__(
        self, folder: str = "", adapter: str | None = None, device: str = "cpu", offload: bool = False
    ) -> None:
        diffusers = library("diffusers")
        library("transformers")
        path, self._device = folder_of(self.model, folder), check_device(device)
        parts = _checked_diffusion(path, self.model, self.classes)
        adapter_path = None if adapter is None else folder_of("ip-adapter", adapter)
        parts |= {} if adapter_path is None else {"ip-adapter": _checked_adapter(adapter_path)}
        parts |= self._checked_parts()
        offload = offload and self._device.startswith("cuda")
        values = max(parts.values()) if offload else sum(parts.values())
        check_fits(self.model, values, entry(self.model).role, device)
        dtype = number_format(device)
        try:
            with quietly():
                self._words = diffusers.StableDiffusionPipeline.from_pretrained(
                    str(path), safety_checker=None, feature_extractor=None, requires_safety_checker=False,
                    use_safetensors=True, torch_dtype=dtype, **LOCAL,
                )  # fmt: skip
                if adapter_path is not None:
                    self._words.load_ip_adapter(
                        str(adapter_path), subfolder=ADAPTER_FOLDER, weight_name=ADAPTER_FILE,
                        image_encoder_folder="image_encoder", local_files_only=True,
                    )  # fmt: skip
                self._add_parts(diffusers, dtype)
        except Exception as error:  # whatever a library does with a folder that is not as it should be
            raise load_error(self.model, path, error) from error
        self._words.set_progress_bar_config(disable=True)
        if offload:
            self._words.enable_model_cpu_offload(device=self._device)
        else:
            self._words.to(self._device)
        self._other_pipelines(diffusers)
        self._from_picture.set_progress_bar_config(disable=True)
        self.has_adapter = adapter_path is not None

    def _checked_parts(self) -> dict[str, int]:
        """Numbers of values of further networks that a subclass adds, whose folders can be loaded from."""
        return {}

    def _add_parts(self, diffusers: Any, dtype: Any) -> None:
        """Load what a subclass adds into `_words`."""

    def _other_pipelines(self, diffusers: Any) -> None:
        """The pipeline that begins with a picture, of the same networks."""
        self._from_picture = diffusers.StableDiffusionImg2ImgPipeline(
            **self._words.components, requires_safety_checker=False
        )

    def _led(self, size: tuple[int, int], guides: Sequence[np.ndarray | None], has_begin: bool) -> dict[str, Any]:
        """Arguments by which pictures of maps lead a subclass's networks."""
        return {}

    def __call__(
        self,
        sentences: Sequence[str],
        size: tuple[int, int],
        seed: int,
        steps: int = 25,
        guidance: float = 7.0,
        begin: np.ndarray | None = None,
        strength: float = 0.6,
        look: np.ndarray | None = None,
        weight: float = 0.6,
        guides: Sequence[np.ndarray | None] = (),
    ) -> np.ndarray:
        """A picture of about a size.

        Parameters
        ----------
        sentences : sequence of str
            Each is coded by itself, so that a long text is not cut at the 77 tokens that the text encoder takes.
        size : (width, height)
            Of what is wanted; the result has its shape, and about `SIDE_PX` × `SIDE_PX` pixels.
        seed : int
            The same seed gives the same picture, whatever the device draws random numbers with.
        steps, guidance : int, float
            Of the diffusion.
        begin : uint8 [height, width, 3], optional
            A picture to begin with, changed with `strength`, 0..1.
        strength : float
        look : uint8 [height, width, 3], optional
            A picture whose content the adapter brings in, with `weight` λ (Multi-SC, eq. 10); 0 is words alone.
        weight : float
        guides : sequence of uint8 [height, width, 3] or None
            Pictures of maps, of a pipeline that is led by such.

        Returns
        -------
        uint8 [height, width, 3]
        """
        import torch

        width, height = working_size(*size)
        with quietly(), torch.inference_mode():
            words, against = self._coded(sentences)
            options: dict[str, Any] = {
                "prompt_embeds": words, "negative_prompt_embeds": against, "num_inference_steps": steps,
                "guidance_scale": guidance, "generator": torch.Generator("cpu").manual_seed(seed), "output_type": "np",
            }  # fmt: skip
            if self.has_adapter:
                self._words.set_ip_adapter_scale(float(weight) if look is not None else 0.0)
                shown = look if look is not None else np.full((224, 224, 3), 127, np.uint8)
                options["ip_adapter_image"] = Image.fromarray(shown)
            options |= self._led((width, height), guides, begin is not None)
            if begin is None:
                made = self._words(height=height, width=width, **options).images[0]
            else:
                fitted = Image.fromarray(begin).resize((width, height), Image.Resampling.LANCZOS)
                options["num_inference_steps"] = max(steps, int(np.ceil(1 / max(strength, 0.01))))
                made = self._from_picture(image=fitted, strength=strength, **options).images[0]
        return np.rint(np.clip(np.nan_to_num(made), 0.0, 1.0) * 255).astype(np.uint8)

    def _coded(self, sentences: Sequence[str]) -> tuple[Any, Any]:
        """Embeddings of all sentences one after the other, and of what is not wanted, as long."""
        import torch

        texts = list(sentences) or [""]
        coded = [self._words.encode_prompt(text, self._device, 1, True, NEGATIVE) for text in texts]
        return torch.cat([words for words, _ in coded], 1), torch.cat([against for _, against in coded], 1)


class LcmPipeline(DiffusionPipeline):
    """A latent consistency model [Luo 2023]: a picture in few steps; `guidance` goes into the network as a number."""

    model, classes = "lcm", ("LatentConsistencyModelPipeline", "StableDiffusionPipeline")


def working_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) in a picture's shape, at most 1 : 3, with about `SIDE_PX` × `SIDE_PX` pixels, in whole steps."""
    shape = min(max(width / height, 1 / 3), 3.0)
    return tuple(max(8, round(SIDE_PX * side / SIDE_STEP)) * SIDE_STEP for side in (shape**0.5, shape**-0.5))


def _checked_diffusion(path: Path, name: str, classes: tuple[str, ...]) -> dict[str, int]:
    """Values of the weights of each network in a folder that can be loaded from."""
    index = read_config(path, name, "model_index.json")
    if index.get("_class_name") not in classes:
        raise ModelError(f"model {name}: {path} must hold a {' or '.join(classes)}, got {index.get('_class_name')!r}")
    values = {}
    for part, file in _PARTS.items():
        read_config(path / part, name)
        values[part] = sum(check_safetensors(found, name) for found in check_weights(path / part, name, file))
    return values


def _checked_adapter(path: Path) -> int:
    name, folder = "ip-adapter", path / ADAPTER_FOLDER
    read_config(folder / "image_encoder", name)
    files = [*check_weights(folder, name, ADAPTER_FILE), *check_weights(folder / "image_encoder", name)]
    return sum(check_safetensors(file, name) for file in files)
