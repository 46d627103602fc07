"""A second process joins by address: the same results, data and collections; what it held goes with it."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope.futures import Client, Event, Lock, Queue, Variable
from tests.engine.futures.second_process import Second


def test_calls_give_results_there(joined: Second) -> None:
    assert joined("x = c.submit(pow, 2, 10); x.result(), x.status, x.done()") == "(1024, 'finished', True)"
    assert joined("y = c.map(lambda v: v + 1, range(4)); c.gather(y)") == "[1, 2, 3, 4]"
    assert joined("c.submit(sum, y).result(), c.submit(lambda v, w: v * w, x, y[1]).result()") == "(10, 2048)"
    assert joined("c.gather({'a': x, 'b': [y[0]]})") == "{'a': 1024, 'b': [1]}"
    assert joined(
        "from chunkscope import as_completed, wait\nsorted(f.result() for f in as_completed(y))"
    ) == ("[1, 2, 3, 4]")
    assert joined("len(wait(c.map(abs, [-7, -8])).done)") == "2"


def test_errors_come_as_they_were_raised(joined_processes: Second) -> None:
    told = joined_processes("x = c.submit(lambda: 1 / 0)\nx.result()")
    assert told == "ZeroDivisionError: division by zero"
    assert joined_processes("x.status, type(x.exception()).__name__") == "('error', 'ZeroDivisionError')"
    assert "failed in operation" in joined_processes("x.exception().__notes__[0]")
    assert joined_processes("c.submit(5, 1)").startswith("ConfigError: submit needs a function")
    assert joined_processes("import threading; c.submit(len, threading.Lock()).result()").startswith(
        "TransferError: this cannot"
    )
    assert joined_processes("c.gather([x, c.submit(abs, -3)], errors='skip')") == "[3]"


def test_callbacks_and_cancelling(joined: Second) -> None:
    assert (
        joined(
            "import threading; seen, rang = [], threading.Event()\n"
            "x = c.submit(abs, -9)\n"
            "x.add_done_callback(lambda f: (seen.append(f.result()), rang.set()))\n"
            "rang.wait(20), seen"
        )
        == "(True, [9])"
    )
    assert (
        joined(
            "from chunkscope import Event\nx = c.submit(lambda: Event('never').wait(0.3)); x.cancel()\n"
            "x.status, x.cancelled()"
        )
        == "('cancelled', True)"
    )
    assert joined("x.result()").startswith("FutureCancelled:")
    assert joined("x.release(); x.status") == "'released'"


def test_results_are_shared_by_key(client: Client, joined: Second) -> None:
    x = client.submit(time.time, key="moment")
    assert joined("import time; c.submit(time.time, key='moment').result()") == repr(x.result())
    y = client.submit(np.arange, 5)
    assert joined("import numpy as np; c.submit(np.arange, 5).key") == repr(y.key)
    joined("z = c.submit(time.time, key='later'); z.result()")
    assert repr(client.submit(time.time, key="later").result()) == joined("z.result()")


def test_failed_calls_are_tried_again(joined: Second, tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert (
        joined(f"x = c.submit(open, {str(path)!r}); x.exception().__class__.__name__")
        == "'FileNotFoundError'"
    )
    path.mkdir()
    assert joined("x.retry(); x.exception().__class__.__name__") == "'IsADirectoryError'"
    assert joined("c.submit(divmod, 1, 0, retries=2, key='y').exception().__class__.__name__") == (
        "'ZeroDivisionError'"
    )


def test_scattered_values_and_large_results(joined_processes: Second) -> None:
    assert (
        joined_processes(
            "import numpy as np\nx = c.scatter(np.ones(1_000_000)); float(c.submit(np.sum, x).result())"
        )
        == "1000000.0"
    )
    assert joined_processes("y = c.submit(np.arange, 300_000); int(y.result().sum()), y.type.__name__") == (
        "(44999850000, 'ndarray')"
    )
    assert joined_processes("z = y.result(); z[0] = 7; int(y.result()[0])") == "0"
    assert (
        joined_processes("c.scatter({'a': 1, 'b': [2]})['b'].result(), c.scatter(5, hash=False).result()")
        == "([2], 5)"
    )


def test_what_the_owner_persisted_is_the_same_data(processes: Client, joined_processes: Second) -> None:
    x = ca.random.default_rng(1).random((400, 300), chunks=(100, 300)).persist()
    total = float(x.sum().compute())
    processes.publish_dataset(x=x, f=processes.submit(abs, -4))
    assert joined_processes("c.list_datasets()") == "('x', 'f')"
    assert joined_processes("x = c.get_dataset('x'); x.shape, x.chunks, float(x.sum().compute())") == repr(
        (x.shape, x.chunks, total)
    )
    assert joined_processes("c.get_dataset('f').result(), c.datasets['f'].key") == repr(
        (4, processes.submit(abs, -4).key)
    )
    assert (
        joined_processes("c.get_dataset('nothing')").startswith("KeyError:")
        and joined_processes("c.get_dataset('y', 3)") == "3"
    )
    assert joined_processes("c.publish_dataset(5, name='x')").startswith("KeyError:")
    assert joined_processes("c.unpublish_dataset('f'); c.list_datasets()") == "('x',)"
    processes.unpublish_dataset("x")


def test_collections_run_in_the_cluster_and_are_told_there(any_client: Client, doomed: Second) -> None:
    assert (
        doomed(
            "import chunkscope, chunkscope.array as ca\n"
            "x = ca.arange(10_000, chunks=1_000)\n"
            "int((x + 1).sum().compute())"
        )
        == "50005000"
    )
    assert doomed(
        "run = chunkscope.last_run(); run.state.value, run.nfinished == run.ntasks, run.executor"
    ) == ("('finished', True, 'cluster')")
    lanes = doomed("sorted(run.lanes)")
    assert ("worker-" if any_client.cluster.processes else "thread-") in lanes
    assert doomed("from chunkscope import delayed\ndelayed(lambda v: 1 / v)(0).compute()") == (
        "ZeroDivisionError: division by zero"
    )
    assert doomed("chunkscope.last_run().state.value, chunkscope.last_run().error.operation") == (
        "('failed', '<lambda>')"
    )
    assert (
        doomed("int(c.compute(x.max()).result()), int(c.compute([x.min(), 3], sync=True)[0])") == "(9999, 0)"
    )


def test_what_is_persisted_there_lives_in_the_cluster(any_client: Client, doomed: Second) -> None:
    assert (
        doomed(
            "import chunkscope.array as ca\n"
            "x = (ca.ones((300, 300), chunks=100) * 3).persist(); float((x + 1).mean().compute())"
        )
        == "4.0"
    )
    doomed("c.publish_dataset(x=x)")
    assert float(any_client.get_dataset("x").sum().compute()) == 270_000.0
    assert doomed("del x") == "None"
    doomed.kill()
    assert float(any_client.get_dataset("x").sum().compute()) == 270_000.0
    any_client.unpublish_dataset("x")


def test_frames_are_shared(client: Client, joined: Second) -> None:
    import pandas as pd

    import chunkscope.dataframe as cd

    frame = pd.DataFrame({"a": range(20_000), "b": ["x", "y"] * 10_000})
    client.publish_dataset(frame=cd.from_pandas(frame, npartitions=4).persist())
    assert joined("f = c.get_dataset('frame'); int(f.a.sum().compute()), list(f.columns)") == (
        f"({frame.a.sum()}, ['a', 'b'])"
    )
    assert joined("f.groupby('b').a.max().compute().to_dict()") == "{'x': 19998, 'y': 19999}"
    client.unpublish_dataset("frame")


def test_queues_locks_and_variables_are_the_owners(any_client: Client, doomed: Second) -> None:
    Queue("joining-q").put(1)
    assert doomed("from chunkscope import Queue, Variable, Lock, Event\nQueue('joining-q').get()") == "1"
    doomed("Variable('joining-v').set(c.submit(abs, -6))")
    assert Variable("joining-v").get().result() == 6
    doomed.begin("Event('joining-e').wait(20)")
    Event("joining-e").set()
    assert doomed.told() == "True"
    lock = Lock("joining-l")
    assert doomed("l = Lock('joining-l'); l.acquire()") == "True"
    assert lock.locked() and not lock.acquire(timeout=0)
    doomed.kill()
    assert lock.acquire(timeout=20)  # who held it is gone
    lock.release()
    for one in (Queue("joining-q"), Variable("joining-v"), Event("joining-e"), lock):
        one.close()


def test_modules_that_only_one_side_has_are_named(
    client: Client, joined: Second, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_there_x.py").write_text("def double(v): return 2 * v\n")
    joined(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import only_there_x")
    told = joined("c.submit(only_there_x.double, 1).result()")
    assert told.startswith("TransferError: what was sent cannot be read by the process that made the cluster")
    assert "No module named 'only_there_x'" in told
    (tmp_path / "only_here_x.py").write_text("class X: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    joined("sys.path.pop(0)")
    client.publish_dataset(x=importlib.import_module("only_here_x").X())
    told = joined("c.get_dataset('x')")
    assert told.startswith("TransferError: the cluster's answer cannot be read") and "only_here_x" in told
    client.unpublish_dataset("x")


def test_names_that_were_made_up_are_nobody_elses(client: Client, joined: Second) -> None:
    mine, queue = client.scatter(5, hash=False), Queue()
    queue.put("the owner's")
    told = joined(
        "from chunkscope import Queue\n"
        "others = [c.scatter(i, hash=False) for i in range(100, 200)]\n"
        "names = {f.key for f in others} | {Queue().name for _ in range(100)}\n"
        "([f.result() for f in others] == list(range(100, 200)), len(names), sorted(names))"
    )
    assert told.startswith("(True, 200, ")
    assert repr(mine.key) not in told and repr(queue.name) not in told
    queue.close()


def test_the_page_of_a_joined_client_says_where_its_workers_are_shown(joined: Second) -> None:
    assert joined("'the notebook that made the cluster, view Workers' in c._repr_html_()") == "True"
