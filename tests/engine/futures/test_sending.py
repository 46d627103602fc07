"""Calls from a second process go to the owner without waiting for its answers."""

from __future__ import annotations

from tests.engine.futures.second_process import Second

INC = "def inc(x):\n    return x + 1\n"


def test_many_calls_are_one_message(joined: Second) -> None:
    told = joined(
        f"{INC}line = c.cluster.line; c.submit(inc, 0).result()\n"
        "before = line._calls\n"
        "futures = [c.submit(inc, i, pure=False) for i in range(1000)]\n"
        "found = c.gather(futures)\n"
        "(found == list(range(1, 1001)), line._calls - before < 50, len({f.key for f in futures}))"
    )
    assert told == "(True, True, 1000)"


def test_calls_that_need_each_other(joined_processes: Second) -> None:
    assert (
        joined_processes(
            f"{INC}x = c.submit(inc, 0)\n"
            "for _ in range(5): x = c.submit(inc, x)\n"
            "layers = [c.submit(inc, i) for i in range(8)]\n"
            "while len(layers) > 1: layers = [c.submit(sum, layers[i:i + 2]) for i in range(0, len(layers), 2)]\n"
            "deep = c.submit(lambda held: held['a'][0], {'a': [c.submit(inc, 10)]})\n"
            "(x.result(), layers[0].result(), deep.result())"
        )
        == "(6, 36, 11)"
    )


def test_equal_calls_share_one_result_wherever_they_are_made(joined: Second) -> None:
    told = joined(
        "import random\ndef draw(i):\n    import random; return random.random()\n"
        "some = [c.submit(draw, 1) for _ in range(5)]\n"
        "early = some[0].result()\n"
        "again = c.submit(draw, 1)\n"
        "other = c.submit(draw, 2); twin = c.submit(draw, 2)\n"
        "(len({f.result() for f in some}) == 1, again.result() == early, again.key == some[0].key,"
        " other.result() == twin.result(), [f.status for f in (again, twin)])"
    )
    assert told == "(True, True, True, True, ['finished', 'finished'])"


def test_errors_are_told_at_the_future_that_they_are_of(joined: Second) -> None:
    told = joined(
        f"import threading\n{INC}"
        "good = [c.submit(inc, i) for i in range(3)]\n"
        "bad = c.submit(inc, threading.Lock())\n"
        "more = c.submit(inc, 7)\n"
        "fails = c.submit(inc, 'text')\n"
        "needs = c.submit(inc, fails)\n"
        "(c.gather(good), more.result(), type(bad.exception()).__name__, bad.status, "
        "type(fails.exception()).__name__, type(needs.exception()).__name__)"
    )
    assert told == "([1, 2, 3], 8, 'TransferError', 'error', 'TypeError', 'TypeError')"
    assert "TransferError" in joined("c.submit(inc, bad).result()")
    assert joined("c.submit('text', 1)").startswith("ConfigError: submit needs a function")


def test_what_is_asked_next_knows_of_them(joined: Second) -> None:
    told = joined(
        f"{INC}from chunkscope import Queue, Future\n"
        "queue = Queue('sent'); queue.put(c.submit(inc, 1)); found = queue.get().result()\n"
        "named = c.submit(inc, 2, key='named')\n"
        "there = 'named' in c.desk.known, Future('named', c).result()\n"
        "c.publish_dataset(mine=c.submit(inc, 3)); queue.close()\n"
        "(found, there, c.get_dataset('mine').result(), c.unpublish_dataset('mine'))"
    )
    assert told == "(2, (True, 3), 4, None)"


def test_cancelled_and_forgotten_before_they_are_sent(joined: Second) -> None:
    told = joined(
        f"{INC}x = c.submit(inc, 1, pure=False); x.cancel()\n"
        "try:\n    x.result()\nexcept BaseException as error: said = type(error).__name__\n"
        "y = c.submit(inc, 2, pure=False); del y\n"
        "(x.status, said, c.submit(inc, 3).result())"
    )
    assert told == "('cancelled', 'FutureCancelled', 4)"


def test_failed_calls_can_be_tried_again_under_each_of_their_names(joined: Second) -> None:
    told = joined(
        "from chunkscope import Variable\n"
        "Variable('fine').set(False)\n"
        "def once():\n"
        "    from chunkscope import Variable\n"
        "    if not Variable('fine').get():\n        raise ValueError('not yet')\n"
        "    return 'now'\n"
        "x, y = c.submit(once), c.submit(once)\n"
        "said = [type(f.exception()).__name__ for f in (x, y)]\n"
        "Variable('fine').set(True); c.retry([y])\n"
        "found = said, y.result(), x.key == y.key\n"
        "Variable('fine').close()\n"
        "found"
    )
    assert told == "(['ValueError', 'ValueError'], 'now', True)"


def test_a_client_that_is_closed_leaves_nobody_waiting(joined: Second) -> None:
    address = joined("c.cluster.scheduler_address")
    told = joined(
        f"from chunkscope import Client\n{INC}"
        f"d = Client({address})\n"
        "waiting = [d.submit(inc, i, pure=False) for i in range(50)]\n"
        "d.close()\n"
        "all(f.wait(20) for f in waiting)"
    )
    assert told == "True"
