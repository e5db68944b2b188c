"""Encoder and decoder blocks around a system that needs no network: what they wrap has tests of its own."""

import sys

import numpy as np
import pmt
import pytest
from PIL import Image

from semcom.blocks import semantic_decoder, semantic_encoder
from semcom.blocks.pdu import key_numbers, make_pdu, read_pdu
from semcom.semantic import EncodeRequest, Layer, LayerKey, LayerKind, SemanticPacket, decode
from semcom.semantic.layers import Caption, encode_layer

from ..group_layers import packet_of_group

PLAIN = EncodeRequest()


def captioned(image, request=PLAIN, stream=0, group=0, picture=1):
    """A packet of header and caption, in place of `semcom.semantic.encode`."""
    identity = stream, group, picture
    text = f"A picture of {image.shape[1]} by {image.shape[0]} in {request.system}."
    layer = encode_layer(LayerKey(*identity, 1), LayerKind.CAPTION, Caption(text))
    assert isinstance(layer, Layer)
    return SemanticPacket.build((image.shape[1], image.shape[0]), request.system, [layer], identity)


@pytest.fixture
def encoder(monkeypatch):
    monkeypatch.setattr(sys.modules["semcom.blocks.semantic_encoder"], "encode", captioned)
    return semantic_encoder


def image_pdu(width, height, **meta):
    return make_pdu({"width": width, "height": height, **meta}, bytes(width * height * 3))


def test_pictures_become_layers_with_names(encoder, run_block):
    block = encoder(stream=4, group=5)
    came = run_block(block, "pictures", [image_pdu(20, 16), image_pdu(16, 24)], ["layers"])["layers"]
    layers = [read_pdu(message) for message in came]
    assert [key_numbers(meta) for meta, _ in layers] == [(4, 5, 1, 0), (4, 5, 1, 1), (4, 5, 2, 0), (4, 5, 2, 1)]
    assert {meta["num_layers"] for meta, _ in layers} == {2}
    assert layers[1][0]["name"] == "caption-1"
    expected = captioned(np.zeros((16, 20, 3), np.uint8), stream=4, group=5)
    assert [payload for _, payload in layers[:2]] == [layer.payload for layer in expected.layers]


def test_files_are_sent_at_the_start_and_then_the_flowgraph_ends(encoder, run_block, tmp_path):
    for name in ("a.png", "b.png"):
        Image.fromarray(np.zeros((16, 24, 3), np.uint8)).save(tmp_path / name)
    files = f"{tmp_path / 'a.png'}\n\n{tmp_path / 'none.png'}\n{tmp_path / 'b.png'}\n"
    block = encoder(picture_files=files)
    came = run_block(block, "pictures", [], ["layers"])["layers"]
    assert len(came) == 4 and block.counts["pictures"] == 2 and block.counts["refused"] == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (make_pdu({"width": 4, "height": 4}, bytes(47)), "must be width·height·3 = 48 bytes, got 47"),
        (make_pdu({"width": 0, "height": 4}, b""), "width and height of a picture must be 1 to 20000, got 0 x 4"),
        (make_pdu({"width": 4}, bytes(48)), "height of a PDU must be an integer, got None"),
        (pmt.intern("/no/such/picture.png"), "/no/such/picture.png"),
        (pmt.from_long(3), "message must be a PDU"),
    ],
)
def test_what_is_no_picture_is_counted_and_the_next_one_is_sent(encoder, run_block, caplog, message, reason):
    block = encoder()
    came = run_block(block, "pictures", [message, image_pdu(16, 16)], ["layers"])["layers"]
    assert len(came) == 2 and read_pdu(came[0])[0]["picture"] == 1
    assert block.counts["refused"] == 1 and reason in caplog.text


def layer_pdus(picture, complete=True, size=(32, 24)):
    packet = captioned(np.zeros((size[1], size[0], 3), np.uint8), picture=picture)
    last = len(packet.layers) - 1
    return packet, [
        make_pdu({**layer.key._asdict(), "picture_complete": complete and index == last}, layer.payload)
        for index, layer in enumerate(packet.layers)
    ]


def test_a_complete_picture_is_rebuilt_and_written(run_block, tmp_path):
    packet, messages = layer_pdus(7)
    block = semantic_decoder(str(tmp_path))
    ((meta, data),) = map(read_pdu, run_block(block, "layers", messages, ["reconstructions"])["reconstructions"])
    expected = decode(packet, "drawing")
    assert (meta["width"], meta["height"], meta["picture"], meta["complete"]) == (32, 24, 7, True)
    assert meta["caption"] == "A picture of 32 by 24 in es-isc." and data == expected.picture.tobytes()
    folder = tmp_path / "0-0-7"
    assert sorted(path.name for path in folder.iterdir()) == [
        "caption.txt",
        "drawing.png",
        "packet.sem",
        "reconstruction.png",
    ]
    assert SemanticPacket.from_bytes((folder / "packet.sem").read_bytes()).layers == packet.layers
    with Image.open(folder / "drawing.png") as drawing:
        assert np.array_equal(np.asarray(drawing), expected.drawing)


def test_what_came_of_an_incomplete_picture_is_rebuilt_at_the_end(run_block, tmp_path):
    _, first = layer_pdus(1, complete=False)
    _, second = layer_pdus(2, complete=False)
    block = semantic_decoder(str(tmp_path))
    came = run_block(block, "layers", [first[0], second[1]], ["reconstructions"])["reconstructions"]
    (sized, _), (spoken, no_pixels) = map(read_pdu, came)
    assert (sized["picture"], sized["complete"], sized["num_layers"], sized["width"]) == (1, False, 1, 32)
    # A caption alone tells no size: nothing to draw on, but it can be read.
    assert spoken["caption"] == "A picture of 32 by 24 in es-isc." and no_pixels == b"" and "width" not in spoken
    assert (tmp_path / "0-0-2" / "caption.txt").read_text() == "A picture of 32 by 24 in es-isc.\n"
    assert not (tmp_path / "0-0-2" / "drawing.png").exists()


def test_a_picture_can_be_watched_as_it_builds_up(run_block):
    _, messages = layer_pdus(1)
    block = semantic_decoder(every_layer=True)
    came = run_block(block, "layers", messages, ["reconstructions"])["reconstructions"]
    assert [(meta["num_layers"], meta["complete"]) for meta, _ in map(read_pdu, came)] == [(1, False), (2, True)]


def test_damaged_layers_cost_only_themselves(run_block, caplog):
    _, messages = layer_pdus(1)
    hostile = make_pdu({"stream": 0, "group": 0, "picture": 1, "layer": 9}, b"\x15garbage")
    nameless = make_pdu({"stream": 0}, b"x")
    block = semantic_decoder()
    came = run_block(block, "layers", [hostile, nameless, *messages], ["reconstructions"])["reconstructions"]
    assert [read_pdu(message)[0]["complete"] for message in came] == [True]
    assert block.counts["refused"] == 1 and "group of a PDU must be an integer" in caplog.text


def group_pdus(picture, requires=False):
    """Header and caption of a picture, and the layer of its group; the PDUs may say themselves what is required."""
    packet = packet_of_group(picture)
    pdus = []
    for layer in packet.layers:
        meta = {**layer.key._asdict(), "picture_complete": layer.name != "header-0"}
        if requires and layer.requires:
            meta["requires"] = [number for key in layer.requires for number in key]
        pdus.append(make_pdu(meta, layer.payload))
    return pdus


def states(messages):
    metas = [read_pdu(message)[0] for message in messages]
    return [(meta["picture"], meta["num_layers"], meta["complete"], meta["missing"]) for meta in metas]


def test_a_picture_waits_for_the_layer_of_its_group_and_shares_it(run_block):
    header, caption, shared = group_pdus(1)
    other = group_pdus(2)[:2]
    block = semantic_decoder()
    came = run_block(block, "layers", [header, caption, *other, shared, shared], ["reconstructions"])["reconstructions"]
    assert states(came) == [(1, 3, True, ""), (2, 3, True, "")]
    came = run_block(semantic_decoder(), "layers", [shared, header, caption, *other], ["reconstructions"])
    assert states(came["reconstructions"]) == [(1, 3, True, ""), (2, 3, True, "")]


def test_a_picture_that_is_watched_says_what_it_lacks(run_block):
    header, caption, shared = group_pdus(1)
    block = semantic_decoder(every_layer=True)
    came = run_block(block, "layers", [header, caption, shared], ["reconstructions"])["reconstructions"]
    assert states(came) == [(1, 1, False, ""), (1, 2, False, "0/0/*/5"), (1, 3, True, "")]


def test_a_layer_may_say_itself_what_it_requires(run_block):
    _, caption, shared = group_pdus(1, requires=True)
    came = run_block(semantic_decoder(), "layers", [caption], ["reconstructions"])["reconstructions"]
    assert states(came) == [(1, 1, False, "0/0/*/5")]
    came = run_block(semantic_decoder(), "layers", [caption, shared], ["reconstructions"])["reconstructions"]
    assert states(came) == [(1, 2, True, "")]


def test_layers_that_came_damaged_are_named(run_block):
    _, messages = layer_pdus(1)
    meta, payload = read_pdu(messages[1])
    messages[1] = make_pdu({**meta, "damaged": True}, payload)
    ((meta, _),) = map(
        read_pdu, run_block(semantic_decoder(), "layers", messages, ["reconstructions"])["reconstructions"]
    )
    assert meta["damaged"] == "0/0/1/1" and meta["complete"]


def test_the_oldest_picture_makes_room_and_is_shown_as_it_is(run_block, monkeypatch):
    monkeypatch.setattr(sys.modules["semcom.blocks.semantic_decoder"], "MAX_PICTURES", 2)
    block = semantic_decoder()
    messages = [layer_pdus(number, complete=False)[1][1] for number in (1, 2, 3)]
    came = run_block(block, "layers", messages, ["reconstructions"])["reconstructions"]
    assert [read_pdu(message)[0]["picture"] for message in came] == [1, 2, 3] and block.counts["evicted_pictures"] == 1


def test_files_that_are_not_there_are_said_at_the_start_and_the_rest_is_sent(encoder, run_block, tmp_path, caplog):
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    block = encoder(picture_files=f"{tmp_path}/none.png; {tmp_path}/*.png")
    layers = run_block(block, "pictures", [], ["layers"])["layers"]
    assert len(layers) > 0 and block.counts["pictures"] == 1
    assert f"picture file {tmp_path}/none.png: must be there, there is none" in caplog.text


def test_a_folder_that_cannot_be_made_is_said_at_the_start_and_pictures_leave(run_block, tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    block = semantic_decoder(str(tmp_path / "file" / "folder"))
    packet = captioned(np.zeros((40, 40, 3), np.uint8))
    messages = [make_pdu({**layer.key._asdict(), "picture_complete": True}, layer.payload) for layer in packet.layers]
    (*_, message) = run_block(block, "layers", messages, ["reconstructions"])["reconstructions"]
    assert read_pdu(message)[0]["caption"] == "A picture of 40 by 40 in es-isc."
    assert caplog.text.count("must be writable: Not a directory; pictures are not kept") == 1
