"""Link frames → pictures, with what is missing by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from semcom.link.arrival import Arrival, Missing
from semcom.link.assembly.picture import Picture
from semcom.link.assembly.picture_assembler import MAX_BYTES, MAX_PICTURES, PictureAssembler
from semcom.link.assembly.requirements import RequiresOf, tells_nothing
from semcom.link.item import MAX_ITEM_BYTES, Key, Scope
from semcom.link.parity.set_frame import SetKey
from semcom.link.receiver import MAX_NAMES, Receiver


class Assembler:
    """Puts pictures together from frames: `Receiver` makes items of them, `PictureAssembler` pictures.

    A picture that one of the two has to forget the other forgets as well, so that it can come again from the start.

    Parameters
    ----------
    requires_of : RequiresOf
        Reads from a payload which layers there are and what they require.
    max_pictures, max_bytes : int
        Of pictures whose layers are kept.
    max_remembered : int
        Pictures and groups whose frames are known by name, those that were released too: their repeats are duplicates.
    max_unfinished_bytes : int
        Of items of which pieces are missing.
    on_evicted : callable
        Given each picture that had to make room.

    Attributes
    ----------
    receiver : Receiver
    pictures : PictureAssembler
    """

    def __init__(
        self,
        requires_of: RequiresOf = tells_nothing,
        max_pictures: int = MAX_PICTURES,
        max_bytes: int = MAX_BYTES,
        max_remembered: int = 256,
        max_unfinished_bytes: int = 4 * MAX_ITEM_BYTES,
        on_evicted: Callable[[Picture], None] = lambda picture: None,
    ) -> None:
        self._on_evicted = on_evicted
        self.receiver = Receiver(max_remembered, max_unfinished_bytes, self._forgotten)
        self.pictures = PictureAssembler(requires_of, max_pictures, max_bytes, self._evicted, self._group_layer_evicted)

    def push(self, data: bytes, llr: bytes = b"") -> tuple[Arrival, tuple[Scope, ...]]:
        """Take one frame as it came from the air: what became of it, and the pictures it changed. Never raises.

        `llr` as for `Receiver.push`.
        """
        arrival = self.receiver.push(data, llr)
        return arrival, self.take(arrival)

    def take(self, arrival: Arrival) -> tuple[Scope, ...]:
        """Take what `receiver` made of a frame; the pictures it changed."""
        if arrival.name is None or arrival.status == "refused":
            return ()
        scope = arrival.name.key.scope
        if scope.picture and (arrival.status == "new" or scope in self.pictures):
            self.pictures.open(scope)
        changed = {scope: None for item in arrival.items for scope in self.pictures.take(item, arrival.name.key)}
        if scope in self.pictures:
            whole = self.pictures.is_restored(scope) or self.receiver.is_complete(scope)
            if self.pictures.mark_whole(scope, whole):
                changed[scope] = None
        return tuple(changed)

    def picture(self, scope: Scope) -> Picture:
        """A picture as it is now."""
        return replace(self.pictures.picture(scope), missing=self.missing(scope))

    def missing(self, scope: Scope, max_names: int = MAX_NAMES) -> Missing:
        """What of a picture has not come: its own, and the layers of its group that it requires."""
        own = self.receiver.missing(scope, max_names)
        required = self.pictures.lacking(scope)
        if not any(key.picture == 0 for key in required):
            return replace(own, required=required)
        of_group = self.receiver.missing(Scope(scope.stream, scope.group, 0), max_names)
        names = [name for name in of_group.frames if name.key in required or isinstance(name.key, SetKey)]
        frames = (*own.frames, *names)[:max_names]
        return replace(own, frames=frames, num_frames=own.num_frames + len(names), required=required)

    def is_complete(self, scope: Scope) -> bool:
        """Whether a picture that is kept has all its own layers and everything they require."""
        return self.pictures.is_complete(scope)

    def scopes(self) -> list[Scope]:
        """Pictures that are kept, the one heard of last at the end."""
        return self.pictures.scopes()

    def restore(self, scope: Scope, payloads: Mapping[Key, bytes]) -> None:
        """A picture whose layers are known from before: what comes now is more of it."""
        self.pictures.restore(scope, payloads)

    def release(self, scope: Scope) -> None:
        """A picture has been used: its layers are dropped; its frames stay known, so that repeats are nothing new."""
        self.pictures.release(scope)

    def evict(self, scope: Scope) -> None:
        """Give a picture up: it may come again from the start."""
        self.pictures.evict(scope)
        self.receiver.forget(scope)

    def _evicted(self, picture: Picture) -> None:
        missing = replace(self.receiver.missing(picture.scope), required=picture.missing.required)
        self.receiver.forget(picture.scope)
        self._on_evicted(replace(picture, missing=missing))

    def _forgotten(self, scope: Scope) -> None:
        self.pictures.evict(scope)

    def _group_layer_evicted(self, key: Key) -> None:
        self.receiver.forget(key.scope)
