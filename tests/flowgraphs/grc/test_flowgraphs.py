"""Each .grc file is compiled; those that need no screen and no radio are run, as a user would."""

import contextlib
import json
import re
import socket
import sys

import numpy as np
import pytest
import yaml
from gnuradio import blocks as gr_blocks
from gnuradio import gr
from PIL import Image

from semcom.blocks import semantic_transmitter
from semcom.flowgraphs.grc.demo_picture import demo_picture
from semcom.flowgraphs.grc.plain_errors import say_plainly
from semcom.flowgraphs.loopback.watchdog import run_to_end
from semcom.flowgraphs.radios.sigmf_files import about_radio
from semcom.phy.recording.writer import RecordingWriter
from semcom.sdr_configs.radio import parse_radio
from semcom.semantic import SemanticPacket

TIMEOUT_S = 120.0
ANSWER_S = 0.5


def assert_received(folder, photo):
    _, sent = photo
    received = SemanticPacket.from_bytes((folder / "0-0-1" / "packet.sem").read_bytes())
    assert [layer.payload for layer in received.layers] == [layer.payload for layer in sent.layers]
    with Image.open(folder / "0-0-1" / "reconstruction.png") as picture:
        assert picture.size == (128, 96)


def test_compiled_flowgraphs_do_not_take_the_name_of_a_module(repository, compiled):
    names = {path.stem for path in compiled.glob("*.py")}
    assert not names & {path.stem for path in (repository / "flowgraphs").glob("*.py")}


def test_a_mode_that_does_not_exist_is_refused_before_anything_runs(repository, grcc, tmp_path):
    text = (repository / "flowgraphs" / "grc" / "loopback.grc").read_text()
    (tmp_path / "wrong.grc").write_text(text.replace("mcs: qpsk-1/2", "mcs: 8psk-1/2"))
    done = grcc(tmp_path, tmp_path / "wrong.grc")
    assert done.returncode != 0 and "burst_modulator" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.py"))


def test_a_photo_crosses_all_six_blocks_and_the_flowgraph_ends(flowgraphs, photo, tmp_path):
    done = flowgraphs.run("loopback", "-p", photo[0], "-o", tmp_path / "out", "-s", "8")
    assert done.returncode == 0, done.stderr
    assert_received(tmp_path / "out", photo)


def test_a_picture_that_cannot_be_read_ends_it_too(flowgraphs, tmp_path):
    done = flowgraphs.run("loopback", "-p", tmp_path / "none.png", "-o", tmp_path / "out")
    assert done.returncode == 0 and "none.png" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_a_program_for_packet_radio_hears_itself_over_kiss(flowgraphs, wait_until, free_ports, rng):
    """A frame of 3000 bytes is split and put together; junk before it hinders nothing; the call sign is no packet."""
    (port,) = free_ports(1, socket.SOCK_STREAM)
    packet = rng.bytes(3000).replace(b"\xc0", b"a").replace(b"\xdb", b"b") + b"\xc0\xdb"
    framed = b"\xc0\x00" + packet[:-2] + b"\xdb\xdc\xdb\xdd\xc0"
    options = ("-o", port, "-s", "12", "-m", "16qam-1/2", "-k", "DL0ABC")
    with flowgraphs.running("modem_kiss", *options) as process:
        connections = []

        def is_connected():
            try:
                connections.append(socket.create_connection(("127.0.0.1", int(port)), ANSWER_S))
            except OSError:
                return False
            return True

        wait_until(is_connected, process)
        with connections[0] as ours:
            ours.settimeout(ANSWER_S)
            came = bytearray()

            def has_come():  # what is sent before the flowgraph has started is nobody's: send again
                ours.sendall(b"junk" + framed)
                with contextlib.suppress(TimeoutError):
                    while came.count(b"\xc0") < 2:
                        came.extend(ours.recv(1 << 16))
                return came.count(b"\xc0") >= 2

            wait_until(has_come, process)
            assert came.startswith(framed)


def test_datagrams_come_back_through_the_modem_alone(flowgraphs, wait_until, free_ports, rng):
    enters, leaves = free_ports(2, socket.SOCK_DGRAM)
    datagrams = [rng.bytes(size) for size in (1, 200, 1400)]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
        flowgraphs.running("modem_only", "-i", enters, "-o", leaves, "-s", "6", "-m", "qpsk-3/4") as process,
    ):
        ours.bind(("127.0.0.1", int(leaves)))
        ours.settimeout(ANSWER_S)
        missing = set(datagrams)

        def all_came():  # UDP promises nothing, and the flowgraph may not listen yet: send again
            for datagram in missing:
                ours.sendto(datagram, ("127.0.0.1", int(enters)))
            try:
                while missing:
                    missing.discard(ours.recv(10_000))
            except TimeoutError:
                pass
            return not missing

        wait_until(all_came, process)


def test_a_photo_crosses_from_one_process_to_another(flowgraphs, wait_until, free_ports, photo, tmp_path):
    address = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    with flowgraphs.running("zmq_rx", "-a", address, "-o", tmp_path / "out") as receiver:
        done = flowgraphs.run("zmq_tx", "-a", address, "-p", photo[0])
        assert done.returncode == 0, done.stderr
        folder = tmp_path / "out" / "0-0-1"
        for line in receiver.stdout:  # said when all is written, with the caption in front
            if line.decode().rstrip().endswith(str(folder)):
                break
        assert line.decode().strip() == f"{(folder / 'caption.txt').read_text().strip()} {folder}"
    assert_received(tmp_path / "out", photo)


@pytest.fixture
def recorded(photo, tmp_path):
    """A recording without its metadata, as a radio at 2 Msps would give it."""
    top_block, samples = gr.top_block(), gr_blocks.file_sink(gr.sizeof_gr_complex, str(tmp_path / "a.sigmf-data"))
    transmitter = semantic_transmitter(sample_rate_hz=2e6, amplitude=0.1, picture_files=str(photo[0]))
    top_block.connect(transmitter, samples)
    run_to_end(top_block, TIMEOUT_S)
    samples.close()
    return tmp_path / "a"


def test_one_flowgraph_makes_the_recording_that_another_plays(flowgraphs, photo, tmp_path):
    recording = tmp_path / "recording.sigmf-data"
    made = flowgraphs.run("sigmf_record", "-p", photo[0], "-r", recording)
    assert made.returncode == 0 and f"{recording} is recorded: sigmf_replay -r {recording} plays it" in made.stdout
    done = flowgraphs.run("sigmf_replay", "-r", recording, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert_received(tmp_path / "out", photo)


def test_a_mode_that_does_not_exist_is_a_sentence_at_run_time_too(flowgraphs):
    done = flowgraphs.run("modem_only", "-m", "8psk-1/2")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "semcom_modem_only: mcs must be one of bpsk-1/8, " in done.stderr


def test_a_picture_display_asks_for_a_window(repository, grcc, tmp_path):
    text = (repository / "flowgraphs" / "grc" / "loopback_qt.grc").read_text()
    (tmp_path / "windowless.grc").write_text(text.replace("generate_options: qt_gui", "generate_options: no_gui"))
    done = grcc(tmp_path, tmp_path / "windowless.grc")
    assert done.returncode != 0 and "Picture Display" in done.stdout + done.stderr
    assert "Can't generate this block in mode" in done.stdout + done.stderr


def test_the_rate_of_a_new_flowgraph_is_refused_with_the_lowest_that_works(repository, grcc, tmp_path):
    text = (repository / "flowgraphs" / "grc" / "modem_start.grc").read_text()
    (tmp_path / "slow.grc").write_text(text.replace("value: 2e6", "value: '32000'"))
    done = grcc(tmp_path, tmp_path / "slow.grc")
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "The sample rate must be 0 (the nominal rate) or at least 862631 for ofdm64" in told


def test_a_recording_at_a_radios_rate_is_replayed(flowgraphs, photo, recorded, tmp_path):
    data = recorded.with_suffix(".sigmf-data")
    done = flowgraphs.run("sigmf_replay", "-r", data, "-s", "2e6", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert_received(tmp_path / "out", photo)


def test_a_recording_brings_its_own_rate_and_search(flowgraphs, photo, recorded, tmp_path):
    about = about_radio(parse_radio({"driver": "sigmf", "max_cfo_subcarriers": 3.0}), 2e6)
    writer = RecordingWriter(tmp_path / "ours", about)
    writer.write(np.fromfile(recorded.with_suffix(".sigmf-data"), np.complex64))
    writer.close()
    done = flowgraphs.run("sigmf_replay", "-r", tmp_path / "ours", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert_received(tmp_path / "out", photo)
    assert re.search(rf"bursts: \d+, pictures: 1, in {tmp_path / 'out'}\n", done.stdout)
    wrong = flowgraphs.run("sigmf_replay", "-r", tmp_path / "ours", "-s", "1.5e6", "-o", tmp_path / "none")
    assert wrong.returncode == 0 and "none came: are sample rate and waveform" in wrong.stdout


def test_an_rtl_sdrs_bytes_are_replayed_as_they_are(flowgraphs, photo, recorded, tmp_path):
    values = np.fromfile(recorded.with_suffix(".sigmf-data"), np.float32)
    codes = np.clip(np.round(values * 127.5 + 127.5), 0, 255).astype(np.uint8)
    (tmp_path / "rtl.sigmf-data").write_bytes(codes.tobytes())
    about = {"global": {"core:datatype": "cu8", "core:sample_rate": 2e6}}
    (tmp_path / "rtl.sigmf-meta").write_text(json.dumps(about))
    done = flowgraphs.run("sigmf_replay", "-r", tmp_path / "rtl", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert_received(tmp_path / "out", photo)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-r", "{}/none"), "none.sigmf-meta: cannot be read: No such file"),
        (("-r", "{}/none", "-s", "2e6"), "must be a file, there is none"),
        (("-r", "{}/a"), "samples without metadata need a sample rate"),
        (("-r", "{}/real"), "core:datatype must be complex (I and Q), got 'rf32_le'"),
    ],
)
def test_what_cannot_be_replayed_ends_with_a_sentence(flowgraphs, tmp_path, arguments, words):
    (tmp_path / "a.sigmf-data").write_bytes(bytes(80))
    (tmp_path / "real.sigmf-data").write_bytes(bytes(80))
    about = {"global": {"core:datatype": "rf32_le", "core:sample_rate": 2e6}}
    (tmp_path / "real.sigmf-meta").write_text(json.dumps(about))
    done = flowgraphs.run("sigmf_replay", *(word.format(tmp_path) for word in arguments))
    assert done.returncode == 1 and words in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "address"), [("pluto_tx", "ip:127.0.0.1:1"), ("usrp_tx", "serial=none")])
def test_a_device_that_is_not_there_is_said_in_a_sentence(flowgraphs, name, address):
    needed = "gnuradio." + ("iio" if name == "pluto_tx" else "uhd")
    pytest.importorskip(needed, reason=f"{needed} is needed: apt-get install gnuradio", exc_type=ImportError)
    done = flowgraphs.run(name, "-u", address)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert last.startswith(f"semcom_{name}: ") and "is it plugged in?" in last


def test_other_errors_keep_their_traceback(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *of: seen.append(of[0]))
    say_plainly("advice")
    sys.excepthook(KeyError, KeyError("x"), None)
    assert seen == [KeyError]


@pytest.mark.parametrize(
    ("name", "sink", "parameter", "least_power"),
    [("pluto_tx", "iio_pluto_sink", "attenuation_db", 60.0), ("usrp_tx", "uhd_usrp_sink", "gain_db", 0.0)],
)
def test_what_transmits_says_so_and_starts_at_low_power(repository, name, sink, parameter, least_power):
    sheet = yaml.safe_load((repository / "flowgraphs" / "grc" / f"{name}.grc").read_text())
    blocks = {block["name"]: block for block in sheet["blocks"]}
    assert float(blocks[parameter]["parameters"]["value"]) == least_power
    radio = next(block["parameters"] for block in sheet["blocks"] if block["id"] == sink)
    assert parameter in (radio.get("attenuation1"), radio.get("gain0"))
    assert any("TRANSMITS" in block["parameters"]["note"] for block in sheet["blocks"] if block["id"] == "note")
    assert float(blocks["semantic_transmitter"]["parameters"]["amplitude"]) <= 0.3  # room for the peaks


def test_there_is_a_photo_to_show():
    with Image.open(demo_picture()) as picture:
        assert min(picture.size) > 100
        assert np.asarray(picture).std() > 10
