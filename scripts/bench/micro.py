#!/usr/bin/env python3
"""usage: micro.py [--rounds N] [--quick] [--adapter NAME]… [--keys N]… [--operation NAME]…

What `micro` says an operation costs is what `run` says it took in a closed loop of one client on the
same cache: keys of 16 bytes drawn by Zipf's law, all of them there, values of 100 bytes; gets
against get-hit, sets against set-replace, nine to one against mixed.

Each round runs everything once, in an order drawn anew; a ratio is of micro's time to run's within a
round, and bounds are on the median. run's figure is the mean service time.

In process both let the processor end one command before the next begins, and both take some
nanoseconds for that: run reads the clock before and after the commands that it times, one in 16,
micro waits for the instructions under way. What that takes is measured in the same way, with the
`null` adapter, and is taken off each side's figure. What else runs on the machine is left out: micro's
figure is CPU time there, and run's leaves out the few commands of 20 us and more, which none takes by
itself.
"""

import json
import pathlib
import random
import subprocess
import tempfile

import bench
import figures

IN_PROCESS = ("lru", "fifo", "s3fifo")
OTHERS = ("sqlite", "redis", "memcached")
PROGRAMS = {"redis": "redis-server", "memcached": "memcached"}
KEYS = {"1k": 1_000_000, "10k": 1_000_000, "1M": 4_000_000}  # requests of run, in process
FEWER = 20  # times as many there as elsewhere
COMMON = ("--memory", "1GiB")
MOST_APART = 1.15
OPERATIONS = {"get-hit": "get=1", "set-replace": "get=0,set=1", "mixed": "get=9,set=1"}
NEVER_HITS = {"get-hit": "get-miss"}  # what `null` has in place of it


def mean_ns(times, longest_ns):
    """Of those that took less."""
    buckets = [bucket for bucket in figures.Histogram(times["histogram"]).buckets
               if bucket[0] < longest_ns]
    total = sum((low + (width - 1) / 2) * count for low, width, count in buckets)
    return total / sum(count for _, _, count in buckets)


def run_ns(adapter, operation, keys, quick):
    """The mean over all commands."""
    longest_ns = 20_000 if adapter in (*IN_PROCESS, "null") else float("inf")
    requests = KEYS[keys] // (1 if adapter in (*IN_PROCESS, "null") else FEWER)
    workload = (f"zipf:keys={keys},key=16,value=100,{OPERATIONS[operation]},"
                f"requests={requests // (2 if quick else 1)}")
    result, = bench.run(workload, adapter, *COMMON, "--preload", "--fills", "none", "--warmup",
                        "10%", "--skip-floors")["results"]
    parts = [(result[f"{op}s"], result["service_time_ns"][op]) for op in ("get", "set")]
    total = sum(count * mean_ns(times, longest_ns) for count, times in parts if count)
    return total / bench.requests_of(result)


def micro_ns(adapter, operation, keys, quick):
    name = NEVER_HITS.get(operation, operation) if adapter == "null" else operation
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = pathlib.Path(folder) / "micro.json"
        subprocess.run([bench.program(), "micro", adapter, *COMMON, "--keys", keys,
                        "--workload", f"zipf:key=16,{OPERATIONS['mixed']}", "--value-size", "100",
                        f"--benchmark_filter=^{name}/", f"--benchmark_out={out}",
                        f"--benchmark_min_time={0.2 if quick else 1}"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        row, = json.loads(out.read_text())["benchmarks"]
    if row.get("error_occurred"):
        raise SystemExit(f"{adapter}: {row['error_message']}")
    return row["cpu_time" if adapter in (*IN_PROCESS, "null") else "real_time"]


def one_round(adapters, operation, keys, quick, rng):
    """{adapter: (micro's, run's)}"""
    in_process = any(adapter in IN_PROCESS for adapter in adapters)
    subjects = [*adapters, *(["null"] if in_process else [])]
    measured = {}
    for measure, adapter in rng.sample([(m, a) for a in subjects for m in (micro_ns, run_ns)],
                                       2 * len(subjects)):
        measured[measure, adapter] = measure(adapter, operation, keys, quick)
    floor = {measure: measured.get((measure, "null"), 0) for measure in (micro_ns, run_ns)}
    return {adapter: tuple(measured[measure, adapter] - (floor[measure] if adapter in IN_PROCESS else 0)
                           for measure in (micro_ns, run_ns)) for adapter in adapters}


def main():
    def add_choices(parser):
        for name, choices in (("adapter", IN_PROCESS + OTHERS), ("keys", KEYS),
                              ("operation", OPERATIONS)):
            parser.add_argument(f"--{name}", action="append", metavar="NAME", choices=choices)
    options = bench.parse_arguments(__doc__, rounds=5, quick_rounds=3, more=add_choices)
    adapters = [adapter for adapter in options.adapter or IN_PROCESS + OTHERS
                if adapter not in PROGRAMS or bench.found(PROGRAMS[adapter])]
    rng = random.Random(1)
    bounds = bench.Bounds()
    for keys in options.keys or KEYS:
        for operation in options.operation or OPERATIONS:
            rounds = []
            for number in range(1, options.rounds + 1):
                bench.progress(f"{operation}, {keys} keys: round {number} of {options.rounds}")
                rounds.append(one_round(adapters, operation, keys, options.quick, rng))
            for adapter in adapters:
                pairs = [one[adapter] for one in rounds]
                micro, run = (bench.spread(times, bench.duration) for times in zip(*pairs))
                print(f"{operation} of {adapter}, {keys} keys: micro {micro}, run {run}")
                bounds.check(f"{operation} of {adapter}, {keys} keys: micro / run",
                             [micro / run for micro, run in pairs], bench.ratio,
                             low=1 / MOST_APART, high=MOST_APART)
    bounds.exit()


if __name__ == "__main__":
    main()
