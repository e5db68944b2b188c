"""Captioners by others: BLIP, and vision-language models with the fixed query of Multi-SC."""

from __future__ import annotations

import numpy as np
from PIL import Image

from semcom.semantic.backends.loading import load
from semcom.semantic.backends.runtime import quietly
from semcom.semantic.backends.sentences import MAX_TOKENS, caption_of
from semcom.semantic.layers import Caption, Objects

QUERY = "Relay a brief, clear account of the picture shown."
"""Of the Multi-SC paper, §III-B."""
LEAST_SIDE_PX = 28
"""Smaller pictures are enlarged: processors of these models do not take a side of a few pixels."""


class BlipCaptioner:
    """A caption by BLIP [Li 2022].

    Parameters
    ----------
    folder : str
        Of the model; empty takes ``blip`` of the folder of models.
    prompt : str
        Words that the caption begins with, such as ``a photo of``.
    device : str

    Raises
    ------
    ModelError
    """

    def __init__(self, folder: str = "", prompt: str = "", device: str = "cpu") -> None:
        self._prompt = prompt
        self._loaded = load("blip", folder, device, "BlipForConditionalGeneration", "AutoProcessor", {"blip"})

    def __call__(self, image: np.ndarray, labels: np.ndarray, objects: Objects) -> Caption:
        """image uint8 [height, width, 3]; labels and objects say which of its words the maps back."""
        model, processor, device, dtype = self._loaded
        with quietly():
            words = {"text": self._prompt} if self._prompt else {}
            given = processor(images=_pil(image), return_tensors="pt", **words).to(device, dtype)
            tokens = model.generate(**given, max_new_tokens=MAX_TOKENS, do_sample=False, num_beams=3)
            said = processor.decode(tokens[0], skip_special_tokens=True)
        return caption_of(said, image, labels, objects)


class VlmCaptioner:
    """A caption by a vision-language model, asked the paper's query.

    Parameters
    ----------
    folder : str
        Of the model; empty takes its own of the folder of models.
    query : str
    device : str

    Raises
    ------
    ModelError
    """

    model, types = "llava-interleave", ("llava",)

    def __init__(self, folder: str = "", query: str = QUERY, device: str = "cpu") -> None:
        self._query = query
        self._loaded = load(self.model, folder, device, "AutoModelForImageTextToText", "AutoProcessor", self.types)

    def __call__(self, image: np.ndarray, labels: np.ndarray, objects: Objects) -> Caption:
        """image uint8 [height, width, 3]; labels and objects say which of its words the maps back."""
        model, processor, device, dtype = self._loaded
        asked = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": self._query}]}]
        with quietly():
            text = processor.apply_chat_template(asked, add_generation_prompt=True)
            given = processor(text=text, images=_pil(image), return_tensors="pt").to(device, dtype)
            tokens = model.generate(**given, max_new_tokens=MAX_TOKENS, do_sample=False, repetition_penalty=1.1)
            said = processor.decode(tokens[0][given["input_ids"].shape[1] :], skip_special_tokens=True)
        return caption_of(said, image, labels, objects, (self._query,))


class SmolVlmCaptioner(VlmCaptioner):
    """The same by SmolVLM, whose licence allows any use."""

    model, types = "smolvlm", ("idefics3",)


def _pil(image: np.ndarray) -> Image.Image:
    """The picture for a processor, sides from `LEAST_SIDE_PX`."""
    picture = Image.fromarray(image)
    scale = max(1.0, LEAST_SIDE_PX / min(picture.size))
    if scale == 1.0:
        return picture
    return picture.resize([round(side * scale) for side in picture.size], Image.Resampling.BICUBIC)
