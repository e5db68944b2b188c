"""OFDM symbols: bits to constellation points, carriers to samples, and back through equaliser and pilots.

In: coded bits, or samples from an exact start. Out: samples of mean power 1, or soft bits (LLRs).
"""
