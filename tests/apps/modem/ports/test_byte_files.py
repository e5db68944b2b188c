"""Files as streams and as packets; what is no packet is named, and the whole ones are sent."""

import pytest

from semcom.apps.modem.errors import PortError
from semcom.apps.modem.ports.byte_files import ByteSink, ByteSource
from semcom.link.packets.kiss import encode_kiss
from semcom.link.packets.length_prefix import encode_length_prefix


def read_all(source: ByteSource) -> list[bytes]:
    packets = []
    while not source.ended:
        packets += source.read()
    return packets


@pytest.mark.parametrize(("framing", "pieces"), [("stream", [b"abcd", b"ef"]), ("length", [b"ab", b"", b"cdef"])])
def test_what_is_written_is_read(tmp_path, framing, pieces):
    sink = ByteSink(str(tmp_path / "file"), framing)
    assert not (tmp_path / "file").exists()  # nothing has come: nothing is overwritten
    for piece in pieces:
        sink.write(piece)
    sink.close()
    source = ByteSource(str(tmp_path / "file"), framing, piece_bytes=4)
    assert read_all(source) == pieces and source.notes() == [] and not source.is_damaged
    source.close()


@pytest.mark.parametrize(
    ("framing", "data", "came", "words"),
    [
        ("length", encode_length_prefix(b"one") + b"\0\0\0\5xy", [b"one"], "got 2 of 5 bytes; it is not sent"),
        ("length", b"\xff" * 8, [], "at most 65535, got 4294967295; nothing after it is sent"),
        ("kiss", encode_kiss(b"one") + b"\0xy", [b"one"], "last KISS frame must end with C0"),
        ("kiss", b"junk" + encode_kiss(b"one"), [b"one"], "4 KISS frames or bytes were none"),
    ],
)
def test_half_a_packet_is_named_and_the_whole_ones_are_sent(tmp_path, framing, data, came, words):
    (tmp_path / "file").write_bytes(data)
    source = ByteSource(str(tmp_path / "file"), framing)
    assert read_all(source) == came and source.is_damaged
    assert words in source.notes()[0] and source.notes() == []
    source.close()


def test_what_cannot_be_is_refused(tmp_path):
    with pytest.raises(PortError, match="No such file"):
        ByteSource(str(tmp_path / "none"))
    with pytest.raises(PortError, match="must be a file, is a folder"):
        ByteSource(str(tmp_path))
    with pytest.raises(PortError, match="must be a file in a folder that there is"):
        ByteSink(str(tmp_path / "none" / "file"))
    with pytest.raises(PortError, match="framing must be one of stream, length, kiss, got 'what'"):
        ByteSink("-", "what")
