"""Training material of the generator: photos as they look at the receiver, and their originals.

    python experiments/training/generator/make_generator_scenes.py \\
        --shared ../shared --out out/generator_scenes --photos 160

Each photo is understood once by the shipped networks; then packets with random layers, scales and qualities are made
of it and laid out as a `Canvas`. One npz per photo: `original`, and per version drawing, planes, labels and caption.
Photos: BSDS500 train, COCO without the held-out part, video frames. Never Kodak, nor any val part.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from semcom.experiments.training.scenes import coco_names
from semcom.semantic import registry
from semcom.semantic.coding.picture import decode_picture, encode_avif
from semcom.semantic.extract.instances import InstanceRules
from semcom.semantic.extract.understanding import Understanding, understand
from semcom.semantic.layers import WHOLE_SCENE, LayerKey, LayerKind, SubImage, encode_layer
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct.canvas import prepare
from semcom.semantic.systems.es_isc.operating_points import _class_maps, _detail_maps
from semcom.semantic.systems.es_isc.preset import Preset

LONGER_SIDE = 640
IDENTITY = (0, 0, 1)
KEPT = {"caption": 0.8, "class_map": 0.75, "detail_map": 0.6, "scene": 0.95, "close_up": 0.25}
"""How often a layer is aboard: every subset comes up."""


def photo_paths(shared: Path, rng: np.random.Generator) -> list[Path]:
    """All photos, shuffled; two of three of the first ones from BSDS500, which are the sharpest."""
    data = shared / "data"
    bsds = sorted((data / "bsds500/train/images").glob("*.jpg"))
    coco = [data / "coco" / image for image, _ in coco_names(shared, "dense", held_out=False)]
    coco += [data / "coco" / image for image, _ in coco_names(shared, "things", held_out=False)]
    frames = [path for path in sorted((data / "sequences").glob("*/images/*"))[::15]]
    first, second = ([paths[i] for i in rng.permutation(len(paths))] for paths in (bsds, coco + frames))
    mixed = []
    while first or second:
        mixed += first[:2] + second[:1]
        first, second = first[2:], second[1:]
    return mixed


def coded(picture: Image.Image, box: tuple, number: int, size: tuple, scale: float, quality: int, object_id: int):
    """A sub-image layer: part of the picture at a scale and quality."""
    part = picture.crop(box)
    small = tuple(max(8, round(side * scale)) for side in part.size)
    frame, flags = encode_avif(part.resize(small, Image.Resampling.LANCZOS), quality, 8)
    data = bytes((flags,)) + frame
    content = SubImage(*size, object_id, box, decode_picture(data, small[1], small[0]), data)
    return encode_layer(LayerKey(*IDENTITY, number), LayerKind.SUB_IMAGE, content)


def random_packet(picture: Image.Image, seen: Understanding, maps: tuple[list, list], rng) -> SemanticPacket:
    """A packet with a random subset of layers."""
    layers, size = [], picture.size
    aboard = {name: rng.random() < share for name, share in KEPT.items()}

    def add(number: int, kind: LayerKind, content) -> None:
        layers.append(encode_layer(LayerKey(*IDENTITY, number), kind, content))

    if aboard["caption"]:
        add(1, LayerKind.CAPTION, seen.caption)
    if aboard["class_map"]:
        add(3, LayerKind.CLASS_MAP, maps[0][rng.integers(len(maps[0]))])
    if aboard["detail_map"]:
        add(4, LayerKind.DETAIL_MAP, maps[1][rng.integers(len(maps[1]))])
    if aboard["scene"]:
        scale = float(np.exp(rng.uniform(math.log(1 / 8), math.log(1 / 1.9))))
        layers.append(coded(picture, (0, 0, *size), 5, size, scale, int(rng.integers(9, 26)), WHOLE_SCENE))
        if aboard["close_up"]:
            w, h = (int(side * rng.uniform(0.15, 0.4)) for side in size)
            x, y = int(rng.integers(size[0] - w)), int(rng.integers(size[1] - h))
            layers.append(coded(picture, (x, y, x + w, y + h), 6, size, min(1.0, 2.2 * scale), 18, 1))
    return SemanticPacket.build(size, "es-isc", layers, IDENTITY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=160)
    parser.add_argument("--first", type=int, default=0, help="go on with this photo")
    parser.add_argument("--versions", type=int, default=4)
    args = parser.parse_args()
    paths, preset = photo_paths(args.shared, np.random.default_rng(1)), Preset.load()
    rng = np.random.default_rng([1, args.first])
    segmenter = registry.create("segmenters", preset.segmenter)
    detailer = registry.create("detailers", preset.detailer)
    args.out.mkdir(parents=True, exist_ok=True)
    for number, path in list(enumerate(paths))[args.first : args.first + args.photos]:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
        picture = picture.crop((0, 0, picture.width // 8 * 8, picture.height // 8 * 8))
        voting = preset.voting_fineness, preset.voting_kept_share
        rules = InstanceRules(max_objects=preset.max_objects)
        seen = understand(np.asarray(picture), segmenter, detailer, rules, *voting, preset.least_score_in_words)
        maps = [content for content, _ in _class_maps(seen, preset, 1)], [c for c, _ in _detail_maps(seen, preset, 1)]
        arrays = {"original": np.asarray(picture)}
        for version in range(args.versions):
            packet = random_packet(picture, seen, maps, rng)
            canvas = prepare(packet, 1 << 24)
            for name in ("drawing", "planes", "labels"):
                arrays[f"{name}{version}"] = getattr(canvas, name)
            arrays[f"caption{version}"] = np.array(canvas.caption)
        part = args.out / f"{number:04d}.part.npz"
        np.savez(part, **arrays)
        part.rename(args.out / f"{number:04d}.npz")
        print(number, path.name, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
