"""Fixtures of this folder: the radio doubles, and a small picture's packet."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

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


@pytest.fixture
def radio_file(tmp_path: Path, soapy_radio) -> Path:  # noqa: F811 (fixtures take each other by name)
    """A radio file of the SoapySDR double."""
    path = tmp_path / "air.yml"
    path.write_text(yaml.safe_dump(soapy_radio().model_dump(mode="json")))
    return path
