"""Puts a module that only one other needs into that one: a board pays RAM for each that it loads.

It comes to about 250 bytes, for its table of names and for those that it has in common with the
other. The sources stay apart. So does what is imported later than at the top of a module, by an
other name, or by more than one; and what is mentioned in a string, for it is unloaded some time.
"""

import ast
import builtins
import io
import tokenize
from collections import defaultdict
from collections.abc import Collection, Iterator

_Made = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def merge(texts: dict[str, str], apart: Collection[str] = ()) -> dict[str, str]:
    """Path -> source of fewer modules that do the same; apart: paths that stay as they are."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for path, text in texts.items():
        for name, plainly in _mentions(ast.parse(text)):
            users[name].append(path if plainly else "")
    merged, homes = dict(texts), {path: path for path in texts}
    for path in sorted(texts.keys() - set(apart)):
        home = users[_dotted(path)]
        if len(home) != 1 or not home[0]:
            continue
        to = homes[home[0]]
        together = _together(merged[path], merged[to], _dotted(path))
        if together:
            del merged[path]
            merged[to] = together
            homes = {each: to if homes[each] == path else homes[each] for each in homes}
    return merged


def _dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _mentions(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """(name, is it a plain import of what is in a module) of all that may be a module's name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node in tree.body and not any(each.asname for each in node.names)
            yield from ((f"{node.module}.{each.name}", False) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, False) for each in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, False


def _together(inner: str, outer: str, name: str) -> str:
    """The outer module with the inner one where it imports it; "" if names would clash."""
    ours, theirs = dict(_bound(ast.parse(inner))), dict(_bound(ast.parse(outer)))
    clash = {
        each
        for each in ours.keys() & theirs.keys()
        if theirs[each] != f"{name}.{each}" and (not ours[each] or ours[each] != theirs[each])
    }
    hidden = {each for each in ours | theirs if hasattr(builtins, each)}
    if hidden or any(not each.startswith("_") for each in clash):
        return ""
    ending = "_" + name.rpartition(".")[2]
    tokens = [
        (kind, word + ending if word in clash else word)
        for kind, word, *_ in tokenize.generate_tokens(io.StringIO(inner).readline)
    ]
    lines = outer.splitlines()
    for node in ast.parse(outer).body:
        if isinstance(node, ast.ImportFrom) and node.module == name:
            assert node.end_lineno
            lines[node.lineno - 1 : node.end_lineno] = [tokenize.untokenize(tokens)]
    return "\n".join(lines) + "\n"


def _bound(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(name, what it is elsewhere or "" if it is from here) of all names at a module's top."""
    for node in tree.body:
        if isinstance(node, _Made):
            yield node.name, ""
        elif isinstance(node, ast.ImportFrom):
            yield from (
                (each.asname or each.name, f"{node.module}.{each.name}") for each in node.names
            )
        elif isinstance(node, ast.Import):
            yield from ((each.asname or each.name, each.name) for each in node.names)
        else:
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    yield each.id, ""
