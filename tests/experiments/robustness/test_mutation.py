"""The mutation run: which tests a mutant meets, what is named, and one mutant killed and one kept in a small tree."""

import pytest

from semcom.experiments.robustness import mutation
from semcom.experiments.robustness.module_imports import ImportGraph
from semcom.experiments.robustness.mutants import mutants_of
from semcom.experiments.robustness.named_mutants import NAMED, named_mutants


def test_named_mutations_are_all_there(repository):
    found = [mutant for room in mutation.ROOMS for mutant in named_mutants(repository, room)]
    assert len(found) == len(NAMED) == 5
    assert all(mutant.text != (repository / mutant.path).read_text(encoding="utf-8") for mutant in found)


def test_the_test_at_the_same_place_comes_first(repository):
    graph = ImportGraph.of(repository)
    assert mutation.matching_tests("phy/coding/crc.py", graph)[0] == "tests/phy/coding/test_crc.py"
    assert mutation.matching_tests("phy/channel/awgn.py", graph)[0] == "tests/phy/channel/test_awgn.py"


def test_without_one_the_tests_of_those_that_import_it_are_taken():
    graph = ImportGraph(
        {
            "phy/low.py": frozenset(),
            "phy/middle.py": frozenset({"phy/low.py"}),
            "phy/top.py": frozenset({"phy/middle.py"}),
            "tests/phy/test_top.py": frozenset({"phy/top.py"}),
            "tests/link/test_far.py": frozenset({"phy/low.py"}),
        }
    )
    assert mutation.matching_tests("phy/low.py", graph) == ["tests/phy/test_top.py"]
    assert graph.all_importers("phy/low.py") == set(graph.files) - {"phy/low.py"}


@pytest.fixture
def tree(tmp_path):
    """A repository of one function and its test, as a mutation run copies it."""
    root = tmp_path / "tree"
    (root / "phy").mkdir(parents=True)
    (root / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -q -ra\n")
    (root / "phy/half.py").write_text("def half(x):\n    y = x + 0\n    return y / 2\n")
    (root / "test_half.py").write_text("from phy.half import half\n\n\ndef test_half():\n    assert half(6) == 3\n")
    return mutation.Tree(tmp_path)


def test_mutants_are_killed_or_survive_and_leave_the_file_as_it_was(tree):
    path = tree.root / "tree/phy/half.py"
    source = path.read_text()
    graph = ImportGraph({"phy/half.py": frozenset()})
    verdicts = {m.after: tree.judge(m, ["test_half.py"], graph) for m in mutants_of("phy/half.py", source)}
    assert verdicts["y = (x - 0)"] == {"status": "survived", "killed_by": ""}
    assert verdicts["return (y * 2)"] == {"status": "killed", "killed_by": "test_half.py::test_half"}
    assert path.read_text() == source
    assert tree.judge(mutants_of("phy/half.py", source)[0], [], graph) == {"status": "untested"}


def test_test_files_that_fail_without_mutation_judge_nothing(tree, capsys):
    (tree.root / "tree/test_wrong.py").write_text("def test_wrong():\n    assert False\n")
    tree.measure(["test_half.py", "test_wrong.py"])
    assert tree.failing == {"test_wrong.py"}
    assert "test_wrong.py fails without mutation" in capsys.readouterr().out
    mutant = mutants_of("phy/half.py", (tree.root / "tree/phy/half.py").read_text())[0]
    assert tree.judge(mutant, ["test_wrong.py"], ImportGraph({})) == {"status": "untested"}
    assert tree.judge(mutant, ["test_wrong.py", "test_half.py"], ImportGraph({}))["status"] == "survived"


def test_the_time_of_every_test_file_is_known_after_a_run_without_mutation(tree):
    tree.measure(["test_half.py"])
    assert set(tree.durations_s) == {"test_half.py"} and tree.durations_s["test_half.py"] >= 0
