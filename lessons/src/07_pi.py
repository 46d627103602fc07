# title: π four ways, up to 100 GB
# minutes: 45
# needs: lessons 00 and 02, NumPy
# skeleton: full
# objectives: find out from a run why something did not get faster; say how much faster a set of unequal tasks can get; choose chunks by time and by memory; plan a computation of 100 GB before running it; tell how exact a random estimate is

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("07_pi")

# %% [markdown]
# Throw points at a unit square. The share that falls within distance 1 of the corner is π/4.

# %%
import numpy as np

import chunkscope
import chunkscope.array as ca
from chunkscope import compute, delayed

chunkscope.config.set(num_workers=2)


def estimate_pi(n, seed=0):
    xy = np.random.default_rng(seed).random((n, 2))
    inside = (xy**2).sum(axis=1) < 1
    return 4 * inside.mean()


estimate_pi(10_000)

# %% [markdown]
# ## Predict
# How far off is such an estimate? Each point is a coin that falls inside with probability p = π/4. The error of the
# estimate is about 4 · √(p(1 − p)/n), which is {fact:pi.sigma:.3f}/√n.

# %% [predict p1] numbers
# ask: The typical error for 625 points, for 625,000, and for 6,250,000,000 (100 GB of points)? Give [first, second, third].
# truth: [{fact:pi.error_625:.4f}, {fact:pi.error_625k:.5f}, {fact:pi.error_6g:.7f}]
# tolerance: 0.15
# wrong *: Divide {fact:pi.sigma:.3f} by the square root of n: a thousand times the points, 32 times the exactness.
# why: {fact:pi.error_625:.3f}, {fact:pi.error_625k:.4f} and {fact:pi.error_6g:.6f}. One more digit costs a hundred times the points.

# %% [predict p2 timeline] choice
# ask: `delayed(estimate_pi)(n)` on two workers, compared with calling `estimate_pi(n)`: how long does it take?
# option a: half as long
# option b: about as long, or a little longer
# option c: it depends on the scheduler
# truth: b
# wrong a: M03 Wrapping does not look into the function: one call is one task.
# wrong c: M03 No scheduler can share out a single task.
# why: One task runs on one worker. The other has nothing to do, and the task's price comes on top.

# %% [markdown]
# ## Run
# ### First way: NumPy, second way: one delayed call

# %%
n = L.sizes.points // 10
[round(float(abs(estimate_pi(points) - np.pi)), 4) for points in (625, 62_500, 625_000)]

# %%
L.reveal("p1")

# %%
one = delayed(estimate_pi)(n)
one.compute()

# %% [code timed]
print(chunkscope.last_run().describe())

# %%
L.reveal("p2")

# %% [markdown timeline]
# ## Investigate
# Look at **Timeline**: one bar in one lane, and nothing beside it. The record of the run knows it as well.

# %% [exercise ex1 timeline] read the record
# Compute `one` again and read from the record of that run: the number of its tasks, and the largest number of tasks
# that ran at the same time. (Type `run.` and Tab to see what a record knows.)
one.compute()
run = chunkscope.last_run()
tasks = ...
at_once = ...

# %% [hint ex1]
# Both are attributes of `run`; no counting is needed.

# %% [hint ex1]
# `run.ntasks`, and an attribute that begins with `peak_`.

# %% [solution ex1]
one.compute()
run = chunkscope.last_run()
tasks = run.ntasks
at_once = run.peak_concurrency

# %% [wrong ex1 M03]
one.compute()
run = chunkscope.last_run()
tasks = run.ntasks
at_once = 2

# %% [wrong ex1]
one.compute()
run = chunkscope.last_run()
tasks = n
at_once = run.peak_concurrency

# %% [markdown]
# ### Third way: a loop of growing tasks
# Five estimates with n, 2n, 3n, 4n and 5n points, five tasks. Say the first takes one second.

# %% [predict p3] number
# ask: How many times faster than one after the other can the five get, on as many workers as you like?
# truth: {fact:pi.best_speedup:.0f}
# wrong 5: M05 Five tasks, but unequal ones: the largest alone takes a third of the time.
# wrong 2: With two workers, about. With more the limit is the largest task.
# wrong *: All the work, divided by the longest task.
# why: 1 + 2 + 3 + 4 + 5 = 15 seconds of work, and the last task alone takes 5: 15 / 5 = 3 times at best.

# %% [predict p4 timeline] numbers
# ask: On two workers, in the order 1, 2, 3, 4, 5: how many seconds? And in the order 5, 4, 3, 2, 1? Each worker takes the
#   next task as soon as it is free. Give [rising, falling].
# truth: [{fact:pi.rising:.0f}, {fact:pi.falling:.0f}]
# wrong 7.5, 7.5: M05 Half of 15, if tasks could be cut. They cannot.
# wrong 8, 8: The rising order ends with the largest task while the other worker has nothing left.
# wrong *: Write two columns and hand out the tasks one by one.
# why: Rising: 1 + 3 + 5 = {fact:pi.rising:.0f} against 2 + 4. Falling: 5 + 2 + 1 = {fact:pi.falling:.0f} against 4 + 3. Longest first is a good rule.

# %%
def by_size(key):
    return seconds[key.block[0]]


five = [delayed(estimate_pi)(k * n, seed=k) for k in (1, 2, 3, 4, 5)]
seconds = [1.0, 2.0, 3.0, 4.0, 5.0]
rising = chunkscope.simulate(*five, workers=2, cost=by_size).seconds
many = chunkscope.simulate(*five, workers=64, cost=by_size).seconds
seconds = [5.0, 4.0, 3.0, 2.0, 1.0]
falling = chunkscope.simulate(*five[::-1], workers=2, cost=by_size).seconds
rising, falling, 15 / many

# %%
L.reveal("p3")

# %%
L.reveal("p4")

# %% [markdown]
# ## Modify

# %% [exercise ex2 timeline] five growing tasks
# `estimates`: a list of the five estimates of π with n, 2n, … 5n points (seed=1 … 5), worked out in one computation.
estimates = ...

# %% [hint ex2]
# As in lesson 02: collect five tasks, then compute once.

# %% [hint ex2]
# `compute(*tasks)` takes many and gives back a tuple; `list(...)` makes a list of it.

# %% [hint ex2]
# `estimates = list(compute(*[delayed(estimate_pi)(k * n, seed=k) for k in range(1, 6)]))`

# %% [solution ex2]
estimates = list(compute(*[delayed(estimate_pi)(k * n, seed=k) for k in range(1, 6)]))

# %% [right ex2]
tasks = [delayed(estimate_pi, name=f"pi {k}")(k * n, seed=k) for k in range(1, 6)]
estimates = list(compute(*tasks))

# %% [wrong ex2 M02]
estimates = [delayed(estimate_pi)(k * n, seed=k).compute() for k in range(1, 6)]

# %% [wrong ex2 M01]
estimates = list(compute(*[delayed(estimate_pi(k * n, seed=k)) for k in range(1, 6)]))

# %% [wrong ex2 M03]
def all_five():
    return [estimate_pi(k * n, seed=k) for k in range(1, 6)]


estimates = delayed(all_five)().compute()

# %% [wrong ex2]
for k in range(1, 6):
    task = delayed(estimate_pi)(k * n, seed=k)
estimates = list(compute(task))

# %% [markdown]
# ### Fourth way: a chunked array
# A task of 5 GB needs 5 GB. So cut the *array* instead: as many equal tasks as you like, each as small as you like.

# %%
def chunked_pi(n, chunks, seed=0):
    xy = ca.random.default_rng(seed).random((n, 2), chunks=(chunks, 2))
    inside = (xy**2).sum(axis=1) < 1
    return 4 * inside.mean()


chunked_pi(625_000, 31_250)

# %% [predict p5] number
# ask: 625,000 points (10 MB), cut into "3 chunks" by `chunks=625_000 // 3`. How many chunks are there?
# truth: {fact:pi.crumb_chunks}
# wrong 3: 3 × 208,333 is 624,999. The last point has to go somewhere.
# wrong 208333: M09 That is the size of a chunk.
# wrong *: 625,000 // 3 is 208,333.
# why: Three of 208,333 and a crumb with a single point: a whole task for it. Round up: `-(-625_000 // 3)`.

# %%
ca.random.default_rng(0).random((625_000, 2), chunks=(625_000 // 3, 2)).chunks[0]

# %%
L.reveal("p5")

# %% [exercise ex3 chunks] twenty chunks
# `pi_plan`: the plan of the estimate from 625,000 points in exactly 20 chunks. `pi_value`: its value.
pi_plan = ...
pi_value = ...

# %% [hint ex3]
# `chunked_pi` takes the number of points and the size of a chunk.

# %% [hint ex3]
# 625,000 / 20 points in each chunk.

# %% [hint ex3]
# `pi_plan = chunked_pi(625_000, 31_250)`, then compute it.

# %% [solution ex3]
pi_plan = chunked_pi(625_000, 625_000 // 20)
pi_value = pi_plan.compute()

# %% [right ex3]
xy = ca.random.default_rng(5).random((625_000, 2), chunks={0: 31_250})
pi_plan = ((xy * xy).sum(axis=1) < 1).sum() * 4 / 625_000
pi_value = float(pi_plan.compute())

# %% [wrong ex3 M09]
pi_plan = chunked_pi(625_000, 20)
pi_value = 3.14

# %% [wrong ex3 M08]
pi_plan = chunked_pi(625_000, 31_250)
pi_value = pi_plan

# %% [wrong ex3]
xy = ca.random.default_rng(0).random((625_000, 2), chunks=(31_250, 2))
pi_plan = ((xy**2).sum(axis=1) < 1).mean()
pi_value = pi_plan.compute()

# %% [wrong ex3]
pi_plan = chunked_pi(62_500, 3_125)
pi_value = pi_plan.compute()

# %% [predict p6] choice
# ask: The same seed, the same number of points, but chunks of another size. Is the estimate the same?
# option a: yes, the seed settles the numbers
# option b: no, each block has a stream of its own
# option c: no, it is different in every run
# truth: b
# wrong a: M32 The seed settles them together with the chunks.
# wrong c: M32 With the same seed and the same chunks it is the same in every run, on any number of workers.
# why: Blocks are made independently and in any order, so each has its own stream, derived from the seed and its place.

# %%
[float(chunked_pi(625_000, chunks).compute()) for chunks in (31_250, 31_250, 62_500)]

# %%
L.reveal("p6")

# %% [markdown]
# ## Make
# ### Plan 100 GB
# 100 GB of points do not fit into this machine. Work out what does, before running anything. A NumPy task that works on
# one chunk holds {fact:pi.temporaries} times the chunk's bytes, with its temporaries. Take a node with 5 workers of 4 threads:
# 20 chunks in work at any time.

# %% [exercise ex4 memory] what is alive
# Fill in numbers (a point has 16 bytes; 1 GB is 1e9 bytes, 1 MB is 1e6).
plan_100 = {
    "points": ...,
    "GB in each of 40 chunks": ...,
    "GB alive with 40 chunks": ...,
    "MB in each of 4000 chunks": ...,
    "GB alive with 4000 chunks": ...,
}

# %% [hint ex4]
# Alive is what the 20 chunks in work need, with their temporaries: not the whole array.

# %% [hint ex4]
# Chunk: 100 GB / 40. Alive: that × {fact:pi.temporaries} × 20.

# %% [hint ex4]
# 6.25e9 points; 2.5 GB; 2.5 × {fact:pi.temporaries} × 20 GB; then the same with 4000 chunks.

# %% [solution ex4]
plan_100 = {
    "points": 100e9 / 16,
    "GB in each of 40 chunks": 100 / 40,
    "GB alive with 40 chunks": 100 / 40 * 2.3 * 20,
    "MB in each of 4000 chunks": 100e3 / 4000,
    "GB alive with 4000 chunks": 100 / 4000 * 2.3 * 20,
}

# %% [wrong ex4 M12]
plan_100 = {
    "points": 6.25e9,
    "GB in each of 40 chunks": 2.5,
    "GB alive with 40 chunks": 100,
    "MB in each of 4000 chunks": 25,
    "GB alive with 4000 chunks": 100,
}

# %% [wrong ex4 M12]
plan_100 = {
    "points": 6.25e9,
    "GB in each of 40 chunks": 2.5,
    "GB alive with 40 chunks": 50,
    "MB in each of 4000 chunks": 25,
    "GB alive with 4000 chunks": 0.5,
}

# %% [wrong ex4]
plan_100 = {
    "points": 100e9 / 8,
    "GB in each of 40 chunks": 2.5,
    "GB alive with 40 chunks": 115,
    "MB in each of 4000 chunks": 25,
    "GB alive with 4000 chunks": 1.15,
}

# %% [markdown]
# The engine does this sum for you. It runs the steps of a chunk in tiles that fit the processor's cache, so that not even
# one whole chunk has to exist at a time:

# %%
hundred = chunked_pi(6_250_000_000, 1_562_500)
plan = chunkscope.plan(hundred)
plan

# %% [exercise ex5 chunks memory] choose the chunks
# `best`: the plan of an estimate from 62,500,000 points (1 GB) with at most 500 tasks in all and no chunk of points
# above 32 MB. Only the plan: nothing has to run.
best = ...

# %% [hint ex5]
# 32 MB hold two million points. How many chunks is that?

# %% [hint ex5]
# `chunkscope.plan(best).ntasks` counts the tasks before anything runs.

# %% [hint ex5]
# `best = chunked_pi(62_500_000, 1_562_500)` makes 40 chunks of 25 MB.

# %% [solution ex5]
best = chunked_pi(62_500_000, 1_562_500)

# %% [right ex5]
best = chunked_pi(62_500_000, 2_000_000, seed=3)

# %% [wrong ex5 M04]
best = chunked_pi(62_500_000, 31_250)

# %% [wrong ex5 M10]
best = chunked_pi(62_500_000, 62_500_000)

# %% [wrong ex5 M09]
best = chunked_pi(62_500_000, 40)

# %% [wrong ex5]
best = chunked_pi(62_500_000, 1_562_500).compute()

# %% [markdown]
# ### If you have the time
# Set `GIGABYTES` to 1, 10 or 100, and watch **Timeline** and the curve of the memory while it runs: 1 GB takes about a
# second on two cores, 100 GB a minute or two, and the memory stays where it is.

# %% [code timed]
from chunkscope.diagnostics import ProgressBar

GIGABYTES = 0
if GIGABYTES:
    with ProgressBar():
        estimate = chunked_pi(GIGABYTES * 62_500_000, 1_562_500).compute()
    run = chunkscope.last_run()
    print(f"π ≈ {estimate:.6f}, off by {abs(estimate - np.pi):.1e}")
    print(f"{run.ntasks} tasks in {run.seconds:.1f} s, peak {run.peak_bytes / 1e6:.1f} MB of blocks")

# %% [markdown]
# ### When is it slower?
# Ten thousand points take NumPy a fraction of a millisecond: less than eight tasks cost. On your machine:

# %% [code timed]
import time


def fastest(work):
    laps = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        laps.append(time.perf_counter() - start)
    return min(laps)


for points in (10_000, 1_000_000):
    plain = fastest(lambda p=points: estimate_pi(p))
    pieces = fastest(lambda p=points: chunked_pi(p, -(-p // 8)).compute())
    print(f"{points:>9,} points: NumPy {plain * 1e3:.2f} ms, 8 chunks {pieces * 1e3:.2f} ms")

# %% [markdown]
# ## Key points
# - One call is one task: nothing gets faster by wrapping it.
# - Unequal tasks end with the largest; start with the longest.
# - Chunks make equal tasks of any size: large enough to be worth their price, small enough for memory.
# - Memory is what is alive at once, not the size of the data. `plan` tells before you run.
# - Seed **and** chunks settle the random numbers.
#
# ## Check yourself

# %% [predict q1] choice
# ask: A function takes 10 s. You call `delayed(function)(data).compute()` on 8 workers. How long?
# option a: a little over 10 s
# option b: about 1.25 s
# option c: less than 1 s, because it is lazy
# truth: a
# wrong b: M03 One call is one task on one worker.
# wrong c: M08 Lazy means later, not faster.
# why: There is one task. To use eight workers, make at least eight.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: 10 GB in chunks of 0.01 MB: what is wrong with that?
# option a: nothing: more tasks are faster
# option b: a million tasks, each with less to do than it costs to plan, hand over and record
# option c: the memory will not suffice
# truth: b
# wrong a: M04 A task has a price, whatever its size.
# wrong c: M12 Small chunks need little memory at once.
# why: Choose chunks so that a task takes some milliseconds at least.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: A machine with 16 GB of memory and four threads. Can it take the mean of 100 GB of random numbers?
# option a: no, the data do not fit
# option b: yes, in chunks of 25 GB, one for each thread
# option c: yes, in chunks of some ten MB
# truth: c
# wrong a: M12 The whole never has to exist at one time.
# wrong b: M10 Four chunks of 25 GB are the whole array again.
# why: Alive at once: four chunks and their temporaries. With chunks of 25 MB that is less than a quarter of a GB.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
L.progress()

# %% [instructor]
# 45 minutes: start 5, predict and run 10, loop 8, chunked 10, plan 10, questions 2.
# Wrong predictions to expect: p2 = half as long, p3 = 5, p4 = 7.5. Hand out the tasks on the board, two columns.
# If the room is slow, leave out p5 and ex2. If it is fast: really run 10 GB and compare the peak with the plan.
# Exit ticket: what would you change first if the peak were too large?
