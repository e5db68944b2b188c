"""What the receive chain and its workers write for each other into shared memory: a burst's task, then the burst.

```
memory   ring of samples | slot 0 | slot 1 | ...        a slot holds a task, afterwards what became of it
task     start, signal field, channel estimate          one record
burst    numbers, channel | symbols | of each block: payload, LLRs, symbols, noise variance
```

Both sides are one program on one machine: byte order and layout are numpy's own.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from semcom.phy.burst import Burst, ReceivedBlock
from semcom.phy.burst_decoder import Header
from semcom.phy.burst_layout import layout_of
from semcom.phy.channel_estimation.impulse_response import ChannelEstimate, num_taps
from semcom.phy.coding.signal_field import SignalField
from semcom.phy.mcs import MCS_BY_NUMBER
from semcom.phy.transport_block import MAX_BLOCKS_PER_BURST
from semcom.phy.waveform import Waveform

_FIELD = [field.name for field in fields(SignalField) if field.name != "mcs"]
_ESTIMATE = [field.name for field in fields(ChannelEstimate)]
_BURST_WHOLE = ("start_sample", "num_samples", "num_clipped")
_BURST_REAL = ("snr_db", "cfo_hz", "evm_db", "clock_offset_ppm")
_BLOCK = ("source", "process", "redundancy_version", "new_data", "num_iterations")
_BLOCK_PARTS = ("payload", "llr", "symbols", "noise_var")
_PART_TYPES = (np.uint8, np.int8, np.complex64, np.float32)
_BYTES_PER_PLACE = 24  # of a data carrier: its symbol, and a byte of payload or an analog symbol with noise variance
_SPARE_BYTES = 4096


class SlotFormat:
    """Layout of a slot for the bursts of one waveform.

    Parameters
    ----------
    waveform : Waveform

    Attributes
    ----------
    num_bytes : int
        Of a slot: room for the largest burst there can be.
    """

    def __init__(self, waveform: Waveform) -> None:
        self._waveform = waveform
        estimate = [
            ("taps", np.complex64, num_taps(waveform)),
            ("prior", np.float64, num_taps(waveform)),
            ("noise_var", np.float64),
            ("window_start", np.int64),
            ("carriers", np.complex64, waveform.num_used),
            ("carriers_var", np.float32, waveform.num_used),
        ]
        self._task = np.dtype([*_whole("start_sample", "mcs", *_FIELD), ("cfo", np.float64), *estimate])
        self._block = np.dtype(_whole(*_BLOCK, *_BLOCK_PARTS))
        real = [(name, np.float64) for name in _BURST_REAL]
        channel = ("channel", np.complex64, waveform.num_used)
        self._burst = np.dtype([*_whole(*_BURST_WHOLE, "mcs", "num_points", "num_blocks"), *real, channel])
        largest = self._task.itemsize + self._burst.itemsize + MAX_BLOCKS_PER_BURST * self._block.itemsize
        largest += _BYTES_PER_PLACE * waveform.max_data_symbols * waveform.num_data
        self.num_bytes = (largest // _SPARE_BYTES + 2) * _SPARE_BYTES

    def write_task(self, slot: memoryview, start_sample: int, header: Header) -> None:
        """A burst that begins at `start_sample` and whose signal field is known."""
        task = np.frombuffer(slot, self._task, 1)[0]
        task["start_sample"], task["cfo"], task["mcs"] = start_sample, header.cfo, header.field.mcs.number
        for name in _FIELD:
            task[name] = getattr(header.field, name)
        for name in _ESTIMATE:
            task[name] = getattr(header.estimate, name)

    def read_task(self, slot: memoryview) -> tuple[int, Header]:
        """Start and header, but for the symbols of its signal field, which demodulation does not need."""
        task = np.frombuffer(slot, self._task, 1)[0].copy()
        values = {name: int(task[name]) for name in _FIELD}
        values["new_data"] = bool(values["new_data"])
        field = SignalField(mcs=MCS_BY_NUMBER[int(task["mcs"])], **values)
        estimate = {name: task[name] for name in _ESTIMATE}
        estimate |= {"noise_var": float(task["noise_var"]), "window_start": int(task["window_start"])}
        no_symbols = np.zeros((0, self._waveform.num_data), np.complex64)
        layout = layout_of(self._waveform, field)
        return int(task["start_sample"]), Header(field, layout, task["cfo"], ChannelEstimate(**estimate), no_symbols)

    def write_burst(self, slot: memoryview, burst: Burst) -> None:
        """A burst all of whose blocks are good."""
        record = np.frombuffer(slot, self._burst, 1)[0]
        for name in (*_BURST_WHOLE, *_BURST_REAL, "channel"):
            record[name] = getattr(burst, name)
        record["mcs"] = burst.mcs.number
        record["num_points"], record["num_blocks"] = len(burst.constellation), len(burst.blocks)
        blocks = np.zeros(len(burst.blocks), self._block)
        parts = [burst.constellation]
        for row, block in zip(blocks, burst.blocks, strict=True):
            for name in _BLOCK:
                row[name] = getattr(block, name)
            for name in _BLOCK_PARTS:
                value = getattr(block, name)
                if value is not None:
                    row[name] = len(value)
                    parts.append(value)
        body = b"".join([blocks.tobytes(), *(bytes(memoryview(part).cast("B")) for part in parts)])
        slot[self._burst.itemsize : self._burst.itemsize + len(body)] = body

    def read_burst(self, slot: memoryview) -> Burst:
        record = np.frombuffer(slot, self._burst, 1)[0]
        position = self._burst.itemsize

        def take(kind: np.dtype | type, count: int) -> np.ndarray:
            nonlocal position
            taken = np.frombuffer(slot, kind, count, position).copy()
            position += taken.nbytes
            return taken

        rows = take(self._block, int(record["num_blocks"]))
        constellation = take(np.complex64, int(record["num_points"]))
        blocks = []
        for row in rows:
            values = {name: int(row[name]) for name in _BLOCK}
            values["new_data"] = bool(values["new_data"])
            lengths = [int(row[name]) for name in _BLOCK_PARTS]
            payload, *others = map(take, _PART_TYPES, lengths)
            soft = {name: part if len(part) else None for name, part in zip(_BLOCK_PARTS[1:], others, strict=True)}
            blocks.append(ReceivedBlock(payload=payload.tobytes(), crc_ok=True, **values, **soft))
        return Burst(
            **{name: int(record[name]) for name in _BURST_WHOLE},
            **{name: float(record[name]) for name in _BURST_REAL},
            header_ok=True,
            mcs=MCS_BY_NUMBER[int(record["mcs"])],
            channel=record["channel"].copy(),
            constellation=constellation,
            blocks=tuple(blocks),
        )


def _whole(*names: str) -> list[tuple[str, type]]:
    return [(name, np.int64) for name in names]
