"""Channel models for tests and experiments: each takes and gives complex64 samples.

`awgn` (noise), `carrier_offset` (frequency offset), `delay` (whole and fractional samples), `multipath` and `two_ray`
(static multipath), `profiles` and `fading` (3GPP fading channels), `clock_offset` (sample clock offset), `phase_noise`
(oscillators), `front_end` (I/Q imbalance, DC offset, converter), `interferers` (noise bursts, tone). Each does one
thing, so that a link is a line of calls; `radio_models` puts them together to whole receivers that people have.
"""

from semcom.phy.channel.awgn import add_noise, complex_noise, noise_var_for
from semcom.phy.channel.carrier_offset import carrier_offset
from semcom.phy.channel.clock_offset import clock_offset
from semcom.phy.channel.delay import delay
from semcom.phy.channel.fading import fade, rayleigh_gains
from semcom.phy.channel.front_end import clip, dc_offset, iq_imbalance, quantise
from semcom.phy.channel.interferers import burst_interference, tone_jammer
from semcom.phy.channel.multipath import multipath, unit_power
from semcom.phy.channel.phase_noise import locked_phase_noise, wiener_phase_noise
from semcom.phy.channel.profiles import FadingProfile, profile
from semcom.phy.channel.two_ray import two_ray

__all__ = [
    "FadingProfile",
    "add_noise",
    "burst_interference",
    "carrier_offset",
    "clip",
    "clock_offset",
    "complex_noise",
    "dc_offset",
    "delay",
    "fade",
    "iq_imbalance",
    "locked_phase_noise",
    "multipath",
    "noise_var_for",
    "profile",
    "quantise",
    "rayleigh_gains",
    "tone_jammer",
    "two_ray",
    "unit_power",
    "wiener_phase_noise",
]
