import numpy as np
import pytest
from PIL import Image, ImageDraw

from semcom.semantic.extract.plain_pictures import plain_caption

from ...stand_ins import street


def grey(values) -> np.ndarray:
    return np.repeat(np.asarray(values, np.uint8)[..., None], 3, axis=2)


def page(ink: int = 20, ground: int = 235, slope: float = 0.0) -> np.ndarray:
    """Rows of words, on a ground that gets darker to the right by `slope`."""
    image = Image.new("L", (480, 640), ground)
    draw = ImageDraw.Draw(image)
    for row in range(24):
        draw.text((30, 30 + 24 * row), "the quick brown fox jumps over the lazy dog and away it runs", fill=ink)
    shade = 1 - slope * np.linspace(0, 1, 480)
    return grey(np.asarray(image) * shade)


def coins() -> np.ndarray:
    """Round things in rows: no letters."""
    image = Image.new("L", (400, 320), 60)
    draw = ImageDraw.Draw(image)
    for x in range(20, 380, 44):
        for y in range(20, 300, 44):
            draw.ellipse((x, y, x + 34, y + 34), fill=190)
    return grey(np.asarray(image) + np.random.default_rng(1).integers(0, 9, (320, 400)))


def test_dark_and_plain_pictures(rng) -> None:
    assert plain_caption(np.zeros((1, 1, 3), np.uint8)).text == "A dark picture."
    assert plain_caption(rng.integers(0, 12, (90, 120, 3), dtype=np.uint8)).text == "A dark picture."
    assert plain_caption(np.tile(np.uint8([200, 10, 10]), (50, 60, 1))).text == "A red picture."
    assert plain_caption(np.tile(np.uint8([200, 10, 10]), (50, 60, 1))).entities == ()


def test_noise(rng) -> None:
    caption = plain_caption(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8))
    assert caption.text == "A picture of noise." and caption.entity_words == ("noise",)


@pytest.mark.parametrize("image", [page(), page(slope=0.4), page(ink=220, ground=25)], ids=["page", "shaded", "white"])
def test_pages_of_text(image) -> None:
    assert plain_caption(image).text == "A page of text."


def test_drawings() -> None:
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).polygon([(40, 160), (150, 30), (260, 160)], fill="blue", outline="black")
    assert plain_caption(np.asarray(image)).text == "A drawing."


def test_other_things_in_rows_are_no_letters() -> None:
    assert plain_caption(coins()) is None


def test_photos_are_left_to_others(shared_dir) -> None:
    photos = (
        sorted((shared_dir / "data/kodak").glob("*.png")) + sorted((shared_dir / "data/coco/images").glob("*"))[:40]
    )
    assert [path.name for path in photos if plain_caption(np.asarray(Image.open(path).convert("RGB")))] == []


def test_the_street_of_the_tests_is_no_page() -> None:
    caption = plain_caption(street())
    assert caption is None or caption.text == "A drawing."
