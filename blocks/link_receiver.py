"""Link frames in, layers out as they complete."""

from __future__ import annotations

from typing import Any

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import llr_bytes, read_pdu
from semcom.link import Assembler, Receiver
from semcom.semantic.requirements import requirements_of

MAX_NAMES_SHOWN = 1000


class link_receiver(MessageBlock):  # noqa: N801 (GNU Radio names its blocks so)
    """Puts layers together again, each once, and says what is missing.

    Parameters
    ----------
    max_pictures : int
        Pictures kept in mind; what is older is forgotten.

    Ports
    -----
    frames : in
        PDUs: one link frame; metadata crc_ok (frames that failed are counted only), snr_db, cfo_hz, evm_db, and llr of
        soft text.
    layers : out
        PDUs: payload of a layer; metadata stream, group, picture (0: of the whole group), layer, importance, damaged
        (it came as soft text, bits may be wrong) and then llr, picture_complete (all layers of that picture or group
        have come), and snr_db, cfo_hz, evm_db of the frame that completed it.
    statistics : out
        One PDU without data at the end of a transmission: the counts (frames new, duplicate, refused, failed; items),
        pictures_incomplete, and missing: the names, for a person to read. A picture without a layer of its group that
        it requires is incomplete.
    """

    def __init__(self, max_pictures: int = 256):
        MessageBlock.__init__(self, "semcom link receiver", "frames", ("layers", "statistics"))
        self.assembler = Assembler(requirements_of, max_pictures, max_remembered=max_pictures)

    @property
    def receiver(self) -> Receiver:
        return self.assembler.receiver

    def handle(self, message: Any) -> None:
        meta, data = read_pdu(message)
        if not meta.get("crc_ok", True):
            self.counts["failed"] += 1
            return
        quality = {name: meta[name] for name in ("snr_db", "cfo_hz", "evm_db") if isinstance(meta.get(name), float)}
        arrival, changed = self.assembler.push(data, llr_bytes(meta))
        for item in arrival.items:
            # Layers that share frames come together: the picture is complete with the last of them.
            whole = item is arrival.items[-1] and self.receiver.is_complete(item.key.scope)
            identity = {**item.key._asdict(), "importance": item.importance, "damaged": item.damaged}
            identity |= {"llr": item.llr or None}
            self.publish("layers", {**identity, "picture_complete": whole, **quality}, item.payload)
        for scope in changed:
            if self.assembler.is_complete(scope):
                self.assembler.release(scope)

    def finish(self) -> None:
        incomplete, names = 0, {}
        for scope in self.receiver.scopes():
            missing = self.assembler.missing(scope, MAX_NAMES_SHOWN)
            incomplete += bool(missing) and scope.picture != 0
            shown = (*missing.frames, *missing.unseen_keys, *(key for key in missing.required if key.picture == 0))
            names |= dict.fromkeys(map(str, shown[: MAX_NAMES_SHOWN - len(names)]))
        counts = {**self.counts, **self.receiver.counts}
        self.publish("statistics", {**counts, "pictures_incomplete": incomplete, "missing": " ".join(names)})
