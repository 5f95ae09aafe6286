"""What the tests of `cachegauge stampede` share."""

import json

from support import CommandTest


class Stampede(CommandTest):
    def stampede(self, *args, **kwargs):
        """Results by guard, and what was printed."""
        out = self.folder / f"report-{len(list(self.folder.iterdir()))}.json"
        done = self.run_program("stampede", *args, "--out", out, **kwargs)
        self.path = out
        self.report = json.loads(out.read_text())
        return {r["guard"]: r for r in self.report["results"]}, done.stdout

    def refusal(self, *args):
        return self.run_program("stampede", *args, exit_code=2).stderr
