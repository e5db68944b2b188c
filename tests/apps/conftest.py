"""The doubles, for the commands that need a radio."""

from ..radio_doubles.fixtures import (  # noqa: F401
    iio_daemon,
    pluto_radio,
    soapy_args,
    soapy_driver,
    soapy_radio,
    usrp_radio,
)
