import numpy as np

from semcom.semantic.caption_backing import backing
from semcom.semantic.layers import Caption, ClassMap, LayerKey, LayerKind, encode_layer
from semcom.semantic.packet import SemanticPacket
from semcom.semantic.vocabulary import Vocabulary

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


def test_a_few_pixels_of_the_map_back_nothing_and_the_group_backs_its_members() -> None:
    """Of 800 cells of the map 3 are building, 100 are a structure that may be one."""
    vocabulary = Vocabulary.load("everyday-2")
    labels = np.full((20, 40), vocabulary["sky"].id, np.uint8)
    labels[0, :3] = vocabulary["building"].id
    tower = Caption("A lighthouse.", ((2, 12),))

    def told(labels: np.ndarray) -> str:
        contents = ((LayerKind.CAPTION, tower), (LayerKind.CLASS_MAP, ClassMap(80, 40, vocabulary, 2, labels)))
        layers = [encode_layer(LayerKey(*IDENTITY, n), kind, it) for n, (kind, it) in enumerate(contents, start=1)]
        return dict(backing(SemanticPacket.build((80, 40), "es-isc", layers, IDENTITY)))["lighthouse"]

    assert told(labels) == "the sender's word"
    labels[10:15, :20] = vocabulary["structure"].id
    assert told(labels) == "map (13% of the picture)"


def test_without_a_caption_there_is_nothing_to_back() -> None:
    layers = [layer for layer in make_packet().layers if layer.kind == LayerKind.CLASS_MAP]
    assert backing(SemanticPacket.build((WIDTH, HEIGHT), "es-isc", layers, IDENTITY)) == []
