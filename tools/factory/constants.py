"""Writes constants where they are used: a board keeps a name, and its place in each module, in RAM.

    from protocol import events                            1 == kind
    from protocol.window import MOST_ROWS          ->      rows[-32:]
    events.ADJUSTED == kind; rows[-MOST_ROWS:]

Whole numbers and short words only, which take no more room than their name. prune.py then leaves
out the definition and the import, as nothing mentions them any more. Line numbers stay.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tools.factory.edits import Edit, edited

K = TypeVar("K", bound=str)
_LARGEST = 1 << 30  # beyond it a whole number is an object on a board
_LONGEST = 10  # letters: MicroPython keeps such words once, whoever uses them

Values = dict[str, dict[str, int | str]]  # module -> name -> value


def inline(texts: dict[K, str]) -> dict[K, str]:
    """The same modules, path -> source, without names for their constants."""
    trees = {path: ast.parse(text) for path, text in texts.items()}
    values = {_module(path): dict(_constants(tree)) for path, tree in trees.items()}
    return {path: edited(texts[path], _edits(trees[path], _module(path), values)) for path in texts}


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _constants(tree: ast.Module) -> Iterator[tuple[str, int | str]]:
    """What is bound once and for all, at the top of a module."""
    bound = list(_bound(tree))
    for statement in tree.body:
        if not isinstance(statement, ast.Assign):
            continue
        for name, value in _pairs(statement.targets[0], statement.value):
            if isinstance(name, ast.Name) and bound.count(name.id) == 1 and _is_small(value):
                yield name.id, ast.literal_eval(value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterable[tuple[ast.expr, ast.expr]]:
    if not isinstance(target, ast.Tuple):
        return [(target, value)]
    return zip(target.elts, value.elts, strict=True) if isinstance(value, ast.Tuple) else []


def _is_small(value: ast.expr) -> bool:
    if not isinstance(value, ast.Constant):
        return False
    if isinstance(value.value, str):
        return len(value.value) <= _LONGEST and value.value.isidentifier()
    return type(value.value) is int and value.value < _LARGEST


def _edits(tree: ast.Module, module: str, values: Values) -> Iterator[Edit]:
    bound = list(_bound(tree))
    own = values[module]
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                name = each.asname or each.name
                if bound.count(name) > 1:
                    continue
                if each.name in values.get(node.module, {}):
                    own = {**own, name: values[node.module][each.name]}
                modules[name] = f"{node.module}.{each.name}"
    for node in ast.walk(tree):
        value = _value(node, own, modules, values)
        if value is not None and isinstance(node, ast.expr):
            yield node.lineno, node.col_offset, node.end_col_offset or 0, repr(value)


def _value(
    node: ast.AST, own: dict[str, int | str], modules: dict[str, str], values: Values
) -> int | str | None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return own.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return values.get(modules.get(node.value.id, ""), {}).get(node.attr)
    return None


def _bound(tree: ast.AST) -> Iterator[str]:
    """Every name that is given to something, as often as it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
