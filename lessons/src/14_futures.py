# title: Futures: work that starts now
# minutes: 35
# needs: lesson 02, pandas
# skeleton: full
# ruff: noqa: F811, PIE790
# objectives: submit calls that start at once and collect their results; tell which line of a program waits; try again what fails now and then; handle results in the order in which they come; let a program decide what to do next from what it has so far

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("14_futures")

# %% [markdown]
# A **client** is a door to workers that stay. Here they are two threads of this process: nothing is copied, nothing has
# to be sent. (`Client()` without more takes processes; what you learn here is the same there.) As in lesson 02 a moment of
# pretended work is **one second** in the text and `L.sizes.sleep_s` on your machine.

# %% [code timed]
import time
from collections import Counter

import numpy as np
import pandas as pd

import chunkscope
from chunkscope import Client, as_completed, delayed, wait
from chunkscope_datasets import flights

if "client" in globals():
    client.close()  # this cell has run before
client = Client(processes=False, n_workers=1, threads_per_worker=2)
MOMENT = L.sizes.sleep_s


def inc(x):
    time.sleep(MOMENT)
    return x + 1


client

# %% [markdown]
# ## Predict
# `delayed` writes a plan. `client.submit(inc, 1)` hands the call to the workers and gives back a **future** at once: a
# claim to a result.

# %% [predict p1] choice
# ask: Which of these four lines wait until `inc` has done its work? A: `plan = delayed(inc)(1)` · B: `plan.compute()` ·
#   C: `future = client.submit(inc, 1)` · D: `future.result()`
# option a: A and C
# option b: B and C
# option c: B and D
# option d: only B: a future never waits
# truth: c
# wrong a: Neither does: A writes a plan, C hands a call over.
# wrong b: C hands the call over and returns while it runs.
# wrong d: D asks for the result, so it waits until there is one.
# why: A and C return at once, B and D wait. The difference between A and C is what happens meanwhile: after A nothing runs.

# %% [predict p2 timeline] numbers
# ask: You run line A and line C above, and drink coffee for ten seconds. Then B, then D, at one second for `inc`. How many
#   seconds does each of the two wait? Give [B, D].
# truth: [1, 0]
# wrong 1, 1: M28 The call behind C began when it was submitted, not when you asked for it.
# wrong 0, 0: A plan does nothing by itself: B begins from nothing.
# wrong 0, 1: The other way round: the plan waits for you, the future does not.
# wrong *: Which of the two has had ten seconds to work?
# why: The plan starts when you compute it. The future's call ran while you drank.

# %% [predict p3 timeline] numbers
# ask: Eight calls of one second, two threads. `[client.submit(inc, i).result() for i in range(10, 18)]`, and
#   `client.gather(client.map(inc, range(10, 18)))`: how many seconds does each take?
# truth: [{fact:delayed.compute_in_loop:.0f}, {fact:delayed.loop_two:.0f}]
# wrong 4, 4: M02 In the first, each turn of the loop waits for its result before the next call is submitted.
# wrong 8, 8: `map` submits all eight before anybody waits.
# wrong *: When is the second call submitted, in each of them?
# why: The first submits, waits, submits, waits: {fact:delayed.compute_in_loop:.0f} seconds. The second submits all: {fact:delayed.loop_two:.0f}.

# %% [markdown]
# ## Run
# ### Who waits?

# %% [code timed]
def stopwatch(name, work):
    start = time.perf_counter()
    value = work()
    print(f"{name:28} {(time.perf_counter() - start) / MOMENT:6.2f} moments")
    return value


plan = stopwatch("A  delayed(inc)(1)", lambda: delayed(inc)(1))
future = stopwatch("C  client.submit(inc, 1)", lambda: client.submit(inc, 1))
print("   the future is", future.status)
time.sleep(3 * MOMENT)
print("   later it is", future.status)
stopwatch("B  plan.compute()", plan.compute)
stopwatch("D  future.result()", future.result)

# %%
L.reveal("p1")

# %%
L.reveal("p2")

# %% [code timed]
in_turn = stopwatch("one by one", lambda: [client.submit(inc, i).result() for i in range(10, 18)])
at_once = stopwatch("all, then gather", lambda: client.gather(client.map(inc, range(10, 18))))

# %%
L.reveal("p3")

# %% [markdown timeline]
# ## Investigate
# In the panel's **Timeline**, the calls of `map` lie beside each other, the calls of the loop do not. The record says:

# %% [code timed]
print(chunkscope.last_run().describe())

# %% [markdown]
# ### What can become of a call
# A future has a `status`. Who waits for many can watch them: `progress`.

# %% [code timed]
from chunkscope.diagnostics import progress

futures = client.map(inc, range(100, 110))
progress(futures)
futures[0]

# %% [predict p4] number
# ask: `client.map(check, range(20))`, and `check(7)` raises an exception. How many of the twenty futures have a result in the end?
# truth: 19
# wrong 7: The other calls do not need number 7 and go on.
# wrong 0: In one `compute` a failure ends the run. Submitted calls stand alone.
# wrong *: Which calls need the result of number 7?
# why: One future keeps the exception, nineteen have results. Only calls that take future 7 as an argument fail with it.

# %%
def check(x):
    if x == 7:
        raise ValueError("seven is not wanted")
    return x


twenty = client.map(check, range(20))
total = client.submit(sum, twenty)
wait([*twenty, total])
Counter(future.status for future in twenty), total.status, twenty[7].exception()

# %%
L.reveal("p4")

# %% [markdown]
# `result()` raises what the call raised; `exception()` gives it; `gather(..., errors="skip")` leaves such calls out.
# What has not begun can be **cancelled**:

# %%
naps = [client.submit(time.sleep, MOMENT, pure=False) for _ in range(6)]
naps[5].cancel()
wait(naps)
[nap.status for nap in naps], len(client.gather(twenty, errors="skip"))

# %% [markdown]
# ## Modify

# %%
def add(x, y):
    time.sleep(MOMENT)
    return x + y

# %% [exercise ex1 graph] lesson 02, submitted
# `rebuild(x)` submits three calls, inc(x), inc(x + 1) and add of the two, and returns the future of the sum.
# It waits for nothing.
def rebuild(x):
    return ...

# %% [hint ex1]
# A future may be an argument of the next call: the workers put its value in when it is there.

# %% [hint ex1]
# `a = client.submit(inc, x)`: the function and its argument, not the result of a call. Then a second one, then `add`.

# %% [hint ex1]
# The last line is `return client.submit(add, a, b)`.

# %% [solution ex1]
def rebuild(x):
    a = client.submit(inc, x)
    b = client.submit(inc, x + 1)
    return client.submit(add, a, b)

# %% [right ex1]
def rebuild(x):
    return client.submit(add, *client.map(inc, [x, x + 1]))

# %% [wrong ex1 M01]
def rebuild(x):
    return client.submit(add, inc(x), inc(x + 1))

# %% [wrong ex1 M27]
def rebuild(x):
    a = client.submit(inc, x)
    b = client.submit(inc, x + 1)
    return client.submit(add, a.result(), b.result())

# %% [wrong ex1]
def rebuild(x):
    return client.submit(add, client.submit(inc, x), client.submit(inc, x + 1)).result()

# %% [wrong ex1 M28]
def rebuild(x):
    return delayed(add)(delayed(inc)(x), delayed(inc)(x + 1))

# %% [wrong ex1 error]
def rebuild(x):
    return client.submit(add(inc(x), inc(x + 1)))

# %% [markdown]
# ### Pure and impure
# Two submits of the same call:
#
# ```python
# x = client.submit(inc, 41)
# y = client.submit(inc, 41)
# ```

# %% [predict p5] number
# ask: How many times does `inc` run?
# truth: 1
# wrong 2: Equal calls have equal keys, and a key has one result.
# wrong *: It is called for one number, once or twice.
# why: A call is taken to be **pure**: same function, same arguments, same result. As long as somebody holds a future of it, it
#   is not run again. What throws dice, reads a file or asks a clock is not pure: `pure=False`.

# %%
x = client.submit(inc, 41)
y = client.submit(inc, 41)
x.key == y.key, x.result(), y.result()

# %%
L.reveal("p5")

# %%
def throw():
    time.sleep(MOMENT / 10)
    return int(np.random.default_rng().integers(1, 7))

# %% [exercise ex2] throw the dice twenty times
# `throws`: a list of twenty numbers, from twenty tasks that each call `throw()`.
throws = ...

# %% [hint ex2]
# Is `throw` pure? The client takes it to be, unless you say otherwise.

# %% [hint ex2]
# Submit twenty times with `pure=False`, in a list; then gather the list.

# %% [solution ex2]
throws = client.gather([client.submit(throw, pure=False) for _ in range(20)])

# %% [right ex2]
throws = [future.result() for future in [client.submit(throw, key=f"throw {i} {time.time()}") for i in range(20)]]

# %% [wrong ex2]
throws = client.gather([client.submit(throw) for _ in range(20)])

# %% [wrong ex2 M02]
throws = [client.submit(throw, pure=False).result() for _ in range(20)]

# %% [wrong ex2]
throws = [throw() for _ in range(20)]

# %% [wrong ex2 M27]
throws = [client.submit(throw, pure=False) for _ in range(20)]
wait(throws)

# %% [markdown]
# ### A line that breaks
# `flaky` gets through at every third call only.

# %%
tries = Counter()


def flaky(x):
    tries[x] += 1
    if tries[x] % 3:
        raise OSError(f"call {tries[x]} for {x}: the line broke")
    return inc(x)

# %% [exercise ex3 timeline] try again
# `answers`: the results of flaky(0) … flaky(5), which the client tries again by itself as often as needed.
# `alone`: the future of flaky(99), tried once, when it is done. (Neither is pure.)
tries.clear()
answers = ...
alone = ...

# %% [hint ex3]
# `submit` and `map` have an option that says how often to try again.

# %% [hint ex3]
# `retries=2`: once, and two times more. For `alone` leave it out, and wait with `alone.exception()`: it raises nothing.

# %% [hint ex3]
# `answers = client.gather(client.map(flaky, range(6), retries=2, pure=False))`

# %% [solution ex3]
tries.clear()
answers = client.gather(client.map(flaky, range(6), retries=2, pure=False))
alone = client.submit(flaky, 99, pure=False)
alone.exception()

# %% [right ex3]
tries.clear()
futures = [client.submit(flaky, i, retries=10, pure=False) for i in range(6)]
alone = client.submit(flaky, 99, pure=False)
error = alone.exception()
answers = [future.result() for future in futures]

# %% [wrong ex3 error]
tries.clear()
alone = client.submit(flaky, 99, pure=False)
alone.exception()
answers = client.gather(client.map(flaky, range(6), retries=1, pure=False))

# %% [wrong ex3]
tries.clear()
answers = client.gather(client.map(flaky, range(6), pure=False), errors="skip")
alone = client.submit(flaky, 99, pure=False)
alone.exception()

# %% [wrong ex3 M02]
tries.clear()
answers = []
for i in range(6):
    future = client.submit(flaky, i, pure=False)
    while future.exception() is not None:
        future = client.submit(flaky, i, pure=False)
    answers.append(future.result())
alone = client.submit(flaky, 99, pure=False)
alone.exception()

# %% [wrong ex3]
tries.clear()
answers = client.gather(client.map(flaky, range(6), retries=2, pure=False))
alone = client.submit(flaky, 99, retries=2, pure=False)
alone.exception()

# %% [markdown timeline]
# ### As they arrive
# The twelve months of flights come over lines of different speed: January's is slow. `note` puts a result on a board,
# with the time at which you had it in hand.

# %%
paths = flights("by_month")
board = []


def late(path):
    """How many flights of a month left more than 15 minutes late."""
    if path.stem.endswith("-01"):
        time.sleep(0.5)
    delays = pd.read_csv(path, usecols=["DepDelay"])["DepDelay"]
    return path.stem, int((delays > 15).sum())


def note(result):
    board.append((time.perf_counter(), result))

# %% [exercise ex4 timeline] stream the months
# Have `late` run for all paths (a file may change: pure=False), and `note` each result as soon as it is there,
# whichever month it is.
board.clear()
...

# %% [hint ex4]
# `gather` waits for all. A loop over the list of futures waits for January first. You want a loop over what is ready.

# %% [hint ex4]
# `as_completed(futures)` gives the futures one by one as they are done.

# %% [hint ex4]
# `for future in as_completed(client.map(late, paths, pure=False)):` and one line below it.

# %% [solution ex4]
board.clear()
for future in as_completed(client.map(late, paths, pure=False)):
    note(future.result())

# %% [right ex4]
board.clear()
for future, result in as_completed([client.submit(late, p, pure=False) for p in paths], with_results=True):
    note(result)

# %% [wrong ex4]
board.clear()
for result in client.gather(client.map(late, paths, pure=False)):
    note(result)

# %% [wrong ex4]
board.clear()
for future in client.map(late, paths, pure=False):
    note(future.result())

# %% [wrong ex4 M02]
board.clear()
for path in paths:
    note(client.submit(late, path, pure=False).result())

# %% [wrong ex4]
board.clear()
for path in paths:
    note(late(path))

# %% [wrong ex4 M27]
board.clear()
for future in as_completed(client.map(late, paths, pure=False)):
    note(future)

# %% [code timed]
[month for _, (month, count) in board]

# %% [markdown]
# ### Hand on the future, not the result
# `field(seed)` makes 8 MB. `client.gather` brings a copy of it to you; if you submit that, it is copied back to the workers,
# and between machines it travels, twice. A future is a few bytes: who takes it reads the result where it is. What you have in your notebook and many calls need, you `scatter` once, and hand on *its* future:

# %%
def field(seed):
    return np.random.default_rng(seed).random(1_000_000)


weights = client.scatter(np.linspace(0, 1, 1_000_000))
weighted = [client.submit(np.dot, client.submit(field, seed), weights) for seed in range(2)]
[round(float(value)) for value in client.gather(weighted)]

# %% [exercise ex5 graph] four fields, one number
# `fields`: four futures, of field(0) … field(3). `total`: a number, the sum of all their elements. No field comes
# into the notebook.
fields = ...
total = ...

# %% [hint ex5]
# What of each field do you need for the total? Where is it best worked out?

# %% [hint ex5]
# `client.map(np.sum, fields)` takes futures as they are and gives futures of four numbers.

# %% [hint ex5]
# `total = client.submit(sum, client.map(np.sum, fields))`, and then ask for that one result.

# %% [solution ex5]
fields = client.map(field, range(4))
total = client.submit(sum, client.map(np.sum, fields)).result()

# %% [right ex5]
fields = [client.submit(field, seed) for seed in range(4)]
total = sum(client.gather([client.submit(np.sum, one) for one in fields]))

# %% [right ex5]
fields = client.map(field, range(4))
total = client.submit(lambda parts: sum(part.sum() for part in parts), fields, pure=False).result()

# %% [wrong ex5 M27]
fields = client.map(field, range(4))
total = sum(one.sum() for one in client.gather(fields))

# %% [wrong ex5 M34]
fields = client.map(field, range(4))
total = sum(client.gather(client.map(np.sum, client.gather(fields), pure=False)))

# %% [wrong ex5]
fields = client.gather(client.map(field, range(4)))
total = sum(one.sum() for one in fields)

# %% [wrong ex5]
fields = client.map(field, range(4))
total = client.submit(sum, client.map(np.mean, fields)).result()

# %% [markdown timeline]
# ### A thousand tiny calls
# What does a future cost? This machine's answer, for a function that does next to nothing:

# %%
def palindrome(n):
    return str(n) == str(n)[::-1]


def price(work, calls):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / calls * 1e6

# %% [code timed]
def plainly():
    return [palindrome(n) for n in range(1000)]


def together():
    return client.gather(client.map(palindrome, range(1000), pure=False))


def waiting():
    return [client.submit(palindrome, n).result() for n in range(30)]


alone_us = min(price(plainly, 1000) for _ in range(5))
together_us = min(price(together, 1000) for _ in range(3))
waited_us = min(price(waiting, 30) for _ in range(2))
print(f"a plain call                   {alone_us:8.1f} µs")
print(f"a future, all gathered at once {together_us:8.1f} µs")
print(f"a future, waited for each time {waited_us:8.1f} µs")
L.record("price of a future in µs", round(together_us))

# %% [markdown]
# Here a future costs little: the thousand begin together, as one run, and nothing leaves the process. Even so it costs
# far more than the call inside. So hand over *batches*: the price is paid for each batch.

# %% [exercise ex6 timeline] batches
# `found`: how many of the numbers 0 … 999 read the same backwards. All the work is done in tasks: at least two, and at most 20.
numbers = range(1000)
found = ...

# %% [hint ex6]
# Write a function of **many** numbers that calls `palindrome` for each, and submit that.

# %% [hint ex6]
# `numbers[i : i + 100]` is a batch of a hundred; `range(0, 1000, 100)` gives the ten places where one begins.

# %% [hint ex6]
# `found = sum(client.gather(client.map(count, batches)))`, where `count` adds up and `batches` is a list of ranges.

# %% [solution ex6]
def count(batch):
    return sum(palindrome(n) for n in batch)


numbers = range(1000)
found = sum(client.gather(client.map(count, [numbers[i : i + 100] for i in range(0, 1000, 100)])))

# %% [right ex6]
def count(batch):
    return sum(map(palindrome, batch))


numbers = range(1000)
found = client.submit(sum, [client.submit(count, numbers[k::4], pure=False) for k in range(4)], pure=False).result()

# %% [wrong ex6 M04]
numbers = range(1000)
found = sum(client.gather(client.map(palindrome, numbers, pure=False)))

# %% [wrong ex6 M03]
def count(batch):
    return sum(palindrome(n) for n in batch)


numbers = range(1000)
found = client.submit(count, numbers, pure=False).result()

# %% [wrong ex6]
numbers = range(1000)
found = sum(palindrome(n) for n in numbers)

# %% [wrong ex6]
def count(batch):
    return sum(palindrome(n) for n in batch)


numbers = range(1000)
found = sum(client.gather(client.map(count, [numbers[i : i + 100] for i in range(0, 900, 100)], pure=False)))

# %% [markdown]
# ## Make
# A plan has to know its tasks beforehand. Futures need not: look at what is there, then decide what to submit next.
#
# π again, from lesson 07: `darts(seed)` throws 50,000 points and gives back how many fell inside. After n points the error
# is about σ = 4·√(p(1 − p)/n), where p is the share inside.

# %%
POINTS = 50_000


def darts(seed):
    time.sleep(MOMENT)
    x, y = np.random.default_rng(seed).random((2, POINTS))
    return int((x * x + y * y < 1).sum())


def sigma(inside, n):
    return 4 * np.sqrt(inside / n * (1 - inside / n) / n)

# %% [exercise ex7 timeline] until it is exact enough
# Throw until σ is below `tol`, and then no more. All the time two to four calls of `darts` are on their way, each with a seed
# of its own; when one arrives, decide. `inside` and `n`: all points that you have counted.
tol = 0.002
inside = n = 0
...

# %% [hint ex7]
# `as_completed` also gives futures that join while you loop over it.

# %% [hint ex7]
# Begin with four. For each result: count it; if σ is small enough, stop; otherwise submit one more and `add` it.

# %% [hint ex7]
# `stream = as_completed(client.map(darts, range(4)))`, `for future in stream: ...`, `stream.add(client.submit(darts, seed))`.

# %% [solution ex7]
tol = 0.002
inside = n = 0
seed = 4
stream = as_completed(client.map(darts, range(seed)))
for future in stream:
    inside += future.result()
    n += POINTS
    if sigma(inside, n) < tol:
        break
    stream.add(client.submit(darts, seed))
    seed += 1

# %% [right ex7]
tol = 0.002
inside = n = seed = 0
while n == 0 or sigma(inside, n) > tol:
    hits = client.gather(client.map(darts, range(seed, seed + 2)))
    inside += sum(hits)
    n += 2 * POINTS
    seed += 2

# %% [wrong ex7 M02]
tol = 0.002
inside = n = seed = 0
while n == 0 or sigma(inside, n) > tol:
    inside += client.submit(darts, seed).result()
    n += POINTS
    seed += 1

# %% [wrong ex7]
tol = 0.002
hits = client.gather(client.map(darts, range(40)))
inside = sum(hits)
n = 40 * POINTS

# %% [wrong ex7]
tol = 0.002
inside = n = 0
stream = as_completed([client.submit(darts, 0) for _ in range(4)])
for future in stream:
    inside += future.result()
    n += POINTS
    if sigma(inside, n) < tol:
        break
    stream.add(client.submit(darts, 0))

# %% [wrong ex7]
tol = 0.002
hits = client.gather(client.map(darts, range(14)))
inside = sum(hits)
n = 14 * POINTS

# %% [wrong ex7 M38]
tol = 0.002
inside = n = 0
for future in as_completed(client.map(darts, range(4))):
    inside += future.result()
    n += POINTS

# %% [markdown]
# ## Key points
# - A plan waits for you; a future's call starts when it is submitted.
# - Submit first, wait later. `result()` in a loop of submits makes the loop wait at every turn.
# - Equal pure calls share one result. Say `pure=False` for dice, files and clocks.
# - Hand on futures. Ask only for what you want to see.
# - A failed call fails alone, with those that need it; `retries` tries again.
# - `as_completed` lets you act on the first result while the last is still being made.
#
# ## Check yourself

# %% [predict q1] choice
# ask: You submit a hundred calls and go to lunch. Nobody calls `result()`. What do you find when you come back?
# option a: all hundred have run, and their results wait in the cluster
# option b: nothing, until you ask for a result
# option c: all hundred have run, and the results have been copied into your notebook
# truth: a
# wrong b: M28 Nobody has to ask: submitting is starting.
# wrong c: M27 You hold claims, not results.
# why: Submitted calls run. The cluster keeps their results, for as long as you hold the futures.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: Ten thousand calls of 5 µs each. What do you submit?
# option a: ten thousand futures: the more, the better the workers share them
# option b: some dozens of futures, each with hundreds of calls
# option c: one future with all of them
# truth: b
# wrong a: M04 Each future costs more than the call inside.
# wrong c: M03 One call runs on one worker; the others have nothing to do.
# why: Enough to keep all workers busy, each large enough to be worth its price.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: A table of 500 MB is in your notebook, and fifty calls need it. What is best?
# option a: `client.submit(work, table, i)` fifty times
# option b: `claim = client.scatter(table)` once, then `client.submit(work, claim, i)`
# option c: read it in a `delayed` function and call `compute()` fifty times
# truth: b
# wrong a: M34 The table would be part of each of the fifty calls.
# wrong c: M16 Each `compute` would read it again.
# why: Scattered once, it lies where the workers can read it; a future of it costs nothing to hand on.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up
# A closed client ends its workers; nothing can be submitted any more. Results go with the last future of them.

# %% [code timed]
client.close()
client

# %%
L.progress()

# %% [instructor]
# 35 minutes: start 2, predict 4, run and what becomes of a call 6, ex1 to ex3 9, ex4 and ex5 6, tiny calls 3, make 5.
# Wrong predictions to expect: p2 = 1 and 1 (futures taken for plans), p5 = 2. Let them look at the two keys.
# If the room is slow, leave out ex5 and ex6. If it is fast: cancel what is still on its way when the make exercise stops.
# Exit ticket: which line of your own program waits today, and which of its calls could have been submitted before it?
