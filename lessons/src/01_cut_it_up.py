# title: Cut it up: blocked algorithms by hand
# minutes: 20
# needs: Python functions and loops, NumPy; lesson 00
# skeleton: full
# ruff: noqa: F811, F823
# objectives: turn a sum, a mean, a maximum or a variance into a step for each piece and a step that joins; say what cannot be cut up like this; write the tasks of a calculation and who waits for whom as a graph; tell a plan from a result

# %% [markdown]
# ## Start
# No library does anything for you here: this is what the others do inside.

# %%
from chunkscope_lessons import lesson

L = lesson("01_cut_it_up")

# %%
import numpy as np
import pandas as pd

import chunkscope
from chunkscope_datasets import flights
from chunkscope_lessons.by_hand import draw, from_dict

numbers = np.arange(1_000_000)
pieces = np.array_split(numbers, 10)
[len(piece) for piece in pieces]

# %% [markdown]
# ## Predict
# Ten pieces, cut from one array. A calculation is **blocked** when it works on one piece at a time and then joins what the
# pieces gave. The sum is the simplest: sum each piece, add up the ten sums.

# %% [predict p1] choice
# ask: Twelve files, one for each month, with the departure delay of each flight. The mean of the twelve monthly means: is it
#   the mean of the year?
# option a: yes
# option b: yes, if missing values are left out everywhere
# option c: no, not if the months have different numbers of flights
# truth: c
# wrong a: M06 A month with few flights would count as much as a month with many.
# wrong b: M06 Missing values do no harm here. It is the size of the months that differs.
# why: EWR has {fact:flights.mean_EWR:.3f} minutes, the mean of its monthly means is {fact:flights.mean_of_means_EWR:.3f};
#   for JFK it is {fact:flights.mean_JFK:.3f} and {fact:flights.mean_of_means_JFK:.3f}, for LGA {fact:flights.mean_LGA:.3f} and
#   {fact:flights.mean_of_means_LGA:.3f}. Near, and wrong.

# %% [markdown]
# Joining means that some steps wait for others. A kitchen shows how that limits the time. The recipe, in minutes:
#
# | step | minutes | waits for |
# |---|---|---|
# | knead the dough | 8 | – |
# | roll it out | 4 | knead |
# | wash the tomatoes | 2 | – |
# | cut them | 5 | wash |
# | cook the sauce, stirring | 6 | cut |
# | grate the cheese | 3 | – |
# | put it together | 1 | roll, sauce, grate |
# | bake, and watch | 10 | together |

# %% [predict p2 graph] numbers
# ask: Each step keeps one cook busy. How many minutes at least with one cook, with two, and with three? Give [one, two, three].
# truth: [{fact:kitchen.one:.0f}, {fact:kitchen.two:.0f}, {fact:kitchen.three:.0f}]
# wrong 39, 19.5, 13: M05 The steps of a chain cannot overlap: nobody bakes what is not rolled out.
# wrong 39, 20, 13: M05 The steps of a chain cannot overlap: nobody bakes what is not rolled out.
# wrong 39, 24, 24: Two cooks have dough and sauce; who grates the cheese?
# wrong *: One cook: all the minutes. Many cooks: the longest chain of steps that wait for each other.
# why: All steps together take {fact:kitchen.one:.0f} minutes. The longest chain (wash, cut, sauce, together, bake) takes
#   {fact:kitchen.three:.0f}; no number of cooks is faster. Two cooks need {fact:kitchen.two:.0f}: one of them also has to grate.

# %% [markdown]
# ## Run
# ### A sum in ten pieces

# %%
sums = [piece.sum() for piece in pieces]  # a step for each piece
total = sum(sums)  # a step that joins
print(f"{total:,}", total == numbers.sum())

# %% [markdown]
# Ten small results stand for a million numbers. The pieces need not be in memory together, and nobody cares in which order
# they are summed: ten helpers could do it at once.
#
# ### A mean over twelve files
# All flights that were to leave New York City in 2013, a file for each month:

# %%
months = []
for path in flights("by_month"):
    frame = pd.read_csv(path, usecols=["Origin", "DepDelay"])
    months.append(frame.groupby("Origin")["DepDelay"].agg(["sum", "count", "mean"]))
months[0]

# %%
year = sum(month["sum"] for month in months) / sum(month["count"] for month in months)
means = sum(month["mean"] for month in months) / 12
pd.DataFrame({"mean of the year": year, "mean of the months' means": means}).round(3)

# %%
L.reveal("p1")

# %% [markdown graph]
# ## Investigate
# ### A graph is a dict
# Who waits for whom is all that a scheduler has to know. Write it down as a dict: a name for each task; for the task a
# tuple, of the function and its arguments. An argument that is a name stands for that task's result.

# %%
def cook(*ready):
    return "done"


kitchen = {
    "knead": (cook,),
    "roll": (cook, "knead"),
    "wash": (cook,),
    "cut": (cook, "wash"),
    "sauce": (cook, "cut"),
    "grate": (cook,),
    "together": (cook, "roll", "sauce", "grate"),
    "bake": (cook, "together"),
}
minutes = {"knead": 8, "roll": 4, "wash": 2, "cut": 5, "sauce": 6, "grate": 3, "together": 1, "bake": 10}
draw(kitchen)

# %% [predict p3 graph] choice
# ask: The cell above has run and has shown a picture. How often has `cook` been called?
# option a: 8 times
# option b: once, for the last step
# option c: never
# truth: c
# wrong a: M08 A tuple in a dict calls nothing. The picture is the picture of a plan.
# wrong b: M08 Not even that: nobody has asked for a result yet.
# why: The dict names functions and does not call them (there are no parentheses after `cook`). It is a plan: **lazy**.
#   `sums` above was worked out on the spot: **eager**.

# %% [markdown]
# The dict is a plan for the engine as well. It can model it, on a clock of its own (one of its seconds is a minute here),
# and it can run it; the panel's **Graph** shows each step of your dict by its name.

# %%
meal = from_dict(kitchen, "bake")
[chunkscope.simulate(meal, workers=cooks, cost=minutes).seconds for cooks in (1, 2, 3, 4)]

# %%
L.reveal("p2")

# %%
meal.compute()

# %%
L.reveal("p3")

# %% [markdown]
# ## Modify
# In all of these, `chunks` is a sequence of arrays of **different lengths**; some may be empty. They are made when they are
# asked for, as if they came from files, so they should not all be kept at once.

# %% [exercise ex1] a mean in pieces
# blocked_mean(chunks): exactly the mean of all numbers in all chunks.
def blocked_mean(chunks):
    ...

# %% [hint ex1]
# What two numbers of a chunk are enough?

# %% [hint ex1]
# Add up the sums and the lengths of the chunks; divide once, at the end.

# %% [hint ex1]
# `total, count = 0.0, 0`, then a loop with `total += chunk.sum()` and `count += ...`

# %% [solution ex1]
def blocked_mean(chunks):
    total, count = 0.0, 0
    for chunk in chunks:
        total += chunk.sum()
        count += len(chunk)
    return total / count

# %% [right ex1]
def blocked_mean(chunks):
    return sum(c.sum() for c in chunks) / sum(c.size for c in chunks)

# %% [wrong ex1 M06]
def blocked_mean(chunks):
    means = [chunk.mean() for chunk in chunks if len(chunk)]
    return sum(means) / len(means)

# %% [wrong ex1]
def blocked_mean(chunks):
    return sum(chunk.sum() for chunk in chunks) / len(chunks)

# %% [wrong ex1 M12]
def blocked_mean(chunks):
    return np.concatenate(list(chunks)).mean()

# %% [wrong ex1 error]
def blocked_mean(chunks):
    for chunk in chunks:
        total += chunk.sum()
    return total / len(chunks)

# %% [markdown]
# ### A variance in pieces
# The variance is the mean squared distance from the mean: `((x - x.mean()) ** 2).mean()`. It equals the mean of the squares
# less the square of the mean, so counts, sums and sums of squares would do, on paper. Your function is also tried on
# numbers near a billion.

# %% [exercise ex2] a variance in pieces
# blocked_var(chunks): the variance of all numbers (as np.var gives it), from one piece at a time.
def blocked_var(chunks):
    ...

# %% [hint ex2]
# A billion squared has 19 digits; a float keeps 16. Which numbers stay small?

# %% [hint ex2]
# You may go over the chunks twice: first the mean of all, then the squared distances from it.

# %% [hint ex2]
# `mean = blocked_mean(chunks)`, then the sum over the chunks of `((chunk - mean) ** 2).sum()`, divided by the count.

# %% [solution ex2]
def blocked_var(chunks):
    mean = blocked_mean(chunks)
    squares, count = 0.0, 0
    for chunk in chunks:
        squares += ((chunk - mean) ** 2).sum()
        count += len(chunk)
    return squares / count

# %% [right ex2]
def blocked_var(chunks):
    n, mean, squares = 0, 0.0, 0.0
    for chunk in chunks:
        if len(chunk):
            step = chunk.mean() - mean
            both = n + len(chunk)
            squares += chunk.var() * len(chunk) + step**2 * n * len(chunk) / both
            mean += step * len(chunk) / both
            n = both
    return squares / n

# %% [wrong ex2 M31]
def blocked_var(chunks):
    n = sum(len(c) for c in chunks)
    total = sum(c.sum() for c in chunks)
    squares = sum((c**2).sum() for c in chunks)
    return squares / n - (total / n) ** 2

# %% [wrong ex2 M06]
def blocked_var(chunks):
    return sum(c.var() * len(c) for c in chunks if len(c)) / sum(len(c) for c in chunks)

# %% [wrong ex2]
def blocked_var(chunks):
    mean = blocked_mean(chunks)
    count = sum(len(c) for c in chunks)
    return sum(((c - mean) ** 2).sum() for c in chunks) / (count - 1)

# %% [wrong ex2]
def blocked_var(chunks):
    mean = blocked_mean(chunks)
    count = sum(len(c) for c in chunks)
    return np.sqrt(sum(((c - mean) ** 2).sum() for c in chunks) / count)

# %% [wrong ex2 M12]
def blocked_var(chunks):
    return np.concatenate(list(chunks)).var()

# %% [markdown]
# ### Join as a tree
# A thousand partial sums need not be joined by one task: join pairs, then pairs of pairs. These seven lines, in the right
# order, do that. Their indentation is right as it stands.
#
# ```python
# A   while len(level) > 1:
# B       level = pairs
# C   level = [piece.sum() for piece in pieces]
# D       pairs = []
# E   total = level[0]
# F       for k in range(0, len(level), 2):
# G           pairs.append(sum(level[k : k + 2]))
# ```

# %% [exercise ex3] seven lines in order
# The letters in the right order, as one text of seven letters.
order = ...

# %% [hint ex3]
# What has to exist before the loop begins, and what can only be known after it?

# %% [hint ex3]
# Each turn of the outer loop begins with an empty list and ends with a shorter level.

# %% [hint ex3]
# It begins with "CAD" and ends with "E".

# %% [solution ex3]
order = "CADFGBE"

# %% [right ex3]
order = "c a d f g b e"

# %% [wrong ex3]
order = "CADFGB"

# %% [wrong ex3]
order = "CDAFGBE"

# %% [wrong ex3]
order = "CAFGDBE"

# %% [wrong ex3]
order = "CADBFGE"

# %% [wrong ex3]
order = "CEADFGB"

# %% [markdown]
# ### What can be cut up?
# - `"piecewise"`: each piece alone, nothing to join
# - `"tree"`: a small result for each piece, joined exactly
# - `"shuffle"`: exact only if numbers move between pieces
# - `"not exact"`: can be joined from small results, but is not the right answer

# %% [exercise ex4] eight operations
# Put one of the four words to each.
kinds = {
    "square root of each number": ...,
    "keep the numbers above 3": ...,
    "largest number": ...,
    "mean": ...,
    "variance": ...,
    "sort all numbers": ...,
    "median": ...,
    "median of the pieces' medians": ...,
}

# %% [hint ex4]
# Ask of each: if a helper sees one piece only, what does it have to hand over?

# %% [hint ex4]
# The median depends on numbers that lie in the middle of all of them: any piece may hold them, or none.

# %% [hint ex4]
# Two are piecewise, three are trees, two need a shuffle, one is not exact.

# %% [solution ex4]
kinds = {
    "square root of each number": "piecewise",
    "keep the numbers above 3": "piecewise",
    "largest number": "tree",
    "mean": "tree",
    "variance": "tree",
    "sort all numbers": "shuffle",
    "median": "shuffle",
    "median of the pieces' medians": "not exact",
}

# %% [wrong ex4 M33]
kinds = {
    "square root of each number": "piecewise",
    "keep the numbers above 3": "piecewise",
    "largest number": "tree",
    "mean": "tree",
    "variance": "tree",
    "sort all numbers": "shuffle",
    "median": "tree",
    "median of the pieces' medians": "not exact",
}

# %% [wrong ex4 M06]
kinds = {
    "square root of each number": "piecewise",
    "keep the numbers above 3": "piecewise",
    "largest number": "tree",
    "mean": "tree",
    "variance": "tree",
    "sort all numbers": "shuffle",
    "median": "shuffle",
    "median of the pieces' medians": "tree",
}

# %% [wrong ex4]
kinds = {
    "square root of each number": "piecewise",
    "keep the numbers above 3": "piecewise",
    "largest number": "tree",
    "mean": "not exact",
    "variance": "tree",
    "sort all numbers": "shuffle",
    "median": "shuffle",
    "median of the pieces' medians": "not exact",
}

# %% [markdown]
# ## Make
# The sum of a million numbers in four pieces, as a graph of your own.

# %%
quarters = np.array_split(numbers, 4)

# %% [exercise ex5 graph timeline] the graph of a sum
# `graph`: a dict whose key "total" stands for the sum of all four quarters. The four pieces can be summed at the same
# time, and no task is given more than one quarter. Call nothing: write tuples.
graph = {
    "part 0": (np.sum, quarters[0]),
    "total": ...,
}

# %% [hint ex5]
# One task for each quarter, and at least one that joins them.

# %% [hint ex5]
# Python's `sum` takes a list; in a task, a list of names stands for a list of results.

# %% [hint ex5]
# `"total": (sum, ["part 0", "part 1", ...])`

# %% [solution ex5]
graph = {
    "part 0": (np.sum, quarters[0]),
    "part 1": (np.sum, quarters[1]),
    "part 2": (np.sum, quarters[2]),
    "part 3": (np.sum, quarters[3]),
    "total": (sum, ["part 0", "part 1", "part 2", "part 3"]),
}

# %% [right ex5]
graph = {("part", k): (np.sum, quarter) for k, quarter in enumerate(quarters)}
graph["left"] = (np.add, ("part", 0), ("part", 1))
graph["right"] = (np.add, ("part", 2), ("part", 3))
graph["total"] = (np.add, "left", "right")

# %% [wrong ex5]
graph = {
    "part 0": quarters[0].sum(),
    "part 1": quarters[1].sum(),
    "part 2": quarters[2].sum(),
    "part 3": quarters[3].sum(),
    "total": (sum, ["part 0", "part 1", "part 2", "part 3"]),
}

# %% [wrong ex5 M03]
graph = {"total": (np.sum, quarters)}

# %% [wrong ex5 M05]
def carry_on(so_far, quarter):
    return so_far + quarter.sum()


graph = {
    "part 0": (carry_on, 0, quarters[0]),
    "part 1": (carry_on, "part 0", quarters[1]),
    "part 2": (carry_on, "part 1", quarters[2]),
    "total": (carry_on, "part 2", quarters[3]),
}

# %% [wrong ex5]
graph = {
    "part 0": (np.sum, quarters[0]),
    "part 1": (np.sum, quarters[1]),
    "part 2": (np.sum, quarters[2]),
    "part 3": (np.sum, quarters[3]),
    "total": (sum, ["part 0", "part 1", "part 2"]),
}

# %% [wrong ex5 error]
graph = {
    "part 0": (np.sum, quarters[0]),
    "total": (np.add, "total", "part 0"),
}

# %% [markdown]
# Your dict, drawn and then run: the panel's **Graph** shows it too, task by task.

# %%
draw(graph)

# %%
from_dict(graph, "total").compute()

# %% [markdown]
# ### When is it slower?
# Each piece costs a call and a join, however small it is. The same sum in more and more pieces, on your machine:

# %% [code timed]
import time


def fastest(pieces):
    laps = []
    for _ in range(3):
        start = time.perf_counter()
        sum(piece.sum() for piece in pieces)
        laps.append(time.perf_counter() - start)
    return min(laps)


for count in (1, 10, 1_000, 20_000):
    print(f"{count:>6,} pieces: {fastest(np.array_split(numbers, count)) * 1e3:.2f} ms")

# %% [markdown]
# ## Key points
# - A blocked calculation has a step for each piece and a step that joins small results.
# - Join sums and counts, not means. Mind what floats can hold.
# - Sorting and medians need numbers to move between pieces.
# - A graph says what there is to do and who waits for whom: a dict suffices. It is a plan, not a result.
# - The longest chain of the graph bounds the time, whatever the number of helpers.
#
# ## Check yourself

# %% [predict q1] choice
# ask: Two pieces: 10 numbers with mean 1, and 30 numbers with mean 5. What is the mean of all?
# option a: 3
# option b: 4
# option c: it cannot be known without all the numbers
# truth: b
# wrong a: M06 (1 + 5) / 2 forgets that the second piece has three times as many numbers.
# wrong c: M33 Sums and counts are enough: 10 and 150, out of 40.
# why: (10 × 1 + 30 × 5) / 40 = 4.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: A graph of 100 tasks of one second; its longest chain has 20 tasks. The least time with 50 helpers?
# option a: 2 s
# option b: 20 s
# option c: 100 s
# truth: b
# wrong a: M05 100 / 50 would need tasks that never wait for each other.
# wrong c: M30 That is one helper. Others can work beside the chain, but not faster than the chain.
# why: The chain of 20 cannot be shortened, and 50 helpers have time for the other 80 beside it.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: What may be worked out exactly from one small result for each piece?
# option a: the median
# option b: the smallest and the largest number
# option c: the order of all numbers
# truth: b
# wrong a: M33 The middle of all numbers is not the middle of the pieces' middles.
# wrong c: M33 The order of all is as large as the data themselves.
# why: The smallest of the smallest is the smallest. For medians and orders, numbers have to meet across pieces.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
L.progress()

# %% [instructor]
# 20 minutes: start 2, predict 4, run 3, graph 3, ex1 to ex4 5, make 3. Ex2 may be left for home.
# Wrong predictions to expect: p1 = yes; p2 = 19.5 and 13. Let them hand out the steps on the board, a column for a cook.
# If the room is slow, leave out ex2. If it is fast: the variance in one pass over the chunks (counts, means, distances).
# Exit ticket: name one calculation of your own work, and its two steps.
