"""The checks, checked: no solution with one thing wrong may pass, unless it is right in another way."""

import pytest

from chunkscope_lessons import build
from tests.lessons.classroom import Classroom
from tests.lessons.mutants import mutants
from tests.lessons.places import HEAVY, LESSONS, NAMES

SOURCES = {source.name: source for source in build.read_all(LESSONS)}

RIGHT_IN_ANOTHER_WAY = {
    "00_start_here": {"ex1: y = ca.random.default_rng(1).random((4000, 4000), chunks=(2000, 2000))"},
    "08_memory": {
        "ex3: better = ca.random.default_rng(17).random((SIDE, SIDE), chunks=(TILE, TILE))\nlargest = "
        "tops_of(better).compute()",
        *(
            "ex4: empty(FOLDER)\n\ndef save(chunk, block_id=None):\n    np.save(FOLDER / "
            "f'{block_id[0]}-{block_id[1]}.npy', chunk)\n    return np.array([[chunk.nbytes]])\nwritten = "
            f"int(mirrored.map_blocks(save, chunks={chunks}, dtype=np.int64).sum().compute())"
            for chunks in ("(1, 3)", "(3, 1)")
        ),
        *(
            f"ex6: kept = None\nwith Client(n_workers={workers}, threads_per_worker={threads}, memory_limit='120MB', "
            "spill=False):\n    kept = wide.astype('float32').persist()\n    mean = kept.mean().compute()"
            for workers, threads in ((2, 3), (5, 1))
        ),
        "ex7: tiles = ca.random.default_rng(17).random((SIDE, SIDE), chunks=(TILE // 2, TILE // 2))\nmean, spread, "
        "asymmetry = compute(tiles.mean(), tiles.std(), abs(tiles - tiles.T).sum())\nreport = {'mean': mean, "
        "'spread': spread, 'asymmetry': asymmetry}",
    },
    "09_dataframes": {"ex2: seen = next((k for k in range(380, 841) if not is_noticed(k)))"},
    "10_groupby_and_sharing": {
        "ex3: departures = df[df['Cancelled'] == 0].groupby('Origin')['Dest'].size().compute()",
        "ex7: late, distance, cancelled = compute(df[df['DepDelay'] > 60].groupby('Origin')['Dest'].size(), "
        "df.groupby('UniqueCarrier')['Distance'].mean(), df.groupby('Month')['Cancelled'].sum())",
    },
    "13_cluster": {
        "ex7: with Client(n_workers=2, threads_per_worker=5) as own:\n    pids = [worker.pid for worker in "
        "own.cluster.workers]\n    mean = studied.mean().compute()"
    },
    "14_futures": {
        "ex3: tries.clear()\nanswers = client.gather(client.map(flaky, range(6), retries=5, pure=False))\n"
        "alone = client.submit(flaky, 99, pure=False)\nalone.exception()",
        *(
            "ex6: def count(batch):\n    return sum((palindrome(n) for n in batch))\n"
            f"numbers = range({stop})\nfound = sum(client.gather(client.map(count, "
            f"[numbers[i:i + 100] for i in range(0, {end}, 100)])))"
            for stop, end in ((2001, 1000), (1000, 2001))
        ),
        "ex7: tol = 0.002\ninside = n = 0\nseed = 4\nstream = as_completed(client.map(darts, range(seed)))\n"
        "for future in stream:\n    inside += future.result()\n    n += POINTS\n"
        "    if sigma(inside, n) < tol:\n        break\n    stream.add(client.submit(darts, seed))\n    seed += 3",
    },
    "07_pi": {"ex1: one.compute()\nrun = chunkscope.last_run()\ntasks = run.ntasks\nat_once = run.ntasks"},
}
FEWEST = {
    "00_start_here": 4,
    "01_cut_it_up": 20,
    "02_delayed": 60,
    "07_pi": 30,
    "08_memory": 10,
    "09_dataframes": 9,
    "10_groupby_and_sharing": 30,
    "12_schedulers": 20,
    "13_cluster": 10,
    "14_futures": 20,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in HEAVY)) for name in NAMES]
)
def test_mutants_of_solutions_do_not_pass(name: str) -> None:
    exercises = SOURCES[name].content.exercises
    survivors = []
    tried = 0
    with Classroom() as room:
        for cell in build.notebook(SOURCES[name], solved=True)["cells"]:
            id = cell["id"]
            if cell["cell_type"] != "code" or id.startswith("check-") or cell["source"].startswith("L.re"):
                continue
            if id in exercises:
                heading, _, solution = exercises[id].solution.partition("\n")
                for mutant in mutants(solution):
                    tried += 1
                    if room.attempt(id, f"{heading}\n{mutant}").passed:
                        survivors.append(f"{id}: {mutant}")
            room.run_cell(cell)
    assert tried >= FEWEST[name]
    assert set(survivors) == RIGHT_IN_ANOTHER_WAY.get(name, set())
