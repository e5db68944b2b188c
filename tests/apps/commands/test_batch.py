"""Several photos in one command: bad files, standard input, names in the terminal, Ctrl-C, a full disk."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from semcom.apps.cli import app
from semcom.apps.commands import inputs
from semcom.apps.commands.console import err, out, shown, visible
from semcom.apps.report import result_folder
from semcom.semantic import SemanticPacket

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(400)]


def run(*arguments: object, stdin: bytes = b"") -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def picture(path: Path, width: int = 240) -> Path:
    Image.fromarray(street(width, 160)).save(path)
    return path


def entries(folder: Path) -> list[dict]:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.png"
    path.write_bytes(b"no picture")
    return path


def test_bad_files_are_named_twice_and_the_others_go_on(tmp_path: Path, bad: Path) -> None:
    first, last, none = picture(tmp_path / "first.png"), picture(tmp_path / "last.png", 160), tmp_path / "none.png"
    result = run("send", bad, first, none, last, "--out", tmp_path / "out")
    assert result.exit_code == 0
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 3 and "bad.png: is not a picture" in lines[0] and "none.png: cannot be read" in lines[1]
    assert lines[2] == f"semcom: 2 of 4 photos left out: {bad}, {none}"
    told = entries(tmp_path / "out")
    assert [(entry["image"], entry["folder"]) for entry in told] == [("first.png", "first"), ("last.png", "last")]
    assert [entry["identity"]["picture"] for entry in told] == [2, 4]  # the place in the batch
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.index("first/report.html") < page.index("last/report.html") and "bad.png" not in page
    assert (tmp_path / "out" / "last" / "thumbnail.webp").is_file()


def test_the_status_is_2_only_where_all_are_bad(tmp_path: Path, bad: Path) -> None:
    result = run("send", bad, tmp_path / "none.png", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 2 and result.stdout == "" and not (tmp_path / "out").exists()
    assert "2 of 2 photos left out" in result.stderr
    result = run("send", bad, picture(tmp_path / "a.png"), "--snr-db", -25, "--out", tmp_path / "out")
    assert result.exit_code == 3 and len(entries(tmp_path / "out")) == 1


def test_what_is_withheld_lies_with_the_packet_or_neither_does(tmp_path: Path, monkeypatch) -> None:
    photo, folder = picture(tmp_path / "a.png"), tmp_path / "out" / "a"
    assert run("send", photo, "--without", "vehicle", "--out", tmp_path / "out").exit_code == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert b"vehicle" in before["packet.request.json"]

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(result_folder.os, "write", full)
        assert run("send", photo, "--without", "person", "--out", tmp_path / "out").exit_code == 2
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert run("send", photo, "--out", tmp_path / "out").exit_code == 0
    assert (folder / "packet.sem").exists() and not (folder / "packet.request.json").exists()


def test_errors_of_the_request_are_said_once(tmp_path: Path) -> None:
    photos = [picture(tmp_path / f"{name}.png") for name in "ab"]
    result = run("send", *photos, "--without", "unicorn", "--out", tmp_path / "out")
    assert result.exit_code == 2 and result.stderr.count("unicorn") == 1 and "left out" not in result.stderr


def test_transmit_passes_over_bad_files_too(tmp_path: Path, bad: Path) -> None:
    nobody = tmp_path / "nobody.yml"
    nobody.write_text(f"driver: zmq\naddress: ipc://{tmp_path}/air\nconfirm_transmit: true\n")
    options = ("--radio", nobody, "--packets", tmp_path / "packets", "--stream", 5, "--timeout-s", 1)
    result = run("transmit", bad, picture(tmp_path / "a.png"), *options)
    assert result.exit_code == 3 and "1 of 2 photos left out" in result.stderr  # nobody takes the good one
    assert [path.name for path in (tmp_path / "packets").iterdir()] == ["00005-002.sem"]
    result = run("transmit", bad, *options)
    assert result.exit_code == 2 and len(result.stderr.strip().splitlines()) == 1


def test_standard_input_is_a_file_like_any_other(tmp_path: Path) -> None:
    photo = picture(tmp_path / "a.png")
    data = photo.read_bytes()
    assert run("encode", "-", "-o", tmp_path / "p.sem", stdin=data).exit_code == 0
    run("encode", photo, "-o", tmp_path / "same.sem")
    packet = (tmp_path / "p.sem").read_bytes()
    assert packet == (tmp_path / "same.sem").read_bytes()
    assert json.loads(run("inspect", "-", "--json", stdin=packet).stdout)["bytes"] == len(packet)
    assert run("decode", "-", "-o", tmp_path / "shown", stdin=packet).exit_code == 0
    assert (tmp_path / "shown" / "packet.sem").read_bytes() == packet
    assert run("send", photo, "-", "--out", tmp_path / "out", stdin=data).exit_code == 0
    assert [(e["image"], e["path"], e["folder"]) for e in entries(tmp_path / "out")] == [
        ("a.png", str(photo), "a"),
        ("stdin", "-", "stdin"),
    ]
    sent = SemanticPacket.from_bytes((tmp_path / "out" / "stdin" / "packet.sem").read_bytes())
    assert sent.picture == 2 and sent.size == (240, 160)


def test_standard_input_is_bounded_and_its_errors_name_it(tmp_path: Path, monkeypatch) -> None:
    result = run("send", "-", "-", "--out", tmp_path / "out")
    assert result.exit_code == 2 and "must be given at most once, got 2 times" in result.stderr
    assert "standard input: is empty" in run("encode", "-", "-o", tmp_path / "p.sem").stderr
    assert "standard input: packet: must begin with" in run("inspect", "-", stdin=b"no packet").stderr
    asked: list[int] = []

    def read(max_bytes: int) -> bytes:
        asked.append(max_bytes)
        return bytes(max_bytes if max_bytes < 1 << 20 else 0)

    monkeypatch.setattr("semcom.semantic.picture_file.MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(inputs, "read_stdin", read)
    assert "must have at most 1000 bytes" in run("encode", "-", "-o", tmp_path / "p.sem").stderr
    assert asked == [1001]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\x1b]0;x\x07b", r"a\x1b]0;x\x07b"),
        ("two\nlines", r"two\nlines"),
        ("[red]x[bold]", "[red]x[bold]"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("ünï\u3000 码", "ünï\u3000 码"),
        ("back\\", "back\\"),
    ],
)
def test_names_command_no_terminal(tmp_path: Path, name: str, told: str) -> None:
    photo = picture(tmp_path / "a.png").rename(tmp_path / f"{name}.png")
    result = run("send", photo, tmp_path / f"{name}.none", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert f"{told}.png complete" in result.stdout and f"left out: {tmp_path}/{told}.none\n" in result.stderr
    said = result.output.replace("\n", "")
    assert visible(said) == said
    assert entries(tmp_path / "out")[0]["image"] == f"{name}.png"  # a report holds the name itself


def test_text_that_nobody_escaped_commands_no_terminal_either(capsys) -> None:
    with out.capture() as capture:
        out.print("[bold]a\x1b[31mb[/bold]\n\x9bc")
    assert capture.get() == "a\\x1b[31mb\n\\x9bc\n"
    assert shown(Path("[red]\x00")) == "\\[red]\\x00" and err.is_terminal is False


def start(*arguments: object) -> subprocess.Popen:
    """A process of the command line, with the stand-ins in the place of the networks."""
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # tests in the background inherit it as ignored
        "from semcom.apps.cli import main\n"
        f"sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})\n"
        "from stand_ins import street_parts\n"
        "with street_parts():\n"
        "    main()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_interrupted_batch_keeps_what_it_has_done(tmp_path: Path) -> None:
    """The third photo is standard input that never ends: there it waits until Ctrl-C."""
    photos = [picture(tmp_path / f"{name}.png") for name in "ab"]
    process = start("send", *photos, "-", "--out", tmp_path / "out")
    assert process.stdout is not None
    said = ""
    while "b/report.html" not in said:
        line = process.stdout.readline()
        assert line, process.communicate()
        said += line
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in errors
    assert [entry["image"] for entry in entries(tmp_path / "out")] == ["a.png", "b.png"]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "a/report.html" in page and "b/report.html" in page and "stdin" not in page
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "b", "index.html", "report.json"]


def test_a_full_disk_is_one_sentence_and_what_was_there_stays(tmp_path: Path, monkeypatch) -> None:
    photos = [picture(tmp_path / f"{name}.png") for name in "ab"]
    run("send", *photos, "--out", tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out" / "b").rglob("*") if path.is_file()}
    write, started = os.write, []

    def full(descriptor: int, data: memoryview) -> int:
        started.append(descriptor)
        if (tmp_path / "out" / "a" / "report.html").stat().st_mtime_ns != first:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    first = (tmp_path / "out" / "a" / "report.html").stat().st_mtime_ns
    monkeypatch.setattr(result_folder.os, "write", full)
    result = run("send", *photos, "--out", tmp_path / "out")
    assert result.exit_code == 2 and started
    assert len(result.stderr.strip().splitlines()) == 1 and "No space left on device" in result.stderr
    assert f"{tmp_path / 'out'}" in result.stderr
    assert {path: path.read_bytes() for path in (tmp_path / "out" / "b").rglob("*") if path.is_file()} == before
    assert not list(tmp_path.rglob(".semcom-*"))


def test_a_results_folder_that_is_removed_while_running_is_made_again(tmp_path: Path) -> None:
    photos = [picture(tmp_path / f"{name}.png") for name in "ab"]
    process = start("send", *photos, "-", "--out", tmp_path / "out")
    assert process.stdout is not None
    while "b/report.html" not in process.stdout.readline():
        pass
    (tmp_path / "out").rename(tmp_path / "moved")
    process.communicate(input="no picture", timeout=60)
    assert process.returncode == 0 and not (tmp_path / "out").exists()  # nothing more to write
    process = start("send", photos[0], "-", "--out", tmp_path / "out")
    assert process.stdout is not None
    while "a/report.html" not in process.stdout.readline():
        pass
    (tmp_path / "out").rename(tmp_path / "moved again")
    with process:
        assert process.stdin is not None
        process.stdin.buffer.write(photos[1].read_bytes())
        process.stdin.close()
        process.wait(timeout=60)
    assert process.returncode == 0
    assert [entry["image"] for entry in entries(tmp_path / "out")] == ["a.png", "stdin"]
    assert (tmp_path / "out" / "stdin" / "report.html").is_file()
