#!/usr/bin/env python3
"""usage: throughput.py CACHEGAUGE [--rounds N] [--csv]

Requests per second and CPU time per request of gets that all hit (null: that all miss) over a Zipf
workload of 100k keys and 100-byte values: `null`, which is the harness alone, `lru`, and a private
`redis` on its unix socket with 1 client, 50 clients, and 50 clients of 16 outstanding requests.

Every round runs each case once, in an order drawn anew, so that drift of the machine hits all
alike. Medians over the rounds, with their range; the last column is the time of a request as a
multiple of null's in the same round.
"""

import argparse
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

# name, requests, adapter, flags. As many requests as take one to two seconds.
PRELOADED = ["--preload", "--fills", "none"]
CASES = [
    ("null", "10M", "null", ["--fills", "none"]),
    ("lru", "5M", "lru:entries=100k", PRELOADED),
    ("redis, 1 client", "30k", "redis", PRELOADED),
    ("redis, 50 clients", "150k", "redis", PRELOADED + ["--clients", "50"]),
    ("redis, 50 x pipeline 16", "500k", "redis", PRELOADED + ["--clients", "50",
                                                              "--pipeline", "16"]),
]


def run(program, requests, adapter, flags):
    """The report of one cell. Ends the program if the run fails."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report.json"
        command = [program, "run", f"zipf:keys=100k,requests={requests}", adapter,
                   "--out", str(out), *flags]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\nfailed ({done.returncode}):\n{done.stderr}")
        return json.loads(out.read_text())


def figures(report):
    result = report["results"][0]
    requests = sum(result[op] for op in ("gets", "sets", "adds", "deletes"))
    cpu = result["cpu"]
    return {
        "rps": result["throughput_rps"],
        "client_ns": (cpu["client_user_s"] + cpu["client_system_s"]) / requests * 1e9,
        "server_ns": None if cpu["server_s"] is None else cpu["server_s"] / requests * 1e9,
    }


def machine(report):
    def known(value, text):
        return text.format(value) if value not in (None, "") else None
    context, tool = report["context"], report["tool"]
    parts = [context["cpu_model"], known(context["cores"], "{} cores"),
             known(context["kernel"], "kernel {}"), known(context["governor"], "governor {}"),
             known(context["load"], "load {:.2f}"), known(tool["git_commit"], "commit {:.12}"),
             known(tool["build_type"], "{} build")]
    return ", ".join(part for part in parts if part)


def spread(values, form):
    values = [value for value in values if value is not None]
    if not values:
        return "-"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{form(middle)} ({form(low)}..{form(high)})"


def duration(ns):
    return f"{ns / 1000:.2f} us" if ns >= 1000 else f"{ns:.1f} ns"


def print_table(rounds):
    print(f"{'':<24} {'requests/s':>36} {'client CPU/request':>32} {'server CPU/request':>32} "
          f"{'x null':>10}")
    for name, *_ in CASES:
        rows = [one[name] for one in rounds]
        times_null = statistics.median(one["null"]["rps"] / one[name]["rps"] for one in rounds)
        print(f"{name:<24} {spread([row['rps'] for row in rows], '{:,.0f}'.format):>36} "
              f"{spread([row['client_ns'] for row in rows], duration):>32} "
              f"{spread([row['server_ns'] for row in rows], duration):>32} {times_null:>10,.1f}")


def print_csv(rounds):
    print("round,case,requests_per_second,client_cpu_ns,server_cpu_ns")
    for number, one in enumerate(rounds, 1):
        for name, row in one.items():
            server = "" if row["server_ns"] is None else f"{row['server_ns']:.1f}"
            print(f"{number},\"{name}\",{row['rps']:.1f},{row['client_ns']:.2f},{server}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("cachegauge")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--csv", action="store_true", help="every round's figures, for a plot")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds takes a number of at least 1")

    if not shutil.which("redis-server"):
        print("redis-server is not on PATH: its rows are left out", file=sys.stderr)
        CASES[:] = [case for case in CASES if case[2] != "redis"]
    rng = random.Random(1)
    rounds, context = [], None
    for number in range(1, options.rounds + 1):
        print(f"round {number} of {options.rounds}", file=sys.stderr)
        one = {}
        for name, *cell in rng.sample(CASES, len(CASES)):
            report = run(options.cachegauge, *cell)
            context = context or machine(report)
            one[name] = figures(report)
        rounds.append(one)
    print(f"# {context}; {options.rounds} rounds, median (lowest..highest)")
    (print_csv if options.csv else print_table)(rounds)


if __name__ == "__main__":
    main()
