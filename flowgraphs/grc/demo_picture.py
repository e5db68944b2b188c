"""A photo to show things with, from what is installed anyway."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PHOTOS = (
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/coffee.png"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ("sklearn", "datasets/images/china.jpg"),
)


WITHOUT_ANY = "photo.jpg"


def demo_picture() -> str:
    """Path of a photo that comes with scikit-image, matplotlib or scikit-learn; else photo.jpg in the working folder.

    Never raises: GNU Radio Companion evaluates it while a flowgraph is drawn.
    """
    for package, inside in PHOTOS:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(folder) / inside).is_file():
                return str(Path(folder) / inside)
    return WITHOUT_ANY
