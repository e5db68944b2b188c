"""Link frames in, layers out as they complete."""

from __future__ import annotations

from typing import Any

from semcom.blocks.message_block import MessageBlock
from semcom.blocks.pdu import read_pdu
from semcom.link import Receiver

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
        PDUs: one link frame; metadata crc_ok (frames that failed are counted only), snr_db, cfo_hz, evm_db.
    layers : out
        PDUs: payload of a layer; metadata stream, group, picture, layer, importance, damaged, picture_complete, and
        snr_db, cfo_hz, evm_db of the frame that completed it.
    statistics : out
        One PDU without data at the end of a transmission: the counts (frames new, duplicate, refused, failed; items),
        pictures_incomplete, and missing: the names, for a person to read.
    """

    def __init__(self, max_pictures: int = 256):
        MessageBlock.__init__(self, "semcom link receiver", "frames", ("layers", "statistics"))
        self.receiver = Receiver(max_pictures)

    def handle(self, message: Any) -> None:
        meta, data = read_pdu(message)
        if not meta.get("crc_ok", True):
            self.counts["failed"] += 1
            return
        quality = {name: meta[name] for name in ("snr_db", "cfo_hz", "evm_db") if name in meta}
        for item in self.receiver.push(data).items:
            complete = self.receiver.is_complete(item.key.scope)
            identity = {**item.key._asdict(), "importance": item.importance, "damaged": item.damaged}
            self.publish("layers", {**identity, "picture_complete": complete, **quality}, item.payload)

    def finish(self) -> None:
        incomplete, names = 0, []
        for scope in self.receiver.scopes():
            missing = self.receiver.missing(scope, MAX_NAMES_SHOWN - len(names))
            incomplete += bool(missing)
            names = [*names, *map(str, (*missing.frames, *missing.unseen_keys))][:MAX_NAMES_SHOWN]
        counts = {**self.counts, **self.receiver.counts}
        self.publish("statistics", {**counts, "pictures_incomplete": incomplete, "missing": " ".join(names)})
