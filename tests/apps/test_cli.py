"""The command line: what is written, what is said, and with which status it ends."""

from __future__ import annotations

import json
import os
import struct
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from semcom.apps.cli import app
from semcom.apps.delivery.stored_request import stored_request
from semcom.semantic import Layer, LayerKey, LayerKind, PartChoice, SemanticPacket, registry
from semcom.semantic.layers import Caption, Header, encode_layer

from ..stand_ins import Found, SeesRed, stand_ins, street  # noqa: F401

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]

RECEIVED_FILES = {
    "packet.sem", "caption.txt", "objects.json", "class_map.png", "detail_map.png", "sub_images", "drawing.png",
    "reconstruction.png", "provenance.png", "thumbnail.webp", "report.html",
}  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    Image.fromarray(street(240, 160)).save(path)
    return path


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def refused(*arguments: object) -> str:
    """The command ends with status 2 and one line."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr


def test_send_writes_everything_and_the_account_balances(photo: Path, tmp_path: Path) -> None:
    """Without a policy: each layer has frames of its own."""
    result = run("send", photo, "--out", tmp_path / "out", "--snr-db", 12, "--seed", 3, "--policy", "")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "out" / "street"
    assert {path.name for path in folder.iterdir()} == RECEIVED_FILES
    assert "car" in (folder / "caption.txt").read_text(encoding="utf-8")
    run("encode", photo, "-o", tmp_path / "sent.sem")
    assert (folder / "packet.sem").read_bytes() == (tmp_path / "sent.sem").read_bytes()
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert entry["outcome"] == "complete"
    assert (entry["image"], entry["width"], entry["height"]) == ("street.png", 240, 160)
    assert entry["bytes_raw"] == 240 * 160 * 3
    assert entry["bytes_packet"] == (folder / "packet.sem").stat().st_size
    assert entry["compression_ratio"] == pytest.approx(entry["bytes_raw"] / entry["bytes_packet"], rel=1e-4)
    assert {layer["name"].split("-")[0] for layer in entry["layers"]} >= {"caption", "objects", "class_map"}
    assert all(layer["complete"] and layer["frames_sent"] == layer["frames_received"] for layer in entry["layers"])
    frames = entry["frames"]
    assert frames["sent"] == frames["received"] + frames["lost"] == sum(la["frames_sent"] for la in entry["layers"])
    assert entry["cbr"] == pytest.approx(entry["channel_uses"] / entry["bytes_raw"], rel=1e-4)
    assert entry["airtime_s"] == pytest.approx(entry["channel_uses"] / 1e6, rel=1e-4)
    assert entry["snr_db_estimated"] == pytest.approx(12, abs=1.5)
    assert entry["cfo_hz_estimated"] == pytest.approx(5000, abs=100)
    assert entry["metrics"]["psnr_db"] > 15
    assert entry["radio"]["seed"] == 3
    assert size_of(folder / "reconstruction.png") == (240, 160)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64,") >= 6 and "http" not in page.replace("http-equiv", "")


def test_lost_in_noise_is_a_report_not_a_crash(photo: Path, tmp_path: Path) -> None:
    result = run("send", photo, "--out", tmp_path / "out", "--snr-db", -25)
    assert result.exit_code == 3, result.output
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert entry["outcome"] == "lost" and entry["caption"] is None
    assert entry["frames"]["received"] == 0 and entry["frames"]["lost"] == entry["frames"]["sent"] > 0
    assert {path.name for path in (tmp_path / "out" / "street").iterdir()} == {"report.html"}
    assert "nothing usable arrived" in (tmp_path / "out" / "street" / "report.html").read_text(encoding="utf-8")


def test_a_lost_run_leaves_no_pictures_of_an_earlier_one(photo: Path, tmp_path: Path) -> None:
    run("send", photo, "--out", tmp_path / "out", "--snr-db", 12)
    (tmp_path / "out" / "street" / "mine.txt").write_text("keep me", encoding="utf-8")
    run("send", photo, "--out", tmp_path / "out", "--snr-db", -25)
    assert {path.name for path in (tmp_path / "out" / "street").iterdir()} == {"report.html", "mine.txt"}


def test_some_layers_give_a_partial_picture(photo: Path, tmp_path: Path) -> None:
    """Down the slope of the mode: before everything is lost, some arrives and is shown."""
    for snr_db in np.arange(8.0, 3.0, -0.25):
        arguments = ["--mcs", "16qam-1/2", "--frame-bytes", 64, "--snr-db", snr_db, "--json"]
        result = run("send", photo, "--out", tmp_path / "out", *arguments)
        (entry,) = json.loads(result.stdout)
        if entry["outcome"] != "complete":
            break
    assert entry["outcome"] == "partial" and result.exit_code == 0
    incomplete = [layer["name"] for layer in entry["layers"] if not layer["complete"]]
    assert incomplete and all(name in " ".join(entry["notes"]) for name in incomplete)
    assert (tmp_path / "out" / "street" / "report.html").exists()


def test_two_photos_of_one_name_are_told_apart(photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "street.png"
    other.parent.mkdir()
    Image.fromarray(street(160, 240)).save(other)
    assert run("send", photo, other, "--out", tmp_path / "out").exit_code == 0
    entries = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [entry["width"] for entry in entries] == [240, 160]
    assert [entry["image"] for entry in entries] == ["street.png", "street.png"]
    assert [entry["path"] for entry in entries] == [str(photo), str(other)]
    assert [entry["folder"] for entry in entries] == ["street", "street-2"]
    assert size_of(tmp_path / "out" / "street-2" / "drawing.png") == (160, 240)


def test_encode_inspect_decode(photo: Path, tmp_path: Path) -> None:
    packet = tmp_path / "p.sem"
    assert run("encode", photo, "-o", packet).exit_code == 0
    assert SemanticPacket.from_bytes(packet.read_bytes()).size == (240, 160)
    tree = run("inspect", packet, "--draw", tmp_path / "sheet.png").output
    for words in ("caption-1", "class_map-3", "importance 7", "car"):
        assert words in tree
    assert size_of(tmp_path / "sheet.png") == (480, 320)
    told = json.loads(run("inspect", packet, "--json").stdout)
    assert told["bytes"] == packet.stat().st_size and told["damaged"] == []
    assert sum(layer["bytes"] for layer in told["layers"]) <= told["bytes"]
    assert run("decode", packet, "-o", tmp_path / "shown").exit_code == 0
    assert {path.name for path in (tmp_path / "shown").iterdir()} == RECEIVED_FILES


def test_a_budget_is_kept_and_what_it_leaves_out_is_told(photo: Path, tmp_path: Path) -> None:
    packet = tmp_path / "p.sem"
    told = run("encode", photo, "-o", packet, "--budget-bytes", 200, "--profile", "tasks").stdout
    assert packet.stat().st_size <= 200 and "left out: detail_map" in told
    result = run("send", photo, "--out", tmp_path / "out", "--budget-bytes", 200, "--snr-db", 12)
    assert result.exit_code == 0 and "Not sent: detail_map" in result.stdout


def test_without_a_category_it_is_not_named(photo: Path, tmp_path: Path) -> None:
    packet = tmp_path / "p.sem"
    assert run("encode", photo, "-o", packet, "--without", "vehicle, person").exit_code == 0
    assert "car" not in run("inspect", packet).output


def test_decode_shows_any_subset(photo: Path, tmp_path: Path) -> None:
    packet = tmp_path / "p.sem"
    run("encode", photo, "-o", packet)
    assert run("decode", packet, "-o", tmp_path / "some", "--layers", "caption,class_map").exit_code == 0
    names = {path.name for path in (tmp_path / "some").iterdir()}
    assert {"caption.txt", "class_map.png"} <= names and not names & {"detail_map.png", "sub_images", "objects.json"}
    assert "'dreams'" in refused("decode", packet, "-o", tmp_path / "none", "--layers", "dreams")
    assert not (tmp_path / "none").exists()


def packet_of(tmp_path: Path, *layers: Layer, identity=(0, 0, 1)) -> Path:
    path = tmp_path / "made.sem"
    path.write_bytes(SemanticPacket(*identity, layers).to_bytes())
    return path


def test_a_caption_alone_is_shown(tmp_path: Path) -> None:
    caption = encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, Caption("A red car is on a road."))
    result = run("decode", packet_of(tmp_path, caption), "-o", tmp_path / "shown")
    assert result.exit_code == 0 and "A red car is on a road." in result.output
    assert {path.name for path in (tmp_path / "shown").iterdir()} == {"packet.sem", "caption.txt", "report.html"}


def test_words_from_outside_do_not_steer_the_terminal(tmp_path: Path) -> None:
    header = encode_layer(LayerKey(0, 0, 1, 0), LayerKind.HEADER, Header(64, 64, "[/red]:car:?]0;x", ()))
    hostile = replace(header, payload=header.payload.replace(b"?", b"\x1b"))  # no writer of ours makes it
    path = packet_of(tmp_path, hostile)
    result = run("inspect", path)
    assert result.exit_code == 0 and "[/red]:car:" in result.output and "\x1b]0;" not in result.output


def test_decode_is_true_to_what_it_shows(photo: Path, tmp_path: Path) -> None:
    """The page and the packet beside it speak of the layers shown, not of the file they came from."""
    run("encode", photo, "-o", tmp_path / "p.sem")
    run("decode", tmp_path / "p.sem", "-o", tmp_path / "some", "--layers", "caption")
    num_bytes = (tmp_path / "some" / "packet.sem").stat().st_size
    page = (tmp_path / "some" / "report.html").read_text(encoding="utf-8")
    assert f"{num_bytes:,} bytes" in page and "missing" not in page and "left out: class_map" in page


def test_places_that_cannot_take_results_are_refused_before_any_work(photo: Path, tmp_path: Path) -> None:
    file = tmp_path / "afile"
    file.write_text("keep me", encoding="utf-8")
    assert "afile: must be a folder, is a file" in refused("send", photo, "--out", file)
    assert "afile is a file" in refused("send", photo, "--out", file / "below")
    assert "must be a file, is a folder" in refused("encode", photo, "-o", tmp_path)
    run("encode", photo, "-o", tmp_path / "p.sem")
    assert "afile: must be a folder, is a file" in refused("decode", tmp_path / "p.sem", "-o", file)
    assert file.read_text(encoding="utf-8") == "keep me"


@pytest.mark.parametrize("name", ["report.json.png", "x" * 240 + ".png", "[red] ünï .png", ".hid.png"])
def test_odd_names_of_photos(name: str, photo: Path, tmp_path: Path) -> None:
    odd = tmp_path / name
    odd.write_bytes(photo.read_bytes())
    result = run("send", odd, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["image"] == name
    assert (tmp_path / "out" / "report.json").is_file() and (tmp_path / "out" / "index.html").is_file()
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_names_that_are_no_text(photo: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.png"))
    odd.write_bytes(photo.read_bytes())
    assert run("send", odd, "--out", tmp_path / "out").exit_code == 0


def huge_png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("data", [b"", b"no picture", huge_png()], ids=["empty", "text", "20000 x 20000"])
def test_bad_pictures(data: bytes, photo: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(data)
    assert "bad.png" in refused("send", bad, "--out", tmp_path / "out")
    assert "bad.png" in refused("encode", bad, "-o", tmp_path / "bad.sem")
    assert not (tmp_path / "out").exists() and not (tmp_path / "bad.sem").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--radio", "carrier-pigeon"], "loopback-awgn"),
        (["--snr-db", "nan"], "snr_db"),
        (["--cfo-hz", "inf"], "cfo_hz"),
        (["--mcs", "qpsk-9/8"], "qpsk-1/2"),
        (["--system", "telepathy"], "es-isc"),
        (["--budget-bytes", "3"], "at least 150"),
        (["--profile", "beauty"], "meaning, pixels, tasks"),
        (["--without", "unicorn"], "unicorn"),
        (["--frame-bytes", "1"], "max_frame_bytes"),
        (["--seed", "0"], "seed"),
    ],
)
def test_bad_options_are_named_with_their_rule(options: list[str], words: str, photo: Path, tmp_path: Path) -> None:
    assert words in refused("send", photo, "--out", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def test_missing_photo_and_missing_packet(tmp_path: Path) -> None:
    assert "none.png" in refused("send", tmp_path / "none.png", "--out", tmp_path / "out")
    assert "none.sem" in refused("inspect", tmp_path / "none.sem")


def test_damaged_packets_are_refused(photo: Path, tmp_path: Path) -> None:
    packet = tmp_path / "p.sem"
    run("encode", photo, "-o", packet)
    data = packet.read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(6):
        hurt = bytearray(data[: int(rng.integers(0, len(data)))])
        packet.write_bytes(bytes(hurt))
        assert "packet" in refused("decode", packet, "-o", tmp_path / "shown")
    changed = bytearray(data)
    changed[len(data) // 2] ^= 0x40
    packet.write_bytes(bytes(changed))
    assert "CRC-32" in refused("decode", packet, "-o", tmp_path / "shown")
    assert not (tmp_path / "shown").exists()


def test_without_gnu_radio_a_sentence_says_what_to_install(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gnuradio", None)
    assert "apt-get install gnuradio" in refused("send", photo, "--out", tmp_path / "out")
    assert run("encode", photo, "-o", tmp_path / "p.sem").exit_code == 0, "meaning needs no radio"


def test_the_referee_compares_and_says_who_wins(photo: Path, tmp_path: Path) -> None:
    result = run("referee", photo, "--budget-bytes", 600, "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    verdicts = json.loads(result.stdout)
    assert all(v["num_bytes"] is None or v["num_bytes"] <= 600 for v in verdicts)
    assert {"es-isc, meaning", "WebP, best size"} <= {v["rival"] for v in verdicts}
    assert {"index.html", "verdicts.csv", "verdicts.json"} <= {path.name for path in (tmp_path / "out").iterdir()}


@pytest.mark.parametrize("budget", ["", "12", "abc", "600,-1"])
def test_the_referee_refuses_budgets_that_are_none(photo: Path, tmp_path: Path, budget: str) -> None:
    said = refused("referee", photo, "--budget-bytes", budget, "--out", tmp_path / "out")
    assert "budget-bytes must be numbers from 150" in said


def test_decode_lets_the_generator_draw_where_asked(photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is needed: scripts/setup demo")
    texture = np.random.default_rng(1).normal(0, 30, (160, 240, 3))  # more than so few bytes can carry
    Image.fromarray(np.clip(street(240, 160) + texture, 0, 255).astype(np.uint8)).save(photo)
    assert run("encode", photo, "-o", tmp_path / "p.sem", "--budget-bytes", 400).exit_code == 0
    for name, options in (
        ("drawn", ["--no-generate"]),
        ("best", []),
        ("made", ["--generate"]),
        ("again", ["--generate", "--texture", 1, "--seed", 3]),
    ):
        result = run("decode", tmp_path / "p.sem", "-o", tmp_path / name, *options)
        assert result.exit_code == 0, result.output
    names = ("drawn", "best", "made", "again")
    drawn, best, made, again = ((tmp_path / name / "reconstruction.png").read_bytes() for name in names)
    assert best == made
    assert drawn == (tmp_path / "made" / "drawing.png").read_bytes()
    assert len({drawn, made, again}) == 3


class SeesGrass(SeesRed):
    """Stands in for the segmenter: grass everywhere."""

    def __call__(self, image: np.ndarray) -> Found:
        labels = np.full(image.shape[:2], self.vocabulary["grass"].id, np.uint8)
        return Found(labels, np.full(labels.shape, 0.9, np.float32))


def test_parts_and_reconstructors_are_taken_by_name(photo: Path, tmp_path: Path) -> None:
    packet = tmp_path / "p.sem"
    with registry.override("segmenters", "green", SeesGrass()):
        result = run("encode", photo, "-o", packet, "--part", "segmenter=green", "--part", "detailer=boundaries")
        assert result.exit_code == 0, result.output
    assert stored_request(packet).parts["segmenter"] == PartChoice("green")
    seen = SemanticPacket.from_bytes(packet.read_bytes()).content(LayerKind.CLASS_MAP)
    assert set(np.unique(seen.labels)) == {SeesGrass.vocabulary["grass"].id}
    assert "'nobody'" in refused("encode", photo, "-o", packet, "--part", "segmenter=nobody")
    assert "KIND=NAME" in refused("send", photo, "--out", tmp_path / "out", "--part", "green")

    assert run("decode", packet, "-o", tmp_path / "by-name", "--reconstructor", "drawing").exit_code == 0
    drawn = (tmp_path / "by-name" / "reconstruction.png").read_bytes()
    assert drawn == (tmp_path / "by-name" / "drawing.png").read_bytes()
    assert "'nobody'" in refused("decode", packet, "-o", tmp_path / "none", "--reconstructor", "nobody")
    assert "together" in refused("decode", packet, "-o", tmp_path / "none", "--reconstructor", "drawing", "--generate")
