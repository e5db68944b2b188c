"""What libiio knows of a Pluto besides samples: settings set and read back, digital loopback, tones off."""

from __future__ import annotations

import math

import iio

from semcom.flowgraphs.errors import RadioNotFoundError, RadioSettingError
from semcom.flowgraphs.radios.endpoint import Reading, check_rate
from semcom.sdr_configs.pluto import PlutoRadio

PHY, DAC = "ad9361-phy", "cf-ad9361-dds-core-lpc"
TIMEOUT_MS = 3000
GAIN_STEP_DB = {"in": 1.0, "out": 0.25}
FREQUENCY_STEP_HZ = 10.0
MIN_RATE_WITHOUT_FIR_HZ = 25e6 / 12
_LOOPBACK = {"none": "0", "digital": "1"}


class PlutoControl:
    """A connection for settings, beside the one that the samples take.

    Raises
    ------
    RadioNotFoundError
        Nothing answers at the URI, or no AD9361 does.
    """

    def __init__(self, radio: PlutoRadio):
        self.radio = radio
        try:
            self._context = iio.Context(radio.uri)
            self._context.set_timeout(TIMEOUT_MS)
        except (OSError, TypeError) as error:
            raise RadioNotFoundError(
                f"uri {radio.uri} does not answer ({error}); `iio_info -S` lists the devices there are"
            ) from None
        self._phy = self._context.find_device(PHY)
        if self._phy is None:
            raise RadioNotFoundError(f"uri {radio.uri} answers, but has no {PHY}: no Pluto")

    def prepare(self) -> None:
        """Before the sample streams are opened: loopback, and the tones of the device's own generator off."""
        self._phy.debug_attrs["loopback"].value = _LOOPBACK[self.radio.loopback]
        dac = self._context.find_device(DAC)
        for channel in dac.channels if dac is not None else ():
            for name in ("raw", "scale"):
                if channel.id.startswith("altvoltage") and name in channel.attrs:
                    channel.attrs[name].value = "0"

    def set_up(self, transmitting: bool) -> list[Reading]:
        """One direction's settings, written and read back. The sample rate is set by who opens the stream.

        To be called before that: what is refused then leaves no stream behind.
        """
        radio = self.radio
        freq_hz = (radio.center_freq_hz if transmitting else radio.rx_center_freq_hz) + radio.lo_offset_hz
        side = "out" if transmitting else "in"
        self._write(self._lo(transmitting), "frequency", round(freq_hz), "center_freq_hz with its offsets")
        self._write(self._voltage(side), "rf_bandwidth", round(radio.rf_bandwidth_hz), "rf_bandwidth_hz")
        if not transmitting:
            self._write(self._voltage(side), "gain_control_mode", radio.rx_gain_mode, "rx_gain_mode")
        readings = [
            Reading("center_freq_hz", freq_hz, self._number(self._lo(transmitting), "frequency"), FREQUENCY_STEP_HZ),
            Reading("rf_bandwidth_hz", radio.rf_bandwidth_hz, self._number(self._voltage(side), "rf_bandwidth"), 1.0),
        ]
        if transmitting:
            got = -self.set_gain_db(True, -radio.tx_attenuation_db)
            readings.append(Reading("tx_attenuation_db", radio.tx_attenuation_db, got, GAIN_STEP_DB[side]))
        elif radio.rx_gain_mode == "manual":
            got = self.set_gain_db(False, radio.rx_gain_db)
            readings.append(Reading("rx_gain_db", radio.rx_gain_db, got, GAIN_STEP_DB[side]))
        return readings

    def set_gain_db(self, transmitting: bool, gain_db: float) -> float:
        """Gain of one direction, as read back; the transmitter's is its attenuation with a minus."""
        channel = self._voltage("out" if transmitting else "in")
        self._write(channel, "hardwaregain", f"{gain_db:.2f}", "tx_attenuation_db" if transmitting else "rx_gain_db")
        return self._number(channel, "hardwaregain")

    def read_rate(self, transmitting: bool) -> Reading:
        """The sample rate that the device runs at; another one than asked for is refused."""
        got = self._number(self._voltage("out" if transmitting else "in"), "sampling_frequency")
        check_rate(self.radio.sample_rate_hz, got)
        return Reading("sample_rate_hz", self.radio.sample_rate_hz, got, 1.0)

    def _lo(self, transmitting: bool) -> iio.Channel:
        return self._phy.find_channel("altvoltage1" if transmitting else "altvoltage0", True)

    def _voltage(self, side: str) -> iio.Channel:
        return self._phy.find_channel("voltage0", side == "out")

    def _write(self, channel: iio.Channel, name: str, value: object, key: str) -> None:
        try:
            channel.attrs[name].value = str(value)
        except (OSError, KeyError) as error:
            raise RadioSettingError(f"{key} must be what the device accepts, it refuses {value} ({error})") from None

    def _number(self, channel: iio.Channel, name: str) -> float:
        """A reading such as ``40.000000 dB``; not a number where the device cannot say."""
        try:
            return float(channel.attrs[name].value.split()[0])
        except (OSError, KeyError, ValueError, IndexError):
            return math.nan
