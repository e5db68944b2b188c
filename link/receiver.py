"""Link frames → items, whole, once each, and the names of all that is missing.

Frames may come in any order, twice, or never; whatever is no frame is refused and counted. Memory is bounded: when it
is full, the picture not heard of for the longest time gives way.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, islice

from semcom.link.arrival import Arrival, Missing, Part
from semcom.link.errors import FrameError, ItemError
from semcom.link.frame import Frame, FrameName, item_check
from semcom.link.group_window import MAX_GROUP_AGE as MAX_GROUP_AGE
from semcom.link.group_window import GroupWindow
from semcom.link.item import MAX_ITEM_BYTES, Item, Key, Scope
from semcom.link.parity.set_assembly import SetAssembly
from semcom.link.parity.set_frame import SetFrame, SetKey, read_frame
from semcom.link.piece_assembly import CAME_IN_SET, PieceAssembly
from semcom.link.soft_frame import SoftFrame

MAX_NAMES = 4096
"""Missing frames that are named, at most."""

PIECE_OVERHEAD_BYTES = 128
"""What keeping a piece costs besides its payload, so that empty pieces cannot fill the memory."""


@dataclass(slots=True)
class _Picture:
    num_items: int = 0
    assemblies: dict[Key, PieceAssembly] = field(default_factory=dict)
    sets: dict[SetKey, SetAssembly] = field(default_factory=dict)


class Receiver:
    """Reassembles items.

    Parameters
    ----------
    max_pictures : int
        Pictures (and groups) kept in mind; completed ones too, so that a late duplicate is not delivered again.
    max_bytes : int
        Bytes of unfinished items kept.
    on_forgotten : callable
        Told of each picture or group that is going to be forgotten.

    Attributes
    ----------
    counts : Counter
        ``new``, ``duplicate``, ``refused``, ``refused_<field>``, ``items``, ``damaged_items``, ``forgotten_items``.
    """

    def __init__(
        self,
        max_pictures: int = 256,
        max_bytes: int = 4 * MAX_ITEM_BYTES,
        on_forgotten: Callable[[Scope], None] = lambda scope: None,
    ):
        if max_pictures < 1:
            raise ItemError(f"max_pictures must be 1 or more, got {max_pictures}")
        if max_bytes < MAX_ITEM_BYTES:
            raise ItemError(f"max_bytes must be at least one item ({MAX_ITEM_BYTES}), got {max_bytes}")
        self.max_pictures = max_pictures
        self.max_bytes = max_bytes
        self.counts: Counter[str] = Counter()
        self._pictures: OrderedDict[Scope, _Picture] = OrderedDict()
        self._windows: dict[int, GroupWindow] = {}  # by stream
        self._num_bytes = 0
        self._on_forgotten = on_forgotten

    def push(self, data: bytes, llr: bytes = b"") -> Arrival:
        """Take one frame as it came from the air. Never raises: loss on the air is data.

        Parameters
        ----------
        data : bytes
        llr : bytes
            LLRs of the bits at its end that came as soft values, see `SoftFrame`.
        """
        try:
            frame = read_frame(data, llr)
        except FrameError as error:
            return self._refused(None, error.field, str(error))
        window = self._windows.setdefault(frame.key.stream, GroupWindow())
        if not window.admits(frame.key.group):
            rule = f"group must be at most {MAX_GROUP_AGE} behind the newest of its stream ({window.newest})"
            return self._refused(frame.name, "group", f"{rule}, got {frame.name}")
        picture = self._picture(frame.key.scope)
        if isinstance(frame, SetFrame):
            return self._push_symbol(frame, picture)
        picture.num_items = picture.num_items or frame.num_items
        if isinstance(frame, SoftFrame):
            return self._push_soft(frame, picture)
        assembly = picture.assemblies.get(frame.key)
        if assembly is None:
            assembly = picture.assemblies[frame.key] = PieceAssembly(frame.num_pieces, frame.item_check)
        if not assembly.fits(frame):
            rule = "frame must belong to the item that came under this name before"
            return self._refused(frame.name, "item_check", f"{rule}, got {frame.name} of another one")
        if assembly.done or frame.piece in assembly.pieces:
            self.counts["duplicate"] += 1
            return Arrival("duplicate", frame.name)
        self.counts["new"] += 1
        item = self._add(frame, assembly)
        return Arrival("new", frame.name, () if item is None else (item,))

    def missing(self, scope: Scope, max_names: int = MAX_NAMES) -> Missing:
        """What of this picture has not come. Everything lost leaves no trace: then nothing is known to be missing.

        At most ``max_names`` frames are named: a few hostile frames can claim to be parts of millions.
        """
        picture = self._pictures.get(Scope(*scope), _Picture())
        unfinished = [(key, assembly) for key, assembly in sorted(picture.assemblies.items()) if not assembly.done]
        pieces = (
            FrameName(key, piece)
            for key, assembly in unfinished
            for piece in range(assembly.num_pieces)
            if piece not in assembly.pieces
        )
        names = chain(pieces, *(assembly.missing() for assembly in picture.sets.values()))
        frames = tuple(islice(names, max_names))
        num_frames = sum(assembly.missing for _, assembly in unfinished)
        num_frames += sum(assembly.num_missing for assembly in picture.sets.values())
        unseen = max(0, picture.num_items - len(picture.assemblies))
        keys = {Key(*scope, layer) for layer in range(picture.num_items)}
        seen = set(picture.assemblies)
        unseen_keys = tuple(sorted(keys - seen)) if seen <= keys else ()
        return Missing(Scope(*scope), frames, num_frames, unseen, unseen_keys)

    def is_complete(self, scope: Scope) -> bool:
        """Whether all items of this picture came. Never true while the sender has not said how many there are."""
        picture = self._pictures.get(Scope(*scope))
        return picture is not None and picture.num_items > 0 and not self.missing(scope, max_names=0)

    def received(self, scope: Scope) -> tuple[frozenset[int], frozenset[int], tuple[Part, ...]]:
        """Layers and sets of a picture that are whole, and what came of the others: what a report says."""
        picture = self._pictures.get(Scope(*scope), _Picture())
        layers = frozenset(key.layer for key, assembly in picture.assemblies.items() if assembly.done)
        sets = frozenset(key.set_number for key, assembly in picture.sets.items() if assembly.done)
        parts = [
            Part(False, key.layer, frozenset(assembly.pieces))
            for key, assembly in picture.assemblies.items()
            if assembly.pieces
        ]
        parts += [
            Part(True, key.set_number, frozenset(assembly.received()))
            for key, assembly in picture.sets.items()
            if not assembly.done
        ]
        return layers, sets, tuple(parts)

    def scopes(self) -> list[Scope]:
        """Pictures and groups in mind, the one heard of last at the end."""
        return list(self._pictures)

    def forget(self, scope: Scope) -> None:
        """Know nothing of a picture or group any more: what comes of it is new."""
        if scope in self._pictures:
            self._forget(scope)

    def _push_soft(self, frame: SoftFrame, picture: _Picture) -> Arrival:
        known = picture.assemblies.get(frame.key)
        if known is not None:  # whole, or pieces of an exact copy have come: they are worth more
            self.counts["duplicate"] += 1
            return Arrival("duplicate", frame.name)
        picture.assemblies[frame.key] = PieceAssembly(1, item_check(frame.payload), damaged=True, done=True)
        for count in ("new", "items", "damaged_items"):
            self.counts[count] += 1
        marks = {"exact_bytes": frame.exact_bytes, "damaged": True, "llr": frame.llr, "analog": frame.analog}
        return Arrival("new", frame.name, (Item(frame.key, frame.importance, frame.payload, **marks),))

    def _push_symbol(self, frame: SetFrame, picture: _Picture) -> Arrival:
        assembly = picture.sets.setdefault(frame.key, SetAssembly(frame))
        if not assembly.fits(frame):
            rule = "frame must belong to the set that came under this name before"
            return self._refused(frame.name, "item_check", f"{rule}, got {frame.name} of another one")
        if assembly.has(frame):
            self.counts["duplicate"] += 1
            return Arrival("duplicate", frame.name)
        before = assembly.num_bytes
        try:
            items = assembly.add(frame)
        except FrameError as error:  # two sets that by chance share name and check: start again, deliver no mixture
            del picture.sets[frame.key]
            self._num_bytes -= before
            self.counts["forgotten_items"] += 1
            return self._refused(frame.name, error.field, str(error))
        self._num_bytes += assembly.num_bytes - before
        picture.num_items = picture.num_items or assembly.num_items
        self._make_room(frame.key.scope)
        self.counts["new"] += 1
        return Arrival("new", frame.name, tuple(item for item in items if self._is_new(item, picture)))

    def _is_new(self, item: Item, picture: _Picture) -> bool:
        """Whether an item of a set was not given out before; notes that it is now."""
        known = picture.assemblies.get(item.key)
        if known is not None and known.done:
            return False
        if known is not None:
            self._release(known)
        picture.assemblies[item.key] = PieceAssembly(CAME_IN_SET, item_check(item.payload), done=True)
        self.counts["items"] += 1
        return True

    def _add(self, frame: Frame, assembly: PieceAssembly) -> Item | None:
        assembly.pieces[frame.piece] = frame.payload
        assembly.num_bytes += len(frame.payload) + PIECE_OVERHEAD_BYTES
        self._num_bytes += len(frame.payload) + PIECE_OVERHEAD_BYTES
        self._make_room(frame.key.scope)
        if len(assembly.pieces) < assembly.num_pieces:
            return None
        payload = b"".join(assembly.pieces[piece] for piece in range(assembly.num_pieces))
        self._release(assembly)
        wrong = item_check(payload) != assembly.check
        if wrong or len(payload) > MAX_ITEM_BYTES:
            # Longer than allowed, or two contents that by chance share name and check: start again, deliver no mixture.
            del self._pictures[frame.key.scope].assemblies[frame.key]
            self.counts["forgotten_items"] += 1
            return None
        assembly.done = True
        self.counts["items"] += 1
        return Item(frame.key, frame.importance, payload)

    def _picture(self, scope: Scope) -> _Picture:
        picture = self._pictures.setdefault(scope, _Picture())
        self._pictures.move_to_end(scope)
        while len(self._pictures) > self.max_pictures:
            self._forget(next(iter(self._pictures)))
        return picture

    def _make_room(self, current: Scope) -> None:
        while self._num_bytes > self.max_bytes:
            self._forget(next(iter(self._pictures)))
            if current not in self._pictures:
                return

    def _forget(self, scope: Scope) -> None:
        self._on_forgotten(scope)
        picture = self._pictures.pop(scope, None)
        if picture is None:
            return  # whoever was told has had it forgotten
        for assembly in picture.assemblies.values():
            if not assembly.done:
                self.counts["forgotten_items"] += 1
                self._release(assembly)
        for symbols in picture.sets.values():
            self._num_bytes -= symbols.num_bytes
        if not any(kept.stream == scope.stream for kept in self._pictures):
            self._windows.pop(scope.stream, None)  # nothing left that an old session could be mixed with

    def _release(self, assembly: PieceAssembly) -> None:
        self._num_bytes -= assembly.num_bytes
        assembly.num_bytes = 0
        assembly.pieces = {}

    def _refused(self, name: FrameName | None, cause: str, reason: str) -> Arrival:
        self.counts["refused"] += 1
        self.counts[f"refused_{cause}"] += 1
        return Arrival("refused", name, (), reason)
