# title: Where did my memory go?
# minutes: 40
# needs: lesson 07, NumPy
# skeleton: full
# ruff: noqa: F811
# objectives: work out how much memory a computation needs while it runs; find the line and the operation that take it; cut arrays so that a computation stays below a limit; say what a cluster does when memory runs short; keep large results out of your notebook

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("08_memory")

# %% [markdown]
# Memory is needed for what is *alive at once*, not for all the data. As a first guess:
#
# > peak ≈ threads × (inputs + temporaries + output of one task) + what waits for a later task
#
# This lesson measures each of these terms. All runs use two threads.

# %%
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from memory_profiler import memory_usage

import chunkscope
import chunkscope.array as ca
from chunkscope import Client, compute, plan, wait
from chunkscope.futures import clusters
from chunkscope.units import format_bytes

# %%
chunkscope.config.set(num_workers=2, scheduler="threads")
SIDE = L.sizes.side
TILE = SIDE // 8
x = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE, TILE))
x

# %% [markdown]
# ## Predict

# %% [predict p1 memory] numbers
# ask: The mean of 20,000 × 20,000 numbers of 8 bytes. How many MB (10⁶ bytes) does NumPy hold? How many do two threads hold
#   that take chunks of 1,000 × 1,000, one at a time each? Give [NumPy, chunks].
# truth: [{fact:memory.whole_mb:d}, {fact:memory.two_chunks_mb:d}]
# wrong 3200, 3200: M12 The chunks are not all alive at once: when the sum of one is known, it may go.
# wrong 3200, 8: One chunk has 8 MB, and two threads hold one each.
# wrong 3200, 400: There are 400 chunks. How many of them are alive at once?
# wrong *: 20,000 × 20,000 × 8 bytes; and 1,000 × 1,000 × 8 bytes, twice.
# why: NumPy: {fact:memory.whole_mb} MB. Two chunks: {fact:memory.two_chunks_mb} MB, and it would be {fact:memory.two_chunks_mb} MB for any number of them. The engine
#   even works through a chunk in small tiles where it can, and its plan says {fact:memory.mean_plan}.

# %% [predict p2 memory] choice
# ask: `x` is cut into 8 × 8 tiles. One of these plans needs more memory than the whole of `x`. Which?
# option a: `(x + x.T).sum()`: each tile meets the one across the diagonal
# option b: `x.rechunk((SIDE, TILE)).sum()`: tiles are joined to whole columns
# option c: `(x.T @ x).sum()`: each column meets each column
# option d: `((x - x.mean(axis=0)) / x.std(axis=0)).sum()`: two passes over the data
# truth: c
# wrong a: Two tiles at a time are enough for each thread.
# wrong b: M21 It is not free, but one column of tiles at a time will do.
# wrong d: The two passes are made column by column here: eight tiles at a time.
# why: The product is as large as `x`, and none of its blocks is finished before the last row of tiles has been read: all partial
#   sums are alive until then, and the tiles as well.

# %% [predict p3 memory] number
# ask: `xy` has 1,000,000 points: 16 MB. How many MB are alive at the highest point of `((xy**2).sum(axis=1) < 1).mean()`, in
#   NumPy, `xy` among them?
# truth: {fact:memory.points_peak}
# wrong 16: M12 The squares are an array of their own, as large as `xy`.
# wrong 32: The sums come while the squares are still needed: 8 MB more.
# wrong 41: When the comparison makes its 1 MB, the squares have gone already.
# wrong *: `xy`, its squares, the sums of the squares: which are alive together?
# why: 16 (points) + 16 (squares) + 8 (sums) = {fact:memory.points_peak} MB: two and a half times the data. These are the **temporaries** of one line.

# %% [predict p4 workers] choice
# ask: Two worker processes with 120 MB each. You persist an array of 200 MB on them. What happens?
# option a: it ends with an error: there is no room
# option b: the chunks that were used longest ago are written to disk
# option c: the workers take what they need: the limit is a wish
# truth: b
# wrong a: Only if you forbid the disk.
# wrong c: M26 It is a limit, for each worker: what does not fit has to go somewhere.
# why: It is called **spilling**. Chunks on disk are read again when somebody needs them: slower, but right.

# %% [predict p5 workers] number
# ask: The array has 25 chunks of 8 MB. Chunks may take {fact:memory.shared_share:.0%} of the workers' memory together; the rest is for tasks. How many
#   chunks have to go to disk, at least?
# truth: {fact:memory.spilled_chunks}
# wrong 0: M26 200 MB do not fit in {fact:memory.shared_mb} MB.
# wrong 10: With 120 MB in all. There are two workers.
# wrong 25: Only what does not fit has to go.
# wrong *: 2 × 120 MB, of which chunks may take {fact:memory.shared_share:.0%}. How many chunks of 8 MB is that?
# why: 2 × 120 MB × {fact:memory.shared_share:.0%} = {fact:memory.shared_mb} MB hold {fact:memory.kept_chunks} chunks; the other {fact:memory.spilled_chunks} go. Often it is some more, as room is made ahead.

# %% [markdown memory]
# ## Run
# ### The process
# `memory_usage` watches this process while a function runs: every hundredth of a second here.

# %% [code timed]
def whole():
    return float(np.random.default_rng(8).random((SIDE, SIDE)).mean())


def in_chunks():
    return float(x.mean().compute())


for work in (whole, in_chunks):
    seen = memory_usage((work,), interval=0.01)
    print(f"{work.__name__:10} the process grew by {max(seen) - seen[0]:7.1f} MiB of {x.nbytes / 2**20:.0f} MiB")

# %%
L.reveal("p1")

# %% [markdown]
# ### The plan
# Before anything runs, `plan` goes through the tasks in their order and adds up what is alive.

# %%
plans = {
    "mean": x.mean(),
    "(x + x.T).sum()": (x + x.T).sum(),
    "two passes, column by column": ((x - x.mean(axis=0)) / x.std(axis=0)).sum(),
    "tiles to columns": x.rechunk((SIDE, TILE)).sum(),
    "in one long row": x.reshape(-1).sum(),
    "(x.T @ x).sum()": (x.T @ x).sum(),
}
print(f"{'all of x':30} {format_bytes(x.nbytes):>10}")
for name, lazy in plans.items():
    print(f"{name:30} {format_bytes(plan(lazy).peak_bytes):>10}")

# %%
L.reveal("p2")

# %% [markdown memory]
# ## Investigate
# ### The run
# The record of a run knows who held how much when it was most. The panel's **Memory** view draws it, with the plan's curve.

# %% [code timed]
plans["(x + x.T).sum()"].compute()
chunkscope.last_run().memory()

# %% [exercise ex1 memory] what is alive
# Fill in numbers. MB are 10⁶ bytes, GiB are 2³⁰.
alive = {
    "MB: 4 threads, chunks of 25 MB, each task has one input, one temporary, one output": ...,
    "MB: the same with chunks of 100 MB": ...,
    "MB: chunks of 100 MB, 4 threads, two inputs, one temporary, one output": ...,
    "MB: the largest chunk for 8 threads in 2,400 MB, one input, one temporary, one output": ...,
    "GiB: what is sold as 40 GB": ...,
}

# %% [hint ex1]
# Threads × (inputs + temporaries + outputs) × chunk: the data as a whole do not appear.

# %% [hint ex1]
# The fourth one backwards: 2,400 = 8 × 3 × chunk. The fifth: 40e9 / 2**30.

# %% [solution ex1]
alive = {
    "MB: 4 threads, chunks of 25 MB, each task has one input, one temporary, one output": 4 * 3 * 25,
    "MB: the same with chunks of 100 MB": 4 * 3 * 100,
    "MB: chunks of 100 MB, 4 threads, two inputs, one temporary, one output": 4 * 4 * 100,
    "MB: the largest chunk for 8 threads in 2,400 MB, one input, one temporary, one output": 2400 / 24,
    "GiB: what is sold as 40 GB": 40e9 / 2**30,
}

# %% [wrong ex1 M12]
alive = {
    "MB: 4 threads, chunks of 25 MB, each task has one input, one temporary, one output": 100,
    "MB: the same with chunks of 100 MB": 400,
    "MB: chunks of 100 MB, 4 threads, two inputs, one temporary, one output": 800,
    "MB: the largest chunk for 8 threads in 2,400 MB, one input, one temporary, one output": 300,
    "GiB: what is sold as 40 GB": 37.25,
}

# %% [wrong ex1]
alive = {
    "MB: 4 threads, chunks of 25 MB, each task has one input, one temporary, one output": 75,
    "MB: the same with chunks of 100 MB": 300,
    "MB: chunks of 100 MB, 4 threads, two inputs, one temporary, one output": 400,
    "MB: the largest chunk for 8 threads in 2,400 MB, one input, one temporary, one output": 800,
    "GiB: what is sold as 40 GB": 37.25,
}

# %% [wrong ex1]
alive = {
    "MB: 4 threads, chunks of 25 MB, each task has one input, one temporary, one output": 300,
    "MB: the same with chunks of 100 MB": 1200,
    "MB: chunks of 100 MB, 4 threads, two inputs, one temporary, one output": 1600,
    "MB: the largest chunk for 8 threads in 2,400 MB, one input, one temporary, one output": 100,
    "GiB: what is sold as 40 GB": 40,
}

# %% [markdown memory]
# ### The line
# Inside a task the engine cannot see what your own function allocates. `%chunkmem` can, line by line:

# %%
def inside(points):
    xy = np.random.default_rng(0).random((points, 2))
    squares = xy**2
    distances = squares.sum(axis=1)
    hits = distances < 1
    return 4 * hits.mean()

# %% [code timed magics]
# %load_ext chunkscope
# %chunkmem inside(1_000_000)

# %% [exercise ex2 memory] the temporaries of a function
# `temporaries`: the megabytes (10⁶ bytes) of each of these arrays for 1,000,000 points. Work them out, then compare with the
# report above (which is in MiB, and rounded to pages).
temporaries = {"squares": ..., "distances": ..., "hits": ...}

# %% [hint ex2]
# Two numbers of 8 bytes for each point; then one; then one truth value, which takes a byte.

# %% [hint ex2]
# `xy` has 16 MB, and so has anything of its shape and type.

# %% [solution ex2]
temporaries = {"squares": 16, "distances": 8, "hits": 1}

# %% [wrong ex2 M12]
temporaries = {"squares": 0, "distances": 8, "hits": 1}

# %% [wrong ex2]
temporaries = {"squares": 16, "distances": 8, "hits": 8}

# %% [wrong ex2]
temporaries = {"squares": 16, "distances": 16, "hits": 1}

# %%
L.reveal("p3")

# %% [markdown memory]
# ## Modify
# ### A rechunk that explodes
# The three largest values of each column need whole columns. These data come in whole *rows*:

# %%
def top_three(columns):
    return np.sort(columns, axis=0)[-3:]


def tops_of(data):
    columns = data.rechunk((SIDE, TILE))
    return columns.map_blocks(top_three, chunks=(3, TILE))


rows = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE, SIDE))
print(format_bytes(plan(tops_of(rows)).peak_bytes), "of memory for", format_bytes(rows.nbytes), "of data")

# %% [markdown]
# No column is complete before the last row has been made, and its pieces are there a second time, cut out. Columns
# from rows: that is the worst case, and no plan in between helps.

# %% [exercise ex3 memory] cut it differently
# `better`: data of the same size and seed, made in chunks of your choice. `largest`: the result of tops_of(better), computed
# with a peak below half of the data. At most 1,000 tasks.
better = ...
largest = ...

# %% [hint ex3]
# What does a block of whole columns need of `better`? The less of anything else comes with it, the less waits.

# %% [hint ex3]
# Neither rows nor one block: tiles, as in `x`, or whole columns. `plan(tops_of(better)).peak_bytes` tells before you run.

# %% [hint ex3]
# `better = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE, TILE))`, then `tops_of(better).compute()`.

# %% [solution ex3]
better = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE, TILE))
largest = tops_of(better).compute()

# %% [right ex3]
better = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(SIDE, TILE))
largest = tops_of(better).compute()

# %% [wrong ex3 M21]
better = rows.rechunk((TILE, TILE))
largest = tops_of(better).compute()

# %% [wrong ex3 M10]
better = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(SIDE, SIDE))
largest = tops_of(better).compute()

# %% [wrong ex3 M04]
better = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE // 10, TILE // 2))
largest = tops_of(better).compute()

# %% [wrong ex3 M08]
better = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE, TILE))
largest = tops_of(better)

# %% [wrong ex3]
better = ca.random.default_rng(8).random((SIDE // 2, SIDE), chunks=(TILE, TILE))
largest = better.rechunk((SIDE // 2, TILE)).map_blocks(top_three, chunks=(3, TILE)).compute()

# %% [markdown]
# ### A promise instead of a guess
# `memory=` is a promise: what cannot be kept below it is refused before anything starts, with the reason.

# %% [code raises]
tops_of(rows).compute(memory=x.nbytes // 2)

# %% [markdown]
# ### A large result
# `compute` brings a result into your notebook, all of it. What is larger than memory has to go somewhere else: to a file
# for each chunk, written by the task that has the chunk in hand.

# %%
FOLDER = Path(tempfile.gettempdir()) / f"chunkscope-lesson-{os.getpid()}"
FOLDER.mkdir(exist_ok=True)
mirrored = x + x.T


def empty(folder):
    for path in folder.glob("*.npy"):
        path.unlink()


print(f"{format_bytes(mirrored.nbytes)} in {mirrored.npartitions} chunks")

# %% [exercise ex4 memory] to the disk, not to me
# Have each chunk of `mirrored` saved in FOLDER by its task, as row-column.npy (0-0.npy, 0-1.npy …). `written`: how many
# bytes of chunks that were, as the tasks told you. Less than 10 kB comes into the notebook.
empty(FOLDER)


def save(chunk, block_id=None):
    return np.array([[chunk.nbytes]])


written = ...

# %% [hint ex4]
# A function given to `map_blocks` may have an argument `block_id`: the chunk's row and column in the grid.

# %% [hint ex4]
# In `save`: `np.save(FOLDER / f"{block_id[0]}-{block_id[1]}.npy", chunk)`. What it returns is small: a 1 × 1 array.

# %% [hint ex4]
# `written = int(mirrored.map_blocks(save, chunks=(1, 1), dtype=np.int64).sum().compute())`

# %% [solution ex4]
empty(FOLDER)


def save(chunk, block_id=None):
    np.save(FOLDER / f"{block_id[0]}-{block_id[1]}.npy", chunk)
    return np.array([[chunk.nbytes]])


written = int(mirrored.map_blocks(save, chunks=(1, 1), dtype=np.int64).sum().compute())

# %% [wrong ex4 M27]
empty(FOLDER)
whole = mirrored.compute()
for i in range(8):
    for j in range(8):
        np.save(FOLDER / f"{i}-{j}.npy", whole[i * TILE : (i + 1) * TILE, j * TILE : (j + 1) * TILE])
written = whole.nbytes

# %% [wrong ex4]
empty(FOLDER)


def save(chunk, block_id=None):
    np.save(FOLDER / "chunk.npy", chunk)
    return np.array([[chunk.nbytes]])


written = int(mirrored.map_blocks(save, chunks=(1, 1), dtype=np.int64).sum().compute())

# %% [wrong ex4 M08]
empty(FOLDER)


def save(chunk, block_id=None):
    np.save(FOLDER / f"{block_id[0]}-{block_id[1]}.npy", chunk)
    return np.array([[chunk.nbytes]])


written = mirrored.map_blocks(save, chunks=(1, 1), dtype=np.int64).sum()

# %% [wrong ex4]
empty(FOLDER)


def save(chunk, block_id=None):
    return np.array([[chunk.nbytes]])


written = int(mirrored.map_blocks(save, chunks=(1, 1), dtype=np.int64).sum().compute())

# %% [markdown workers]
# ### When memory runs short
# Worker processes have a limit each. This cluster is small on purpose. In the panel's **Workers** view chunks in memory are
# striped; what was written to disk is orange and hatched.

# %%
for left in clusters():
    left.close()  # this cell has run before
client = Client(n_workers=2, threads_per_worker=1, memory_limit="120MB")
wide = ca.random.default_rng(8).random((5000, 5000), chunks=(1000, 1000))
print(f"{wide.nbytes / 1e6:.0f} MB in {wide.npartitions} chunks; {client.cluster.summary}")

# %% [exercise ex5 workers] spill
# `y`: `wide`, persisted on the small cluster. `on_disk`: how many of its 25 chunks are on disk when all have been made. Then
# `total`: the sum of y, for which they are read again.
y = None  # let go of what was there
y = ...
on_disk = ...
total = ...

# %% [hint ex5]
# `persist` returns at once, so wait before you look.

# %% [hint ex5]
# `client.cluster.spilled` is the number of bytes on disk; the panel says it, too. A chunk has 8,000,000.

# %% [hint ex5]
# `wait(y)`, then `on_disk = round(client.cluster.spilled / 8e6)`, and only then the sum.

# %% [solution ex5]
y = None  # let go of what was there
y = wide.persist()
wait(y)
on_disk = round(client.cluster.spilled / 8e6)
total = float(y.sum().compute())

# %% [wrong ex5 M19]
y = wide.persist()
on_disk = round(client.cluster.spilled / 8e6)
wait(y)
total = float(y.sum().compute())

# %% [wrong ex5 M18]
y = wide.compute()
on_disk = 0
total = float(y.sum())

# %% [wrong ex5]
y = wide.persist()
wait(y)
on_disk = client.cluster.spilled
total = float(y.sum().compute())

# %% [wrong ex5 M16]
y = wide.persist()
wait(y)
on_disk = round(client.cluster.spilled / 8e6)
total = float(wide.sum().compute())

# %%
L.reveal("p4")

# %%
L.reveal("p5")

# %% [code timed]
told = [notice.text for run in chunkscope.runs() for notice in run.notices if notice.topic == "spilled"]
print("\n".join(told[:1] + told[-1:]))

# %% [markdown]
# Spilling is a net, not a plan: a sum can live with it, a loop over the same chunks reads them from the disk each time. On a
# machine whose disk is slow, or is no disk at all, you may forbid it. Then what does not fit is refused, by name:

# %% [code raises]
y = None
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB", spill=False):
    wide.persist().sum().compute()

# %% [exercise ex6 workers] fit
# On this cluster without a disk: `kept`, the numbers of `wide` in half the bytes, persisted, and `mean`, their mean.
kept = None  # let go of what was there
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB", spill=False):
    kept = ...
    mean = ...

# %% [hint ex6]
# A number of 8 bytes has some sixteen digits. Are they needed?

# %% [hint ex6]
# `astype` makes an array of another type: "float32" has 4 bytes and some seven digits.

# %% [hint ex6]
# `kept = wide.astype("float32").persist()`, `mean = kept.mean().compute()`.

# %% [solution ex6]
kept = None  # let go of what was there
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB", spill=False):
    kept = wide.astype("float32").persist()
    mean = kept.mean().compute()

# %% [wrong ex6 error]
kept = None  # let go of what was there
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB", spill=False):
    kept = wide.persist()
    mean = kept.mean().compute()

# %% [wrong ex6]
kept = None  # let go of what was there
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB"):
    kept = wide.persist()
    mean = kept.mean().compute()

# %% [wrong ex6]
kept = None  # let go of what was there
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB", spill=False):
    kept = wide[::2].persist()
    mean = kept.mean().compute()

# %% [wrong ex6 M08]
kept = None  # let go of what was there
with Client(n_workers=2, threads_per_worker=1, memory_limit="120MB", spill=False):
    kept = wide.astype("float32")
    mean = kept.mean().compute()

# %% [markdown memory]
# ## Make

# %%
LIMIT = x.nbytes // 3
print(f"at most {format_bytes(LIMIT)} of {format_bytes(x.nbytes)}")

# %% [exercise ex7 memory] a pipeline below a limit
# `report`: a dict with "mean", "spread" (the standard deviation) and "asymmetry" (the sum of all
# |x - x.T|) of SIDE × SIDE random numbers (seed 8), cut as you like. Each number is drawn
# once, and the peak stays below LIMIT, a third of the data. Ask `plan(...)` first.
report = ...

# %% [hint ex7]
# Drawn once: all three in one `compute`. Then what waits for what depends on how x is cut.

# %% [hint ex7]
# Rows and whole columns both are bad for |x - x.T|. Of square tiles one at a time meets one other.

# %% [hint ex7]
# `mean, spread, asymmetry = compute(x.mean(), x.std(), abs(x - x.T).sum())`, with x in tiles.

# %% [solution ex7]
tiles = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(TILE // 2, TILE // 2))
mean, spread, asymmetry = compute(tiles.mean(), tiles.std(), abs(tiles - tiles.T).sum())
report = {"mean": mean, "spread": spread, "asymmetry": asymmetry}

# %% [wrong ex7 M16]
report = {
    "mean": x.mean().compute(),
    "spread": x.std().compute(),
    "asymmetry": abs(x - x.T).sum().compute(),
}

# %% [wrong ex7 M21]
mean, spread, asymmetry = compute(rows.mean(), rows.std(), abs(rows - rows.T).sum())
report = {"mean": mean, "spread": spread, "asymmetry": asymmetry}

# %% [wrong ex7 M10]
one = ca.random.default_rng(8).random((SIDE, SIDE), chunks=(SIDE, SIDE))
mean, spread, asymmetry = compute(one.mean(), one.std(), abs(one - one.T).sum())
report = {"mean": mean, "spread": spread, "asymmetry": asymmetry}

# %% [wrong ex7 M27]
data = x.compute()
report = {"mean": data.mean(), "spread": data.std(), "asymmetry": np.abs(data - data.T).sum()}

# %% [markdown]
# ## Key points
# - Peak ≈ threads × (inputs + temporaries + output) + what waits. The size of the data is not in it.
# - `plan` says the peak before you run, `memory=` holds a run to it or refuses it, the record says what it was.
# - Rows to columns is the worst cut: everything waits. Tiles serve both directions.
# - Your own functions have temporaries that only `%chunkmem` and `memory_usage` see.
# - Large results go to files, chunk by chunk. What you compute comes to you.
#
# ## Check yourself

# %% [predict q1] choice
# ask: 1 TB of data on disk, chunks of 50 MB, 8 threads; each task reads a chunk, makes a temporary as large and returns a number. How
#   much memory?
# option a: about 0.8 GB
# option b: about 1 TB
# option c: about 50 MB
# truth: a
# wrong b: M12 Only eight chunks are alive at once.
# wrong c: M17 Eight threads have a chunk each, and a temporary each.
# why: 8 × (50 + 50) MB = 0.8 GB, however much there is on disk.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: Your computation runs out of memory. Which change helps first?
# option a: larger chunks, so that there are fewer of them
# option b: smaller chunks, or fewer threads
# option c: `x.rechunk(...)` right before the step that fails
# truth: b
# wrong a: M10 Each thread would hold more.
# wrong c: M21 The old chunks are needed for the new ones: at that moment both are alive.
# why: Fewer bytes for each task, or fewer tasks at once: both are factors of the peak.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: The data are in whole rows, and you need something of each whole column. What is best?
# option a: write the data anew in tiles, once, and work on the tiles
# option b: rechunk to columns each time: it only moves cuts
# option c: transpose first: that swaps rows and columns for free
# truth: a
# wrong b: M21 Each column takes a piece of every row, so that all rows wait for the last.
# wrong c: M21 The chunks of the transpose are whole columns of another array: the same pieces are missing.
# why: Tiles serve rows and columns equally. Cutting anew costs once; needing columns of rows costs each time.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
shutil.rmtree(FOLDER, ignore_errors=True)
y = kept = None
for cluster in clusters():
    cluster.close()

# %%
L.progress()

# %% [instructor]
# 40 minutes: start 2, predict 6, run 6, arithmetic and temporaries 8, rechunk 6, disk and cluster 8, make 4.
# Wrong predictions to expect: p1 = 3200 twice, p3 = 32. Draw the four arrays as bars above each other.
# If the room is slow, leave out ex2. If it is fast: find the chunks for which ex7 needs least, and say why it is not the smallest.
# Exit ticket: which array of your own program is alive longest, and who waits for it?
