"""What the benchmark scripts share: cells of cachegauge and their reports, private servers, bounds.

CACHEGAUGE names the program, or it is build/release/cachegauge. Whatever is started here is ended
by its pid when its `with` ends, and dies with the script if that is killed.
"""

import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
MOST_START_S = 10
SKIPPED = 77
LIBC = ctypes.CDLL(None)


def parse_arguments(doc, rounds, quick_rounds=1, more=lambda parser: None):
    """--rounds, --quick and `more`, described by the script's docstring."""
    parser = argparse.ArgumentParser(description=doc.partition("\n\n")[2],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, metavar="N",
                        help=f"medians are over so many ({rounds}; with --quick {quick_rounds})")
    parser.add_argument("--quick", action="store_true",
                        help="shorter runs: to see that all works, not to quote")
    more(parser)
    options = parser.parse_args()
    if options.rounds is None:
        options.rounds = quick_rounds if options.quick else rounds
    if options.rounds < 1:
        parser.error("--rounds takes a number of at least 1")
    # So that `with` blocks end what they started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return options


def program():
    path = os.environ.get("CACHEGAUGE") or str(ROOT / "build/release/cachegauge")
    if not shutil.which(path):
        sys.exit(f"no program at {path}: cmake --preset release && cmake --build --preset release, "
                 "or set CACHEGAUGE")
    return path


def knows_option(name):
    text = subprocess.run([program(), "run", "--help"], capture_output=True, text=True, check=True)
    return name in text.stdout.split()


def found(name, variable=None):
    """Path of a program on PATH, or that the variable names; None, with a word, if it is absent."""
    path = shutil.which(os.environ.get(variable or "") or name)
    if not path:
        how = f" (or set {variable})" if variable else ""
        print(f"skipped: {name} is not on PATH{how}", file=sys.stderr)
    return path


def progress(text):
    print(text, file=sys.stderr, flush=True)


# Cells


class Cell:
    """One running `cachegauge run` of one cell."""

    def __init__(self, workload, adapter, *flags):
        self.folder = tempfile.TemporaryDirectory(prefix="bench-")
        self.out = pathlib.Path(self.folder.name) / "report.json"
        self.command = [program(), "run", workload, adapter, *map(str, flags), "--out",
                        str(self.out)]
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)

    def client_pid(self):
        """Of the child process that sends the requests."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        name = pathlib.Path(program()).name[:15]
        pids = [int(pid) for pid in children.read_text().split()
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name]
        if len(pids) != 1:
            sys.exit(f"expected one client process under {shlex.join(self.command)}, found {pids}")
        return pids[0]

    def report(self):
        """Waits for the end. Ends the script if the run failed."""
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            sys.exit(f"{shlex.join(self.command)}\nfailed ({self.process.returncode}):\n{output}")
        return json.loads(self.out.read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


def run(workload, adapter, *flags):
    """The report of one cell."""
    with Cell(workload, adapter, *flags) as cell:
        return cell.report()


def requests_of(result):
    return sum(result[op] for op in ("gets", "sets", "adds", "deletes"))


def client_ns(result):
    return result["cpu"]["client_ns_per_request"]


def server_ns(result):
    seconds = result["cpu"]["server_s"]
    return None if seconds is None else seconds / requests_of(result) * 1e9


def machine(report):
    def known(value, text):
        return text.format(value) if value not in (None, "") else None
    context, tool = report["context"], report["tool"]
    parts = [context["cpu_model"], known(context["cores"], "{} cores"),
             known(context["kernel"], "kernel {}"), known(context["governor"], "governor {}"),
             known(context["load"], "load {:.2f}"), known(tool["git_commit"], "commit {:.12}"),
             known(tool["build_type"], "{} build")]
    return ", ".join(part for part in parts if part)


def cpus_apart():
    """(client's, server's): two different CPUs; None if there is but one."""
    cpus = sorted(os.sched_getaffinity(0))
    return (cpus[1], cpus[0]) if len(cpus) > 1 else None


def run_before_others():
    """This process and all that it starts run before what else the machine does, whose slices of
    some milliseconds would be measured otherwise. False where that is not allowed (it takes root)."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True


# Servers


def children_die_with_us():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A Redis or Memcached of our own, on a unix socket or, with a port, on the loopback."""

    def __init__(self, kind, folder, port=None, cpu=None):
        self.kind, self.port = kind, port
        self.path = str(pathlib.Path(folder) / f"{kind}.sock")
        self.log = open(pathlib.Path(folder) / f"{kind}.log", "wb")
        pin = [] if cpu is None else ["taskset", "-c", str(cpu)]
        arguments = self._redis() if kind == "redis" else self._memcached()
        self.process = subprocess.Popen(pin + arguments, stdout=self.log, stderr=self.log,
                                        preexec_fn=children_die_with_us)
        self.pid = self.process.pid

    def _redis(self):
        where = (["--port", "0", "--unixsocket", self.path] if self.port is None
                 else ["--bind", "127.0.0.1", "--port", str(self.port)])
        return ["redis-server", *where, "--save", "", "--appendonly", "no", "--daemonize", "no"]

    def _memcached(self):
        where = (["-s", self.path, "-a", "0700"] if self.port is None
                 else ["-l", "127.0.0.1", "-p", str(self.port), "-U", "0"])
        user = ["-u", "root"] if os.geteuid() == 0 else []
        return ["memcached", *where, *user, "-m", "1024", "-t", "1"]

    def spec(self):
        """The adapter that uses it."""
        return (f"{self.kind}:socket={self.path}" if self.port is None
                else f"{self.kind}://127.0.0.1:{self.port}")

    def connect(self):
        if self.port is not None:
            return socket.create_connection(("127.0.0.1", self.port))
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self.path)
        except OSError:
            connection.close()
            raise
        return connection

    def gets(self):
        """Gets that it has served so far."""
        redis = self.kind == "redis"
        ask, before = ((b"INFO commandstats\r\n", b"cmdstat_get:calls=") if redis
                       else (b"stats\r\n", b"STAT cmd_get "))
        with self.connect() as connection:
            connection.sendall(ask)
            text = connection.recv(1 << 16)
        digits = text.partition(before)[2].replace(b",", b"\r").partition(b"\r")[0]
        return int(digits or 0)

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_bytes(self):
        pages = int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def preload(self, keys, value):
        """Sets each key, a thousand at a time."""
        with self.connect() as connection:
            for first in range(0, len(keys), 1000):
                some = keys[first:first + 1000]
                connection.sendall(b"".join(self._set(key.encode(), value) for key in some))
                replies = 0
                while replies < len(some):
                    text = connection.recv(1 << 16)
                    if not text or b"ERR" in text:
                        sys.exit(f"{self.kind} did not take the preloaded keys: {text[:200]}")
                    replies += text.count(b"\r\n")

    def _set(self, key, value):
        if self.kind == "redis":
            return b"*3\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (
                len(key), key, len(value), value)
        return b"set %b 0 0 %d\r\n%b\r\n" % (key, len(value), value)

    def wait_until_up(self):
        end = time.monotonic() + MOST_START_S
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.connect().close()
                return
            time.sleep(0.02)
        sys.exit(f"{self.kind} did not start: {pathlib.Path(self.log.name).read_text()[-2000:]}")

    def __enter__(self):
        self.wait_until_up()
        return self

    def __exit__(self, *_):
        self.process.kill()  # one that is stopped would not hear SIGTERM
        self.process.wait()
        self.log.close()


# Tables and bounds


def spread(values, form):
    """Median (lowest..highest) of those that are known."""
    values = [value for value in values if value is not None]
    if not values:
        return "-"
    if len(values) == 1:
        return form(values[0])
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{form(middle)} ({form(low)}..{form(high)})"


def duration(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if abs(ns) >= size:
            return f"{ns / size:.2f} {unit}"
    return f"{ns:.1f} ns"


def ratio(value):
    return f"{value:.3f}"


class Bounds:
    """Prints each figure beside its bound, and remembers whether one was broken."""

    def __init__(self):
        self.broken = []
        self.held = 0

    def check(self, what, values, form, low=None, high=None, aim=None):
        """The median of the rounds' values must lie in [low, high]."""
        middle = statistics.median(values)
        holds = (low is None or middle >= low) and (high is None or middle <= high)
        if low is not None and high is not None:
            bound = f"{form(low)} to {form(high)}"
        else:
            bound = f"at least {form(low)}" if high is None else f"at most {form(high)}"
        if aim is not None:
            bound += f", aim {form(aim)}"
        self._print(holds, what, spread(values, form), bound)

    def require(self, what, holds, shown=""):
        self._print(holds, what, shown or ("yes" if holds else "no"), "")

    def skip(self, what, why):
        print(f"{'-':<7} {what:<58} {why}")

    def _print(self, holds, what, figure, bound):
        print(f"{'ok' if holds else 'BROKEN':<7} {what:<58} {figure:<36} {bound}".rstrip())
        if holds:
            self.held += 1
        else:
            self.broken.append(what)

    def exit(self):
        """Ends the script: with 1 if a bound was broken, with 77 if none could be looked at."""
        checked = self.held + len(self.broken)
        if self.broken:
            print(f"\n{len(self.broken)} of {checked} bounds broken: {'; '.join(self.broken)}")
            sys.exit(1)
        print(f"\nall {checked} bounds hold" if checked else "\nno bound could be looked at")
        sys.exit(0 if checked else SKIPPED)
