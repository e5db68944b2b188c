"""Fixtures of this folder: the radio doubles, and a small picture's packet."""

from __future__ import annotations

import pytest

from semcom.semantic import encode

from ..radio_doubles.fixtures import (  # noqa: F401
    iio_daemon,
    pluto_radio,
    soapy_args,
    soapy_driver,
    soapy_radio,
    usrp_radio,
)
from ..stand_ins import street, street_parts


@pytest.fixture(scope="module")
def packet() -> bytes:
    """What is tested with it is the way, not the understanding."""
    with street_parts():
        return encode(street(240, 160)).to_bytes()
