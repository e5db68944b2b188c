"""The modem room: bytes to complex baseband and back.

Enters: `TransportBlock`s of bytes and an MCS of `MCS_TABLE`; on the way back, any chunks of complex64 samples.
Leaves: one burst of complex64 at the waveform's nominal rate, mean power 1; on the way back, `Burst` results with
blocks (bytes, or None where the CRC failed) and how well each burst was received.

    Transmitter(waveform).modulate(blocks, mcs)      transmitter.py shows the chain
    Receiver(waveform).push(samples) / .flush()      receiver.py shows the chain

Needs numpy, scipy and numba; knows nothing of pictures, links or GNU Radio.
"""

from semcom.installation import require

require("modem")
