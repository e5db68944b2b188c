"""What must not be sent is sent by no entry: each takes the same request, and none looks at the picture around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from semcom.apps.cli import app
from semcom.apps.delivery.outgoing import AirSettings, prepare
from semcom.apps.delivery.stored_request import request_path
from semcom.apps.services.refinement_answers import RefinementHandler
from semcom.apps.services.sending.picture_source import Encoded, PictureSource
from semcom.apps.services.sending.recent_pictures import RecentPicture
from semcom.apps.services.sending.requests import PushHandler, push
from semcom.link import RefinementFrame, Scope
from semcom.link.errors import TransportError
from semcom.link.transports.key_files import KeyRing, make_acquainted
from semcom.phy.waveform import Waveform
from semcom.semantic import (
    EncodeRequest,
    LayerKey,
    LayerKind,
    RefinementRequest,
    RequestError,
    SemanticPacket,
    analyse,
    encode,
    refine,
    registry,
)
from semcom.semantic.extract.captioner import compose_caption
from semcom.semantic.refinement import Subject

from ..stand_ins import SeesRed, SeesSteps, red, street

WITHOUT, BUDGET_BYTES = "vehicle", 300
REQUEST = EncodeRequest.from_options(without=WITHOUT, budget_bytes=BUDGET_BYTES)
SUBJECTS = (Subject.CLASS_MAP, Subject.DETAIL_MAP, Subject.SCENE)
WIDTH, HEIGHT = 480, 320
CAR = slice(HEIGHT * 5 // 8 - 3, HEIGHT * 7 // 8 + 3), slice(WIDTH // 4 - 3, WIDTH // 2 + 3)


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    with (
        registry.override("segmenters", "best", SeesRed()),
        registry.override("captioners", "best", compose_caption),
        registry.override("detailers", "best", SeesSteps()),
    ):
        yield


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    Image.fromarray(street(WIDTH, HEIGHT)).save(path)
    return path


def faults(packet: SemanticPacket) -> list[str]:
    """Layers that name or show the car, as they decode."""
    vehicles = {category.id for category in SeesRed.vocabulary.group("vehicle")}
    found = []
    for layer in SemanticPacket.from_bytes(packet.to_bytes()).layers:
        content = layer.content
        if layer.kind == LayerKind.CAPTION:
            bad = bool({"car", "cars", "red", "vehicle"} & set(content.text.lower().replace(".", "").split()))
        elif layer.kind == LayerKind.OBJECTS:
            bad = bool(vehicles & {item.category for item in content.items})
        elif layer.kind == LayerKind.CLASS_MAP:
            bad = bool(np.isin(content.labels, list(vehicles)).any())
        elif layer.kind == LayerKind.DETAIL_MAP:
            bad = bool(content.shown(WIDTH, HEIGHT)[CAR].any())
        elif layer.kind == LayerKind.SUB_IMAGE:
            bad = bool(red(content.pixels).any())
        else:
            bad = False
        found += [layer.name] * bad
    return found


def refined(packet: SemanticPacket, analysis) -> SemanticPacket:
    for subject in SUBJECTS:
        packet = packet.with_layers(refine(analysis, RefinementRequest(subject, max_bytes=4000), packet))
    return packet


def run(*arguments: object):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done


def taken(source: PictureSource) -> Encoded:
    for _ in range(3000):
        source.look()
        if done := source.take():
            return done[0]
        time.sleep(0.02)
    raise AssertionError("nothing was encoded")


def test_the_car_would_be_named_and_shown() -> None:
    analysis = analyse(street(WIDTH, HEIGHT), EncodeRequest(budget_bytes=4000))
    packet = refined(encode(street(WIDTH, HEIGHT), budget_bytes=4000), analysis)
    assert {name.split("-")[0] for name in faults(packet)} == {
        "caption",
        "objects",
        "class_map",
        "sub_image",
        "detail_map",
    }


def test_python() -> None:
    analysis = analyse(street(WIDTH, HEIGHT), REQUEST)
    packet = encode(street(WIDTH, HEIGHT), request=REQUEST)
    more = refined(packet, analysis)
    assert not faults(packet) and not faults(more) and len(more.layers) > len(packet.layers)


def test_encode_then_ask_on_files(photo: Path, tmp_path: Path) -> None:
    packet_file = tmp_path / "p.sem"
    run("encode", photo, "-o", packet_file, "--without", WITHOUT, "--budget-bytes", BUDGET_BYTES)
    assert not faults(SemanticPacket.from_bytes(packet_file.read_bytes()))
    assert EncodeRequest.from_json(request_path(packet_file).read_text()) == REQUEST
    for number, words in enumerate(("finer class map", "finer detail map", "scene")):
        more = tmp_path / f"more{number}.sem"
        asked = run("ask", words, "--packet", packet_file, "--photo", photo, "-o", more, "--answer-bytes", 4000)
        answered = SemanticPacket.from_bytes(more.read_bytes())
        assert len(answered.layers) > 3 and not faults(answered) and "withheld" not in asked.output
        assert EncodeRequest.from_json(request_path(more).read_text()) == REQUEST
        packet_file = more  # the answer's own request is kept, too


def test_ask_on_files_of_unknown_origin(photo: Path, tmp_path: Path) -> None:
    packet_file = tmp_path / "p.sem"
    packet_file.write_bytes(encode(street(WIDTH, HEIGHT), request=REQUEST).to_bytes())
    arguments = ("ask", "scene", "--packet", packet_file, "--photo", photo, "-o", tmp_path / "m.sem")
    assert "Nothing of the photo is withheld: no request lies beside the packet" in run(*arguments).output
    assert faults(SemanticPacket.from_bytes((tmp_path / "m.sem").read_bytes()))
    run(*arguments, "--without", WITHOUT)
    assert not faults(SemanticPacket.from_bytes((tmp_path / "m.sem").read_bytes()))
    request_path(packet_file).write_text('{"without": ')
    refused = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert refused.exit_code == 2 and "p.request.json: request is no JSON" in refused.stderr


def test_a_later_packet_without_privacy_leaves_no_old_request(photo: Path, tmp_path: Path) -> None:
    run("encode", photo, "-o", tmp_path / "p.sem", "--without", WITHOUT)
    run("encode", photo, "-o", tmp_path / "p.sem")
    assert not request_path(tmp_path / "p.sem").exists()


def test_send(photo: Path, tmp_path: Path) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    options = ("--without", WITHOUT, "--budget-bytes", BUDGET_BYTES, "--radio", "loopback-clean")
    run("send", photo, *options, "--out", tmp_path / "out")
    packet_file = tmp_path / "out" / "street" / "packet.sem"
    assert not faults(SemanticPacket.from_bytes(packet_file.read_bytes()))
    assert EncodeRequest.from_json(request_path(packet_file).read_text()) == REQUEST
    run("send", photo, "--budget-bytes", BUDGET_BYTES, "--radio", "loopback-clean", "--out", tmp_path / "out")
    assert not request_path(packet_file).exists()


def test_transmit(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    import semcom.flowgraphs.live.transmit as live

    class Sent:
        sent_bursts, airtime_s, differences, events = (), 0.0, (), ()

    monkeypatch.setattr(live, "run_transmit", lambda settings, frames, **_: Sent())
    monkeypatch.setattr("semcom.flowgraphs.radios.stream_events.advice_on", lambda events: [])
    options = ("--without", WITHOUT, "--budget-bytes", BUDGET_BYTES, "--packets", tmp_path / "packets")
    run("transmit", photo, "--radio", "pluto", "--confirm-transmit", *options)
    (packet_file,) = (tmp_path / "packets").glob("*.sem")
    assert not faults(SemanticPacket.from_bytes(packet_file.read_bytes()))
    assert EncodeRequest.from_json(request_path(packet_file).read_text()) == REQUEST


@pytest.mark.parametrize("airtime_ms", [8, 30])
def test_a_filled_airtime(airtime_ms: float) -> None:
    analysis = analyse(street(WIDTH, HEIGHT), EncodeRequest(without=(WITHOUT,)))
    outgoing = prepare(
        analysis, (0, 0, 1), AirSettings(policy="layered", airtime_ms=airtime_ms), Waveform.load("ofdm64")
    )
    assert len(outgoing.packet.layers) > 2 and not faults(outgoing.packet)


def test_a_watched_folder_and_ask_over_the_hosts(photo: Path, tmp_path: Path) -> None:
    source = PictureSource(photo.parent, tmp_path / "requests", lambda mark: False, REQUEST)
    encoded = taken(source)
    assert not faults(encoded.packet) and encoded.analysis.request == REQUEST
    for analysis in (encoded.analysis, None):  # kept, and gone by now
        handler, scope = RefinementHandler(), Scope(0, 1, 1)
        recent = RecentPicture("street.png", encoded.content, encoded.packet, encoded.analysis.request, analysis)
        handler.recent.keep(scope, recent)
        for number, subject in enumerate(SUBJECTS):
            handler.ask(RefinementFrame(scope, number, RefinementRequest(subject, max_bytes=4000).to_bytes()))
        deadline = time.monotonic() + 60
        while handler.counts["answered"] < len(SUBJECTS) and time.monotonic() < deadline:
            handler.done.fileno()
            time.sleep(0.02)
        assert handler.counts == {"asked": 3, "answered": 3}
        assert len(recent.packet.layers) >= len(encoded.packet.layers) + 3 and not faults(recent.packet)


@pytest.mark.parametrize(
    ("own", "pushed"),
    [
        (EncodeRequest(), REQUEST),
        (REQUEST, EncodeRequest()),
        (REQUEST, EncodeRequest(without=("animal",), profile="tasks")),
    ],
)
def test_push(photo: Path, tmp_path: Path, own: EncodeRequest, pushed: EncodeRequest) -> None:
    make_acquainted(tmp_path / "keys", ["tx", "me"])
    folder = tmp_path / "requests"
    handler = PushHandler("tcp://127.0.0.1:*", KeyRing.load(tmp_path / "keys" / "tx"), folder, own)
    said: list[str] = []
    ring = KeyRing.load(tmp_path / "keys" / "me")

    def asking() -> None:
        said.append(push(photo, handler.server.address, ring, "tx", 30.0, pushed))

    thread = threading.Thread(target=asking)
    thread.start()
    try:
        while thread.is_alive():
            handler.server.socket.poll(20)
            handler.step()
        thread.join()
    finally:
        handler.close()
    assert said == ["accepted"]
    encoded = taken(PictureSource(None, folder, lambda mark: False, own))
    assert not faults(encoded.packet)
    assert encoded.analysis.request == own.adding(pushed) and WITHOUT in encoded.analysis.request.without
    assert len(encoded.packet.to_bytes()) <= BUDGET_BYTES


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (b'{"profile": "beauty"}', "profile of system es-isc must be one of"),
        (b'{"without": ["unicorn"]}', "got 'unicorn'"),
        (b'{"system": "avif"}', "system is decided by the sending host"),
        (b'{"parts": {"segmenter": {"name": "everyday", "config": {"weights": "/x"}}}}', "parts is decided by"),
        (b'{"colour": 1}', "key 'colour' is not known"),
        (b"\xff", "request is no JSON"),
    ],
)
def test_a_push_that_cannot_be_honoured_is_refused(photo: Path, tmp_path: Path, request_: bytes, said: str) -> None:
    make_acquainted(tmp_path / "keys", ["tx", "me"])
    handler = PushHandler("tcp://127.0.0.1:*", KeyRing.load(tmp_path / "keys" / "tx"), tmp_path / "requests", REQUEST)
    try:
        assert said in handler._keep("a.png", photo.read_bytes(), request_)
        packet = encode(street(WIDTH, HEIGHT)).to_bytes()
        assert "must come with a request that withholds vehicle" in handler._keep("a.sem", packet)
        assert not list((tmp_path / "requests").iterdir())
    finally:
        handler.close()


def test_a_watched_packet_must_withhold_what_the_host_does(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    packet = encode(street(WIDTH, HEIGHT), request=REQUEST).to_bytes()
    (tmp_path / "photos" / "a.sem").write_bytes(packet)
    refused = taken(PictureSource(tmp_path / "photos", tmp_path / "r", lambda mark: False, REQUEST))
    assert refused.packet is None and "must come with a request that withholds vehicle" in refused.reason
    request_path(tmp_path / "photos" / "a.sem").write_text(REQUEST.to_json())
    accepted = taken(PictureSource(tmp_path / "photos", tmp_path / "r", lambda mark: False, REQUEST))
    _, *layers, told = accepted.packet.layers  # the header lists the submission too
    assert tuple(layers) == SemanticPacket.from_bytes(packet).layers[1:] and told.content == accepted.submission


def test_grc_blocks() -> None:
    pytest.importorskip("gnuradio", reason="GNU Radio is needed: apt-get install gnuradio")
    from semcom.blocks import semantic_encoder, semantic_transmitter
    from semcom.blocks.pdu import make_pdu

    image = street(WIDTH, HEIGHT)
    block = semantic_encoder(budget_bytes=BUDGET_BYTES, without=WITHOUT)
    payloads: dict[LayerKey, bytes] = {}
    block.publish = lambda port, meta, data: payloads.update(
        {LayerKey(*(meta[name] for name in LayerKey._fields)): bytes(data)}
    )
    block.handle(make_pdu({"width": WIDTH, "height": HEIGHT}, image.tobytes()))
    packet = SemanticPacket.from_payloads(payloads)
    assert len(packet.layers) > 3 and not faults(packet)
    assert semantic_transmitter(budget_bytes=BUDGET_BYTES, without=WITHOUT).encoder.request == REQUEST
    with pytest.raises(RequestError, match="profile of system es-isc must be"):
        semantic_encoder(profile="beauty")


def test_a_push_from_the_command_line_carries_its_request(photo: Path, tmp_path: Path, monkeypatch) -> None:
    make_acquainted(tmp_path / "keys", ["tx", "me"])
    asked = []

    def refuse(photo, address, ring, to, timeout_s, request):
        asked.append(request)
        raise TransportError("no")

    monkeypatch.setattr("semcom.apps.services.sending.requests.push", refuse)
    options = ["--keys", str(tmp_path / "keys" / "me"), "--without", WITHOUT, "--budget-bytes", str(BUDGET_BYTES)]
    CliRunner().invoke(app, ["push", str(photo), *options])
    assert asked == [REQUEST]
