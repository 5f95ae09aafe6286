#!/usr/bin/env python3
"""usage: throughput.py [--rounds N] [--csv]

Requests per second and CPU time per request of gets that all hit (null: that all miss) over a Zipf
workload of 100k keys and 100-byte values: `null`, which is the harness alone, `lru`, and a private
`redis` on its unix socket with 1 client, 50 clients, and 50 clients of 16 outstanding requests.

Every round runs each case once, in an order drawn anew, so that drift of the machine hits all
alike. Medians over the rounds, with their range; the last column is the time of a request as a
multiple of null's in the same round. Nothing is bounded: it is for before and after a change.
"""

import random
import statistics

import bench

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


def figures(report):
    result = report["results"][0]
    return {"rps": result["throughput_rps"], "client_ns": bench.client_ns(result),
            "server_ns": bench.server_ns(result)}


def print_table(rounds):
    print(f"{'':<24} {'requests/s':>36} {'client CPU/request':>32} {'server CPU/request':>32} "
          f"{'x null':>10}")
    for name, *_ in CASES:
        rows = [one[name] for one in rounds]
        times_null = statistics.median(one["null"]["rps"] / one[name]["rps"] for one in rounds)
        print(f"{name:<24} "
              f"{bench.spread([row['rps'] for row in rows], '{:,.0f}'.format):>36} "
              f"{bench.spread([row['client_ns'] for row in rows], bench.duration):>32} "
              f"{bench.spread([row['server_ns'] for row in rows], bench.duration):>32} "
              f"{times_null:>10,.1f}")


def print_csv(rounds):
    print("round,case,requests_per_second,client_cpu_ns,server_cpu_ns")
    for number, one in enumerate(rounds, 1):
        for name, row in one.items():
            server = "" if row["server_ns"] is None else f"{row['server_ns']:.1f}"
            print(f"{number},\"{name}\",{row['rps']:.1f},{row['client_ns']:.2f},{server}")


def main():
    def more(parser):
        parser.add_argument("--csv", action="store_true",
                            help="every round's figures, for a plot")
    options = bench.parse_arguments(__doc__, rounds=5, more=more)
    if not bench.found("redis-server"):
        CASES[:] = [case for case in CASES if case[2] != "redis"]
    rng = random.Random(1)
    rounds, context = [], None
    for number in range(1, options.rounds + 1):
        bench.progress(f"round {number} of {options.rounds}")
        one = {}
        for name, requests, adapter, flags in rng.sample(CASES, len(CASES)):
            report = bench.run(f"zipf:keys=100k,requests={requests}", adapter, *flags)
            context = context or bench.machine(report)
            one[name] = figures(report)
        rounds.append(one)
    print(f"# {context}; {options.rounds} rounds, median (lowest..highest)")
    (print_csv if options.csv else print_table)(rounds)


if __name__ == "__main__":
    main()
