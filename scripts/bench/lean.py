#!/usr/bin/env python3
"""usage: lean.py [--rounds N] [--quick] [--transport tcp|unix]

The client is leaner than the best: CPU time of the client for a request, and requests per second,
beside memtier_benchmark and redis-benchmark on the same server, with 50 connections, and with 50
connections of 16 outstanding requests each.

Client and server each have one CPU, and the client one thread. A million keys are there beforehand;
32-byte values; gets and sets 10 to 1, keys drawn uniformly, by every connection of its own seed
(cachegauge has one sequence for all of them). A server starts anew for each run, with the same
options. The peers' CPU time is user and system time of the whole process, which does nothing but
send load; cachegauge's is that of the measured interval. redis-benchmark can only get, which is
less work, and has no bounds. memtier speaks memcached's text protocol and cachegauge meta commands.

memtier_benchmark and redis-benchmark are found on PATH, or named by MEMTIER and REDIS_BENCHMARK.
Every round runs each client once in each setting, in an order drawn anew; ratios are of cachegauge
to memtier within a round, and bounds are on their median.
"""

import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile

import bench

KEYS = 1_000_000
VALUE_BYTES = 32
CONNECTIONS = 50
PIPELINE = 16
KEY_BYTES = len("memtier-123456")  # nine in ten of memtier's keys
# More requests than the seconds hold, but not many: all are read once, to find the keys to preload.
WORKLOAD = f"uniform:keys=1M,requests=15M,get=10,set=1,value={VALUE_BYTES},key={KEY_BYTES}"

# (server, pipeline) -> bounds on the ratio of cachegauge to memtier: CPU at most, requests/s at
# least, and what is aimed at.
SETTINGS = {
    ("redis", 1): {"cpu": 0.85, "cpu_aim": 0.75, "rps": 0.95},
    ("redis", PIPELINE): {"cpu": 0.60, "rps": 0.95},
    ("memcached", 1): {"cpu": 0.85},
    ("memcached", PIPELINE): {"rps": 2.0},
}


def name_of(setting):
    kind, pipeline = setting
    return f"{kind}, {CONNECTIONS} connections" + (f" x {pipeline}" if pipeline > 1 else "")


class Bench:
    """How each client is run, and for how long."""

    def __init__(self, options, apart):
        self.seconds = 3 if options.quick else 10
        self.transport = options.transport
        self.client_cpu, self.server_cpu = apart
        self.memtier = bench.found("memtier_benchmark", "MEMTIER")
        self.redis_benchmark = bench.found("redis-benchmark", "REDIS_BENCHMARK")
        self.context = None

    def clients(self, kind):
        yield "cachegauge", self.run_cachegauge
        if self.memtier:
            yield "memtier", self.run_memtier
        if self.redis_benchmark and kind == "redis":
            yield "redis-benchmark, gets", self.run_redis_benchmark

    def run_cachegauge(self, kind, pipeline):
        adapter = f"{kind}:transport={self.transport}"
        if kind == "memcached":
            adapter += ",threads=1,memory=1GiB"
        report = bench.run(WORKLOAD, adapter, "--preload", "--fills", "none",
                           "--clients", CONNECTIONS, "--pipeline", pipeline,
                           "--duration", f"{self.seconds}s",
                           "--pin", f"client={self.client_cpu},server={self.server_cpu}")
        self.context = self.context or bench.machine(report)
        result = report["results"][0]
        if result["hit_ratio"] != 1:
            sys.exit(f"{kind}: the hit ratio is {result['hit_ratio']}: the keys were not there")
        return {"rps": result["throughput_rps"], "client_ns": bench.client_ns(result),
                "server_ns": bench.server_ns(result)}

    def run_memtier(self, kind, pipeline):
        protocol = "redis" if kind == "redis" else "memcache_text"
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, self.server(
                kind, folder) as server:
            server.preload([f"memtier-{key}" for key in range(KEYS + 1)], b"x" * VALUE_BYTES)
            out = pathlib.Path(folder) / "memtier.json"
            where = (["-S", server.path] if server.port is None
                     else ["-s", "127.0.0.1", "-p", server.port])
            cpu = self.timed(server, self.memtier, *where, "-P", protocol, "-t", 1,
                             "-c", CONNECTIONS, "--pipeline", pipeline, "--ratio", "1:10",
                             "--key-maximum", KEYS, "-d", VALUE_BYTES, "--distinct-client-seed",
                             "--hide-histogram", "--test-time", self.seconds,
                             "--json-out-file", out)
            totals = json.loads(out.read_text())["ALL STATS"]["Totals"]
        if totals["Misses/sec"] > 0.001 * totals["Ops/sec"]:
            sys.exit(f"memtier: {totals['Misses/sec']} misses a second: the keys were not there")
        return per_request(totals["Count"], totals["Ops/sec"], cpu)

    def run_redis_benchmark(self, kind, pipeline):
        # It runs for a number of requests, not for a time: about as many as the seconds hold.
        count = self.seconds * (100_000 if pipeline == 1 else 500_000)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, self.server(
                kind, folder) as server:
            server.preload([f"key:{key:012}" for key in range(KEYS)], b"x" * VALUE_BYTES)
            where = ["-s", server.path] if server.port is None else ["-p", server.port]
            out = pathlib.Path(folder) / "out"
            cpu = self.timed(server, self.redis_benchmark, *where, "-c", CONNECTIONS,
                             "-P", pipeline, "-n", count, "-r", KEYS, "--csv", "GET",
                             "key:__rand_int__", out=out)
            rps = float(out.read_text().splitlines()[-1].split(",")[1].strip('"'))
        return per_request(count, rps, cpu)

    def server(self, kind, folder):
        port = bench.free_port() if self.transport == "tcp" else None
        return bench.Server(kind, folder, port, self.server_cpu)

    def timed(self, server, *command, out=os.devnull):
        """CPU seconds that the command and, meanwhile, the server took."""
        command = ["taskset", "-c", str(self.client_cpu), *map(str, command)]
        before, server_before = cpu_of_children(), server.cpu_s()
        with open(out, "wb") as file:
            done = subprocess.run(command, stdout=file, stderr=subprocess.PIPE,
                                  preexec_fn=bench.children_die_with_us)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\nfailed ({done.returncode}):\n{done.stderr.decode()}")
        return cpu_of_children() - before, server.cpu_s() - server_before


def cpu_of_children():
    """Of those that have been waited for: the server is still running."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def per_request(count, rps, cpu):
    return {"rps": rps, "client_ns": cpu[0] / count * 1e9, "server_ns": cpu[1] / count * 1e9}


def ratios(rounds, figure, peer):
    return [one["cachegauge"][figure] / one[peer][figure] for one in rounds]


def print_table(setting, rounds):
    print(f"\n{name_of(setting):<30} {'requests/s':>30} {'client CPU/request':>32} "
          f"{'server CPU/request':>32} {'rps ratio':>10} {'CPU ratio':>10}")
    for client in rounds[0]:
        rows = [one[client] for one in rounds]
        cells = [bench.spread([row["rps"] for row in rows], "{:,.0f}".format)]
        cells += [bench.spread([row[figure] for row in rows], bench.duration)
                  for figure in ("client_ns", "server_ns")]
        compared = ["" if client == "cachegauge"
                    else bench.ratio(statistics.median(ratios(rounds, figure, client)))
                    for figure in ("rps", "client_ns")]
        print(f"  {client:<28} {cells[0]:>30} {cells[1]:>32} {cells[2]:>32} "
              f"{compared[0]:>10} {compared[1]:>10}".rstrip())


def main():
    def more(parser):
        parser.add_argument("--transport", choices=("tcp", "unix"), default="tcp",
                            help="the loopback, or a unix socket (tcp)")
    options = bench.parse_arguments(__doc__, rounds=5, more=more)
    apart = bench.cpus_apart()
    if not apart:
        sys.exit("one CPU: client and server cannot be apart, and the figures would say nothing")
    runs = Bench(options, apart)
    settings = [setting for setting in SETTINGS
                if bench.found("redis-server" if setting[0] == "redis" else "memcached")]

    rng = random.Random(1)
    results = {setting: [] for setting in settings}
    for number in range(1, options.rounds + 1):
        bench.progress(f"round {number} of {options.rounds}")
        for setting in rng.sample(settings, len(settings)):
            clients = dict(runs.clients(setting[0]))
            one = {name: None for name in clients}
            for name in rng.sample(list(clients), len(clients)):
                one[name] = clients[name](*setting)
            results[setting].append(one)

    print(f"# {runs.context}; {options.transport}, client on CPU {apart[0]}, server on {apart[1]}; "
          f"{options.rounds} rounds of {runs.seconds} s, median (lowest..highest); "
          "ratios are cachegauge's to the peer's")
    for setting, rounds in results.items():
        print_table(setting, rounds)
    print()
    bounds = bench.Bounds()
    for setting, rounds in results.items():
        limits = SETTINGS[setting]
        if "memtier" not in rounds[0]:
            bounds.skip(name_of(setting), "there is no memtier to compare with")
            continue
        if "cpu" in limits:
            bounds.check(f"{name_of(setting)}: CPU, cachegauge / memtier",
                         ratios(rounds, "client_ns", "memtier"), bench.ratio, high=limits["cpu"],
                         aim=limits.get("cpu_aim"))
        if "rps" in limits:
            bounds.check(f"{name_of(setting)}: requests/s, cachegauge / memtier",
                         ratios(rounds, "rps", "memtier"), bench.ratio, low=limits["rps"])
    bounds.exit()


if __name__ == "__main__":
    main()
