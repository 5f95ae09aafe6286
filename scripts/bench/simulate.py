#!/usr/bin/env python3
"""usage: simulate.py [--rounds N] [--quick] [--trace FILE]

Simulating is as cheap as the policy: requests a second of each policy at 10k and 100k entries on
20M Zipf requests, by the CPU time of its own thread, with reading the workload and numbering its
keys apart, and the same on a trace (oracleGeneral) at 1 % and 10 % of its unique keys. One
simulation runs at a time. The bounds are multiples of what libCacheSim did with the same requests
on a virtual machine of two cores: on another machine they say little (docs/benchmarks.md).
"""

import json
import pathlib
import subprocess
import tempfile

import bench

POLICIES = ("fifo", "lru", "clock", "sieve", "lfu", "s3fifo", "arc", "2q", "slru", "wtinylfu", "lirs",
            "belady")
# Requests/s of libCacheSim at 10k and 100k entries.
PEER = {"fifo": (10.9e6, 8.4e6), "lru": (6.8e6, 6.4e6), "clock": (9.3e6, 7.1e6),
        "sieve": (11.4e6, 8.4e6), "lfu": (5.3e6, 3.8e6), "s3fifo": (3.7e6, 3.1e6),
        "arc": (10.0e6, 5.5e6), "2q": (3.1e6, 3.3e6), "slru": (6.4e6, 4.8e6),
        "wtinylfu": (5.0e6, 2.4e6), "lirs": (1.9e6, 2.5e6), "belady": (5.3e6, 2.2e6)}
TIMES = {"fifo": 12, "lru": 12, "clock": 12, "sieve": 12, "belady": 3}  # 5 for the others


def simulate(workload, sizes):
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = pathlib.Path(folder) / "report.json"
        subprocess.run([bench.program(), "simulate", workload, "--policy", ",".join(POLICIES),
                        "--size", ",".join(sizes), "--threads", "1", "--out", str(out)],
                       check=True, stdout=subprocess.DEVNULL)
        return json.loads(out.read_text())


def millions(rate):
    return f"{rate / 1e6:.1f}M"


def show(title, reports, sizes):
    """Prints the medians; returns the rates by policy and size."""
    cost, requests = [r["cost"] for r in reports], reports[0]["workload"]["requests"]
    print(f"\n# {title}: {requests:,} requests, {reports[0]['workload']['unique_keys']:,} keys")
    for name, field in (("read", "decode_s"), ("keys numbered", "intern_s")):
        rates = [requests / c[field] for c in cost]
        print(f"{name:<14} {bench.spread(rates, millions):>32}")
    rates = {}
    for report in reports:
        for result in report["results"]:
            key = (result["kind"], result["size"])
            rates.setdefault(key, []).append(result["requests_per_second"])
    print(f"{'':<14} " + " ".join(f"{size:>32}" for size in sizes))
    for policy in POLICIES:
        print(f"{policy:<14} " + " ".join(f"{bench.spread(rates[policy, s], millions):>32}"
                                          for s in sizes))
    return rates


def main():
    options = bench.parse_arguments(
        __doc__, rounds=5, quick_rounds=1,
        more=lambda parser: parser.add_argument("--trace", metavar="FILE",
                                                help="oracleGeneral records"))
    zipf = f"zipf:keys=1M,requests={'2M' if options.quick else '20M'}"
    on_zipf, on_trace = [], []
    for number in range(1, options.rounds + 1):
        bench.progress(f"round {number} of {options.rounds}")
        on_zipf.append(simulate(zipf, ("10k", "100k")))
        if options.trace:
            on_trace.append(simulate(options.trace, ("1%", "10%")))
    print(f"# {bench.machine(on_zipf[0])}; {options.rounds} rounds, median (lowest..highest)")
    rates = show(zipf, on_zipf, ("10k", "100k"))
    if on_trace:
        show(pathlib.Path(options.trace).name, on_trace, ("1%", "10%"))
    print()
    bounds = bench.Bounds()
    for policy in POLICIES:
        for size, peer in zip(("10k", "100k"), PEER[policy]):
            bounds.check(f"{policy} at {size}: times the peer's rate",
                         [rate / peer for rate in rates[policy, size]], bench.ratio,
                         low=TIMES.get(policy, 5))
    bounds.exit()


if __name__ == "__main__":
    main()
