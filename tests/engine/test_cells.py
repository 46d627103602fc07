"""Code is traced to the notebook's cell that holds it: by a model kernel here, by a real one in the second part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from chunkscope import cells as cells_module
from chunkscope.cells import Cells, Spot
from chunkscope.types import SourceSpan


def named(code: str) -> str:
    return f"/tmp/{hash(code)}.py"


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abc")), max_size=30), st.integers(0, 30))
def test_of_cells_with_the_same_text_the_last_before_the_moment_is_meant(
    runs: list[tuple[str, str]], moment: int
) -> None:
    cells = Cells(named)
    for second, (code, cell) in enumerate(runs):
        cells.ran(code, cell, float(second))
    for code in "xyz":
        mine = [(second, cell) for second, (text, cell) in enumerate(runs) if text == code]
        before = [cell for second, cell in mine if second <= moment]
        found = cells.find(named(code), float(moment))
        assert (None if found is None else found.cell) == (
            before[-1] if before else mine[0][1] if mine else None
        )


def test_code_that_a_cell_hands_on_belongs_to_that_cell_lines_counted_from_its_top() -> None:
    cells = Cells(named)
    cells.ran("%%twice\n\nx = 1\ny = 2", "id", 1.0)
    cells.ran("x = 1\ny = 2\n", None, 2.0)
    cells.over()
    cells.ran("z = 1", None, 3.0)
    assert cells.find(named("x = 1\ny = 2\n")) == Spot("id", 2)
    assert cells.find(named("z = 1")) is None


def test_a_timed_cell_is_found_though_its_code_has_no_name_of_its_own() -> None:
    cells = Cells(named)
    cells.ran("%%time\nx = 1", "id", 1.0)
    cells.ran("y = 1", "other", 2.0)
    assert cells.find("<timed exec>") == Spot("id", 1)


def test_a_cell_of_another_kernel_is_called_one_and_a_script_by_its_name() -> None:
    places = [
        SourceSpan(name, 1, 1, 0, 1).place for name in ("/tmp/ipykernel_12/345.py", "/x/ipykernel_y/345.py")
    ]
    assert places == ["a cell of another notebook", "345.py"]


def test_the_memory_of_cells_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells_module, "MOST_CELLS", 10)
    cells = Cells(named)
    for second in range(25):
        cells.ran(str(second), f"id-{second}", float(second))
        cells.find("")
    assert cells.find(named("24")) == Spot("id-24", 0)
    assert cells.find(named("0")) is None


FIRST = """\
import chunkscope.array as ca
from chunkscope import config, delayed
quiet = config.set(viewers=False)
x = ca.ones((4, 4), chunks=2)
"""
KERNEL = """\
import json
from chunkscope.observe import last_run
from chunkscope.observe.feed import Feed
def told():
    header = Feed(last_run()).header()
    places = {layer.op: layer.origin for layer in header.layers}
    places["run"] = header.origin
    print(json.dumps({op: place and [place.cell, place.line, place.file] for op, place in places.items()}))
"""


class Kernel:
    """A kernel, asked as a page asks it: with the id of the cell."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, cell: str | None, code: str) -> str:
        """What the cell prints."""
        session = self.client.session
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        metadata = {} if cell is None else {"cellId": cell}
        message = session.msg(
            "execute_request", {**content, "allow_stdin": False, "stop_on_error": True}, metadata=metadata
        )
        self.client.shell_channel.send(message)
        printed = []
        while True:
            reply = self.client.get_iopub_msg(timeout=60)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if reply["msg_type"] == "stream" and reply["content"]["name"] == "stdout":
                printed.append(reply["content"]["text"])
            if reply["msg_type"] == "error":
                raise AssertionError("\n".join(reply["content"]["traceback"]))
            if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
                return "".join(printed)

    def told(self) -> Any:
        return json.loads(self.run("asks", "told()"))


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        found = Kernel(client)
        found.run("before", "def early(x):\n    return x + 1")
        found.run("first", FIRST)
        found.run("told", KERNEL)
        yield found
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestKernel:
    """One kernel for all: cells are run in the order of the tests' own calls."""

    def test_an_operation_is_traced_to_the_cell_that_made_it(self, kernel: Kernel) -> None:
        kernel.run("second", "\n\ny = x.sum(axis=0)")
        kernel.run("third", "y.compute(rules=False)")
        told = kernel.told()
        assert told["run"][:2] == ["third", 1]
        assert {tuple(place[:2]) for op, place in told.items() if op != "run"} == {
            ("first", 4),
            ("second", 3),
        }
        assert all(place[2].startswith("cell In[") for place in told.values())

    def test_delayed_calls_of_functions_from_other_cells_belong_to_the_line_of_the_call(
        self, kernel: Kernel
    ) -> None:
        kernel.run("function", "def late(x):\n    return x\n@delayed\ndef made(x):\n    return x")
        kernel.run("calls", "\na = delayed(early)(1)\nb = delayed(late)(a)\nc = made(b)")
        kernel.run("computes", "c.compute()")
        code = (
            "layers = Feed(last_run()).header().layers\n"
            "print(json.dumps([[layer.origin.cell, layer.origin.line] for layer in layers]))"
        )
        assert sorted(json.loads(kernel.run("asks", code))) == [["calls", 2], ["calls", 3], ["calls", 4]]

    def test_a_function_that_makes_arrays_is_where_they_are_made(self, kernel: Kernel) -> None:
        kernel.run("maker", "def build():\n    return ca.zeros((2, 2), chunks=1)")
        kernel.run("user", "build().compute()")
        told = kernel.told()
        assert told["full"][:2] == ["maker", 2] and told["run"][:2] == ["user", 1]

    def test_a_cell_that_is_run_again_keeps_its_id_and_a_changed_one_has_its_new_lines(
        self, kernel: Kernel
    ) -> None:
        kernel.run("again", "ca.full((2,), 1, chunks=1).compute()")
        kernel.run("again", "\n\nca.full((2,), 1, chunks=1).compute()")
        assert kernel.told()["full"][:2] == ["again", 3]

    def test_of_two_cells_with_the_same_text_each_run_belongs_to_its_own(self, kernel: Kernel) -> None:
        for cell in ("same-1", "same-2", "same-1"):
            kernel.run(cell, "ca.full((3,), 1, chunks=1).compute()")
            assert kernel.told()["full"][0] == cell

    def test_cells_with_magics_are_known(self, kernel: Kernel) -> None:
        kernel.run("load", "%load_ext chunkscope")
        kernel.run("magic", "%%chunkscope\n\nca.full((4,), 1, chunks=1).compute()")
        assert kernel.told()["full"][:2] == ["magic", 3]
        kernel.run("timed", "%%time\n\nca.full((5,), 1, chunks=1).compute()")
        assert kernel.told()["full"][:2] == ["timed", 3]

    def test_a_front_end_without_ids_gives_the_number_of_the_cell(self, kernel: Kernel) -> None:
        kernel.run(None, "ca.full((6,), 1, chunks=1).compute()")
        cell, line, file = kernel.told()["full"]
        assert (cell, line) == ("", 1) and file.startswith("cell In[")
