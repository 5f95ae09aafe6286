#!/usr/bin/env python3
"""usage: readers.py [--rounds N] [--quick]

Traces are read faster than any cache answers: requests a second out of a csv of three columns with
text keys, and out of oracleGeneral records, from the page cache on one core, before anything is
hashed or interned.

Needs the target `read_rate` of the release preset, or READ_RATE naming it. The traces are written to
a temporary folder first, 160 MB of each; every round reads each once, in an order drawn anew.
"""

import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import bench

CSV_ROWS, CSV_LEAST, CSV_AIM = 6_000_000, 20e6, 50e6
RECORDS, RECORDS_LEAST = 20_000_000, 200e6
BLOCK = 100_000  # rows that are made once and written again and again


def program():
    path = os.environ.get("READ_RATE") or str(bench.ROOT / "build/release/scripts/bench/read_rate")
    if not shutil.which(path):
        sys.exit(f"no program at {path}: cmake --preset release && cmake --build --preset release "
                 "--target read_rate, or set READ_RATE")
    return path


def csv_rows(rng):
    return "".join(f"{1_700_000_000 + i // 1000},user:{rng.randrange(1_000_000)},"
                   f"{rng.randrange(10, 5000)}\n" for i in range(BLOCK)).encode()


def records(rng):
    return b"".join(struct.pack("<IQIq", 1_700_000_000 + i // 1000, rng.randrange(1_000_000),
                                rng.randrange(10, 5000), -1) for i in range(BLOCK))


def write(path, header, block, rows):
    with open(path, "wb") as file:
        file.write(header)
        for _ in range(rows // BLOCK):
            file.write(block)


def main():
    options = bench.parse_arguments(__doc__, rounds=9, quick_rounds=3)
    rng = random.Random(1)
    share = 10 if options.quick else 1
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        traces = {"csv": f"{folder}/t.csv", "oraclegeneral": f"{folder}/t.oracleGeneral"}
        write(traces["csv"], b"time,key,size\n", csv_rows(rng), CSV_ROWS // share)
        write(traces["oraclegeneral"], b"", records(rng), RECORDS // share)
        rates = {name: [] for name in traces}
        for number in range(1, options.rounds + 1):
            bench.progress(f"round {number} of {options.rounds}")
            for name in rng.sample(list(traces), len(traces)):
                printed = subprocess.run([program(), traces[name]], check=True, text=True,
                                         capture_output=True).stdout
                rates[name].append(float(printed))
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    print(f"# load {load}; {options.rounds} rounds, median (lowest..highest)")
    bounds = bench.Bounds()
    millions = "{:,.0f}".format
    bounds.check("csv, three columns, text keys: rows/s", rates["csv"], millions, low=CSV_LEAST,
                 aim=CSV_AIM)
    bounds.check("oraclegeneral: records/s", rates["oraclegeneral"], millions, low=RECORDS_LEAST)
    bounds.exit()


if __name__ == "__main__":
    main()
