"""PDUs ⇄ Python: the one place that knows how GNU Radio's messages are laid out.

A PDU is ``cons(dict, vector)``. `pmt.init_u8vector` and `pmt.u8vector_elements` take milliseconds for 64 kB; going
through the serialised form takes microseconds, so that is what happens here. The end of a transmission is the message
`END`, in order with the PDUs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pmt

from semcom.blocks.errors import PduError

END = pmt.PMT_EOF
"""Last message of a transmission; every block passes it on after what came before."""

MAX_PDU_BYTES = 1 << 28

_U8_HEADER = bytes.fromhex("0a00")
_C32_HEADER = bytes.fromhex("0a0a")
_PADDING = bytes.fromhex("0100")
_HEADER_BYTES = len(_U8_HEADER) + 4 + len(_PADDING)


def is_end(message: Any) -> bool:
    """Whether a message says that nothing follows."""
    return pmt.is_eof_object(message)


def make_pdu(meta: Mapping[str, Any], data: bytes | np.ndarray = b"") -> Any:
    """A PDU.

    Parameters
    ----------
    meta : mapping of str
        bool, int, float, str, their numpy scalars, a sequence of integers 0..65535, a time (whole seconds, fraction as
        float), bytes, or an array complex64 [n]. None is left out.
    data : bytes, uint8 array or complex64 [num_symbols]
    """
    dictionary = pmt.make_dict()
    for key, value in meta.items():
        if value is not None:
            dictionary = pmt.dict_add(dictionary, pmt.intern(key), _to_pmt(key, value))
    return pmt.cons(dictionary, _to_vector(data))


def read_pdu(message: Any) -> tuple[dict[str, Any], bytes]:
    """Metadata and bytes of a PDU.

    Raises
    ------
    PduError
        The message is no PDU of bytes.
    """
    meta, vector = _parts(message)
    if not pmt.is_u8vector(vector):
        raise PduError("data of a PDU must be a u8vector")
    if pmt.length(vector) > MAX_PDU_BYTES:
        raise PduError(f"data of a PDU must be at most {MAX_PDU_BYTES} bytes, got {pmt.length(vector)}")
    return meta, pmt.serialize_str(vector)[_HEADER_BYTES:]


def read_symbols(message: Any) -> tuple[dict[str, Any], np.ndarray]:
    """Metadata and complex64 [num_symbols] of a PDU.

    Raises
    ------
    PduError
        The message is no PDU of complex symbols.
    """
    meta, vector = _parts(message)
    if not pmt.is_c32vector(vector):
        raise PduError("data of a PDU must be a c32vector")
    return meta, np.frombuffer(pmt.serialize_str(vector)[_HEADER_BYTES:], ">c8").astype(np.complex64)


def number(meta: Mapping[str, Any], key: str) -> int:
    """A whole number that the metadata must have."""
    value = meta.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PduError(f"{key} of a PDU must be an integer, got {value!r}")
    return value


def key_numbers(meta: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """(stream, group, picture, layer) of a PDU."""
    return number(meta, "stream"), number(meta, "group"), number(meta, "picture"), number(meta, "layer")


def llr_bytes(meta: Mapping[str, Any]) -> bytes:
    """LLRs of a frame that came as soft text, one signed byte a bit; empty where there are none."""
    value = meta.get("llr", b"")
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        return value.tobytes()
    if not isinstance(value, bytes):
        raise PduError(f"llr of a PDU must be a u8vector, got {type(value).__name__}")
    return value


def required_keys(meta: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    """The keys that ``requires`` of a PDU lists, four numbers each; none where there is no such entry."""
    numbers = [int(entry) for entry in meta.get("requires", ())]
    if len(numbers) % 4:
        raise PduError(f"requires of a PDU must hold four numbers for each layer, got {len(numbers)}")
    return tuple(tuple(numbers[at : at + 4]) for at in range(0, len(numbers), 4))


def _parts(message: Any) -> tuple[dict[str, Any], Any]:
    if not pmt.is_pair(message) or not pmt.is_dict(pmt.car(message)):
        raise PduError("message must be a PDU: a pair of dictionary and vector")
    meta = {} if pmt.is_null(pmt.car(message)) else pmt.to_python(pmt.car(message))
    return {str(key): value for key, value in meta.items()}, pmt.cdr(message)


def _to_vector(data: bytes | np.ndarray) -> Any:
    if isinstance(data, np.ndarray) and np.iscomplexobj(data):
        header, body = _C32_HEADER, np.ascontiguousarray(data.ravel(), ">c8").tobytes()
        return pmt.deserialize_str(header + data.size.to_bytes(4, "big") + _PADDING + body)
    body = data.tobytes() if isinstance(data, np.ndarray) else bytes(data)
    return pmt.deserialize_str(_U8_HEADER + len(body).to_bytes(4, "big") + _PADDING + body)


def _to_pmt(key: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return pmt.from_bool(value)
    if isinstance(value, int):
        return pmt.from_long(value)
    if isinstance(value, float):
        return pmt.from_double(value)
    if isinstance(value, str):
        return pmt.intern(value)
    if isinstance(value, bytes) or (isinstance(value, np.ndarray) and np.iscomplexobj(value)):
        return _to_vector(value)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], float):
        return pmt.make_tuple(pmt.from_uint64(int(value[0])), pmt.from_double(value[1]))
    if isinstance(value, tuple | list):
        return pmt.init_u16vector(len(value), [int(entry) for entry in value])
    raise PduError(f"{key} of a PDU must be bool, int, float, str or a list of integers, got {type(value).__name__}")
