"""gr-uhd, with UHD's SoapySDR module in the place of a USRP."""

import pytest

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.radios import open_sink, open_source
from semcom.sdr_configs.radio import parse_radio

from ...radio_doubles.fixtures import carry

pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("bursty", [True, False])
def test_frames_cross_with_bursts_marked_or_zeros_between(rng, usrp_radio, bursty):
    frames = [(rng.bytes(200), "qpsk-1/2") for _ in range(60)]
    sent, reception = carry(usrp_radio(bursty=bursty), frames)
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in frames]
    assert sent.differences == [] and sent.events.total() == 0
    assert min(frame.snr_db for frame in reception.frames) > 30


def test_settings_are_read_back(usrp_radio):
    sink = open_sink(usrp_radio(tx_gain_db=12.0))
    assert sink.bursty and sink.sample_rate_hz == 2e6
    assert {reading.name: reading.got for reading in sink.readings} == {
        "sample_rate_hz": 2e6,
        "center_freq_hz": 2.4e9,
        "tx_gain_db": 12.0,
    }
    assert sink.set_gain_db(33.0) == 33.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"center_freq_hz": 6.5e9}, "center_freq_hz must be within what the device can do"),
        ({"rx_gain_db": 90}, r"rx_gain_db must be within what the device can do \(0 to 70\), got 90"),
        ({"rx_antenna": "RX9"}, "antenna must be one of RX, got 'RX9'"),
    ],
)
def test_what_the_device_cannot_do_is_refused(usrp_radio, settings, message):
    with pytest.raises(RadioSettingError, match=message):
        open_source(usrp_radio(**settings))


def test_nothing_attached():
    pytest.importorskip("gnuradio.uhd", reason="gr-uhd is needed: apt-get install gnuradio")
    radio = parse_radio({"driver": "uhd", "device_args": "serial=00000000", "center_freq_hz": 2.4e9})
    with pytest.raises(RadioNotFoundError, match="UHD finds no device for device_args 'serial=00000000'"):
        open_source(radio)
