"""One-line mutations of a Python file: which there are, and the text of the file with one of them made.

Nothing is imported or run: a file is parsed, so functions under any decorator (numba kernels among them) are mutated
too. Left alone: docstrings and other strings, annotations, decorators, imports, error texts (`raise`), logging and
warnings.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_CALLS = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any"}
_LOGGERS = {"log", "logger", "logging", "warnings", "_log"}


@dataclass(frozen=True)
class Mutant:
    """One changed place of one file.

    Attributes
    ----------
    path : str
        From the root of the repository.
    line : int
    function : str
        Dotted name of what encloses the place, empty at the level of the module.
    operator : str
        Kind of the mutation.
    before, after : str
        The changed line or lines.
    text : str
        The whole file, changed.
    key : str
        Names the place by the structure of the file, so that comments and renaming leave it as it is.
    """

    path: str
    line: int
    function: str
    operator: str
    before: str
    after: str
    text: str
    key: str


def mutants_of(path: str, text: str) -> list[Mutant]:
    """Every mutation of a file, in the order of its lines."""
    tree = ast.parse(text)
    structure = _structure(tree)
    found, ordinals = [], {}
    for node, function, operator, new in _places(tree):
        ordinal = ordinals[operator] = ordinals.get(operator, -1) + 1
        changed = _replaced(text, node, new)
        first, last = node.lineno - 1, node.end_lineno
        before = "\n".join(text.splitlines()[first:last])
        grown = len(changed.splitlines()) - len(text.splitlines())
        after = "\n".join(changed.splitlines()[first : last + grown])
        key = hashlib.sha256(f"{path}:{structure}:{operator}:{ordinal}".encode()).hexdigest()[:12]
        found.append(Mutant(path, node.lineno, function, operator, before.strip(), after.strip(), changed, key))
    return found


def choose(candidates: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` of the candidates, drawn by the seed; no second one of a line while other lines have none."""
    drawn = sorted(candidates, key=lambda m: hashlib.sha256(f"{seed}:{m.key}".encode()).hexdigest())
    turn: dict[tuple[str, int], int] = {}
    order = []
    for mutant in drawn:
        place = (mutant.path, mutant.line)
        turn[place] = turn.get(place, -1) + 1
        order.append((turn[place], len(order), mutant))
    return [mutant for _, _, mutant in sorted(order, key=lambda entry: entry[:2])[:count]]


def _structure(tree: ast.Module) -> str:
    kinds = [
        repr(node.value) if isinstance(node, ast.Constant) and not isinstance(node.value, str) else type(node).__name__
        for node in ast.walk(tree)
    ]
    return hashlib.sha256(" ".join(kinds).encode()).hexdigest()


def _places(tree: ast.AST, function: str = "") -> Iterator[tuple[ast.AST, str, str, str]]:
    """Node to replace, enclosing name, operator and new text, depth first."""
    for node in _mutable_children(tree):
        inside = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{function}.{node.name}" if function else node.name
        for operator, new in _mutations(node):
            yield node, inside, operator, new
        yield from _places(node, inside)


def _mutable_children(node: ast.AST) -> Iterator[ast.AST]:
    skipped = {"annotation", "returns", "decorator_list", "type_comment", "bases", "type_params"}
    for name, value in ast.iter_fields(node):
        if name in skipped:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _untouched(child):
                yield child


def _untouched(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Assert):
        return True
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
        return True
    call = node.value if isinstance(node, ast.Expr) else node
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        return getattr(call.func.value, "id", "") in _LOGGERS
    return False


def _mutations(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Compare(left, [operation, *more], [right, *others]):
            for new in _COMPARISONS.get(type(operation), ()):
                kind = "boundary" if new in (ast.Lt, ast.LtE, ast.Gt, ast.GtE) and _near(operation, new) else "flip"
                yield f"comparison {kind}", _source(ast.Compare(left, [new(), *more], [right, *others]))
        case ast.BinOp(left, operation, right) if type(operation) in _ARITHMETIC:
            if not (isinstance(left, ast.Constant) and isinstance(left.value, str)):
                yield "arithmetic", _source(ast.BinOp(left, _ARITHMETIC[type(operation)](), right))
        case ast.AugAssign(target, operation, value):
            if type(operation) in _ARITHMETIC:
                yield "arithmetic", ast.unparse(ast.AugAssign(target, _ARITHMETIC[type(operation)](), value))
            yield "removed statement", "pass"
        case ast.BoolOp(operation, values):
            yield "and/or", _source(ast.BoolOp(ast.Or() if isinstance(operation, ast.And) else ast.And(), values))
        case ast.UnaryOp(ast.Not(), operand):
            yield "dropped not", _source(operand)
        case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
            yield "dropped minus", _source(operand)
        case ast.Constant(bool() as value):
            yield "constant", repr(not value)
        case ast.Constant(int() as value):
            yield "constant", repr(value + 1)
        case ast.Constant(float() as value):
            yield "constant", repr(value * 2 if value else 1.0)
        case ast.Call(func, arguments, keywords):
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            if name in _CALLS:
                other = _CALLS[name]
                new = (
                    ast.Attribute(func.value, other, ast.Load()) if isinstance(func, ast.Attribute) else ast.Name(other)
                )
                yield "min/max", _source(ast.Call(new, arguments, keywords))
            elif _swappable(name, arguments):
                swapped = [arguments[1], arguments[0], *arguments[2:]]
                yield "swapped arguments", _source(ast.Call(func, swapped, keywords))
        case ast.Return(value) if value is not None and not isinstance(value, ast.Constant):
            yield "constant returned", f"return {_default(value)}"
        case ast.Expr(ast.Call()):
            yield "removed statement", "pass"
        case ast.Assign([ast.Attribute() | ast.Subscript()], _):
            yield "removed statement", "pass"


def _swappable(name: str, arguments: list[ast.expr]) -> bool:
    if len(arguments) < 2 or name in ("isinstance", "getattr", "hasattr", "setattr"):
        return False
    return not any(isinstance(argument, ast.Starred) for argument in arguments[:2])


def _near(old: ast.cmpop, new: type) -> bool:
    return {type(old), new} in ({ast.Lt, ast.LtE}, {ast.Gt, ast.GtE})


def _default(value: ast.expr) -> str:
    """A constant of about the type of the returned expression."""
    match value:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
            return "True"
        case ast.BinOp() | ast.Call(ast.Name("int" | "float" | "len" | "sum" | "min" | "max")):
            return "0"
        case ast.Tuple(elements):
            return ast.unparse(ast.Tuple([ast.Constant(0)] * len(elements), ast.Load()))
        case ast.List() | ast.ListComp():
            return "[]"
    return "None"


def _source(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"


def _replaced(text: str, node: ast.AST, new: str) -> str:
    """The text with the node's own stretch replaced; columns of the parser count UTF-8 bytes."""
    lines = text.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    stop = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    data = text.encode()
    return (data[:start] + new.encode() + data[stop:]).decode()
