"""Clients in an event loop: what would wait is awaited, and the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from chunkscope import delayed
from chunkscope.futures import (
    CancelledError,
    Client,
    Event,
    LocalCluster,
    Lock,
    MultiLock,
    Queue,
    Semaphore,
    Variable,
    as_completed,
    wait,
)


def inc(x: int) -> int:
    return x + 1


def fail(x: int) -> int:
    raise ValueError(f"no {x}")


Story = Callable[[Client], Coroutine[Any, Any, None]]


def tell(story: Story, **options: Any) -> None:
    """Run a story in a loop of its own, with an asynchronous client."""

    async def main() -> None:
        async with Client(asynchronous=True, n_workers=2, threads_per_worker=1, **options) as client:
            await asyncio.wait_for(story(client), 60)
        assert client.status == "closed"

    asyncio.run(main())


@pytest.mark.parametrize("processes", [False, True])
def test_results_are_awaited(processes: bool) -> None:
    async def story(client: Client) -> None:
        x = client.submit(inc, 1)
        assert await x == 2
        assert (await x.result(), await x.exception(), await x.traceback()) == (2, None, None)
        assert await client.gather({"all": client.map(inc, range(3)), "one": x}) == {
            "all": [1, 2, 3],
            "one": 2,
        }
        bad = client.submit(fail, 3)
        with pytest.raises(ValueError, match="no 3"):
            await bad.result()
        assert isinstance(await bad.exception(), ValueError)
        scattered = await client.scatter([1, 2])
        assert await client.gather(scattered) == [1, 2]
        assert await client.compute(delayed(inc)(1)) == 2
        assert await client.compute(delayed(inc)(1), sync=True) == 2
        assert await client.get({"x": (inc, 1)}, "x") == 2
        assert set((await client.run(inc, 1)).values()) == {2}
        await client.publish_dataset(x=x)
        assert await client.list_datasets() == ("x",)
        assert await (await client.get_dataset("x")) == 2
        await client.unpublish_dataset("x")
        await client.cancel(x)
        assert x.status == "cancelled"
        with pytest.raises(CancelledError):
            await x

    tell(story, processes=processes)


def test_waiting_leaves_the_loop_free() -> None:
    async def story(client: Client) -> None:
        gate = Event("gate", client=client)
        held = client.map(lambda i: Event("gate").wait("20s"), range(2), pure=False)
        client.begin()
        turns = 0
        waiting = asyncio.ensure_future(wait(held))  # type: ignore[arg-type]  # awaited in a loop
        while turns < 20:
            await asyncio.sleep(0)
            turns += 1
        assert not waiting.done()
        with pytest.raises(TimeoutError):
            await held[0].result(timeout=0.01)
        await gate.set()
        done, not_done = await waiting
        assert len(done) == 2 and not not_done and await gate.is_set()
        await gate.close()
        given = [await future async for future in as_completed(client.map(inc, range(4)))]
        assert sorted(given) == [1, 2, 3, 4]

    tell(story, processes=False)


def test_what_is_shared_by_name_is_awaited() -> None:
    async def story(client: Client) -> None:
        line, value = Queue("awaited"), Variable("awaited")

        async def give() -> None:
            await line.put(3)
            await value.set(4)

        task = asyncio.create_task(give())
        assert (await line.get(), await value.get(), await line.qsize()) == (3, 4, 0)
        await task
        lock, some, several = Lock("awaited"), Semaphore(2, "awaited-two"), MultiLock(["a", "b"])
        async with lock, some, several:
            assert await lock.locked() and await some.get_value() == 1 and await several.get_value() == 2
            assert not await lock.acquire(timeout=0.01)
        assert not await lock.locked()
        with pytest.raises(TimeoutError):
            await line.get(timeout=0.01)

    tell(story, processes=False)


def test_clusters_are_awaited() -> None:
    async def main() -> None:
        async with LocalCluster(n_workers=1, processes=False, asynchronous=True) as cluster:
            assert (await cluster) is cluster and cluster.called_from_running_loop
            await cluster.wait_for_workers(1, timeout=5)
            client = await cluster.get_client()
            assert client.asynchronous and client.loop is asyncio.get_running_loop()
            assert await client.submit(inc, 1) == 2
            await client.close()
        assert cluster.status == "closed" and cluster.loop is asyncio.get_running_loop()

    asyncio.run(main())


def test_coroutines_run_to_their_end(client: Client) -> None:
    async def double(x: int) -> int:
        await asyncio.sleep(0)
        return 2 * x

    assert client.sync(double, 2) == 4 and client.sync(inc, 2) == 3
    assert client.loop is None and not client.called_from_running_loop

    async def main() -> tuple[int, int]:
        return client.sync(double, 3), await client.sync(double, 4, asynchronous=True)

    assert asyncio.run(main()) == (6, 8)
    with pytest.raises(TimeoutError):
        client.sync(asyncio.sleep, 20, callback_timeout=0.01)

    async def broken() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        client.sync(broken)
    assert set(client.run(double, 5).values()) == {10}


@pytest.mark.parametrize("with_results", [False, True])
def test_who_stops_waiting_for_the_next_one_takes_nothing_away(with_results: bool) -> None:
    async def story(client: Client) -> None:
        gate = Event("gate")
        futures = [client.submit(gate.wait), client.submit(inc, 1)]
        found = as_completed(futures, with_results=with_results)
        await found.__anext__()
        for _ in range(3):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(found.__anext__(), 0.02)
        waiting = asyncio.ensure_future(found.__anext__())
        await asyncio.sleep(0)
        await gate.set()
        last = await waiting
        assert (last[0] if with_results else last) == futures[0]
        with pytest.raises(StopAsyncIteration):
            await found.__anext__()

    tell(story, processes=False)


def test_awaiting_the_next_one_ends_in_time() -> None:
    async def story(client: Client) -> None:
        gate = Event("gate")
        found = as_completed([client.submit(gate.wait)], timeout="20ms")
        with pytest.raises(TimeoutError, match="1 futures are not done in time"):
            await found.__anext__()
        await gate.set()

    tell(story, processes=False)


def test_who_stops_waiting_takes_no_value_and_holds_no_lock() -> None:
    async def story(client: Client) -> None:
        queue, lock, both = Queue("q", client=client), Lock("l"), MultiLock(["a", "b"])
        await lock.acquire()
        await both.acquire()
        for asked in (queue.get(), queue.get(batch=2), Lock("l").acquire(), MultiLock(["b"]).acquire()):
            give_up(asked)
        async with asyncio.timeout(20):
            await queue.put(1)
            await queue.put([2])
            assert [await queue.get(), await queue.get()] == [1, [2]]
            await lock.release()
            await both.release()
            assert await Lock("l").acquire() and await MultiLock(["b"]).acquire()
        await Lock("l").release()

    tell(story, processes=False)


@pytest.mark.parametrize("value", [7, [7]])
def test_what_was_taken_just_as_nobody_waited_any_more_goes_back(value: object) -> None:
    async def story(client: Client) -> None:
        queue, semaphore = Queue("q", client=client), Semaphore(1, "s")
        for _ in range(20):
            await queue.put(value)
            give_up(queue.get())
            give_up(semaphore.acquire())
            async with asyncio.timeout(20):
                assert await queue.get() == value
                await semaphore.acquire()
            await semaphore.release()

    tell(story, processes=False)


def give_up(asked: asyncio.Future[Any]) -> None:
    """Await it no more: it has begun, and what comes of it has not come to the loop."""
    assert asked.cancel()
