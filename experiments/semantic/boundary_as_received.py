"""Recipe: outlines of BSDS500 val photos as they are received, against people's → docs/results/boundary_as_received.md.

Run: ``python -m semcom.experiments.semantic.boundary_as_received``. The detail map is decoded from the packet's bytes;
its segments are shown at the photo's size, and the lines between them are matched with what people drew, by the
protocol of `training.boundary_matching`. Some seconds for each photo, detailer and profile.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from semcom.experiments.training.boundary_matching import BoundaryScore
from semcom.semantic import EncodeRequest, SemanticPacket, encode, load_picture
from semcom.semantic.extract.detailer import borders
from semcom.semantic.layers import DetailMap, LayerKind
from semcom.semantic.layers.class_map import spread
from semcom.semantic.request import PartChoice

REPOSITORY = Path(__file__).resolve().parents[2]
BUDGET_BYTES = 4000


@dataclass
class Received:
    """What came of all photos.

    Attributes
    ----------
    score : BoundaryScore
    layers : int
        Photos whose packet has a detail map.
    layer_bytes : int
        Of all these layers' payloads.
    """

    score: BoundaryScore
    layers: int = 0
    layer_bytes: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("SEMCOM_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--detailers", nargs="+", default=["boundaries", "best"])
    parser.add_argument("--profiles", nargs="+", default=["tasks"])
    parser.add_argument("--every", type=int, default=1, help="look at every so-manieth photo only")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "results")
    options = parser.parse_args()
    folder = options.shared / "data/bsds500/val"
    photos = sorted((folder / "images").glob("*.jpg"))[:: options.every]
    found = {
        (profile, name): received(folder, photos, profile, name)
        for profile in options.profiles
        for name in options.detailers
    }
    page = as_markdown(found, len(photos), options.every)
    (options.out / "boundary_as_received.md").write_text(page, encoding="utf-8")
    print(page)


def received(folder: Path, photos: list[Path], profile: str, detailer: str) -> Received:
    """Scores of the outlines that arrive."""
    request = EncodeRequest(
        budget_bytes=BUDGET_BYTES,
        profile=profile,
        parts={"detailer": PartChoice(detailer), "captioner": PartChoice("composed")},
    )
    found = Received(BoundaryScore())
    for path in photos:
        image = load_picture(path)
        share = np.asarray(Image.open(folder / "edges" / f"{path.stem}.png")).astype(np.float32) / 255
        first = borders(np.asarray(Image.open(folder / "segments" / f"{path.stem}.png")).astype(np.int32))
        packet = SemanticPacket.from_bytes(encode(image, request=request).to_bytes())
        layers = packet.of_kind(LayerKind.DETAIL_MAP)
        found.layers += len(layers) > 0
        found.layer_bytes += sum(len(layer.payload) for layer in layers)
        content = packet.content(LayerKind.DETAIL_MAP)
        found.score.add(np.zeros(share.shape, bool) if content is None else outlines(content), share, first)
    return found


def outlines(content: DetailMap) -> np.ndarray:
    """Lines one pixel wide between the segments of a detail map, at the picture's size: bool [height, width].

    A cell of the map covers several pixels; the cells on a boundary join the nearest segment, so that the line runs
    between two cells.
    """
    inside = ~content.edges
    regions = ndimage.label(inside)[0]
    if inside.any():
        nearest = ndimage.distance_transform_edt(content.edges, return_distances=False, return_indices=True)
        regions = regions[tuple(nearest)]
    size = content.width, content.height
    return borders(spread(regions, content.divisor, size, size))


def as_markdown(found: dict[tuple[str, str], Received], photos: int, every: int) -> str:
    command = "python -m semcom.experiments.semantic.boundary_as_received" + (f" --every {every}" if every > 1 else "")
    lines = [
        "# Outlines as received, BSDS500 val",
        "",
        f"`{command}`, {photos} photos of BSDS500 val, which took no part in training; packets of {BUDGET_BYTES} "
        "bytes. The detail map is decoded from the packet, and the lines between its segments are matched with what "
        'people drew (`experiments/training/boundary_matching.py`): "all" weighs by the number of annotators, "first" '
        "is one annotator alone. There is no threshold to choose: these are the lines that arrive. `boundaries` is the "
        "small network, `best` the head on the pretrained backbone.",
        "",
        "| profile | detailer | F, all | precision | recall, all | F, first | packets with it | bytes of it |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (profile, name), one in found.items():
        score, mean = one.score, one.layer_bytes / max(one.layers, 1)
        lines.append(
            f"| {profile} | {name} | **{score.f_measure('all'):.3f}** | {score.precision:.3f} | "
            f"{score.recall('all'):.3f} | {score.f_measure('first'):.3f} | {one.layers} | {mean:.0f} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
