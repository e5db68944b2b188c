"""Seb: pictures of a set by patches that they have in common (Zheng et al., explicit semantic base).

In: analysed pictures and a budget. Out: a packet a picture; the first of each subset brings the subset's bases.
"""
