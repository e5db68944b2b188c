"""A HEIC file ⇄ the bytes of its HEVC slice: boxes and parameter sets follow from width, height and one bit.

That holds for the files we make: 8-bit 4:2:0 main still picture, by x265 as libheif sets it, sides even and from 64.

    ftyp, meta{hdlr, pitm, iloc, iinf, iprp{hvcC (VPS, SPS, PPS), colr, ispe, pixi}}, mdat{length | slice}
                                                                                               └ what travels

The size that the decoder sees is the one we declare, whatever the slice bytes are.

References
----------
ITU-T H.265, 7.3.1 (NAL units), 7.3.2 (parameter sets); ISO/IEC 14496-12, 14496-15 and 23008-12. See docs/coding.md.
"""

from __future__ import annotations

import struct

from semcom.semantic.coding.still_image_file import box, full_box, one_item_file

LEAST_SIDE = 64
"""libheif pads smaller pictures to this."""

_MAX_LEVEL = 150
"""general_level_idc written whatever the size: 5.0 holds every size that is accepted."""
_PROFILE = bytes.fromhex("0370000000900000000000")
_SLICE_HEAD = bytes((20 << 1, 1))  # IDR_N_LP
_VPS_HEAD, _VPS_TAIL = bytes.fromhex("40010c01ffff"), bytes.fromhex("ba0240")
_SPS_HEAD = bytes.fromhex("420101")
_SPS_TAIL = (
    "110010110111010100100100100101001101011100110111000000010000110100000110000001"
    "000000000000000000000000000110010000000000000000000000000000000100001"
)
"""Bits of the sequence parameter set behind the size, its stop bit included: coding tools and timing of x265."""
_PPS = {False: bytes.fromhex("4401c172b02240"), True: bytes.fromhex("4401c172b06240")}
"""Picture parameter sets without and with wavefront parallel processing."""


def strip_heic(file: bytes, width: int, height: int) -> tuple[bytes, bool] | None:
    """Take the slice out of a trusted HEIC file: (slice without head, wavefront).

    None where the file is not built as expected (another encoder or version): it cannot be rebuilt from this.
    """
    place, data = file.find(b"hvcC"), file.find(b"mdat")
    if place < 0 or data < 0:
        return None
    units = _parameter_sets(file[place + 4 + 22 :])
    slices = file[data + 4 :]
    if len(units) != 3 or slices[4:6] != _SLICE_HEAD or int.from_bytes(slices[:4], "big") != len(slices) - 4:
        return None
    if _without_level(units[1]) != _without_level(_sequence_set(width, height)):
        return None
    wavefront = next((flag for flag, unit in _PPS.items() if unit == units[2]), None)
    return None if wavefront is None else (slices[6:], wavefront)


def rebuild_heic(coded: bytes, width: int, height: int, wavefront: bool) -> bytes:
    """Put a HEIC file around a slice; the inverse of `strip_heic` as far as pixels go."""
    unit = _SLICE_HEAD + coded
    payload = struct.pack(">I", len(unit)) + unit
    video_set = _VPS_HEAD + _escaped(_PROFILE) + bytes((_MAX_LEVEL,)) + _VPS_TAIL
    arrays = b"".join(
        struct.pack(">BHH", kind, 1, len(unit)) + unit
        for kind, unit in ((0x20, video_set), (0x21, _sequence_set(width, height)), (0x22, _PPS[wavefront]))
    )
    configuration = b"\x01" + _PROFILE + bytes((_MAX_LEVEL,)) + bytes.fromhex("f000fcfdf8f800000f03") + arrays
    properties = b"".join(
        (
            box(b"hvcC", configuration),
            box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80)),
            full_box(b"ispe", struct.pack(">II", width, height)),
            full_box(b"pixi", bytes((3, 8, 8, 8))),
        )
    )
    association = full_box(b"ipma", struct.pack(">IHB", 1, 1, 4), bytes((0x81, 0x02, 0x03, 0x04)))

    brands = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return one_item_file(brands, b"hvc1", properties, association, payload)


def _sequence_set(width: int, height: int) -> bytes:
    """Sequence parameter set, 7.3.2.2, escaped; sides in units of 8, the rest cut at right and bottom."""
    coded_width, coded_height = -(-width // 8) * 8, -(-height // 8) * 8
    bits = _golomb(0) + _golomb(1) + _golomb(coded_width) + _golomb(coded_height)
    right, bottom = (coded_width - width) // 2, (coded_height - height) // 2
    bits += "1" + "".join(map(_golomb, (0, right, 0, bottom))) if right or bottom else "0"
    bits += _SPS_TAIL
    bits += "0" * (-len(bits) % 8)
    body = _PROFILE + bytes((_MAX_LEVEL,)) + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return _SPS_HEAD + _escaped(body)


def _golomb(value: int) -> str:
    """Unsigned exponential Golomb code, 9.2, as bits."""
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def _escaped(data: bytes) -> bytes:
    """With emulation prevention, 7.4.2: a 3 goes before 0..3 behind two zero bytes."""
    out, zeros = bytearray(), 0
    for byte in data:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _unescaped(data: bytes) -> bytes:
    out, zeros = bytearray(), 0
    for byte in data:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _without_level(unit: bytes) -> bytes:
    """A sequence parameter set with its level set to zero: it changes no pixel."""
    plain = bytearray(_unescaped(unit))
    plain[len(_SPS_HEAD) + len(_PROFILE)] = 0
    return bytes(plain)


def _parameter_sets(arrays: bytes) -> list[bytes]:
    """NAL units of a trusted hvcC, from its number of arrays on."""
    units, position = [], 1
    for _ in range(arrays[0]):
        count, position = int.from_bytes(arrays[position + 1 : position + 3], "big"), position + 3
        for _ in range(count):
            length = int.from_bytes(arrays[position : position + 2], "big")
            units.append(arrays[position + 2 : position + 2 + length])
            position += 2 + length
    return units
