from __future__ import annotations

from pathlib import Path

import pytest

from semcom.apps.report.referee import read_captions
from semcom.apps.report.result_folder import OutputError


def test_people_s_captions_are_read(tmp_path: Path) -> None:
    file = tmp_path / "captions.json"
    file.write_text('{"photo": ["A dog.", "A white dog."]}')
    assert read_captions(file) == {"photo": ("A dog.", "A white dog.")}


@pytest.mark.parametrize("text", ["", "[1]", '{"a": "A dog."}', '{"a": []}', '{"a": [1]}', "[" * 100_000])
def test_anything_else_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "captions.json"
    file.write_text(text)
    with pytest.raises(OutputError, match=r"captions\.json: must be"):
        read_captions(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="must be a file"):
        read_captions(tmp_path / "none.json")
