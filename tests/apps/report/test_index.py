"""The index over many photos: what it shows, its pages, and that it follows what is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from semcom.apps.report import index as index_module
from semcom.apps.report.index import PER_PAGE, Index, entry_of, is_page_name
from semcom.apps.report.model import FrameCounts, PictureResult


def result(name: str, **changes: object) -> PictureResult:
    values = {"command": "send", "image": f"{name}.png", "folder": name, "path": f"{name}.png", "outcome": "complete"}
    values |= {"layers": [], "frames": FrameCounts(1, 1, 0), "bytes_packet": 1234, "provenance": {"generated": 0.0}}
    return PictureResult(**{**values, "caption": f"A view of {name}.", **changes})


def fill(index: Index, *names: str) -> None:
    for name in names:
        index.put(name, entry_of(result(name)))


def shown(path: Path) -> list[str]:
    """Folders that a page links to, in order."""
    return re.findall(r'<a href="([^"/]+)/report\.html"><img', path.read_text(encoding="utf-8"))


def links(path: Path) -> dict[str, str]:
    """Links from page to page: words → file."""
    found = re.findall(r'<a href="(index[^"]*)">([^<]*)</a>', path.read_text(encoding="utf-8"))
    return {words: address for address, words in found}


def test_a_few_photos_are_one_page_in_their_order(tmp_path: Path) -> None:
    index = Index(tmp_path, "Photos")
    fill(index, "a", "b", "c", "a")
    index.write()
    assert shown(tmp_path / "index.html") == ["b", "c", "a"] and links(tmp_path / "index.html") == {}
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "A view of b." in text and "1,234 bytes" in text and 'src="b/thumbnail.webp"' in text and "3 in all" in text


def test_what_has_no_picture_or_another_path_is_shown_as_such(tmp_path: Path) -> None:
    index = Index(tmp_path, "Photos", latest_first=True)
    index.put("lost", entry_of(result("lost", outcome="lost", caption=None, provenance={}, bytes_packet=None)))
    index.put("a", entry_of(result("a", path="other/a.png", caption="x" * 1000)))
    index.write()
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "lost/thumbnail" not in text and "no picture" in text and "no caption" in text and "None" not in text
    assert ">other/a.png</a>" in text and "x" * 299 + "…" in text and "x" * 300 not in text
    assert text.index("a/report.html") < text.index("lost/report.html")


def test_folder_names_are_quoted_in_addresses(tmp_path: Path) -> None:
    index = Index(tmp_path, "Photos")
    fill(index, "50% #1?")
    index.write()
    assert shown(tmp_path / "index.html") == ["50%25%20%231%3F"]


def test_many_photos_are_pages_that_hold_each_once_and_link_to_each_other(tmp_path: Path) -> None:
    index = Index(tmp_path, "Photos")
    names = [f"p{number}" for number in range(2 * PER_PAGE + 1)]
    fill(index, *names)
    index.write()
    pages = [tmp_path / f"index-{number}.html" for number in (1, 2, 3)]
    assert [len(shown(page)) for page in pages] == [PER_PAGE, PER_PAGE, 1]
    assert [name for page in pages for name in shown(page)] == names
    assert shown(tmp_path / "index.html") == names[-PER_PAGE:]
    assert links(tmp_path / "index.html") == {"1": "index-1.html", "2": "index-2.html", "3": "index-3.html"}
    assert links(pages[1]) == {"latest": "index.html", "earlier": "index-1.html", "later": "index-3.html"}
    assert links(pages[0]) == {"latest": "index.html", "later": "index-2.html"}
    assert f"{len(names)} in all, the {PER_PAGE} latest here" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_only_pages_that_change_are_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(index_module, "PER_PAGE", 2)
    index = Index(tmp_path, "Photos")
    fill(index, *"abcde")
    index.write()
    written = []
    write = index_module.write_file_whole
    monkeypatch.setattr(
        index_module, "write_file_whole", lambda path, data: (written.append(path.name), write(path, data))
    )
    fill(index, "f")
    index.write()
    assert written == ["index-3.html", "index.html"]
    written.clear()
    fill(index, "g")  # the first of a new page: the one before gets a link to it
    index.write()
    assert written == ["index-3.html", "index-4.html", "index.html"]
    written.clear()
    fill(index, "c")  # a newer result of an earlier picture
    index.write()
    assert written == ["index-2.html", "index-4.html", "index.html"]
    assert [shown(tmp_path / f"index-{number}.html") for number in (1, 2, 3, 4)] == [[*"ab"], ["d"], [*"ef"], [*"gc"]]


def test_pages_go_with_their_results_and_what_is_not_ours_stays(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(index_module, "PER_PAGE", 2)
    index = Index(tmp_path, "Photos")
    fill(index, *"abcdef")
    index.write()
    index.remove("a")
    index.remove("b")
    index.remove("b")
    index.write()
    assert not (tmp_path / "index-1.html").exists()
    assert links(tmp_path / "index-2.html") == {"latest": "index.html", "later": "index-3.html"}
    (tmp_path / "index-9.html").write_text("my own page")
    (tmp_path / "index-2.html").unlink()
    index.write()
    assert (tmp_path / "index-2.html").exists()  # somebody removed it
    later = Index(tmp_path, "Another run")
    fill(later, "z")
    later.write()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index-9.html", "index.html"]
    assert shown(tmp_path / "index.html") == ["z"]


def test_what_could_not_be_written_is_written_the_next_time(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(index_module, "PER_PAGE", 1)
    index = Index(tmp_path, "Photos")
    fill(index, "a", "b")
    with monkeypatch.context() as patch:

        def full(path: Path, data: bytes) -> None:
            raise OSError(28, "No space left on device", str(path))

        patch.setattr(index_module, "write_file_whole", full)
        with pytest.raises(OSError, match="No space"):
            index.write()
    index.write()
    assert [shown(tmp_path / name) for name in ("index-1.html", "index-2.html", "index.html")] == [["a"], ["b"], ["b"]]


def test_a_folder_that_was_removed_gets_all_pages_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(index_module, "PER_PAGE", 1)
    index = Index(tmp_path / "out", "Photos")
    fill(index, "a", "b")
    index.write()
    shutil.rmtree(tmp_path / "out")
    index.write()
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index-1.html", "index-2.html", "index.html"]


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [("index.html", True), ("index-12.html", True), ("index-.html", False), ("index", False), ("my-index.html", False)],
)
def test_names_of_pages(name: str, is_ours: bool) -> None:
    assert is_page_name(name) is is_ours
