"""Picture → what is in it.

In: uint8 `[height, width, 3]`. Out: labels and scores, boundaries, objects, a caption, regions of interest.

`segmenter` and `detailer` are learned and need the extra `models`; the rest is plain arithmetic on what they found.
"""
