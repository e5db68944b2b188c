"""Virtual air between two processes: here, two flowgraphs."""

import pytest

from semcom.sdr_configs.errors import ConfigError
from semcom.sdr_configs.radio import parse_radio

from ...radio_doubles.fixtures import carry

pytest.importorskip("gnuradio.zeromq", reason="gr-zeromq is needed: apt-get install gnuradio")
pytestmark = pytest.mark.timeout(300)


def test_frames_cross_a_local_socket_without_loss(rng, tmp_path):
    radio = parse_radio({"driver": "zmq", "address": f"ipc://{tmp_path}/air"[:95]})
    frames = [(rng.bytes(200), "qpsk-1/2") for _ in range(100)]
    _, reception = carry(radio, frames)
    assert [frame.data for frame in reception.frames] == [frame for frame, _ in frames]


@pytest.mark.parametrize("address", ["tcp://0.0.0.0:5555", "tcp://10.0.0.1:5555", "tcp://*:5555", "ipc://relative"])
def test_addresses_beyond_this_computer_are_refused(address):
    with pytest.raises(ConfigError, match="address must look like"):
        parse_radio({"driver": "zmq", "address": address})
