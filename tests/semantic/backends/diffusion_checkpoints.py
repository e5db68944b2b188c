"""Tiny random checkpoints of what leads or quickens Stable Diffusion, in the published layouts."""

from __future__ import annotations

import json
from pathlib import Path

from .checkpoints import CROSS, stable_diffusion


def lcm(folder: Path) -> Path:
    """As SimianLuo/LCM_Dreamshaper_v7: its UNet takes the guidance, its scheduler is LCM's, its class another."""
    import torch
    from diffusers import LCMScheduler, UNet2DConditionModel

    stable_diffusion(folder)
    torch.manual_seed(30)
    UNet2DConditionModel(
        block_out_channels=(16, 32), layers_per_block=1, sample_size=16, norm_num_groups=8, attention_head_dim=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=CROSS, time_cond_proj_dim=8,
    ).save_pretrained(folder / "unet")  # fmt: skip
    LCMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear").save_pretrained(
        folder / "scheduler"
    )
    path = folder / "model_index.json"
    index = json.loads(path.read_text())
    index |= {"_class_name": "LatentConsistencyModelPipeline", "scheduler": ["diffusers", "LCMScheduler"]}
    path.write_text(json.dumps(index))
    return folder


def controlnet(folder: Path, diffusion: Path) -> Path:
    """As lllyasviel/control_v11p_sd15_seg; its last layers, which begin at nought, made to count."""
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

    torch.manual_seed(len(folder.name))
    unet = UNet2DConditionModel.from_pretrained(diffusion / "unet")
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(4, 4, 8, 8))
    for block in [*net.controlnet_down_blocks, net.controlnet_mid_block, net.controlnet_cond_embedding.conv_out]:
        torch.nn.init.normal_(block.weight, std=0.3)
    net.save_pretrained(folder)
    return folder
