#!/usr/bin/env python3
"""usage: linear.py [--rounds N] [--quick] [--most N]

What a simulation costs grows with the number of requests, and no faster: CPU time for each of 1M,
10M, 50M and 200M Zipf requests over 1M keys, one simulation at a time; reading is numbering keys and
finding next uses as well. And how much memory a large trace takes: 200M requests over 20M objects.
--most leaves out what is larger; the large trace then shrinks with it.
"""

import json
import pathlib
import statistics
import tempfile

import bench
import simulate

POLICIES = ("lru", "s3fifo", "arc", "belady")
LENGTHS = (1_000_000, 10_000_000, 50_000_000, 200_000_000)
# A trace that is short next to its keys meets most of them for the first time, and what it is
# compared with should not.
BASE, MOST_GROWTH = 10_000_000, 1.25
LARGE_REQUESTS = 200_000_000
# Of this many keys for each request one in two is asked for: 20M objects in 200M requests.
KEYS_OF_LARGE = 0.195
LARGE_MEMORY_BYTES = 4 << 30


def cost(workload, size, folder):
    """(CPU ns a request of each part, memory in bytes, the report)"""
    out = pathlib.Path(folder) / "report.json"
    spent = simulate.spend([bench.program(), "simulate", workload, "--policy", ",".join(POLICIES),
                            "--size", size, "--threads", "1", "--force", "--out", str(out)], folder)
    report = json.loads(out.read_text())
    requests = report["workload"]["requests"]
    policies = {result["kind"]: result["cpu_s"] for result in report["results"]}
    parts = {"reading": spent.cpu_s - sum(policies.values()), **policies, "whole": spent.cpu_s}
    return ({name: simulate.nanoseconds(seconds, requests) for name, seconds in parts.items()},
            spent.rss_bytes, report)


def show(requests, costs, rss_bytes, keys):
    middle = {name: statistics.median(c[name] for c in costs) for name in costs[0]}
    print(f"{requests:>12,} requests, {keys:>11,} keys, {rss_bytes / 2**20:>6.0f} MiB, ns each: "
          + ", ".join(f"{name} {ns:.1f}" for name, ns in middle.items()), flush=True)


def main():
    options = bench.parse_arguments(
        __doc__, rounds=3, quick_rounds=1,
        more=lambda parser: parser.add_argument(
            "--most", metavar="N", type=int, help="requests (200000000; with --quick 10000000)"))
    most = options.most or (10_000_000 if options.quick else LENGTHS[-1])
    lengths = [length for length in LENGTHS if length <= most]
    large = min(LARGE_REQUESTS, most)
    bounds = bench.Bounds()
    costs = {length: [] for length in lengths}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number in range(options.rounds):
            for length in lengths:
                bench.progress(f"round {number + 1} of {options.rounds}: {length:,} requests")
                ns, rss_bytes, report = cost(f"zipf:keys=1M,requests={length}", "10k", folder)
                costs[length].append(ns)
                if number + 1 == options.rounds:
                    show(length, costs[length], rss_bytes, report["workload"]["unique_keys"])
        bench.progress(f"{large:,} requests over many keys")
        ns, rss_bytes, report = cost(
            f"zipf:keys={round(large * KEYS_OF_LARGE)},requests={large}", "1%", folder)
        print(f"# {bench.machine(report)}")
    show(large, [ns], rss_bytes, report["workload"]["unique_keys"])
    print()
    for length in lengths:
        if length <= BASE or BASE not in costs:
            continue
        for part in ("whole", *POLICIES):
            bounds.check(f"{part}: a request among {length:,}, to {BASE:,}",
                         [c[part] / b[part] for c, b in zip(costs[length], costs[BASE])],
                         bench.ratio, high=MOST_GROWTH)
    bounds.check(f"memory for {large:,} requests over many keys", [rss_bytes],
                 lambda value: f"{value / 2**20:.0f} MiB",
                 high=LARGE_MEMORY_BYTES * large / LARGE_REQUESTS)
    bounds.exit()


if __name__ == "__main__":
    main()
