"""Names and checksums of a recording's files."""

import hashlib

import pytest

from semcom.phy.errors import RecordingNotFoundError
from semcom.phy.recording.files import Extent, opened, sha512_of, stem_of, with_ending


def test_a_name_with_dots_keeps_them():
    assert [stem_of(f"a/b.v1{end}").name for end in ("", ".sigmf-meta", ".sigmf-data", ".sigmf")] == ["b.v1"] * 4
    assert with_ending(stem_of("a/b.v1.sigmf-data"), ".sigmf-meta").name == "b.v1.sigmf-meta"


def test_checksums_are_of_the_part_that_is_named(tmp_path):
    content = bytes(range(256)) * 9000  # longer than one read
    (tmp_path / "a").write_bytes(content)
    assert sha512_of(tmp_path / "a") == hashlib.sha512(content).hexdigest()
    assert sha512_of(tmp_path / "a", Extent(3, 2_000_000)) == hashlib.sha512(content[3:2_000_003]).hexdigest()


def test_folders_and_odd_names_are_no_files(tmp_path):
    for path in (tmp_path, tmp_path / "none", tmp_path / "nul\0"):
        with pytest.raises(RecordingNotFoundError, match=r"recording .* (must be a file|cannot be read)"):
            opened(path)
