"""Channel coding: payload bytes to coded bits and back, signal field, CRCs, scrambler, HARQ soft buffers.

In: transport blocks, or LLRs. Out: coded bits, or payload bytes with a checked CRC.
"""
