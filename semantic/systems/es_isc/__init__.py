"""ES-ISC (Ye et al.): text, two kinds of segmentation map, and sub-images of what matters.

In: a picture. Out: a packet of caption, objects, class map, detail map and sub-images.
"""
