"""Addresses, and the ends of those who join and of those who are joined: nothing hangs, nothing stays."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest

import chunkscope
from chunkscope.blocks import LEDGER
from chunkscope.blocks.arenas import ARENAS
from chunkscope.errors import ClusterError, ConfigError
from chunkscope.futures import Client
from tests.engine.futures.second_process import Second, second, soon


@pytest.mark.parametrize("how", ["leaves", "dies"])
def test_what_a_guest_held_goes_with_it(any_client: Client, doomed: Second, how: str) -> None:
    gc.collect()
    held, shared = LEDGER.held, ARENAS.used_bytes
    doomed("import numpy as np\nx = c.map(np.full, [200_000] * 5, range(5)); y = c.gather(x); len(y)")
    assert any_client.cluster.guests and LEDGER.held > held
    doomed("c.close()") if how == "leaves" else doomed.kill()
    assert soon(lambda: not any_client.cluster.guests)
    assert soon(lambda: LEDGER.held == held and ARENAS.used_bytes <= shared)


def test_the_runs_of_a_guest_that_dies_are_stopped(any_client: Client, doomed: Second) -> None:
    doomed(
        "from chunkscope import delayed\nimport time\n"
        "x = [delayed(time.sleep)(0.05 + i * 1e-9) for i in range(2_000)]\n"
        "y = delayed(len)(x).persist()"
    )
    assert soon(lambda: any(worker.running for worker in any_client.cluster.workers))
    doomed.kill()
    assert soon(lambda: not any(worker.running for worker in any_client.cluster.workers))
    assert soon(lambda: chunkscope.last_run().state.value == "cancelled")


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
        assert other("delayed(abs)(-3).compute()") == "3", "what names no executor runs in this process"
        assert other("repr(c)").startswith("'<Client: closed")
        for page in ("c._repr_html_()", "c.cluster._repr_html_()", "c.describe()"):
            assert "closed" in other(page) and "Error" not in other(page)
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


def _listening(pids: Iterable[int]) -> list[tuple[str, int]]:
    """The TCP ports that these processes listen at."""
    found = [one for pid in pids for one in psutil.Process(pid).net_connections("tcp")]
    return [one.laddr for one in found if one.status == psutil.CONN_LISTEN]


def test_no_port_is_listened_at(doomed: Second, any_client: Client) -> None:
    before = _listening([os.getpid()])
    assert doomed("c.submit(abs, -1).result()") == "1"
    pids = {os.getpid(), doomed.process.pid, *(worker.pid for worker in any_client.cluster.workers)}
    assert _listening(pids) == before


@pytest.mark.parametrize("how", ["c.close()", "owner"])
def test_what_a_cluster_has_is_told_no_more_where_it_was_left_or_closed(other: Second, how: str) -> None:
    with Client(processes=False, n_workers=1) as client:
        address = client.cluster.scheduler_address
        other(f"from chunkscope import Client; c = Client({address!r}); cluster = c.cluster")
        assert other("scheduler = cluster.scheduler; list(eval(repr(cluster.published)))") == "[]"
        assert other("repr(scheduler)") == repr(f"<scheduler of the cluster at {address}>")
        if how != "owner":
            other(how)
    if how == "owner":
        assert other("import time\nwhile cluster.status != 'closed': time.sleep(0.01)") == "None"
    why = "this client has left it" if how != "owner" else "it was closed"
    for name in (
        "cluster.scheduler",
        "cluster.scheduler.workers",
        "scheduler.workers",
        "cluster.restart",
        "cluster.plan",
    ):
        told = other(name)
        assert told.startswith("ClusterError: the cluster at") and why in told, (name, told)


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


def test_ctrl_c_in_a_guest_stops_its_run_not_the_cluster(processes: Client, joined_processes: Second) -> None:
    joined_processes.begin(
        "from chunkscope import delayed\nimport time\n"
        "delayed(len)([delayed(time.sleep)(0.05 + i * 1e-9) for i in range(2_000)]).compute()"
    )
    assert soon(lambda: any(worker.running for worker in processes.cluster.workers))
    joined_processes.process.send_signal(signal.SIGINT)
    assert joined_processes.told().startswith("KeyboardInterrupt")
    assert soon(lambda: not any(worker.running for worker in processes.cluster.workers))
    assert joined_processes("c.submit(abs, -3).result()") == "3"


def test_a_client_that_nobody_has_any_more_leaves(client: Client, other: Second) -> None:
    address = client.cluster.scheduler_address
    assert (
        other(
            "import gc\nfrom chunkscope import Client\n"
            f"c = Client({address!r}, set_as_default=False); x = c.submit(abs, -1); y = c.gather([x]); y"
        )
        == "[1]"
    )
    client.publish_dataset(f=client.submit(abs, -2))
    assert other("f = c.get_dataset('f'); f.client is c") == "True"
    client.unpublish_dataset("f")
    assert len(client.cluster.guests) == 1
    other("del c, x, f; gc.collect()")
    assert soon(lambda: not client.cluster.guests)
    with client.as_current():
        assert other(f"c = Client({address!r})\nc.status") == "'running'"
