"""Links of their own: which frames, with what metadata, and how an option names them."""

from __future__ import annotations

import pytest

from semcom.apps.delivery.links import metadata, only_links, snr_of_links
from semcom.link import Item, Key, Sender
from semcom.sdr_configs.errors import ConfigError

ITEMS = [
    Item(Key(1, 0, 1, 0), 7, bytes(20)),
    Item(Key(1, 0, 1, 3), 6, bytes(200), alone=True),
    Item(Key(1, 0, 1, 4), 6, bytes(20), alone=True),
]


def test_an_item_that_goes_alone_has_the_link_of_its_number() -> None:
    frames = Sender(128).frames(ITEMS)
    assert [frame.source for frame in frames] == [0, 3, 3, 4]
    assert [frame.source for frame in only_links(frames, ())] == [0, 3, 3, 4]
    assert [frame.source for frame in only_links(frames, (4, 0))] == [0, 4]


def test_frames_of_a_link_of_its_own_are_numbered_there() -> None:
    told = metadata(Sender(128).frames(ITEMS))
    assert told == [
        {"coded_bytes": None},
        {"coded_bytes": None, "source": 3, "process": 0},
        {"coded_bytes": None, "source": 3, "process": 1},
        {"coded_bytes": None, "source": 4, "process": 0},
    ]


def test_soft_text_keeps_its_coded_bytes_on_its_own_link() -> None:
    (frame,) = Sender().frames([Item(Key(1, 0, 1, 2), 6, bytes(40), exact_bytes=5, alone=True)])
    assert metadata([frame]) == [{"coded_bytes": frame.coded_bytes, "source": 2, "process": 0}]
    assert frame.coded_bytes is not None


def test_snr_of_links_is_read_of_options() -> None:
    assert snr_of_links(["3=-5", "0=12.5", "3=2"]) == {3: 2.0, 0: 12.5}
    assert snr_of_links(()) == {}


@pytest.mark.parametrize("option", ["3", "a=3", "3=", "=4", "256=1", "-1=2", "3=200", "3=nan"])
def test_an_option_that_names_no_link_or_no_snr_is_refused(option: str) -> None:
    with pytest.raises(ConfigError, match="SNR of a link must be"):
        snr_of_links([option])
