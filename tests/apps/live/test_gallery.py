import io

import numpy as np
from PIL import Image

from semcom.apps.live.gallery import LONGEST_VIEW, MOST_AT_HAND, MOST_PICTURES, Gallery


def test_views_have_versions_and_are_no_larger_than_a_page_shows():
    gallery = Gallery()
    picture = gallery.add(1, "a.jpg")
    gallery.show(picture, "photo", np.zeros((100, 2000, 3), np.uint8))
    gallery.show(picture, "photo", np.full((100, 2000, 3), 200, np.uint8))
    gallery.show(picture, "map", None)
    assert picture.as_dict()["views"] == {"photo": 2}
    contents, media_type = picture.views["photo"]
    image = Image.open(io.BytesIO(contents))
    assert media_type == "image/webp" and image.size == (LONGEST_VIEW, 64) and image.getpixel((5, 5))[0] > 190


def test_old_pictures_go_and_what_the_sender_found_goes_before_them():
    gallery = Gallery()
    for number in range(1, MOST_PICTURES + 11):
        gallery.add(number, f"{number}").analysis = "found"
    assert len(gallery) == MOST_PICTURES and gallery.get(10) is None
    assert [gallery.get(number).analysis for number in (MOST_PICTURES - MOST_AT_HAND, MOST_PICTURES + 10)] == [
        None,
        "found",
    ]
    assert gallery.as_list()[0]["number"] == MOST_PICTURES + 10


def test_pictures_are_found_by_words_of_what_came():
    gallery = Gallery()
    for number, caption in enumerate(("A dog on grass.", "A red car.", None), 1):
        gallery.tell(gallery.add(number, "photo.jpg"), caption_received=caption)
    assert [entry["number"] for entry in gallery.as_list("dog GRASS")] == [1]
    assert [entry["number"] for entry in gallery.as_list("photo")] == [3, 2, 1]
    assert gallery.as_list("cat") == []
