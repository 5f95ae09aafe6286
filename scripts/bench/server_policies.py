#!/usr/bin/env python3
"""usage: server_policies.py [--quick]

What Redis and Memcached evict, held against hit ratios that were measured with other clients: 1M
Zipf requests over 100k keys, gets that are filled on a miss, memory for about 10,000 small items.

Redis' LRU tells times apart by the second: a load that turns the whole cache over within one evicts
almost at random. So its requests come one at a time, and --quick leaves it out.
"""

import sys

import bench

WORKLOAD = "zipf:keys=100k,requests=1M,value=16"
FAST = ["--clients", "2", "--pipeline", "4"]
MOST_DIFFERENCE = 0.01
MOST_ITEMS_OFF = 0.05

# adapter, flags, hit ratio and items there (Redis 7.0.15, memcached 1.6.18)
CASES = [
    ("redis:policy=allkeys-lfu,maxmemory=2050000", FAST, 0.7656, 9_920),
    ("redis:policy=allkeys-random,maxmemory=2050000", FAST, 0.6970, 9_920),
    ("memcached:memory=1MiB", FAST, 0.7591, 10_922),
    ("redis:policy=allkeys-lru,maxmemory=2040000", ["--clients", "1"], 0.7276, 9_920),
]


def main():
    options = bench.parse_arguments(__doc__, rounds=1)
    if not all([bench.found("redis-server"), bench.found("memcached")]):
        sys.exit(bench.SKIPPED)
    cases = [case for case in CASES if case[1] is FAST] if options.quick else CASES
    bounds = bench.Bounds()
    for adapter, flags, hit_ratio, items in cases:
        bench.progress(adapter)
        results = [bench.run(WORKLOAD, adapter, *flags)["results"][0]
                   for _ in range(options.rounds)]
        held = [result["memory"]["items"] for result in results]
        print(f"{adapter}: {bench.spread(held, '{:,.0f}'.format)} items, hit ratio "
              f"{bench.spread([r['hit_ratio'] for r in results], '{:.4f}'.format)}, "
              f"{bench.spread([r['throughput_rps'] for r in results], '{:,.0f}'.format)} requests/s")
        bounds.check(f"{adapter}: items / {items:,}, off 1 by",
                     [abs(count / items - 1) for count in held], "{:.3f}".format,
                     high=MOST_ITEMS_OFF)
        bounds.check(f"{adapter}: hit ratio off {hit_ratio} by",
                     [abs(result["hit_ratio"] - hit_ratio) for result in results],
                     "{:.4f}".format, high=MOST_DIFFERENCE)
    bounds.exit()


if __name__ == "__main__":
    main()
