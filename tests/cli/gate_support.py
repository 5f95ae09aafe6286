"""What the tests of `cachegauge gate` share."""

import json
import os
import subprocess

from support import CommandTest

WORKLOAD = "zipf:keys=1k,requests=20k"
# As few rounds as there can be, so that a test takes seconds.
FEW = {"rounds": 20, "confirm": 1}


class GateTest(CommandTest):
    def gate(self, *args, exit_code=0, **kwargs):
        return self.run_program("gate", *args, exit_code=exit_code, **kwargs)

    def rules(self, rules, name="rules.json"):
        return self.write(name, json.dumps(rules))

    def measure(self, name, *args, workload=WORKLOAD, exit_code=0):
        self.run_program("run", workload, *args, "--out", name, "--force", exit_code=exit_code)
        return str(self.folder / name)

    def verdict(self, *args, exit_code=0, **kwargs):
        """What was printed, and the JSON."""
        out = self.folder / "verdict.json"
        done = self.gate(*args, "--out", out, "--force", exit_code=exit_code, **kwargs)
        return done.stdout, json.loads(out.read_text())


class Repository(GateTest):
    """A repository of a user's, whose TMPDIR is its own."""

    def setUp(self):
        super().setUp()
        self.temporary = self.folder / ".git" / "temporary"
        self.env = {**os.environ, "TMPDIR": str(self.temporary)}
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "t")
        self.git("config", "user.email", "t@example.org")
        self.temporary.mkdir()

    def begin(self, name, text):
        """The first commit, which the tag `old` names."""
        self.commit(name, text)
        self.git("tag", "old")

    def git(self, *args):
        subprocess.run(["git", *args], cwd=self.folder, check=True, capture_output=True)

    def commit(self, name, text):
        self.write(name, text)
        self.git("add", name)
        self.git("commit", "--quiet", "--message", f"Change {name}")

    def left_behind(self):
        listed = subprocess.run(["git", "worktree", "list"], cwd=self.folder, text=True,
                                capture_output=True, check=True).stdout
        return listed.splitlines()[1:] + list(self.temporary.iterdir())
