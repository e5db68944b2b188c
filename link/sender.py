"""Items → link frames, most important first, each with a wish: how well to protect it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from semcom.link.errors import FrameError, ItemError
from semcom.link.frame import MAX_FRAME_BYTES, MAX_ITEMS_PER_SCOPE, MAX_PIECES, Frame, FrameName, item_check, overhead
from semcom.link.item import Item, Key
from semcom.link.soft_frame import SoftFrame

MIN_FRAME_BYTES = 32


@dataclass(frozen=True)
class OutgoingFrame:
    """A frame ready for the modem.

    Attributes
    ----------
    name : FrameName
    data : bytes
        The transport block's payload.
    importance : int
        The wish: 7 = as well protected as can be.
    mcs : str or None
        The MCS that a policy chose; None: whatever the transmission uses.
    coded_bytes : int or None
        What must arrive exactly: so many bytes from the start of `data`; the rest is to be delivered as soft values.
        None: all of it.
    source : int
        Number of the link over which it goes: of the device that sends it. Frames of several go in bursts apart.
    analog : bool
        The rest are complex symbols, to be sent as they are.
    """

    name: FrameName
    data: bytes
    importance: int
    mcs: str | None = None
    coded_bytes: int | None = None
    source: int = 0
    analog: bool = False

    @property
    def uncoded(self) -> dict[str, int | bool]:
        """What the modem must be told of a frame that is not coded to its end: keys of a transport block."""
        if self.coded_bytes is None:
            return {}
        return {"coded_bytes": self.coded_bytes, **({"analog": True} if self.analog else {})}


class Sender:
    """Splits items into frames; those that are welcome as soft values go in one `SoftFrame` each.

    The pieces of one item are equally long, so that the modem can send them in one burst.

    Parameters
    ----------
    max_frame_bytes : int
        Longest frame, 32 to 8192.
    frame_bytes_step : int
        Frames are padded to a multiple of this, so that small items share a burst more often. 1 = no padding but the
        odd byte that makes the pieces of one item equally long.

    Raises
    ------
    ItemError
        A parameter out of range.
    """

    def __init__(self, max_frame_bytes: int = 256, frame_bytes_step: int = 1):
        if not MIN_FRAME_BYTES <= max_frame_bytes <= MAX_FRAME_BYTES:
            raise ItemError(f"max_frame_bytes must be {MIN_FRAME_BYTES} to {MAX_FRAME_BYTES}, got {max_frame_bytes}")
        if not 1 <= frame_bytes_step <= max_frame_bytes:
            raise ItemError(
                f"frame_bytes_step must be 1 to max_frame_bytes ({max_frame_bytes}), got {frame_bytes_step}"
            )
        self.max_frame_bytes = max_frame_bytes
        self.frame_bytes_step = frame_bytes_step

    def frames(self, items: Sequence[Item], whole: bool = True) -> list[OutgoingFrame]:
        """Frames of all items, in the order to send them.

        Parameters
        ----------
        items : sequence of Item
            Of any number of pictures; no key twice.
        whole : bool
            These are all the items of their pictures: the frames say how many there are.

        Raises
        ------
        ItemError
            A key twice, too many items, or an item too long for `MAX_PIECES` frames.
        """
        counts = Counter(item.key.scope for item in items)
        for key, times in Counter(item.key for item in items).items():
            if times > 1:
                raise ItemError(f"key of items sent together must be unique, got {key} {times} times")
        for scope, count in counts.items():
            if whole and count > MAX_ITEMS_PER_SCOPE:
                raise ItemError(f"items of {scope} must be at most {MAX_ITEMS_PER_SCOPE}, got {count}")
        ordered = sending_order(items)
        return [frame for item in ordered for frame in self._split(item, counts[item.key.scope] if whole else 0)]

    def _split(self, item: Item, num_items: int) -> Iterable[OutgoingFrame]:
        if item.exact_bytes is not None:
            yield _soft(item, num_items)
            return
        num_pieces, piece_bytes = self._cut(item)
        frame_bytes = overhead(num_pieces > 1) + piece_bytes
        padded_bytes = min(-(-frame_bytes // self.frame_bytes_step) * self.frame_bytes_step, self.max_frame_bytes)
        check = item_check(item.payload)
        for piece in range(num_pieces):
            payload = item.payload[piece * piece_bytes : (piece + 1) * piece_bytes]
            frame = Frame(item.key, item.importance, payload, piece, num_pieces, num_items, check)
            yield OutgoingFrame(frame.name, frame.to_bytes(padded_bytes), item.importance, source=item.source)

    def _cut(self, item: Item) -> tuple[int, int]:
        """Number of pieces and bytes of each: as few as fit, and equally long."""
        num_bytes = len(item.payload)
        if num_bytes <= self.max_frame_bytes - overhead(False):
            return 1, num_bytes
        room = self.max_frame_bytes - overhead(True)
        num_pieces = max(2, -(-num_bytes // room))
        if num_pieces > MAX_PIECES:
            raise ItemError(
                f"payload of item {item.key} must fit {MAX_PIECES} frames of {self.max_frame_bytes} bytes, "
                f"got {num_bytes} bytes"
            )
        piece_bytes = -(-num_bytes // num_pieces)
        return -(-num_bytes // piece_bytes), piece_bytes


def _soft(item: Item, num_items: int) -> OutgoingFrame:
    """The one frame of an item that is welcome as soft values, however long `max_frame_bytes` lets others be."""
    try:
        frame = SoftFrame(item.key, item.importance, item.payload, item.exact_bytes, num_items, analog=item.analog)
    except FrameError as error:
        raise ItemError(f"payload of item {item.key} must fit one frame of soft values: {error}") from None
    return OutgoingFrame(
        frame.name, frame.to_bytes(), item.importance, None, frame.coded_bytes, item.source, frame.analog
    )


def sending_order(items: Sequence[Item]) -> list[Item]:
    """Most important first, but never before what it requires; as given where equal.

    What others require goes out with them: a small base that an important refinement needs is as urgent as that one.
    """
    by_key: dict[Key, Item] = {item.key: item for item in items}
    ordered: dict[Key, Item] = {}

    def put(item: Item, waiting: frozenset[Key]) -> None:
        for key in item.requires:
            if key in by_key and key not in ordered and key not in waiting:
                put(by_key[key], waiting | {key})
        ordered.setdefault(item.key, item)

    for item in sorted(items, key=lambda item: -item.importance):
        put(item, frozenset({item.key}))
    return list(ordered.values())
