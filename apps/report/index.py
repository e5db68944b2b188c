"""``index.html`` over many photos: thumbnails with caption, outcome and link, kept up to date as photos finish.

Up to 200 results are one page. Beyond that ``index.html`` shows the 200 latest and ``index-1.html``, ``index-2.html``
... all of them, in the order in which they came; only the pages that a new result changes are written.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from semcom.apps.report.model import PictureResult
from semcom.apps.report.output_folder import THUMBNAIL
from semcom.apps.report.pages import GENERATOR, render_page
from semcom.apps.report.result_folder import write_file_whole

INDEX_HTML = "index.html"
PER_PAGE = 200
MAX_CAPTION = 300
_HEAD_BYTES = 1024
_PAGE_NAME = re.compile(r"index(-\d+)?\.html")


def is_page_name(name: str) -> bool:
    """Whether a folder of this name would be in the way of a page."""
    return _PAGE_NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class IndexEntry:
    """One result as the index shows it; addresses are relative and quoted."""

    title: str
    page: str
    thumbnail: str | None
    outcome: str
    caption: str
    words: str


def entry_of(result: PictureResult) -> IndexEntry:
    """What the index shows of a result, whose folder lies beside it."""
    folder = quote(result.folder or "")
    caption = result.caption or ""
    words = [
        f"{result.bytes_packet:,} bytes" if result.bytes_packet else "",
        result.time[:19].replace("T", " ") + " UTC",
    ]
    return IndexEntry(
        result.image if result.path in (None, result.image) else result.path,
        f"{folder}/report.html",
        f"{folder}/{THUMBNAIL}" if result.provenance else None,
        result.outcome,
        caption if len(caption) <= MAX_CAPTION else caption[: MAX_CAPTION - 1] + "…",
        ", ".join(word for word in words if word),
    )


class Index:
    """The pages of one folder.

    Parameters
    ----------
    folder : Path
    title : str
    latest_first : bool
        Order within a page; where photos come without end, whoever looks wants the latest.
    """

    def __init__(self, folder: Path, title: str, latest_first: bool = False) -> None:
        self.folder, self.title, self.latest_first = folder, title, latest_first
        self._entries: dict[str, IndexEntry] = {}
        self._page_of: dict[str, int] = {}
        self._pages: dict[int, dict[str, None]] = {}
        self._changed: set[int] = set()
        self._left_over = True  # pages of an earlier run may be there

    def put(self, name: str, entry: IndexEntry) -> None:
        """A new result, or a newer one of this name."""
        self.remove(name)
        number = max(self._pages, default=1)
        if len(self._pages.get(number, ())) >= PER_PAGE:
            self._changed.add(number)  # it gets a link to the next
            number += 1
        self._pages.setdefault(number, {})[name] = None
        self._page_of[name], self._entries[name] = number, entry
        self._changed.add(number)

    def remove(self, name: str) -> None:
        """A result is no longer there."""
        if self._entries.pop(name, None) is None:
            return
        number = self._page_of.pop(name)
        del self._pages[number][name]
        self._changed.add(number)
        if not self._pages[number]:
            self._changed.update(self._neighbours(number))
            del self._pages[number]

    def write(self) -> None:
        """Write the pages that have changed; raises `OSError` where one cannot be, and writes it the next time."""
        wanted = set(self._pages) if len(self._entries) > PER_PAGE else set()
        if self._left_over or self._changed - wanted:
            self._remove_pages({_name(number) for number in wanted})
            self._left_over = False
        for number in sorted(wanted):
            if number in self._changed or not (self.folder / _name(number)).exists():
                before, after = self._neighbours(number)
                links = [
                    ("latest", INDEX_HTML),
                    ("earlier", before and _name(before)),
                    ("later", after and _name(after)),
                ]
                words = f"page {number} with {len(self._pages[number])} of {len(self._entries):,}"
                self._write_page(_name(number), words, list(self._pages[number]), links)
        links = [(str(number), _name(number)) for number in sorted(wanted)]
        words = f"{len(self._entries):,} in all" + (f", the {PER_PAGE} latest here" if wanted else "")
        self._write_page(INDEX_HTML, words, list(islice(reversed(self._entries), PER_PAGE))[::-1], links)
        self._changed.clear()

    def _remove_pages(self, but: set[str]) -> None:
        """Pages of ours that are no longer needed; a file of that name that we did not write stays."""
        for path in self.folder.glob("index-*.html"):
            if is_page_name(path.name) and path.name not in but:
                with contextlib.suppress(OSError), path.open("rb") as file:
                    if GENERATOR.encode() in file.read(_HEAD_BYTES):
                        path.unlink()

    def _neighbours(self, number: int) -> tuple[int | None, int | None]:
        """The pages before and after one."""
        before = max((other for other in self._pages if other < number), default=None)
        return before, min((other for other in self._pages if other > number), default=None)

    def _write_page(self, name: str, words: str, results: list[str], links: list[tuple[str, str | None]]) -> None:
        page = render_page(
            "index.html",
            title=self.title,
            headline=words + (", latest first" if self.latest_first else ""),
            pages=[(text, address) for text, address in links if address],
            entries=[self._entries[result] for result in (results[::-1] if self.latest_first else results)],
        )
        write_file_whole(self.folder / name, page.encode())


def _name(number: int) -> str:
    return f"index-{number}.html"
