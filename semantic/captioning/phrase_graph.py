"""How people join content words in captions: joints between two words, counted, and which three words come in a row.

Built by `experiments/training/make_phrases.py` from caption texts; only what was counted at least twice is kept. A file
of lines ``word TAB joint TAB word TAB count``, and below an empty line ``word TAB joint TAB word TAB joint TAB word``.
``^`` is the start; a noun that another noun follows ("tennis" in "tennis court") has a ``~`` behind it.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

START = "^"
MODIFIER = "~"
FILE = Path(__file__).parents[1] / "weights" / "phrases-1.tsv.gz"
MAX_FILE_BYTES = 1 << 22


@dataclass(frozen=True)
class Step:
    """One way to go on: joint, word, and how many times it was counted among all ways to go on."""

    joint: str
    word: str
    share: float


class PhraseGraph:
    """Steps from each word, and the threes that people use.

    Parameters
    ----------
    joints : dict of (str, str, str) to int
        (word, joint, word) → count.
    threes : set of (str, str, str, str, str)
        (word, joint, word, joint, word).
    """

    def __init__(self, joints: dict[tuple[str, str, str], int], threes: set[tuple[str, str, str, str, str]]) -> None:
        total: dict[str, int] = defaultdict(int)
        for (first, _, _), count in joints.items():
            total[first] += count
        steps: dict[str, list[Step]] = defaultdict(list)
        for (first, joint, word), count in joints.items():
            steps[first].append(Step(joint, word, count / total[first]))
        self._steps, self.threes = dict(steps), threes

    def steps(self, word: str) -> list[Step]:
        return self._steps.get(word, [])


@lru_cache(maxsize=1)
def load_phrases(path: Path = FILE) -> PhraseGraph:
    """The graph that is shipped."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        text = file.read(MAX_FILE_BYTES)
    above, _, below = text.partition("\n\n")
    rows = (line.split("\t") for line in above.splitlines())
    joints = {(first, joint, word): int(count) for first, joint, word, count in rows}
    return PhraseGraph(joints, {tuple(line.split("\t")) for line in below.splitlines()})


def save_phrases(
    path: Path, joints: dict[tuple[str, str, str], int], threes: set[tuple[str, str, str, str, str]]
) -> None:
    """Write a graph; the same graph gives the same bytes."""
    above = "\n".join("\t".join((*key, str(count))) for key, count in sorted(joints.items()))
    below = "\n".join("\t".join(three) for three in sorted(threes))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(f"{above}\n\n{below}\n".encode())
