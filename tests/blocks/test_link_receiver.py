from semcom.blocks import link_receiver
from semcom.blocks.pdu import make_pdu, read_pdu
from semcom.link import Item, Key, Sender

ITEMS = [Item(Key(1, 2, 3, layer), layer, bytes([layer]) * size) for layer, size in enumerate((10, 300, 50))]


def frame_pdus(items=ITEMS, **meta):
    return [make_pdu({"crc_ok": True, **meta}, frame.data) for frame in Sender(64).frames(items)]


def test_each_layer_leaves_once_as_soon_as_it_is_whole(run_block):
    messages = frame_pdus(snr_db=7.5, cfo_hz=-100.0, evm_db=-20.0)
    came = run_block(link_receiver(), "frames", [*messages, *messages], ["layers", "statistics"])
    layers = [read_pdu(message) for message in came["layers"]]
    assert {meta["layer"]: payload for meta, payload in layers} == {item.key.layer: item.payload for item in ITEMS}
    assert [meta["layer"] for meta, _ in layers] == [2, 1, 0]
    assert [meta["picture_complete"] for meta, _ in layers] == [False, False, True]
    meta, _ = layers[0]
    assert (meta["snr_db"], meta["cfo_hz"], meta["evm_db"], meta["importance"]) == (7.5, -100.0, -20.0, 2)
    (statistics,) = [read_pdu(message)[0] for message in came["statistics"]]
    assert statistics["new"] == statistics["duplicate"] == len(messages)
    assert statistics["items"] == 3 and statistics["pictures_incomplete"] == 0 and statistics["missing"] == ""


def test_failed_frames_are_counted_and_what_is_missing_is_named(run_block):
    messages = frame_pdus()
    del messages[2]
    failed = make_pdu({"crc_ok": False}, b"")
    came = run_block(
        link_receiver(), "frames", [failed, *messages[:-1], make_pdu({}, b"noise")], ["layers", "statistics"]
    )
    (statistics,) = [read_pdu(message)[0] for message in came["statistics"]]
    assert statistics["failed"] == 1 and statistics["refused"] == 1 and statistics["refused_frame"] == 1
    assert statistics["missing"] == "1/2/3/1#1 1/2/3/0" and statistics["pictures_incomplete"] == 1
    assert [read_pdu(message)[0]["layer"] for message in came["layers"]] == [2]
