# title: Do it later, do it together
# minutes: 35
# needs: Python functions and loops; lesson 00
# skeleton: full
# objectives: turn function calls into a plan with delayed; predict how long a plan takes from its longest chain; make loops parallel with one compute; keep if and for outside the plan; compute an exact mean over many files

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("02_delayed")

# %% [markdown]
# Two functions that pretend to work: each sleeps for a moment. In the text a moment is **one second**; your machine
# may use a shorter one (`L.sizes.sleep_s`), which changes no comparison. All runs use two workers.

# %%
import time

import chunkscope
from chunkscope import compute, delayed

chunkscope.config.set(num_workers=2)
MOMENT = L.sizes.sleep_s


def inc(x):
    time.sleep(MOMENT)
    return x + 1


def add(x, y):
    time.sleep(MOMENT)
    return x + y

# %% [markdown]
# ## Predict
# Plain Python first: `a = inc(1)`, then `b = inc(2)`, then `add(a, b)`.

# %% [predict p1] number
# ask: How many seconds do the three calls take in plain Python, at one second each?
# truth: {fact:delayed.sequential:.0f}
# wrong 2: In plain Python nothing overlaps: each call waits for the one before it.
# wrong *: Three calls, one after the other, one second each.
# why: Plain Python makes one call at a time: 1 + 1 + 1 = 3 seconds.

# %% [markdown]
# `delayed(inc)` makes a function that does not run: calling it writes one **task** into a plan.

# %%
a = delayed(inc)(1)
b = delayed(inc)(2)
total = delayed(add)(a, b)
total

# %% [predict p2 graph] number
# ask: Two workers compute `total`. How many seconds?
# truth: {fact:delayed.two_workers:.0f}
# wrong 1: M05 The addition cannot begin before both increments have ended.
# wrong 1.5: M05 Three seconds of work for two workers, but the addition has to wait for both increments.
# wrong 3: The two increments do not need each other: they run at the same time.
# wrong *: Ask of each task: what does it wait for?
# why: Both increments at once (1 s), then the addition (1 s). The longest chain of tasks that wait for each other, the
#   **critical path**, has two of them.

# %% [markdown]
# ## Run

# %%
L.reveal("p1")

# %%
total.compute()

# %% [markdown graph timeline replay]
# ## Investigate
# In the panel, **Graph** shows the three tasks and **Timeline** who did what and when: two bars side by side, then one.
# Idle time is hatched. **Replay** plays it in slow motion. In words:

# %% [code timed]
print(chunkscope.last_run().describe())

# %%
total.visualize()

# %% [markdown]
# Measured seconds depend on the machine. The **simulator** runs the same plan on a clock of its own, on as many workers
# as you like, and gives the same answer everywhere:

# %%
chunkscope.simulate(total, workers=2, cost=1.0).seconds

# %%
L.reveal("p2")

# %% [markdown]
# ### A loop of eight
# Eight increments, and one `sum` that takes no time.

# %% [predict p3 timeline] numbers
# ask: How many seconds with 2 workers, and how many with 8? Give [with 2, with 8].
# truth: [{fact:delayed.loop_two:.0f}, {fact:delayed.loop_eight:.0f}]
# wrong 4, 0: One second is the least: no task is shorter than itself.
# wrong 8, 8: The eight increments do not wait for each other.
# wrong *: Eight seconds of work that can be shared freely: divide by the workers.
# why: Nobody waits for anybody, so 8 / 2 = 4 and 8 / 8 = 1. More than eight workers would not help: a task is not divided.

# %%
eight = delayed(sum)([delayed(inc)(i) for i in range(8)])
cost = {"inc": 1.0, "sum": 0.0}
[chunkscope.simulate(eight, workers=w, cost=cost).seconds for w in (2, 8, 16)]

# %%
L.reveal("p3")

# %% [markdown]
# ## Modify

# %% [exercise ex1 graph] three tasks
# Make `later` the plan for add(inc(10), inc(20)): three tasks, nothing computed yet.
later = ...

# %% [hint ex1]
# `delayed` takes a function, not a call of it.

# %% [hint ex1]
# First two delayed increments with names of their own, then a delayed addition of the two names.

# %% [hint ex1]
# `later = delayed(add)(delayed(inc)(10), ...)`

# %% [solution ex1]
later = delayed(add)(delayed(inc)(10), delayed(inc)(20))

# %% [right ex1]
lazy_inc = delayed(inc)
later = delayed(add, name="the sum")(lazy_inc(10), y=lazy_inc(20))

# %% [wrong ex1 M01]
later = delayed(add(inc(10), inc(20)))

# %% [wrong ex1 M01]
later = delayed(add)(inc(10), inc(20))

# %% [wrong ex1]
later = add(inc(10), inc(20))

# %% [wrong ex1]
later = delayed(add)(delayed(inc)(10), delayed(inc)(20)).compute()

# %% [wrong ex1]
later = delayed(add)(delayed(inc)(10), delayed(inc)(10))

# %% [markdown]
# ### Two loops
# The sequential program: `raised = [inc(0), …, inc(3)]`, then `add(value, 10)` for each of them, then the sum of all.

# %% [exercise ex2 graph] two loops
# The same two loops, but `grand` is a plan. Compute nothing in this cell.
raised = []
for i in range(4):
    raised.append(...)
sums = []
for value in raised:
    sums.append(...)
grand = ...

# %% [hint ex2]
# The loops may stay loops: let each turn add a task to a list instead of a number.

# %% [hint ex2]
# `delayed(inc)(i)` in the first, `delayed(add)(value, 10)` in the second. What takes a whole list of tasks?

# %% [hint ex2]
# `grand = delayed(sum)(sums)`

# %% [solution ex2]
raised = []
for i in range(4):
    raised.append(delayed(inc)(i))
sums = []
for value in raised:
    sums.append(delayed(add)(value, 10))
grand = delayed(sum)(sums)

# %% [right ex2]
lazy_inc, lazy_add = delayed(inc), delayed(add)
grand = sum(lazy_add(lazy_inc(i), 10) for i in range(4))

# %% [wrong ex2 M02]
raised = []
for i in range(4):
    raised.append(delayed(inc)(i).compute())
sums = []
for value in raised:
    sums.append(delayed(add)(value, 10))
grand = delayed(sum)(sums)

# %% [wrong ex2 M01]
raised = []
for i in range(4):
    raised.append(inc(i))
sums = []
for value in raised:
    sums.append(delayed(add)(value, 10))
grand = delayed(sum)(sums)

# %% [wrong ex2]
raised = []
for i in range(4):
    raised.append(delayed(inc)(i))
sums = []
for value in raised:
    sums.append(delayed(add)(value, 10))
grand = delayed(max)(sums)

# %% [markdown]
# ### One compute

# %% [exercise ex3 timeline] loop and sum
# The sum of inc(x) for these eight numbers, as a plain number, with exactly one computation.
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = ...

# %% [hint ex3]
# Each `compute` waits until its own plan is done. How many plans do you need?

# %% [hint ex3]
# Collect eight tasks in a list, make their sum a ninth, and compute that one.

# %% [hint ex3]
# `answer = delayed(sum)([delayed(inc)(x) for x in data])` and then one `.compute()`

# %% [solution ex3]
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = delayed(sum)([delayed(inc)(x) for x in data]).compute()

# %% [right ex3]
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = sum(compute(*map(delayed(inc), data)))

# %% [wrong ex3 M02]
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = 0
for x in data:
    answer += delayed(inc)(x).compute()

# %% [wrong ex3 M08]
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = delayed(sum)([delayed(inc)(x) for x in data])

# %% [wrong ex3]
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = sum([inc(x) for x in data])

# %% [wrong ex3 M01]
data = [1, 2, 3, 4, 5, 6, 7, 8]
answer = delayed(sum)([inc(x) for x in data]).compute()

# %% [markdown]
# ### if stays outside
# `is_even` is quick and decides what is done. `double` and `inc` are the work.

# %%
def is_even(x):
    return x % 2 == 0


def double(x):
    time.sleep(MOMENT)
    return 2 * x

# %% [exercise ex4 graph] decide now, work later
# For each x of 0 … 8: double(x) where x is even, inc(x) where it is odd. `mixed` is the plan of their sum.
results = []
for x in range(9):
    results.append(...)
mixed = ...

# %% [hint ex4]
# The decision needs a plain True or False, now. The work can wait.

# %% [hint ex4]
# Call `is_even(x)` as it is, and delay `double` and `inc` only.

# %% [hint ex4]
# `results.append(delayed(double)(x) if is_even(x) else ...)`, then `mixed = delayed(sum)(results)`

# %% [solution ex4]
results = []
for x in range(9):
    results.append(delayed(double)(x) if is_even(x) else delayed(inc)(x))
mixed = delayed(sum)(results)

# %% [right ex4]
def step(x):
    return double(x) if is_even(x) else inc(x)


mixed = delayed(sum)([delayed(step)(x) for x in range(9)])

# %% [wrong ex4 error M07]
results = []
for x in range(9):
    if delayed(is_even)(x):
        results.append(delayed(double)(x))
    else:
        results.append(delayed(inc)(x))
mixed = delayed(sum)(results)

# %% [wrong ex4 M01]
results = []
for x in range(9):
    results.append(double(x) if is_even(x) else delayed(inc)(x))
mixed = delayed(sum)(results)

# %% [wrong ex4]
results = []
for x in range(9):
    results.append(delayed(double)(x))
mixed = delayed(sum)(results)

# %% [wrong ex4 M02]
results = []
for x in range(9):
    results.append(delayed(double)(x) if delayed(is_even)(x).compute() else delayed(inc)(x))
mixed = delayed(sum)(results)

# %% [markdown]
# ### Spot the bug, three times
# Each of these programs gives a right answer or nearly so, and each has lost its parallelism. Say what happens, then run.
#
# ```python
# plans = [delayed(inc(i)) for i in range(8)]     # program A
# compute(*plans)
# ```

# %% [predict p4] choice
# ask: Program A: when do the eight seconds pass?
# option a: in the first line
# option b: in the second line, four of them with two workers
# option c: nowhere: it is lazy
# truth: a
# wrong b: M01 By the time the plans exist, all calls have been made.
# wrong c: M01 `inc(i)` is an ordinary call: the parentheses run it.
# why: Python works out `inc(i)` before `delayed` sees anything. The plans hold finished numbers.

# %%
plans = [delayed(inc(i)) for i in range(2)]
compute(*plans)

# %%
L.reveal("p4")

# %% [markdown]
# ```python
# for i in range(8):                              # program B
#     results.append(delayed(inc)(i).compute())
# ```

# %% [predict p5 timeline] number
# ask: Program B: how many seconds, at one second for each task and two workers?
# truth: {fact:delayed.compute_in_loop:.0f}
# wrong 4: M02 In each turn `compute` waits for its one task, so there is never a second one to share.
# wrong *: How many tasks does each `compute` know of?
# why: Each `compute` knows one task. Eight runs of one second, one worker idle all the time.

# %%
seconds = [chunkscope.simulate(delayed(inc)(i), workers=2, cost=1.0).seconds for i in range(8)]
sum(seconds)

# %%
L.reveal("p5")

# %% [markdown]
# ```python
# def outer(x):                                   # program C
#     return delayed(inc)(x)
#
# delayed(outer)(1).compute()
# ```

# %% [predict p6] choice
# ask: Program C: what does it give?
# option a: 2
# option b: a lazy value that has not been computed
# option c: an error
# truth: b
# wrong a: `outer` runs inside a task and returns a new plan. Nobody asked for that one to be computed.
# wrong c: It runs. What `outer` returns is a value like any other, and this one happens to be a plan.
# why: A plan made inside a task is a result, not a part of the graph. Keep `delayed` outside, in the code that builds.

# %%
def outer(x):
    return delayed(inc)(x)


type(delayed(outer)(1).compute()).__name__

# %%
L.reveal("p6")

# %% [markdown]
# ## Make
# Real files now: all flights that were to leave New York City in 2013, one CSV file for each month.

# %%
import pandas as pd

from chunkscope_datasets import flights

paths = [str(path) for path in flights("by_month")]
len(paths)

# %% [exercise ex5 timeline] count the rows of three files
# `rows`: the number of flights in January, February and March together. Read with pd.read_csv, inside tasks;
# each file is to be opened once, and one computation is enough.
first_quarter = paths[:3]
rows = ...

# %% [hint ex5]
# Three readers, three lengths, one sum: which of them depend on each other?

# %% [hint ex5]
# `delayed(pd.read_csv)(path)` is a task, and so is `delayed(len)` of it.

# %% [hint ex5]
# `delayed(sum)([delayed(len)(delayed(pd.read_csv)(path)) for path in first_quarter])`

# %% [solution ex5]
first_quarter = paths[:3]
lengths = [delayed(len)(delayed(pd.read_csv)(path)) for path in first_quarter]
rows = delayed(sum)(lengths).compute()

# %% [right ex5]
def count(path):
    return len(pd.read_csv(path, usecols=["Month"]))


first_quarter = paths[:3]
rows = sum(compute([delayed(count)(path) for path in first_quarter])[0])

# %% [wrong ex5 M02]
first_quarter = paths[:3]
rows = 0
for path in first_quarter:
    rows += delayed(len)(delayed(pd.read_csv)(path)).compute()

# %% [wrong ex5 M01]
first_quarter = paths[:3]
rows = delayed(sum)([delayed(len)(pd.read_csv(path)) for path in first_quarter]).compute()

# %% [wrong ex5]
first_quarter = paths[:3]
rows = sum(len(pd.read_csv(path)) for path in first_quarter)

# %% [wrong ex5 M16]
first_quarter = paths[:3]
frames = [delayed(pd.read_csv)(path) for path in first_quarter]
compute(*frames)
rows = compute(delayed(sum)([delayed(len)(frame) for frame in frames]))[0]

# %% [wrong ex5]
first_quarter = paths[:3]
rows = compute(delayed(sum)([delayed(len)(delayed(pd.read_csv)(path)) for path in paths]))[0]

# %% [markdown]
# ### The mean departure delay of each airport
# The sequential program. Cancelled flights have no departure delay; pandas leaves them out of sums and counts.

# %% [code timed]
sums, counts = [], []
start = time.perf_counter()
for path in paths:
    frame = pd.read_csv(path, usecols=["Origin", "DepDelay"])
    by_airport = frame.groupby("Origin")["DepDelay"]
    sums.append(by_airport.sum())
    counts.append(by_airport.count())
print((sum(sums) / sum(counts)).round(1))
print(f"on your machine: {time.perf_counter() - start:.2f} s")

# %% [predict p7] choice
# ask: The mean of the twelve monthly means: is it the mean of the year?
# option a: yes, always
# option b: yes, if no file has missing values
# option c: only if all months have the same number of flights
# truth: c
# wrong a: M06 February has fewer flights than July and would count as much.
# wrong b: M06 Missing values are left out of both. It is the number of flights in each month that differs.
# why: Here it gives {fact:flights.mean_of_means_EWR:.3f} for EWR; the mean of the year is {fact:flights.mean_EWR:.3f}. Months differ in
#   length and in traffic.

# %% [exercise ex6 graph timeline] the mean delay, in parallel
# `mean_delay`: the same result (a pandas Series by airport), worked out by tasks, one for each file at least.
# One computation; each file opened once; exact, that is: equal to the mean over the whole year.
mean_delay = ...

# %% [hint ex6]
# What does one file have to hand over, so that the year's mean can be worked out exactly?

# %% [hint ex6]
# A sum and a count for each airport. Ask for all sums and all counts in the same `compute`.

# %% [hint ex6]
# `sums, counts = compute(delayed(sum)(...), delayed(sum)(...))`, where both lists hang on the same delayed frames;
# then `mean_delay = sums / counts`.

# %% [solution ex6]
def by_airport(path):
    return pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"]


groups = [delayed(by_airport)(path) for path in paths]
total = delayed(sum)([group.sum() for group in groups])
count = delayed(sum)([group.count() for group in groups])
total, count = compute(total, count)
mean_delay = total / count

# %% [right ex6]
def part(path):
    groups = pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"]
    return groups.sum(), groups.count()


parts = compute(*[delayed(part)(path) for path in paths])
mean_delay = sum(p[0] for p in parts) / sum(p[1] for p in parts)

# %% [right ex6]
frames = [delayed(pd.read_csv)(path, usecols=["Origin", "DepDelay"]) for path in paths]
mean_delay = delayed(pd.concat)(frames).groupby("Origin")["DepDelay"].mean().compute()

# %% [wrong ex6 M06]
def monthly_mean(path):
    return pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"].mean()


means = compute(*[delayed(monthly_mean)(path) for path in paths])
mean_delay = sum(means) / len(means)

# %% [wrong ex6 M02]
def by_airport(path):
    groups = pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"]
    return groups.sum(), groups.count()


parts = [delayed(by_airport)(path).compute() for path in paths]
mean_delay = sum(part[0] for part in parts) / sum(part[1] for part in parts)

# %% [wrong ex6 M16]
def by_airport(path):
    return pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"]


groups = [delayed(by_airport)(path) for path in paths]
total = delayed(sum)([group.sum() for group in groups]).compute()
count = delayed(sum)([group.count() for group in groups]).compute()
mean_delay = total / count

# %% [wrong ex6]
mean_delay = sum(sums) / sum(counts)

# %% [wrong ex6]
def year(paths):
    frames = [pd.read_csv(path, usecols=["Origin", "DepDelay"]) for path in paths]
    return pd.concat(frames).groupby("Origin")["DepDelay"].mean()


mean_delay = delayed(year)(paths).compute()

# %% [wrong ex6]
def by_airport(path):
    frame = pd.read_csv(path, usecols=["Origin", "DepDelay"]).fillna(0)
    return frame.groupby("Origin")["DepDelay"]


groups = [delayed(by_airport)(path) for path in paths]
total = delayed(sum)([group.sum() for group in groups])
count = delayed(sum)([group.count() for group in groups])
total, count = compute(total, count)
mean_delay = total / count

# %%
L.reveal("p7")

# %% [markdown]
# ### When is it slower?
# A task has a price: it is planned, handed to a worker and recorded. Work that is cheaper than that is better done in a
# plain loop. Twenty thousand times `x + 1`, and what one task costs, on your machine:

# %% [code timed]
def tiny(x):
    return x + 1


start = time.perf_counter()
[tiny(x) for x in range(20_000)]
loop = time.perf_counter() - start
start = time.perf_counter()
compute(*[delayed(tiny)(x) for x in range(20_000)])
tasks = time.perf_counter() - start
print(f"on your machine: plain loop {loop * 1e3:.1f} ms, as tasks {tasks * 1e3:.0f} ms")
print(f"so a task costs about {(tasks - loop) / 20_000 * 1e6:.0f} µs")

# %% [markdown]
# And twelve small files ({fact:flights.mb:.0f} MB together) take pandas a moment only: on two workers expect a gain well below two,
# because parts of reading a CSV file hold the interpreter's lock.
#
# ## Key points
# - `delayed(f)(x)` adds a task; `delayed(f(x))` has already done the work.
# - A run takes at least as long as its longest chain of tasks.
# - Build everything, then compute **once**; whatever is shared is done once.
# - Decide with ordinary values; leave the work to tasks.
# - For exact results, combine sums and counts, not means.
#
# ## Check yourself

# %% [predict q1] choice
# ask: Which line makes a plan that has yet to call `clean`?
# option a: plan = delayed(clean(path))
# option b: plan = delayed(clean)(path)
# option c: plan = clean(delayed(path))
# truth: b
# wrong a: M01 This cleans now and wraps the result.
# wrong c: M01 This calls `clean` now, with a lazy value in place of a path.
# why: Wrap the function, then call the wrapped one.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: Four tasks of 1 s each; the fourth waits for the third, the others for nobody. The least time on any number of workers?
# option a: 1 s
# option b: 2 s
# option c: 4 s divided by the number of workers
# truth: b
# wrong a: M05 The third and the fourth cannot overlap.
# wrong c: M05 That holds only while nobody waits for anybody.
# why: The longest chain has two tasks. No number of workers shortens it.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: `flag = delayed(check)(x)` and then `if flag:`. What happens?
# option a: the right branch is taken when it is computed
# option b: it raises an error: a lazy value is neither true nor false yet
# option c: the branch for False is taken, since nothing has been computed
# truth: b
# wrong a: M07 Python decides on the spot, before anything is computed.
# wrong c: M08 A plan is not an empty result; guessing would give silently wrong answers.
# why: `if` needs an answer at once. Call `check(x)` itself, or put the decision into a task.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
L.progress()

# %% [instructor]
# 35 minutes: start 3, predict and run 8, loop of eight 4, ex1 to ex4 10, bugs 4, make 6.
# Wrong predictions to expect: p2 = 1 or 1.5 (work divided by workers), p5 = 4. Draw the chain on the board.
# If the room is slow, leave out ex2 and program C. If it is fast: mean delay by airport and month, still one compute.
# Exit ticket: where would you put compute in a program with three loops?
