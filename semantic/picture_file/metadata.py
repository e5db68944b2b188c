"""What a file says about its pixels: colours, orientation, and whatever else a person should know.

Metadata is never a reason to refuse a picture: what cannot be read is left out, with a note where it would matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from semcom.semantic.errors import PictureError
from semcom.semantic.picture_file.tiff_directory import read_directories

ORIENTATION = 0x0112
UPRIGHT = 1
MAX_PROFILE_BYTES = 8 << 20
_EXIF_MARK = b"Exif\0\0"


@dataclass
class Metadata:
    """Of one picture.

    Attributes
    ----------
    profile : bytes or None
        ICC profile.
    orientation : int
        1 to 8, as Exif counts them.
    gamma : float or None
        Exponent of the samples where the file gives one (PNG): sample = light ** gamma.
    notes : list of str
        What a person should know, a line each.
    """

    profile: bytes | None = None
    orientation: int = UPRIGHT
    gamma: float | None = None
    notes: list[str] = field(default_factory=list)

    def take_exif(self, exif: bytes) -> None:
        """Orientation from an Exif block, with or without its mark; a broken one says nothing."""
        body = exif.removeprefix(_EXIF_MARK)
        try:
            directory = read_directories(body, most=1)[0]
        except PictureError:
            return
        orientation = directory.number(ORIENTATION, UPRIGHT)
        if 1 <= orientation <= 8:
            self.orientation = int(orientation)
        elif orientation:
            self.notes.append(f"orientation {orientation} does not exist and is ignored")
