#!/usr/bin/env python3
"""usage: simulate.py [--rounds N] [--quick] [--requests N] [--trace FILE] [--part P]

Simulating beside libCacheSim, on one core, by CPU time: both read the same oracleGeneral file, by
default of 20M Zipf requests (alpha = 1) over 1M keys, and take each object as 1.
  policies  what a policy takes beside reading the trace, and a whole command with one policy
  grid      one command with 12 policies at 8 sizes each, and its memory
  curve     the exact LRU curve beside its exact profiler and its SHARDS of 1 %
The miss ratios of both stand side by side (docs/benchmarks.md).
"""

import collections
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

import bench

# Our policy: what the peer calls it, how many times its speed it has to have, and how far apart the
# miss ratios may lie (None: other algorithms of the same name; docs/benchmarks.md). The peer prints
# four decimals.
SAME = 0.000051
NEAR = 0.010
Row = collections.namedtuple("Row", "peer times apart")
POLICIES = {
    "fifo": Row("fifo", 12, SAME), "lru": Row("lru", 12, SAME), "clock": Row("clock", 12, SAME),
    "sieve": Row("sieve", 12, SAME), "belady": Row("belady", 3, SAME),
    "lfu": Row("lfu", 5, NEAR), "s3fifo": Row("s3fifo", 5, NEAR), "arc": Row("arc", 5, NEAR),
    "2q": Row("twoq", 5, NEAR), "lirs": Row("lirs", 5, NEAR), "slru": Row("slru", 5, None),
    "wtinylfu": Row("wtinylfu", 5, None), "lfuda": Row("lfuda", 5, None),
    "gdsf": Row("gdsf", 5, None), "hyperbolic": Row("hyperbolic", 5, None),
    "lecar": Row("lecar", 5, None), "random": Row("random", 5, None)}
GRID_POLICIES = ("fifo", "lru", "clock", "sieve", "lfu", "s3fifo", "arc", "2q", "slru", "wtinylfu",
                 "lirs", "belady")
GRID_SIZES = (1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000)
SIZES = (10_000, 100_000)
WHOLE_TIMES, WHOLE_AIM = 3, 5
GRID_TIMES, GRID_MEMORY = 15, 0.5
EXACT_CURVE_TIMES = 15
PARTS = ("policies", "grid", "curve")

Spent = collections.namedtuple("Spent", "cpu_s rss_bytes output")


def spend(command, folder):
    """Runs it to its end; what it took, and what it printed."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{shlex.join(command)}\nfailed ({process.returncode}):\n{output[-2000:]}")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


class Commands:
    """The commands of both on one trace."""

    def __init__(self, trace, folder):
        self.trace, self.folder = trace, folder
        self.cachesim = bench.found("cachesim", "CACHESIM")
        self.profiler = bench.found("mrcProfiler", "MRC_PROFILER")

    def ours(self, *flags):
        """(what it took, its report)"""
        out = pathlib.Path(self.folder) / "report.json"
        spent = spend([bench.program(), "simulate", self.trace, *flags, "--ignore-size",
                       "--threads", "1", "--force", "--out", str(out)], self.folder)
        return spent, json.loads(out.read_text())

    def peer(self, policy, *sizes):
        return spend([self.cachesim, self.trace, "oracleGeneral", policy, ",".join(map(str, sizes)),
                      "--ignore-obj-size", "1", "--num-thread", "1", "-o", "cachesim.out"],
                     self.folder)

    def peer_curve(self, share, sizes="0.01,1,100"):
        """At 100 sizes, by default shares of the keys as in its own example."""
        return spend([self.profiler, self.trace, "oracleGeneral", "--algo=LRU", "--profiler=SHARDS",
                      f"--profiler-params=FIX_RATE,{share},42", f"--size={sizes}",
                      "--ignore-obj-size"], self.folder)


def pair(number, ours, peer):
    """Runs both, in an order that alternates; returns what they returned."""
    if number % 2:
        return ours(), peer()
    peers = peer()
    return ours(), peers


def peer_miss_ratio(spent):
    return float(re.findall(r"miss ratio ([0-9.]+), throughput", spent.output)[-1])


def nanoseconds(seconds, requests):
    return seconds / requests * 1e9


def compare_policies(commands, rounds, bounds):
    cases = [(policy, size) for policy in POLICIES for size in SIZES]
    figures = collections.defaultdict(list)
    for number in range(rounds):
        random.Random(number).shuffle(cases)
        reading = {size: commands.peer("nop", size) for size in SIZES}
        for policy, size in cases:
            bench.progress(f"round {number + 1} of {rounds}: {policy} at {size:,}")
            (whole, report), peer = pair(
                number,
                lambda: commands.ours("--policy", policy, "--size", str(size)),
                lambda: commands.peer(POLICIES[policy].peer, size))
            result, requests = report["results"][0], report["workload"]["requests"]
            figures[policy, size].append({
                "ours": nanoseconds(result["cpu_s"], requests),
                "peer": nanoseconds(peer.cpu_s - reading[size].cpu_s, requests),
                "whole": nanoseconds(whole.cpu_s, requests),
                "peer_whole": nanoseconds(peer.cpu_s, requests),
                "misses": result["miss_ratio"], "peer_misses": peer_miss_ratio(peer)})
    show_policies(commands, figures)
    check_policies(figures, bounds)


def show_policies(commands, figures):
    print("\nns a request: of the policy alone, and of a whole command with it; and miss ratios")
    print(f"{'':<11} {'size':>8} {'policy':>8} {'peer':>8} {'times':>7}   {'whole':>8} {'peer':>8} "
          f"{'times':>7}   {'misses':>9} {'peer':>7}")
    for policy in POLICIES:
        for size in SIZES:
            rounds = figures[policy, size]
            middle = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
            print(f"{policy:<11} {size:>8,} {middle['ours']:>8.1f} {middle['peer']:>8.1f} "
                  f"{middle['peer'] / middle['ours']:>7.1f}   {middle['whole']:>8.1f} "
                  f"{middle['peer_whole']:>8.1f} {middle['peer_whole'] / middle['whole']:>7.1f}   "
                  f"{middle['misses']:>9.6f} {middle['peer_misses']:>7.4f}")
    print()


def check_policies(figures, bounds):
    for policy, row in POLICIES.items():
        for size in SIZES:
            rounds = figures[policy, size]
            bounds.check(f"{policy} at {size:,}: times its speed, policy alone",
                         [r["peer"] / r["ours"] for r in rounds], bench.ratio, low=row.times)
            bounds.check(f"{policy} at {size:,}: times its speed, whole command",
                         [r["peer_whole"] / r["whole"] for r in rounds], bench.ratio,
                         low=WHOLE_TIMES, aim=WHOLE_AIM)
            if row.apart is not None:
                bounds.check(f"{policy} at {size:,}: miss ratios apart",
                             [abs(r["misses"] - r["peer_misses"]) for r in rounds],
                             "{:.6f}".format, high=row.apart)


def compare_grid(commands, bounds):
    """The peer as a command for each policy, whose memory is that of the largest: all in one would
    have a table for each of 96 caches at once."""
    bench.progress("grid: ours")
    spent, report = commands.ours("--policy", ",".join(GRID_POLICIES), "--size",
                                  ",".join(map(str, GRID_SIZES)))
    cells = len(GRID_POLICIES) * len(GRID_SIZES)
    if len(report["results"]) != cells:
        sys.exit(f"expected {cells} results, got {len(report['results'])}")
    peers = []
    for policy in GRID_POLICIES:
        bench.progress(f"grid: {policy} of the peer")
        peers.append(commands.peer(POLICIES[policy].peer, *GRID_SIZES))
    cpu_s, rss_bytes = sum(p.cpu_s for p in peers), max(p.rss_bytes for p in peers)
    print(f"\n{cells} simulations: {spent.cpu_s:.1f} s of CPU and {spent.rss_bytes / 1e6:.0f} MB; "
          f"the peer {cpu_s:.1f} s and {rss_bytes / 1e6:.0f} MB\n")
    bounds.check("grid: times its speed, whole command", [cpu_s / spent.cpu_s], bench.ratio,
                 low=GRID_TIMES)
    bounds.check("grid: memory, ours / peer's", [spent.rss_bytes / rss_bytes], bench.ratio,
                 high=GRID_MEMORY)


def compare_curve(commands, rounds, bounds):
    exact, sampled = [], []
    for number in range(rounds):
        bench.progress(f"round {number + 1} of {rounds}: LRU curve")
        (spent, _), (whole, sample, told) = pair(
            number, lambda: commands.ours("--curve", "lru"),
            lambda: (commands.peer_curve(1), commands.peer_curve(0.01),
                     commands.peer_curve(0.01, "1KB,1024KB,100")))
        exact.append(whole.cpu_s / spent.cpu_s)
        sampled.append(sample.cpu_s / spent.cpu_s)
        print(f"exact LRU curve: {spent.cpu_s:.2f} s of CPU; the peer's {whole.cpu_s:.2f} s; of a "
              f"sample of 1 % {sample.cpu_s:.2f} s, and {told.cpu_s:.2f} s if it need not count the "
              "keys first")
    bounds.check("LRU curve: times the speed of its exact profiler", exact, bench.ratio,
                 low=EXACT_CURVE_TIMES)
    bounds.check("LRU curve: times the speed of its SHARDS of 1 %", sampled, bench.ratio, low=1)


def write_trace(path, requests):
    program = (os.environ.get("ORACLE_TRACE")
               or str(bench.ROOT / "build/release/scripts/bench/oracle_trace"))
    if not shutil.which(program):
        sys.exit(f"no program at {program}: cmake --build --preset release --target oracle_trace, "
                 "or set ORACLE_TRACE")
    bench.progress(f"writing {requests} requests")
    subprocess.run([program, f"zipf:keys=1M,requests={requests}", path], check=True)


def add_options(parser):
    parser.add_argument("--requests", metavar="N", help="of the trace (20M; with --quick 2M)")
    parser.add_argument("--trace", metavar="FILE",
                        help="another one; the peer wants .oracleGeneral in its name")
    parser.add_argument("--part", metavar="P", choices=PARTS, action="append",
                        help="policies, grid or curve alone; may be given again")


def main():
    options = bench.parse_arguments(__doc__, rounds=3, quick_rounds=1, more=add_options)
    parts = options.part or PARTS
    bounds = bench.Bounds()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        trace = options.trace and os.path.abspath(options.trace)
        if not trace:
            trace = str(pathlib.Path(folder) / "zipf.oracleGeneral")
            write_trace(trace, options.requests or ("2M" if options.quick else "20M"))
        commands = Commands(trace, folder)
        _, report = commands.ours("--policy", "fifo", "--size", "1")
        print(f"# {bench.machine(report)}; {options.rounds} rounds, median (lowest..highest)\n"
              f"# {report['workload']['requests']:,} requests, "
              f"{report['workload']['unique_keys']:,} keys")
        if commands.cachesim and "policies" in parts:
            compare_policies(commands, options.rounds, bounds)
        if commands.cachesim and "grid" in parts:
            compare_grid(commands, bounds)
        if commands.profiler and "curve" in parts:
            compare_curve(commands, options.rounds, bounds)
    bounds.exit()


if __name__ == "__main__":
    main()
