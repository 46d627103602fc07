"""A second process joins by address: the same results, data and collections; what it held goes with it."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import chunkscope
import chunkscope.array as ca
from chunkscope.blocks import LEDGER
from chunkscope.blocks.arenas import ARENAS
from chunkscope.errors import ClusterError, ConfigError
from chunkscope.futures import Client, Event, Lock, Queue, Variable
from tests.engine.futures.second_process import Second, second


def soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
        gc.collect()
    return true()


@pytest.fixture
def other() -> Iterator[Second]:
    with second() as one:
        yield one


@pytest.fixture
def joined(any_client: Client, other: Second) -> Second:
    """A second process with a client `c` of the cluster of `any_client`."""
    address = any_client.cluster.scheduler_address
    assert other(f"from chunkscope import Client; c = Client({address!r})\nc.status") == "'running'"
    return other


def test_calls_give_results_there(joined: Second) -> None:
    assert joined("x = c.submit(pow, 2, 10); x.result(), x.status, x.done()") == "(1024, 'finished', True)"
    assert joined("y = c.map(lambda v: v + 1, range(4)); c.gather(y)") == "[1, 2, 3, 4]"
    assert joined("c.submit(sum, y).result(), c.submit(lambda v, w: v * w, x, y[1]).result()") == "(10, 2048)"
    assert joined("c.gather({'a': x, 'b': [y[0]]})") == "{'a': 1024, 'b': [1]}"
    assert joined(
        "from chunkscope import as_completed, wait\nsorted(f.result() for f in as_completed(y))"
    ) == ("[1, 2, 3, 4]")
    assert joined("len(wait(c.map(abs, [-7, -8])).done)") == "2"


def test_errors_come_as_they_were_raised(joined: Second) -> None:
    told = joined("x = c.submit(lambda: 1 / 0)\nx.result()")
    assert told == "ZeroDivisionError: division by zero"
    assert joined("x.status, type(x.exception()).__name__") == "('error', 'ZeroDivisionError')"
    assert "failed in operation" in joined("x.exception().__notes__[0]")
    assert joined("c.submit(5, 1)").startswith("ConfigError: submit needs a function")
    assert joined("import threading; c.submit(len, threading.Lock())").startswith(
        "TransferError: this cannot"
    )
    assert joined("c.gather([x, c.submit(abs, -3)], errors='skip')") == "[3]"


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


def test_results_are_shared_by_key(any_client: Client, joined: Second) -> None:
    x = any_client.submit(time.time, key="moment")
    assert joined("import time; c.submit(time.time, key='moment').result()") == repr(x.result())
    y = any_client.submit(np.arange, 5)
    assert joined("import numpy as np; c.submit(np.arange, 5).key") == repr(y.key)
    joined("z = c.submit(time.time, key='later'); z.result()")
    assert repr(any_client.submit(time.time, key="later").result()) == joined("z.result()")


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


def test_scattered_values_and_large_results(joined: Second) -> None:
    assert (
        joined("import numpy as np\nx = c.scatter(np.ones(1_000_000)); float(c.submit(np.sum, x).result())")
        == "1000000.0"
    )
    assert joined("y = c.submit(np.arange, 300_000); int(y.result().sum()), y.type.__name__") == (
        "(44999850000, 'ndarray')"
    )
    assert joined("z = y.result(); z[0] = 7; int(y.result()[0])") == "0"
    assert (
        joined("c.scatter({'a': 1, 'b': [2]})['b'].result(), c.scatter(5, hash=False).result()") == "([2], 5)"
    )


def test_what_the_owner_persisted_is_the_same_data(any_client: Client, joined: Second) -> None:
    x = ca.random.default_rng(1).random((400, 300), chunks=(100, 300)).persist()
    total = float(x.sum().compute())
    any_client.publish_dataset(x=x, f=any_client.submit(abs, -4))
    assert joined("c.list_datasets()") == "('x', 'f')"
    assert joined("x = c.get_dataset('x'); x.shape, x.chunks, float(x.sum().compute())") == repr(
        (x.shape, x.chunks, total)
    )
    assert joined("c.get_dataset('f').result(), c.datasets['f'].key") == repr(
        (4, any_client.submit(abs, -4).key)
    )
    assert (
        joined("c.get_dataset('nothing')").startswith("KeyError:") and joined("c.get_dataset('y', 3)") == "3"
    )
    assert joined("c.publish_dataset(5, name='x')").startswith("KeyError:")
    assert joined("c.unpublish_dataset('f'); c.list_datasets()") == "('x',)"
    any_client.unpublish_dataset("x")


def test_collections_run_in_the_cluster_and_are_told_there(any_client: Client, joined: Second) -> None:
    assert (
        joined(
            "import chunkscope, chunkscope.array as ca\n"
            "x = ca.arange(10_000, chunks=1_000)\n"
            "int((x + 1).sum().compute())"
        )
        == "50005000"
    )
    assert joined(
        "run = chunkscope.last_run(); run.state.value, run.nfinished == run.ntasks, run.executor"
    ) == ("('finished', True, 'cluster')")
    lanes = joined("sorted(run.lanes)")
    assert ("worker-" if any_client.cluster.processes else "thread-") in lanes
    assert joined("from chunkscope import delayed\ndelayed(lambda v: 1 / v)(0).compute()") == (
        "ZeroDivisionError: division by zero"
    )
    assert joined("chunkscope.last_run().state.value, chunkscope.last_run().error.operation") == (
        "('failed', '<lambda>')"
    )
    assert (
        joined("int(c.compute(x.max()).result()), int(c.compute([x.min(), 3], sync=True)[0])") == "(9999, 0)"
    )


def test_what_is_persisted_there_lives_in_the_cluster(any_client: Client, joined: Second) -> None:
    assert (
        joined(
            "import chunkscope.array as ca\n"
            "x = (ca.ones((300, 300), chunks=100) * 3).persist(); float((x + 1).mean().compute())"
        )
        == "4.0"
    )
    joined("c.publish_dataset(x=x)")
    assert float(any_client.get_dataset("x").sum().compute()) == 270_000.0
    assert joined("del x") == "None"
    joined.kill()
    assert float(any_client.get_dataset("x").sum().compute()) == 270_000.0
    any_client.unpublish_dataset("x")


def test_frames_are_shared(any_client: Client, joined: Second) -> None:
    import pandas as pd

    import chunkscope.dataframe as cd

    frame = pd.DataFrame({"a": range(20_000), "b": ["x", "y"] * 10_000})
    any_client.publish_dataset(frame=cd.from_pandas(frame, npartitions=4).persist())
    assert joined("f = c.get_dataset('frame'); int(f.a.sum().compute()), list(f.columns)") == (
        f"({frame.a.sum()}, ['a', 'b'])"
    )
    assert joined("f.groupby('b').a.max().compute().to_dict()") == "{'x': 19998, 'y': 19999}"
    any_client.unpublish_dataset("frame")


def test_queues_locks_and_variables_are_the_owners(any_client: Client, joined: Second) -> None:
    Queue("joining-q").put(1)
    assert joined("from chunkscope import Queue, Variable, Lock, Event\nQueue('joining-q').get()") == "1"
    joined("Variable('joining-v').set(c.submit(abs, -6))")
    assert Variable("joining-v").get().result() == 6
    joined.begin("Event('joining-e').wait(20)")
    Event("joining-e").set()
    assert joined.told() == "True"
    lock = Lock("joining-l")
    assert joined("l = Lock('joining-l'); l.acquire()") == "True"
    assert lock.locked() and not lock.acquire(timeout=0)
    joined.kill()
    assert lock.acquire(timeout=20)  # who held it is gone
    lock.release()
    for one in (Queue("joining-q"), Variable("joining-v"), Event("joining-e"), lock):
        one.close()


@pytest.mark.parametrize("how", ["leaves", "dies"])
def test_what_a_guest_held_goes_with_it(any_client: Client, joined: Second, how: str) -> None:
    gc.collect()
    held, shared = LEDGER.held, ARENAS.used_bytes
    joined("import numpy as np\nx = c.map(np.full, [200_000] * 5, range(5)); y = c.gather(x); len(y)")
    assert any_client.cluster.guests and LEDGER.held > held
    joined("c.close()") if how == "leaves" else joined.kill()
    assert soon(lambda: not any_client.cluster.guests)
    assert soon(lambda: LEDGER.held == held and ARENAS.used_bytes <= shared)


def test_the_runs_of_a_guest_that_dies_are_stopped(any_client: Client, joined: Second) -> None:
    joined(
        "from chunkscope import delayed\nimport time\n"
        "x = [delayed(time.sleep)(0.05 + i * 1e-9) for i in range(2_000)]\n"
        "y = delayed(len)(x).persist()"
    )
    assert soon(lambda: any(worker.running for worker in any_client.cluster.workers))
    joined.kill()
    assert soon(lambda: not any(worker.running for worker in any_client.cluster.workers))
    assert chunkscope.last_run().state.value == "cancelled"


@pytest.mark.parametrize("how", ["closes", "killed"])
def test_when_the_owner_goes_everything_fails_and_nothing_hangs(other: Second, how: str) -> None:
    with second() as owner:
        owner(
            "from chunkscope import Client\nimport time\nc = Client(processes=False, n_workers=1, threads_per_worker=2)"
        )
        address = owner("c.cluster.scheduler_address")
        other(f"from chunkscope import Client, Queue, delayed\nimport time; c = Client({address})")
        other("done = c.submit(abs, -1); done.result()")
        other("x = c.submit(time.sleep, 60); y = delayed(time.sleep)(61).persist()")
        other.begin("x.result()")
        time.sleep(0.2)
        owner.kill() if how == "killed" else owner.begin("c.close()")
        why = "its process has ended" if how == "killed" else "it was closed"
        told = other.told()
        assert told.startswith("ClusterError: the cluster at 'unix:///") or "Cancelled" in told
        assert soon(lambda: other("c.status") == "'closed'")
        assert why in other("c.cluster.line.check()")
        assert other("y.compute(scheduler='sync')").startswith(
            ("ClusterError", "FutureCancelled", "RunCancelled")
        )
        assert other("c.submit(abs, 1)").startswith(("ClusterError", "ConfigError"))
        assert other("done.result()") == "1"
        assert other("repr(c)").startswith("'<Client: closed")
        assert other("c.close()") == "None"


def test_a_scheduler_file_leads_there_and_holds_no_key(
    any_client: Client, other: Second, tmp_path: Path
) -> None:
    path = tmp_path / "scheduler.json"
    any_client.write_scheduler_file(str(path))
    told = json.loads(path.read_text())
    assert told["address"] == any_client.cluster.scheduler_address
    key = (Path(told["address"].removeprefix("unix://")).parent / "key").read_text()
    assert key not in path.read_text()
    assert (
        other(f"from chunkscope import Client; Client(scheduler_file={str(path)!r}).submit(abs, -2).result()")
        == "2"
    )
    with pytest.raises(ConfigError, match="there is no scheduler file"):
        Client(scheduler_file=str(tmp_path / "none"))
    path.write_text("[]")
    with pytest.raises(ConfigError, match="is no scheduler file"):
        Client(scheduler_file=str(path))


def test_addresses_that_cannot_be_joined_say_what_would_work() -> None:
    for address in ("localhost:8786", "tls://x:1"):
        with pytest.raises(ConfigError, match=r"nothing is reached over a network here; join .*unix:///"):
            Client(address)
    with pytest.raises(ConfigError, match="that is no address"):
        Client("somewhere")
    with pytest.raises(ClusterError, match="no cluster is at"):
        Client("unix:///tmp/nothing/socket")


def test_in_the_owner_itself_the_address_is_the_cluster(any_client: Client) -> None:
    same = Client(any_client.cluster.scheduler_address, set_as_default=False)
    assert same.cluster is any_client.cluster
    same.close()
    assert any_client.submit(abs, -1).result() == 1


def test_the_door_opens_when_its_address_is_asked_for_and_not_before() -> None:
    with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
        assert client.cluster.address.startswith("inproc://")
        for look in (
            repr,
            str,
            lambda c: c._repr_html_(),
            lambda c: c.describe(),
            lambda c: c.scheduler_info(),
        ):
            look(client)
        assert client.cluster.address.startswith("inproc://") and client.cluster.guests == []
        address = client.cluster.scheduler_address
        assert client.cluster.address == address == client.cluster.scheduler_address
        folder = Path(address.removeprefix("unix://")).parent
        assert folder.exists()
    assert not folder.exists()
    with pytest.raises(ClusterError, match="this cluster is closed"):
        _ = client.cluster.scheduler_address


def _listening(pids: list[int]) -> list[str]:
    """The TCP ports that these processes listen at."""
    inodes = set()
    for pid in pids:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        found += [row[1] for row in map(str.split, lines) if row[3] == "0A" and row[9] in inodes]
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="ports are looked up in /proc")
def test_no_port_is_listened_at(joined: Second, any_client: Client) -> None:
    before = _listening([os.getpid()])
    assert joined("c.submit(abs, -1).result()") == "1"
    pids = {os.getpid(), joined.process.pid, *(worker.pid for worker in any_client.cluster.workers)}
    assert _listening(sorted(pids)) == before


def test_a_script_of_a_few_lines_joins(any_client: Client, tmp_path: Path) -> None:
    any_client.publish_dataset(n=41)
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom chunkscope import Client\n\n"
        "client = Client(sys.argv[1])\n"
        "print(client.submit(lambda n: n + 1, client.get_dataset('n')).result())\n"
    )
    told = subprocess.run(
        [sys.executable, "-W", "error", str(script), any_client.cluster.scheduler_address],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.stdout, told.stderr, told.returncode) == ("42\n", "", 0)


def test_ctrl_c_in_a_guest_stops_its_run_not_the_cluster(any_client: Client, joined: Second) -> None:
    joined.begin(
        "from chunkscope import delayed\nimport time\n"
        "delayed(len)([delayed(time.sleep)(0.05 + i * 1e-9) for i in range(2_000)]).compute()"
    )
    assert soon(lambda: any(worker.running for worker in any_client.cluster.workers))
    joined.process.send_signal(signal.SIGINT)
    assert joined.told().startswith("KeyboardInterrupt")
    assert soon(lambda: not any(worker.running for worker in any_client.cluster.workers))
    assert joined("c.submit(abs, -3).result()") == "3"
