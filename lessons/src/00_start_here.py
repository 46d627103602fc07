# title: Five minutes: see your data in pieces
# minutes: 5
# needs: nothing
# skeleton: short
# objectives: run a sum over an array that is cut into chunks; read one picture of chunks; tell whether you need this at all

# %% [markdown]
# ## Start
# Run the cells one after the other with **Shift+Enter**. The panel beside this notebook shows what each of them does;
# everything in it is also written as text below the cells.

# %%
from chunkscope_lessons import lesson

L = lesson("00_start_here")

# %% [code timed]
L.machine()

# %% [markdown]
# ## Predict
# A large array can be kept as many small ones, called **chunks**. Here is one with
# 4,000 × 4,000 numbers (float64: 8 bytes each), cut into squares of 1,000 × 1,000.

# %% [predict p1 chunks] numbers
# ask: How many chunks are there, and how many MB (millions of bytes) has each? Give both as [chunks, MB].
# truth: [{fact:start.nchunks}, {fact:start.chunk_mb}]
# wrong 4, 8: You cut one side only. There are 4 pieces along each of the two axes, so 4 × 4.
# wrong 16, 1: A million numbers, yes; each has 8 bytes.
# wrong *: 4,000 / 1,000 = 4 along each axis; 1,000 × 1,000 numbers of 8 bytes in each.
# why: 4 × 4 = {fact:start.nchunks} chunks of {fact:start.chunk_mb} MB, together {fact:start.total_mb} MB. The table under the
#   cell counts in MiB, of 1,048,576 bytes each: that is {fact:start.chunk_mib} and {fact:start.total_mib:.0f}.

# %% [markdown]
# ## Run

# %%
import chunkscope
import chunkscope.array as ca

x = ca.random.default_rng(0).random((4000, 4000), chunks=(1000, 1000))
x

# %%
L.reveal("p1")

# %% [predict p2 chunks] choice
# ask: The cell above has run. How many of the random numbers exist now?
# option a: all of them, 128 MB
# option b: one chunk, 8 MB
# option c: none
# truth: c
# wrong a: M08 What you see is the plan of the array, with its shape and its cuts.
# wrong b: M08 Not even the first chunk has been made.
# why: `x` is lazy. The numbers are made when you ask for a result, chunk by chunk, and thrown away after use.

# %%
x.mean().compute()

# %%
L.reveal("p2")

# %% [markdown chunks replay]
# ## Investigate
# Press ▶ in the panel's **Replay**: it plays the last run in slow motion, over the seconds chosen beside it; the arrows
# step from task to task. Each square of **Chunks** lights up when its chunk has been summed; only the sum is kept, and goes
# on to the tree that joins them. The same in words:

# %% [code timed]
print(chunkscope.last_run().describe())

# %% [markdown]
# ### The same with real data
# January 2013: every flight that was to leave New York City, in one CSV file of {fact:start.january_mb:.1f} MB. A **data frame** is a
# table in pieces, called **partitions**. The same three lines again: make it, look at it, ask it something.

# %%
import chunkscope.dataframe as cd
from chunkscope_datasets import flights

january = cd.read_csv(flights("by_month")[0], blocksize="500kB", assume_missing=True)
january

# %%
len(january)

# %%
(january["DepDelay"] > 15).sum().compute()

# %% [markdown]
# {fact:flights.january_late} of {fact:flights.january} flights left more than a quarter of an hour late. Look at **Chunks** in the
# panel: a strip with a bar for each of the {fact:start.partitions} partitions. (`assume_missing`: some of the numbers are missing. Lesson 09 tells why that
# matters.)
#
# ## Modify

# %% [exercise ex1 chunks] four chunks
# A random array of the same shape, cut into exactly 4 chunks. Any shape of chunk will do.
y = ...

# %% [hint ex1]
# `chunks=(1000, 1000)` says how large a chunk is. How large must it be for four of them?

# %% [hint ex1]
# Two pieces along each axis make four: half of 4,000 each way.

# %% [hint ex1]
# `y = ca.random.default_rng(0).random((4000, 4000), chunks=(2000, ...))`

# %% [solution ex1]
y = ca.random.default_rng(0).random((4000, 4000), chunks=(2000, 2000))

# %% [right ex1]
y = ca.random.default_rng(7).random((4000, 4000), chunks=(1000, -1))

# %% [wrong ex1 M09]
y = ca.random.default_rng(0).random((4000, 4000), chunks=4)

# %% [wrong ex1]
y = ca.random.default_rng(0).random((4000, 4000), chunks=(1000, 1000))

# %% [wrong ex1]
y = ca.random.default_rng(0).random((2000, 2000), chunks=(1000, 1000))

# %% [wrong ex1]
y = ca.random.default_rng(0).random((4000, 4000), chunks=(2000, 2000)).compute()

# %% [markdown]
# ## Do you need this?
# | Question | If yes |
# |---|---|
# | Does your data fit into memory three times over? | NumPy and pandas will do: a fine result |
# | Is your program already fast enough? | leave it as it is: **the best result there is** |
# | Does one step take nearly all the time, in pure Python? | a better algorithm first |
# | Many files, or arrays larger than memory, or idle cores? | go on with lesson 01 |
#
# **When is it slower?** Run this: the same mean in plain NumPy and in chunks, on your machine. At this size either may
# win. NumPy holds the whole {fact:start.total_mb} MB; the chunked mean a few chunks at a time.

# %% [code timed]
import time

import numpy as np

start = time.perf_counter()
np.random.default_rng(0).random((4000, 4000)).mean()
plain = time.perf_counter() - start
start = time.perf_counter()
x.mean().compute()
print(f"on your machine: NumPy {plain:.2f} s, in chunks {time.perf_counter() - start:.2f} s")

# %% [markdown]
# ## Key points
# - A chunked array is many small arrays behind one face; `chunks` is the **size** of a piece.
# - Nothing is computed until you ask with `compute()`.
# - Each run can be seen: live, in replay, or in words.
#
# ## Clean up

# %%
L.progress()

# %% [instructor]
# 5 minutes. Wrong predictions to expect: 4 chunks (one axis only), 128 MB in memory. Let them say it aloud before p2.
# If the room is slow, leave out the exercise; if it is fast, ask for 4 chunks of another shape.
# Exit ticket: what does chunks=(500, 4000) give?
