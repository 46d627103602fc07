# title: One hundred CSVs, one frame
# minutes: 40
# needs: pandas; lessons 00 and 01
# skeleton: full
# objectives: read many files as one lazy frame and say what has been read so far; tell where the types of its columns come from; read the table of an error about types and mend it; know what head and tail do not tell you; store types once and for all

# %% [markdown]
# ## Start

# %%
from chunkscope_lessons import lesson

L = lesson("09_dataframes")

# %%
import pandas as pd

import chunkscope
import chunkscope.dataframe as cd
from chunkscope.errors import SchemaError
from chunkscope_datasets import flights

chunkscope.config.set(num_workers=2)
paths = flights("by_destination")
folder = paths[0].parent
len(paths), paths[0].name, paths[-1].name

# %% [markdown]
# All {fact:flights.rows} flights that were to leave New York City in 2013, one CSV file for each destination: Albuquerque (ABQ) to
# Northwest Arkansas (XNA). Nothing in them has been changed. The data set's card,
# `chunkscope_datasets.describe("flights")`, tells where they come from.
#
# ## Predict
# A **data frame** of chunkscope is many pandas frames, its **partitions**, behind one face. Next comes this line:
#
# ```python
# df = cd.read_csv(f"{folder}/*.csv")
# ```

# %% [predict p1 chunks] number
# ask: When that line has run: how many of the {fact:flights.rows} rows are in memory?
# truth: 0
# wrong 336776: M08 Then it would have to read every file first. It looks at a sample and makes a plan.
# wrong 254: M08 It has looked at the first lines of the first file, to learn names and types, and has kept none of them.
# wrong *: M08 A frame is a plan, like an array of lesson 00.
# why: None. It has looked at the beginning of the first file, for the columns' names and types, and has written a plan.

# %% [predict p2 chunks] number
# ask: How many partitions does it have?
# truth: {fact:frames.files}
# wrong 1: M17 One for each file at least: a file is never joined with another one.
# wrong 2: M17 Two workers take turns with the partitions. Their number has nothing to do with it.
# wrong *: M17 Look at the number of files; all of them are small.
# why: One for each file. A file larger than `blocksize` would be cut into several; these are small.

# %% [markdown]
# ## Run

# %%
df = cd.read_csv(f"{folder}/*.csv")
df

# %%
L.reveal("p1")

# %%
L.reveal("p2")

# %% [markdown]
# Names and types of 23 columns, and no data. `head` and `tail` read as little as they can: the first or the last partition.

# %%
df.head()

# %% [predict p3] choice
# ask: `df.head()` worked. Will `df.tail()`?
# option a: yes, it is the same with another file
# option b: yes, but it takes longer, because all files have to be read
# option c: no, it will raise an error
# truth: c
# wrong a: M14 The first file was all that was needed for `head`. The last one may look different.
# wrong b: M14 `tail` reads the last file only, and that is enough to fail.
# why: The types were guessed from the first file. The last one does not agree.

# %% [code raises]
df.tail()

# %%
L.reveal("p3")

# %% [markdown]
# ## Investigate
# Read the table in the message: six columns, what was **found** in this file, what was **expected** after looking at the first
# one, and the first line that shows it. ABQ.csv is real, and special:

# %%
abq, xna = pd.read_csv(paths[0]), pd.read_csv(paths[-1])
columns = ["DepTime", "DepDelay", "ArrDelay", "Cancelled"]
pd.DataFrame({"ABQ": abq[columns].isna().sum(), "XNA": xna[columns].isna().sum()})

# %% [markdown]
# Of the {fact:frames.abq_rows} flights to Albuquerque **none was cancelled in 2013**: each has a departure time, a delay, an arrival, all of them
# whole numbers. Everywhere else some flights never left. Their fields are empty.

# %% [predict p4] choice
# ask: A column of whole numbers, one of which is missing. What type does pandas give it?
# option a: int64, with a 0 in the gap
# option b: float64
# option c: text
# truth: b
# wrong a: M15 A 0 would be a wrong value: a flight that left on time.
# wrong c: M15 The other values stay numbers.
# why: int64 has no sign for "missing"; float64 has one, NaN. So one gap changes the type of the whole column.

# %%
xna["DepDelay"].dtype, abq["DepDelay"].dtype

# %%
L.reveal("p4")

# %% [markdown]
# Why insist on the types of the sample? Because everything after it was planned with them: the type of a sum, the layout of a
# file that is written, your own functions. A frame whose types change from one partition to the next fails later and further
# away.

# %% [exercise ex1] where each column breaks
# `first_file`: a dict. For each column that holds whole numbers in ABQ.csv and does not in some other file: the name of the
# first such file, such as "XNA.csv". Use pd.read_csv on the files, in the order of `paths`.
first_file = {}
for path in paths:
    ...

# %% [hint ex1]
# `pd.read_csv(path).dtypes` tells the types of one file. Which columns do you compare, and with what?

# %% [hint ex1]
# Only columns with `abq[name].dtype == "int64"` count; only the first file that differs is kept.

# %% [hint ex1]
# `if abq[name].dtype == "int64" and frame[name].dtype != "int64": first_file.setdefault(name, path.name)`

# %% [solution ex1]
first_file = {}
whole = [name for name in abq if abq[name].dtype == "int64"]
for path in paths:
    types = pd.read_csv(path, usecols=whole).dtypes
    for name in whole:
        if types[name] != "int64":
            first_file.setdefault(name, path.name)

# %% [right ex1]
frames = {path.name: pd.read_csv(path) for path in paths}
whole = list(abq.select_dtypes("int64"))
first_file = {}
for name in whole:
    gaps = [file for file, frame in frames.items() if frame[name].isna().any()]
    if gaps:
        first_file[name] = gaps[0]

# %% [wrong ex1]
first_file = {}
for path in paths:
    types = pd.read_csv(path).dtypes
    for name in abq:
        if abq[name].dtype == "int64" and types[name] != "int64":
            first_file[name] = path.name

# %% [wrong ex1]
first_file = {}
for path in paths:
    types = pd.read_csv(path).dtypes
    for name in abq:
        if types[name] != abq[name].dtype:
            first_file.setdefault(name, path.name)

# %% [wrong ex1 M14]
types = pd.read_csv(paths[-1]).dtypes
first_file = {name: paths[-1].name for name in abq if types[name] != abq[name].dtype}

# %% [wrong ex1 M14]
first_file = {}
for path in (paths[1], paths[2], paths[-1]):
    types = pd.read_csv(path).dtypes
    for name in abq:
        if types[name] != abq[name].dtype:
            first_file.setdefault(name, path.name)

# %% [markdown]
# Seven columns, and not six: the table of `tail()` was about one file. For Aguadilla (BQN) and three other airports the source
# has no time zone, so that their planned time in the air is not known.

# %% [predict p5] choice
# ask: `len(df)` counts rows and needs no column at all. Does it work?
# option a: yes: counting lines is enough
# option b: no: with guessed types every column of every file has to be looked at
# option c: yes, but it counts ABQ.csv only
# truth: b
# wrong a: M13 It could, if somebody had told it the types. It has guessed them, and nobody has looked whether the guess holds.
# wrong c: M14 The guess is from ABQ; the rows are from all files.
# why: A number that comes out of data that nobody could read would be worth little. So the guess is checked, and it fails
#   in whichever file comes first. Give the types yourself, and lines are counted.

# %%
def problem(work):
    """The table of the error that `work` raises, as a frame."""
    try:
        return work()
    except SchemaError as error:
        return pd.DataFrame(error.table).set_index("column").drop(columns="file")

# %% [code timed]
problem(lambda: len(df))

# %%
L.reveal("p5")

# %% [markdown]
# The largest delay needs one column, and that one is broken:

# %% [code timed]
problem(lambda: df["DepDelay"].max().compute())

# %% [markdown]
# ### How much is a sample?
# The types come from the first `sample` bytes of the first file. How many rows is that? Find out: a file of 2,000 rows that has
# a single gap, in row k.

# %%
import tempfile
from pathlib import Path

scratch = Path(tempfile.mkdtemp())


def is_noticed(k):
    """Whether a gap in row k (from 0) is seen by a frame that looks at 4,000 bytes."""
    rows = [f"{'' if row == k else 1_000_000 + row},1\n" for row in range(2_000)]
    (scratch / "gap.csv").write_text("number,one\n" + "".join(rows))
    return cd.read_csv(scratch / "gap.csv", sample=4_000).dtypes["number"] == "float64"


is_noticed(0), is_noticed(1_999)

# %% [exercise ex2] the size of a sample
# `seen`: how many rows the frame looked at, that is: the first k whose gap is not noticed.
seen = ...

# %% [hint ex2]
# A row has ten bytes (count them, with the end of the line), and the sample 4,000. Where about is the edge?

# %% [hint ex2]
# Ask `is_noticed(k)` for some k around 400; the first line holds the names and is part of the sample.

# %% [hint ex2]
# `seen = next(k for k in range(390, 410) if not is_noticed(k))`

# %% [solution ex2]
seen = next(k for k in range(380, 420) if not is_noticed(k))

# %% [right ex2]
low, high = 0, 1_999
while high - low > 1:
    middle = (low + high) // 2
    low, high = (middle, high) if is_noticed(middle) else (low, middle)
seen = high

# %% [wrong ex2]
seen = 4_000

# %% [wrong ex2 M13]
seen = 2_000

# %% [wrong ex2]
seen = next(k for k in range(380, 420) if not is_noticed(k)) - 1

# %% [markdown]
# ## Modify
# Three ways to mend a frame whose types were guessed wrong:
#
# 1. `dtype={"DepTime": "float64", …}` gives the types of some columns;
# 2. `assume_missing=True` takes every column of whole numbers for one that may have gaps: float64;
# 3. `sample=` looks at more bytes before it guesses.

# %% [predict p6] choice
# ask: Which one of them does **not** help here?
# option a: dtype=
# option b: assume_missing=True
# option c: a larger sample
# truth: c
# wrong a: With the right types for all seven columns it does.
# wrong b: It gives float64 to all whole numbers, also to those without gaps, and nothing contradicts that.
# why: The sample is from the first file, and ABQ.csv is whole to its last line. No size of sample changes that.

# %% [code raises]
cd.read_csv(f"{folder}/*.csv", sample=50_000_000).tail()

# %%
L.reveal("p6")

# %% [predict p7] choice
# ask: You copy the six columns of the table above into `dtype=`. Then `head()` and `tail()` both work. And `len`?
# option a: works too: both ends are right now
# option b: fails: there is a seventh column
# option c: works, and leaves out the rows that do not fit
# truth: b
# wrong a: M14 Between the ends lie 103 files.
# wrong c: No row is ever dropped for its type.
# why: CRSElapsedTime has gaps in BQN.csv and in three other files, and neither end shows it.

# %%
six = ["ActualElapsedTime", "AirTime", "ArrDelay", "ArrTime", "DepDelay", "DepTime"]
mended = cd.read_csv(f"{folder}/*.csv", dtype=dict.fromkeys(six, "float64"))
mended.tail()[["DepTime", "DepDelay", "Origin", "Dest"]]

# %% [code raises]
len(mended)

# %%
L.reveal("p7")

# %% [exercise ex3] mend the types
# `fixed`: a lazy frame of the same files, with all columns, whose length can be taken and whose delays are numbers.
fixed = ...

# %% [hint ex3]
# Ways 1 and 2 both work. For way 1, ex1 has told you the columns.

# %% [hint ex3]
# `dtype=` takes a dict of column and type; `dict.fromkeys(names, "float64")` makes one.

# %% [hint ex3]
# `fixed = cd.read_csv(f"{folder}/*.csv", assume_missing=True)`, or `dtype=dict.fromkeys([*six, ...], "float64")`

# %% [solution ex3]
fixed = cd.read_csv(f"{folder}/*.csv", dtype=dict.fromkeys([*six, "CRSElapsedTime"], "float64"))

# %% [right ex3]
fixed = cd.read_csv(f"{folder}/*.csv", assume_missing=True)

# %% [right ex3]
fixed = cd.read_csv(paths, dtype=dict.fromkeys([*six, "CRSElapsedTime"], "Int64"))

# %% [wrong ex3 M14]
fixed = cd.read_csv(f"{folder}/*.csv", dtype=dict.fromkeys(six, "float64"))

# %% [wrong ex3 M13]
fixed = cd.read_csv(f"{folder}/*.csv", sample=50_000_000)

# %% [wrong ex3]
fixed = pd.concat(map(pd.read_csv, paths))

# %% [wrong ex3]
fixed = cd.read_csv(f"{folder}/*.csv", dtype="str")

# %% [wrong ex3]
fixed = cd.read_csv(f"{folder}/*.csv", usecols=["Origin", "Dest"])

# %% [wrong ex3]
fixed = cd.read_csv(f"{folder}/[A-M]*.csv", assume_missing=True)

# %% [markdown]
# ### The trap in the middle
# Other files, the same flights: one for each airline. The sample is the beginning of 9E.csv, with cancelled flights in it.

# %%
airlines = cd.read_csv([str(path) for path in flights("by_carrier")])
airlines.head()[["DepTime", "UniqueCarrier", "Dest"]], airlines.tail()[["DepTime", "UniqueCarrier", "Dest"]]

# %% [predict p8] choice
# ask: `head` and `tail` both work at once. What do you know about the rest?
# option a: that it can be read
# option b: nothing
# option c: that its types are right, but perhaps not its values
# truth: b
# wrong a: M14 They have read two files of sixteen.
# wrong c: M14 The types of fourteen files have not been looked at.
# why: In the middle, four airlines fly to airports without a time zone, and CRSElapsedTime has gaps in their files.
#   A frame that looks right at both ends is the most dangerous one.

# %% [code timed]
problem(lambda: len(airlines))

# %%
L.reveal("p8")

# %% [markdown]
# ### Ten years
# The files in which so many learners met this trap are those of the 1990s. Here is a **reconstruction**: {fact:nineties.rows} rows,
# drawn from the real flights of 2013; the years are labels, and no figure computed from them is history. One thing is as it
# was: before 1995 nobody recorded the tail number of the aircraft. Files of 25 MB are cut into blocks, here of 4 MB, so that
# each of them gives several partitions.

# %%
decade_paths = flights("bts1990s")
decade_folder = decade_paths[0].parent
decade = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB")
decade.head()[["Year", "TailNum", "CRSElapsedTime", "AirTime"]]

# %% [code raises]
decade.tail()

# %% [predict p9] choice
# ask: Two rows. Which of the two columns was taken for a number and is text?
# option a: CRSElapsedTime
# option b: TailNum
# option c: both
# truth: b
# wrong a: M15 It is a number everywhere; from 1995 on some are missing, and whole numbers with gaps are float64.
# wrong c: M15 CRSElapsedTime only has gaps.
# why: A column that is empty throughout is float64, all NaN: that was TailNum in 1990. In 1999
#   it holds what is painted on the aircraft, such as the value in the table.

# %%
L.reveal("p9")

# %% [exercise ex4] the right types for ten years
# `years`: a lazy frame of the files in `decade_folder`, with all columns, whose `tail()` works and shows tail numbers.
years = ...

# %% [hint ex4]
# The error's table has a row for each column, and the message ends with something to paste.

# %% [hint ex4]
# Text is "str"; whole numbers with gaps are "float64".

# %% [hint ex4]
# `years = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB", dtype={"TailNum": "str", "CRSElapsedTime": ...})`

# %% [solution ex4]
years = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB", dtype={"TailNum": "str", "CRSElapsedTime": "float64"})

# %% [right ex4]
years = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB", assume_missing=True, dtype={"TailNum": "str"})

# %% [wrong ex4 M13]
years = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB", dtype={"CRSElapsedTime": "float64"})

# %% [wrong ex4 M13]
years = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB", dtype={"TailNum": "str"})

# %% [wrong ex4]
years = cd.read_csv(f"{decade_folder}/*.csv", blocksize="4MB", usecols=["Year", "Month", "Origin"])

# %% [wrong ex4 M14]
years = cd.read_csv(f"{decade_folder}/1990.csv", blocksize="4MB")

# %% [markdown]
# ## Make
# Types that have to be repeated with every reading are forgotten one day. A **Parquet** file keeps them, and keeps each column
# apart, so that one column can be read without the others.

# %% [exercise ex5 memory timeline] write the types down once
# Write `fixed` as Parquet into the folder `target`; read that back as the lazy frame `table`, without saying any types;
# work out `longest`, the largest DepDelay, from `table`, reading as little as possible.
target = scratch / "flights"
table = ...
longest = ...

# %% [hint ex5]
# `fixed.to_parquet(target, overwrite=True)` writes, also a second time; `cd.read_parquet(...)` makes a lazy frame again.

# %% [hint ex5]
# Choose the column while the frame is lazy: what is not needed is then not read.

# %% [hint ex5]
# `longest = table["DepDelay"].max().compute()`

# %% [solution ex5]
target = scratch / "flights"
fixed.to_parquet(target, overwrite=True)
table = cd.read_parquet(target)
longest = table["DepDelay"].max().compute()

# %% [right ex5]
target = scratch / "larger"
fixed.repartition(npartitions=8).to_parquet(target, overwrite=True, write_index=False)
table = cd.read_parquet(target)
longest = table.DepDelay.max().compute()

# %% [wrong ex5]
target = scratch / "flights"
fixed.to_parquet(target, overwrite=True)
table = cd.read_parquet(target)
longest = fixed["DepDelay"].max().compute()

# %% [wrong ex5 M12]
target = scratch / "flights"
table = cd.read_parquet(target)
longest = table.compute()["DepDelay"].max()

# %% [wrong ex5]
target = scratch / "flights"
table = pd.read_parquet(target)
longest = table["DepDelay"].max()

# %% [wrong ex5]
target = scratch / "indexed"
fixed.repartition(npartitions=8).to_parquet(target, overwrite=True)
table = cd.read_parquet(target)
longest = table["DepDelay"].max().compute()

# %% [wrong ex5 M08]
target = scratch / "flights"
table = cd.read_parquet(target)
longest = table["DepDelay"].max()

# %% [wrong ex5]
target = scratch / "flights"
table = cd.read_parquet(target)
longest = table["ArrDelay"].max().compute()

# %% [markdown]
# ### When is it slower?
# {fact:flights.mb:.0f} MB are little. pandas reads them file by file, and a frame has to plan {fact:frames.files} small partitions. On your machine:

# %% [code timed]
import time


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


frame = cd.read_csv(f"{folder}/*.csv", assume_missing=True)
by_pandas = seconds(lambda: max(pd.read_csv(path, usecols=["DepDelay"])["DepDelay"].max() for path in paths))
by_frame = seconds(lambda: frame["DepDelay"].max().compute())
print(f"on your machine, the largest delay: pandas in a loop {by_pandas:.2f} s, as a frame {by_frame:.2f} s")

# %% [markdown]
# ## Key points
# - A frame is a plan: `read_csv` reads a sample of the first file, and nothing else.
# - Types come from the sample and are enforced on every partition. One gap turns whole numbers into floats.
# - `head` and `tail` show two ends. What breaks may lie between.
# - The table of the error names column, file and line, and what to paste into `dtype=`.
# - Store types once, in Parquet; a column can then be read alone.
#
# ## Check yourself

# %% [predict q1] choice
# ask: Where do the types of a frame from CSV files come from, if you give none?
# option a: from all the files
# option b: from the beginning of the first file
# option c: each partition has its own
# truth: b
# wrong a: M13 That would mean reading all of them before anything is planned.
# wrong c: M13 Then a sum over partitions would have no type of its own. One set of types holds for all.
# why: From a sample at the beginning, and then they are enforced everywhere.

# %%
L.reveal("q1")

# %% [predict q2] choice
# ask: `head()` and `tail()` show what you expect. What is the cheapest check that all files can be read with these types?
# option a: none is needed
# option b: `head(n=1000)`
# option c: one computation over the whole frame, such as `len(df)` with guessed types
# truth: c
# wrong a: M14 Two partitions out of many have been read.
# wrong b: M14 More rows of the same first partition.
# why: Only reading all of it tells. Do it once, then store the result with its types.

# %%
L.reveal("q2")

# %% [predict q3] choice
# ask: A column of ids, all whole numbers, gets one missing value. What may happen to id 9007199254740993 as float64?
# option a: nothing
# option b: it becomes 9007199254740992
# option c: it becomes missing as well
# truth: b
# wrong a: M15 A float64 keeps 53 bits of a whole number. This one needs 54.
# wrong c: M15 Only what is empty is missing.
# why: Floats have gaps between large whole numbers. Give such columns the type "Int64" or "str".

# %%
L.reveal("q3")

# %% [markdown]
# ## Clean up

# %%
import shutil

shutil.rmtree(scratch, ignore_errors=True)
L.progress()

# %% [instructor]
# 40 minutes: start 3, predict and run 7, investigate 10, mend 10, ten years 5, Parquet 5.
# Wrong predictions to expect: p3 = yes, p5 = yes (counting lines), p7 = works. Let them say what tail has read.
# If the room is slow, leave out ex2 and the airlines. If it is fast: which four airlines break the frame of airlines, and why these?
# Exit ticket: you are given 500 CSV files. What do you run first, and what would it prove?
