"""An AVIF file ⇄ the bytes of its AV1 frame: everything that can be rebuilt is left behind.

A small AVIF file is 290 bytes of boxes and headers around a frame that may be shorter than that. All of it follows from
width, height and three bits, for the files we make: 8-bit 4:2:0, full range, sRGB (CICP 1/13/6), one still picture.

    ftyp, meta{hdlr, pitm, iloc, iinf, iprp{ispe, pixi, av1C, colr}}, mdat{
        temporal delimiter | sequence header (width, height, tools) | frame ← this is what travels
    }

The size that the decoder library sees is therefore the size we declare, whatever the frame bytes are.

References
----------
[AV1] AV1 Bitstream & Decoding Process Specification, 5.3, 5.5 (OBU and sequence header), annex A (levels);
[AVIF] AV1 Image File Format 1.1; ISO/IEC 14496-12 and 23008-12 for the boxes. See docs/coding.md.
"""

from __future__ import annotations

import struct

from semcom.semantic.coding.still_image_file import box, full_box, one_item_file

CDEF, RESTORATION, LARGE_BLOCKS = 1, 2, 4
"""Tools that a sequence header may allow: two loop filters, superblocks of 128 × 128."""
ALL_TOOLS = CDEF | RESTORATION | LARGE_BLOCKS

_OBU_SEQUENCE_HEADER, _OBU_TEMPORAL_DELIMITER, _OBU_FRAME = 1, 2, 6
_OBU_HAS_SIZE = 2

# (seq_level_idx, largest picture, width, height): levels 2.0, 2.1, 3.0, 3.1, 4.0, 5.0.
_LEVELS = (
    (0, 147456, 2048, 1152), (1, 278784, 2816, 1584), (4, 665856, 4352, 2448), (5, 1065024, 5504, 3096),
    (8, 2228224, 6144, 3456), (12, 8912896, 8192, 4352),
)  # fmt: skip

_COLOUR = struct.pack(">HHHB", 1, 13, 6, 0x80)  # BT.709 primaries, sRGB curve, BT.601 matrix, full range


def strip_avif(file: bytes, width: int, height: int) -> tuple[bytes, int] | None:
    """Take the AV1 frame out of an AVIF file.

    Parameters
    ----------
    file : bytes
        As the encoder made it; trusted.
    width, height : int

    Returns
    -------
    frame : bytes
        Payload of the frame OBU.
    tools : int
        CDEF, RESTORATION and LARGE_BLOCKS where the sequence header allows them, or'ed.

    None where the file is not built as expected (another encoder version): it cannot be rebuilt from this.
    """
    start = file.find(b"mdat")
    if start < 0:
        return None
    units = list(_units(file[start + 4 :]))
    if [kind for kind, _ in units] != [_OBU_TEMPORAL_DELIMITER, _OBU_SEQUENCE_HEADER, _OBU_FRAME]:
        return None
    for tools in range(ALL_TOOLS + 1):
        if units[1][1] == _sequence_header(width, height, tools):
            return units[2][1], tools
    return None


def rebuild_avif(frame: bytes, width: int, height: int, tools: int) -> bytes:
    """Put an AVIF file around the payload of a frame OBU; the inverse of `strip_avif` as far as pixels go."""
    sequence_header = _unit(_OBU_SEQUENCE_HEADER, _sequence_header(width, height, tools))
    payload = _unit(_OBU_TEMPORAL_DELIMITER, b"") + sequence_header + _unit(_OBU_FRAME, frame)
    level = _level(width, height)
    brands = box(b"ftyp", b"avif", bytes(4), b"avifmif1miafMA1B")
    properties = b"".join(
        (
            full_box(b"ispe", struct.pack(">II", width, height)),
            full_box(b"pixi", bytes((3, 8, 8, 8))),
            box(b"av1C", bytes((0x81, level, 0x0C, 0x00))),
            box(b"colr", b"nclx", _COLOUR),
        )
    )
    association = full_box(b"ipma", struct.pack(">IHB", 1, 1, 4), bytes((0x01, 0x02, 0x83, 0x04)))

    return one_item_file(brands, b"av01", properties, association, payload)


def _sequence_header(width: int, height: int, tools: int) -> bytes:
    """AV1 sequence header of a reduced still picture, 5.5.1; trailing bits included."""
    width_bits, height_bits = max((width - 1).bit_length(), 1), max((height - 1).bit_length(), 1)
    fields = (
        (0, 3),  # seq_profile: main
        (1, 1),  # still_picture
        (1, 1),  # reduced_still_picture_header
        (_level(width, height), 5),
        (width_bits - 1, 4),
        (height_bits - 1, 4),
        (width - 1, width_bits),
        (height - 1, height_bits),
        (bool(tools & LARGE_BLOCKS), 1),  # use_128x128_superblock
        (1, 1),  # enable_filter_intra
        (1, 1),  # enable_intra_edge_filter
        (0, 1),  # enable_superres
        (bool(tools & CDEF), 1),  # enable_cdef
        (bool(tools & RESTORATION), 1),  # enable_restoration
        (0, 1),  # high_bitdepth
        (0, 1),  # mono_chrome
        (1, 1),  # color_description_present_flag
        (1, 8),  # color_primaries
        (13, 8),  # transfer_characteristics
        (6, 8),  # matrix_coefficients
        (1, 1),  # color_range: full
        (0, 2),  # chroma_sample_position
        (0, 1),  # separate_uv_delta_q
        (0, 1),  # film_grain_params_present
        (1, 1),  # trailing bit
    )
    value, length = 0, 0
    for field, num_bits in fields:
        value, length = value << num_bits | field, length + num_bits
    num_bytes = (length + 7) // 8
    return (value << (8 * num_bytes - length)).to_bytes(num_bytes, "big")


def _level(width: int, height: int) -> int:
    """Smallest level that holds the picture, annex A.3."""
    for level, area, longest, tallest in _LEVELS:
        if width * height <= area and width <= longest and height <= tallest:
            return level
    return 31  # no limits


def _unit(kind: int, payload: bytes) -> bytes:
    """An open bitstream unit with its size in leb128."""
    size, rest = b"", len(payload)
    while rest >= 128:
        size += bytes((rest & 127 | 128,))
        rest >>= 7
    return bytes((kind << 3 | _OBU_HAS_SIZE,)) + size + bytes((rest,)) + payload


def _units(data: bytes):
    """(kind, payload) of each open bitstream unit of a trusted stream."""
    position = 0
    while position < len(data):
        kind, size, shift = data[position] >> 3 & 15, 0, 0
        position += 1
        while True:
            byte = data[position]
            size |= (byte & 127) << shift
            position, shift = position + 1, shift + 7
            if byte < 128:
                break
        yield kind, data[position : position + size]
        position += size
