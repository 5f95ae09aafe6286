"""What the tests of `cachegauge run --fault` share."""

import json
import os
import pathlib
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from support import SANITIZED, CommandTest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A second and a half on an open loop, so that what a fault holds up shows in full.
REAL = ("--rate", "500", "--arrival", "constant", "--clients", "4", "--interval", "50ms",
        "--max-errors", "50%", "--skip-floors")
AT_A_TIME = 3 if SANITIZED else 5  # such runs: they wait for most of their time


def strike_with(fault):
    """On a busy machine a command may take long by itself: only what stands still is given up."""
    return ("--fault", fault, "--timeout", "350ms" if fault.startswith("stall") else "5s")


def processes_of(folder):
    """Command lines of those that run in the folder, or were told that it is TMPDIR."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            told = b"\0" + (process / "environ").read_bytes()
            is_there = os.readlink(process / "cwd").startswith(str(folder))
            if is_there or f"\0TMPDIR={folder}\0".encode() in told:
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


class Faults(CommandTest):
    def fault(self, *args, **kwargs):
        """The one result of a run, and its one fault."""
        result = self.report(*args, **kwargs)["results"][0]
        self.assertEqual(len(result["faults"]), 1)
        return result, result["faults"][0]

    def tearDown(self):
        """All reports of a test at once: the checker takes longer to start than to check."""
        reports = sorted(self.folder.rglob("report*.json"))
        if not reports:
            return
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/run.schema.json", *reports], capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)

    def check_sums(self, result, fault):
        """Of one fault alone, the stretches hold every request, once."""
        stretches = [fault[name] for name in ("before", "during", "after")]
        self.assertEqual(sum(s["gets"] for s in stretches), result["gets"])
        self.assertEqual(sum(s["hits"] for s in stretches), result["hits"])
        self.assertEqual(sum(s["errors"] for s in stretches), result["errors"])
        self.assertEqual(sum(s["origin_calls"] for s in stretches), result["origin"]["calls"])
        self.assertEqual(sum(s["failed_requests"] for s in stretches),
                         result["cache_errors"]["failed_requests"])


class FaultRuns(Faults):
    """Of runs in real time."""

    def run_each(self, runs, **environment):
        """Results by name, of runs side by side: each is to leave nothing behind."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            done = {name: pool.submit(self.run_alone, args, **environment)
                    for name, args in runs.items()}
        return {name: future.result() for name, future in done.items()}

    def run_alone(self, args, **environment):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        for part in (self.folder, folder):  # servers have theirs there, and may be another user's
            part.chmod(0o755)
        path = folder / "report.json"
        self.run_program("run", *args, "--out", path,
                         env={**os.environ, "TMPDIR": str(folder), **environment})
        self.assertEqual(processes_of(folder), [], args)
        self.assertEqual([p.name for p in folder.iterdir() if p != path], [], args)
        return json.loads(path.read_text())["results"][0]
