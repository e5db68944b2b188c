"""Whatever comes from outside is text on every page, never markup."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import numpy as np
import pytest
from markupsafe import escape

from semcom.apps.delivery.send import SendSettings, send_photo
from semcom.apps.report import packet_page, referee_page, report_page, svg
from semcom.apps.report.index import Index, entry_of
from semcom.apps.report.model import LayerResult
from semcom.apps.report.page_parts import Figure, ShownPictures, marked
from semcom.apps.report.pages import GENERATOR, render_page
from semcom.apps.report.received_report import link_rows
from semcom.sdr_configs.radio import load_loopback
from semcom.semantic import EncodeRequest, Layer, LayerKey, LayerKind, SemanticPacket, decode
from semcom.semantic.benchmark.judge import Verdict
from semcom.semantic.layers import Caption, Header, encode_layer

from ...stand_ins import stand_ins, street  # noqa: F401

pytestmark = [pytest.mark.usefixtures("stand_ins"), pytest.mark.timeout(300)]

EVIL = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>&"
OURS = {
    "a", "body", "br", "circle", "div", "figcaption", "figure", "g", "h1", "h2", "head", "html", "i", "img", "li",
    "mark", "meta", "p", "path", "polyline", "rect", "small", "span", "strong", "style", "svg", "table", "td",
    "text", "th", "title", "tr", "ul",
}  # fmt: skip


class Elements(HTMLParser):
    """Names of the elements of a page, its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]

    def handle_data(self, data: str) -> None:
        self.text += data


def check(page: str, times: int) -> None:
    """The words stand on the page as they are, so many times in the text, and nothing of them acts."""
    elements = Elements(page)
    assert elements.names <= OURS, elements.names - OURS
    assert not {name for name in elements.attributes if name.startswith("on")}
    assert all(source.startswith("data:image/webp;base64,") or "/" in source for source in elements.sources)
    assert "<script" not in page and "<img src=x" not in page
    assert elements.text.count(EVIL) >= times, (elements.text.count(EVIL), elements.text)
    assert GENERATOR in page and page.count("<html") == 1 and page.rstrip().endswith("</html>")


@pytest.fixture
def sent():
    """A photo sent without loss, whose texts are then those of somebody who means harm."""
    report = send_photo("a.png", street(240, 160), SendSettings(EncodeRequest(), "air", load_loopback("loopback-awgn")))
    assert report.reconstruction is not None
    caption = Caption(f"A car and {EVIL}.", ((2, 5), (10, 10 + len(EVIL))))
    report.reconstruction = replace(report.reconstruction, caption=caption)
    report.image = report.system = report.path = EVIL
    report.layers = [LayerResult(EVIL, EVIL, 1, 5, 1, 1, True, EVIL, 1, 10)]
    report.radio = {"name": EVIL}
    report.notes = [EVIL]
    report.metrics = {EVIL: 1.0}
    return report


def test_the_page_of_a_sent_photo(sent) -> None:
    page = report_page.render(sent)
    check(page, times=10)  # title and heading twice each, caption, layer in bars and table, MCS, radio, metric, note
    assert f"<mark>car</mark> and <mark>{escape(EVIL)}</mark>." in page


def test_the_page_of_a_lost_photo(sent) -> None:
    sent.reconstruction = sent.received = None
    page = report_page.render(sent)
    check(page, times=8)
    assert "the photo at the sender" in page and "nothing usable arrived" in page


def test_the_page_of_a_packet() -> None:
    key = LayerKey(0, 0, 1, 0)
    packet = SemanticPacket(
        0,
        0,
        1,
        (
            encode_layer(key, LayerKind.HEADER, Header(64, 64, "es-isc", ())),
            encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, Caption(f"A {EVIL}")),
        ),
    )
    shown = replace(decode(packet), damaged=((key, EVIL),), missing=(EVIL,))
    page = packet_page.render(EVIL, packet, shown, left_out=[EVIL], link=[(EVIL, EVIL)])
    check(page, times=8)
    check(packet_page.render_lost(EVIL, "lost", [EVIL], [(EVIL, EVIL)]), times=5)


def test_names_of_categories_and_subjects(monkeypatch) -> None:
    """They become the words of figures and of the legend."""
    a_figure = Figure(EVIL, "data:image/webp;base64,AAAA")
    shown = ShownPictures([a_figure], True, [(EVIL, "rgb(1, 2, 3)")], {EVIL: [a_figure, a_figure]})
    monkeypatch.setattr(packet_page, "pictures", lambda reconstruction: shown)
    caption = encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, Caption("A car."))
    packet = SemanticPacket(0, 0, 1, (caption,))
    page = packet_page.render("name", packet, decode(packet))
    check(page, times=5)
    assert page.count(f'alt="{escape(EVIL)}"') == 3


def test_the_page_of_the_referee() -> None:
    image = street(64, 48)
    verdicts = [
        Verdict(EVIL, EVIL + at, at == "a", 500, 400, ms_ssim=0.5, picture=image, caption=EVIL, setting=EVIL)
        for at in "ab"
    ]
    page = referee_page.render(verdicts, {EVIL: image})
    check(page, times=9)
    assert "<strong>0.500</strong>" in page


def test_the_index(sent, tmp_path: Path) -> None:
    for latest_first in (False, True):
        index = Index(tmp_path, EVIL, latest_first)
        sent.folder = EVIL.replace("/", "")
        index.put(EVIL, entry_of(sent.result()))
        index.write()
        check((tmp_path / "index.html").read_text(encoding="utf-8"), times=4)


def test_the_rows_of_the_link_are_words() -> None:
    class Came:
        radio, airtime_s, snr_db_estimated, cfo_hz_estimated, evm_db = (
            {"name": EVIL, "gain": None},
            0.01,
            1.5,
            None,
            None,
        )

        class frames:  # noqa: N801
            received, lost = 3, None

    assert link_rows(Came) == [
        ("radio", f"name {EVIL}"),
        ("frames received / known to be missing", "3 / unknown"),
        ("time on air", "10.0 ms"),
        ("SNR, estimated", "1.5 dB"),
    ]


def test_words_in_diagrams_are_words() -> None:
    elements = Elements(svg.bars([(EVIL, 1.0, EVIL, EVIL)]))
    assert elements.names == {"svg", "text", "rect"} and elements.text == 2 * EVIL
    plot = svg.constellation(np.array([1 + 1j, np.nan]), np.array([1 + 1j]))
    assert plot.count("<circle") == 1 and plot.startswith("<svg")


def test_a_value_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render_page("packet.html", title="a")


def test_the_caption_of_a_layer_is_cut_at_its_entities() -> None:
    layer: Layer = encode_layer(LayerKey(0, 0, 1, 1), LayerKind.CAPTION, Caption("A car, a bus.", ((2, 5), (9, 12))))
    pieces = marked(layer.content)
    assert pieces == [("A ", ""), ("car", "entity"), (", a ", ""), ("bus", "entity"), (".", "")]


def test_guessed_words_are_told_from_entities() -> None:
    pieces = marked(Caption("A car, a bus.", ((2, 5),), guessed=((0, 1), (9, 12))))
    assert pieces == [("A", "guessed"), (" ", ""), ("car", "entity"), (", a ", ""), ("bus", "guessed"), (".", "")]
