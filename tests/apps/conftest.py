"""Fixtures of this folder: the radio doubles, and a small picture's packet."""

from __future__ import annotations

import pytest

from semcom.semantic import encode, registry
from semcom.semantic.systems.es_isc.system import EsIsc

from ..radio_doubles.fixtures import (  # noqa: F401
    iio_daemon,
    pluto_radio,
    soapy_args,
    soapy_driver,
    soapy_radio,
    usrp_radio,
)
from ..stand_ins import KnowsTheStreet, SeesSteps, street


@pytest.fixture(scope="module")
def packet() -> bytes:
    """What is tested with it is the way, not the understanding."""
    with pytest.MonkeyPatch.context() as patch:
        parts = {"segmenters": KnowsTheStreet(), "detailers": SeesSteps(), "systems": EsIsc()}
        patch.setattr(registry, "create", lambda kind, name: parts[kind])
        return encode(street(240, 160)).to_bytes()
