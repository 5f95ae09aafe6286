#!/usr/bin/env python3
"""usage: profile.py [--rounds N] [--quick] [--trace FILE]

A profile takes no more than three times as long as reading the requests does, and no more than
1 GiB: of 20M Zipf requests as a csv of text keys, which is what users have, with times and sizes; of
the same from the generator, with keys alone; and of a trace of one's own. The bound is on the time
that passes, of which a profile spends a part on two processors; CPU time stands beside it.

Reading is that of the target `read_rate` of the release preset (or READ_RATE), which decodes and does
nothing else. Each round runs both, one after the other, in an order drawn anew.
"""

import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import bench
import readers

MOST_RATIO, MOST_BYTES = 3, 1 << 30
Cost = collections.namedtuple("Cost", "seconds cpu_s rss_bytes")


def cost(*command):
    """Seconds that passed, CPU seconds and peak memory of a command, its children included."""
    begin = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} failed ({process.returncode})")
    return Cost(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def write_csv(path, requests):
    """Zipf keys of popularity alpha 1 by the inverse of its continuous form, a thousand a second."""
    rng, keys = random.Random(1), 1_000_000
    with open(path, "w", encoding="ascii") as file:
        file.write("time,key,size\n")
        for begin in range(0, requests, 100_000):
            file.write("".join(
                f"{1_700_000_000 + i // 1000},user:{int(keys ** rng.random())},{100 + i % 900}\n"
                for i in range(begin, begin + 100_000)))


def main():
    options = bench.parse_arguments(
        __doc__, rounds=5, quick_rounds=1,
        more=lambda parser: parser.add_argument("--trace", metavar="FILE"))
    requests = 2_000_000 if options.quick else 20_000_000
    rng = random.Random(2)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        csv = pathlib.Path(folder) / "t.csv"
        write_csv(csv, requests)
        workloads = {"csv, text keys": str(csv),
                     "generator": f"zipf:keys=1M,requests={requests}"}
        if options.trace:
            workloads[pathlib.Path(options.trace).name] = options.trace
        figures = {name: [] for name in workloads}
        for number in range(1, options.rounds + 1):
            bench.progress(f"round {number} of {options.rounds}")
            for name, workload in workloads.items():
                commands = {"read": (readers.program(), workload),
                            "profile": (bench.program(), "profile", workload)}
                taken = {what: cost(*commands[what])
                         for what in rng.sample(list(commands), len(commands))}
                figures[name].append(taken)
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    print(f"# load {load}; {options.rounds} rounds, median (lowest..highest)")
    seconds, mebibytes = "{:.2f} s".format, lambda value: f"{value / 2**20:.0f} MiB"
    bounds = bench.Bounds()
    for name, rounds in figures.items():
        for what in ("read", "profile"):
            print(f"{name}: {what:<8} {bench.spread([r[what].seconds for r in rounds], seconds)}, "
                  f"of CPU {bench.spread([r[what].cpu_s for r in rounds], seconds)}")
        by_cpu = [r["profile"].cpu_s / r["read"].cpu_s for r in rounds]
        print(f"{name}: times the CPU of reading {bench.spread(by_cpu, bench.ratio)}")
        bounds.check(f"{name}: times the time of reading",
                     [r["profile"].seconds / r["read"].seconds for r in rounds], bench.ratio,
                     high=MOST_RATIO)
        bounds.check(f"{name}: peak memory", [r["profile"].rss_bytes for r in rounds], mebibytes,
                     high=MOST_BYTES)
    bounds.exit()


if __name__ == "__main__":
    main()
