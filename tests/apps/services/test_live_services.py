"""Hosts, and a radio's process with a real radio's driver whose device is a double."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from semcom.apps.report.result_folder import write_file_whole
from semcom.experiments.services.service_processes import ServiceTrio, wait_until
from semcom.sdr_configs.yaml_file import read_yaml
from semcom.semantic import SemanticPacket

pytestmark = pytest.mark.timeout(400)
TRANSMITTING = ("--confirm-transmit", "--source", "7")


@pytest.fixture
def soapy_file(soapy_args: str, tmp_path: Path) -> Path:
    """Radio file of a SoapySDR double; its device is unplugged while a file ``unplugged`` is there."""
    path = tmp_path / "double.yml"
    device = f"{soapy_args},unplugged={tmp_path / 'unplugged'}"
    path.write_text(f"driver: soapy\ndevice_args: {device}\ncenter_freq_hz: 2.4e+9\n")
    assert read_yaml(path)["device_args"] == device
    return path


@pytest.fixture
def make_trio(tmp_path: Path) -> Iterator[Callable[..., ServiceTrio]]:
    made: list[ServiceTrio] = []

    def make(**options) -> ServiceTrio:
        folder = tmp_path / "trio"
        folder.mkdir()
        made.append(ServiceTrio(folder, **options))
        made[-1].start()
        made[-1].wait_up()
        return made[-1]

    yield make
    for trio in made:
        trio.close()


def complete(trio: ServiceTrio, packet: bytes) -> list[str]:
    """Result folders of complete pictures; their layers must be those of the packet."""
    found, payloads = [], said_in(SemanticPacket.from_bytes(packet))
    for path in sorted(trio.results.glob("*-*-*/result.json")):
        if json.loads(path.read_text())["complete"]:
            assert said_in(SemanticPacket.from_bytes((path.parent / "packet.sem").read_bytes())) == payloads
            found.append(path.parent.name.rpartition("_")[2])
    return found


def said_in(packet: SemanticPacket) -> list[bytes]:
    """Payloads of the layers that say something of the picture; host tx adds one that does not."""
    return [layer.payload for layer in packet.layers if layer.kind.type.says_something(layer.content)]


def cabled_to_itself(trio: ServiceTrio, packet: bytes) -> None:
    """A picture goes out and comes back whole, confirmed frame by frame."""
    write_file_whole(trio.photos / "a.sem", packet)
    wait_until(lambda: complete(trio, packet) == ["0-1-1"], f"{trio.log('radio')} {trio.status('radio')}")
    wait_until(lambda: trio.status("tx")["account"]["complete"] == 1, trio.log("tx"))
    totals = trio.status("tx")["account"]
    assert totals["delivered"] == totals["sent"] > 0 and trio.status("radio")["air"]["state"] == "running"
    assert "frequency 2400.000000 MHz" in trio.log("radio")


def ends_in_order(trio: ServiceTrio) -> None:
    assert [trio.stop(name) for name in ("tx", "radio", "rx")] == [0, 0, 0], trio.log("radio")


def test_three_processes_and_a_pluto(make_trio, iio_daemon, tmp_path: Path, packet: bytes) -> None:
    pytest.importorskip("gnuradio.iio", reason="gr-iio is needed: apt-get install gnuradio")
    path = tmp_path / "pluto.yml"
    path.write_text(f"driver: pluto\nuri: {iio_daemon.uri}\ncenter_freq_hz: 2.4e+9\nloopback: digital\n")
    trio = make_trio(radio_options=("--radio", str(path), *TRANSMITTING))
    cabled_to_itself(trio, packet)
    ends_in_order(trio)


def test_two_radios_one_of_each_role(make_trio, soapy_file: Path, packet: bytes) -> None:
    """Nothing comes back: the account says that nobody confirmed, and the picture is there."""
    trio = make_trio(
        radio_options=("--radio", str(soapy_file), "--role", "tx", *TRANSMITTING),
        far_radio_options=("--radio", str(soapy_file), "--role", "rx"),
        tx_options=("--patience-s", "0.5"),
    )
    write_file_whole(trio.photos / "a.sem", packet)
    wait_until(lambda: complete(trio, packet) == ["0-1-1"], f"{trio.log('far_radio')} {trio.status('far_radio')}")
    wait_until(lambda: trio.status("tx")["account"]["pictures"] == 1, trio.log("tx"))
    status = trio.status("tx")
    assert status["account"]["lost"] == status["account"]["sent"] > 0
    assert set(status["lost_by_cause"]) == {"receiving host did not confirm"}
    assert trio.status("rx")["quality"]["snr_db"] > 30
    assert [trio.stop(name) for name in ("tx", "radio", "far_radio", "rx")] == [0] * 4


def test_three_processes_and_a_soapy_radio_that_comes_and_goes(
    make_trio, soapy_file: Path, tmp_path: Path, packet: bytes
) -> None:
    trio = make_trio(radio_options=("--radio", str(soapy_file), "--hear-own", *TRANSMITTING))
    cabled_to_itself(trio, packet)
    (tmp_path / "unplugged").touch()
    wait_until(lambda: trio.status("radio")["air"]["state"] == "lost", trio.log("radio"))
    write_file_whole(trio.photos / "b.sem", packet)
    wait_until(lambda: trio.status("radio")["air"]["frames_waiting"], trio.log("tx"))
    (tmp_path / "unplugged").unlink()
    wait_until(lambda: len(complete(trio, packet)) == 2, trio.log("radio"))
    wait_until(lambda: trio.status("tx")["account"]["complete"] == 2, trio.log("tx"))
    assert trio.status("radio")["air"]["times_lost"] == 1
    assert trio.status("tx")["account"]["lost"] == 0
    log = trio.log("radio")
    assert "radio lost: no samples come for 3 s" in log and "radio is back after" in log
    ends_in_order(trio)
