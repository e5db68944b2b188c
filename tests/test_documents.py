"""What is written in this repository: links lead somewhere, and no file knows the machine it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")
MACHINE_PATH = re.compile(r"(?<![\w.~$}\-/])/(?:work|root|home/\w+|Users/\w+|tmp/\w+|mnt/\w+)\b[^\s`'\")]*")
NOT_OURS = ("tests/test_documents.py", "LICENSE")


def tracked_texts(repository: Path) -> list[tuple[Path, str]]:
    """Every tracked file that is text (UTF-8), with its text."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=True).stdout
        names = [name for name in listed.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive
        pytest.skip("no git checkout, which names the files: apt-get install git")
    texts = []
    for path in (repository / name for name in names if name not in NOT_OURS):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            texts.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return texts


def test_no_file_holds_a_path_of_one_machine(repository: Path) -> None:
    assert MACHINE_PATH.search("--shared /work/shared") and MACHINE_PATH.search("in `/tmp/out1/x`")
    assert not MACHINE_PATH.search("../work/shared /tmp work/root /usr/lib a/tmp/b")
    texts = tracked_texts(repository)
    assert len(texts) > 500
    found = [
        f"{path.relative_to(repository)}:{number}: {match[0]}"
        for path, text in texts
        for number, line in enumerate(text.splitlines(), 1)
        for match in MACHINE_PATH.finditer(line)
    ]
    assert not found, "\n".join(found)


def test_links_of_all_pages_lead_somewhere(repository: Path) -> None:
    pages = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md"), *(repository / "semantic").rglob("*.md")]
    links = [(page, target) for page in pages for target, _ in LINK.findall(page.read_text(encoding="utf-8"))]
    links = [(page, target) for page, target in links if "://" not in target]
    broken = [f"{page.relative_to(repository)}: {to}" for page, to in links if not (page.parent / to).exists()]
    assert len(links) > 80 and not broken, "\n".join(broken)


def test_files_that_pages_name_are_there(repository: Path) -> None:
    """``phy/sensitivity.py`` in a page of the docs is a file; the changelog and results speak of their day."""
    name = re.compile(
        r"`((?:semantic|link|phy|blocks|flowgraphs|apps|experiments|sdr_configs|docs|tests|examples)/[\w./-]+)`"
    )
    pages = [repository / "README.md", repository / "CONTRIBUTING.md", *(repository / "docs").glob("*.md")]
    named = [(page, path) for page in pages for path in name.findall(page.read_text(encoding="utf-8"))]
    named = [(page, path) for page, path in named if "NAME" not in path and "KIND" not in path]
    gone = [f"{page.relative_to(repository)}: {path}" for page, path in named if not (repository / path).exists()]
    assert len(named) > 60 and not gone, "\n".join(gone)


def test_no_file_holds_what_a_merge_left_undecided(repository: Path) -> None:
    marks = re.compile(r"^(?:<{7} |>{7} |\|{7} )", re.MULTILINE)
    assert marks.search("a\n" + "<" * 7 + " HEAD\nb") and not marks.search("a <<<<<<< b")
    assert [path.relative_to(repository) for path, text in tracked_texts(repository) if marks.search(text)] == []
