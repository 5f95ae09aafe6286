#!/usr/bin/env python3
"""usage: micro.py [--rounds N] [--quick] [--adapter NAME]…

What `micro` says an operation costs is what `run` measured in a closed loop of one client on the
same cache: 100k keys, all of them there, drawn by Zipf's law, values of 100 bytes; gets against
get-hit and sets against set-replace.

Each round runs both, in turns which goes first; a ratio is of micro's time to run's within a round,
and bounds are on the median. Over a network, and where a cache blocks, run's figure is the mean
service time.

In process a command takes tens of nanoseconds, and `run` times one in 16 of them, each between two
readings of the clock: the processor cannot overlap its end with the next one's beginning, and the
readings stand in the figure. What they take there is what a timed get of the `null` adapter takes
above the same get in micro, and is taken from run's mean.
"""

import json
import pathlib
import subprocess
import tempfile

import bench

IN_PROCESS = ("lru", "s3fifo", "arc")
OTHERS = ("redis", "memcached", "sqlite")
IN_PROCESS_REQUESTS, OTHER_REQUESTS = 4_000_000, 200_000
COMMON = ("--memory", "256MiB")
MOST_APART = 1.15
# Operation of micro -> how run is asked for it, and where it says how long it took.
OPERATIONS = {"get-hit": ("get=1", "get"), "set-replace": ("get=0,set=1", "set")}


def timed_ns(adapter, operation, quick):
    """The mean that run reports."""
    weights, field = OPERATIONS[operation]
    requests = OTHER_REQUESTS if adapter in OTHERS else IN_PROCESS_REQUESTS
    report = bench.run(f"zipf:keys=100k,requests={requests // (4 if quick else 1)},{weights}",
                       adapter, *COMMON, "--preload", "--fills", "none", "--warmup", "10%")
    return report["results"][0]["service_time_ns"][field]["mean"]


def run_ns(adapter, operation, quick):
    mean = timed_ns(adapter, operation, quick)
    if adapter not in IN_PROCESS:
        return mean
    return mean - timed_ns("null", "get-hit", quick) + micro_ns("null", "get-miss", quick)


def micro_ns(adapter, operation, quick):
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        out = pathlib.Path(folder) / "micro.json"
        subprocess.run([bench.program(), "micro", adapter, *COMMON, "--keys", "100k",
                        f"--benchmark_filter=^{operation}/", f"--benchmark_out={out}",
                        f"--benchmark_min_time={0.2 if quick else 1}"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        row, = json.loads(out.read_text())["benchmarks"]
    if row.get("error_occurred"):
        raise SystemExit(f"{adapter}: {row['error_message']}")
    return row["real_time"]


def rounds_of(adapter, operation, options):
    """(micro's, run's) of each round."""
    pairs = []
    for number in range(options.rounds):
        first, second = (micro_ns, run_ns) if number % 2 else (run_ns, micro_ns)
        a = first(adapter, operation, options.quick)
        b = second(adapter, operation, options.quick)
        pairs.append((a, b) if first is micro_ns else (b, a))
    return pairs


def main():
    options = bench.parse_arguments(
        __doc__, rounds=9, quick_rounds=3,
        more=lambda parser: parser.add_argument("--adapter", action="append", metavar="NAME",
                                                choices=IN_PROCESS + OTHERS))
    bounds = bench.Bounds()
    for adapter in options.adapter or IN_PROCESS + OTHERS:
        if adapter in ("redis", "memcached") and not bench.found(
                "redis-server" if adapter == "redis" else adapter):
            continue
        for operation in OPERATIONS:
            bench.progress(f"{operation} of {adapter}")
            pairs = rounds_of(adapter, operation, options)
            print(f"\n{operation} of {adapter}: micro {bench.spread([m for m, _ in pairs], bench.duration)}, "
                  f"run {bench.spread([r for _, r in pairs], bench.duration)}")
            bounds.check(f"{operation} of {adapter}: micro / run",
                         [micro / run for micro, run in pairs], bench.ratio,
                         low=1 / MOST_APART, high=MOST_APART)
    bounds.exit()


if __name__ == "__main__":
    main()
