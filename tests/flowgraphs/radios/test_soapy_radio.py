"""gr-soapy, with a driver that has no radio."""

import pytest

from semcom.flowgraphs.errors import RadioLostError, RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.live.transmit import run_transmit
from semcom.flowgraphs.radios import open_sink, open_source
from semcom.phy.errors import ConfigurationError

from ...radio_doubles.fixtures import Reception, carry
from ...radio_doubles.waiting import wait_for

pytestmark = pytest.mark.timeout(400)


def random_frames(rng, number, num_bytes=200, mcs="qpsk-1/2"):
    return [(rng.bytes(num_bytes), mcs) for _ in range(number)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lo_offset_hz": 0.25e6},
        {"sample_rate_hz": 1e6},
        {"sample_rate_hz": 4e6, "lo_offset_hz": -1.2e6},
        {"sample_rate_hz": 3e6},
        {"waveform": "ofdm256", "max_cfo_subcarriers": 6},
    ],
    ids=str,
)
def test_frames_cross_at_any_ratio_of_rates(rng, soapy_radio, settings):
    frames = random_frames(rng, 40)
    sent, reception = carry(soapy_radio(**settings), frames)
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in frames]
    assert sent.differences == [] and reception.summary.differences == []
    assert sent.events.total() == 0 and reception.summary.events.total() == 0
    assert min(frame.snr_db for frame in reception.frames) > 30  # the filters leave the signal as it was
    assert [burst.mcs for burst in reception.bursts] == [burst.mcs for burst in sent.sent_bursts]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"center_freq_hz": 7e9},
            r"center_freq_hz with its offsets must be within .* \(1000000 to 6000000000\), got 7",
        ),
        ({"rx_gain_db": 90}, r"rx_gain_db must be within what the device can do \(0 to 70\), got 90"),
        ({"sample_rate_hz": 20e6}, r"sample_rate_hz must be within .* \(100000 to 10000000\), got 20000000"),
        ({"rx_antenna": "LNAW"}, "antenna must be one of RX, got 'LNAW'"),
    ],
)
def test_what_the_device_cannot_do_is_refused(soapy_radio, settings, message):
    with pytest.raises(RadioSettingError, match=message):
        open_source(soapy_radio(**settings))


def test_a_rate_that_the_device_rounds_is_refused_and_a_rounded_gain_is_no_news(soapy_radio):
    with pytest.raises(RadioSettingError, match="got 2000000: it runs at 2100000"):
        open_source(soapy_radio(device=",rate_step_hz=300000"))
    endpoint = open_sink(soapy_radio(tx_gain_db=20.4))
    assert endpoint.differences == []
    assert [reading.got for reading in endpoint.readings if reading.name == "tx_gain_db"] == [20.0]
    assert endpoint.set_gain_db(33.3) == 33.0
    with pytest.raises(RadioSettingError, match="tx_gain_db must be within"):
        endpoint.set_gain_db(71.0)


def test_a_rate_that_is_no_multiple_of_the_waveforms_is_refused_for_sending(soapy_radio):
    with pytest.raises(
        RadioSettingError, match=r"1 to 256 times the rate of waveform ofdm64 \(1e\+06\), a whole number"
    ):
        run_transmit(soapy_radio(sample_rate_hz=2.5e6), [(b"frame", "qpsk-1/2")], timeout_s=5.0)


def test_a_rate_below_the_waveforms_band_is_refused_with_the_lowest_one(soapy_radio):
    with pytest.raises(ConfigurationError, match=r"sample_rate_hz must be 844687\.5 to 1e\+09 .*, got 500000"):
        Reception(soapy_radio(sample_rate_hz=500e3), 1, 5.0).join()


def test_nothing_attached(soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"
    unplugged.touch()
    with pytest.raises(RadioNotFoundError, match="SoapySDR finds no device for device_args 'driver=air"):
        open_source(soapy_radio(device=f",unplugged={unplugged}"))


def test_a_receiver_does_not_transmit(soapy_radio):
    with pytest.raises(RadioSettingError, match="can_transmit must be true"):
        open_sink(soapy_radio(can_transmit=False))


def test_overflow_and_underflow_are_counted_and_reception_goes_on(rng, soapy_radio):
    radio = soapy_radio(device=",overflow_after=100000,underflow_after=50000")
    frames = random_frames(rng, 200, mcs="bpsk-1/2")
    reception = Reception(radio, 10_000, 60.0)
    assert reception.listening.wait(120)
    sent = run_transmit(radio, frames, timeout_s=60)
    reception._enough_frames = len(frames) // 2
    summary = reception.join()
    assert sent.events == {"U": 1, "O": sent.events["O"]}  # both ends are one process here: each counts all letters
    assert summary.events["O"] == 1
    received = {frame.data for frame in reception.frames if frame.data}
    assert len(received) >= len(frames) // 2 and received <= {frame for frame, _ in frames}


def test_a_device_lost_in_mid_stream_is_waited_for_and_what_came_is_kept(rng, soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"
    radio = soapy_radio(device=f",unplugged={unplugged}")
    first, second = random_frames(rng, 20), random_frames(rng, 20)
    reception = Reception(radio, len(first) + len(second), 100.0)
    assert reception.listening.wait(120)
    run_transmit(radio, first, timeout_s=60)
    wait_for(lambda: len(reception.frames) == len(first))
    unplugged.touch()
    wait_for(lambda: reception.events == ["radio lost: no samples come; waiting for it"])
    unplugged.unlink()
    wait_for(lambda: reception.events[-1] == "radio is back")
    run_transmit(radio, second, timeout_s=60)
    summary = reception.join()
    assert summary.times_lost == 1 and summary.ended == "enough"
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in first + second]


def test_a_transmitter_lost_in_mid_stream_is_an_error(rng, soapy_radio, tmp_path):
    unplugged = tmp_path / "unplugged"

    def unplug(done: int, total: int) -> None:
        if done > 50:
            unplugged.touch()

    with pytest.raises(RadioLostError, match="it took none for 5 s"):
        run_transmit(
            soapy_radio(device=f",unplugged={unplugged}"), random_frames(rng, 2000), progress=unplug, timeout_s=60
        )
