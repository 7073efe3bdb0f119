"""What has to be known of a whole image before names in one module can be made short."""

import ast
from collections.abc import Iterable
from typing import TypeGuard

_Made = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def passed(texts: Iterable[str]) -> set[str]:
    """The names by which arguments are passed anywhere."""
    nodes = (node for text in texts for node in ast.walk(ast.parse(text)))
    return {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}


def inner(texts: Iterable[str], roots: str) -> set[str]:
    """Public names that only the module which makes them uses: as good as private.

    An attribute is one of them only if nothing but `self` has it: what a file or a socket calls
    `close` keeps that name. roots: source that runs beside the modules.
    """
    seen = _names(ast.parse(roots))
    once: set[str] = set()
    for text in texts:
        tree = ast.parse(text)
        names = _names(tree)
        once = once - names | _made(tree) - seen - _foreign(tree)
        seen |= names
    return {name for name in once if not name.startswith("_")}


def _names(tree: ast.AST) -> set[str]:
    """Everything a module mentions, strings as well: a record's fields are such."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.update(node.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            found.update((node.module or "").split("."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, _Made):
            found.add(node.name)
        elif isinstance(node, ast.arg | ast.keyword):
            found.add(node.arg or "")
    return found


def _made(tree: ast.Module) -> set[str]:
    """Functions, classes, constants, and attributes of self."""
    found = {node.name for node in ast.walk(tree) if isinstance(node, _Made)}
    for node in ast.walk(tree):
        if _is_own(node) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            nodes = (node for target in statement.targets for node in ast.walk(target))
            found |= {node.id for node in nodes if isinstance(node, ast.Name)}
    return found


def _foreign(tree: ast.Module) -> set[str]:
    """Names that cannot be changed: attributes of others, parameters, imports and strings."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_own(node):
            found.add(node.attr)
        elif isinstance(node, ast.arg | ast.keyword):
            found.add(node.arg or "")
        elif isinstance(node, ast.alias):
            found.update(node.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            found.update((node.module or "").split("."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _is_own(node: ast.AST) -> TypeGuard[ast.Attribute]:
    if not isinstance(node, ast.Attribute):
        return False
    return isinstance(node.value, ast.Name) and node.value.id == "self"
