"""Captions of pictures and of pieces of them, as a captioner says them: texts to train a repairer on (Multi-SC, §IV-A).

    python -m semcom.experiments.training.text_repair.piece_captions \\
        --shared ../shared --photos 200 --out out/pieces.jsonl [--part captioner=llava-interleave --device cuda:0]

One JSON line a photo: its number, and the captions of the whole and of its 2 × 2 fields. Photos that any recipe holds
out are left aside. Called again, it goes on after the last line.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from semcom.experiments.training.caption_split import held_out_ids, lines
from semcom.semantic import EncodeRequest, analyse, load_picture, registry


def training_photos(shared: Path) -> list[tuple[int, Path]]:
    """(number, file) of the COCO photos at hand that no recipe holds out."""
    hidden = held_out_ids(shared)
    found = {}
    for folder in ("coco", "coco_people"):
        for entry in lines(shared / "data" / folder / "annotations.jsonl"):
            if entry["id"] not in hidden:
                found[entry["id"]] = shared / "data" / folder / entry["file"]
    return sorted(found.items())


def captions_of(file: Path, request: EncodeRequest) -> list[str]:
    """What the captioner of a request says of the whole picture, and of each field; none twice."""
    picture = load_picture(file)
    said = []
    for config in ({"columns": 1, "rows": 1}, {}):
        one = EncodeRequest(request.system, parts=request.parts, config=config)
        said += [caption.text for caption in analyse(picture, one).captions]
    return list(dict.fromkeys(text for text in said if text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=200, help="of this call")
    parser.add_argument("--part", nargs="*", default=[], help="captioner=NAME, as `semcom send` takes it")
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    registry.use_device(arguments.device)
    request = EncodeRequest.from_options("multi-sc", parts=arguments.part)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    done = {entry["id"] for entry in lines(arguments.out)} if arguments.out.is_file() else set()
    waiting = [(number, file) for number, file in training_photos(arguments.shared) if number not in done]
    with arguments.out.open("a", encoding="utf-8") as out:
        for number, file in waiting[: arguments.photos]:
            out.write(json.dumps({"id": number, "captions": captions_of(file, request)}) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
