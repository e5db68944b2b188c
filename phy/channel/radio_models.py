"""Models of receivers that people have: what a Pluto, an RTL-SDR, a USRP and a HackRF make of a signal.

```
signal → its clock → the radio's clock and rate → carrier offset → noise → gain steps → IQ image, DC → converter → bytes
```

Levels are what data sheets and users' measurements say of ordinary specimens, not the best ones. Numerics are apart
from those of the receiver: rates change by a Fourier transform of the whole signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft

from semcom.phy.channel.awgn import add_noise, noise_var_for
from semcom.phy.channel.carrier_offset import carrier_offset
from semcom.phy.channel.front_end import dc_offset, iq_imbalance, quantise
from semcom.phy.channel.phase_noise import wiener_phase_noise


@dataclass(frozen=True)
class RadioModel:
    """A receiver.

    Attributes
    ----------
    datatype : str
        Of its samples, as SigMF writes it: ci16_le, ci8, cu8 or cf32_le.
    num_bits : int
        Of its converter.
    sample_rate_hz : float
    center_freq_hz : float
    clock_ppm : float
        By which its oscillator is slow: moves the carrier up and the burst together, since one crystal does both.
    drive_db : float
        Mean power of the signal, full scale 1.
    dc_dbc : float
        DC offset over the signal's power.
    image_gain_db, image_phase_deg : float
        Mismatch of I and Q.
    linewidth_hz : float
        Of the oscillator.
    """

    datatype: str
    num_bits: int
    sample_rate_hz: float
    center_freq_hz: float = 2.45e9
    clock_ppm: float = 0.0
    drive_db: float = -18.0
    dc_dbc: float = -40.0
    image_gain_db: float = 0.05
    image_phase_deg: float = 0.3
    linewidth_hz: float = 1.0

    def receive(
        self,
        samples: np.ndarray,
        nominal_rate_hz: float,
        snr_db: float,
        rng: np.random.Generator,
        gain_steps: Sequence[tuple[float, float]] = (),
    ) -> np.ndarray:
        """What the converter delivers, complex64 [n], full scale 1.

        Parameters
        ----------
        samples : complex64 [m]
            Bursts of mean power 1 at the nominal rate.
        nominal_rate_hz : float
        snr_db : float
            Over the nominal rate.
        rng : Generator
        gain_steps : sequence of (seconds, dB)
            From a time on the gain is another one, as an AGC sets it.
        """
        stretched = _at_rate(samples, self.samples_per_nominal(nominal_rate_hz))
        moved = carrier_offset(stretched, self.cfo_hz, self.sample_rate_hz)
        if self.linewidth_hz:
            moved = wiener_phase_noise(moved, self.linewidth_hz, self.sample_rate_hz, rng)
        noise_var = noise_var_for(snr_db) * self.sample_rate_hz / nominal_rate_hz
        noisy = add_noise(moved, noise_var, rng)
        for time_s, gain_db in gain_steps:
            noisy[round(time_s * self.sample_rate_hz) :] *= np.float32(10 ** (gain_db / 20))
        impaired = dc_offset(iq_imbalance(noisy, self.image_gain_db, self.image_phase_deg), self.dc_dbc, phase=1.0)
        return quantise(impaired * np.float32(10 ** (self.drive_db / 20)), 1.0, self.num_bits)

    @property
    def cfo_hz(self) -> float:
        """Of a signal whose sender keeps perfect time."""
        return self.center_freq_hz * self.clock_ppm * 1e-6

    def samples_per_nominal(self, nominal_rate_hz: float) -> float:
        """Samples that this radio takes while the sender sends one."""
        return self.sample_rate_hz / nominal_rate_hz * (1 - self.clock_ppm * 1e-6)

    def to_bytes(self, samples: np.ndarray) -> bytes:
        """Samples as the radio's driver delivers them."""
        values = np.ascontiguousarray(samples, np.complex64).view(np.float32)
        if self.datatype == "cf32_le":
            return values.astype("<f4").tobytes()
        if self.datatype == "cu8":
            return np.clip(np.round(values * 128 + 127.5), 0, 255).astype(np.uint8).tobytes()
        full_scale, kind = (128, "i1") if self.datatype == "ci8" else (32768, "<i2")
        return np.clip(np.round(values * full_scale), -full_scale, full_scale - 1).astype(kind).tobytes()


PLUTO = RadioModel("ci16_le", 12, 2.5e6, clock_ppm=9.0, dc_dbc=-32.0, image_gain_db=0.1, image_phase_deg=0.5)
RTL_SDR = RadioModel("cu8", 8, 2.4e6, 868e6, clock_ppm=21.0, drive_db=-14.0, dc_dbc=-25.0, linewidth_hz=4.0)
USRP = RadioModel("cf32_le", 16, 4e6, clock_ppm=1.5, dc_dbc=-45.0)
HACKRF = RadioModel(
    "ci8",
    8,
    8e6,
    clock_ppm=13.0,
    drive_db=-15.0,
    dc_dbc=-12.0,
    image_gain_db=0.3,
    image_phase_deg=1.5,
    linewidth_hz=3.0,
)


def _at_rate(samples: np.ndarray, ratio: float) -> np.ndarray:
    """The same signal with `ratio` times the samples, complex64; `ratio` is met to half a sample of all of them."""
    padded = scipy.fft.next_fast_len(len(samples))
    spectrum = scipy.fft.fft(samples, padded)
    count = round(padded * ratio)
    half = min(padded, count) // 2
    other = np.zeros(count, np.complex128)
    other[:half], other[-half:] = spectrum[:half], spectrum[-half:]
    return (scipy.fft.ifft(other) * (count / padded)).astype(np.complex64)
