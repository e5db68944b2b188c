"""Letters that drivers print, counted; everything else passes on."""

import os
import sys
from collections import Counter

import pytest

from semcom.flowgraphs.radios.stream_events import StreamEvents, advice_on, take_events


@pytest.mark.parametrize(
    ("line", "events", "rest"),
    [
        ("sOsOsU", {"O": 2, "U": 1}, ""),
        ("OOUD[INFO] something\n", {"O": 2, "U": 1, "D": 1}, "[INFO] something\n"),
        ("tPtG\n", {"tP": 1, "tG": 1}, "\n"),
        ("Overflow is a word\n", {}, "Overflow is a word\n"),
        ("OK\n", {}, "OK\n"),
        ("sink :warning: Unable\n", {}, "sink :warning: Unable\n"),
        ("", {}, ""),
    ],
)
def test_only_runs_of_letters_at_the_start_of_a_line_count(line, events, rest):
    counts = Counter()
    assert take_events(line, lambda letter: counts.update([letter])) == rest
    assert counts == events


def test_what_c_code_prints_is_counted_and_the_rest_comes_out(capfd):
    with StreamEvents() as outer, StreamEvents() as inner:
        os.write(2, b"OOU\n")
        os.write(1, b"sU")
        os.write(2, b"a message\n")
        print("from Python")
    assert outer.counts == {"O": 2, "U": 2} and inner.counts == outer.counts
    captured = capfd.readouterr()
    assert "a message\n" in captured.err and "O" not in captured.err
    assert captured.out == "from Python\n"
    assert sys.stdout.writable()
    assert [line.split(":")[0] for line in advice_on(outer.counts)] == ["2 × overflow", "2 × underflow"]
