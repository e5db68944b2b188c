"""Several bursts at once: worker processes that demodulate and decode what the receive chain has found.

In: samples in shared memory, and the start, signal field and channel estimate of bursts among them. Out: the `Burst` of
each one whose blocks were all decoded at the first attempt, bit for bit as the receive chain itself would give it out;
of all others the chain makes what it always does.

    chain    detection, synchronisation, signal field ── Task ──▶ worker    demodulation, first decoding
             HARQ, further attempts, order            ◀── Burst ──
"""
