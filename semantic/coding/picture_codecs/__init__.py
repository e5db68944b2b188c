"""Classical picture codecs without their containers: what follows from size and an agreed way is left out.

In: a picture, uint8 `[height, width, 3]`, and a number of bytes. Out: `coded.Coded`, and back.

Each is a picture codec of the registry, and the system of its name sends nothing else (docs/plugins.md).
"""
