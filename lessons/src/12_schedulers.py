# title: Threads, processes and the lock
# minutes: 40
# needs: lesson 02, NumPy
# skeleton: full
# ruff: noqa: F811, PIE790
# objectives: predict for a kind of work whether threads or processes make it faster; choose a scheduler for one call, for a block of code, or for all that follows; keep tasks free of globals; return little; share out cores between tasks and libraries

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("12_schedulers")

# %% [markdown]
# Four kinds of work, and three **schedulers** to have it done: `sync` (one task after the other, in your own thread),
# `threads` (several lanes in this process) and `processes` (several Python interpreters). All runs use two workers.

# %%
import os
import subprocess
import sys
import time

import numpy as np

import chunkscope
from chunkscope import compute, delayed

chunkscope.config.set(num_workers=2, scheduler="threads")
MOMENT = L.sizes.sleep_s
SIZE = min(10_000_000, L.sizes.points)

# %%
def nap(i):
    time.sleep(3 * MOMENT)
    return i


def sort(i):
    return float(np.sort(np.random.default_rng(i).random(SIZE))[0])


def loop(i):
    return sum(k * k for k in range(i, SIZE // 4))


def full(i):
    return np.full(SIZE, float(i))

# %% [markdown]
# ## Predict
# Python lets only one thread at a time run Python code: whoever does so holds the **GIL**, the interpreter's lock. A
# library may let go of it while it works in C. Each process has a lock of its own.
#
# Fill in this grid, row by row: four tasks of each kind, on two free cores, compared with `sync`.
#
# | | threads | processes |
# |---|---|---|
# | `nap`: waits | ? | ? |
# | `sort`: NumPy | ? | ? |
# | `loop`: pure Python | ? | ? |
# | `full`: returns a big array | ? | ? |

# %% [predict p1 timeline] choice
# ask: `nap` sleeps, as a program does that waits for a disk or an answer. What helps?
# option a: threads and processes both
# option b: only processes
# option c: neither: sleeping cannot be divided
# truth: a
# wrong b: M22 A thread that waits lets go of the lock.
# wrong c: Two can sleep at the same time.
# why: Who waits needs neither a core nor the lock, so both overlap the naps.

# %% [predict p2 timeline] choice
# ask: `sort` draws and sorts with NumPy. What helps?
# option a: threads and processes both
# option b: only processes
# option c: only threads
# truth: a
# wrong b: M22 NumPy lets go of the lock while it draws and sorts.
# wrong c: A number goes in and a number comes out: that is cheap between processes.
# why: NumPy works in C without the lock, so threads suffice. Processes work as well, and have nothing large to carry.

# %% [predict p3 timeline] choice
# ask: `loop` adds squares in pure Python. What helps?
# option a: threads and processes both
# option b: only processes
# option c: only threads
# truth: b
# wrong a: Two threads take turns: only one of them holds the lock.
# wrong c: The other way round: threads share one lock, processes have one each.
# why: Each process has an interpreter and a lock of its own. In threads the bars overlap, but each is longer.

# %% [predict p4 timeline] choice
# ask: `full` runs in another process and returns a big array. What happens with its bytes?
# option a: nothing: the notebook uses the other process's array as it is
# option b: they are copied once, into memory that both processes see
# option c: they are pickled, sent through a pipe and unpickled, piece by piece
# truth: b
# wrong a: A process cannot look into another one's memory, unless both have agreed on a place.
# wrong c: M23 Many tools do this, and then big returns cost more than they gain. Here blocks lie in shared memory.
# why: One copy, which threads do not need. What is small travels as a message. A float instead of an array is always cheaper.

# %% [markdown]
# ## Run

# %% [code timed]
def measured(work, scheduler):
    tasks = [delayed(work)(i) for i in range(4)]
    times = []
    for _ in range(2):  # the second time, the processes are there already
        start = time.perf_counter()
        compute(*tasks, scheduler=scheduler)
        times.append(time.perf_counter() - start)
    return min(times)


print("seconds   sync   threads        processes")
for work in (nap, sort, loop, full):
    sync = measured(work, "sync")
    others = [measured(work, scheduler) for scheduler in ("threads", "processes")]
    gains = [f"{seconds:7.2f} ({sync / seconds:.1f}x)" for seconds in others]
    print(f"{work.__name__:6} {sync:7.2f}", *gains)

# %% [markdown]
# (On a machine that is busy with other things, two cores are not free, and the gains are smaller.)

# %%
L.reveal("p1")

# %%
L.reveal("p2")

# %%
L.reveal("p3")

# %%
L.reveal("p4")

# %% [markdown timeline]
# ## Investigate
# In **Timeline**, two `loop`s in threads lie side by side as if all were well. The record knows better: the lanes were
# busy twice as long as this process had a core.

# %% [code timed]
for scheduler in ("sync", "threads", "processes"):
    compute(*[delayed(loop)(i) for i in range(4)], scheduler=scheduler)
    run = chunkscope.last_run()
    print(f"{scheduler:10} lanes busy {run.busy_seconds:5.2f} s, "
          f"cores of this process {run.processor.seconds:5.2f} s")

# %%
def where(i):
    time.sleep(MOMENT / 2)
    return os.getpid()

# %% [exercise ex1 timeline] who does the work?
# `where(i)` tells the number of the process that it runs in. `in_threads` and `in_processes`: the sets of these numbers,
# of eight tasks each.
in_threads = ...
in_processes = ...

# %% [hint ex1]
# Eight tasks, computed together, twice: the second time with another scheduler.

# %% [hint ex1]
# `compute(*tasks, scheduler="processes")` gives eight numbers; `set(...)` of them is the answer.

# %% [solution ex1]
tasks = [delayed(where)(i) for i in range(8)]
in_threads = set(compute(*tasks, scheduler="threads"))
in_processes = set(compute(*tasks, scheduler="processes"))

# %% [wrong ex1]
tasks = [delayed(where)(i) for i in range(8)]
in_threads = set(compute(*tasks, scheduler="threads"))
in_processes = set(compute(*tasks, scheduler="threads", num_workers=8))

# %% [wrong ex1 M01]
tasks = [delayed(where(i)) for i in range(8)]
in_threads = set(compute(*tasks, scheduler="threads"))
in_processes = set(compute(*tasks, scheduler="processes"))

# %% [wrong ex1 M02]
in_threads = {delayed(where)(i).compute(scheduler="threads") for i in range(8)}
in_processes = {delayed(where)(i).compute(scheduler="processes") for i in range(8)}

# %% [markdown]
# `where` was written in this notebook, and yet other processes know it: functions travel with what they need, lambdas and
# closures too. Elsewhere you may have learnt to put a program under `if __name__ == "__main__":`, since each new process
# read the whole script again. These processes never read your script, so no such guard is needed.

# %% [exercise which] threads, processes, both, neither
# Tables that compare the two are found in many places, not all of them right. Sort these sentences: "threads", "processes",
# "both" or "neither".
which = {
    "They read the same variables, without a copy.": ...,
    "Each has an interpreter and a lock of its own.": ...,
    "If one crashes in a C library, the others and your notebook live on.": ...,
    "While one waits for a disk, the others go on.": ...,
    "If one is blocked, no other can run until it is free again.": ...,
    "What one returns has to be brought to memory that others can read.": ...,
}

# %% [hint which]
# What do two threads of one process share? Everything. What do two processes share? What the system lets them, and no lock.

# %% [hint which]
# One is true of both, and one of neither: it describes a program with a single thread.

# %% [solution which]
which = {
    "They read the same variables, without a copy.": "threads",
    "Each has an interpreter and a lock of its own.": "processes",
    "If one crashes in a C library, the others and your notebook live on.": "processes",
    "While one waits for a disk, the others go on.": "both",
    "If one is blocked, no other can run until it is free again.": "neither",
    "What one returns has to be brought to memory that others can read.": "processes",
}

# %% [wrong which M22]
which = {
    "They read the same variables, without a copy.": "threads",
    "Each has an interpreter and a lock of its own.": "processes",
    "If one crashes in a C library, the others and your notebook live on.": "processes",
    "While one waits for a disk, the others go on.": "processes",
    "If one is blocked, no other can run until it is free again.": "neither",
    "What one returns has to be brought to memory that others can read.": "processes",
}

# %% [wrong which M22]
which = {
    "They read the same variables, without a copy.": "threads",
    "Each has an interpreter and a lock of its own.": "processes",
    "If one crashes in a C library, the others and your notebook live on.": "processes",
    "While one waits for a disk, the others go on.": "both",
    "If one is blocked, no other can run until it is free again.": "threads",
    "What one returns has to be brought to memory that others can read.": "processes",
}

# %% [wrong which]
which = {
    "They read the same variables, without a copy.": "threads",
    "Each has an interpreter and a lock of its own.": "processes",
    "If one crashes in a C library, the others and your notebook live on.": "processes",
    "While one waits for a disk, the others go on.": "both",
    "If one is blocked, no other can run until it is free again.": "processes",
    "What one returns has to be brought to memory that others can read.": "processes",
}

# %% [wrong which M35]
which = {
    "They read the same variables, without a copy.": "both",
    "Each has an interpreter and a lock of its own.": "processes",
    "If one crashes in a C library, the others and your notebook live on.": "processes",
    "While one waits for a disk, the others go on.": "both",
    "If one is blocked, no other can run until it is free again.": "neither",
    "What one returns has to be brought to memory that others can read.": "processes",
}

# %% [wrong which M23]
which = {
    "They read the same variables, without a copy.": "threads",
    "Each has an interpreter and a lock of its own.": "processes",
    "If one crashes in a C library, the others and your notebook live on.": "processes",
    "While one waits for a disk, the others go on.": "both",
    "If one is blocked, no other can run until it is free again.": "neither",
    "What one returns has to be brought to memory that others can read.": "neither",
}

# %% [markdown]
# ## Modify
# ### Three ways to choose

# %%
plan = delayed(nap)(1)
naps = [delayed(nap)(i) for i in range(8)]

# %% [exercise ex2] one call, one block, all that follows
# Compute `plan` four times: with sync, named in the call; with processes, chosen by a `with` block; after the block, with no
# choice at all; and with sync again, but chosen for all that follows.
chunkscope.config.set(scheduler="threads")  # as at the beginning
...

# %% [hint ex2]
# A setting is changed by `chunkscope.config.set(...)`: for good, or as `with chunkscope.config.set(...):` for a block.

# %% [hint ex2]
# The third is a bare `plan.compute()` below the block. The fourth needs a line before it: `chunkscope.config.set(scheduler="sync")`.

# %% [solution ex2]
chunkscope.config.set(scheduler="threads")  # as at the beginning
plan.compute(scheduler="sync")
with chunkscope.config.set(scheduler="processes"):
    plan.compute()
plan.compute()
chunkscope.config.set(scheduler="sync")
plan.compute()

# %% [wrong ex2]
chunkscope.config.set(scheduler="threads")  # as at the beginning
plan.compute(scheduler="sync")
plan.compute(scheduler="processes")
plan.compute()
plan.compute(scheduler="sync")

# %% [wrong ex2]
chunkscope.config.set(scheduler="threads")  # as at the beginning
plan.compute(scheduler="sync")
chunkscope.config.set(scheduler="processes")
plan.compute()
plan.compute()
chunkscope.config.set(scheduler="sync")
plan.compute()

# %% [wrong ex2]
chunkscope.config.set(scheduler="threads")  # as at the beginning
plan.compute(scheduler="sync")
with chunkscope.config.set(scheduler="processes"):
    plan.compute()
chunkscope.config.set(scheduler="sync")
plan.compute()

# %%
chunkscope.config.set(scheduler="threads")
chunkscope.config.get("scheduler")

# %% [exercise ex3 timeline] how many at once
# `at_once`: for 1, 2 and 4 workers, the largest number of naps that ran at the same time when eight were computed on threads.
# A dict such as {1: 8, 2: 8, 4: 8}, from the records of three runs.
at_once = ...

# %% [hint ex3]
# `compute` takes `num_workers=`, and `chunkscope.last_run()` has the record afterwards.

# %% [hint ex3]
# A loop over 1, 2 and 4 that computes `naps` and then keeps `chunkscope.last_run().peak_concurrency`.

# %% [solution ex3]
at_once = {}
for workers in (1, 2, 4):
    compute(*naps, num_workers=workers)
    at_once[workers] = chunkscope.last_run().peak_concurrency

# %% [wrong ex3]
compute(*naps)
at_once = {workers: chunkscope.last_run().peak_concurrency for workers in (1, 2, 4)}

# %% [wrong ex3 M17]
at_once = {}
for workers in (1, 2, 4):
    compute(*naps, num_workers=workers)
    at_once[workers] = chunkscope.last_run().ntasks

# %% [wrong ex3 M02]
at_once = {}
for workers in (1, 2, 4):
    for task in naps:
        task.compute(num_workers=workers)
    at_once[workers] = chunkscope.last_run().peak_concurrency

# %% [markdown]
# ### What does not travel back
# This program counts the multiples of 9 below 1000 in ten tasks. With threads it works, most of the time; with processes
# it says 0:
#
# ```python
# hits = 0
# def search(start):
#     global hits
#     for n in range(start, start + 100):
#         if n % 9 == 0:
#             hits += 1
# compute(*[delayed(search)(start) for start in range(0, 1000, 100)], scheduler="processes")
# ```

# %% [exercise ex4] without globals
# `hits`: the same count, worked out by ten tasks in processes.
hits = ...

# %% [hint ex4]
# Each process has globals of its own. The only way back is what a function returns.

# %% [hint ex4]
# `search(start)` returns the number for its hundred; `sum` of what `compute` gives is the answer.

# %% [solution ex4]
def search(start):
    return sum(n % 9 == 0 for n in range(start, start + 100))


hits = sum(compute(*[delayed(search)(start) for start in range(0, 1000, 100)], scheduler="processes"))

# %% [right ex4]
counts = [delayed(lambda start: len([n for n in range(start, start + 100) if n % 9 == 0]))(s) for s in range(0, 1000, 100)]
hits = delayed(sum)(counts).compute(scheduler="processes")

# %% [wrong ex4 M35]
hits = 0


def search(start):
    global hits
    for n in range(start, start + 100):
        if n % 9 == 0:
            hits += 1


compute(*[delayed(search)(start) for start in range(0, 1000, 100)], scheduler="processes")

# %% [wrong ex4]
def search(start):
    return sum(n % 9 == 0 for n in range(start, start + 100))


hits = sum(compute(*[delayed(search)(start) for start in range(0, 1000, 100)]))

# %% [wrong ex4 M01]
def search(start):
    return sum(n % 9 == 0 for n in range(start, start + 100))


hits = sum(compute(*[delayed(search(start)) for start in range(0, 1000, 100)], scheduler="processes"))

# %% [wrong ex4 M03]
def search(start):
    return sum(n % 9 == 0 for n in range(start, start + 1000))


hits = delayed(search)(0).compute(scheduler="processes")

# %% [markdown memory]
# ### Return little

# %% [exercise ex5 memory] a mean, not the arrays
# `mean`: the mean of all elements of full(0) … full(3), made in processes. Less than a kilobyte comes back.
mean = ...

# %% [hint ex5]
# What does each array contribute to the mean? They are all of the same size.

# %% [hint ex5]
# A task's value can be worked on further before you compute: `delayed(full)(i).mean()` is one more task.

# %% [hint ex5]
# `means = compute(*[delayed(full)(i).mean() for i in range(4)], scheduler="processes")`

# %% [solution ex5]
means = compute(*[delayed(full)(i).mean() for i in range(4)], scheduler="processes")
mean = sum(means) / 4

# %% [right ex5]
def small(i):
    return full(i).mean()


mean = np.mean(compute(*[delayed(small)(i) for i in range(4)], scheduler="processes"))

# %% [wrong ex5 M23]
arrays = compute(*[delayed(full)(i) for i in range(4)], scheduler="processes")
mean = np.mean(arrays)

# %% [wrong ex5 M01]
means = compute(*[delayed(full(i)).mean() for i in range(4)], scheduler="processes")
mean = sum(means) / 4

# %% [wrong ex5]
mean = np.mean([full(i).mean() for i in range(4)])

# %% [wrong ex5]
means = compute(*[delayed(full)(i).mean() for i in range(4)], scheduler="processes")
mean = sum(means)

# %% [markdown]
# ### Threads inside threads
# Linear algebra libraries start threads of their own. Two tasks at once, each with eight such threads, on two cores: that
# is **oversubscription**. A program of its own shows what 1, 2 and 8 threads of the library do here:

# %% [code timed]
side = L.sizes.side // 2
product = f"""
import time, numpy as np
x = np.random.default_rng(0).random(({side}, {side}))
start, cpu = time.perf_counter(), time.process_time()
for _ in range(4): x @ x
wall, cores = time.perf_counter() - start, time.process_time() - cpu
print(f"{{wall:.2f}} s on the wall, {{cores:.2f}} s of cores")
"""
names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
for threads in ("1", "2", "8"):
    limits = os.environ | dict.fromkeys(names, threads)
    command = [sys.executable, "-c", product]
    run = subprocess.run(command, env=limits, capture_output=True, text=True)
    print("threads:", threads, "·", run.stdout.strip())

# %% [markdown]
# chunkscope holds such libraries to one thread while several tasks run at once. For programs that you start yourself, or
# on a cluster, the variables above do it: they have to be set before the library is imported.

# %% [exercise ex6] share out the cores
# `threads_each(workers, cores)`: how many threads each worker's library may use, so that no core has two of them and
# as few cores as possible stay idle. (More workers than cores: one.)
def threads_each(workers, cores):
    return ...

# %% [hint ex6]
# All workers together use `workers` times as many threads; that must not be more than the cores.

# %% [hint ex6]
# Whole threads only: `//`. And at least one: `max`.

# %% [solution ex6]
def threads_each(workers, cores):
    return max(1, cores // workers)

# %% [wrong ex6 M24]
def threads_each(workers, cores):
    return cores

# %% [wrong ex6]
def threads_each(workers, cores):
    return cores // workers

# %% [wrong ex6]
def threads_each(workers, cores):
    return 1

# %% [wrong ex6 M24]
def threads_each(workers, cores):
    return -(-cores // workers)

# %% [markdown]
# ### A rule of thumb, tested
# "On c cores take √c processes with √c threads each." Take 16 cores and 64 tasks of one second, all of pure Python.

# %% [predict p5] numbers
# ask: How many seconds with 1 process of 16 threads, 4 processes of 4 threads (the rule), and 16 processes of 1 thread?
# truth: [{fact:schedulers.one_by_sixteen:.0f}, {fact:schedulers.four_by_four:.0f}, {fact:schedulers.sixteen_by_one:.0f}]
# wrong 4, 4, 4: M25 A thread that holds no lock does no Python: only one for each process works.
# wrong 64, 4, 4: In each of the 4 processes 4 threads share one lock.
# wrong *: One lock for each process: how many tasks of pure Python can run at once?
# why: As many tasks run at once as there are processes. For NumPy all three take {fact:schedulers.sixteen_by_one:.0f} seconds. The rule is a compromise: it saves
#   the memory of 12 processes, and gives away time where Python itself does the work.

# %%
pure = [delayed(loop)(i) for i in range(64)]
[chunkscope.simulate(*pure, workers=processes, cost=1.0).seconds for processes in (1, 4, 16)]

# %%
L.reveal("p5")

# %% [markdown]
# ## Make

# %% [exercise ex7 timeline] five workloads
# For each workload the scheduler that you would begin with: "sync", "threads" or "processes". Then `done`: the results of
# the first three, each computed (two tasks, 0 and 1) with the scheduler that you chose for it.
choice = {
    "nap: wait for a hundred answers from a disk": ...,
    "sort: NumPy on large arrays, which stay in memory": ...,
    "loop: pure Python, small numbers in and out": ...,
    "an exception in one task, to be looked at with the debugger": ...,
    "a C library that crashes when two threads use it": ...,
}
done = ...

# %% [hint ex7]
# Ask of each: does it hold the lock? Has it much to carry? Must two not share a process, or should one do all?

# %% [hint ex7]
# Where threads suffice, take them: nothing is copied. A debugger wants everything in your own thread.

# %% [hint ex7]
# `done = [compute(delayed(work)(0), delayed(work)(1), scheduler=...) for work, ... in ...]`

# %% [solution ex7]
choice = {
    "nap: wait for a hundred answers from a disk": "threads",
    "sort: NumPy on large arrays, which stay in memory": "threads",
    "loop: pure Python, small numbers in and out": "processes",
    "an exception in one task, to be looked at with the debugger": "sync",
    "a C library that crashes when two threads use it": "processes",
}
done = []
for work, scheduler in zip((nap, sort, loop), choice.values(), strict=False):
    done.append(compute(delayed(work)(0), delayed(work)(1), scheduler=scheduler))

# %% [wrong ex7 M22]
choice = dict(zip("abcde", ["threads", "processes", "processes", "sync", "processes"], strict=True))
done = []
for work, scheduler in zip((nap, sort, loop), choice.values(), strict=False):
    done.append(compute(delayed(work)(0), delayed(work)(1), scheduler=scheduler))

# %% [wrong ex7]
choice = dict(zip("abcde", ["threads", "threads", "threads", "sync", "processes"], strict=True))
done = []
for work, scheduler in zip((nap, sort, loop), choice.values(), strict=False):
    done.append(compute(delayed(work)(0), delayed(work)(1), scheduler=scheduler))

# %% [wrong ex7]
choice = dict(zip("abcde", ["threads", "threads", "processes", "threads", "processes"], strict=True))
done = []
for work, scheduler in zip((nap, sort, loop), choice.values(), strict=False):
    done.append(compute(delayed(work)(0), delayed(work)(1), scheduler=scheduler))

# %% [wrong ex7]
choice = dict(zip("abcde", ["threads", "threads", "processes", "sync", "threads"], strict=True))
done = []
for work, scheduler in zip((nap, sort, loop), choice.values(), strict=False):
    done.append(compute(delayed(work)(0), delayed(work)(1), scheduler=scheduler))

# %% [wrong ex7]
choice = dict(zip("abcde", ["threads", "threads", "processes", "sync", "processes"], strict=True))
done = [compute(delayed(work)(0), delayed(work)(1)) for work in (nap, sort, loop)]

# %% [markdown]
# ## Key points
# - Threads overlap what waits and what NumPy, pandas or a file does; pure Python they only take turns with.
# - Processes have a lock each. What they return is copied once, so return little.
# - `scheduler=` for one call, `with chunkscope.config.set(scheduler=…)` for a block, without `with` for all that follows.
# - A task takes arguments and returns a value; globals stay in the process that changed them.
# - Workers times their libraries' threads: not more than there are cores.
# - `sync` is the scheduler for debugging, also on a supercomputer.
#
# ## Check yourself

# %% [predict q1] choice
# ask: A task parses text with Python's own string methods, line by line. Which sentence is right?
# option a: threads never help in Python, so use processes for everything
# option b: for this task use processes; for the NumPy step after it threads are as good
# option c: processes always help, so use them for both
# truth: b
# wrong a: M22 NumPy, pandas and files let go of the lock.
# wrong c: M23 What goes between processes is copied; large blocks are better left where they are.
# why: It depends on who holds the lock, and on how much has to be carried.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: 8 cores, `num_workers=8`, and each task calls a library with 8 threads of its own. What happens?
# option a: it is 8 times faster than with one thread for each library
# option b: up to 64 threads fight for 8 cores
# option c: nothing: the operating system shares the cores out for free
# truth: b
# wrong a: M24 There are 8 cores, and they were busy already.
# wrong c: M24 Switching costs time, and the threads push each other's data out of the caches.
# why: Workers times threads is what runs at once. Give each library one thread, or have fewer workers.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: A task appends its result to a list that is a global of your notebook. When is the list right at the end?
# option a: always, a list is a list
# option b: with `sync` and `threads`; with `processes` it stays empty
# option c: with `processes` only, since they do not disturb each other
# truth: b
# wrong a: M35 Each process has globals of its own.
# wrong c: M35 What they append to is a copy that ends with them.
# why: Return values are the way back. They work with every scheduler.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
L.progress()

# %% [instructor]
# 40 minutes: start 2, the grid 8, run and lock 5, sorting 2, ex1 to ex3 7, ex4 and ex5 6, oversubscription 4, rule of thumb 2, make 4.
# Wrong predictions to expect: p2 = only processes ("the GIL"), p3 = both. Let them look at busy lanes against cores.
# If the room is slow, leave out ex3 and p5. If it is fast: where is the size of `full` from which processes lose?
# Exit ticket: which step of your own program holds the lock, and how could you find out?
