"""Makes names short before compiling: a board keeps every name it runs in its heap.

`_settings_of_the_lamp` costs 31 bytes of RAM on a board as the name alone, and is nobody's
business but its module's. What becomes of names:

- Names that begin with one underscore and are made in the module become `_0`, `_1`, ... in the
  order they appear, the same numbers in every module, so that all modules share the same few. So
  do public names that no other module of the image uses (see names.py).
- Module constants among them that are whole numbers become `const(...)`: no name is left of them.
- Parameters that nobody in the image passes by name become `p0`, `p1`, ... by their place.

Names in strings, dunder names and all other public names stay, and so do line numbers. Private
names must not be used across modules; a test makes sure of it.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from tools.factory.edits import Edit, edited

_PRIVATE = re.compile(r"_[A-Za-z0-9]\w*$")
_LARGEST = 1 << 30  # beyond it a whole number is an object on a board, and no constant

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def shorten(source: str, passed: Iterable[str] = (), inner: Iterable[str] = ()) -> str:
    """The same module with short names.

    passed: names of parameters that must stay; inner: public names that are as good as private.
    """
    inner = set(inner)
    source = edited(source, _constants(ast.parse(source), inner))
    tree = ast.parse(source)
    named = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    source = edited(source, _parameters(tree, named.union(passed)))
    return _privates(source, inner)


# Constants.


def _constants(tree: ast.Module, inner: set[str]) -> Iterator[Edit]:
    stores = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    once = {name for name in stores if stores.count(name) == 1}
    private = {name for name in once if name in inner or _PRIVATE.match(name)}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or node.lineno != node.end_lineno:
            continue
        pairs = list(_pairs(node))
        if pairs and all(_is_constant(name, value, private) for name, value in pairs):
            text = "; ".join(
                f"{ast.unparse(name)} = const({ast.unparse(value)})" for name, value in pairs
            )
            yield node.lineno, node.col_offset, node.end_col_offset or 0, text


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    target, value = node.targets[0], node.value
    if not isinstance(target, ast.Tuple):
        yield target, value
    elif isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)


def _is_constant(name: ast.expr, value: ast.expr, private: set[str]) -> bool:
    if not isinstance(name, ast.Name) or name.id not in private:
        return False
    try:
        number = ast.literal_eval(value)
    except ValueError:
        return False
    return type(number) is int and abs(number) < _LARGEST


# Parameters.


def _parameters(tree: ast.AST, stay: set[str | None], outer: int = 0) -> Iterator[Edit]:
    """Edits for all functions in a tree; outer: how many short names the functions around use."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, Function):
            yield from _of_function(child, stay, outer)
            more = len(child.args.args) + len(child.args.kwonlyargs)
            yield from _parameters(child, stay, outer + more)
        else:
            yield from _parameters(child, stay, outer)


def _of_function(function: Function, stay: set[str | None], outer: int) -> Iterator[Edit]:
    arguments = function.args.posonlyargs + function.args.args
    short = {
        each.arg: f"p{outer + place}"
        for place, each in enumerate(arguments)
        if each.arg not in stay and each.arg != "self"
    }
    for each in arguments:
        if each.arg in short:
            end = each.col_offset + len(each.arg.encode())
            yield each.lineno, each.col_offset, end, short[each.arg]
    body = function.body if isinstance(function.body, list) else [function.body]
    for statement in body:
        yield from _uses(statement, short)


def _uses(node: ast.AST, short: dict[str, str]) -> Iterator[Edit]:
    if isinstance(node, Function):
        own = {each.arg for each in node.args.args + node.args.kwonlyargs}
        for default in node.args.defaults + node.args.kw_defaults:
            if default:
                yield from _uses(default, short)
        short = {name: to for name, to in short.items() if name not in own}
        body = node.body if isinstance(node.body, list) else [node.body]
        for statement in body:
            yield from _uses(statement, short)
        return
    if isinstance(node, ast.Name) and node.id in short:
        yield node.lineno, node.col_offset, node.end_col_offset or 0, short[node.id]
    for child in ast.iter_child_nodes(node):
        yield from _uses(child, short)


# Private names.


def _privates(source: str, inner: set[str]) -> str:
    bound = {name for name in _bound(ast.parse(source)) if name in inner or _PRIVATE.match(name)}
    short: dict[str, str] = {}
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string in bound:
            name = short.setdefault(token.string, f"_{len(short)}")
            tokens.append((token.type, name))
        else:
            tokens.append((token.type, token.string))
    return tokenize.untokenize(tokens)


def _bound(tree: ast.AST) -> Iterator[str]:
    """The names that a module makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or ""
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
