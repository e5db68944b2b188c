"""Mutations of source text: which are made, which places are left alone, how they are drawn."""

import ast

import pytest

from semcom.experiments.robustness.mutants import choose, mutants_of

SOURCE = '''"""Module text with 1 + 1."""
import os

LIMIT: int = 3


@wraps(2)
def clip(x: float, low: float = 0) -> float:
    """A docstring with x < 2."""
    if not x <= low and os:
        raise ValueError(f"x must be above {low + 1}")
    log.info("%d", 5 + 6)
    total = min(x, low)
    total += g(x, low)
    return -total
'''


def changes(source):
    """(operator, line after) of every mutant."""
    return {(mutant.operator, mutant.after) for mutant in mutants_of("phy/a.py", source)}


@pytest.mark.parametrize(
    ("before", "operator", "after"),
    [
        ("a < b", "comparison boundary", "(a <= b)"),
        ("a < b", "comparison flip", "(a > b)"),
        ("a == b", "comparison flip", "(a != b)"),
        ("a in b", "comparison flip", "(a not in b)"),
        ("a * b + c", "arithmetic", "(a * b - c)"),
        ("a * b + c", "arithmetic", "(a / b) + c"),
        ("a >> 1", "constant", "a >> 2"),
        ("x[0.5]", "constant", "x[1.0]"),
        ("f(True)", "constant", "f(False)"),
        ("a and b", "and/or", "(a or b)"),
        ("not a", "dropped not", "(a)"),
        ("-a", "dropped minus", "(a)"),
        ("np.maximum(a, b)", "min/max", "(np.minimum(a, b))"),
        ("f(a, b, c)", "swapped arguments", "(f(b, a, c))"),
        ("a += b", "removed statement", "pass"),
        ("a.b = c", "removed statement", "pass"),
    ],
)
def test_every_kind_of_mutation_is_made(before, operator, after):
    assert (operator, after) in changes(before + "\n")


def test_texts_annotations_decorators_errors_and_logging_are_left_alone():
    for mutant in mutants_of("phy/a.py", SOURCE):
        assert mutant.line not in (1, 7, 9, 11, 12), mutant
        ast.parse(mutant.text)
        assert mutant.text != SOURCE


def test_decorated_functions_are_mutated_and_places_are_named():
    found = mutants_of("phy/a.py", SOURCE)
    assert {mutant.function for mutant in found} == {"", "clip"}
    assert ("constant returned", "return None") in changes(SOURCE) or ("constant returned", "return 0") in changes(
        SOURCE
    )
    assert ("constant", "def clip(x: float, low: float = 1) -> float:") in changes(SOURCE)


def test_umlauts_before_a_place_do_not_shift_it():
    assert ("arithmetic", 'x = "äöü" if (a - b) else 1') in changes('x = "äöü" if a + b else 1\n')


def test_keys_outlive_renaming_and_comments_but_not_other_code():
    keys = [[mutant.key for mutant in mutants_of("phy/a.py", text)] for text in (
        "def f(a):\n    return a + 1\n",
        "def renamed(value):\n    # why\n    return value + 1\n",
        "def f(a):\n    return a + 2\n",
    )]  # fmt: skip
    assert keys[0] == keys[1] != keys[2]
    assert len(set(keys[0])) == len(keys[0])


def test_a_draw_is_the_same_each_time_and_takes_every_line_once_first():
    found = mutants_of("phy/a.py", SOURCE)
    lines = {mutant.line for mutant in found}
    drawn = choose(found, len(lines), seed=3)
    assert drawn == choose(list(reversed(found)), len(lines), seed=3)
    assert {mutant.line for mutant in drawn} == lines
    assert drawn != choose(found, len(lines), seed=4)
