"""What a flowgraph without a screen says of each picture."""

from pathlib import Path

import pytest

from semcom.flowgraphs.grc.told import line_of


@pytest.mark.parametrize(
    ("meta", "line"),
    [
        ({"stream": 1, "group": 2, "picture": 3, "caption": "A wall.", "complete": True}, "A wall. {}/1-2-3"),
        ({"stream": 1, "group": 2, "picture": 3, "caption": "A wall."}, "A wall. (incomplete) {}/1-2-3"),
        ({"stream": 0, "group": 0, "picture": 1, "complete": True}, "(no caption came) {}/0-0-1"),
    ],
)
def test_caption_and_absolute_folder_are_told(meta, line):
    assert line_of(meta, "out") == line.format(Path("out").absolute())
