"""Solutions with one thing wrong: automatic mutants, for tests of the checks themselves."""

import ast
import copy
from collections.abc import Callable, Iterator

Change = Callable[[ast.AST], ast.AST | None]


def _drop_compute(node: ast.AST) -> ast.AST | None:
    """x.compute() → x"""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compute":
        return node.func.value
    return None


def _is_delayed_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Call)
        and isinstance(node.func.func, ast.Name)
        and node.func.func.id == "delayed"
    )


def _call_at_once(node: ast.AST) -> ast.AST | None:
    """delayed(f)(x) → f(x)"""
    if _is_delayed_call(node):
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Call)
        if ast.unparse(node.func.args[0]) == "sum":
            return None  # the sum of lazy values is lazy by itself: right in another way
        return ast.Call(node.func.args[0], node.args, node.keywords)
    return None


def _delay_the_result(node: ast.AST) -> ast.AST | None:
    """delayed(f)(x) → delayed(f(x))"""
    at_once = _call_at_once(node)
    return None if at_once is None else ast.Call(ast.Name("delayed"), [at_once], [])


def _compute_early(node: ast.AST) -> ast.AST | None:
    """delayed(f)(x) → delayed(f)(x).compute()"""
    if _is_delayed_call(node):
        return ast.Call(ast.Attribute(node, "compute"), [], [])  # type: ignore[arg-type]
    return None


def _other_function(node: ast.AST) -> ast.AST | None:
    swaps = {"sum": "max", "inc": "abs", "double": "inc", "len": "id"}
    if isinstance(node, ast.Name) and node.id in swaps and isinstance(node.ctx, ast.Load):
        return ast.Name(swaps[node.id])
    return None


def _other_number(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return ast.Constant(node.value * 2 + 1)
    return None


def _other_operator(node: ast.AST) -> ast.AST | None:
    swaps = {ast.Add: ast.Sub, ast.Div: ast.Mult, ast.Mult: ast.Add, ast.FloorDiv: ast.Add}
    if isinstance(node, ast.BinOp) and type(node.op) in swaps:
        return ast.BinOp(node.left, swaps[type(node.op)](), node.right)
    return None


def _other_method(node: ast.AST) -> ast.AST | None:
    swaps = {"sum": "mean", "count": "size", "mean": "sum", "ntasks": "number", "peak_concurrency": "ntasks"}
    if isinstance(node, ast.Attribute) and node.attr in swaps:
        return ast.Attribute(node.value, swaps[node.attr], ast.Load())
    return None


def _other_word(node: ast.AST) -> ast.AST | None:
    swaps = {
        "DepDelay": "ArrDelay",
        "UniqueCarrier": "Origin",
        "CRSElapsedTime": "AirTime",
        "float64": "int64",
    }
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in swaps:
        return ast.Constant(swaps[node.value])
    return None


CHANGES: tuple[Change, ...] = (
    _drop_compute,
    _call_at_once,
    _delay_the_result,
    _compute_early,
    _other_function,
    _other_number,
    _other_operator,
    _other_method,
    _other_word,
)


def mutants(code: str) -> Iterator[str]:
    """Yields the code with one change each, as text."""
    tree = ast.parse(code)
    for change in CHANGES:
        for number in range(sum(1 for _ in ast.walk(tree))):
            mutant = _changed(tree, change, number)
            if mutant is not None:
                yield ast.unparse(ast.fix_missing_locations(mutant))


def _changed(tree: ast.Module, change: Change, number: int) -> ast.Module | None:
    """Returns a copy of the tree with node `number` of the walk changed, or None where the change does not apply."""
    target = list(ast.walk(tree))[number]
    if change(target) is None:
        return None
    copied = copy.deepcopy(tree)
    place = list(ast.walk(copied))[number]
    changed = change(place)

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if node is place:
                assert changed is not None
                return changed
            return self.generic_visit(node)

    result = Replace().visit(copied)
    assert isinstance(result, ast.Module)
    return result
