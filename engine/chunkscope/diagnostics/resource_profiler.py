"""`ResourceProfiler`: processor use and memory of this process while runs go on."""

from __future__ import annotations

import threading
from typing import Any, Self

from chunkscope.diagnostics.recorder import Recorder
from chunkscope.diagnostics.sampling import ResourceData, Sampler
from chunkscope.errors import ConfigError
from chunkscope.observe import Moment, RunLog

__all__ = ["ResourceProfiler"]


class ResourceProfiler(Recorder):
    """Samples processor use and memory every `dt` seconds: for the whole `with` block, or, when registered, in runs.

    A sample is `(time, mem, cpu, managed)`: seconds since 1970, resident MB with child processes, percent of one core,
    and the bytes that chunkscope keeps account of. Three columns are Dask's; the fourth is ours.

    >>> from chunkscope import delayed
    >>> from chunkscope.diagnostics import ResourceProfiler
    >>> with ResourceProfiler(dt=0.25) as prof:
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> len(prof.results) >= 2, prof.results[0].mem > 1
    (True, True)
    """

    def __init__(self, dt: float = 1) -> None:
        super().__init__()
        if not dt > 0:
            raise ConfigError(f"dt={dt!r} is not a time between samples; use seconds above 0, like dt=0.25")
        self._sampler = Sampler(dt)
        self._entered = False
        self._live = 0
        self._count = threading.Lock()

    @property
    def results(self) -> list[ResourceData]:
        """The samples so far, in the order of time."""
        return list(self._sampler.samples)

    def clear(self) -> None:
        """Forget the samples and the runs."""
        super().clear()
        self._sampler.clear()

    def close(self) -> None:
        """End the thread that samples, whatever still runs."""
        self._sampler.stop()

    def unregister(self) -> None:
        """Take no more samples."""
        super().unregister()
        self.close()

    def __enter__(self) -> Self:
        super().__enter__()
        self._entered = True
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._entered = False
        self.unregister()

    def visualize(self, **options: Any) -> Any:
        """The chart, a Bokeh figure; options as in `chunkscope.diagnostics.visualize`."""
        from chunkscope.diagnostics.visualizing import visualize

        return visualize(self, **options)

    def _told(self, run: RunLog, moment: Moment) -> None:
        super()._told(run, moment)
        with self._count:
            self._live = max(self._live + (1 if moment == "started" else -1), 0)
            live = self._live
        if not self._entered:
            if live:
                self._sampler.start()
            else:
                self._sampler.stop()
