"""The card in a notebook: a real kernel shows it above the traceback, and nothing where nothing of ours failed."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient

from chunkscope import compute, delayed
from chunkscope.observe.cards import failure_of

CELLS = (
    "import chunkscope.array as ca\nfrom chunkscope import config, delayed, last_run\n"
    "quiet = config.set(viewers=False)",
    "1 / 0",
    "def half(block):\n    return 1 / 0\n\n"
    "halves = ca.ones((4, 4), chunks=2).map_blocks(half, dtype=float)\nhalves.sum().compute()",
    "try:\n    delayed(len)(5).compute()\nexcept TypeError as error:\n    raise RuntimeError('mine') from error",
    "try:\n    delayed(len)(5).compute()\nexcept TypeError:\n    pass",
    "last_run().debug().inputs",
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_kernel_shows_the_traceback_and_the_card() -> None:
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    NotebookClient(book, timeout=120, allow_errors=True).execute()
    kinds = [[output.output_type for output in cell.outputs] for cell in book.cells]
    assert kinds == [
        [],
        ["error"],
        ["display_data", "error"],
        ["error", "display_data"],
        [],
        ["execute_result"],
    ]
    card, error = book.cells[2].outputs
    assert error.ename == "ZeroDivisionError" and any("half" in line for line in error.traceback)
    html, text = card.data["text/html"], card.data["text/plain"]
    for said in ("ZeroDivisionError", "line 4", "halves", "[0:2, 0:2]", "chunkscope.last_run().debug()"):
        assert (said in html and said in text) or said == "ZeroDivisionError"
    assert "cell In[3]" in text
    assert (
        book.cells[3].outputs[0].ename == "RuntimeError"
        and "len" in book.cells[3].outputs[1].data["text/html"]
    )


def test_the_failure_is_found_behind_the_exceptions_that_it_caused() -> None:
    with pytest.raises(RuntimeError) as caught:
        try:
            compute(delayed(len)(5))
        except TypeError as error:
            raise RuntimeError("mine") from error
    found = failure_of(caught.value)
    assert found is not None and found.operation == "len"
    assert failure_of(ValueError("theirs")) is None and failure_of(None) is None
