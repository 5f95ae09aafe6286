#!/usr/bin/env python3
"""usage: steady.py CACHEGAUGE [--duration 10m] [--rate 20000] [--adapters lru,redis] [--csv FILE]

Whether a long run is steady, for each adapter in turn (`redis` is a private server):

  memory  the resident memory of the cell's process, read from /proc once a second, is flat: over the
          run it grows by less than 1.5 MiB or 2 %, by its Theil-Sen slope and from its first quarter
          to its last. (The series itself takes up to 1.5 MiB, and fills up slowly.) The start
          (preload) and the first tenth of the run are left out. On a busy machine requests pile up
          while the client waits for its CPU, and what they took is kept.
  series  the sum over the series is the total, for requests, gets, hits, misses and errors, and the
          series is as long as the run.

Requests are 9 gets to 1 set over 100k keys and 100-byte values, into a cache with room for half of
them; every key is set once beforehand. --rate 0 is a closed loop. Exits 1 if something does not hold.
"""

import argparse
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

KEYS = 100_000
SPECS = {"lru": "lru:entries=50k", "redis": "redis:maxmemory=16MiB"}
# What a closed loop may reach at most, requests/s: the workload must not end before the duration.
CLOSED_LOOP_RPS = {"lru": 3_000_000, "redis": 200_000}
MOST_REQUESTS = 1_000_000_000
SAMPLE_S = 1.0
UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds(text):
    try:
        value = float(text[:-1]) * UNITS[text[-1:]]
    except (KeyError, ValueError):
        value = 0
    if value < 10:
        raise argparse.ArgumentTypeError(f'expected a time of at least 10s such as 10m, got "{text}"')
    return value


def cell_of(pid):
    """The child in which the cell runs, while there is one."""
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return children[0] if children else None


def rss_bytes(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def run(program, adapter, options):
    """The result of the run and samples (time, RSS) of its cell's process."""
    rps = options.rate or CLOSED_LOOP_RPS[adapter]
    requests = min(MOST_REQUESTS, int(rps * options.duration * 1.2))
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report.json"
        command = [program, "run", f"zipf:keys={KEYS},requests={requests},get=9,set=1",
                   SPECS[adapter], "--fills", "on-miss", "--preload", "--time", "real",
                   "--duration", f"{options.duration:.0f}s", "--out", str(out)]
        command += ["--rate", str(options.rate)] if options.rate else ["--clients", "4"]
        print(f"# {' '.join(command)}", file=sys.stderr)
        samples = []
        with open(pathlib.Path(folder) / "stderr", "w+") as errors:
            running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
            while running.poll() is None:
                cell = cell_of(running.pid)
                rss = rss_bytes(cell) if cell else None
                if rss:
                    samples.append((time.monotonic(), rss))
                time.sleep(SAMPLE_S)
            errors.seek(0)
            if running.returncode != 0:
                sys.exit(f"{' '.join(command)}\nfailed ({running.returncode}):\n{errors.read()}")
        return json.loads(out.read_text())["results"][0], samples


def slope(samples):
    """Theil-Sen, bytes a second."""
    step = max(1, len(samples) // 300)  # 45,000 pairs are enough
    return statistics.median((b[1] - a[1]) / (b[0] - a[0])
                             for a, b in itertools.combinations(samples[::step], 2))


def judge_memory(samples, duration_s):
    """Whether it is flat, with the figures in words."""
    end = samples[-1][0]
    steady = [s for s in samples if s[0] >= end - 0.9 * duration_s]
    if len(steady) < 8:
        return False, f"only {len(steady)} samples of its memory"
    quarter = len(steady) // 4
    rss = [value for _, value in steady]
    first, last = statistics.median(rss[:quarter]), statistics.median(rss[-quarter:])
    per_s = slope(steady)
    growth = per_s * (steady[-1][0] - steady[0][0])
    allowed = max(1.5 * 2**20, 0.02 * first)
    flat = growth < allowed and last - first < allowed
    return flat, (f"RSS {first / 2**20:.1f} MiB in the first quarter, {last / 2**20:.1f} in the last "
                  f"(x {last / first:.4f}), slope {per_s * 60 / 1024:+.1f} KiB/min "
                  f"over {len(steady)} samples")


def judge_series(result):
    series = result["series"]
    totals = {name: result[name] for name in ("gets", "hits", "misses", "errors")}
    totals["requests"] = sum(result[op] for op in ("gets", "sets", "adds", "deletes"))
    sums = {name: sum(point[name] for point in series) for name in totals}
    agrees = sums == totals and abs(series[-1]["t_s"] - result["duration_s"]) < 1e-6
    return agrees, (f"{len(series)} points, {result['series_interval_s']} s apart, of "
                    f"{result['duration_s']:.1f} s; sums {sums}, totals {totals}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("cachegauge")
    parser.add_argument("--duration", type=seconds, default=seconds("10m"))
    parser.add_argument("--rate", type=int, default=20_000, help="requests/s; 0: a closed loop")
    parser.add_argument("--adapters", default="lru,redis")
    parser.add_argument("--csv", help="write the samples of the memory here")
    options = parser.parse_args()
    adapters = options.adapters.split(",")
    for adapter in adapters:
        if adapter not in SPECS:
            parser.error(f'no adapter "{adapter}" here: {", ".join(SPECS)}')

    rows, holds = ["adapter,second,rss_bytes"], True
    for adapter in adapters:
        result, samples = run(options.cachegauge, adapter, options)
        if result["duration_s"] < 0.98 * options.duration:
            print(f"{adapter}: the workload ended after {result['duration_s']:.1f} s",
                  file=sys.stderr)
        rows += [f"{adapter},{at - samples[0][0]:.1f},{rss}" for at, rss in samples]
        flat, memory = judge_memory(samples, result["duration_s"])
        agrees, series = judge_series(result)
        holds &= flat and agrees
        print(f"{adapter}: {result['throughput_rps']:,.0f} requests/s, flags {result['flags']}")
        print(f"  memory {'flat' if flat else 'NOT FLAT'}: {memory}")
        print(f"  series {'adds up' if agrees else 'DOES NOT ADD UP'}: {series}", flush=True)
    if options.csv:
        pathlib.Path(options.csv).write_text("\n".join(rows) + "\n")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
