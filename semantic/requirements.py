"""What a payload that arrived alone tells of its packet: which layers there are, and which of them require which.

The header has the table. A receiver that knows it can wait for a layer of the group, and name one that is missing.
"""

from __future__ import annotations

from semcom.semantic.errors import PacketError
from semcom.semantic.framing import absolute
from semcom.semantic.layers import GROUP_SCOPE, Header, LayerKey, LayerKind, decode_layer


def requirements_of(key: tuple[int, int, int, int], payload: bytes) -> dict[LayerKey, tuple[LayerKey, ...]] | None:
    """Each layer of the packet with the layers it requires, as a header lists them.

    Parameters
    ----------
    key : (stream, group, picture, layer)
    payload : bytes
        Of any layer, from outside; never raises.

    Returns
    -------
    dict or None
        None where the payload is no header that can be read.
    """
    if key[2] == GROUP_SCOPE or not payload or payload[0] & 15 != LayerKind.HEADER:
        return None
    owner = LayerKey(*key)
    try:
        header = decode_layer(owner, payload).content
    except PacketError:
        return None
    if not isinstance(header, Header):
        return None
    keys = absolute(((entry.of_group, entry.number) for entry in header.entries), owner)
    return {layer: absolute(entry.requires, owner) for layer, entry in zip(keys, header.entries, strict=True)} | {
        owner: ()
    }
