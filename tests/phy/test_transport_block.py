import pytest

from semcom.phy.errors import ConfigurationError
from semcom.phy.transport_block import TransportBlock


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"payload": b""}, "payload must be 1 to 8192 bytes, got 0"),
        ({"payload": bytes(8193)}, "payload must be 1 to 8192 bytes, got 8193"),
        ({"payload": "text"}, "payload must be bytes, got str"),
        ({"payload": b"a", "source": 256}, "source must be 0 to 255, got 256"),
        ({"payload": b"a", "process": 64}, "process must be 0 to 63, got 64"),
        ({"payload": b"a", "redundancy_version": -1}, "redundancy_version must be 0 to 3, got -1"),
    ],
)
def test_impossible_blocks_are_refused(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        TransportBlock(**arguments)


@pytest.mark.parametrize("payload", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_a_payload_is_kept_as_bytes_of_its_own(payload):
    block = TransportBlock(payload)
    assert type(block.payload) is bytes and block.payload == b"abc"
    if isinstance(payload, bytearray):
        payload[0] = 0
        assert block.payload == b"abc"


def test_limits_themselves_are_allowed_and_defaults_are_a_first_transmission():
    block = TransportBlock(bytes(8192), source=255, process=63, redundancy_version=3, new_data=False)
    assert (len(block.payload), block.source, block.process, block.redundancy_version) == (8192, 255, 63, 3)
    first = TransportBlock(b"a")
    assert (first.source, first.process, first.redundancy_version, first.new_data) == (0, 0, 0, True)
