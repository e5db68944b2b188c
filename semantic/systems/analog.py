"""Systems that send pictures as analog symbols: the linear code, and deep JSCC around it.

```
analyse: the picture as it is ─ code: (filter) ─ linear analog code ─► header, blocks of at most 8192 symbols
```

Nothing is quantised or protected: a picture gets better with every decibel, and no SNR is a cliff. How many symbols are
sent is `cbr` of the configuration (complex symbols for a colour value, overhead of the modem left out), or what a
budget of bytes holds; which Es/N0 the gains are best for is `snr_db`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from semcom.semantic.analysis import Analysis, Guard
from semcom.semantic.coding import linear_analog
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import RequestError
from semcom.semantic.layers import Layer, LayerKey, LayerKind, encode_layer
from semcom.semantic.layers.analog_block import CODES, EXACT_BYTES, MAX_ANALOG_PIXELS, MAX_SYMBOLS, AnalogBlock
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.refinement import RefinementRequest
from semcom.semantic.request import DecodeOptions, EncodeRequest, PartChoice, Scalar
from semcom.semantic.systems.one_by_one import OneByOne

DEFAULT_CBR = 1 / 6
DEFAULT_SNR_DB = 10
SYMBOL_BYTES = 4
LAYER_BYTES = EXACT_BYTES + 12
"""Of a block in a packet, besides its symbols."""
HEADER_BYTES = 64
MAX_BLOCKS = 250


@dataclass(frozen=True)
class AnalogSettings:
    """Configuration of the system, checked."""

    cbr: float = DEFAULT_CBR
    snr_db: int = DEFAULT_SNR_DB

    @classmethod
    def of(cls, config: Mapping[str, Scalar], name: str) -> AnalogSettings:
        """Of a request; `RequestError` for a key that is not known or a value that cannot be."""
        unknown = sorted(set(config) - {"cbr", "snr_db"})
        if unknown:
            raise RequestError(f"config of system {name} must be of the keys cbr, snr_db, got {unknown[0]!r}")
        cbr, snr_db = _number(config.get("cbr", DEFAULT_CBR), "cbr"), config.get("snr_db", DEFAULT_SNR_DB)
        if not 0 < cbr <= 0.5:
            raise RequestError(f"cbr of system {name} must be above 0 and at most 0.5 (every coefficient), got {cbr:g}")
        snr_db = _number(snr_db, "snr_db")
        if not linear_analog.LEAST_SNR_DB <= snr_db <= linear_analog.MOST_SNR_DB:
            least, most = linear_analog.LEAST_SNR_DB, linear_analog.MOST_SNR_DB
            raise RequestError(f"snr_db of system {name} must be {least} to {most}, got {snr_db:g}")
        return cls(cbr, round(snr_db))


class AnalogSystem(OneByOne):
    """The analog code as a system, both halves.

    Parameters
    ----------
    name : str
    around : str
        What lies around the linear code, one of `CODES`.
    """

    honours = frozenset({"budget_bytes", "config"})
    profiles: tuple[str, ...] = ()
    parts: Mapping[str, PartChoice] = {}

    def __init__(self, name: str, around: str = CODES[0]) -> None:
        self.name = name
        self._around = around

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard: Guard) -> Analysis:
        """Nothing is found in a picture, uint8 [height, width, 3]: it is kept; settings are checked."""
        AnalogSettings.of(request.config, self.name)
        if image.shape[0] * image.shape[1] > MAX_ANALOG_PIXELS:
            size = f"{image.shape[1]} × {image.shape[0]}"
            raise RequestError(f"pictures of {self.name} must have at most {MAX_ANALOG_PIXELS} pixels, got {size}")
        return Analysis(request, image, guard)

    def code(
        self, analysis: Analysis, budget_bytes: int | None, identity: tuple[int, int, int] = (0, 0, 1)
    ) -> SemanticPacket:
        """Header and blocks.

        Raises
        ------
        RequestError
            More symbols than blocks can number.
        """
        settings = AnalogSettings.of(analysis.request.config, self.name)
        picture = analysis.picture
        count = round(settings.cbr * picture.size) if budget_bytes is None else _symbols_in(budget_bytes)
        count = max(1, min(count, linear_analog.most_symbols(*analysis.size)))
        if count > MAX_BLOCKS * MAX_SYMBOLS:
            most = MAX_BLOCKS * MAX_SYMBOLS / picture.size
            raise RequestError(f"cbr of {self.name} must be at most {most:.3g} for this picture, got {settings.cbr:g}")
        return SemanticPacket.build(
            analysis.size, self.name, self._layers(picture, count, settings, identity), identity
        )

    def refine(self, analysis: Analysis, request: RefinementRequest, packet: SemanticPacket) -> list[Layer]:
        """Nothing: what was sent holds the picture whole."""
        return []

    def decode(self, packet: SemanticPacket, options: DecodeOptions) -> Reconstruction:
        """The picture of whatever blocks came; by another reconstructor where one is named."""
        return decode_any(packet, options)

    def _layers(self, picture: np.ndarray, count: int, settings: AnalogSettings, identity) -> list[Layer]:
        if self._around != CODES[0]:
            from semcom.semantic.nets.jscc_running import load_jscc

            cbr = count / picture.size
            picture = load_jscc(self._around).before(picture.astype(np.float32), settings.snr_db, cbr)
        code, symbols = linear_analog.encode(picture, count, settings.snr_db)
        layers = []
        for number, first in enumerate(range(0, count, MAX_SYMBOLS), start=1):
            block = AnalogBlock(code, first, symbols[first : first + MAX_SYMBOLS], None, self._around)
            layers.append(encode_layer(LayerKey(*identity, number), LayerKind.ANALOG_BLOCK, block))
        return layers


def _symbols_in(budget_bytes: int) -> int:
    """Complex symbols that a packet of so many bytes holds, at least one."""
    room = budget_bytes - HEADER_BYTES
    blocks = -(-room // (SYMBOL_BYTES * MAX_SYMBOLS + LAYER_BYTES))
    return max(1, (room - blocks * LAYER_BYTES) // SYMBOL_BYTES)


def _number(value: Scalar, key: str) -> float:
    """A number, or a fraction like ``1/6``."""
    try:
        return float(Fraction(value)) if isinstance(value, str) else float(value)
    except (ValueError, ZeroDivisionError):
        raise RequestError(f"{key} must be a number, got {value!r}") from None


def linear_analog_system() -> AnalogSystem:
    return AnalogSystem("linear_analog")


def jscc() -> AnalogSystem:
    return AnalogSystem("jscc", "deep")


def jscc_19db() -> AnalogSystem:
    return AnalogSystem("jscc_19db", "deep-one-snr")
