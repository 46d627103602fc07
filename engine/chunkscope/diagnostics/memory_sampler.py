"""`MemorySampler`: the memory of this process over time, one labelled curve for each piece of code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chunkscope.diagnostics.sampling import ResourceData, Sampler
from chunkscope.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MemorySampler"]

MEASURES = {
    "process": "resident memory of the process and its children",
    "managed": "bytes of blocks and temporaries that chunkscope keeps account of",
}


class MemorySampler:
    """Records memory over time while code runs, to compare one way of doing it with another.

    >>> from chunkscope import delayed
    >>> from chunkscope.diagnostics import MemorySampler
    >>> ms = MemorySampler()
    >>> with ms.sample("in one go", interval=0.05):
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> list(ms.to_pandas().columns)
    ['in one go']

    `ms.plot()` draws the curves with Bokeh, from a common start with `align=True`.
    """

    def __init__(self) -> None:
        self.samples: dict[str, list[tuple[float, int]]] = {}
        """By label: (seconds since 1970, bytes)."""

    @contextmanager
    def sample(
        self, label: str | None = None, *, client: Any = None, measure: str = "process", interval: float = 0.5
    ) -> Iterator[None]:
        """Sample in the block every `interval` seconds, at its begin and at its end, whichever `client` is named.

        `measure`: "process" is resident memory, as the system sees it; "managed" what chunkscope keeps account of.
        """
        if measure not in MEASURES:
            known = ", ".join(f"{name!r} ({about})" for name, about in MEASURES.items())
            raise ConfigError(f"measure={measure!r} is not known; use one of {known}")
        if not interval > 0:
            raise ConfigError(
                f"interval={interval!r} is not a time between samples; use seconds above 0, like 0.5"
            )
        name = self._free_name(label)
        self.samples[name] = []
        sampler = Sampler(interval)
        sampler.start()
        try:
            yield
        finally:
            sampler.stop()
            self.samples[name] = [(one.time, _bytes(one, measure)) for one in sampler.samples]

    def to_pandas(self, *, align: bool = False) -> pd.DataFrame:
        """The curves as columns of bytes, over time; with `align`, over the time since each one's start."""
        import pandas as pd

        curves = {}
        for label, samples in self.samples.items():
            seconds = pd.Series([at for at, _ in samples], dtype="float64")
            first = seconds.iloc[0] if len(seconds) else 0.0
            index = pd.to_timedelta(seconds - first, unit="s") if align else pd.to_datetime(seconds, unit="s")
            values = pd.Series([nbytes for _, nbytes in samples], index=index, dtype="float64")
            curves[label] = values[~values.index.duplicated(keep="last")]
        return pd.DataFrame(curves)

    def plot(self, *, align: bool = False, **options: Any) -> Any:
        """The curves as a Bokeh figure, shown in a notebook; options go to `bokeh.plotting.figure`."""
        from chunkscope.diagnostics.charts import sample_chart
        from chunkscope.diagnostics.showing import show_in_notebook

        chart = sample_chart(self.samples, align=align, **options)
        show_in_notebook(chart)
        return chart

    def _free_name(self, label: str | None) -> str:
        name = label or f"sample {len(self.samples) + 1}"
        number = 2
        free = name
        while free in self.samples:
            free = f"{name} ({number})"
            number += 1
        return free


def _bytes(sample: ResourceData, measure: str) -> int:
    return sample.managed if measure == "managed" else int(sample.mem * 1e6)
