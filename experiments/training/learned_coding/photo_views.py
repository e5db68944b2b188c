"""Random views of photos, and the backbone's pooled features of them: computed once, kept in one file.

What changes between two views of a photo is what the projector of image set splitting learns to overlook: which part is
seen, which side is left, light and colour, sharpness.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter

from semcom.semantic.nets.backbone import Backbone
from semcom.semantic.nets.set_projector import FEATURES

SIDE = 192
LEAST_PART, GREY_SHARE, BLUR_SHARE = 0.25, 0.1, 0.3
"""Of a photo's area that a view shows; of views without colour; of views that are blurred."""
SAVE_EVERY = 50


def random_view(photo: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """uint8 [SIDE, SIDE, 3]: a part of the photo, mirrored, recoloured, blurred by chance."""
    width, height = photo.size
    part, shape = rng.uniform(LEAST_PART, 1.0), np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
    across = min(width, round(np.sqrt(width * height * part * shape)))
    down = min(height, round(np.sqrt(width * height * part / shape)))
    left, top = (int(rng.integers(most + 1)) for most in (width - across, height - down))
    view = photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC, (left, top, left + across, top + down))
    if rng.random() < 0.5:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        view = enhance(view).enhance(rng.uniform(0.6, 1.4))
    if rng.random() < GREY_SHARE:
        view = view.convert("L").convert("RGB")
    if rng.random() < BLUR_SHARE:
        view = view.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.5)))
    return np.asarray(view)


def view_features(photos: list[Path], views: int, backbone: Backbone, file: Path, seed: int) -> np.ndarray:
    """float16 [photos, views, FEATURES], in `file`; goes on where it was broken off.

    The views of a photo depend on the seed and its number alone.
    """
    shape = (len(photos), views, FEATURES)
    features = np.lib.format.open_memmap(file, "r+" if file.exists() else "w+", np.float16, shape)
    if features.shape != shape:
        raise ValueError(f"{file} must hold features of shape {shape}, got {features.shape}; give another --out")
    missing = np.flatnonzero(~np.asarray(features).any((1, 2)))  # a photo's features are written all at once
    for done, number in enumerate(missing):
        rng = np.random.default_rng([seed, int(number)])
        with Image.open(photos[number]) as image:
            photo = image.convert("RGB")
        batch = np.stack([random_view(photo, rng) for _ in range(views)])
        x = torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255
        with torch.inference_mode():
            seen = backbone.pyramid(x.contiguous(memory_format=torch.channels_last))[32]
            features[number] = backbone.embedding(seen).mean((2, 3)).numpy().astype(np.float16)
        if done % SAVE_EVERY == 0:
            features.flush()
            print(f"features of {done} of {len(missing)} photos", flush=True)
    features.flush()
    return features
