#!/usr/bin/env python3
"""usage: cheap.py [--rounds N] [--quick]

Measuring is cheap: 20M Zipf requests through an in-process `lru` with default timing cost little
more CPU than with timing off, and through `null`, which is the harness alone, tens of nanoseconds.

Every round runs each case once, in an order drawn anew. Both lru cells of a round give a ratio, and
the bound is on the median of the ratios. `null` answers every get with a miss, so that with fills
each request is a get and a set with its value; its cost grows with the number of keys, since a key
that was not asked for lately is fetched from memory.
"""

import random

import bench

KEYS = "1M"
LRU = "lru:entries=100k"
MOST_TIMING_RATIO = 1.10
MOST_NULL_NS, NULL_AIM_NS = 40, 25

# name -> adapter, flags
CASES = {
    "lru, timing on": (LRU, []),
    "lru, timing off": (LRU, ["--timing", "off"]),
    "null, no fills": ("null", ["--fills", "none"]),
    "null, fills": ("null", ["--fills", "on-miss"]),
}


def main():
    options = bench.parse_arguments(__doc__, rounds=7, quick_rounds=3)
    workload = f"zipf:keys={KEYS},requests={'4M' if options.quick else '20M'}"
    rng = random.Random(1)
    rounds, context = [], None
    for number in range(1, options.rounds + 1):
        bench.progress(f"round {number} of {options.rounds}")
        one = {}
        for name in rng.sample(list(CASES), len(CASES)):
            adapter, flags = CASES[name]
            report = bench.run(workload, adapter, *flags)
            context = context or bench.machine(report)
            one[name] = report["results"][0]
        rounds.append(one)

    print(f"# {context}; {workload}; {options.rounds} rounds, median (lowest..highest)")
    print(f"{'':<18} {'CPU/request':>32} {'requests/s':>36}")
    for name in CASES:
        rows = [one[name] for one in rounds]
        print(f"{name:<18} {bench.spread(map(bench.client_ns, rows), bench.duration):>32} "
              f"{bench.spread([row['throughput_rps'] for row in rows], '{:,.0f}'.format):>36}")
    print()
    bounds = bench.Bounds()
    bounds.check("lru: CPU with timing / without",
                 [bench.client_ns(one["lru, timing on"]) / bench.client_ns(one["lru, timing off"])
                  for one in rounds], bench.ratio, high=MOST_TIMING_RATIO)
    for name in ("null, no fills", "null, fills"):
        bounds.check(f"{name}: CPU per request", [bench.client_ns(one[name]) for one in rounds],
                     bench.duration, high=MOST_NULL_NS, aim=NULL_AIM_NS)
    bounds.exit()


if __name__ == "__main__":
    main()
