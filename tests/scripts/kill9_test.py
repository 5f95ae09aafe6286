#!/usr/bin/env python3
"""usage: kill9_test.py CACHEGAUGE [--rounds N] [--seed S] [--workload SPEC]

Starts `cachegauge run` with a private redis-server and memcached and kills it (kill -9, the main
process alone) at a random moment, N times over. Within three seconds of each kill there must be

  - no process left of all that the run had started, servers first of all,
  - nothing left in its TMPDIR, where private servers keep their sockets,
  - a whole report or none, and no other file beside it.

This process makes itself the subreaper, so that whatever is orphaned by the kill becomes its child
and none can hide. Every other round runs cells of a few requests, so that kills also hit the start
and the end of servers and the writing of the report.

Exits 77 (a skip) without the servers, or fails when REQUIRE_SERVERS=1.
"""

import argparse
import ctypes
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 3.0
LONGEST_RUN_S = 2.5
SERVERS = ("redis-server", "memcached")
SAMPLE = pathlib.Path(__file__).parents[2] / "workloads/samples/compiler-opens.csv.zst"


def descendants():
    """{pid: command line} of every living process below this one."""
    parents, names = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # "pid (name) state ppid …"; the name may hold anything, parentheses too.
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile
        if state not in "ZX":
            parents[int(entry.name)] = int(parent)
            names[int(entry.name)] = command.strip() or "(no command line)"
    found, frontier = {}, {os.getpid()}
    while frontier:
        frontier = {pid for pid, parent in parents.items() if parent in frontier}
        found.update({pid: names[pid] for pid in frontier})
    return found


def reap_orphans():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def remains(tmp, out):
    """What a killed run left behind, as a list of sentences."""
    left = [f"process {pid} is still there: {name}" for pid, name in descendants().items()]
    # os.walk bears folders that go while it looks.
    left += [f"{os.path.join(folder, name)} is still there"
             for folder, folders, files in os.walk(tmp) for name in folders + files]
    left += [f"{path} was left beside the report" for path in out.iterdir()
             if path.name != "report.json"]
    return left


def report_problem(path):
    """(whether there is a report, what is wrong with it or None)"""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return False, None
    try:
        return True, None if json.loads(text)["kind"] == "run" else "its kind is not run"
    except (ValueError, KeyError, TypeError) as error:
        return True, f"{error}; it holds {len(text)} characters"


class Round:
    def __init__(self, folder, command, delay_s):
        self.tmp, self.out = folder / "tmp", folder / "out"
        self.tmp.mkdir()
        self.out.mkdir()
        self.command = command + ["--out", str(self.out / "report.json")]
        self.delay_s = delay_s
        self.errors = folder / "stderr"

    def run(self):
        """Returns (servers alive at the kill, whether a report was there, list of problems)."""
        with self.errors.open("wb") as errors:
            program = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                cwd=self.out, env={**os.environ, "TMPDIR": str(self.tmp)})
        time.sleep(self.delay_s)
        servers = sum(os.path.basename(name.split()[0]) in SERVERS
                      for name in descendants().values())
        problems = []
        if program.poll() is not None:
            problems.append(
                f"the run ended by itself (exit code {program.returncode}) before it was killed:\n"
                + self.errors.read_text(errors="replace"))
        program.kill()
        program.wait()
        problems += self.wait_until_clean()
        exists, problem = report_problem(self.out / "report.json")
        if problem:
            problems.append(f"the report is not whole: {problem}")
        return servers, exists, problems

    def wait_until_clean(self):
        deadline = time.monotonic() + GRACE_S
        while True:
            reap_orphans()
            left = remains(self.tmp, self.out)
            if not left or time.monotonic() >= deadline:
                break
            time.sleep(0.02)
        for pid in descendants():
            os.kill(pid, signal.SIGKILL)
        reap_orphans()
        return left


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("cachegauge", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--workload", default=str(SAMPLE))
    options = parser.parse_args()

    for server in SERVERS:
        if not shutil.which(server):
            print(f"{server} is not on PATH: nothing to test with")
            return 1 if os.environ.get("REQUIRE_SERVERS") == "1" else 77
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl(PR_SET_CHILD_SUBREAPER): {os.strerror(ctypes.get_errno())}")

    base = [str(options.cachegauge.resolve()), "run", options.workload, "redis", "memcached",
            "--memory", "16MiB", "--origin", "sleep:latency=100us", "--repeat", "1000"]
    rng = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    failed, with_servers, with_report = 0, 0, 0
    for number in range(1, options.rounds + 1):
        command = base + ["--limit", "200"] if number % 2 == 0 else base
        # Not below $TMPDIR, whose path may be too long for a socket's 107 characters.
        with tempfile.TemporaryDirectory(prefix="kill9-", dir="/tmp") as folder:
            attempt = Round(pathlib.Path(folder), command, rng.uniform(0, LONGEST_RUN_S))
            servers, has_report, problems = attempt.run()
        with_servers += servers > 0
        with_report += has_report
        failed += bool(problems)
        print(f"round {number}: killed after {attempt.delay_s:.3f} s with {servers} servers up, "
              f"report {'there' if has_report else 'absent'}: {'FAILED' if problems else 'clean'}")
        print("".join(f"  {problem}\n" for problem in problems), end="", flush=True)

    print(f"{options.rounds} kills, {with_servers} with a server up, {with_report} with a report "
          f"written, {failed} failed")
    if options.rounds >= 5 and with_servers == 0:
        print("no kill found a server running: this proved nothing")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
