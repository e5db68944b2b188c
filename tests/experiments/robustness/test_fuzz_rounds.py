"""Rounds of fuzzing: who comes next, what is kept, and how trouble is told; a stand-in takes libFuzzer's place."""

import json
import sys

import pytest

from semcom.experiments.robustness import fuzz_rounds
from semcom.experiments.robustness.fuzz_rounds import (
    ENOUGH_INPUTS,
    ENOUGH_S,
    Share,
    account_of,
    inputs_of,
    next_parser,
    piece,
)

SAYS = "import sys; sys.stderr.write({said!r}); sys.exit({code})"


@pytest.fixture
def says(monkeypatch):
    """A process that says this in place of a fuzzer, and what it was called with."""
    calls = []
    run = fuzz_rounds.subprocess.run

    def stand_in(said: str, code: int = 0):
        def called(command, **settings):
            calls.append((command, settings["env"]["NUMBA_DISABLE_JIT"]))
            return run([sys.executable, "-c", SAYS.format(said=said, code=code)], **settings)

        monkeypatch.setattr(fuzz_rounds.subprocess, "run", called)
        return calls

    return stand_in


def test_who_has_had_least_comes_first_and_who_has_had_enough_never() -> None:
    account = {"a": Share(inputs=ENOUGH_INPUTS // 2), "b": Share(core_s=ENOUGH_S / 4), "c": Share(inputs=ENOUGH_INPUTS)}
    assert next_parser(account) == "b" and next_parser(account, ["a", "c"]) == "a"
    account["b"].core_s, account["a"].trouble = ENOUGH_S, "a crash"
    assert next_parser(account) is None


def test_a_piece_adds_its_inputs_and_its_time(says, tmp_path) -> None:
    calls, share = says("#8 pulse\nstat::number_of_executed_units: 120\n"), Share(inputs=100)
    piece("refinement frame", share, tmp_path, 30.0)
    assert share.inputs == 220 and share.core_s > 0 and share.trouble == ""
    (command, no_jit), *_ = calls
    assert {"-max_total_time=30", f"-runs={ENOUGH_INPUTS - 100}"} <= set(command) and no_jit == "1"
    piece("layer", share, tmp_path, 30.0)
    assert calls[1][1] == "0"


def test_trouble_is_told_and_kept(says, tmp_path) -> None:
    says("#16 pulse cov: 1\nKeyError: 'surprise'\nSUMMARY: libFuzzer: fuzz target exited\n", code=77)
    options = ["--folder", str(tmp_path), "--out", str(tmp_path), "--only", "frame", "--minutes", "1"]
    assert fuzz_rounds.main(options) == 1
    kept = json.loads((tmp_path / "account.json").read_text())["frame"]
    assert kept["inputs"] == 16 and kept["trouble"] == "ended with 77: KeyError: 'surprise'"
    assert "| frame | 16 |" in (tmp_path / "coverage_fuzz.md").read_text()
    assert fuzz_rounds.main(options) == 1, "trouble of before is no success now"


def test_in_a_new_folder_the_page_is_the_account_and_what_was_written_below_its_table_stays(says, tmp_path) -> None:
    says("stat::number_of_executed_units: 5\n")
    page = tmp_path / "coverage_fuzz.md"
    account = {"frame": Share(ENOUGH_INPUTS - 5), "key file": Share(601, 7.0, "ended with 77: ValueError: a | b")}
    page.write_text(fuzz_rounds.as_markdown(account) + "\nTwo faults.\n\nA second paragraph.\n")
    assert account_of(page.read_text()) == account
    options = ["--folder", str(tmp_path / "new"), "--out", str(tmp_path), "--only", "frame", "--minutes", "1"]
    assert fuzz_rounds.main(options) == 1
    written = page.read_text()
    assert (
        f"| frame | {ENOUGH_INPUTS:,} | 0 | yes | none |" in written and "| key file | 601 | 7 | no | ended" in written
    )
    assert written.endswith("|\n\nTwo faults.\n\nA second paragraph.\n")
    assert account_of("") == {} and fuzz_rounds.below_the_table(fuzz_rounds.as_markdown(account)) == ""


def test_an_input_that_is_never_done_with_is_trouble(tmp_path, monkeypatch) -> None:
    def hangs(command, timeout, **settings):
        raise fuzz_rounds.subprocess.TimeoutExpired(command, timeout, stderr=b"#32 NEW cov: 9\n")

    monkeypatch.setattr(fuzz_rounds.subprocess, "run", hangs)
    share = Share()
    piece("stream", share, tmp_path, 5.0)
    assert share.inputs == 32 and share.trouble == "an input was never done with"


def test_an_unknown_parser_is_named(capsys) -> None:
    with pytest.raises(SystemExit):
        fuzz_rounds.main(["--only", "nothing"])
    assert "got nothing" in capsys.readouterr().err


def test_what_was_run_is_read_from_either_account() -> None:
    assert inputs_of("#4 x\n#64 y\n") == 64 and inputs_of("") == 0
