import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcom.semantic import (
    EncodeRequest,
    PacketError,
    RefinementRequest,
    SemanticError,
    SemanticPacket,
    analyse,
    code,
    decode,
    encode,
    refine,
)
from semcom.semantic.layers import LayerKind
from semcom.semantic.refinement import Subject
from semcom.semantic.vocabulary import Vocabulary

from ..stand_ins import stand_ins, street  # noqa: F401

VOCABULARY = Vocabulary.load()


@pytest.fixture
def asked(stand_ins):  # noqa: F811
    analysis = analyse(street(480, 320))
    return analysis, encode(street(480, 320), budget_bytes=500)


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("object 3", RefinementRequest(Subject.OBJECT, 3)),
        ("the sub-image of object 3", RefinementRequest(Subject.OBJECT, 3)),
        ("Finer detail map", RefinementRequest(Subject.DETAIL_MAP)),
        ("scene", RefinementRequest(Subject.SCENE)),
        ("only cars", RefinementRequest(Subject.CATEGORIES, 0, (VOCABULARY["car"].id,))),
        ("only cars and buses", None),
    ],
)
def test_words_become_a_request(words, request_):
    if request_ is None:
        with pytest.raises(SemanticError, match="must name a category or group of everyday-2, got 'buses'"):
            RefinementRequest.from_words(words, VOCABULARY)
    else:
        assert RefinementRequest.from_words(words, VOCABULARY) == request_


def test_a_group_is_all_its_categories():
    parent = VOCABULARY["car"].parent
    assert set(RefinementRequest.from_words(f"only {parent}s", VOCABULARY).categories) == {
        c.id for c in VOCABULARY.group(parent)
    }


@pytest.mark.parametrize("words", ["what is this?", "object 3000", "", "x" * 500])
def test_other_words_are_refused(words):
    with pytest.raises(SemanticError, match="refinement request must"):
        RefinementRequest.from_words(words, VOCABULARY)


@given(
    st.sampled_from(list(Subject)),
    st.integers(1, 64),
    st.lists(st.integers(0, 255), min_size=1, max_size=16),
    st.integers(100, 100_000),
)
def test_requests_survive_the_feedback_channel(subject, object_id, categories, max_bytes):
    request = RefinementRequest(
        subject,
        object_id if subject == Subject.OBJECT else 0,
        tuple(categories) if subject == Subject.CATEGORIES else (),
        max_bytes,
    )
    assert RefinementRequest.from_bytes(request.to_bytes()) == request


@given(st.binary(max_size=80))
def test_hostile_requests_are_read_or_refused(data):
    try:
        request = RefinementRequest.from_bytes(data)
    except PacketError:
        return
    assert RefinementRequest.from_bytes(request.to_bytes()) == request


def merged(packet, layers):
    return SemanticPacket.from_bytes(packet.with_layers(layers).to_bytes())


def test_a_close_up_of_an_object_is_new_and_within_its_bytes(asked):
    analysis, packet = asked
    (layer,) = refine(analysis, RefinementRequest(Subject.OBJECT, 1, (), 600), packet)
    assert layer.kind == LayerKind.SUB_IMAGE and layer.content.object_id == 1 and len(layer.payload) <= 600
    assert layer.key.layer not in {other.key.layer for other in packet.layers}
    before, after = decode(packet), decode(merged(packet, [layer]))
    assert len(after.sub_images) == len(before.sub_images) + 1


def test_only_some_categories(asked):
    analysis, packet = asked
    objects = packet.content(LayerKind.OBJECTS)
    category = objects.items[0].category
    layers = refine(analysis, RefinementRequest(Subject.CATEGORIES, 0, (category,)), packet)
    assert {layer.content.object_id for layer in layers} <= {
        i.object_id for i in objects.items if i.category == category
    }
    assert layers and not refine(analysis, RefinementRequest(Subject.CATEGORIES, 0, (VOCABULARY["cow"].id,)), packet)


@pytest.mark.parametrize(("subject", "kind"), [(Subject.CLASS_MAP, "class_map"), (Subject.DETAIL_MAP, "detail_map")])
def test_a_finer_map_takes_the_place_of_the_coarser_one(asked, subject, kind):
    analysis, _ = asked
    packet = encode(analysis.picture, budget_bytes=200)
    layers = refine(analysis, RefinementRequest(subject, max_bytes=3000), packet)
    before = getattr(decode(packet), kind)
    after = getattr(decode(merged(packet, layers)), kind)
    assert layers and (before is None or after.divisor < before.divisor)


def test_a_better_scene_is_the_one_shown(asked):
    analysis, packet = asked
    (layer,) = refine(analysis, RefinementRequest(Subject.SCENE, max_bytes=3000), packet)
    whole = merged(packet, [layer])
    assert min(s.reduction for s in decode(whole).sub_images if s.is_scene) == layer.content.reduction


@pytest.mark.parametrize("subject", [Subject.CLASS_MAP, Subject.DETAIL_MAP, Subject.SCENE])
def test_an_answer_is_the_same_from_a_new_analysis_and_from_one_that_was_coded(asked, subject):
    used, packet = asked
    code(used, 2000)
    request = RefinementRequest(subject, max_bytes=3000)
    layers = refine(used, request, packet)
    assert layers and layers == refine(analyse(street(480, 320)), request, packet)


def test_what_was_hidden_from_the_packet_is_hidden_from_the_answer(asked):
    seen, packet = asked
    hidden = analyse(street(480, 320), EncodeRequest(without=("car",)))
    wanted = RefinementRequest(Subject.SCENE, max_bytes=3000)
    assert (hidden.picture != seen.picture).any() and (seen.picture == street(480, 320)).all()
    assert refine(hidden, wanted, packet)[0].payload != refine(seen, wanted, packet)[0].payload
    (finer,) = refine(hidden, RefinementRequest(Subject.CLASS_MAP, max_bytes=3000), packet)
    assert VOCABULARY["car"].id not in finer.content.labels


def test_an_object_that_is_not_listed_is_refused(asked):
    analysis, packet = asked
    with pytest.raises(SemanticError, match="object must be 1 to"):
        refine(analysis, RefinementRequest(Subject.OBJECT, 60), packet)
