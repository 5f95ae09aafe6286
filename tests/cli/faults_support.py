"""What the tests of `cachegauge run --fault` share."""

import pathlib
import subprocess

from support import CommandTest

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
