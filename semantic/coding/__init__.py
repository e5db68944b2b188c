"""Bit-exact coders that the layers share.

    enters                                  leaves
    label map      uint8 [height, width]    bytes        label_map.py
    binary map     bool  [height, width]    bytes        binary_map.py
    text           str                      bytes        text.py
    small picture  uint8 [height, width, 3] bytes ≤ cap  picture.py

Maps and text are predicted by integer context mixing (`mixing.py`) and written by a range coder (`range_coder.py`):
what one machine codes, any other decodes to the same. Every decoder takes hostile bytes: it answers with a result or
a `PacketError`, in bounded time and memory. Byte layouts: docs/coding.md.
"""
