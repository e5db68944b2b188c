"""Recipe: the README's picture, from the results of ``make demo`` → docs/images/demo.jpg.

Run: ``make demo && python -m semcom.experiments.semantic.demo_picture --results out/demo/astronaut --photo PHOTO``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

REPOSITORY = Path(__file__).resolve().parents[2]
TILE, MARGIN, BAND = 300, 12, 34
PAPER, INK = (250, 249, 246), (40, 40, 46)
TILES = (
    ("the photo", None),
    ("what is where", "class_map.png"),
    ("fine boundaries", "detail_map.png"),
    ("rebuilt from what arrived", "reconstruction.png"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, required=True, help="folder of one photo, as `semcom send` writes it")
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "images" / "demo.jpg")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    compose(options.photo, options.results).save(options.out, quality=88)


def compose(photo: Path, results: Path) -> Image.Image:
    """Photo, maps and reconstruction side by side; caption and packet size below."""
    width = len(TILES) * (TILE + MARGIN) + MARGIN
    sheet = Image.new("RGB", (width, TILE + 2 * MARGIN + 2 * BAND), PAPER)
    draw = ImageDraw.Draw(sheet)
    font, large = ImageFont.load_default(15), ImageFont.load_default(20)
    for column, (words, name) in enumerate(TILES):
        left = MARGIN + column * (TILE + MARGIN)
        with Image.open(photo if name is None else results / name) as image:
            tile = image.convert("RGB")
            tile.thumbnail((TILE, TILE), Image.Resampling.LANCZOS)
            sheet.paste(tile, (left + (TILE - tile.width) // 2, MARGIN + (TILE - tile.height) // 2))
        draw.text((left + TILE // 2, MARGIN + TILE + 8), words, font=font, fill=INK, anchor="ma")
    caption = (results / "caption.txt").read_text(encoding="utf-8").strip()
    num_bytes = (results / "packet.sem").stat().st_size
    words = f"“{caption}”  {num_bytes:,} bytes"
    draw.text((width // 2, TILE + 2 * MARGIN + BAND), words, font=large, fill=INK, anchor="ma")
    return sheet


if __name__ == "__main__":
    main()
