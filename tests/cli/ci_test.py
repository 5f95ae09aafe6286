"""docs/ci.md: the workflows' own steps, run by a shell as a CI server would, in a small repository."""

import json
import os
import pathlib
import re
import subprocess

from support import BINARY, SANITIZED, CommandTest, main

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "ci.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


def steps(workflow):
    """The texts under each `run: |` and `- |` that call cachegauge."""
    found = []
    for match in re.finditer(r"^( *)(?:run:|-) \|\n((?:\1 +.*\n|\n)+)", workflow, re.M):
        lines = match[2].splitlines()
        indent = min(len(line) - len(line.lstrip()) for line in lines if line)
        found.append("\n".join(line[indent:] for line in lines))
    return [step for step in found if re.search(r"^cachegauge ", step, re.M)]


class Workflows(CommandTest):
    def setUp(self):
        super().setUp()
        self.ci = self.folder / "ci"
        self.ci.mkdir()
        (self.folder / "bin").mkdir()
        os.symlink(BINARY, self.folder / "bin" / "cachegauge")
        self.env = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                    "BASE": "origin/main", "HOME": str(self.folder)}
        rows = "".join(f"{i},k{i * i % 997},100\n" for i in range(5000))
        (self.ci / "workload.csv").write_text("time,key,size\n" + rows)
        counts, times = (json.loads(block) for block in blocks("json"))
        times["defaults"] = {"rounds": 20, "confirm": 1, "min_effect": 0.6}
        times["rules"][0].pop("min_effect")
        (self.ci / "counts.json").write_text(json.dumps(counts))
        (self.ci / "times.json").write_text(json.dumps(times))
        self.script("build.sh", "true")
        self.script("measure.sh", f"cachegauge run zipf:keys=1k,requests="
                                  f"{'1k' if SANITIZED else '5k'} lru:entries=99 --out \"$1\"")
        (self.folder / ".gitignore").write_text("bin\nnow.json\n")

    def script(self, name, text):
        (self.ci / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.ci / name).chmod(0o755)

    def shell(self, text, exit_code=0):
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
                              cwd=self.folder, env=self.env, capture_output=True, text=True,
                              timeout=300)
        self.assertEqual(done.returncode, exit_code, f"{text}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def repository(self):
        self.shell(blocks("sh")[0])  # the baseline
        (self.folder / "now.json").unlink()
        self.shell("git init --quiet --initial-branch=main . && git add . && "
                   "git -c user.name=t -c user.email=t@example.org commit --quiet -m base && "
                   "git update-ref refs/remotes/origin/main HEAD && git remote add origin .")

    def test_each_step_passes_where_nothing_changed(self):
        self.repository()
        github, gitlab = (steps(workflow) for workflow in blocks("yaml"))
        self.assertEqual((len(github), len(gitlab)), (2, 2))
        for step in github:
            self.assertIn("\npass: ", "\n" + self.shell(step))
        for name in ("now.json", "gate-times.json", "gate-times.xml", "gate-counts.xml"):
            (self.folder / name).unlink()
        self.assertIn("\npass: ", "\n" + self.shell(gitlab[0]))
        self.assertTrue((self.folder / "gate-counts.md").exists())

    def test_a_changed_count_fails_the_step(self):
        self.repository()
        workload = self.ci / "baseline.json"
        baseline = json.loads(workload.read_text())
        baseline["results"][0]["hits"] += 1
        workload.write_text(json.dumps(baseline))
        for workflow in blocks("yaml"):
            self.assertIn("regression: ", self.shell(
                "rm -f now.json gate-counts.*\n" + steps(workflow)[0], exit_code=3))


if __name__ == "__main__":
    main()
