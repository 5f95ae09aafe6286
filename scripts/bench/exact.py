#!/usr/bin/env python3
"""usage: exact.py [--rounds N] [--quick]

Times are right: against a server that answers after delays that are known, p50, p99 and p99.9 of
service time are those of the delays, within 2 %, in real time.

The delays are fixed, bimodal or lognormal; each is a quantile of its distribution, at evenly spaced
shares and in random order, so that what was asked for has no noise of its own. scripted_server.py
applies them and says what it really applied, reply written less request read, which is what the
service times are held against: they contain it, and the way to the server and back on top. They are
held against what was asked for too, unless the server itself missed that by more than half of the
bound: then the machine was too busy to tell.

Client and server are pinned apart, and as root they run before all else (SCHED_RR): a neighbour's
slice of 3 ms in 50 is 6 %. Requests come in an open loop over so many connections that none
has to wait for one; a wait would be in the response time, and is checked to be absent.
"""

import math
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import bench
import figures

RATE = 1000
CLIENTS = 200
POINTS = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
MOST_OFF = 0.02
MS = 1_000_000
NORMAL = statistics.NormalDist()

# name -> quantile function, ns. Bimodal: none of the three points is at the step.
DELAYS = {
    "fixed 50 ms": lambda share: 50 * MS,
    "bimodal 20, 2 % 100 ms": lambda share: (20 if share < 0.98 else 100) * MS,
    "lognormal 20 ms, 0.7": lambda share: 20 * MS * math.exp(0.7 * NORMAL.inv_cdf(share)),
}


def delays_of(quantile_function, count, rng):
    delays = [int(quantile_function((at + 0.5) / count)) for at in range(count)]
    rng.shuffle(delays)
    return delays


class ScriptedServer:
    def __init__(self, folder, delays, cpu):
        folder = pathlib.Path(folder)
        self.path, self.log = folder / "server.sock", folder / "applied"
        asked = folder / "delays"
        asked.write_text("".join(f"{delay}\n" for delay in delays))
        script = pathlib.Path(__file__).with_name("scripted_server.py")
        self.process = subprocess.Popen([sys.executable, script, self.path, asked, self.log, *cpu],
                                        preexec_fn=bench.children_die_with_us)

    def __enter__(self):
        end = time.monotonic() + bench.MOST_START_S
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.path)) == 0:
                    return self
            time.sleep(0.02)
        sys.exit("the scripted server did not start")

    def applied(self):
        """Ends it. The delays that it applied, in order of their replies."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return [int(line) for line in self.log.read_text().split()]

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def measure(name, count, pin, server_cpu, rng):
    delays = delays_of(DELAYS[name], count, rng)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with ScriptedServer(folder, delays, server_cpu) as server:
            report = bench.run(f"uniform:keys=10k,requests={count}", f"redis:socket={server.path}",
                               "--rate", RATE, "--clients", CLIENTS, "--fills", "none", *pin)
            applied = server.applied()
    result = report["results"][0]
    if len(applied) != count or result["gets"] != count:
        sys.exit(f"{name}: {count} requests, {result['gets']} gets, {len(applied)} answered")
    delays.sort()
    applied.sort()
    service, response = (result[f"{kind}_time_ns"]["get"] for kind in ("service", "response"))
    return {
        "asked": {point: figures.quantile(delays, share) for point, share in POINTS.items()},
        "applied": {point: figures.quantile(applied, share) for point, share in POINTS.items()},
        "service": {point: service[point] for point in POINTS},
        "response": {point: response[point] for point in POINTS},
        "wait": result["connection_wait_ns"]["max"],
    }, report


def ratios(rows, what, against, point):
    return [row[what][point] / row[against][point] for row in rows]


def print_table(name, rows):
    print(f"\n{name:<24}" + "".join(f"{what:>13}" for what in (
        "asked for", "applied", "service", "response")) + f"{'service/applied':>18}"
        f"{'service/asked':>18}")
    for point in POINTS:
        cells = [bench.duration(statistics.median(row[what][point] for row in rows))
                 for what in ("asked", "applied", "service", "response")]
        cells += [bench.ratio(statistics.median(ratios(rows, "service", against, point)))
                  for against in ("applied", "asked")]
        print(f"{point:<24}" + "".join(f"{cell:>13}" for cell in cells[:4])
              + "".join(f"{cell:>18}" for cell in cells[4:]))


def check(name, rows, bounds):
    within = {"form": bench.ratio, "low": 1 - MOST_OFF, "high": 1 + MOST_OFF}
    for point in POINTS:
        bounds.check(f"{name}: {point}, service / applied",
                     ratios(rows, "service", "applied", point), **within)
        by_server = statistics.median(ratios(rows, "applied", "asked", point))
        if abs(by_server - 1) <= MOST_OFF / 2:
            bounds.check(f"{name}: {point}, service / asked for",
                         ratios(rows, "service", "asked", point), **within)
        else:
            bounds.skip(f"{name}: {point}, service / asked for",
                        f"the server itself was off: {bench.ratio(by_server)}")
    bounds.check(f"{name}: longest wait for a connection", [row["wait"] for row in rows],
                 bench.duration, high=0)


def main():
    options = bench.parse_arguments(__doc__, rounds=5)
    count = 5000 if options.quick else 20_000
    apart = bench.cpus_apart()
    if not apart:
        print("one CPU: client and server share it, and wait for each other", file=sys.stderr)
    first = bench.run_before_others()
    if not first:
        print("not root: what else the machine does is measured, too", file=sys.stderr)
    pin, server_cpu = (["--pin", f"client={apart[0]}"], [str(apart[1])]) if apart else ([], [])
    rng = random.Random(1)
    rounds, context = {name: [] for name in DELAYS}, None
    for number in range(1, options.rounds + 1):
        bench.progress(f"round {number} of {options.rounds}")
        for name in rng.sample(list(DELAYS), len(DELAYS)):
            row, report = measure(name, count, pin, server_cpu, rng)
            context = context or bench.machine(report)
            rounds[name].append(row)
    print(f"# {context}; {count:,} requests at {RATE:,}/s over {CLIENTS} connections; "
          f"{options.rounds} rounds, medians; {'before' if first else 'beside'} other processes")
    for name, rows in rounds.items():
        print_table(name, rows)
    print()
    bounds = bench.Bounds()
    for name, rows in rounds.items():
        check(name, rows, bounds)
    bounds.exit()


if __name__ == "__main__":
    main()
