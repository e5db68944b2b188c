"""Finding bursts: preamble detection, then exact start and carrier offset.

In: complex64 samples at the nominal rate. Out: where a burst starts and at which carrier offset, or that there is none.
"""
