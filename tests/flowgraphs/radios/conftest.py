"""The doubles, for the tests of this folder."""

from ...radio_doubles.fixtures import (  # noqa: F401
    iio_daemon,
    pluto_radio,
    soapy_args,
    soapy_driver,
    soapy_radio,
    usrp_radio,
)
