"""The wrong pictures that learners bring, numbered: wrong answers, feedback and tests speak of them by id.

`belief` is what the learner thinks, `truth` what an experiment shows. Both are written to be read by the learner.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Misconception:
    """A belief that is common and wrong, and what is so instead."""

    id: str
    belief: str
    truth: str


_TEXTS = (
    ("M01", "`delayed(f(x))` waits.",
     "Python calls `f` first and hands its result to `delayed`: the work is done. Write `delayed(f)(x)`."),
    ("M02", "Computing inside a loop runs in parallel.",
     "Each `compute` waits for its answer before the next begins. Collect first, compute once."),
    ("M03", "Wrapping one function makes it parallel.",
     "One call is one task and runs on one worker. Parallelism needs several tasks."),
    ("M04", "More tasks are always faster.",
     "Each task has a price. Tasks that do less than their price make the whole slower."),
    ("M05", "Time is work divided by workers.",
     "No run is shorter than its longest chain of tasks that wait for each other."),
    ("M06", "The mean of the pieces' means is the mean.",
     "Pieces of different size weigh differently. Add up sums and counts, divide once at the end."),
    ("M07", "`if` and `for` can look at a value that is not computed yet.",
     "A lazy value has no truth and no length yet. Decide with ordinary values, or decide inside the task."),
    ("M08", "Nothing happened, so it is broken; or: what is printed is the data.",
     "A lazy object is a plan. It holds no data until you compute it."),
    ("M09", "`chunks=4` means four chunks.",
     "`chunks` is the size of a chunk along each axis, not their number."),
    ("M10", "Bigger chunks are always better; or: 100 MB is a law.",
     "Small chunks cost tasks, large ones cost memory and idle workers. The best lies between, and can be measured."),
    ("M11", "It does not matter how two arrays are cut.",
     "Where the cuts differ, blocks are cut again until they match: more tasks, more reading."),
    ("M12", "A program needs as much memory as its data.",
     "It needs what is alive at once: the chunks in work and their temporaries, times the workers."),
    ("M13", "The types of a table come from all its data.",
     "They come from a sample at the beginning; a later file may disagree."),
    ("M14", "If head and tail look right, the data are right.",
     "They show the two ends. What breaks may lie anywhere between."),
    ("M15", "A missing number costs nothing.",
     "One missing value turns a column of whole numbers into floats."),
    ("M16", "Results on the way are remembered.",
     "Two computes do shared work twice. Ask for both in one compute, or persist."),
    ("M17", "Partitions are threads.",
     "Partitions wait in a queue; threads take them one after the other."),
    ("M18", "persist, compute and saving to disk are the same.",
     "compute brings one value to you; persist keeps the chunks where they are, in memory."),
    ("M19", "persist waits until it is done.",
     "It returns at once and works in the background."),
    ("M20", "Calling persist is enough to keep the data.",
     "Only the object it returns holds them. Without a name for it they are released."),
    ("M21", "Transposing and rechunking are free.",
     "Moving cuts means that every new chunk takes parts of many old ones."),
    ("M22", "Threads never help in Python.",
     "NumPy, pandas and files let go of the interpreter's lock while they work."),
    ("M23", "Processes always help.",
     "What one process returns is copied before another has it. Big results cost more than they gain."),
    ("M24", "More threads than cores do no harm.",
     "They fight for cores and caches, most of all when libraries start threads of their own."),
    ("M25", "Workers, machines and threads are the same.",
     "A machine runs workers (processes); a worker runs threads; a thread runs one task at a time."),
    ("M26", "A memory limit is for the whole cluster.",
     "It is for each worker."),
    ("M27", "Results come back to me by themselves.",
     "They stay with the cluster until you ask for them."),
    ("M28", "Futures are lazy.",
     "A future's work starts when you submit it."),
    ("M29", "scale(n) asks for n jobs.",
     "It asks for n workers; one job may hold several."),
    ("M30", "More workers are always faster.",
     "Beyond the width of the graph, or when each task is cheap, further workers only wait."),
    ("M31", "Parallel work changes nothing in the numbers.",
     "Floats added in another order differ in the last digits."),
    ("M32", "The same seed gives the same numbers for any chunks.",
     "Each block has a stream of its own: other chunks, other numbers. The seed repeats them for the same chunks."),
    ("M33", "Sorting and medians cost what a sum costs.",
     "They need every chunk to meet every other. A sum only needs one number of each."),
    ("M34", "A large object may sit in the graph.",
     "It becomes part of each task that names it. Load it inside a task, or scatter it once."),
    ("M35", "A task may change its inputs or rely on globals.",
     "Others may read the same block, and other processes have other globals. Return a new value."),
    ("M36", "A graph has one order.",
     "Usually many orders respect the arrows; the scheduler chooses one."),
    ("M37", "Less waiting means less work.",
     "Parallel work takes less time on the wall and often more of the processors."),
    ("M38", "One timing is a measurement.",
     "Machines are noisy. Take several, keep the smallest, and mind the spread."),
    ("M39", "Uneven pieces do not matter.",
     "The run ends when its largest piece ends."),
    ("M40", "Accuracy is enough.",
     "Where one answer is common, always saying it is accurate and useless."),
)  # fmt: skip

MISCONCEPTIONS = {id: Misconception(id, belief, truth) for id, belief, truth in _TEXTS}
