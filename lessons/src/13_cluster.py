# title: Anatomy of a cluster
# minutes: 45
# needs: lesson 12, NumPy
# skeleton: full
# objectives: name the parts of a cluster and what each of them does; choose workers, threads and memory, and say what follows; tell where chunks and results are; start work that goes on in the background and wait for it; reach a cluster from a second program; predict what the death of a worker costs; leave nothing behind

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("13_cluster")

# %% [markdown]
# Until now workers came and went with each computation. A **cluster** is workers that stay, and a **client** is your door to
# them. This one lives on your machine, and yet it is what you meet on a supercomputer: the same parts, the same words.

# %%
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

import chunkscope
import chunkscope.array as ca
from chunkscope import Client, LocalCluster, compute, delayed, persist, wait
from chunkscope.futures import clusters
from chunkscope_lessons.sharing import shared_reads

# %%
for left in clusters():
    left.close()  # this cell has run before
MOMENT = L.sizes.sleep_s
SIDE = L.sizes.side // 2
x = ca.random.default_rng(13).random((SIDE, SIDE), chunks=(SIDE // 4, SIDE // 4))


def study(chunk):
    time.sleep(3 * MOMENT)
    return chunk**2


studied = x.map_blocks(study)
studied

# %% [markdown]
# ## Predict
# | part | what it is |
# |---|---|
# | **client** | an object in your program: it hands over what you want, and asks for what you want to see |
# | **scheduler** | decides which task runs next, and where; here a thread of your own process |
# | **worker** | a process that runs tasks, as many at a time as it has threads |
# | **cluster** | the scheduler and its workers, started and ended together |

# %% [predict p1 workers] numbers
# ask: How many tasks can run at the same time, and how many GiB may the workers hold in all, with
#   `Client(n_workers=2, threads_per_worker=2, memory_limit="1GB")`? (1 GiB is 1.074 GB.) Give [tasks, GiB].
# truth: [{fact:cluster.threads}, {fact:cluster.gib:.2f}]
# tolerance: 0.01
# wrong 4, 0.93: M26 The limit is for each worker, and there are two.
# wrong 4, 1: M26 The limit is for each worker, and there are two. And 1 GB is 0.93 GiB.
# wrong 2, 1.86: M25 A worker runs as many tasks at once as it has threads.
# wrong 4, 2: 2 GB, and that is a little less than 2 GiB.
# wrong *: Two workers, each with two threads and 1 GB.
# why: 2 × 2 threads run {fact:cluster.threads} tasks at once. 2 × 1 GB = {fact:cluster.gib:.2f} GiB: `memory_limit` is for each worker, whatever you may have read.

# %% [predict p2 workers] choice
# ask: `y = x.persist()`, then `total = y.sum().compute()`. Where are the chunks of `y`, and where is the sum?
# option a: both in your notebook
# option b: the chunks in memory that all workers read, the sum in your notebook
# option c: both with the worker that made them, until you ask
# truth: b
# wrong a: M18 `persist` makes the chunks and leaves them with the cluster.
# wrong c: M27 `compute` does ask: it is the call that brings a value to you.
# why: `persist` leaves chunks with the cluster, `compute` brings a value. What you do not compute stays out of your notebook.

# %% [predict p3 timeline] choice
# ask: Four workers of one thread work out `(x + x.T).sum()`: many tasks read chunks that another worker has made. How many
#   bytes travel from worker to worker?
# option a: all of those chunks: each worker has a memory of its own
# option b: none: on one machine all workers read chunks where they are
# option c: none: each worker works on its own chunks only
# truth: b
# wrong a: So it is on several machines. On one machine memory can be shared, and here it is.
# wrong c: `x.T` needs the chunk from the other side of the diagonal, whoever made that.
# why: A block that another worker has made is a **shared read**: it is read where it is. Between machines it would be a
#   **transfer**: its bytes move. The fewer of either, the better the **locality**; only the price is another.

# %% [predict p4 timeline] choice
# ask: `y = studied.persist()`: sixteen chunks, each of which takes a worker some time. How long does this line take?
# option a: no time to speak of
# option b: until the first chunk is there
# option c: until all chunks are there
# truth: a
# wrong b: M19 Nobody waits for a chunk until somebody needs its value.
# wrong c: M19 That is `compute`. `persist` says what shall be made, and returns.
# why: It hands over the plan and returns; the workers go on by themselves. `wait(y)` waits.

# %% [predict p5] number
# ask: All sixteen chunks of `y` are there; two workers have made about half of them each. The system kills one of the two. How
#   many chunks have to be made again?
# truth: 0
# wrong 8: So it is where each worker keeps what it has made, as on several machines. Here finished chunks belong to the cluster.
# wrong 16: The chunks are not in the process that died, and those of the other worker are not even touched.
# wrong *: Who owns a chunk once it is finished?
# why: Finished chunks are owned by the cluster's store, in memory that outlives the process that filled it. A dead worker
#   costs what it was **doing**, not what it had **done**.

# %% [predict p6 timeline] number
# ask: Forty naps, two workers with two threads each. In the middle one worker is killed. How many naps are begun a second
#   time, at most?
# truth: 2
# wrong 1: A worker with two threads runs two tasks at a time.
# wrong 20: What was finished before is safe.
# wrong 40: M16 The other worker goes on, and what was finished is safe.
# wrong *: What did the killed worker do at that moment?
# why: Its two threads had a nap each. Both are begun again by somebody; nothing else is lost.

# %% [predict p7] choice
# ask: `kept` is persisted here. A second program of yours joins the cluster and asks for the mean of `kept`. What happens to the
#   chunks?
# option a: they are sent to the second program, which works out the mean
# option b: the workers of this cluster read them where they are; the second program gets one number
# option c: they are made again: another program has another memory
# truth: b
# wrong a: M27 Only what is computed goes to whoever asked, and that is one number.
# wrong c: M16 The chunks are the cluster's, and so are the workers.
# why: Work happens where the cluster is. Programs hold claims, and get the values that they compute.

# %% [markdown workers]
# ## Run
# ### A cluster and a client
# The panel's **Workers** view shows a card for each worker while you go on.

# %% [code timed]
client = Client(n_workers=2, threads_per_worker=2, memory_limit="1GB")
client

# %%
threads = sum(worker.nthreads for worker in client.cluster.workers)
limit = sum(worker.memory_limit for worker in client.cluster.workers)
print(f"{threads} threads, {limit / 2**30:.2f} GiB")

# %%
L.reveal("p1")

# %% [markdown]
# ### For whoever knows Dask's card
# | there | here |
# |---|---|
# | Scheduler, Comm: `tcp://127.0.0.1:37615` | a thread of your process; nothing listens on the network |
# | Dashboard, port 8787 ("port already in use", ssh tunnels) | the panel beside the notebook: no port, so none can be in use |
# | Workers, Total threads, Total memory | the same |
# | Using processes | the same: `processes=False` makes the workers threads of your process |
# | Nanny of a worker | the cluster itself starts another process when one dies |
# | Local directory | chunks that do not fit go to a file without a name, which ends with your process |

# %% [exercise who] who is who
# For each sentence the letter of what it is about. a: the client, b: the scheduler, c: a worker, d: a thread of a worker,
# e: the cluster's store.
who = {
    "It is a process of its own; the system can kill it without harm to your notebook.": ...,
    "It decides that task 12 runs next.": ...,
    "It runs one task at a time.": ...,
    "You call it when you want the result of something.": ...,
    "It owns chunks that are finished.": ...,
}

# %% [hint who]
# Two of the five are in your notebook's process, and no task runs in them.

# %% [hint who]
# Workers are processes and have threads; a thread runs one task at a time. Deciding and owning is not their business.

# %% [solution who]
who = {
    "It is a process of its own; the system can kill it without harm to your notebook.": "c",
    "It decides that task 12 runs next.": "b",
    "It runs one task at a time.": "d",
    "You call it when you want the result of something.": "a",
    "It owns chunks that are finished.": "e",
}

# %% [wrong who M25]
who = {
    "It is a process of its own; the system can kill it without harm to your notebook.": "c",
    "It decides that task 12 runs next.": "b",
    "It runs one task at a time.": "c",
    "You call it when you want the result of something.": "a",
    "It owns chunks that are finished.": "e",
}

# %% [wrong who M27]
who = {
    "It is a process of its own; the system can kill it without harm to your notebook.": "c",
    "It decides that task 12 runs next.": "b",
    "It runs one task at a time.": "d",
    "You call it when you want the result of something.": "a",
    "It owns chunks that are finished.": "a",
}

# %% [wrong who]
who = {
    "It is a process of its own; the system can kill it without harm to your notebook.": "c",
    "It decides that task 12 runs next.": "b",
    "It runs one task at a time.": "d",
    "You call it when you want the result of something.": "a",
    "It owns chunks that are finished.": "c",
}

# %% [wrong who]
who = {
    "It is a process of its own; the system can kill it without harm to your notebook.": "b",
    "It decides that task 12 runs next.": "a",
    "It runs one task at a time.": "d",
    "You call it when you want the result of something.": "c",
    "It owns chunks that are finished.": "e",
}

# %% [markdown]
# ### Chunks that stay, values that come

# %%
kept = x.persist()
wait(kept)
before = kept.sum().compute()
print(f"the sum is {before:.3f}, a {type(before).__name__}")
kept

# %%
L.reveal("p2")

# %% [markdown timeline]
# ## Investigate
# ### Who reads whose chunks?
# The record of a run knows which worker made a block and which worker read it.

# %% [code timed]
mirrored = (x + x.T).sum()
mirrored.compute()
found = shared_reads(chunkscope.last_run())
print(f"{found.reads} blocks were read by tasks, {found.shared} of them by another worker than their maker")
print(f"between machines that would be {found.shared_bytes / 1e6:.1f} MB to send; here it is 0")

# %% [exercise ex1 workers] three ways to share a machine
# A machine of which you may use 4 threads and 2 GB. `each`: for 4, 2 and 1 workers that share these out, the threads and the
# megabytes of each worker, as clusters made so say it: {4: (threads, MB), 2: (…), 1: (…)}.
each = {}
for n in (4, 2, 1):
    with LocalCluster(n_workers=n) as cluster:
        worker = cluster.workers[0]
        each[n] = ...

# %% [hint ex1]
# All the workers together have 4 threads and 2 GB, however many they are. What is left for each?

# %% [hint ex1]
# `threads_per_worker=4 // n`, and `memory_limit` in the same way: it is for each worker, in bytes.

# %% [hint ex1]
# `LocalCluster(n_workers=n, threads_per_worker=4 // n, memory_limit=2e9 / n)`; `worker.nthreads`, `worker.memory_limit / 1e6`.

# %% [solution ex1]
each = {}
for n in (4, 2, 1):
    with LocalCluster(n_workers=n, threads_per_worker=4 // n, memory_limit=2e9 / n) as cluster:
        worker = cluster.workers[0]
        each[n] = (worker.nthreads, worker.memory_limit / 1e6)

# %% [wrong ex1 M26]
each = {}
for n in (4, 2, 1):
    with LocalCluster(n_workers=n, threads_per_worker=4 // n, memory_limit="2GB") as cluster:
        worker = cluster.workers[0]
        each[n] = (worker.nthreads, worker.memory_limit / 1e6)

# %% [wrong ex1 M25]
each = {}
for n in (4, 2, 1):
    with LocalCluster(n_workers=n, threads_per_worker=4, memory_limit=2e9 / n) as cluster:
        worker = cluster.workers[0]
        each[n] = (worker.nthreads, worker.memory_limit / 1e6)

# %% [wrong ex1]
each = {}
for n in (4, 2, 1):
    with LocalCluster(n_workers=n, threads_per_worker=4 // n, memory_limit=2e9 / n) as cluster:
        worker = cluster.workers[0]
        each[n] = (worker.nthreads, worker.memory_limit)

# %% [markdown]
# One worker of four threads shares one interpreter's lock (lesson 12). Four workers of one thread have a lock each, and a
# quarter of the memory: a task that needs 600 MB fits one of them no more. That is the choice.

# %% [exercise ex2 timeline] locality
# `shared`: how many blocks were read by another worker than the one that made them while `mirrored` was computed: on 4 workers
# of 1 thread, and on 1 worker of 4 threads. `moved`: the bytes that travelled between the four workers.
shared = {"4 workers": ..., "1 worker": ...}
moved = ...

# %% [hint ex2]
# Two clusters, one after the other; the newest client is the one that computes. Read `shared_reads(...)` of the last run.

# %% [hint ex2]
# `with Client(n_workers=4, threads_per_worker=1, memory_limit="500MB"):` and one line that computes. After it, read the record.

# %% [hint ex2]
# `shared["4 workers"] = shared_reads(chunkscope.last_run()).shared`. And prediction p3 knows what moved.

# %% [solution ex2]
shared = {}
for name, workers, threads in (("4 workers", 4, 1), ("1 worker", 1, 4)):
    with Client(n_workers=workers, threads_per_worker=threads, memory_limit="500MB"):
        mirrored.compute()
    shared[name] = shared_reads(chunkscope.last_run()).shared
moved = 0

# %% [wrong ex2 M25]
shared = {}
for name, workers, threads in (("4 workers", 4, 1), ("1 worker", 1, 4)):
    mirrored.compute()
    shared[name] = shared_reads(chunkscope.last_run()).shared
moved = 0

# %% [wrong ex2]
shared = {}
for name, workers, threads in (("4 workers", 4, 1), ("1 worker", 1, 4)):
    with Client(n_workers=workers, threads_per_worker=threads, memory_limit="500MB"):
        mirrored.compute()
    shared[name] = shared_reads(chunkscope.last_run()).shared
    if workers == 4:
        moved = shared_reads(chunkscope.last_run()).shared_bytes

# %% [wrong ex2]
shared = {}
for name, workers, threads in (("4 workers", 4, 1), ("1 worker", 1, 4)):
    with Client(n_workers=workers, threads_per_worker=threads, memory_limit="500MB"):
        mirrored.compute()
    shared[name] = shared_reads(chunkscope.last_run()).reads
moved = 0

# %% [wrong ex2]
shared = {}
for name, workers in (("4 workers", 4), ("1 worker", 1)):
    with Client(n_workers=workers, threads_per_worker=1, processes=False):
        mirrored.compute()
    shared[name] = shared_reads(chunkscope.last_run()).shared
moved = 0

# %%
L.reveal("p3")

# %% [markdown]
# With one worker there is nobody else. With four, about three of four blocks come from somebody else, and no byte moves. The
# same program on four *machines* would send them: there the scheduler lets a task run where its inputs are, and you
# choose chunks so that tasks need few others.

# %% [markdown]
# ## Modify
# ### In the background

# %% [exercise ex3 timeline] persist, wait, compute
# `y`: `studied`, persisted. `asked`: seconds until the line with `persist` was done. `there`: seconds from the same start
# until all chunks were there. Then `mean`: the mean of y, for which nothing is studied again.
start = time.perf_counter()
y = ...
asked = ...
there = ...
mean = ...

# %% [hint ex3]
# `persist` returns an array like the one you gave it: keep it under a name, and go on with that one.

# %% [hint ex3]
# Look at the clock right after `persist`, then `wait(y)`, then look again.

# %% [hint ex3]
# `y = studied.persist()`, `asked = time.perf_counter() - start`, `wait(y)`, …, `mean = y.mean().compute()`.

# %% [solution ex3]
start = time.perf_counter()
y = studied.persist()
asked = time.perf_counter() - start
wait(y)
there = time.perf_counter() - start
mean = y.mean().compute()

# %% [right ex3]
start = time.perf_counter()
(y,) = persist(studied)
asked = time.perf_counter() - start
wait([y])
there = time.perf_counter() - start
mean = float(y.mean().compute())

# %% [wrong ex3 M18]
start = time.perf_counter()
y = studied.compute()
asked = time.perf_counter() - start
there = time.perf_counter() - start
mean = y.mean()

# %% [wrong ex3 M20]
start = time.perf_counter()
studied.persist()
asked = time.perf_counter() - start
y = studied
there = time.perf_counter() - start
mean = studied.mean().compute()

# %% [wrong ex3 M19]
start = time.perf_counter()
y = studied.persist()
asked = time.perf_counter() - start
there = time.perf_counter() - start
mean = y.mean().compute()

# %% [wrong ex3 M16]
start = time.perf_counter()
y = studied.persist()
asked = time.perf_counter() - start
wait(y)
there = time.perf_counter() - start
mean = studied.mean().compute()

# %%
L.reveal("p4")

# %% [markdown]
# ### A second program
# Other programs of yours, a script or a second notebook, can join this cluster. They need its address: a socket in a
# folder that only you can read, and no port. What they shall find, you publish under a name.

# %%
if "kept" not in client.list_datasets():
    client.publish_dataset(kept=kept)
ADDRESS = client.cluster.scheduler_address


def second_program(text):
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    return (done.stdout or done.stderr).strip().splitlines()[-1]


print(second_program("import os; print('another process:', os.getpid() != " + str(os.getpid()) + ")"))

# %% [exercise ex4 workers] join
# `program`: the text of a program that joins the cluster at ADDRESS, takes the data set "kept", and prints its mean.
# `said`: what it printed, as a number. No number is drawn again.
program = ...
said = ...

# %% [hint ex4]
# A client can be given an address: `Client("unix://…")`. From then on the program reads as any other.

# %% [hint ex4]
# Put the address into the text with an f-string: `Client({ADDRESS!r})`. Data sets come from `client.get_dataset("kept")`.

# %% [hint ex4]
# Three lines: the import, the client, and `print(float(client.get_dataset("kept").mean().compute()))`.

# %% [solution ex4]
program = f"""
from chunkscope import Client
with Client({ADDRESS!r}) as other:
    print(float(other.get_dataset("kept").mean().compute()))
"""
said = float(second_program(program))

# %% [wrong ex4 error]
program = """
from chunkscope import Client
with Client(n_workers=1) as other:
    print(float(other.get_dataset("kept").mean().compute()))
"""
said = float(second_program(program))

# %% [wrong ex4 M16]
program = f"""
import chunkscope.array as ca
from chunkscope import Client
with Client({ADDRESS!r}) as other:
    x = ca.random.default_rng(13).random(({SIDE}, {SIDE}), chunks=({SIDE} // 4, {SIDE} // 4))
    print(float(x.mean().compute()))
"""
said = float(second_program(program))

# %% [wrong ex4 M27]
program = f"print({float(kept.mean().compute())})"
said = float(second_program(program))

# %% [wrong ex4]
program = f"""
from chunkscope import Client
with Client({ADDRESS!r}) as other:
    print(float(other.get_dataset("kept").sum().compute()))
"""
said = float(second_program(program))

# %%
L.reveal("p7")

# %% [markdown]
# Clients of one cluster also share results of submitted calls: equal calls have equal keys (lesson 14), whichever client asks.

# %% [markdown workers]
# ### A worker dies
# Processes are killed: by the system when memory runs out, by a crash in a library, by a colleague. Here by you.
# `visit` writes a line into a diary when it *begins*, so that you can count beginnings.

# %%
DIARY = f"{tempfile.gettempdir()}/diary-{os.getpid()}.txt"


def visit(i):
    with open(DIARY, "a") as diary:
        diary.write(f"{i}\n")
    time.sleep(2 * MOMENT)
    return i


def begun():
    return Path(DIARY).read_text().split() if Path(DIARY).exists() else []


def wait_for_some(number=8):
    until = time.monotonic() + 10
    while len(begun()) < number and time.monotonic() < until:
        time.sleep(MOMENT / 4)

# %% [exercise ex5 workers] kill one
# Have visit(0) … visit(39) run in the background. When some have begun, kill worker-0. Then `total`: the sum of all
# results. `again`: how many beginnings there were beyond forty.
Path(DIARY).write_text("")
visits = ...
total = ...
again = ...

# %% [hint ex5]
# `persist(*tasks)` starts many tasks and returns at once. `wait_for_some()` waits until eight have begun.

# %% [hint ex5]
# `client.cluster.kill("worker-0")`, or the button on its card in the panel. Then `compute(*visits)` gives the forty results.

# %% [hint ex5]
# `visits = persist(*[delayed(visit)(i) for i in range(40)])`; wait; kill; `sum(compute(*visits))`; `len(begun()) - 40`.

# %% [solution ex5]
Path(DIARY).write_text("")
visits = persist(*[delayed(visit)(i) for i in range(40)])
wait_for_some()
client.cluster.kill("worker-0")
total = sum(compute(*visits))
again = len(begun()) - 40

# %% [right ex5]
Path(DIARY).write_text("")
visits = [delayed(visit)(i).persist() for i in range(40)]
wait_for_some()
client.cluster.kill("worker-1")
total = sum(one.compute() for one in visits)
again = len(begun()) - 40

# %% [wrong ex5]
Path(DIARY).write_text("")
visits = compute(*[delayed(visit)(i) for i in range(40)])
client.cluster.kill("worker-0")
total = sum(visits)
again = len(begun()) - 40

# %% [wrong ex5 M16]
Path(DIARY).write_text("")
visits = [delayed(visit)(i) for i in range(40)]
running = persist(*visits)
wait_for_some()
client.cluster.kill("worker-0")
total = sum(compute(*visits))
again = len(begun()) - 40

# %% [wrong ex5]
Path(DIARY).write_text("")
visits = persist(*[delayed(visit)(i) for i in range(40)])
wait_for_some()
client.cluster.kill("worker-0")
total = sum(compute(*visits))
again = len(begun())

# %% [wrong ex5 M01]
Path(DIARY).write_text("")
visits = persist(*[delayed(visit(i)) for i in range(40)])
client.cluster.kill("worker-0")
total = sum(compute(*visits))
again = len(begun()) - 40

# %% [code timed]
told = [notice for run in chunkscope.runs() for notice in run.notices if notice.topic == "lost"]
for notice in told[-2:]:
    print(notice.text)

# %%
L.reveal("p6")

# %% [markdown]
# And what was finished before? `kept` has lived through it: the same sum, and no random number was drawn for it.

# %%
same = kept.sum().compute() == before
print(f"the same sum: {same};", [layer.op for layer in chunkscope.last_run().graph.layers])

# %%
L.reveal("p5")

# %% [markdown workers]
# ### Find it in the panel
# Open **Workers** (command palette: "chunkscope workers"). Without the panel, `print(client.describe())` says the same. While you
# look, these calls keep the workers busy:

# %%
def rest(i):
    time.sleep(MOMENT)
    return i


resting = persist(*[delayed(rest)(i) for i in range(8)])

# %% [exercise ex6 workers] eight things to find
# Fill in what the view shows: numbers and words, no text around them.
panel = {
    "workers": ...,
    "threads of all workers": ...,
    "memory limit of all workers, in GiB": ...,
    "process number of worker-1": ...,
    "status of a worker that has nothing to do": ...,
    "status of a worker that runs a task": ...,
    "times that worker-0 has died": ...,
    "the function that a busy worker's line names, while the cell above runs": ...,
}

# %% [hint ex6]
# The line above the cards is about all workers, the cards are about one each. The number behind a name is its process.

# %% [hint ex6]
# In code: `client.cluster.workers` is a list, and each has `pid`, `status`, `deaths`, `nthreads` and `memory_limit`.

# %% [solution ex6]
workers = {worker.name: worker for worker in client.cluster.workers}
panel = {
    "workers": len(workers),
    "threads of all workers": sum(worker.nthreads for worker in workers.values()),
    "memory limit of all workers, in GiB": 1.86,
    "process number of worker-1": workers["worker-1"].pid,
    "status of a worker that has nothing to do": "idle",
    "status of a worker that runs a task": "running",
    "times that worker-0 has died": workers["worker-0"].deaths,
    "the function that a busy worker's line names, while the cell above runs": "rest",
}

# %% [wrong ex6 M26]
panel = {
    "workers": 2,
    "threads of all workers": 4,
    "memory limit of all workers, in GiB": 0.93,
    "process number of worker-1": client.cluster.workers[1].pid,
    "status of a worker that has nothing to do": "idle",
    "status of a worker that runs a task": "running",
    "times that worker-0 has died": client.cluster.workers[0].deaths,
    "the function that a busy worker's line names, while the cell above runs": "rest",
}

# %% [wrong ex6 M25]
panel = {
    "workers": 4,
    "threads of all workers": 4,
    "memory limit of all workers, in GiB": 1.86,
    "process number of worker-1": client.cluster.workers[1].pid,
    "status of a worker that has nothing to do": "idle",
    "status of a worker that runs a task": "running",
    "times that worker-0 has died": client.cluster.workers[0].deaths,
    "the function that a busy worker's line names, while the cell above runs": "rest",
}

# %% [wrong ex6]
panel = {
    "workers": 2,
    "threads of all workers": 4,
    "memory limit of all workers, in GiB": 1.86,
    "process number of worker-1": os.getpid(),
    "status of a worker that has nothing to do": "idle",
    "status of a worker that runs a task": "running",
    "times that worker-0 has died": client.cluster.workers[0].deaths,
    "the function that a busy worker's line names, while the cell above runs": "rest",
}

# %% [markdown]
# ## Make

# %% [exercise ex7 workers] a cluster that cleans up
# In one cell: a cluster of its own with two workers, on it `mean`: the mean of `studied`, and `pids`: the process numbers
# of its workers. When the cell is done, none of these processes is left, and it would be so if the mean had failed.
mean = ...
pids = ...

# %% [hint ex7]
# A `with` block closes what it opened, also when something raises in it. A client that made its cluster closes both.

# %% [hint ex7]
# `with Client(n_workers=2) as own:`, and everything else inside. `own.cluster.workers` know their `pid`.

# %% [hint ex7]
# Inside: `pids = [worker.pid for worker in own.cluster.workers]` and `mean = studied.mean().compute()`.

# %% [solution ex7]
with Client(n_workers=2, threads_per_worker=2) as own:
    pids = [worker.pid for worker in own.cluster.workers]
    mean = studied.mean().compute()

# %% [right ex7]
with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster):
    mean = float(studied.mean().compute())
    pids = [worker.pid for worker in cluster.workers]

# %% [wrong ex7]
own = Client(n_workers=2, threads_per_worker=2)
pids = [worker.pid for worker in own.cluster.workers]
mean = studied.mean().compute()

# %% [wrong ex7]
cluster = LocalCluster(n_workers=2, threads_per_worker=2)
with Client(cluster):
    pids = [worker.pid for worker in cluster.workers]
    mean = studied.mean().compute()

# %% [wrong ex7]
with Client(n_workers=2, threads_per_worker=2, processes=False) as own:
    pids = [worker.pid for worker in own.cluster.workers]
    mean = studied.mean().compute()

# %% [wrong ex7]
with Client(n_workers=2, threads_per_worker=2) as own:
    pids = [worker.pid for worker in own.cluster.workers]
mean = studied.mean().compute()

# %% [wrong ex7]
own = Client(n_workers=2, threads_per_worker=2)
pids = [worker.pid for worker in own.cluster.workers]
mean = studied.mean().compute()
own.close()

# %% [markdown]
# ## Key points
# - A client asks, a scheduler decides, workers run; each worker is a process with threads.
# - `memory_limit` is for each worker; workers times threads run at once.
# - `persist` starts and returns, `wait` waits, `compute` brings a value to you.
# - On one machine workers read each other's chunks where they are. Between machines the same reads move bytes.
# - A worker that dies costs the tasks that it was running. What is finished is safe.
# - Use `with`: a cluster that nobody closes keeps its processes.
#
# ## Check yourself

# %% [predict q1] choice
# ask: On a laptop with 8 cores you say `LocalCluster(n_workers=4, threads_per_worker=2)`. What has been started?
# option a: 4 processes, which run up to 8 tasks at once
# option b: 8 processes, one for each core
# option c: 4 tasks at once: one for each worker
# truth: a
# wrong b: M25 Workers are processes, and there are 4 of them; threads live inside.
# wrong c: M25 A worker runs as many tasks at once as it has threads.
# why: Workers times threads is what can run at once.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: A run takes 60 s on 4 workers. Its graph is never wider than 4 tasks. You scale to 16 workers. How long?
# option a: 15 s
# option b: 60 s, or a little more
# option c: it fails: there are too few tasks
# truth: b
# wrong a: M30 Twelve of the sixteen never get a task.
# wrong c: M30 Workers without a task wait; nothing fails.
# why: At any time at most four tasks are ready. More workers than that only wait.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: `x.persist()` is the last line of a cell, and its value is not kept. The next cell says `x.mean().compute()`. What happens?
# option a: it uses the persisted chunks
# option b: the chunks are made again
# option c: it reads the chunks from the disk, where persist has put them
# truth: b
# wrong a: M20 Only what `persist` returned knows of them, and nobody holds it.
# wrong c: M18 `persist` keeps chunks in memory; nothing was saved.
# why: `x` is still the plan. `x = x.persist()` keeps the chunks as long as you keep `x`.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
Path(DIARY).unlink(missing_ok=True)
for cluster in clusters():
    cluster.close()
clusters(), [worker.pid for worker in client.cluster.workers if psutil.pid_exists(worker.pid)]

# %%
L.progress()

# %% [instructor]
# 45 minutes: start 3, predict 6, run and who is who 6, sharing a machine and locality 10, persist 5, death 7, panel 4, make 4.
# Wrong predictions to expect: p1 = 0.93 or 1 GiB, p3 = a (right on several machines: say so), p5 = 8 (the same).
# Live: put Workers beside the notebook and use its Kill button in ex5. If the room is slow, leave out ex1. If it is fast: kill
# both workers; then a task that kills its own process three times.
# Exit ticket: you move to four machines; which of today's answers change, and why?
