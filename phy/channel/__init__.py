"""Channel models for tests and experiments: each takes and gives complex64 samples at the nominal rate.

`awgn` (noise), `carrier_offset` (turning), `delay` (whole and fractional samples), `multipath` (fixed echoes),
`clock_offset` (sample clocks that differ). Each does one thing, so that a link is a line of calls.
"""

from semcom.phy.channel.awgn import add_noise, complex_noise, noise_var_for
from semcom.phy.channel.carrier_offset import carrier_offset
from semcom.phy.channel.clock_offset import clock_offset
from semcom.phy.channel.delay import delay
from semcom.phy.channel.multipath import multipath, unit_power

__all__ = [
    "add_noise",
    "carrier_offset",
    "clock_offset",
    "complex_noise",
    "delay",
    "multipath",
    "noise_var_for",
    "unit_power",
]
