from semcom.semantic.caption_backing import backing
from semcom.semantic.layers import Caption, LayerKey, LayerKind, encode_layer
from semcom.semantic.packet import SemanticPacket

from .conftest import HEIGHT, IDENTITY, WIDTH, make_packet


def with_caption(text: str, *entities: str) -> SemanticPacket:
    """The packet of the tests under another caption."""
    spans = tuple((text.index(word), text.index(word) + len(word)) for word in entities)
    caption = encode_layer(LayerKey(*IDENTITY, 1), LayerKind.CAPTION, Caption(text, spans))
    others = [layer for layer in make_packet().layers if layer.kind not in (LayerKind.CAPTION, LayerKind.HEADER)]
    return SemanticPacket.build((WIDTH, HEIGHT), "es-isc", [caption, *others], IDENTITY)


def test_categories_are_backed_by_object_and_map() -> None:
    told = dict(backing(make_packet()))
    assert told["car"].startswith("object 1 (car, 80%); map (") and told["road"].startswith("map (")


def test_words_are_backed_by_what_they_belong_to_and_others_by_nothing() -> None:
    told = dict(
        backing(with_caption("A convertible and a lighthouse of macaws.", "convertible", "lighthouse", "macaws"))
    )
    assert told["convertible"].startswith("object 1 (car")
    assert told["lighthouse"] == told["macaws"] == "the sender's word"


def test_without_a_caption_there_is_nothing_to_back() -> None:
    layers = [layer for layer in make_packet().layers if layer.kind == LayerKind.CLASS_MAP]
    assert backing(SemanticPacket.build((WIDTH, HEIGHT), "es-isc", layers, IDENTITY)) == []
