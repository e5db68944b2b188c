"""One place looks at pictures, and asks the system only what it honours; what was coded before changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcom.semantic import (
    Analysis,
    DecodeOptions,
    EncodeRequest,
    LayerKind,
    PartChoice,
    PictureError,
    RequestError,
    SemanticError,
    SemanticPacket,
    analyse,
    check_request,
    code,
    decode,
    draft,
    encode,
    encode_set,
    registry,
)
from semcom.semantic.decoding import decode_any
from semcom.semantic.errors import VocabularyError
from semcom.semantic.layers import Caption, LayerKey, encode_layer

from ..stand_ins import KnowsTheStreet, street, street_parts


class Plain:
    """A system that honours a budget and nothing else: one caption of the mean colour."""

    name = "plain"
    profiles: tuple[str, ...] = ()
    honours = frozenset({"budget_bytes"})

    def __init__(self) -> None:
        self.looked = 0
        self.parts: dict[str, PartChoice] = {}

    def analyse(self, image: np.ndarray, request: EncodeRequest, guard) -> Analysis:
        self.looked += 1
        return Analysis(request, image, guard)

    def code(self, analysis: Analysis, budget_bytes: int | None, identity) -> SemanticPacket:
        text = f"Mean {analysis.picture.mean():.0f} in {budget_bytes}."
        layer = encode_layer(LayerKey(*identity, 1), LayerKind.CAPTION, Caption(text))
        return SemanticPacket.build(analysis.size, self.name, [layer], identity)

    def refine(self, analysis, request, packet) -> list:
        return []

    def decode(self, packet: SemanticPacket, options: DecodeOptions):
        return decode_any(packet, options)

    def code_set(self, analyses: Sequence[Analysis], budget_bytes, identities) -> list[SemanticPacket]:
        return [self.code(each, budget_bytes, name) for each, name in zip(analyses, identities, strict=True)]


@pytest.fixture
def plain() -> Iterator[Plain]:
    system = Plain()
    with street_parts(), registry.override("systems", "plain", system):
        yield system


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"without": ("person",)}, "system plain cannot honour without, got person"),
        ({"profile": "tasks"}, "system plain cannot honour profile, got 'tasks'"),
        ({"seed": 3}, "system plain cannot honour seed, got 3"),
        ({"config": {"quality": 3}}, "system plain cannot honour config"),
        ({"parts": {"segmenter": PartChoice("everyday")}}, "system plain cannot honour parts"),
    ],
)
def test_what_a_system_cannot_honour_is_refused_before_it_looks(plain: Plain, wanted: dict, said: str) -> None:
    with pytest.raises(RequestError) as refused:
        encode(street(), request=EncodeRequest("plain", **wanted))
    assert said in str(refused.value) and plain.looked == 0
    assert encode(street(), request=EncodeRequest("plain", budget_bytes=300)).header.system == "plain"


@pytest.mark.parametrize(
    ("request_", "error", "said"),
    [
        (EncodeRequest("nonsense"), SemanticError, "system must be one of"),
        (EncodeRequest(profile="beauty"), RequestError, "profile of system es-isc must be one of meaning, pixels"),
        (EncodeRequest(without=("unicorn",)), VocabularyError, "got 'unicorn'"),
        (EncodeRequest(parts={"segmenter": PartChoice("nobody")}), SemanticError, "segmenter must be one of"),
        (EncodeRequest(parts={"painter": PartChoice("a")}), RequestError, "must be of the kinds"),
        (EncodeRequest(config={"colour": 1}), RequestError, "config of es-isc must be among voting_fineness"),
        (EncodeRequest(config={"max_objects": 0}), RequestError, "max_objects must be int 1 to 64, got 0"),
        (EncodeRequest(config={"max_objects": 2.5}), RequestError, "max_objects must be int 1 to 64, got 2.5"),
        (EncodeRequest(budget_bytes=20), RequestError, "budget must be at least 150 bytes, got 20"),
    ],
)
def test_what_is_not_known_is_refused_by_name(plain: Plain, request_: EncodeRequest, error, said: str) -> None:
    with pytest.raises(error) as refused:
        analyse(street(), request_)
    assert said in str(refused.value)


def test_arguments_and_the_request_say_the_same(plain: Plain) -> None:
    image = street(240, 160)
    request = EncodeRequest(budget_bytes=700, profile="tasks", without=("car",))
    one = encode(image, "es-isc", 700, 1, 2, 3, "tasks", ["car"])
    assert one.to_bytes() == encode(image, request=request, stream=1, group=2, picture=3).to_bytes()
    assert one.identity == (1, 2, 3) and one.to_bytes() != encode(image, request=EncodeRequest()).to_bytes()
    assert encode(image, without="car").to_bytes() == encode(image, without=("car",)).to_bytes()
    with pytest.raises(RequestError, match="budget_bytes must be given in the request, or without one, got both"):
        encode(image, budget_bytes=700, request=request)


def test_what_is_no_array_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    for path in (tmp_path / "a.png", str(tmp_path / "a.png")):
        with pytest.raises(PictureError, match=r"got the path '.*a.png': load_picture\(path\) reads one"):
            encode(path)
    with pytest.raises(PictureError, match=r"got a PIL image of mode RGB: numpy.array\(image.convert\('RGB'\)\)"):
        encode(Image.new("RGB", (32, 32)))


def test_a_budget_gives_the_same_bytes_whatever_was_coded_before(plain: Plain) -> None:
    rng = np.random.default_rng(3)
    image = np.clip(street(480, 320).astype(int) + rng.integers(-40, 40, (320, 480, 3)), 0, 255).astype(np.uint8)
    used = analyse(image)
    budgets = (4000, 300, 1500, 700, 1500)
    again = [code(used, budget, (0, 0, budget)).to_bytes() for budget in budgets]
    assert again == [encode(image, budget_bytes=budget, picture=budget).to_bytes() for budget in budgets]
    assert all(len(data) <= budget for data, budget in zip(again, budgets, strict=True))


def test_a_picture_is_looked_at_once_for_all_budgets() -> None:
    class Counting(KnowsTheStreet):
        calls = 0

        def __call__(self, image):
            Counting.calls += 1
            return super().__call__(image)

    with street_parts(), registry.override("segmenters", "best", Counting()):
        analysis = analyse(street(240, 160))
        for budget in (300, 600, 900):
            code(analysis, budget)
        assert Counting.calls == 1


def test_parts_of_the_request_take_the_place_of_the_system_s(plain: Plain) -> None:
    class AllSky(KnowsTheStreet):
        def __call__(self, image):
            found = super().__call__(image)
            found.labels[:] = self.vocabulary["sky"].id
            return found

    with registry.override("segmenters", "all-sky", AllSky()):
        request = EncodeRequest(parts={"segmenter": PartChoice("all-sky")})
        packet = encode(street(240, 160), request=request)
    assert set(np.unique(packet.content(LayerKind.CLASS_MAP).labels)) == {AllSky.vocabulary["sky"].id}
    assert packet.content(LayerKind.OBJECTS).items == ()


def test_the_system_s_configuration_changes_what_it_codes(plain: Plain) -> None:
    image = street(240, 160)
    small = encode(image, request=EncodeRequest(config={"least_default_bytes": 200, "compression": 1000}))
    assert len(small.to_bytes()) <= 200 < len(encode(image).to_bytes())


def test_a_draft_is_near_what_is_coded(plain: Plain) -> None:
    analysis = analyse(street(480, 320))
    for budget in (300, 900):
        layers = draft(analysis, budget)
        assert 0.8 * budget < sum(num_bytes for *_, num_bytes in layers) <= budget
        assert len({key for key, *_ in layers}) == len(layers)
        coded = {layer.key for layer in code(analysis, budget).layers}
        assert {key for key, *_ in layers} >= coded - {LayerKey(0, 0, 1, n) for n in range(6, 32)}
    ((key, importance, num_bytes),) = draft(analyse(street(), EncodeRequest("plain")), 500, (1, 2, 3))
    assert (key[:3], importance, num_bytes) == ((1, 2, 3), 4, 500)


def test_pictures_of_a_set_have_numbers_of_their_own(plain: Plain) -> None:
    images = [street(240, 160), street(160, 240)]
    packets = encode_set(images, EncodeRequest(budget_bytes=400, without=("car",)), stream=2, group=5, first_picture=7)
    assert [packet.identity for packet in packets] == [(2, 5, 7), (2, 5, 8)]
    assert [packet.left_out[0][0] for packet in packets] == ["car", "car"]
    assert packets[1].to_bytes() == encode(images[1], None, 400, 2, 5, 8, without=["car"]).to_bytes()


def test_the_system_of_a_packet_decodes_it_and_any_packet_is_shown(plain: Plain, monkeypatch) -> None:
    packet = encode(street(), request=EncodeRequest("plain"))
    asked = []
    monkeypatch.setattr(plain, "decode", lambda packet, options: asked.append(options) or decode_any(packet, options))
    shown = decode(packet, "drawing", 0.5, 3, max_pixels=1000)
    assert asked == [DecodeOptions("drawing", 0.5, 3, 1000)] and shown.picture.shape[0] * shown.picture.shape[1] <= 1000
    decode(packet, backend="drawing")
    assert asked[-1].reconstructor == "drawing"
    unknown = SemanticPacket.build(packet.size, "of-the-future", packet.of_kind(LayerKind.CAPTION), packet.identity)
    headless = SemanticPacket(*packet.identity, packet.of_kind(LayerKind.CAPTION))
    for other in (unknown, headless):
        assert decode(other, "drawing").caption == shown.caption
    assert len(asked) == 2


def test_decode_makes_the_picture_that_the_command_line_shows(plain: Plain) -> None:
    packet = encode(street(240, 160), budget_bytes=700)
    np.testing.assert_array_equal(decode(packet).picture, decode(packet, "best").picture)


def test_a_good_request_gives_its_system(plain: Plain) -> None:
    assert check_request(EncodeRequest("plain")) is plain
