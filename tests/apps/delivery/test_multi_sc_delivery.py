"""Multi-SC over the radio: each field's words and the cut-out travel alone, and a bad link loses its own words only."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from semcom.apps.delivery import send as send_module
from semcom.apps.delivery.outgoing import AirSettings, prepare
from semcom.apps.delivery.send import SendSettings, send_photo
from semcom.link import Assembler, Scope
from semcom.sdr_configs.radio import load_loopback
from semcom.semantic import EncodeRequest
from semcom.semantic.metrics.quality import psnr_db
from semcom.semantic.requirements import requirements_of

from ...stand_ins import red, stand_ins, street  # noqa: F401
from ..command_line import run

pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]


def test_a_bad_link_of_one_field_loses_its_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frames of the second field go out in an MCS that 8 dB cannot carry."""

    def with_a_bad_link(*arguments: object) -> object:
        outgoing = prepare(*arguments)
        frames = [replace(frame, mcs="256qam-3/4") if frame.name.key.layer == 3 else frame for frame in outgoing.frames]
        assert sum(frame.mcs is not None for frame in frames) == 1
        return replace(outgoing, frames=frames)

    monkeypatch.setattr(send_module, "prepare", with_a_bad_link)
    radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=8.0)
    report = send_photo(
        "street", street(240, 160), SendSettings(EncodeRequest(system="multi-sc"), "loopback-awgn", radio)
    )
    complete = {layer.name: layer.complete for layer in report.layers}
    assert complete.pop("region_caption-3") is False
    assert list(complete) == ["header-0", "region_caption-2", "region_caption-4", "region_caption-5", "cut_out-66"]
    assert all(complete.values()) and report.outcome == "partial"
    assert "Missing: region_caption-3." in report.notes
    assert [key.layer for key in report.reconstruction.missing] == [3]
    caption = report.reconstruction.caption.text
    assert "Upper left: " in caption and "ower right: " in caption and "pper right" not in caption
    assert red(report.reconstruction.picture)[110:130, 70:110].all()
    assert report.provenance_shares["pixels_received"] == pytest.approx(60 * 40 / (240 * 160), rel=0.15)


def test_with_a_policy_too_each_field_s_words_go_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = []

    def with_a_bad_link(*arguments: object) -> object:
        outgoing = prepare(*arguments)
        fields = [entry for entry in outgoing.plan if any(item.key.layer in (2, 3, 4, 5) for item in entry.items)]
        assert [len(entry.items) for entry in fields] == [1, 1, 1, 1] and len({entry.key for entry in fields}) == 4
        (bad,) = (entry.key for entry in fields if entry.items[0].key.layer == 3)
        lost.append(bad)
        frames = [replace(f, mcs="256qam-3/4") if f.name.key == bad else f for f in outgoing.frames]
        return replace(outgoing, frames=frames)

    monkeypatch.setattr(send_module, "prepare", with_a_bad_link)
    radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=8.0)
    settings = SendSettings(EncodeRequest(system="multi-sc"), "loopback-awgn", radio, air=AirSettings(policy="layered"))
    report = send_photo("street", street(240, 160), settings)
    complete = {layer.name: layer.complete for layer in report.layers}
    assert complete.pop("region_caption-3") is False and len(complete) == 5 and all(complete.values())
    assert lost[0].set_number == 8 + 3 and [key.layer for key in report.reconstruction.missing] == [3]
    assert (
        "pper right" not in report.reconstruction.caption.text and "Upper left: " in report.reconstruction.caption.text
    )


def test_each_field_s_words_go_over_a_link_of_their_own() -> None:
    """Nothing of the second field's link is heard at all; every other link is as the radio's."""
    radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=8.0)
    settings = SendSettings(EncodeRequest(system="multi-sc"), "loopback-awgn", radio, link_snr_db={3: -25.0})
    report = send_photo("street", street(240, 160), settings)
    assert {layer.name: (layer.link, layer.complete) for layer in report.layers} == {
        "header-0": (0, True),
        "region_caption-2": (2, True),
        "region_caption-3": (3, False),
        "region_caption-4": (4, True),
        "region_caption-5": (5, True),
        "cut_out-66": (0, True),
    }
    assert report.account["lost_by_cause"] == {"burst not detected": 1} and report.radio["rounds"] == 1
    assert "Missing: region_caption-3." in report.notes and red(report.reconstruction.picture)[110:130, 70:110].all()


def test_a_lost_link_is_repaired_by_its_own_repeats() -> None:
    radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=8.0)
    air = AirSettings(mcs="qpsk-1/2", max_transmissions=6)
    settings = SendSettings(EncodeRequest(system="multi-sc"), "loopback-awgn", radio, air, link_snr_db={3: -5.0})
    report = send_photo("street", street(240, 160), settings)
    sent = {layer.name: layer.transmissions for layer in report.layers}
    assert report.outcome == "complete" and sent.pop("region_caption-3") > 1
    assert report.radio["rounds"] > 1 and sent["region_caption-2"] == sent["region_caption-4"] == 1


def test_the_command_takes_the_snr_of_a_link_and_refuses_what_is_none(tmp_path: Path) -> None:
    Image.fromarray(street(240, 160)).save(tmp_path / "street.png")
    line = ["send", tmp_path / "street.png", "--system", "multi-sc", "--snr-db", 15, "--out", tmp_path / "out"]
    assert run(*line, "--link-snr-db", "4=-30", "--link-snr-db", "0=12").exit_code == 0
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [layer["name"] for layer in entry["layers"] if not layer["complete"]] == ["region_caption-4"]
    refused = run(*line, "--link-snr-db", "upper")
    assert refused.exit_code == 2 and "must be LINK=DECIBELS, as 3=-5, got 'upper'" in " ".join(refused.output.split())


def test_two_devices_send_one_picture_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sends its own links of it, under one number of the stream."""
    radio = tmp_path / "air.yml"
    radio.write_text(f"driver: zmq\naddress: ipc://{tmp_path}/air\nconfirm_transmit: true\n")
    Image.fromarray(street(240, 160)).save(tmp_path / "street.png")
    on_air: list[list] = []
    nothing = SimpleNamespace(sent_bursts=(), airtime_s=0.0, differences=(), events={})
    monkeypatch.setattr(
        "semcom.flowgraphs.live.transmit.run_transmit", lambda radio, frames, **_: on_air.append(frames) or nothing
    )
    line = ("transmit", tmp_path / "street.png", "--radio", radio, "--system", "multi-sc", "--stream", 7)
    for links in ((0, 2), (3, 4, 5)):
        done = run(*line, *(word for link in links for word in ("--link", link)))
        assert done.exit_code == 0, done.output
    sources = [[meta.get("source", 0) for _, _, meta in frames] for frames in on_air]
    assert set(sources[0]) == {0, 2} and sources[1] == [3, 4, 5]
    assembler = Assembler(requirements_of)
    for data, _, _ in on_air[1] + on_air[0]:
        assembler.push(data)
    assert assembler.picture(Scope(7, 0, 1)).complete


@pytest.mark.parametrize("system", ["multi-sc", "single-text", "vlm-csc"])
def test_the_command_sends_and_shows_it(tmp_path: Path, system: str) -> None:
    Image.fromarray(street(240, 160)).save(tmp_path / "street.png")
    result = run("send", tmp_path / "street.png", "--system", system, "--snr-db", 15, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text())
    assert entry["system"] == system and entry["outcome"] == "complete" and entry["caption"]
    folder = tmp_path / "out" / "street"
    page = (folder / "report.html").read_text()
    if system == "multi-sc":
        names = sorted(path.name for path in (folder / "region_captions").iterdir())
        assert names == ["01_upper_left.txt", "02_upper_right.txt", "03_lower_left.txt", "04_lower_right.txt"]
        assert "upper right: " in page
    assert (folder / "cut_outs" / "01_car.png").is_file() == (system != "vlm-csc")
    assert np.asarray(Image.open(folder / "reconstruction.png")).shape == (160, 240, 3)


def test_a_cut_out_with_analog_pixels_gets_through_where_its_coded_one_is_lost(tmp_path: Path) -> None:
    """Far below what carries the coded pixels the object is there with noise, and better the better the link."""
    image = street(240, 160)
    y, x = np.mgrid[:40, :60]
    image[100:140, 60:120, 0] = 190 + 40 * np.sin(x / 4) * np.cos(y / 5)

    def came(pixels: str, snr_db: float) -> object:
        radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=snr_db)
        request = EncodeRequest(system="multi-sc", config={"pixels": pixels})
        settings = SendSettings(request, "loopback-awgn", radio, AirSettings(policy="layered"))
        return send_photo("street", image, settings)

    complete = {layer.name: layer.complete for layer in came("coded", -2.5).layers}
    assert complete["cut_out-66"] is False
    quality = []
    for snr_db in (-2.5, 4.0, 12.0):
        report = came("analog", snr_db)
        assert all(layer.complete for layer in report.layers), snr_db
        (block,) = [la.content for la in report.reconstruction.layers if la.name == "analog_block-67"]
        assert -10 * np.log10(block.noise_var.mean()) == pytest.approx(snr_db, abs=3)
        quality.append(psnr_db(image[100:140, 60:120], report.reconstruction.picture[100:140, 60:120]))
    assert quality[0] > 12 and quality[1] > quality[0] + 1 and quality[2] > quality[1] + 1, quality


def test_the_command_sends_it_with_analog_pixels(tmp_path: Path) -> None:
    Image.fromarray(street(240, 160)).save(tmp_path / "street.png")
    line = ["send", tmp_path / "street.png", "--system", "multi-sc,pixels=analog,cbr=1/8", "--out", tmp_path / "out"]
    assert run(*line, "--snr-db", 8).exit_code == 0
    (entry,) = json.loads((tmp_path / "out" / "report.json").read_text())
    assert entry["outcome"] == "complete" and "analog_block-67" in [layer["name"] for layer in entry["layers"]]
    shown = np.asarray(Image.open(tmp_path / "out" / "street" / "cut_outs" / "01_car.png"))
    assert red(shown[8:-8, 8:-8]).all()
    refused = run(*line[:3], "multi-sc,pixels=loud", "--out", tmp_path / "other")
    assert refused.exit_code == 2 and "pixels must be coded or analog, got 'loud'" in " ".join(refused.output.split())
