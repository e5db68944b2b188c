"""Which inputs are kept: those that reach new lines, the farthest first, short, and few."""

import base64
import json

import pytest

from semcom.experiments.robustness import fuzz_corpus
from semcom.experiments.robustness.fuzz_corpus import chosen, reached, read_kept
from semcom.experiments.robustness.fuzzed_parsers import PARSERS
from semcom.experiments.robustness.parser import Parser
from semcom.link import FrameError, RefinementFrame
from semcom.link.frame import Frame


def test_frames_that_reach_new_lines_are_kept_and_others_are_not() -> None:
    """Of a good frame, its double, one that is cut and one of another kind: a cut one ends where none has."""
    good = PARSERS["frame"].seeds()[0]
    parser = Parser(Frame.from_bytes, FrameError, lambda: [good])
    found = chosen(parser, [good, good[:5], b"", good[:6]], [], 9)
    assert found and good not in found and len(found) < 3
    assert chosen(parser, [good, good[:5], b"", good[:6]], found, 9) == [], "they are known now"
    assert chosen(parser, [good[:5]], [], 0) == []


def test_of_two_that_reach_the_same_the_shorter_is_kept() -> None:
    parser = Parser(RefinementFrame.from_bytes, FrameError, lambda: [])
    assert chosen(parser, [b"\x01\x02\x03", b"\x01\x02"], [], 9)[0] == b"\x01\x02"


def test_steps_are_of_our_files_and_the_tracer_is_taken_off() -> None:
    parser = PARSERS["report"]
    steps = reached(parser, parser.seeds()[0])
    assert steps and all(name.startswith(str(fuzz_corpus.REPOSITORY)) for name, _, _ in steps)
    with pytest.raises(KeyError):
        reached(Parser(lambda data: {}[data], ValueError, lambda: []), b"x")
    assert reached(Parser(len, ValueError, lambda: []), b"x") == set()


def test_a_folder_becomes_a_file_that_is_added_to(tmp_path, capsys) -> None:
    (tmp_path / "frame").mkdir()
    (tmp_path / "frame" / "a").write_bytes(b"")
    (tmp_path / "frame" / "long").write_bytes(bytes(5000))
    out = tmp_path / "kept.json"
    out.write_text(json.dumps({"stream": [base64.b64encode(b"old").decode()]}))
    fuzz_corpus.main(["--folder", str(tmp_path), "--out", str(out)])
    assert read_kept(out) == {"frame": [b""], "stream": [b"old"]}
    assert "frame: 1 of 2" in capsys.readouterr().out
    assert read_kept(tmp_path / "none.json") == {}
