"""After a fork, in the child: clusters, their clients and the results on their way are those of the parent.

The threads that served them are not here, and what the workers hear and say is between them and the parent: a child
that joined in would take the parent's answers. No lock is taken here, for threads that are not here may have held it.
"""

from __future__ import annotations

from chunkscope.errors import ClusterError
from chunkscope.executors.clusters import CLUSTERS
from chunkscope.executors.opened import OPENED
from chunkscope.futures.current import forget_in_child as forget_clients
from chunkscope.futures.meeting import forget_in_child as forget_meetings

__all__ = ["forget_in_child"]


def forget_in_child() -> None:
    """Leave all of them to the parent: here they are closed."""
    error = ClusterError(
        "this result is on its way to the process that this one was forked from; make a client of your own here"
    )
    for cluster in CLUSTERS.forget_in_child():
        cluster.forget_in_child(error)
    OPENED.__init__()  # type: ignore[misc]
    forget_clients()
    forget_meetings()
