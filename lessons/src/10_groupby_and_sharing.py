# title: Ask once: group-bys and shared work
# minutes: 40
# needs: lessons 02 and 09, pandas
# skeleton: full
# objectives: answer questions about groups with one line over many files; say how little a partition has to hand over; ask several questions in one pass over the files; find out from a run how often each file was read; find the size from which a frame pays on your machine

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("10_groupby_and_sharing")

# %%
import pandas as pd

import chunkscope
import chunkscope.dataframe as cd
from chunkscope import compute, delayed
from chunkscope_datasets import flights
from chunkscope_lessons.pictures import bars, heat_map

chunkscope.config.set(num_workers=2)
paths = [str(path) for path in flights("by_month")]
with_gaps = ["DepTime", "ArrTime", "ActualElapsedTime", "CRSElapsedTime", "AirTime", "ArrDelay", "DepDelay"]
df = cd.read_csv(paths, dtype=dict.fromkeys(with_gaps, "float64"))
df

# %% [markdown]
# All {fact:flights.rows} flights that were to leave New York City in 2013, a file for each month; the types are those of lesson 09.
# The columns of this lesson: `Month`, `DayOfWeek` (1 is Monday), `CRSDepTime` (planned departure, 1730 is half past five),
# `DepDelay` (minutes; missing if cancelled), `UniqueCarrier` (airline), `Origin` (EWR, JFK or LGA), `Dest`, `Distance`
# (miles), `Cancelled` (0 or 1).
#
# ## Predict
# The longest departure delay. With pandas alone:
#
# ```python
# longest = []
# for path in paths:
#     longest.append(pd.read_csv(path)["DepDelay"].max())
# max(longest)
# ```
#
# As a frame: `df["DepDelay"].max().compute()`.

# %% [predict p1 graph] choice
# ask: What does the frame's line do?
# option a: it puts all files together in memory, then takes the maximum
# option b: it does what the loop does: a maximum for each file, then the maximum of these
# option c: it sorts the column and takes its end
# truth: b
# wrong a: M12 Nobody needs all rows at one time: a file can be let go as soon as its maximum is known.
# wrong c: M33 Sorting would move all rows. A maximum needs one number of each file.
# why: One number for each file, joined by a small tree: lesson 01, in one line, on all workers, reading one column of 23.

# %% [predict p2] number
# ask: The mean delay of each day of the week is to be drawn as bars. How many numbers have to reach the picture?
# truth: 7
# wrong 336776: M12 Then the picture's library would do the work of the frame, in one thread, with all rows in memory.
# wrong 12: The groups are days of the week, wherever their flights are stored.
# wrong *: One for each bar.
# why: Aggregate first, then draw: seven numbers leave the frame.

# %% [predict p3 timeline] numbers
# ask: Two questions about `df`. How often is a CSV file read in all, if you call `compute` for each of them? And if you ask for both
#   in one `compute`? Give [two computes, one compute].
# truth: [{fact:sharing.two}, {fact:sharing.one}]
# wrong 12, 12: M16 Between two computes nothing is kept: the second one reads all files again.
# wrong 24, 24: M16 In one `compute` both questions hang on the same partitions, and each of them is read once.
# wrong *: There are 12 files.
# why: {fact:sharing.one} files, read for each `compute`. In one `compute` the parts that both questions need are done once.

# %% [markdown]
# ## Run

# %%
df["DepDelay"].max().visualize()

# %%
L.reveal("p1")

# %%
weekdays = df.groupby("DayOfWeek")["DepDelay"].mean().compute()
bars(weekdays.round(2), "Mean departure delay in minutes, by day of the week")

# %%
L.reveal("p2")

# %% [markdown]
# Thursday is worst with {fact:flights.worst_weekday:.2f} minutes, Saturday best with {fact:flights.best_weekday:.2f}.
#
# ## Investigate
# How often each file was read stands in the record of a run:

# %%
def files_read(*runs):
    return sum(read.count for run in runs for read in run.reads().values())


late = (df["DepDelay"] > 60).sum()
farthest = df["Distance"].max()
late.compute(), farthest.compute()

# %%
files_read(*chunkscope.runs()[-2:])

# %%
compute(late, farthest)

# %%
files_read(chunkscope.last_run())

# %%
L.reveal("p3")

# %% [markdown]
# In the panel's **Graph** both questions hang on the same twelve readers. The time they take, on your machine:

# %% [code timed]
separate, together = chunkscope.runs()[-3:-1], chunkscope.last_run()
print(f"on your machine: apart {sum(run.seconds for run in separate):.2f} s, together {together.seconds:.2f} s")

# %% [markdown]
# ## Modify
# ### Questions
# One computation for each, and no more rows than needed.

# %% [exercise ex1] the longest delay
# `longest`: the longest departure delay in minutes, worked out from df.
longest = ...

# %% [hint ex1]
# Choose the column, ask for its maximum, then compute.

# %% [hint ex1]
# `df["DepDelay"]` is lazy, and so is its `.max()`.

# %% [solution ex1]
longest = df["DepDelay"].max().compute()

# %% [right ex1]
(longest,) = compute(df.DepDelay.max())

# %% [wrong ex1 M08]
longest = df["DepDelay"].max()

# %% [wrong ex1 M12]
longest = df.compute()["DepDelay"].max()

# %% [wrong ex1]
longest = df["ArrDelay"].max().compute()

# %% [wrong ex1]
longest = max(pd.read_csv(path)["DepDelay"].max() for path in paths)

# %% [exercise ex2] how many left
# `left`: the number of flights that were not cancelled.
left = ...

# %% [hint ex2]
# A comparison of a column is a column of True and False; what is the sum of such a column?

# %% [hint ex2]
# `df["Cancelled"] == 0`, or count the departure delays that are there.

# %% [solution ex2]
left = (df["Cancelled"] == 0).sum().compute()

# %% [right ex2]
left = df["DepDelay"].count().compute()

# %% [right ex2]
left = len(df[df["Cancelled"] == 0])

# %% [wrong ex2]
left = len(df)

# %% [wrong ex2]
left = df["Cancelled"].sum().compute()

# %% [wrong ex2]
left = ((df["Cancelled"] == 0) & (df["Diverted"] == 0)).sum().compute()

# %% [wrong ex2 M12]
left = len(df.compute().query("Cancelled == 0"))

# %% [exercise ex3] by airport
# `departures`: a pandas Series: for each Origin, the number of flights that were not cancelled.
departures = ...

# %% [hint ex3]
# Choose the rows first, then make groups, then count.

# %% [hint ex3]
# `df[df["Cancelled"] == 0]` is a lazy frame of these rows; `.groupby("Origin")` makes groups.

# %% [hint ex3]
# `departures = df[df["Cancelled"] == 0].groupby("Origin")["Dest"].count()` is the plan of it.

# %% [solution ex3]
departures = df[df["Cancelled"] == 0].groupby("Origin")["Dest"].count().compute()

# %% [right ex3]
departures = df.groupby("Origin")["DepDelay"].count().compute()

# %% [right ex3]
departures = df[df["Cancelled"] == 0]["Origin"].value_counts().compute()

# %% [wrong ex3]
departures = df.groupby("Origin")["Dest"].count().compute()

# %% [wrong ex3]
departures = df[df["Cancelled"] == 0].groupby("Dest")["Origin"].count().compute()

# %% [wrong ex3 M12]
departures = df.compute().groupby("Origin")["DepDelay"].count()

# %% [wrong ex3 M08]
departures = df.groupby("Origin")["DepDelay"].count()

# %% [exercise ex4] the busiest destinations
# `top`: a pandas Series: the number of flights to each of the five destinations with most, the largest first.
top = ...

# %% [hint ex4]
# One method counts how often each value of a column occurs, another one keeps the largest.

# %% [hint ex4]
# `df["Dest"].value_counts()`, and `nlargest(5)` of it.

# %% [solution ex4]
top = df["Dest"].value_counts().nlargest(5).compute()

# %% [right ex4]
top = df.groupby("Dest")["Origin"].count().compute().sort_values(ascending=False).head(5)

# %% [wrong ex4]
top = df["Dest"].value_counts().compute()

# %% [wrong ex4]
top = df["Origin"].value_counts().nlargest(5).compute()

# %% [wrong ex4]
top = df[df["Cancelled"] == 0]["Dest"].value_counts().nlargest(5).compute()

# %% [wrong ex4 M14]
top = df["Dest"].head(100_000).value_counts().head(5)

# %% [markdown]
# ### One question, two tools
# The mean departure delay of each airport, as a plain program:
#
# ```python
# sums, counts = [], []
# for path in paths:
#     by_origin = pd.read_csv(path).groupby("Origin")["DepDelay"]
#     sums.append(by_origin.sum())
#     counts.append(by_origin.count())
# sum(sums) / sum(counts)
# ```

# %% [exercise ex5 timeline] with tasks, and as a frame
# `by_tasks`: the same Series, worked out by delayed tasks in one computation, each file read once.
# `by_frame`: the same again, in one line on df.
by_tasks = ...
by_frame = ...

# %% [hint ex5]
# For the tasks: what does one file hand over? For the frame: who does this for you?

# %% [hint ex5]
# Tasks: a function that gives sums and counts of one path, delayed; one `compute` for all; then join. Frame: a `groupby`.

# %% [hint ex5]
# `parts = compute(*[delayed(part)(path) for path in paths])`; `by_frame = df.groupby("Origin")["DepDelay"]`, then two calls more.

# %% [solution ex5]
def part(path):
    by_origin = pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"]
    return by_origin.sum(), by_origin.count()


parts = compute(*[delayed(part)(path) for path in paths])
by_tasks = sum(sums for sums, _ in parts) / sum(counts for _, counts in parts)
by_frame = df.groupby("Origin")["DepDelay"].mean().compute()

# %% [right ex5]
frames = [delayed(pd.read_csv)(path, usecols=["Origin", "DepDelay"]) for path in paths]
groups = [frame.groupby("Origin")["DepDelay"] for frame in frames]
sums, counts = compute(sum(group.sum() for group in groups), sum(group.count() for group in groups))
by_tasks = sums / counts
by_frame = df.groupby("Origin").agg({"DepDelay": "mean"})["DepDelay"].compute()

# %% [wrong ex5 M06]
def part(path):
    return pd.read_csv(path).groupby("Origin")["DepDelay"].mean()


by_tasks = sum(compute(*[delayed(part)(path) for path in paths])) / 12
by_frame = df.groupby("Origin")["DepDelay"].mean().compute()

# %% [wrong ex5 M02]
def part(path):
    by_origin = pd.read_csv(path).groupby("Origin")["DepDelay"]
    return by_origin.sum(), by_origin.count()


parts = [delayed(part)(path).compute() for path in paths]
by_tasks = sum(sums for sums, _ in parts) / sum(counts for _, counts in parts)
by_frame = df.groupby("Origin")["DepDelay"].mean().compute()

# %% [wrong ex5]
by_frame = df.groupby("Origin")["DepDelay"].mean().compute()
by_tasks = by_frame

# %% [wrong ex5]
def part(path):
    by_origin = pd.read_csv(path).groupby("Origin")["DepDelay"]
    return by_origin.sum(), by_origin.count()


parts = compute(*[delayed(part)(path) for path in paths])
by_tasks = sum(sums for sums, _ in parts) / sum(counts for _, counts in parts)
by_frame = df.groupby("Origin")["ArrDelay"].mean().compute()

# %% [wrong ex5 M16]
def groups(path):
    return delayed(pd.read_csv)(path).groupby("Origin")["DepDelay"]


sums, counts = compute(sum(groups(p).sum() for p in paths), sum(groups(p).count() for p in paths))
by_tasks = sums / counts
by_frame = df.groupby("Origin")["DepDelay"].mean().compute()

# %% [markdown]
# ### Sharing
# A program that reads the files three times:
#
# ```python
# mean = df["DepDelay"].mean().compute()
# spread = df["DepDelay"].std().compute()
# count = df["DepDelay"].count().compute()
# ```

# %% [exercise ex6 graph] three figures, one pass
# `mean`, `spread` and `count` as above, with every file read once.
mean = ...
spread = ...
count = ...

# %% [hint ex6]
# `compute` takes as many lazy values as you like.

# %% [hint ex6]
# `mean, spread, count = compute(...)`, with three lazy values that have not been computed.

# %% [solution ex6]
delay = df["DepDelay"]
mean, spread, count = compute(delay.mean(), delay.std(), delay.count())

# %% [right ex6]
figures = df["DepDelay"].describe().compute()
mean, spread, count = figures["mean"], figures["std"], figures["count"]

# %% [wrong ex6 M16]
mean = df["DepDelay"].mean().compute()
spread = df["DepDelay"].std().compute()
count = df["DepDelay"].count().compute()

# %% [wrong ex6 M12]
delay = df["DepDelay"].compute()
mean, spread, count = delay.mean(), delay.std(), delay.count()

# %% [wrong ex6]
delay = df["DepDelay"]
mean, spread, count = compute(delay.mean(), delay.std(), delay.size)

# %% [wrong ex6]
delay = df["DepDelay"]
mean, spread, count = compute(delay.mean(), delay.var(), delay.count())

# %% [exercise ex7 graph] three groupings, one pass
# Three pandas Series from one computation, with every file read once:
# `late`: for each Origin, the number of flights that left more than 60 minutes late;
# `distance`: for each UniqueCarrier, the mean Distance of its flights;
# `cancelled`: for each Month, the number of cancelled flights.
late = ...
distance = ...
cancelled = ...

# %% [hint ex7]
# Write the three as lazy values first, each with its own groupby.

# %% [hint ex7]
# Cancelled is 0 or 1, so its sum counts. For `late`, choose the rows first.

# %% [hint ex7]
# `late, distance, cancelled = compute(df[df["DepDelay"] > 60].groupby("Origin")["Dest"].count(), ...)`

# %% [solution ex7]
late, distance, cancelled = compute(
    df[df["DepDelay"] > 60].groupby("Origin")["Dest"].count(),
    df.groupby("UniqueCarrier")["Distance"].mean(),
    df.groupby("Month")["Cancelled"].sum(),
)

# %% [right ex7]
questions = {
    "late": df[df["DepDelay"] > 60]["Origin"].value_counts(),
    "distance": df.groupby("UniqueCarrier").agg({"Distance": "mean"})["Distance"],
    "cancelled": df[df["Cancelled"] == 1].groupby("Month").size(),
}
(answers,) = compute(questions)
late, distance, cancelled = answers["late"], answers["distance"], answers["cancelled"]

# %% [wrong ex7 M16]
late = df[df["DepDelay"] > 60].groupby("Origin")["Dest"].count().compute()
distance = df.groupby("UniqueCarrier")["Distance"].mean().compute()
cancelled = df.groupby("Month")["Cancelled"].sum().compute()

# %% [wrong ex7 M12]
whole = df.compute()
late = whole[whole["DepDelay"] > 60].groupby("Origin")["Dest"].count()
distance = whole.groupby("UniqueCarrier")["Distance"].mean()
cancelled = whole.groupby("Month")["Cancelled"].sum()

# %% [wrong ex7]
late, distance, cancelled = compute(
    df[df["ArrDelay"] > 60].groupby("Origin")["Dest"].count(),
    df.groupby("UniqueCarrier")["Distance"].mean(),
    df.groupby("Month")["Cancelled"].sum(),
)

# %% [wrong ex7]
late, distance, cancelled = compute(
    df[df["DepDelay"] > 60].groupby("Origin")["Dest"].count(),
    df.groupby("UniqueCarrier")["Distance"].sum(),
    df.groupby("Month")["Cancelled"].sum(),
)

# %% [markdown]
# ## Make
# When, and from where, is it best to fly?

# %% [exercise ex8 timeline memory] a report by hour and airport
# `report`: a pandas frame with the mean departure delay: a row for each planned hour of departure (CRSDepTime 1730 is hour 17),
# a column for each Origin. Each file is read once at most.
report = ...

# %% [hint ex8]
# The hour is a column of its own: `assign` makes it, lazily.

# %% [hint ex8]
# Group by two columns at once, compute the mean, and only then turn the result around: it is small.

# %% [hint ex8]
# `df.assign(Hour=df["CRSDepTime"] // 100).groupby(["Hour", "Origin"])["DepDelay"].mean().compute().unstack()`

# %% [solution ex8]
hours = df.assign(Hour=df["CRSDepTime"] // 100)
report = hours.groupby(["Hour", "Origin"])["DepDelay"].mean().compute().unstack()

# %% [right ex8]
airports = ("EWR", "JFK", "LGA")
hour = df["CRSDepTime"] // 100
means = [df[df["Origin"] == a].assign(Hour=hour).groupby("Hour")["DepDelay"].mean() for a in airports]
report = pd.concat(compute(*means), axis=1, keys=airports)

# %% [wrong ex8 M16]
airports = ("EWR", "JFK", "LGA")
hours = df.assign(Hour=df["CRSDepTime"] // 100)
parts = [hours[hours["Origin"] == a].groupby("Hour")["DepDelay"].mean().compute() for a in airports]
report = pd.concat(parts, axis=1, keys=airports)

# %% [wrong ex8]
hours = df.assign(Hour=df["DepTime"] // 100)
report = hours.groupby(["Hour", "Origin"])["DepDelay"].mean().compute().unstack()

# %% [wrong ex8]
hours = df.assign(Hour=df["CRSDepTime"] // 100)
report = hours.groupby(["Origin", "Hour"])["DepDelay"].mean().compute().unstack()

# %% [wrong ex8 M06]
hours = df.assign(Hour=df["CRSDepTime"] // 100)
monthly = hours.groupby(["Month", "Hour", "Origin"])["DepDelay"].mean().compute()
report = monthly.groupby(["Hour", "Origin"]).mean().unstack()

# %% [wrong ex8 M12]
whole = df[["CRSDepTime", "Origin", "DepDelay"]].compute()
report = whole.groupby([whole["CRSDepTime"] // 100, "Origin"])["DepDelay"].mean().unstack()

# %%
heat_map(report, "Mean departure delay in minutes, by planned hour and airport")

# %% [markdown]
# ### When is it slower?
# The mean delay of each airport, three ways, from a hundred rows to as many years as your machine should bear. Which way wins
# from which size on depends on your processor, your disk and what else is running; so this is measured here, by you.

# %%
from chunkscope_lessons.crossover import crossover


def part(path):
    by_origin = pd.read_csv(path, usecols=["Origin", "DepDelay"]).groupby("Origin")["DepDelay"]
    return by_origin.sum(), by_origin.count()


def joined(parts):
    return sum(sums for sums, _ in parts) / sum(counts for _, counts in parts)


def as_frame(paths):
    table = cd.read_csv(paths, dtype=dict.fromkeys(with_gaps, "float64"))
    return table.groupby("Origin")["DepDelay"].mean().compute()


ways = {
    "pandas": lambda paths: joined([part(path) for path in paths]),
    "tasks": lambda paths: joined(compute(*[delayed(part)(path) for path in paths])),
    "frame": as_frame,
}

# %% [code timed]
measured = crossover(ways, years=L.sizes.years)
measured

# %% [code timed]
L.record("crossover", measured.answer)

# %% [markdown]
# ## Key points
# - A group-by over many files hands over one small table for each of them.
# - Aggregate first; draw, sort and turn around the small result.
# - Everything in one `compute` shares what it has in common; between two computes nothing is kept.
# - The record of a run tells how often each file was read.
# - Measure from which size on a frame pays. Below it, pandas is the better tool.
#
# ## Check yourself

# %% [predict q1] choice
# ask: `a = df.x.sum().compute()` and then `b = df.x.mean().compute()`. How often are the files read?
# option a: once: the second one remembers the first
# option b: twice
# option c: three times, since a mean is a sum and a count
# truth: b
# wrong a: M16 A result is handed to you and not kept. What was read for it is let go at once.
# wrong c: M16 Sum and count of one mean are worked out in the same pass.
# why: Each `compute` starts from the files. `compute(df.x.sum(), df.x.mean())` reads them once.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: `df.groupby("Origin")["DepDelay"].mean()` over 12 files: what does the task of one file hand over?
# option a: its rows
# option b: the mean of each airport
# option c: a sum and a count for each airport
# truth: c
# wrong a: M33 Only a shuffle moves rows. Three airports need three small pairs of numbers.
# wrong b: M06 Means of files cannot be joined exactly: months have different numbers of flights.
# why: Sums and counts can be added up. The division comes once, at the end.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: A frame of 3 MB, on a laptop with 8 cores. Is `cd.read_csv` the right tool?
# option a: yes, it is 8 times faster than pandas
# option b: it can be: measure; for so little, pandas may well be faster
# option c: no, never on a single machine
# truth: b
# wrong a: M05 Planning, handing over and joining cost something, and a small file does not keep 8 cores busy.
# wrong c: M12 Larger files than memory are read on a laptop every day, a few partitions at a time.
# why: The smaller the data, the larger the share of what is not reading and adding. You have measured where it turns.

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
L.progress()

# %% [instructor]
# 40 minutes: start 3, predict 4, run and sharing 7, ex1 to ex4 8, ex5 to ex7 10, report 5, crossover 3.
# Wrong predictions to expect: p3 = 12 and 12, or 24 and 24. Let them read the run's record aloud.
# If the room is slow, leave out ex4 and ex6. If it is fast: the report for each month, still one pass; who flies late in July?
# Exit ticket: your notebook has nine cells that end with .compute(). What do you do?
