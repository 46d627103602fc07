"""From a group-by as asked to its expression: which keys, which columns, what pandas would answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.aggregate.groupouts import Output
from chunkscope.dataframe.aggregate.groupreduce import GROUPS, GroupReducer
from chunkscope.dataframe.aggregate.groupspec import asked_for, name_of
from chunkscope.dataframe.aggregate.reductions import plausible, real_only
from chunkscope.dataframe.aggregate.tree import aggregated
from chunkscope.dataframe.expr import FrameExpr
from chunkscope.errors import FrameError

__all__ = ["GroupKeys", "grouped"]


@dataclass(frozen=True, slots=True)
class GroupKeys:
    """What rows are grouped by, and how."""

    x: FrameExpr
    """The frame or series that is aggregated."""
    by: tuple[Hashable | FrameExpr, ...]
    """Names of its columns, or series with the same partitions."""
    sort: bool = True
    dropna: bool = True
    observed: bool = True

    @property
    def named(self) -> list[Hashable]:
        """The keys that are columns of the frame."""
        return [key for key in self.by if not isinstance(key, FrameExpr)]

    def over(self, values: Any, keys: Mapping[int, Any]) -> Any:
        """Pandas' group-by of `values`; `keys` are those that are not columns, by their place in `by`."""
        by = [keys[i] if isinstance(key, FrameExpr) else key for i, key in enumerate(self.by)]
        return values.groupby(
            by if len(by) > 1 else by[0], sort=self.sort, dropna=self.dropna, observed=self.observed
        )

    def plausible(self) -> tuple[Any, Any]:
        """Two rows of values, and pandas' group-by of them."""
        values = plausible(self.x.meta)
        keys = {i: plausible(key.meta) for i, key in enumerate(self.by) if isinstance(key, FrameExpr)}
        keys = {
            i: (
                key.to_series(index=values.index) if isinstance(key, pd.Index) else key.set_axis(values.index)
            )
            for i, key in keys.items()
        }
        return values, self.over(values, keys)


def grouped(
    keys: GroupKeys,
    selected: Any,
    spec: Any,
    named: Mapping[str, Any] | None = None,
    *,
    method: bool = False,
    split_every: int | None = None,
    **options: Any,
) -> FrameExpr:
    """The aggregation. `selected`: the columns picked, None for all; `method`: called by name, not through `agg`.

    What pandas raises for such columns is raised here.
    """
    values, emulated = keys.plausible()
    single = not isinstance(values, pd.DataFrame)
    ask = partial(_asked, rows=emulated, values=_free(values, keys), selected=selected)
    if method:
        meta, wanted = _by_name(name_of(spec), keys, selected, values, ask, options)
    else:
        meta, wanted = _by_spec(spec, named or {}, keys, selected, values, ask, options)
    used = list(dict.fromkeys(column for column, how in wanted if how != "size"))
    dtypes = {column: values.dtype if single else _dtype_of(values, column) for column in used}
    outputs = _outputs(wanted, used, dtypes, meta, options)
    given = [key for key in keys.by if isinstance(key, FrameExpr)]
    inputs: list[FrameExpr] = [keys.x, *given]
    reducer = _reducer(keys, inputs, wanted, used, outputs, meta, options)
    return aggregated(reducer, *inputs, split_every=split_every)


Wanted = list[tuple[Any, str]]
"""The columns of the result: which column is aggregated, and how."""


def _columns(keys: GroupKeys, selected: Any, values: Any) -> tuple[list[Any], bool]:
    """The columns that are aggregated, and whether the result is a series."""
    if not isinstance(values, pd.DataFrame):
        return [values.name], True
    if not (selected is None or isinstance(selected, list)):
        return [selected], True
    return selected or [column for column in values.columns if column not in keys.named], False


def _by_name(
    name: str, keys: GroupKeys, selected: Any, values: Any, ask: Callable[..., Any], options: dict[str, Any]
) -> tuple[Any, Wanted]:
    """What `x.groupby(...).name(...)` promises, and the columns of its result."""
    columns, one = _columns(keys, selected, values)
    _check_real([(column, name) for column in columns], values)
    numeric = {"numeric_only": True} if options.pop("numeric_only", False) else {}
    meta = ask(lambda rows: getattr(rows, name)(**numeric, **options))
    if name == "size":
        return meta, [(None, "size")]
    if isinstance(meta, pd.DataFrame):
        return meta, [(column, name) for column in meta.columns]
    return meta, [(columns[0] if one else selected, name)]


def _by_spec(
    spec: Any,
    named: Mapping[str, Any],
    keys: GroupKeys,
    selected: Any,
    values: Any,
    ask: Callable[..., Any],
    options: dict[str, Any],
) -> tuple[Any, Wanted]:
    """What `x.groupby(...).agg(spec, **named)` promises, and the columns of its result."""
    columns, one = _columns(keys, selected, values)
    wanted = asked_for(spec, named, columns, one)  # our own refusal first: it lists what there is
    _check_real(wanted, values)
    options.pop("numeric_only", None)
    return ask(lambda rows: rows.agg(spec, **named, **options)), list(wanted)


def _outputs(
    wanted: Wanted, used: list[Any], dtypes: Mapping[Any, Any], meta: Any, options: Mapping[str, Any]
) -> tuple[Output, ...]:
    """How each column of the result is made of the states of its groups."""
    results = _result_dtypes(meta)
    if len(results) != len(wanted):
        raise FrameError(
            f"agg asked for {len(wanted)} columns, pandas makes {len(results)} of them; name each column once"
        )
    told = {key: options[key] for key in ("ddof", "skipna", "min_count", "dropna") if key in options}
    outputs = [
        Output(
            how,
            -1 if how == "size" else used.index(column),
            np.dtype(np.int64) if how == "size" else dtypes[column],
            None if _loose(how, dtypes.get(column), result) else result,
            **told,
        )
        for (column, how), result in zip(wanted, results, strict=True)
    ]
    spread = {output.column for output in outputs if output.name in ("var", "std", "sem")}
    return tuple(
        replace(output, beside_spread=True)
        if output.name in ("mean", "count") and output.column in spread and output.plain in "iuf"
        else output
        for output in outputs
    )


def _result_dtypes(meta: Any) -> list[Any]:
    return [meta.dtype] if isinstance(meta, pd.Series) else list(meta.dtypes)


def _reducer(
    keys: GroupKeys,
    inputs: list[FrameExpr],
    wanted: Wanted,
    used: list[Any],
    outputs: tuple[Output, ...],
    meta: Any,
    options: Mapping[str, Any],
) -> GroupReducer:
    """The aggregation as the tree of partials runs it."""
    lazy = tuple(isinstance(key, FrameExpr) for key in keys.by)
    return GroupReducer(
        f"groupby-{wanted[0][1]}" if len({how for _, how in wanted}) == 1 else "groupby-agg",
        _wide_enough(meta[:0], outputs),
        tuple(inputs.index(key) if isinstance(key, FrameExpr) else key for key in keys.by),
        lazy,
        tuple(key.meta.name if isinstance(key, FrameExpr) else key for key in keys.by),
        tuple(used),
        tuple(dict.fromkeys(state for output in outputs for state in output.states)),
        outputs,
        keys.sort,
        keys.dropna,
        keys.observed,
        (
            tuple(wanted), tuple(map(str, meta.index.names)), repr(_result_dtypes(meta)), keys.sort, keys.dropna,
            keys.observed, tuple(sorted(options.items())), tuple(map(repr, keys.named)), _labels(meta), lazy,
        ),
        "a median needs every value of its group" if any(how == "median" for _, how in wanted) else "",
        _most_groups(keys),
        tuple(_text_dtype(keys.x.meta, key) for key in keys.by),
    )  # fmt: skip


def _check_real(wanted: Sequence[tuple[Any, str]], values: Any) -> None:
    """Refuse means and deviations of complex columns."""
    single = not isinstance(values, pd.DataFrame)
    for column, how in wanted:
        for dtype in [values.dtype] if single else values.dtypes[values.columns == column]:
            real_only(how, column, dtype)


def _wide_enough(meta: Any, outputs: Sequence[Output]) -> Any:
    """The meta, whose sums of narrow integers are wide: pandas narrows them where the values allow it."""
    wide = {
        i: np.dtype(f"{output.source.kind}8")
        for i, output in enumerate(outputs)
        if output.name in ("sum", "prod") and output.plain in "iu"
    }
    if isinstance(meta, pd.Series):
        return meta.astype(wide[0]) if wide else meta
    found = meta.copy()
    for i, dtype in wide.items():
        found.isetitem(i, meta.iloc[:, i].astype(dtype))
    return found


def _text_dtype(meta: Any, key: Any) -> Any:
    """The dtype of a key that is a column of text, else None."""
    if isinstance(key, FrameExpr) or not isinstance(meta, pd.DataFrame):
        return None
    dtype = _dtype_of(meta, key)
    return dtype if isinstance(dtype, pd.StringDtype) else None


def _most_groups(keys: GroupKeys) -> int:
    """The most groups that the dtypes of the keys allow, or that there are taken to be."""
    most = 1
    for key in keys.by:
        dtype = key.meta.dtype if isinstance(key, FrameExpr) else keys.x.meta[key].dtype
        if isinstance(dtype, pd.CategoricalDtype):
            most *= len(dtype.categories) + 1
        elif getattr(dtype, "kind", "O") == "b":
            most *= 3
        elif getattr(dtype, "kind", "O") in "iu" and dtype.itemsize == 1:
            most *= 257
        else:
            return GROUPS
    return min(most, GROUPS)


def _labels(meta: Any) -> Any:
    return repr(list(meta.columns)) if isinstance(meta, pd.DataFrame) else repr(meta.name)


def _dtype_of(values: pd.DataFrame, column: Hashable) -> Any:
    found: Any = values[column]
    if isinstance(found, pd.DataFrame):
        raise FrameError(
            f"a group-by needs column names that are there once; {column!r} is there more than once"
        )
    return found.dtype


def _loose(how: str, source: Any, result: Any) -> bool:
    """Whether the dtype of the result depends on the values, and is left as they give it."""
    if source is not None and source == np.dtype(object):
        return True
    return how in ("min", "max", "first", "last") or result == np.dtype(object)


def _free(values: Any, keys: GroupKeys) -> Any:
    """The columns that are no keys."""
    return values.drop(columns=keys.named) if isinstance(values, pd.DataFrame) else values


def _asked(ask: Callable[[Any], Any], rows: Any, values: Any, selected: Any) -> Any:
    """What pandas answers for the group-by `rows` of `values`; its refusal names columns and a way out in a note."""
    try:
        return ask(rows if selected is None else rows[selected])
    except TypeError as error:
        if selected is None and isinstance(values, pd.DataFrame):
            culprits = [name for name in values.columns if _refuses(ask, rows, name)]
            found = ", ".join(f"{name!r} ({values[name].dtype})" for name in culprits)
            error.add_note(
                f"it cannot be made of {found or 'these columns'}: choose columns first, such as "
                'x.groupby("key")[["a", "b"]], or pass numeric_only=True'
            )
        raise


def _refuses(ask: Callable[[Any], Any], rows: Any, name: Hashable) -> bool:
    try:
        ask(rows[[name]])
    except TypeError:
        return True
    except (KeyError, ValueError):
        return False
    return False
