"""What people wrote about a photo, as a hint to what its pixels show.

Captions name the ground a dog runs on and the place a child plays in, and seldom the sky above. The hint is a factor
per category: larger than one for categories the captions name, smaller for telling ones (snow, sand, water, ...) that
no caption names, and one for the rest.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from semcom.semantic.benchmark.labels import VOCABULARY

WORDS = {
    "sky": "sky air sunset clouds kite",
    "mountain": "mountain mountains hill hills hillside cliff",
    "rock": "rock rocks boulder boulders stone stones cliff rocky",
    "tree": "tree trees woods forest wooded park branch",
    "plant": "plant plants flower flowers bush bushes vase leaves garden",
    "grass": "grass grassy lawn field yard park meadow backyard soccer pasture grazing",
    "ground": "dirt mud muddy ground path trail gravel track tracks field baseball dust yard",
    "sand": "sand beach sandy desert dune volleyball shore",
    "snow": "snow snowy ski skis skiing skier snowboard snowboarder snowboarding sled slope ice",
    "water": "water pool lake river ocean sea wave waves surf surfer surfing surfboard swimming swims pond "
    "stream splash splashing beach boat canoe kayak fountain creek shore",
    "road": "road street highway intersection traffic parking lot crosswalk race",
    "pavement": "sidewalk pavement concrete skateboard skateboarder plaza street ramp platform city",
    "floor": "floor indoors room kitchen bathroom gym basketball carpet stairs court",
    "building": "building buildings house city town store tower skyscraper church bridge street",
    "wall": "wall room kitchen bathroom indoors inside brick graffiti living",
    "ceiling": "ceiling kitchen room",
    "window": "window windows mirror",
    "door": "door doorway gate",
    "fence": "fence fenced railing net hurdle",
    "sign": "sign signs light stop traffic",
    "furniture": "shelf cabinet cabinets bench counter desk dresser toilet sink bathroom kitchen",
    "table": "table desk dining",
    "bed": "bed bedroom",
    "fabric": "blanket towel curtain curtains pillow rug carpet",
    "screen": "tv television computer laptop monitor screen",
    "appliance": "refrigerator oven stove microwave toaster",
    "dish": "plate bowl cup glass glasses cups",
    "food": "food pizza sandwich cake fruit vegetables banana apple orange meal donut salad broccoli",
    "truck": "truck",
    "animal": "elephant elephants giraffe giraffes zebra zebras bear",
}  # fmt: skip
"""Words in captions that hint at a category."""

TELLING = ("mountain", "rock", "plant", "grass", "ground", "sand", "snow", "water", "road", "pavement", "bed", "food",
           "table", "screen", "appliance", "dish", "truck", "animal", "sign", "fabric")  # fmt: skip
NAMED, UNNAMED = 1.2, 0.4
"""Factor: 1 + NAMED per caption that names the category; UNNAMED for a telling one that none names."""


def hint(captions: list[str]) -> np.ndarray:
    """float32 [num_categories]: factor on the probability of each category; all ones without captions."""
    factors = np.ones(len(VOCABULARY), np.float32)
    if not captions:
        return factors
    said = [set(re.findall(r"[a-z]+", caption.lower())) for caption in captions]
    for name, words in WORDS.items():
        count = sum(bool(caption & set(words.split())) for caption in said)
        if count:
            factors[VOCABULARY[name].id] = 1 + NAMED * count
        elif name in TELLING:
            factors[VOCABULARY[name].id] = UNNAMED
    return factors


def captions_by_stem(shared: Path) -> dict[str, list[str]]:
    """Captions of Flickr8k and COCO photos by file name without ending."""
    captions: dict[str, list[str]] = {}
    for path in ("flickr8k/captions.jsonl", "coco/annotations.jsonl"):
        with (shared / "data" / path).open(encoding="utf-8") as lines:
            for entry in map(json.loads, lines):
                captions[Path(entry["file"]).stem] = entry.get("captions") or []
    return captions
