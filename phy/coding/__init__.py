"""Channel coding: payload bytes to coded bits and back, signal field, CRCs, scrambler, soft buffers of repeats.

In: transport blocks, or LLRs. Out: coded bits, or payload bytes with a checked CRC.
"""
