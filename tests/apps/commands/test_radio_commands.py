"""Pictures through real radios' drivers, and the commands that a person starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image

from semcom.apps.delivery.inbox import Inbox
from semcom.apps.delivery.packet_items import items_of
from semcom.link import Sender
from semcom.semantic import SemanticPacket, encode

from ...radio_doubles.fixtures import carry
from ...radio_doubles.waiting import wait_for
from ...stand_ins import stand_ins, street  # noqa: F401
from ..command_line import run

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(400)]


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "one.png", tmp_path / "two.png"]
    for path, size in zip(paths, ((240, 160), (160, 120)), strict=True):
        Image.fromarray(street(*size)).save(path)
    return paths


@pytest.mark.parametrize(
    ("fixture", "settings"),
    [
        ("soapy_radio", {}),
        ("usrp_radio", {}),
        ("pluto_radio", {"library": "gr-iio"}),
        ("pluto_radio", {"library": "pyadi-iio"}),
    ],
    ids=["gr-soapy", "gr-uhd", "gr-iio", "pyadi-iio"],
)
def test_ten_pictures_arrive_byte_for_byte(request, fixture, settings):
    radio = request.getfixturevalue(fixture)(**settings)
    packets = [encode(street(120 + 8 * at, 80), stream=3, picture=at) for at in range(1, 11)]
    frames = [(frame.data, "qpsk-1/2") for packet in packets for frame in Sender(256).frames(items_of(packet))]
    _, reception = carry(radio, frames)
    inbox = Inbox()
    pictures = [picture for frame in reception.frames for picture in inbox.take_frame(frame)]
    assert [picture.scope.picture for picture in pictures] == list(range(1, 11)) and inbox.rest() == []
    for packet, picture in zip(packets, pictures, strict=True):
        assert SemanticPacket.from_payloads(picture.payloads).to_bytes() == packet.to_bytes()


def test_photos_from_one_process_to_another_then_from_the_recording(tmp_path, radio_file, photos):
    """`semcom receive` live, and `semcom replay` of its recording, on one core and on two: all the same."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "semcom.apps.cli", "receive", "--radio", radio_file, "--out", tmp_path / "live"]
    command += ["--pictures", "2", "--timeout-s", "100", "--record", tmp_path / "air_record"]
    with subprocess.Popen(
        [str(word) for word in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as receiving:
        samples = tmp_path / "air_record.sigmf-data"
        wait_for(lambda: samples.exists() and samples.stat().st_size > 0, timeout_s=60)  # it listens
        options = ("--stream", 7, "--packets", tmp_path / "tx", "--confirm-transmit")
        sent = run("transmit", *photos, "--radio", radio_file, *options)
        said, _ = receiving.communicate(timeout=120)
    assert sent.exit_code == 0 and receiving.returncode == 0, (sent.output, said)
    for words in ("frequency 2400.000000 MHz", "bandwidth 828 kHz", "tx_gain_db 20"):
        assert words in sent.output
    for name in ("00007-001", "00007-002"):
        assert (tmp_path / "live" / name / "packet.sem").read_bytes() == (tmp_path / "tx" / f"{name}.sem").read_bytes()
        assert (tmp_path / "live" / name / "report.html").exists()
    for name, options in (("again", ()), ("on_two_cores", ("--workers", 2))):
        replayed = run("replay", tmp_path / "air_record", "--out", tmp_path / name, *options)
        assert replayed.exit_code == 0, replayed.output
    names = ("live", "again", "on_two_cores")
    live, again, on_two_cores = (json.loads((tmp_path / name / "report.json").read_text()) for name in names)
    for entry in (*live, *again, *on_two_cores):
        assert entry.pop("command") in ("receive", "replay")
        for name in ("radio", "time", "timings_s"):
            entry.pop(name)
        assert entry["channel_uses"] > 0
    assert live == again == on_two_cores and [entry["outcome"] for entry in live] == ["complete", "complete"]


def test_nothing_is_sent_without_confirmation(radio_file, photos):
    refused = run("transmit", *photos, "--radio", radio_file)
    assert refused.exit_code == 2
    assert "confirm_transmit must be true, or --confirm-transmit be given" in " ".join(refused.output.split())
    loopback = run("transmit", *photos, "--radio", "loopback-awgn", "--confirm-transmit")
    assert loopback.exit_code == 2 and "use `semcom send`" in " ".join(loopback.output.split())
    assert "--radio zmq" in loopback.output
    assert run("send", *photos, "--radio", "pluto").exit_code == 2


def test_a_radio_that_only_receives_is_refused_before_anything_is_told(photos):
    refused = run("transmit", *photos, "--radio", "rtlsdr_rx", "--confirm-transmit")
    assert refused.exit_code == 2 and "rtlsdr_rx: can_transmit must be true" in refused.output
    assert "frequency" not in refused.output


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    """A virtual air with nobody at its other end."""
    path = tmp_path / "nobody.yml"
    path.write_text(f"driver: zmq\naddress: ipc://{tmp_path}/air\nconfirm_transmit: true\n")
    return path


def test_transmitting_to_nobody_ends_with_status_3_and_says_who_is_missing(nobody, photos):
    done = run("transmit", photos[0], "--radio", nobody, "--timeout-s", 2)
    said = " ".join(done.output.split())
    assert done.exit_code == 3 and "it took none for 2 s: a receiver must run at ipc://" in said


def test_a_recording_of_nothing_ends_with_status_3(nobody, tmp_path):
    done = run("record", tmp_path / "nothing", "--radio", nobody, "--duration-s", 0.5)
    assert done.exit_code == 3 and "no samples came in 0.5 s" in " ".join(done.output.split())


def test_the_doctor_does_not_measure_what_is_no_device(nobody):
    done = run("doctor", "--no-search", "--radio", nobody, "--json")
    assert json.loads(done.stdout)[-1]["level"] == "ok" and "no device" in done.stdout


def test_silence_ends_with_status_3_and_a_report(tmp_path, radio_file):
    result = run("receive", "--radio", radio_file, "--out", tmp_path / "out", "--timeout-s", 0.5)
    assert result.exit_code == 3
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == []


def test_a_radio_that_is_not_there_is_one_line(tmp_path):
    path = tmp_path / "none.yml"
    path.write_text("driver: pluto\nuri: ip:127.0.0.1:1\ncenter_freq_hz: 2.4e+9\n")
    pytest.importorskip(
        "iio", reason="pylibiio and libiio0 are needed: scripts/setup radios,doubles", exc_type=ImportError
    )
    result = run("receive", "--radio", path, "--out", tmp_path / "out", "--timeout-s", 5)
    assert result.exit_code == 2 and "uri ip:127.0.0.1:1 does not answer" in " ".join(result.output.split())


def test_record_then_replay_of_silence(tmp_path, radio_file):
    recorded = run("record", tmp_path / "quiet", "--radio", radio_file, "--duration-s", 1.0)
    assert recorded.exit_code == 0 and "0 bursts" in recorded.output
    assert run("replay", tmp_path / "quiet", "--out", tmp_path / "out").exit_code == 3


def test_calibrate_writes_a_copy_with_the_best_gain(tmp_path, soapy_radio):
    source, target = tmp_path / "air.yml", tmp_path / "mine.yml"
    source.write_text(yaml.safe_dump(soapy_radio(device=",bits=8").model_dump(mode="json")) + "# mine\n")
    options = ("--own-transmitter", "--from-db", 10, "--to-db", 50, "--step-db", 20, "-o", target)
    assert run("calibrate", "--radio", source, *options).exit_code == 2  # not confirmed
    done = run("calibrate", "--radio", source, *options, "--confirm-transmit")
    assert done.exit_code == 0, done.output
    assert yaml.safe_load(target.read_text())["rx_gain_db"] == 30 and "# mine" in target.read_text()


def test_swapped_i_and_q_are_found_by_calibrate(tmp_path, soapy_radio):
    """The radio is right; its file says that it swaps, which swaps."""
    source, target = tmp_path / "air.yml", tmp_path / "mine.yml"
    radio = soapy_radio(device=",bits=8").model_dump(mode="json") | {"iq_swap": True}
    source.write_text(yaml.safe_dump(radio))
    options = ("--own-transmitter", "--from-db", 30, "--to-db", 30, "--step-s", 2, "-o", target, "--confirm-transmit")
    done = run("calibrate", "--radio", source, *options)
    assert done.exit_code == 0 and "inverted: I and Q are swapped" in done.output, done.output
    assert yaml.safe_load(target.read_text())["iq_swap"] is False
    again = run("calibrate", "--radio", target, *options[:-2], tmp_path / "best.yml", options[-1])
    assert again.exit_code == 0 and yaml.safe_load((tmp_path / "best.yml").read_text())["rx_gain_db"] == 30


def test_an_inverted_spectrum_is_a_problem_that_the_doctor_names():
    from semcom.apps.commands.diagnosis import PROBLEM, inversion_finding

    finding = inversion_finding("mine", 3, swapped=False)
    assert (
        finding.level == PROBLEM and "3 bursts" in finding.words and finding.remedy == "iq_swap: true in the radio file"
    )
    assert inversion_finding("mine", 3, swapped=True).remedy.startswith("iq_swap: false")


def test_the_doctor_says_what_is_there(radio_file):
    result = run("doctor", "--no-search", "--json")
    names = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert names["GNU Radio"]["level"] == "ok" and "numpy" in names["GNU Radio"]["words"]
    assert names["ZeroMQ"]["level"] == "ok"
    assert all(finding["remedy"] for finding in names.values() if finding["level"] == "problem")


def test_the_doctor_says_what_to_install_for_a_driver(monkeypatch):
    monkeypatch.setitem(sys.modules, "iio", None)
    for module in ("pluto_radio", "pluto_control"):
        monkeypatch.delitem(sys.modules, f"semcom.flowgraphs.radios.{module}", raising=False)
    done = run("doctor", "--no-search", "--radio", "pluto", "--json")
    words = json.loads(done.stdout)[-1]["words"]
    assert done.exit_code == 1 and "apt-get install gnuradio libiio0" in words and "semcom doctor" not in words


def test_the_doctor_says_whether_gnu_radio_companion_has_its_window(monkeypatch):
    from semcom.apps.commands import companion as grc
    from semcom.apps.commands import diagnosis
    from semcom.flowgraphs.errors import FlowgraphError

    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(grc, "require_gtk", lambda: None)
    monkeypatch.setattr(grc, "require_screen", lambda: None)
    assert [finding.level for finding in diagnosis.companion()] == ["ok"]

    def no_screen():
        raise FlowgraphError("gnuradio-companion needs a screen")

    monkeypatch.setattr(grc, "require_screen", no_screen)
    (finding,) = diagnosis.companion()
    assert finding.level == "note" and finding.words == "gnuradio-companion needs a screen"


def test_the_doctor_names_usb_radios_that_may_not_be_opened(tmp_path, monkeypatch):
    from semcom.apps.commands.diagnosis import usb_permissions

    device = tmp_path / "sys" / "1-1"
    device.mkdir(parents=True)
    for name, text in {"idVendor": "0456", "idProduct": "b673", "busnum": "1", "devnum": "7", "speed": "480"}.items():
        (device / name).write_text(text + "\n")
    (tmp_path / "dev" / "001").mkdir(parents=True)
    (tmp_path / "dev" / "001" / "007").touch()
    (allowed,) = usb_permissions(tmp_path / "sys", tmp_path / "dev")
    assert (allowed.level, allowed.name) == ("ok", "USB: ADALM-Pluto")
    monkeypatch.setattr("os.access", lambda *_: False)
    (refused,) = usb_permissions(tmp_path / "sys", tmp_path / "dev")
    assert refused.level == "problem" and "udev rules" in refused.remedy
