"""What metadata say while a recording is being written."""

import json
from fractions import Fraction

from semcom.phy.recording.written_metadata import MAX_ANNOTATIONS, MAX_CAPTURES, About, WrittenMetadata


def said(metadata, sha512=""):
    return json.loads(metadata.text(sha512))


def test_a_checksum_is_given_only_when_the_samples_are_complete():
    metadata = WrittenMetadata(About(1e6, facts={"core:hw": "mine"}))
    assert "core:sha512" not in said(metadata)["global"] and said(metadata)["global"]["core:hw"] == "mine"
    assert said(metadata, "ab")["global"]["core:sha512"] == "ab"


def test_annotations_are_sorted_and_lie_in_the_recording():
    metadata = WrittenMetadata(About(1e6, freq_edges_hz=(1e6, 2e6)))
    metadata.annotate(500, 0, "b")
    metadata.annotate(-3, 10, "a", "early")
    first, second = said(metadata)["annotations"]
    assert first == {
        "core:sample_start": 0,
        "core:sample_count": 10,
        "core:label": "a",
        "core:comment": "early",
        "core:freq_lower_edge": 1e6,
        "core:freq_upper_edge": 2e6,
    }
    assert (second["core:sample_start"], second["core:sample_count"]) == (500, 1)


def test_a_radios_clock_that_goes_back_does_not_turn_the_stream_round():
    metadata = WrittenMetadata(About(1e6))
    metadata.set_time(0, None, Fraction(10))
    metadata.begin_capture(1000, radio_time_s=Fraction(5))
    metadata.begin_capture(1500, radio_time_s=Fraction(11))
    assert [entry["core:global_index"] for entry in said(metadata)["captures"]] == [0, 1000, 1_000_000]


def test_what_is_beyond_the_limits_is_counted():
    metadata = WrittenMetadata(About(1e6))
    for number in range(1, MAX_CAPTURES + 3):
        metadata.begin_capture(number, center_freq_hz=1e9 + number)
        metadata.annotate(number, 1, "x")
    content = said(metadata)
    assert (len(content["captures"]), len(content["annotations"])) == (MAX_CAPTURES, MAX_ANNOTATIONS)
    assert content["global"]["semcom:captures_not_listed"] == 3
    assert content["global"]["semcom:annotations_not_listed"] == 2


def test_samples_that_are_cut_off_take_their_captures_with_them():
    metadata = WrittenMetadata(About(1e6))
    metadata.begin_capture(100, radio_time_s=Fraction(1))
    metadata.begin_capture(200, radio_time_s=Fraction(2))
    metadata.cut_to(150)
    assert [entry["core:sample_start"] for entry in said(metadata)["captures"]] == [0, 100]
