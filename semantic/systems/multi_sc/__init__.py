"""Multi-SC (Ma et al.): captions of the fields of a grid, and the main object cut out; and the paper's baselines.

In: a picture. Out: a packet of region captions and a cut-out, each a layer that means something alone.
"""
