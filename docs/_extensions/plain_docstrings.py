"""Docstrings as they are written here, made into reStructuredText for Sphinx.

They are meant to be read in an editor: drawings, tables and code stand as they are, fences are those of Markdown, a
bar is a vertical line. So, before napoleon reads the numpydoc sections, what is drawn becomes a literal block, and bars
outside literals are escaped (reStructuredText would take them for substitutions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_RULE = re.compile(r"-{3,}\s*$")
_LIST_MARK = re.compile(r"\s*([-*+]|\d+[.)])\s")
_LITERAL = re.compile(r"(``.+?``|`[^`]+`)")
_COLUMNS = re.compile(r"\S {3,}\S")


def setup(app) -> dict:
    app.connect("autodoc-process-docstring", _process, priority=100)
    return {"version": "1", "parallel_read_safe": True}


def _process(app, what, name, obj, options, lines: list[str]) -> None:
    lines[:] = to_rst(lines)


def to_rst(lines: list[str]) -> list[str]:
    """Docstring lines as reStructuredText; numpydoc sections are left to napoleon.

    Parameters
    ----------
    lines : list of str
        Without common indentation.

    Returns
    -------
    list of str
    """
    text_ends = next((number for number, line in enumerate(lines, -1) if _RULE.match(line)), len(lines))
    made: list[str] = []
    for paragraph, fenced in _paragraphs(lines[:text_ends]):
        introduced = made[-2:-1] and made[-2].endswith("::")
        if (fenced or _is_drawn(paragraph)) and not introduced:
            made += ["::", "", *(f"    {line}" for line in paragraph), ""]
        else:
            made += [*(paragraph if introduced else map(_escaped, paragraph)), ""]
    return [*made, *map(_escaped, lines[text_ends:])]


def _paragraphs(lines: list[str]) -> Iterator[tuple[list[str], bool]]:
    """Lines between blank ones, and whether they stand in a fence."""
    paragraph: list[str] = []
    fenced = False
    for line in [*lines, ""]:
        fence = line.strip().startswith("```")
        if paragraph and (fence or not (line.strip() or fenced)):
            yield paragraph, fenced
            paragraph = []
        if fence:
            fenced = not fenced
        elif line.strip() or fenced:
            paragraph.append(line)


def _is_drawn(paragraph: list[str]) -> bool:
    """Indented, of lines that begin at different columns, or with columns of their own; lists are not."""
    if _LIST_MARK.match(paragraph[0]) or paragraph[0].startswith((".. ", ">>> ")):
        return False
    indents = {len(line) - len(line.lstrip()) for line in paragraph}
    return indents != {0} or any(_COLUMNS.search(line) for line in paragraph)


def _escaped(line: str) -> str:
    return "".join(part if part.startswith("`") else part.replace("|", r"\|") for part in _LITERAL.split(line))
