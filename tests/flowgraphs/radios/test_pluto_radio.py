"""gr-iio and pyadi-iio, with a daemon that has no Pluto."""

import pytest

from semcom.flowgraphs.errors import RadioLostError, RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.live.transmit import run_transmit
from semcom.flowgraphs.radios import open_sink, open_source

from ...radio_doubles.fixtures import Reception, carry
from ...radio_doubles.waiting import wait_for

pytestmark = pytest.mark.timeout(400)
LIBRARIES = ["gr-iio", "pyadi-iio"]


def random_frames(rng, number, mcs="qpsk-1/2"):
    return [(rng.bytes(200), mcs) for _ in range(number)]


@pytest.mark.parametrize("library", LIBRARIES)
def test_frames_cross_and_the_last_buffer_is_flushed(rng, pluto_radio, library):
    frames = random_frames(rng, 60)
    sent, reception = carry(pluto_radio(library=library), frames)
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in frames]
    assert sent.differences == [] and reception.summary.differences == []
    assert min(frame.snr_db for frame in reception.frames) > 30  # twelve bits, backed off by 12 dB


def test_the_two_libraries_understand_each_other(rng, pluto_radio):
    frames = random_frames(rng, 20)
    _, reception = carry(pluto_radio(library="gr-iio"), frames, pluto_radio(library="pyadi-iio"))
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in frames]


@pytest.mark.parametrize("library", LIBRARIES)
def test_settings_are_written_and_read_back(pluto_radio, library):
    import iio

    radio = pluto_radio(library=library, loopback="digital", tx_attenuation_db=20.3, rx_gain_db=33.4, lo_offset_hz=3e5)
    sink, source = open_sink(radio), open_source(radio)
    phy = iio.Context(radio.uri).find_device("ad9361-phy")
    assert phy.debug_attrs["loopback"].value == "1"
    assert phy.find_channel("altvoltage1", True).attrs["frequency"].value == "2400300000"
    assert phy.find_channel("voltage0", True).attrs["hardwaregain"].value == "-20.250000 dB"
    assert phy.find_channel("voltage0", False).attrs["hardwaregain"].value == "33.000000 dB"
    assert sink.differences == [] and source.differences == []  # within the device's steps
    assert source.set_gain_db(50.0) == 50.0 and sink.set_gain_db(-10.0) == -10.0
    with pytest.raises(RadioSettingError, match="rx_gain_db must be what the device accepts, it refuses 72"):
        source.set_gain_db(72.0)


def test_wrong_uri_and_nothing_attached(pluto_radio, iio_daemon):
    radio = pluto_radio()
    iio_daemon.unplug()
    with pytest.raises(RadioNotFoundError, match=r"uri ip:127.0.0.1:\d+ does not answer .* `iio_info -S` lists"):
        open_source(radio)
    iio_daemon.plug_in()
    assert open_source(radio).sample_rate_hz == 2e6


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_receiver_unplugged_and_plugged_in_again_goes_on(rng, pluto_radio, iio_daemon, library):
    radio = pluto_radio(library=library)
    first, second = random_frames(rng, 10), random_frames(rng, 10)
    reception = Reception(radio, len(first) + len(second), 100.0)
    assert reception.listening.wait(120)
    run_transmit(radio, first, timeout_s=60)
    wait_for(lambda: len(reception.frames) == len(first))
    iio_daemon.unplug()
    wait_for(lambda: reception.events == ["radio lost: no samples come; waiting for it"])
    iio_daemon.plug_in()
    wait_for(lambda: reception.events[-1] == "radio is back")
    run_transmit(radio, second, timeout_s=60)
    assert reception.join().times_lost == 1
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in first + second]


def test_a_transmitter_unplugged_is_an_error_that_says_so(rng, pluto_radio, iio_daemon):
    """Not with gr-iio: its thread that looks for underflows ends the process where it cannot ask any more."""
    unplugged = []

    def unplug(done: int, total: int) -> None:
        if done > 50 and not unplugged:
            unplugged.append(True)
            iio_daemon.unplug()

    with pytest.raises(RadioLostError, match="radio must take samples"):
        radio = pluto_radio(library="pyadi-iio")
        run_transmit(radio, random_frames(rng, 3000, "bpsk-1/2"), progress=unplug, timeout_s=60)
    iio_daemon.plug_in()
