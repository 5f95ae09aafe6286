"""Instructions per request: `run --instructions`, and the gate's class count."""

import json
import os
import pathlib
import shutil
import unittest

from gate_support import GateTest, Repository
from support import BINARY, REQUIRE_SERVERS, SANITIZED, main

PLUGINS = pathlib.Path(BINARY).parent
SLOWED = (f"plugin:path={PLUGINS}/tests/plugin/libraries/slowed.so,"
          f"inner={PLUGINS}/plugins/wrapped_lru.so,entries=100,work=")
FEW_REQUESTS = "2k"
WORKLOAD = "zipf:keys=1k,requests=10k"
COUNT = {"schema": 1, "rules": [{"match": "*/instructions_per_request", "class": "count"}]}
ALIKE = 0.001

needs_valgrind = unittest.skipIf(
    SANITIZED or (not shutil.which("valgrind") and not REQUIRE_SERVERS),
    "valgrind does not run a sanitized build" if SANITIZED else "no valgrind on PATH")


class Run(GateTest):
    def count(self, *args, **kwargs):
        return self.report(WORKLOAD, *args, "--instructions", FEW_REQUESTS, **kwargs)

    @needs_valgrind
    def test_the_warm_up_is_not_among_them_nor_the_environment(self):
        counts = []
        for name, bytes_there in ("alike", 16), ("heavier", 60_000):
            path = self.folder / f"{name}.csv"
            path.write_text("key,size\n" + "".join(
                f"{row % 100},{bytes_there if row < 2000 else 16}\n" for row in range(4000)))
            report = self.report(path, "null", "--instructions", FEW_REQUESTS, "--skip-floors",
                                 env={**os.environ, "PADDING": "x" * bytes_there})
            counts.append(report["results"][0]["instructions_per_request"])
        self.assertLess(abs(counts[1] / counts[0] - 1), 0.02)

    @needs_valgrind
    def test_they_are_those_of_the_code(self):
        report = self.count("null", "lru:entries=100", "--repeat", "2", "--skip-floors")
        self.assertIsNone(report["context"]["null_floor_ns"])
        null, lru = ([r["instructions_per_request"] for r in report["results"]
                      if r["adapter"]["kind"] == kind] for kind in ("null", "lru"))
        self.assertEqual((null[0], lru[0]), (null[1], lru[1]))
        self.assertGreater(lru[0], null[0] + 50)
        summaries = {s["id"].split("/")[1]: s["metrics"] for s in report["summaries"]}
        self.assertEqual(summaries["null"]["instructions_per_request"]["median"], null[0])
        again, = self.count("lru:entries=100", "--skip-floors",
                            env={**os.environ, "PADDING": "x" * 5000})["results"]
        self.assertLess(abs(again["instructions_per_request"] / lru[0] - 1), ALIKE)

    def test_real_time_cannot_be_counted_and_says_so(self):
        result, = self.count("lru:entries=100", "--time", "real")["results"]
        self.assertIsNone(result["instructions_per_request"])
        self.assertIn("instructions are counted in virtual time, and this ran in real time",
                      result["warnings"])

    @unittest.skipIf(SANITIZED, "it is refused before valgrind is looked for")
    def test_without_valgrind_the_remedy_is_told(self):
        stderr = self.run_program("run", WORKLOAD, "lru:entries=100", "--instructions", "1k",
                                  exit_code=1, env={**os.environ, "PATH": "/nowhere"}).stderr
        self.assertIn("there is none on PATH: apt-get install valgrind", stderr)

    @unittest.skipUnless(SANITIZED, "of sanitized builds")
    def test_a_sanitized_build_is_refused(self):
        stderr = self.run_program("run", WORKLOAD, "lru:entries=100", "--instructions", "1k",
                                  exit_code=1).stderr
        self.assertIn("was built with sanitizers, which valgrind cannot run", stderr)


@needs_valgrind
class Interleaved(GateTest):
    def turns(self, candidate, **kwargs):
        return self.verdict("--interleave", "--baseline-spec", SLOWED + "0", "--candidate-spec",
                            SLOWED + candidate, "--workload", WORKLOAD, "--rules",
                            self.rules(COUNT), "--count-requests", FEW_REQUESTS, **kwargs)

    def test_the_same_adapter_passes_without_a_round(self):
        _, verdict = self.turns("0")
        finding, = verdict["findings"]
        self.assertLess(abs(finding["change"]), ALIKE)
        self.assertLess(abs(finding["again_high"]), ALIKE)
        self.assertEqual((verdict["outcome"], verdict["rounds"]), ("pass", 0))

    def test_a_few_instructions_more_are_a_regression(self):
        text, verdict = self.turns("3000", exit_code=3)
        finding, = verdict["findings"]
        self.assertGreater(finding["change"], 0.005)
        self.assertLess(finding["change"], 0.05)
        self.assertIn("/instructions_per_request: ", text)
        self.assertIn("differs by more than the tolerance of 0.005", text)


@needs_valgrind
class Against(Repository):
    def program(self, turns):
        """A shell that counts to as many turns for each request."""
        return f"i=0; while [ $i -lt $((CACHEGAUGE_REQUESTS * {turns})) ]; do i=$((i + 1)); done\n"

    def count(self, *args, command=". ./program.sh", **kwargs):
        """Without another program to start: valgrind begins anew with each."""
        rules = self.folder / ".git" / "rules.json"
        rules.write_text(json.dumps(COUNT))
        return self.gate("--against", "old", "--count", command, "--count-requests", "50",
                         "--rules", rules, *args, env=self.env, **kwargs)

    def test_a_version_that_takes_more_is_a_regression(self):
        self.begin("program.sh", self.program(50))
        self.commit("program.sh", self.program(51))
        self.assertRegex(self.count(exit_code=3).stdout,
                         r"count/instructions_per_request: \S+ -> \S+ \(\+[12]\.\d\d%\)")
        self.assertEqual(self.left_behind(), [])

    def test_one_that_takes_as_many_passes(self):
        self.begin("program.sh", "CACHEGAUGE_REQUESTS=$1\n" + self.program(50))
        self.commit("README", "words")
        self.assertIn("pass: 1 of 1", self.count(command="sh program.sh {requests}").stdout)

    def test_one_that_leaves_it_to_chance_is_inconclusive(self):
        self.begin("program.sh", "echo >>calls\n"
                   "CACHEGAUGE_REQUESTS=$((CACHEGAUGE_REQUESTS * $(wc -l <calls)))\n"
                   + self.program(5))
        self.commit("README", "words")
        self.assertIn("identical code differs", self.count(exit_code=4).stdout)

    def test_what_goes_wrong_is_told(self):
        self.begin("program.sh", "exit 3")
        self.assertIn("the run of the baseline under valgrind ended with exit code 3",
                      self.count(exit_code=1).stderr)
        self.commit("program.sh", "true")
        self.git("tag", "--force", "old")
        self.assertIn("let it carry out as many as {requests}", self.count(exit_code=1).stderr)


if __name__ == "__main__":
    main()
