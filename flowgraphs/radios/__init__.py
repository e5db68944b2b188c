"""radios: one file per driver, each makes a GNU Radio sink or source out of a radio's settings.

Enters    the settings of a real radio (`semcom.sdr_configs.real_radio.RealRadio`).
Leaves    an open `RadioEndpoint`: the block to connect, and what the device says about its settings.

A driver is imported when a radio needs it: what is not installed hinders nobody else.
"""

from __future__ import annotations

from importlib import import_module

from semcom.flowgraphs.errors import RadioNotFoundError
from semcom.flowgraphs.radios.endpoint import RadioEndpoint, Reading
from semcom.sdr_configs.real_radio import RealRadio

DRIVERS = {
    "pluto": "pluto_radio",
    "sigmf": "sigmf_radio",
    "soapy": "soapy_radio",
    "uhd": "usrp_radio",
    "zmq": "zmq_radio",
}
"""Driver of a radio file, and the module here that has its `open_sink` and `open_source`."""

PACKAGES = {
    "pluto": "apt-get install gnuradio libiio0, and pip install 'gr-semcom[radios]' into this environment",
    "sigmf": "apt-get install gnuradio",
    "soapy": "apt-get install gnuradio soapysdr-module-all",
    "uhd": "apt-get install gnuradio uhd-host",
    "zmq": "apt-get install gnuradio",
}
"""What each driver needs, on Debian and Ubuntu."""


def open_sink(radio: RealRadio) -> RadioEndpoint:
    """Open a radio for transmitting.

    Raises
    ------
    RadioNotFoundError
        It is not there.
    RadioSettingError
        It cannot transmit, or refuses a setting.
    """
    return _driver(radio).open_sink(radio)


def open_source(radio: RealRadio) -> RadioEndpoint:
    """Open a radio for receiving. Raises as `open_sink` does."""
    return _driver(radio).open_source(radio)


def _driver(radio: RealRadio):
    name = radio.driver
    try:
        return import_module(f".{DRIVERS[name]}", __name__)
    except ImportError as error:
        raise RadioNotFoundError(f"driver {name} is not installed ({error}): {PACKAGES[name]}") from None


__all__ = ["DRIVERS", "RadioEndpoint", "Reading", "open_sink", "open_source"]
