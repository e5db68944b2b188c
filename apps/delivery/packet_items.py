"""Semantic packet ⇄ what the link carries: layers become items, payloads that arrived become a packet and a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from semcom.link import Item, Key
from semcom.semantic import LayerKey, PacketError, SemanticPacket, decode
from semcom.semantic.reconstruct import Reconstruction


def items_of(packet: SemanticPacket, group: int | None = None, picture: int | None = None) -> list[Item]:
    """Layers as the link carries them; under another group and picture number where these are given.

    Payloads do not name the picture they belong to, so a packet may be sent as any.
    """

    def name(key: LayerKey) -> Key:
        new_group = key.group if group is None else group
        new_picture = key.picture if picture is None or key.picture == 0 else picture
        return Key(key.stream, new_group, new_picture, key.layer)

    return [
        Item(
            name(layer.key),
            layer.importance,
            layer.payload,
            tuple(name(key) for key in layer.requires),
            layer.deliver_with_errors,
        )
        for layer in packet.layers
    ]


def rebuild(
    payloads: Mapping[LayerKey, bytes], damaged: Collection[LayerKey] = (), required: Collection[LayerKey] = ()
) -> tuple[SemanticPacket | None, Reconstruction | None, list[str]]:
    """Packet and picture from what the assembler has of a picture.

    Parameters
    ----------
    payloads : mapping of LayerKey to bytes
        Layers that arrived, those of the group that they require among them.
    damaged : collection of LayerKey
        Those of them that came with wrong bytes: shown as far as they can be read.
    required : collection of LayerKey
        Layers that others require and that are not there.

    Returns
    -------
    packet : SemanticPacket or None
    reconstruction : Reconstruction or None
    notes : list of str
        What is not there and why.
    """
    if not payloads:
        return None, None, ["No layer arrived whole: nothing can be shown."]
    notes = [f"Layer {key}, which another layer requires, has not come." for key in sorted(required)]
    try:
        packet = SemanticPacket.from_payloads(payloads)
    except PacketError as error:
        return None, None, [*notes, f"The layers that arrived are no packet: {error}"]
    unreadable = {key for key, _ in packet.damaged}
    notes += [f"Layer {key} could not be read: {reason}" for key, reason in packet.damaged]
    notes += [
        f"Layer {key} came with wrong bytes: it may say what was not sent." for key in sorted({*damaged} - unreadable)
    ]
    if not packet.says_something:
        return None, None, [*notes, "Only the packet's header or an empty list arrived: nothing can be shown."]
    reconstruction = decode(packet)
    if reconstruction.picture is None:
        notes.append("No layer that arrived tells the picture's size: there are words, but no picture.")
    return packet, reconstruction, notes
