"""A spectrum in few bytes comes back to 1 dB; what is beyond a byte stands at its end."""

from dataclasses import asdict

import numpy as np
import pytest

from semcom.flowgraphs.live.spectrum import Spectrum
from semcom.flowgraphs.live.spectrum_probe import BINS
from semcom.link.errors import MessageError
from semcom.link.messages import MAX_SPECTRUM_BYTES, Kind, Message


def test_a_spectrum_crosses_as_a_message_to_1_db():
    density_db = np.linspace(-99.6, 31.4, BINS)
    sent = Spectrum.of(2.5e6, density_db)
    body = Message.from_bytes(Message(Kind.SPECTRUM, asdict(sent), 1, 0, 1).to_bytes()).body
    came = Spectrum(**body)
    assert came == sent and came.sample_rate_hz == 2.5e6 and len(came.levels) == BINS <= MAX_SPECTRUM_BYTES
    np.testing.assert_allclose(came.levels_db, density_db, atol=0.5)


def test_more_bins_than_a_message_may_have_are_refused():
    body = {"sample_rate_hz": 1e6, "levels": bytes(MAX_SPECTRUM_BYTES + 1)}
    with pytest.raises(MessageError, match="levels must be at most 1024 bytes, got 1025"):
        Message(Kind.SPECTRUM, body, 1, 0, 1).to_bytes()
    head = Message(Kind.SPECTRUM, body | {"levels": b""}, 1, 0, 1).to_bytes()
    with pytest.raises(MessageError, match="levels must be at most 1024 bytes, got 4294967295"):
        Message.from_bytes(head[:-4] + b"\xff" * 4)


def test_levels_that_no_byte_holds_are_cut():
    assert Spectrum.of(1e6, np.array([-300.0, -0.6, 200.0])).levels_db == [-128, -1, 127]
    assert Spectrum(1e6, b"").levels_db == []
