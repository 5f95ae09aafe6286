#!/usr/bin/env python3
"""usage: disk.py [--rounds N] [--quick]

The caches on disk beside Python's diskcache: the same Zipf requests, gets that are filled on a
miss, 100-byte values, 1,966,080 bytes of disk, one client.

Ours run with 128 requests outstanding, whose transactions they share; a Python program waits for
each call. Requests one at a time are shown beside it, without a bound: there the hand-over to the
session's thread and back is in each. sqlite's policies are held against the exact ones in process,
of as many entries as it held at its end.

diskcache is imported by DISKCACHE_PYTHON, this Python or /usr/bin/python3 (apt-get install
python3-diskcache). Every round runs each case once, in an order drawn anew; ratios are taken within
a round, and bounds are on their median.
"""

import bisect
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

import bench

KEYS = 100_000
CAPACITY = 1_966_080
VALUE_BYTES = 100
PIPELINE = 128
LEAST_RATIO = {"sqlite": 5.0, "lmdb": 5.0, "rocksdb": 1.0}
MOST_HIT_DIFFERENCE = 0.01
MASK = (1 << 64) - 1

# ours -> diskcache's, and the exact policy in process
POLICIES = {
    "lrs": ("least-recently-stored", "fifo"),
    "lru": ("least-recently-used", "lru"),
    "lfu": ("least-frequently-used", "lfu"),
}

CASES = [("sqlite", "lrs"), ("sqlite", "lru"), ("sqlite", "lfu"),
         ("lmdb", "lrs"), ("lmdb", "lru"), ("rocksdb", "lrs")]


def zipf(count):
    """The keys that `zipf:keys=100k,alpha=1.0,seed=42` draws."""
    cdf = list(itertools.accumulate(1.0 / rank for rank in range(1, KEYS + 1)))
    cdf = [value / cdf[-1] for value in cdf]
    state = 42
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        bits = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
        bits ^= bits >> 31
        yield 1 + bisect.bisect_right(cdf, (bits >> 11) * 2.0**-53)


def peer(policy, count):
    """What runs in a process of its own: requests per second and hits of diskcache, as JSON."""
    import diskcache
    keys = [str(key) for key in zipf(count)]
    value, hits = b"x" * VALUE_BYTES, 0
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with diskcache.Cache(folder, size_limit=CAPACITY, eviction_policy=policy) as cache:
            start = time.perf_counter()
            for key in keys:
                if cache.get(key) is None:
                    cache.set(key, value)
                else:
                    hits += 1
            took = time.perf_counter() - start
            print(json.dumps({"throughput_rps": count / took, "hit_ratio": hits / count,
                              "items": len(cache), "unique_keys": len(set(keys))}))


def peer_python():
    """A Python that can import diskcache; None, with a word, if there is none."""
    for python in (os.environ.get("DISKCACHE_PYTHON"), sys.executable, "/usr/bin/python3"):
        if python and subprocess.run([python, "-c", "import diskcache"], capture_output=True,
                                     check=False).returncode == 0:
            return python
    print("skipped: no Python here can import diskcache (apt-get install python3-diskcache, or set "
          "DISKCACHE_PYTHON)", file=sys.stderr)
    return None


class Bench:
    def __init__(self, options):
        self.requests = 20_000 if options.quick else 200_000
        self.workload = f"zipf:keys={KEYS},requests={self.requests},value={VALUE_BYTES}"
        self.python = peer_python()
        self.context = None

    def cases(self):
        for kind, policy in CASES:
            spec = f"{kind}:capacity={CAPACITY},policy={policy}"
            yield (kind, policy, "pipeline"), lambda s=spec: self.ours(s, PIPELINE)
            yield (kind, policy, "one by one"), lambda s=spec: self.ours(s, 1)
        if self.python:
            for policy, (name, _) in POLICIES.items():
                yield ("diskcache", policy), lambda n=name: self.diskcache(n)

    def ours(self, spec, pipeline):
        report = bench.run(self.workload, spec, "--pipeline", pipeline)
        self.context = self.context or bench.machine(report)
        return self.figures(report["results"][0])

    @staticmethod
    def figures(result):
        return {"throughput_rps": result["throughput_rps"], "hit_ratio": result["hit_ratio"],
                "items": result["memory"]["items"],
                "unique_keys": result["workload"]["unique_keys"]}

    def exact(self, policy, items):
        report = bench.run(self.workload, f"{POLICIES[policy][1]}:entries={items}")
        return report["results"][0]["hit_ratio"]

    def diskcache(self, policy):
        done = subprocess.run([self.python, __file__, "--peer", policy, str(self.requests)],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(sys.argv[2], int(sys.argv[3]))
    options = bench.parse_arguments(__doc__, rounds=5, quick_rounds=1)
    run = Bench(options)
    cases = dict(run.cases())
    rng = random.Random(1)
    rounds = []
    for number in range(1, options.rounds + 1):
        bench.progress(f"round {number} of {options.rounds}")
        rounds.append({name: cases[name]() for name in rng.sample(list(cases), len(cases))})

    print(f"# {run.context}; {run.workload}; {options.rounds} rounds, median (lowest..highest)")
    print(f"{'':<24} {'requests/s':>30} {'hit ratio':>10} {'items':>8}")
    for name in cases:
        rows = [one[name] for one in rounds]
        print(f"{' '.join(name):<24} "
              f"{bench.spread([row['throughput_rps'] for row in rows], '{:,.0f}'.format):>30} "
              f"{statistics.median(row['hit_ratio'] for row in rows):>10.4f} "
              f"{statistics.median(row['items'] for row in rows):>8.0f}")
    print()
    bounds = bench.Bounds()
    for kind, policy in CASES:
        name = f"{kind} {policy}: requests/s over diskcache's"
        if run.python:
            bounds.check(name, [one[kind, policy, "pipeline"]["throughput_rps"] /
                                one["diskcache", policy]["throughput_rps"] for one in rounds],
                         bench.ratio, low=LEAST_RATIO[kind])
        else:
            bounds.skip(name, "diskcache is absent")
    if run.python:
        bounds.require("the same keys as diskcache's", len(
            {rounds[0][case]["unique_keys"] for case in cases}) == 1)
    for policy in POLICIES:
        held = rounds[0]["sqlite", policy, "one by one"]
        bounds.check(f"sqlite {policy}: hit ratio less the exact policy's",
                     [held["hit_ratio"] - run.exact(policy, held["items"])], bench.ratio,
                     low=-MOST_HIT_DIFFERENCE, high=MOST_HIT_DIFFERENCE)
    return bounds.exit()


if __name__ == "__main__":
    main()
