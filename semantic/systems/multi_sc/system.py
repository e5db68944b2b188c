"""Multi-SC: captions of the fields of a grid and the main object cut out (Ma et al., "Exploring Textual Semantics
Diversity for Image Transmission", §II), in a budget of bytes.

```
analyse: picture ─► segmenter ─► labels ─► main object
            └────► fields of a grid ─► captioner ─► a caption each

code:    captions, each a layer of its own ─► bytes left ─► cut-out: coded, or its pixels as analog symbols

decode:  captions that arrived ─► fused ─► reconstructor ─► picture ─► cut-out laid over it
```

Nothing ties the layers together: each travels in frames of its own, and what is lost with one is one field's words.
"""

from __future__ import annotations

import numpy as np

from semcom.semantic.analysis import Guard
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import RequestError
from semcom.semantic.framing import framed_bytes
from semcom.semantic.layers import Layer, LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.region_caption import RegionCaption
from semcom.semantic.packet import SemanticPacket, pixels_left
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice
from semcom.semantic.systems.analog import AnalogSettings
from semcom.semantic.systems.multi_sc.analog_cut_out import analog_cut_out_layers
from semcom.semantic.systems.multi_sc.analysis import MultiScAnalysis
from semcom.semantic.systems.multi_sc.cut_out_coding import CutOutRoom, cut_out_layer
from semcom.semantic.systems.multi_sc.preset import Preset
from semcom.semantic.systems.one_by_one import OneByOne

MIN_BUDGET_BYTES = 100
ENTRY_BYTES = 3
"""Most that the header's table grows by with a layer."""
FIRST_FIELD_NUMBER, CUT_OUT_NUMBER = 2, 66
"""Numbers of layers: captions from the first field's on, the cut-out. 1 is the whole caption's, fused when received."""


class MultiSc(OneByOne):
    """Multi-SC and its baselines, both halves.

    Parameters
    ----------
    preset : Preset or None
        None takes ``multi-sc.yml``.
    """

    honours = frozenset({"budget_bytes", "without", "text", "seed", "parts", "config"})
    profiles: tuple[str, ...] = ()

    def __init__(self, preset: Preset | None = None) -> None:
        self.preset = Preset.load() if preset is None else preset
        self.name = self.preset.name
        self.parts = {
            "segmenter": PartChoice(self.preset.segmenter),
            "captioner": PartChoice(self.preset.captioner),
        }

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard: Guard) -> MultiScAnalysis:
        """What is found in a picture, uint8 [height, width, 3], blanked as `guard` says; models look when asked.

        Raises
        ------
        RequestError
            An unknown configuration key, or a value out of its range.
        """
        if request.budget_bytes is not None:
            _check_budget(request.budget_bytes)
        return MultiScAnalysis(request, image, guard, self.preset.configured(request.config), self.parts)

    def code(
        self, analysis: MultiScAnalysis, budget_bytes: int | None, identity: tuple[int, int, int] = (0, 0, 1)
    ) -> SemanticPacket:
        """The packet of an analysed picture: as many captions as fit, then the cut-out in the bytes that are left.

        Raises
        ------
        RequestError
            A budget below the least.
        """
        preset = analysis.preset
        is_bounded = budget_bytes is not None
        if budget_bytes is None:
            budget_bytes = max(int(analysis.picture.size / preset.compression), preset.least_default_bytes)
        if (
            analysis.request.text == "soft"
        ):  # plain text is longer: what is left of the budget may be less than the least
            budget_bytes = max(budget_bytes, MIN_BUDGET_BYTES)
        _check_budget(budget_bytes)
        chosen: list[Layer] = []
        left_out: list[tuple[str, str]] = []

        def room() -> int:
            packet = SemanticPacket.build(analysis.size, preset.name, chosen, identity)
            return budget_bytes - len(packet.to_bytes()) - ENTRY_BYTES

        for layer in _caption_layers(analysis, identity):
            if framed_bytes(layer) > room():
                left_out.append((layer.name, f"needs {framed_bytes(layer)} bytes, {max(room(), 0)} are left"))
            else:
                chosen.append(layer)
        if preset.cut_out:
            cut_out, reason = _cut_out(
                analysis, CutOutRoom(room(), pixels_left(chosen), preset.mask_share), identity, is_bounded
            )
            chosen += cut_out
            left_out += [] if cut_out else [("cut_out", reason)]
        return SemanticPacket.build(analysis.size, preset.name, chosen, identity).leaving_out(left_out)

    def refine(self, analysis: MultiScAnalysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
        """None: all words are sent at once, and pixels beyond the cut-out are not part of it."""
        return []

    def decode(self, packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
        """Fused caption and picture from whatever layers arrived; the object's pixels stay as they were received."""
        return decode_any(packet, options)


def single_text() -> MultiSc:
    """The paper's baseline with one text: a caption of the whole picture, and the cut-out."""
    return MultiSc(Preset.load("single-text"))


def vlm_csc() -> MultiSc:
    """The paper's baseline without pixels: a caption of the whole picture."""
    return MultiSc(Preset.load("vlm-csc"))


def _caption_layers(analysis: MultiScAnalysis, identity: tuple[int, int, int]) -> list[Layer]:
    columns, rows = analysis.grid
    return [
        encode_layer(
            LayerKey(*identity, FIRST_FIELD_NUMBER + field),
            LayerKind.REGION_CAPTION,
            RegionCaption(*analysis.size, columns, rows, field, caption),
        )
        for field, caption in enumerate(analysis.captions)
    ]


def _cut_out(
    analysis: MultiScAnalysis, room: CutOutRoom, identity: tuple[int, int, int], is_bounded: bool
) -> tuple[list[Layer], str]:
    """The cut-out in that room, or why there is none; without a budget analog symbols are as many as their CBR says."""
    found, preset = analysis.main_object, analysis.preset
    if found is None:
        return [], "no object was found that is large and sure enough"
    what = analysis.picture, found, analysis.working[1], room, LayerKey(*identity, CUT_OUT_NUMBER)
    if preset.pixels == "analog":
        layers = analog_cut_out_layers(*what, AnalogSettings(preset.cbr, preset.snr_db), is_bounded)
    else:
        layers = [layer for layer in [cut_out_layer(*what)] if layer is not None]
    return layers, "too few bytes are left"


def _check_budget(budget_bytes: int) -> None:
    if budget_bytes < MIN_BUDGET_BYTES:
        raise RequestError(f"budget must be at least {MIN_BUDGET_BYTES} bytes, got {budget_bytes}")
