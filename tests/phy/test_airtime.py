import pytest

from semcom.phy.airtime import airtime_function
from semcom.phy.errors import ConfigurationError
from semcom.phy.mcs import MCS_TABLE
from semcom.phy.transmitter import Transmitter
from semcom.phy.transport_block import TransportBlock


def sent_samples(waveform, mcs, num_frames, frame_bytes):
    """Channel uses of one burst as it is really made: the suffix of the last window overlaps with what follows."""
    blocks = [TransportBlock(bytes(frame_bytes), process=index) for index in range(num_frames)]
    return len(Transmitter(waveform).modulate(blocks, MCS_TABLE[mcs])) - waveform.window_length


def test_airtime_is_the_length_of_the_bursts_that_are_made(waveform):
    airtime = airtime_function(waveform, max_blocks_per_burst=3)
    for count in (1, 2, 3):
        assert airtime("qpsk-1/2", count, 100) == sent_samples(waveform, "qpsk-1/2", count, 100)
    three, one, two = (sent_samples(waveform, "qpsk-1/2", count, 100) for count in (3, 1, 2))
    assert airtime("qpsk-1/2", 7, 100) == 2 * three + one
    assert airtime("qpsk-1/2", 8, 100) == 2 * three + two
    assert airtime("qpsk-1/2", 6, 100) == 2 * three
    assert airtime("qpsk-1/2", 0, 100) == 0


def test_a_burst_holds_eight_frames_unless_told_otherwise(waveform):
    airtime = airtime_function(waveform)
    eight = sent_samples(waveform, "16qam-1/2", 8, 60)
    assert airtime("16qam-1/2", 8, 60) == eight
    assert airtime("16qam-1/2", 9, 60) == eight + sent_samples(waveform, "16qam-1/2", 1, 60)


def test_long_frames_share_a_burst_only_as_far_as_they_fit(waveform):
    """At bpsk-1/8 a burst of 2048 data symbols holds 1533 bytes: two frames of 700, not three."""
    airtime = airtime_function(waveform)
    assert airtime("bpsk-1/8", 3, 700) == airtime("bpsk-1/8", 2, 700) + airtime("bpsk-1/8", 1, 700)
    assert airtime("bpsk-1/8", 2, 700) == sent_samples(waveform, "bpsk-1/8", 2, 700)


def test_a_frame_that_fits_no_burst_is_refused(waveform):
    airtime = airtime_function(waveform)
    with pytest.raises(ConfigurationError, match="data symbols of a burst must be at most 2048"):
        airtime("bpsk-1/8", 1, 1600)
    with pytest.raises(ConfigurationError, match="mcs must be one of"):
        airtime("qpsk", 1, 100)
