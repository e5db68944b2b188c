"""Semantic packet ⇄ what the link carries: layers become items, payloads that arrived become a packet and a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from semcom.link import Item, Key
from semcom.semantic import DecodeOptions, LayerKey, PacketError, SemanticPacket, decode
from semcom.semantic.backends.presets import models_preset
from semcom.semantic.layers import Layer, PlainText
from semcom.semantic.reconstruct import Reconstruction
from semcom.semantic.repair import DEFAULT as DEFAULT_REPAIRER
from semcom.semantic.repair import repair
from semcom.semantic.request import PartChoice

NO_LLR: Mapping[LayerKey, bytes] = MappingProxyType({})


def items_of(
    packet: SemanticPacket, group: int | None = None, picture: int | None = None, stream: int | None = None
) -> list[Item]:
    """Layers as the link carries them; under another stream, group and picture number where these are given.

    Payloads do not name the picture they belong to, so a packet may be sent as any.
    """

    def name(key: LayerKey) -> Key:
        new_group = key.group if group is None else group
        new_picture = key.picture if picture is None or key.picture == 0 else picture
        return Key(key.stream if stream is None else stream, new_group, new_picture, key.layer)

    return [
        Item(
            name(layer.key),
            layer.importance,
            layer.payload,
            tuple(name(key) for key in layer.requires),
            layer.exact_bytes,
            alone=getattr(layer.kind.type, "alone", False)
            or (isinstance(layer.content, PlainText) and layer.content.place > 0),
            analog=layer.analog,
        )
        for layer in packet.layers
    ]


def receiver_options(models: str | None, system: str, seed: int = 0) -> DecodeOptions:
    """How a receiver with a preset of models rebuilds the pictures of a system."""
    return DecodeOptions(models_preset(models, system).reconstructor, seed=seed)


def rebuild(
    payloads: Mapping[LayerKey, bytes],
    damaged: Mapping[LayerKey, bytes] = NO_LLR,
    required: Collection[LayerKey] = (),
    repairer: PartChoice = DEFAULT_REPAIRER,
    options: DecodeOptions | None = None,
) -> tuple[SemanticPacket | None, Reconstruction | None, list[str]]:
    """Packet and picture from what the assembler has of a picture.

    Parameters
    ----------
    payloads : mapping of LayerKey to bytes
        Layers that arrived, those of the group that they require among them.
    damaged : mapping of LayerKey to bytes
        Those of them that came as soft values, with the LLRs of their bits (`semantic.repair`): their texts are
        repaired, others are shown as far as they can be read.
    required : collection of LayerKey
        Layers that others require and that are not there.
    repairer : PartChoice
        Of damaged texts.
    options : DecodeOptions, optional
        By whom the picture is rebuilt, and with which seed.

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
    packet = repair(packet, damaged, repairer)
    notes += [f"Layer {key} could not be read: {reason}" for key, reason in packet.damaged]
    notes += [note for layer in packet.layers if layer.key in damaged and (note := _note_on_soft(layer)) is not None]
    if not packet.says_something:
        return None, None, [*notes, "Only the packet's header or an empty list arrived: nothing can be shown."]
    options = options or DecodeOptions()
    reconstruction = decode(packet, options.reconstructor, options.texture, options.seed)
    notes += reconstruction.notes
    if reconstruction.reconstructor in (options.reconstructor.split(",")[0],) and options != DecodeOptions():
        notes.append(f"The picture was made by {reconstruction.reconstructor}, seed {options.seed}.")
    if reconstruction.picture is None:
        notes.append("No layer that arrived tells the picture's size: there are words, but no picture.")
    return packet, reconstruction, notes


def _note_on_soft(layer: Layer) -> str | None:
    """What a person should know of a layer that came as soft values; None where it came whole."""
    text = layer.content
    if layer.analog:  # noise in the symbols is how such a layer travels
        return None
    if not isinstance(text, PlainText):
        return f"Layer {layer.key} came with wrong bytes: it may say what was not sent."
    if not text.guessed:
        return None if text.intact else f"Text of layer {layer.key} came damaged and is shown as it came."
    words = ", ".join(f"“{text.text[first:last]}”" for first, last in text.guessed)
    surety = "the check agrees" if text.intact else "they may be wrong"
    return f"Text of layer {layer.key} came damaged; repaired: {words} ({surety})."
