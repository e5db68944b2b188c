import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic import PacketError, SemanticError, SemanticPacket, decode, encode
from semcom.semantic.layers import LayerKind
from semcom.semantic.refinement import Request, Subject, answer, parse, shown_to_others
from semcom.semantic.vocabulary import Vocabulary

from ..stand_ins import stand_ins, street  # noqa: F401

VOCABULARY = Vocabulary.load()


@pytest.fixture
def asked(stand_ins):  # noqa: F811
    image = street(480, 320)
    return image, encode(image, budget_bytes=500)


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("object 3", Request(Subject.OBJECT, 3)),
        ("the sub-image of object 3", Request(Subject.OBJECT, 3)),
        ("Finer detail map", Request(Subject.DETAIL_MAP)),
        ("scene", Request(Subject.SCENE)),
        ("only cars", Request(Subject.CATEGORIES, 0, (VOCABULARY["car"].id,))),
        ("only cars and buses", None),
    ],
)
def test_words_become_a_request(words, request_):
    if request_ is None:
        with pytest.raises(SemanticError, match="must name a category or group of everyday-1, got 'buses'"):
            parse(words, VOCABULARY)
    else:
        assert parse(words, VOCABULARY) == request_


def test_a_group_is_all_its_categories():
    parent = VOCABULARY["car"].parent
    assert set(parse(f"only {parent}s", VOCABULARY).categories) == {c.id for c in VOCABULARY.group(parent)}


@pytest.mark.parametrize("words", ["what is this?", "object 3000", "", "x" * 500])
def test_other_words_are_refused(words):
    with pytest.raises(SemanticError, match="question must"):
        parse(words, VOCABULARY)


@given(
    st.sampled_from(list(Subject)),
    st.integers(1, 64),
    st.lists(st.integers(0, 255), min_size=1, max_size=16),
    st.integers(100, 100_000),
)
def test_requests_survive_the_way_back(subject, object_id, categories, max_bytes):
    request = Request(
        subject,
        object_id if subject == Subject.OBJECT else 0,
        tuple(categories) if subject == Subject.CATEGORIES else (),
        max_bytes,
    )
    assert Request.from_bytes(request.to_bytes()) == request


@given(st.binary(max_size=80))
def test_hostile_requests_are_read_or_refused(data):
    try:
        request = Request.from_bytes(data)
    except PacketError:
        return
    assert Request.from_bytes(request.to_bytes()) == request


def merged(packet, layers):
    return SemanticPacket.from_bytes(packet.with_layers(layers).to_bytes())


def test_a_close_up_of_an_object_is_new_and_within_its_bytes(asked):
    image, packet = asked
    (layer,) = answer(Request(Subject.OBJECT, 1, (), 600), image, packet)
    assert layer.kind == LayerKind.SUB_IMAGE and layer.content.object_id == 1 and len(layer.payload) <= 600
    assert layer.key.layer not in {other.key.layer for other in packet.layers}
    before, after = decode(packet), decode(merged(packet, [layer]))
    assert len(after.sub_images) == len(before.sub_images) + 1


def test_only_some_categories(asked):
    image, packet = asked
    objects = packet.content(LayerKind.OBJECTS)
    category = objects.items[0].category
    layers = answer(Request(Subject.CATEGORIES, 0, (category,)), image, packet)
    assert {layer.content.object_id for layer in layers} <= {
        i.object_id for i in objects.items if i.category == category
    }
    assert layers and not answer(Request(Subject.CATEGORIES, 0, (VOCABULARY["cow"].id,)), image, packet)


@pytest.mark.parametrize(("subject", "kind"), [(Subject.CLASS_MAP, "class_map"), (Subject.DETAIL_MAP, "detail_map")])
def test_a_finer_map_takes_the_place_of_the_coarser_one(asked, subject, kind):
    image, _ = asked
    packet = encode(image, budget_bytes=200)
    layers = answer(Request(subject, max_bytes=3000), image, packet)
    before = getattr(decode(packet), kind)
    after = getattr(decode(merged(packet, layers)), kind)
    assert layers and (before is None or after.divisor < before.divisor)


def test_a_better_scene_is_the_one_shown(asked):
    image, packet = asked
    (layer,) = answer(Request(Subject.SCENE, max_bytes=3000), image, packet)
    whole = merged(packet, [layer])
    assert min(s.reduction for s in decode(whole).sub_images if s.is_scene) == layer.content.reduction


def test_what_was_hidden_from_the_packet_is_hidden_from_the_answer(asked):
    image, packet = asked
    hidden = shown_to_others(image, ["car"])
    assert (hidden != image).any() and (shown_to_others(image) == image).all()
    layers = answer(Request(Subject.SCENE, max_bytes=3000), hidden, packet)
    assert layers[0].payload != answer(Request(Subject.SCENE, max_bytes=3000), image, packet)[0].payload


def test_an_object_that_is_not_listed_is_refused(asked):
    image, packet = asked
    with pytest.raises(SemanticError, match="object must be 1 to"):
        answer(Request(Subject.OBJECT, 60), image, packet)
