"""Who asks for more of a picture, or pushes one, hears at once what cannot be; the rest is in the log by its reason."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.services.refinement_answers import REQUESTS, RefinementHandler
from semcom.apps.services.sending.picture_source import PictureSource
from semcom.apps.services.sending.recent_pictures import RecentPicture
from semcom.apps.services.sending.requests import PushHandler
from semcom.link import RefinementFrame, Scope
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.semantic import SemanticPacket
from semcom.semantic.layers import LayerKind
from semcom.semantic.refinement import RefinementRequest, Subject
from semcom.semantic.systems.es_isc.sub_images import SceneCoder

from ...stand_ins import street


def ask(*arguments: object):
    return CliRunner().invoke(app, ["ask", *map(str, arguments)])


def write_picture(path: Path, width: int, height: int) -> Path:
    Image.fromarray(street(width, height)).save(path)
    return path


@pytest.fixture
def packet_file(packet: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "p.sem"
    path.write_bytes(packet)
    return path


def test_another_photo_s_size_is_refused(packet_file: Path, tmp_path: Path) -> None:
    wrong = write_picture(tmp_path / "wrong.png", 240, 200)
    asked = ask("scene", "--packet", packet_file, "--photo", wrong, "-o", tmp_path / "q.sem")
    assert asked.exit_code == 2 and "240 × 160 pixels, got 240 × 200" in asked.stderr
    assert not (tmp_path / "q.sem").exists()
    right = write_picture(tmp_path / "right.png", 240, 160)
    asked = ask("scene", "--packet", packet_file, "--photo", right, "-o", tmp_path / "q.sem", "--answer-bytes", 3000)
    assert asked.exit_code == 0 and (tmp_path / "q.sem").exists()


@pytest.mark.parametrize(("turned", "said"), [(False, ""), (True, "does not look like the photo")])
def test_another_photo_of_the_same_size_is_remarked(packet: bytes, tmp_path: Path, turned: bool, said: str) -> None:
    image = street(240, 160)
    scene = SceneCoder(image).layer(1500, (0, 0, 1))
    known = SemanticPacket.from_bytes(packet).only([LayerKind.OBJECTS]).with_layers([scene])
    (tmp_path / "p.sem").write_bytes(known.to_bytes())
    Image.fromarray(image[::-1] if turned else image).save(tmp_path / "photo.png")
    asked = ask("object 1", "--packet", tmp_path / "p.sem", "--photo", tmp_path / "photo.png", "-o", tmp_path / "q.sem")
    assert asked.exit_code == 0 and (said in asked.stderr if said else not asked.stderr)


@pytest.mark.parametrize(
    ("question", "said"),
    [("object 9", "object must be 1 to"), ("only animals", "must name something that the packet lists"), ("scene", "")],
)
def test_a_question_to_the_other_end_is_checked_here(packet: bytes, tmp_path: Path, question: str, said: str) -> None:
    folder = tmp_path / "0-1-1"
    folder.mkdir()
    (folder / "packet.sem").write_bytes(packet)
    asked = ask(question, "--rx", tmp_path, "--picture", "0-1-1")
    left = list((tmp_path / ".state" / REQUESTS).glob("*")) if (tmp_path / ".state").exists() else []
    assert said in asked.stderr and (asked.exit_code, len(left)) == ((2, 0) if said else (0, 1))


def test_without_a_list_of_objects_host_tx_decides(packet: bytes, tmp_path: Path) -> None:
    (tmp_path / "0-1-1").mkdir()
    words = SemanticPacket.from_bytes(packet).only([LayerKind.CAPTION])
    (tmp_path / "0-1-1" / "packet.sem").write_bytes(words.to_bytes())
    assert ask("object 9", "--rx", tmp_path, "--picture", "0-1-1").exit_code == 0


def test_each_reason_for_no_answer_is_said(packet: bytes, caplog) -> None:
    desk, scope = RefinementHandler(), Scope(0, 1, 1)
    content = RefinementRequest(Subject.SCENE).to_bytes()
    desk.ask(RefinementFrame(scope, 1, content))
    desk.recent.keep(scope, RecentPicture("a.sem", b"", SemanticPacket.from_bytes(packet)))
    desk.ask(RefinementFrame(scope, 1, content))
    held = RecentPicture("a.png", b"no picture", SemanticPacket.from_bytes(packet))
    held.answered = frozenset({(1, content)})
    desk.recent.keep(scope, held)
    desk.ask(RefinementFrame(scope, 1, content))
    said = [record.getMessage() for record in caplog.records]
    for reason, line in zip(("not among the last 0", "a.sem came as a packet", "answered before"), said, strict=True):
        assert line.startswith("refinement request about 0-1-1 refused: ") and reason in line
    assert desk.counts == {"asked": 3, "refused": 3}


def picture(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_is_no_picture_is_not_accepted(packet: bytes, tmp_path: Path) -> None:
    make_acquainted(tmp_path, ["tx", "me"])
    desk = PushHandler("tcp://127.0.0.1:*", KeyRing.load(tmp_path / "tx"), tmp_path / "requests")
    try:
        for name, content, said in (
            ("text.jpg", b"just words", "not a picture in a format we can read"),
            ("empty.png", b"", "not a picture"),
            ("small.png", picture(8, 40), "both sides must be at least 16 pixels"),
            ("photo.sem", picture(40, 40), "no semcom packet"),
            ("cut.sem", packet[:-9], "is cut short or damaged"),
        ):
            assert said in desk._keep(name, content), name
        assert not list((tmp_path / "requests").iterdir())
        assert [desk._keep("a.png", picture(40, 40)), desk._keep("b.sem", packet)] == ["", ""]
        assert len(list((tmp_path / "requests").iterdir())) == 2
    finally:
        desk.close()


def test_a_requests_folder_that_is_removed_is_made_again_and_what_is_pushed_then_is_sent(
    packet: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semcom.apps.services.sending.picture_source.LOOK_EVERY_S", 0.0)
    make_acquainted(tmp_path, ["tx", "me"])
    desk = PushHandler("tcp://127.0.0.1:*", KeyRing.load(tmp_path / "tx"), tmp_path / "requests")
    source = PictureSource(None, tmp_path / "requests", lambda mark: False)
    try:
        shutil.rmtree(tmp_path / "requests")
        source.look()
        assert source.is_empty() and desk._keep("a.sem", packet) == ""
        found, deadline = [], time.monotonic() + 120
        while not found:
            assert time.monotonic() < deadline
            source.look()
            found += source.take()
            time.sleep(0.01)
        assert [encoded.file.path.name.endswith("-a.sem") for encoded in found] == [True] and found[0].packet
    finally:
        desk.close()
