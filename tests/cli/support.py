"""Runs the program that CACHEGAUGE names, each time in a folder of its own."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = os.environ["CACHEGAUGE"]
TRACES = os.environ.get("CACHEGAUGE_TRACES")
SANITIZED = bool(os.environ.get("CACHEGAUGE_SANITIZE"))
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")
DEBIANS_PYTHON = "/usr/bin/python3"  # which has the modules that compare.py wants
REQUIRE_SERVERS = os.environ.get("REQUIRE_SERVERS") == "1"


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cg-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def run_program(self, *args, exit_code=0, timeout=300, **kwargs):
        done = subprocess.run([BINARY, *map(str, args)], cwd=self.folder, capture_output=True,
                              text=True, errors="replace", timeout=timeout, **kwargs)
        self.assertEqual(done.returncode, exit_code,
                         f"{args}\nstdout:\n{done.stdout}\nstderr:\n{done.stderr}")
        return done

    def report(self, *args, exit_code=0, timeout=300, **kwargs):
        """The JSON report of a run."""
        out = self.folder / f"report-{len(list(self.folder.iterdir()))}.json"
        self.run_program("run", *args, "--out", out, exit_code=exit_code, timeout=timeout,
                         **kwargs)
        return json.loads(out.read_text())

    def results(self, *args, **kwargs):
        """The results of a run by adapter spec."""
        return {r["adapter"]["spec"]: r for r in self.report(*args, **kwargs)["results"]}

    def compare_py(self, *args):
        """What Google Benchmark's compare.py says."""
        if not COMPARE.exists():
            self.skipTest("no compare.py: apt-get install libbenchmark-tools")
        done = subprocess.run([DEBIANS_PYTHON, COMPARE, "--no-color", *map(str, args)], check=False,
                              capture_output=True, text=True)
        if "No module named" in done.stderr:
            self.skipTest("compare.py needs python3-scipy")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


def need_servers(*names):
    missing = [name for name in names if not shutil.which(name)]
    if missing and REQUIRE_SERVERS:
        sys.exit(f"REQUIRE_SERVERS=1, and there is no {' '.join(missing)}")
    return unittest.skipIf(missing, f"no {' '.join(missing)} on PATH")


def need_origin(kind):
    """As need_servers(), of an origin that the program may have been built without."""
    listed = subprocess.run([BINARY, "list", "origins"], capture_output=True, text=True,
                            check=True).stdout
    there = f"  {kind:<14} not built" not in listed
    if kind == "postgres":
        there = there and pathlib.Path("/usr/lib/postgresql").exists()
    if not there and REQUIRE_SERVERS:
        sys.exit(f"REQUIRE_SERVERS=1, and there is no {kind}")
    return unittest.skipUnless(there, f"no {kind}")


def main():
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    if result.wasSuccessful() and result.skipped and len(result.skipped) == result.testsRun:
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)
