"""Photos of a set over the radio: the bases go out once, and a photo of which they were lost says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from semcom.apps.delivery import send_set as module
from semcom.apps.delivery.outgoing import AirSettings, outgoing_of
from semcom.apps.delivery.send import SendSettings
from semcom.apps.delivery.send_set import send_set, shares_layers
from semcom.sdr_configs.radio import load_loopback
from semcom.semantic import EncodeRequest, RequestError

from ...semantic.systems.seb.sets import camera
from ..command_line import run

pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
pytestmark = pytest.mark.timeout(400)

COUNT = 6
CONFIG = {"patches_per_base": 3}


def settings(**air: object) -> SendSettings:
    radio = load_loopback("loopback-awgn").with_channel(seed=1, snr_db=12.0)
    request = EncodeRequest(system="seb", budget_bytes=350, config=CONFIG)
    return SendSettings(request, "loopback-awgn", radio, AirSettings(**air))


def test_the_bases_go_out_with_the_first_photo_and_serve_all() -> None:
    photos = camera(COUNT)
    reports = list(send_set(list("abcdef"), photos, settings()))
    assert [report.outcome for report in reports] == ["complete"] * COUNT
    labels = [[layer.kind for layer in report.layers] for report in reports]
    assert "semantic_base" in labels[0] and not any("semantic_base" in rest for rest in labels[1:])
    for report in reports:
        assert report.received.missing() == () and report.reconstruction.missing == ()
        assert any(layer.kind.label == "semantic_base" for layer in report.received.layers)
    assert [report.sent.picture for report in reports] == [1, 2, 3, 4, 5, 6]
    assert reports[0].timings_s["encode"] > 0 and "encode" not in reports[1].timings_s


def test_a_photo_whose_bases_were_lost_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_bases_lost(*arguments: object) -> object:
        outgoing = outgoing_of(*arguments)
        frames = [frame if frame.name.key.picture else replace(frame, mcs="256qam-3/4") for frame in outgoing.frames]
        return replace(outgoing, frames=frames)

    monkeypatch.setattr(module, "outgoing_of", with_bases_lost)
    reports = list(send_set(list("abcdef"), camera(COUNT), settings()))
    for report in reports:
        assert [str(key) for key in report.reconstruction.missing] == ["0/0/*/128"]
        assert any("0/0/*/128" in note for note in report.notes)
        assert report.reconstruction.picture.shape == (128, 160, 3)


def test_a_photo_s_airtime_is_refused_for_a_set() -> None:
    assert shares_layers("seb") and not shares_layers("avif")
    with pytest.raises(RequestError, match="takes budget_bytes, not airtime_ms or cbr"):
        next(send_set(["a"], camera(1), settings(cbr=0.1)))


def test_the_command_passes_over_a_bad_photo_and_sends_the_others(tmp_path, capsys) -> None:
    for number, picture in enumerate(camera(2)):
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    files = [str(tmp_path / name) for name in ("0.png", "bad.png", "1.png")]
    outcome = run(
        "send", *files, "--system", "seb", "--snr-db", "12", "--budget-bytes", "900", "--out", str(tmp_path / "o")
    )
    assert outcome.exit_code == 0, outcome.output
    assert (tmp_path / "o" / "0" / "reconstruction.png").exists() and (tmp_path / "o" / "1" / "packet.sem").exists()
    assert np.asarray(Image.open(tmp_path / "o" / "1" / "reconstruction.png")).shape == (128, 160, 3)
