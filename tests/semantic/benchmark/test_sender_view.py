"""The sender's view: the parts of the preset, or others by name."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np

from semcom.semantic import registry
from semcom.semantic.benchmark.sender_view import SenderView
from semcom.semantic.layers import Caption
from semcom.semantic.systems.es_isc.preset import Preset

from ...stand_ins import KnowsTheStreet, SeesRed, SeesSteps, street, street_labels


def test_it_is_that_of_the_preset_s_parts_and_of_others_where_they_are_named() -> None:
    preset, black = Preset.load(), np.zeros_like(street())
    with ExitStack() as stack:
        for kind, name, part in (
            ("segmenters", preset.segmenter, KnowsTheStreet()),
            ("segmenters", "scene", SeesRed()),
            ("detailers", preset.detailer, SeesSteps()),
            ("captioners", preset.captioner, lambda *_: Caption("The preset's.")),
            ("captioners", "composed", lambda *_: Caption("Another's.")),
        ):
            stack.enter_context(registry.override(kind, name, part))
        seen, other = SenderView()(street()), SenderView("scene", "composed")(black)
    assert np.mean(seen.labels == street_labels()) > 0.95 and seen.caption.text == "The preset's."
    assert set(np.unique(other.labels)) == {SeesRed.vocabulary["road"].id} and other.caption.text == "Another's."
