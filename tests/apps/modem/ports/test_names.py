"""How ports are written on the command line: what is none is refused in a sentence."""

import pytest

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.names import PortOptions, open_both_ways, open_sink, open_source
from semcom.apps.modem.ports.port import host_and_port

OPTIONS = PortOptions()


def test_addresses():
    assert host_and_port("8001", "kiss") == ("127.0.0.1", 8001)
    assert host_and_port("[::1]:80", "kiss") == ("::1", 80)
    assert host_and_port("", "kiss", 8001) == ("127.0.0.1", 8001)


@pytest.mark.parametrize(
    ("open_it", "text", "words"),
    [
        (open_source, "tun:semcom0", "`semcom modem tunnel tun:NAME` uses it"),
        (open_sink, "tun:semcom0", "`semcom modem tunnel tun:NAME` uses it"),
        (open_source, "udp:99999", "port from 1 to 65535, got '99999'"),
        (open_both_ways, "file", "must begin with udp:, kiss:, zmq:, tun:, got 'file'"),
        (open_both_ways, "zmq:tcp://127.0.0.1:1", "two addresses"),
        (open_both_ways, "tun:a b", "name must be 1 to 15 letters"),
        (open_both_ways, "tun:" + "a" * 16, "name must be 1 to 15 letters"),
        (open_both_ways, "tun:semcom0,nowhere", "address must be like 10.73.0.1/24, got 'nowhere'"),
        (open_both_ways, "tun:semcom0@no-such-namespace", "must be made before"),
        (open_both_ways, "tun:semcom0@../x", "must be made before"),
    ],
)
def test_what_is_none_is_refused(open_it, text, words):
    with pytest.raises(PortError) as caught:
        open_it(text, OPTIONS)
    assert words in str(caught.value)


@pytest.mark.parametrize("mtu", [-1, 0, 67, 65536, 70000])
def test_an_mtu_above_the_longest_packet_is_refused_for_every_port(mtu):
    with pytest.raises(PortError, match=rf"mtu must be 68 .* to 65535 bytes, the longest packet, got {mtu}"):
        open_both_ways("udp:1", PortOptions(mtu=mtu))
