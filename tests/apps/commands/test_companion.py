"""`semcom grc`: GNU Radio Companion with our blocks, however the project was installed."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.commands import companion as grc
from semcom.flowgraphs.errors import FlowgraphError, MissingGnuRadioError

TIMEOUT_S = 200.0
STAND_IN = """
import os, sys
from semcom.blocks import burst_modulator
print(sys.argv[1:], os.environ["GRC_BLOCKS_PATH"], file=open(os.environ["REPORT"], "w"))
sys.exit(7)
"""


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A program called gnuradio-companion that writes down how it was called; gives the file."""
    program = tmp_path / "gnuradio-companion"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("REPORT", str(tmp_path / "report"))
    monkeypatch.setattr(grc, "require_gtk", lambda: None)
    monkeypatch.setattr(grc, "require_screen", lambda: None)
    return tmp_path / "report"


def test_flowgraphs_are_found_by_name_and_by_path(repository, tmp_path):
    assert set(grc.flowgraph_files()) == {path.stem for path in (repository / "flowgraphs" / "grc").glob("*.grc")}
    assert grc.find_flowgraph("loopback_qt").samefile(repository / "flowgraphs" / "grc" / "loopback_qt.grc")
    (tmp_path / "mine.grc").touch()
    assert grc.find_flowgraph(str(tmp_path / "mine.grc")) == tmp_path / "mine.grc"


@pytest.mark.parametrize("name", ["loopbak", "none.grc", "/etc/hostname"])
def test_what_is_no_flowgraph_is_refused_with_the_names_there_are(name):
    with pytest.raises(FlowgraphError, match=r"must be a \.grc file or one of loopback, .*zmq_tx, got"):
        grc.find_flowgraph(name)
    done = CliRunner().invoke(app, ["grc", name])
    assert done.exit_code == 2


def test_blocks_of_a_checkout_are_found(repository):
    assert grc.blocks_folder().samefile(repository / "grc")


def test_it_runs_in_this_python_with_our_blocks_before_others(stand_in, monkeypatch, repository):
    monkeypatch.setenv("GRC_BLOCKS_PATH", "/others")
    assert grc.open_companion("loopback") == 7
    said = stand_in.read_text()
    assert "loopback.grc" in said and f"{repository / 'grc'}{os.pathsep}/others" in said
    assert CliRunner().invoke(app, ["grc", "loopback", "zmq_rx"]).exit_code == 7
    assert re.search(r"loopback\.grc.*zmq_rx\.grc", stand_in.read_text())
    assert CliRunner().invoke(app, ["grc"]).exit_code == 7
    assert stand_in.read_text().startswith("[] ")


def test_without_companion_or_its_window_a_sentence_says_what_to_install(monkeypatch, stand_in, tmp_path):
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "gi", None)
    with pytest.raises(MissingGnuRadioError, match=r"needs GTK 3 .*apt-get install gir1\.2-gtk-3\.0"):
        grc.require_gtk()
    monkeypatch.setenv("PATH", "/nowhere")
    for start in (grc.open_companion, lambda: grc.compile_flowgraph("loopback", tmp_path)):
        with pytest.raises(MissingGnuRadioError, match=r"cannot be found: install GNU Radio 3\.10"):
            start()


@pytest.mark.parametrize(
    ("display", "words"), [("", r"DISPLAY is not set"), (":4321", r"none can be opened \(DISPLAY=:4321\)")]
)
def test_without_a_screen_a_sentence_says_so(repository, display, words):
    """In a process of its own: GTK looks for its screen once."""
    if shutil.which(grc.COMPANION) is None:
        pytest.skip(f"{grc.COMPANION} not found (Debian: apt-get install gnuradio)")
    try:
        grc.require_gtk()
    except MissingGnuRadioError as error:
        pytest.skip(f"{error} (scripts/setup screen)")
    path = os.pathsep.join(filter(None, [str(repository / ".dev"), os.environ.get("PYTHONPATH", "")]))
    screens = {"DISPLAY": display, "WAYLAND_DISPLAY": "", "PYTHONPATH": path}
    command = [sys.executable, "-m", "semcom.apps.cli", "grc"]
    settings = {"capture_output": True, "text": True, "timeout": TIMEOUT_S, "check": False}
    done = subprocess.run(command, env={**os.environ, **screens}, **settings)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert re.search(f"needs a screen, .*{words}.*--compile", done.stderr)


@pytest.fixture
def compiler():
    if shutil.which(grc.COMPILER) is None:
        pytest.skip(f"{grc.COMPILER} not found (Debian: apt-get install gnuradio)")


def test_a_flowgraph_becomes_a_program_that_runs_in_this_python(compiler, repository, tmp_path):
    """pluto_tx names the demo photo by an import of ours: the distribution's own Python does not know it."""
    done = CliRunner().invoke(app, ["grc", "pluto_tx", "--compile", "-o", str(tmp_path / "new" / "folder")])
    program = tmp_path / "new" / "folder" / "semcom_pluto_tx.py"
    assert done.exit_code == 0 and f"its options: {sys.executable} {program} --help" in done.output
    assert "import blocks as semcom_blocks  # where it is not found: start this with the Python" in program.read_text()
    path = os.pathsep.join(filter(None, [str(repository / ".dev"), os.environ.get("PYTHONPATH", "")]))
    settings = {"capture_output": True, "text": True, "timeout": TIMEOUT_S, "check": False}
    helped = subprocess.run([sys.executable, program, "--help"], env={**os.environ, "PYTHONPATH": path}, **settings)
    assert helped.returncode == 0 and "--attenuation-db" in helped.stdout


def test_errors_of_a_flowgraph_are_named_when_it_is_compiled(compiler, repository, tmp_path):
    text = (repository / "flowgraphs" / "grc" / "loopback.grc").read_text()
    (tmp_path / "wrong.grc").write_text(text.replace("mcs: qpsk-1/2", "mcs: 8psk-1/2"))
    with pytest.raises(
        FlowgraphError, match=r"wrong\.grc cannot be compiled: Block - (link_sender|burst_modulator) .* Assertion .*mcs"
    ):
        grc.compile_flowgraph(str(tmp_path / "wrong.grc"), tmp_path)
    (tmp_path / "empty.grc").touch()
    with pytest.raises(FlowgraphError, match=r"empty\.grc cannot be compiled: ."):
        grc.compile_flowgraph(str(tmp_path / "empty.grc"), tmp_path)


@pytest.mark.parametrize("words", [["--compile"], ["loopback", "-o", "somewhere"]])
def test_compile_wants_a_file_and_a_folder_wants_compile(words):
    assert CliRunner().invoke(app, ["grc", *words]).exit_code == 2


def test_companion_itself_opens_a_flowgraph_without_complaint(repository):
    for program in ("xvfb-run", "xauth", grc.COMPANION):
        if shutil.which(program) is None:
            pytest.skip(f"{program} not found (scripts/setup screen)")
    try:
        grc.require_gtk()
    except MissingGnuRadioError as error:
        pytest.skip(f"{error} (scripts/setup screen)")
    path = os.pathsep.join(filter(None, [str(repository / ".dev"), os.environ.get("PYTHONPATH", "")]))
    command = ["xvfb-run", "-a", sys.executable, "-m", "semcom.apps.cli", "grc", "loopback_qt"]
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "start_new_session": True}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, **settings) as process:
        said, deadline = b"", time.monotonic() + TIMEOUT_S
        try:
            while b">>> Done" not in said:
                ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
                more = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
                assert more, f"ended, or too slow: {said.decode(errors='replace')}"
                said += more
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    text = said.decode(errors="replace")
    assert str(repository / "grc") in text and "loopback_qt.grc" in text and "rror" not in text
