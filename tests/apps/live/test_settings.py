import pytest
from pydantic import ValidationError

from semcom.apps.live.settings import PATHS, LiveSettings, choices
from semcom.sdr_configs.radio import load_loopback
from semcom.semantic import EncodeRequest, SemanticError, check_request


def test_what_is_offered_is_what_is_taken():
    settings = LiveSettings()
    for name, values in choices().items():
        for value in values:
            assert getattr(settings.changed({name: value}), name) == value


@pytest.mark.parametrize(
    "change",
    [
        {"snr_db": 1e9},
        {"snr_db": float("nan")},
        {"snr_db": "10"},
        {"mcs": "17qam"},
        {"policy": "/etc/passwd"},
        {"policy": "../flat"},
        {"budget_bytes": -1},
        {"colour": 1},
        {"without": "x" * 201},
        {"paths": "five"},
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(change):
    settings = LiveSettings()
    with pytest.raises(ValidationError):
        settings.changed(change)


def test_names_that_the_system_does_not_know_are_refused():
    with pytest.raises(SemanticError):
        LiveSettings().changed({"without": "unicorns"})
    with pytest.raises(SemanticError):
        LiveSettings().changed({"profile": "speed"})


def test_the_channel_is_that_of_the_settings():
    settings = LiveSettings(snr_db=-3.0, cfo_hz=500.0, paths="two paths")
    channel = settings.channel_of(load_loopback("loopback-awgn")).channel
    assert (channel.snr_db, channel.cfo_hz, channel.paths) == (-3.0, 500.0, PATHS["two paths"])


def test_a_camera_s_picture_is_encoded_by_small_networks_and_withholds_the_same():
    quick = LiveSettings(without="person").request(quick=True)
    check_request(quick)
    assert quick.parts["segmenter"].name == "everyday" and quick.parts["captioner"].name == "composed"
    assert (quick.budget_bytes, quick.without) == (1000, ("person",))
    assert LiveSettings(budget_bytes=600).request(quick=True).budget_bytes == 600
    assert LiveSettings().request() == EncodeRequest()


THRESHOLDS_DB = {"bpsk-1/2": -2.7, "qpsk-1/2": 0.3, "16qam-1/2": 5.1, "64qam-5/6": 13.7}


@pytest.mark.parametrize(
    ("snr_db", "chosen"),
    [
        (None, "qpsk-1/2"),
        (-20.0, "bpsk-1/2"),
        (3.2, "bpsk-1/2"),
        (3.3, "qpsk-1/2"),
        (8.1, "16qam-1/2"),
        (30.0, "64qam-5/6"),
    ],
)
def test_the_automatic_mcs_is_the_fastest_with_3_db_to_spare(snr_db, chosen):
    assert LiveSettings(mcs="automatic").with_mcs_for(snr_db, THRESHOLDS_DB).mcs == chosen
    assert LiveSettings(mcs="bpsk-1/8").with_mcs_for(snr_db, THRESHOLDS_DB).mcs == "bpsk-1/8"


def test_layers_that_do_not_exist_cannot_be_skipped():
    assert LiveSettings().changed({"skip": "caption,close_ups"}).skipped() == {"caption", "close_ups"}
    with pytest.raises(ValidationError, match="not header"):
        LiveSettings().changed({"skip": "header"})
