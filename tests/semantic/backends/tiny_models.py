"""A folder of models with tiny checkpoints under the names of the catalogue."""

from __future__ import annotations

from pathlib import Path

from semcom.semantic.backends.runtime import library, quietly

MOST_BYTES = 20 << 20


def make_tiny_models(folder: Path) -> Path:
    """All of them; together below `MOST_BYTES`."""
    library("transformers")
    library("diffusers")
    with quietly():
        from . import checkpoints, diffusion_checkpoints, text_checkpoints, vision_checkpoints

        checkpoints.blip(folder / "blip")
        checkpoints.llava(folder / "llava-interleave")
        checkpoints.smolvlm(folder / "smolvlm")
        checkpoints.segformer(folder / "segformer-b2")
        checkpoints.mask2former(folder / "mask2former")
        checkpoints.sam(folder / "sam-base")
        checkpoints.stable_diffusion(folder / "stable-diffusion")
        checkpoints.ip_adapter(folder / "ip-adapter", folder / "stable-diffusion")
        checkpoints.clip(folder / "clip")
        text_checkpoints.bart(folder / "bart")
        diffusion_checkpoints.lcm(folder / "lcm")
        for name in ("controlnet-seg", "controlnet-scribble"):
            diffusion_checkpoints.controlnet(folder / name, folder / "stable-diffusion")
        vision_checkpoints.fcn(folder / "fcn-resnet50")
        vision_checkpoints.detr(folder / "detr")
        vision_checkpoints.oneformer(folder / "oneformer")
        vision_checkpoints.original_sam(folder / "segment-anything")
        vision_checkpoints.deeplab(folder / "deeplab")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert size < MOST_BYTES, f"tiny checkpoints must have less than {MOST_BYTES} bytes, got {size}"
    return folder
