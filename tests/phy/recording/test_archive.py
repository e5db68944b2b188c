"""Archives: read where they lie; what is hostile in them reaches nothing."""

import contextlib
import io
import json
import tarfile

import pytest

from semcom.phy.errors import RecordingError
from semcom.phy.recording.metadata import read_recording
from semcom.phy.recording.reader import RecordingReader

META = json.dumps({"global": {"core:datatype": "ci8", "core:sample_rate": 1e6}, "captures": []}).encode()
SAMPLES = bytes(range(60))


def pack(path, members, **options):
    """`members`: (name or TarInfo, content)."""
    with tarfile.open(path, "w", **options) as tar:
        for member, content in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["a", "deep" * 5 + "/a", "n" * 90 + "/" + "m" * 90, "grüße"])
def test_the_one_recording_is_read_where_it_lies(tmp_path, form, name):
    if form == tarfile.USTAR_FORMAT and name.startswith("n"):
        name = "n" * 60 + "/" + "m" * 60
    members = [
        (special("folder/", tarfile.DIRTYPE), b""),
        (f"{name}.sigmf-data", SAMPLES),
        ("readme.txt", b"x" * 700),
        (f"{name}.sigmf-meta", META),
    ]
    it = read_recording(pack(tmp_path / "a.sigmf", members, format=form))
    assert it.num_samples == 30
    with RecordingReader(it) as reader:
        samples, _ = reader.read(100)
    assert (samples.real * 128).tolist() == list(range(0, 60, 2))
    assert read_recording(tmp_path / "a").num_samples == 30  # the name before the ending


def test_names_that_lead_outside_and_links_reach_nothing(tmp_path):
    (tmp_path / "secret").write_bytes(bytes(100))
    members = [
        (special("a.sigmf-data", tarfile.SYMTYPE, "secret"), b""),
        (special("b.sigmf-data", tarfile.LNKTYPE, "/etc/passwd"), b""),
        (special("c", tarfile.CHRTYPE), b""),
        ("a.sigmf-meta", META),
    ]
    path = pack(tmp_path / "a.sigmf", members)
    with pytest.raises(RecordingError, match=r"archive must hold samples, a\.sigmf-data is not in it"):
        read_recording(path)
    path = pack(tmp_path / "b.sigmf", [("../../b.sigmf-meta", META), ("../../b.sigmf-data", SAMPLES)])
    assert read_recording(path).num_samples == 30 and sorted(p.name for p in tmp_path.iterdir()) == [
        "a.sigmf",
        "b.sigmf",
        "secret",
    ]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([("x.txt", b"")], r"archive must hold one recording, got 0 \(none\)$"),
        ([("a.sigmf-meta", META), ("d/b.sigmf-meta", META)], r"must hold one recording, got 2 \(a, b\): unpack it"),
        ([(f"{n}", b"") for n in range(4200)], "archive must hold at most 4096 files, got more"),
    ],
)
def test_archives_that_hold_not_one_recording_are_refused(tmp_path, members, message):
    with pytest.raises(RecordingError, match=message):
        read_recording(pack(tmp_path / "a.sigmf", members))


def test_sizes_that_are_not_there_are_refused_before_anything_is_read(tmp_path):
    path = pack(tmp_path / "a.sigmf", [("a.sigmf-meta", META), ("a.sigmf-data", SAMPLES)])
    whole = path.read_bytes()
    path.write_bytes(whole[: 512 + 512 + 512 + 10])
    with pytest.raises(RecordingError, match=r"archive ends at byte 1546, before the end of 'a.sigmf-data' in it"):
        read_recording(path)
    info = tarfile.TarInfo("a.sigmf-meta")
    info.size = 2**60
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    with pytest.raises(RecordingError, match="archive ends at byte 2560"):
        read_recording(path)
    long_name = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    path = pack(tmp_path / "b.sigmf", [(long_name, b"n" * 20_000), ("a.sigmf-meta", META)])
    with pytest.raises(RecordingError, match="extended header must have at most 16384 bytes, got 20000"):
        read_recording(path)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b" + bytes(600), b"x" * 511])
def test_what_is_no_tar_file_is_said(tmp_path, content):
    (tmp_path / "a.sigmf").write_bytes(content)
    with pytest.raises(RecordingError, match=r"archive must hold one recording|must be a tar archive"):
        read_recording(tmp_path / "a.sigmf")


def test_damaged_archives_are_read_or_refused(tmp_path, rng):
    """Bytes changed at random, checksums mended half of the time: nothing but `RecordingError` comes out."""
    whole = pack(tmp_path / "a.sigmf", [("a.sigmf-meta", META), ("ü" * 90 + ".txt", b"z"), ("a.sigmf-data", SAMPLES)])
    good = whole.read_bytes()
    for _ in range(300):
        bad = bytearray(good)
        block = 512 * int(rng.integers(len(good) // 512))
        for _ in range(rng.integers(1, 6)):
            bad[block + rng.integers(512)] = rng.integers(256)
        if rng.random() < 0.5:
            bad[block + 148 : block + 156] = b" " * 8
            bad[block + 148 : block + 156] = b"%06o\0 " % sum(bad[block : block + 512])
        whole.write_bytes(bad)
        with contextlib.suppress(RecordingError):
            read_recording(whole)
