#!/usr/bin/env python3
"""usage: scripts/calls_to_trace.py CALLS_DIR --tree DIR --tmp DIR > trace.csv

Turns what `strace -ff -y -z -ttt` wrote, one file a process, into a csv trace (time,key,size) of
the regular files that compilers, assemblers and linkers opened for reading. Part of
record_build_trace.sh. Prints a summary on stderr.

A key is a path without anything of this machine's user in it: below --tree relative to it, below
--tmp `tmp/<number>.<suffix>` by first use, of the system as it is, and any other `other/<number>`.
A size is what fstat said right after the open, so a file has the size that its reader saw.
"""

import argparse
import csv
import os
import pathlib
import re
import sys

# Programs whose reading counts. The drivers (g++, collect2) read little; what they start does.
PROGRAMS = re.compile(
    r"(cc1|cc1plus|lto1|as|ld|ld\.\w+|gold|collect2|(.*-)?(cc|c\+\+|gcc|g\+\+)(-\d+)?)$")
SYSTEM = ("/usr/", "/lib/", "/lib64/", "/etc/", "/bin/", "/opt/")

CALL = re.compile(
    r"(?P<time>\d+\.\d+) (?P<name>\w+)\((?P<args>.*)\) += (?P<result>\d+)(<(?P<path>.*)>)?")
STAT = re.compile(
    r'(?P<fd>\d+)<.*>(\(deleted\))?, ("", )?\{st_mode=S_IFREG\|\d+, st_size=(?P<size>\d+)')


def opens_of(file):
    """Yields (time in microseconds, path, size) of one process' opens for reading."""
    counts = False
    pending = {}  # descriptor -> (time, path) of an open whose size is not known yet
    for line in file.read_text(errors="replace").splitlines():
        call = CALL.match(line)
        if not call:
            continue
        if call["name"] == "execve":
            program = call["args"].split('"')[1]
            counts = bool(PROGRAMS.match(os.path.basename(program)))
        elif not counts:
            continue
        elif call["name"].startswith("open"):
            pending.pop(call["result"], None)
            if "O_RDONLY" in call["args"] and call["path"]:
                pending[call["result"]] = (int(call["time"].replace(".", "")), call["path"])
        elif stat := STAT.match(call["args"]):
            if stat["fd"] in pending:
                yield *pending.pop(stat["fd"]), int(stat["size"])


class Names:
    """Gives each path its key."""

    def __init__(self, tree, tmp):
        self._tree = os.path.realpath(tree) + "/"
        self._tmp = os.path.realpath(tmp) + "/"
        self._numbered = {}

    def key(self, path):
        if path.startswith(self._tree):
            return path.removeprefix(self._tree)
        if path.startswith(self._tmp):
            return self._number("tmp/", path)
        return path if path.startswith(SYSTEM) else self._number("other/", path)

    def _number(self, folder, path):
        number = self._numbered.setdefault(path, len(self._numbered) + 1)
        return f"{folder}{number}{pathlib.PurePath(path).suffix}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("calls", type=pathlib.Path)
    parser.add_argument("--tree", required=True)
    parser.add_argument("--tmp", required=True)
    options = parser.parse_args()

    opens = sorted(row for file in sorted(options.calls.iterdir()) for row in opens_of(file))
    names = Names(options.tree, options.tmp)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["time", "key", "size"])
    sizes = {}
    for time_us, path, size in opens:
        elapsed_us = time_us - opens[0][0]
        key = names.key(path)
        sizes[key] = size
        out.writerow([f"{elapsed_us // 1_000_000}.{elapsed_us % 1_000_000:06d}", key, size])
    print(f"{len(opens):,} requests, {len(sizes):,} keys, {sum(sizes.values()) / 2**20:,.1f} MiB "
          f"of distinct files, {sum(size for *_, size in opens) / 2**20:,.1f} MiB read",
          file=sys.stderr)


if __name__ == "__main__":
    main()
