"""Leaves out what no module of an image uses: a board pays RAM for every function it has loaded.

Device and hub share modules, so there is much that only a hub calls. What is left out: functions,
classes and constants of a module, methods of a class, and imported names, as long as nothing else
in the image bears or mentions the name, not even as a string. Line numbers stay.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

K = TypeVar("K")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def prune(texts: dict[K, str], roots: str) -> dict[K, str]:
    """The same modules with what they need of each other and of `roots` (source) needs of them."""
    wanted = _references(ast.parse(roots))
    while True:
        trees = {key: ast.parse(text) for key, text in texts.items()}
        mentioned = sum((_references(tree) for tree in trees.values()), wanted)
        pruned = {key: _without(texts[key], trees[key], mentioned) for key in texts}
        if pruned == texts:
            return texts
        texts = pruned


def _without(text: str, tree: ast.Module, mentioned: Counter[str]) -> str:
    here = _references(tree)
    lines = text.splitlines()
    gone: set[int] = set()
    for node in _definitions(tree):
        inside = _references(node)
        made = _defined(node)
        if node.lineno not in gone and all(
            (here if name.startswith("_") else mentioned)[name] == inside[name] for name in made
        ):
            gone.update(_replace(lines, node, "pass"))
    used = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.lineno not in gone:
            wanted = [each for each in node.names if used[each.asname or each.name]]
            kept = ", ".join(map(ast.unparse, wanted))
            if len(wanted) < len(node.names):
                _replace(lines, node, f"from {node.module} import {kept}" if wanted else "pass")
    return "\n".join(lines) + "\n"


def _definitions(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        if isinstance(node, _Definition | ast.Assign) and all(_defined(node)):
            yield node
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, _Definition) and not method.name.startswith("__"):
                    yield method


def _defined(node: ast.stmt) -> list[str]:
    """The names a statement makes; an empty one where they cannot be told."""
    if isinstance(node, _Definition):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    names = []
    for target in targets:
        each = target.elts if isinstance(target, ast.Tuple) else [target]
        names += [one.id if isinstance(one, ast.Name) else "" for one in each]
    return names


def _references(tree: ast.AST) -> Counter[str]:
    """How often each name is mentioned, except where it is made."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found[node.id] += 1
        elif isinstance(node, ast.Attribute):
            found[node.attr] += 1
        elif isinstance(node, ast.alias):
            found[node.name] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found[node.value] += 1
    return found


def _replace(lines: list[str], node: ast.stmt, text: str) -> range:
    """Put one line in the place of a statement; the numbers of the lines it had."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    assert node.end_lineno
    lines[first - 1 : node.end_lineno] = [""] * (node.end_lineno - first + 1)
    lines[first - 1] = " " * node.col_offset + text
    return range(first, node.end_lineno + 1)
