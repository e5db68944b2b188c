import numpy as np
import pmt
import pytest

from semcom.blocks.errors import PduError
from semcom.blocks.pdu import END, is_end, key_numbers, make_pdu, number, read_pdu, read_symbols


@pytest.mark.parametrize("num_bytes", [0, 1, 255, 65536])
def test_bytes_round_trip_and_are_what_gnu_radio_makes_of_them(num_bytes, rng):
    data = rng.bytes(num_bytes)
    message = make_pdu({}, data)
    assert read_pdu(message) == ({}, data)
    assert pmt.equal(pmt.cdr(message), pmt.init_u8vector(num_bytes, list(data)))
    assert read_pdu(make_pdu({}, np.frombuffer(data, np.uint8)))[1] == data


def test_symbols_round_trip_and_are_what_gnu_radio_makes_of_them(rng):
    symbols = (rng.normal(size=50) + 1j * rng.normal(size=50)).astype(np.complex64)
    message = make_pdu({"burst": 3}, symbols)
    meta, back = read_symbols(message)
    assert meta == {"burst": 3} and np.array_equal(back, symbols) and back.dtype == np.complex64
    assert np.array_equal(np.array(pmt.c32vector_elements(pmt.cdr(message)), np.complex64), symbols)


def test_metadata_round_trips_with_numpy_scalars():
    meta = {"a": True, "b": -3, "c": 1.5, "d": "höhe", "e": np.float32(0.5), "f": np.int64(7), "g": np.bool_(False)}
    back, _ = read_pdu(make_pdu({**meta, "none": None, "requires": [1, 2, 0, 65535]}))
    assert list(back.pop("requires")) == [1, 2, 0, 65535]
    assert back == meta and isinstance(back["a"], bool)


def test_the_end_is_no_pdu():
    assert is_end(END) and not is_end(make_pdu({}))
    with pytest.raises(PduError, match="data of a PDU must be a u8vector"):
        read_pdu(END)


@pytest.mark.parametrize(
    "message",
    [
        pmt.intern("x"),
        pmt.from_long(3),
        pmt.PMT_NIL,
        pmt.cons(pmt.from_long(1), pmt.make_u8vector(3, 0)),
        pmt.cons(pmt.make_dict(), pmt.intern("x")),
        pmt.cons(pmt.make_dict(), pmt.make_f32vector(3, 0)),
    ],
)
def test_what_is_no_pdu_is_refused(message):
    for read in (read_pdu, read_symbols):
        with pytest.raises(PduError, match="must be"):
            read(message)


def test_numbers_that_are_needed_are_asked_for_by_name():
    assert key_numbers({"stream": 1, "group": 2, "picture": 3, "layer": 4}) == (1, 2, 3, 4)
    for value in (None, "4", 4.0, True):
        with pytest.raises(PduError, match=f"layer of a PDU must be an integer, got {value!r}"):
            number({"layer": value}, "layer")
    with pytest.raises(PduError, match="x of a PDU must be bool, int, float, str or a list of integers, got object"):
        make_pdu({"x": object()})
