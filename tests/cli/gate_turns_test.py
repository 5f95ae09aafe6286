"""`cachegauge gate`: adapters and versions measured in turns."""

import json
import os
import signal
import subprocess
import time

from gate_support import FEW, WORKLOAD, GateTest, Repository
from support import BINARY, SANITIZED, main


class Interleaved(GateTest):
    requests = "2k" if SANITIZED else "5k"

    def turns(self, baseline, candidate, *args, min_effect, **kwargs):
        # What has to be ruled out is large, or a busy machine would take all of the budget.
        defaults = dict(FEW, min_effect=min_effect, detect=1.2)
        rules = self.rules({"schema": 1, "defaults": defaults, "rules": [
            {"match": "*/throughput_rps", "class": "time"},
            {"match": "*/corrupt", "class": "bound", "max": 0}]})
        return self.verdict("--interleave", "--budget", "30m", "--baseline-spec", baseline, "--candidate-spec",
                            candidate, "--workload", "zipf:keys=1k,requests=" + self.requests,
                            "--rules", rules, *args, **kwargs)

    def test_the_same_adapter_passes(self):
        text, verdict = self.turns("lru:entries=100", "lru:entries=100", min_effect=0.6)
        self.assertEqual(verdict["outcome"], "pass")
        self.assertEqual({f["samples"] for f in verdict["findings"]},
                         {verdict["rounds"], verdict["confirming_rounds"] or verdict["rounds"]})
        self.assertIn("pass: 2 of 2", text)

    def test_one_several_times_as_slow_is_a_confirmed_regression(self):
        text, verdict = self.turns("null", "lfu:entries=100", "--all-as-get", min_effect=0.05,
                                   exit_code=3)
        finding = next(f for f in verdict["findings"] if f["metric"] == "throughput_rps")
        self.assertTrue(finding["confirmed"])
        self.assertEqual(finding["samples"], verdict["confirming_rounds"])
        self.assertGreaterEqual(verdict["confirming_rounds"], 20)  # more, where there is noise
        self.assertLess(finding["change_high"], -0.05)
        self.assertIn("/lfu:entries=100/", finding["id"])
        self.assertIn(f"over {finding['samples']} paired rounds that confirm a suspicion", text)
        self.assertIn("--baseline-spec null --candidate-spec lfu:entries=100", text)

    def test_a_budget_too_short_is_told_after_one_round(self):
        started = time.monotonic()
        stderr = self.gate("--interleave", "--baseline-spec", "lru:entries=9", "--candidate-spec",
                           "lru:entries=9", "--workload", WORKLOAD, "--budget", "1ms",
                           exit_code=2).stderr
        self.assertIn("have no room in --budget", stderr)
        self.assertLess(time.monotonic() - started, 60)

    def test_what_run_refuses_is_told_with_its_words(self):
        stderr = self.gate("--interleave", "--baseline-spec", "lru:entries=9", "--candidate-spec",
                           "lur", "--workload", WORKLOAD, exit_code=2).stderr
        self.assertIn('unknown adapter "lur"', stderr)


class Against(Repository):
    """A repository whose program writes what the commit says."""

    def setUp(self):
        super().setUp()
        self.begin("measure.sh", self.program(100))

    @staticmethod
    def program(ns):
        return f"""test -f built || exit 9
printf '{{"kind": "run", "schema_version": 1, "results": [{{"id": "parser", "ns": {ns}}}]}}' >"$1"
"""

    def against(self, *args, run="sh measure.sh {out}", build="touch built", **kwargs):
        rules = self.folder / ".git" / "rules.json"
        rules.write_text(json.dumps({"schema": 1, "defaults": FEW,
                                     "rules": [{"match": "parser/ns", "class": "time"}]}))
        return self.gate("--against", "old", "--build", build, "--run", run, "--rules", rules,
                         *args, env=self.env, **kwargs)

    def test_a_slower_commit_is_a_regression(self):
        self.commit("measure.sh", self.program(103))
        done = self.against("--out", "/dev/stderr", exit_code=3)
        self.assertIn("regression: parser/ns: 100 -> 103 (+3.00%, +3.00% to +3.00%) over 20 paired "
                      "rounds", done.stdout)
        verdict = json.loads(done.stderr)
        self.assertRegex(verdict["baseline"], r"^old \([0-9a-f]{12}\)$")
        self.assertEqual(self.left_behind(), [])

    def test_the_same_speed_passes_and_uncommitted_changes_are_told(self):
        self.write("measure.sh", "exit 1")
        done = self.against(run='sh measure.sh "$CACHEGAUGE_OUT"')
        self.assertIn("pass: 1 of 1", done.stdout)
        self.assertIn("the candidate is HEAD, without them", done.stdout)
        self.assertEqual((self.folder / "measure.sh").read_text(), "exit 1")

    def test_what_goes_wrong_is_told(self):
        for kwargs, expected in (
                ({"run": "echo oh no; exit 7"}, "ended with exit code 7 and said:\noh no"),
                ({"run": "true"}, "wrote no report"),
                ({"run": "echo garbage >{out}"}, "this is no report"),
                ({"run": ": >{out}"}, "the file is empty"),
                ({"run": "kill -SEGV $$"}, "was ended by signal 11"),
                ({"build": "echo no compiler; exit 2"}, "--build of the baseline ended with exit "
                                                        "code 2 and said:\nno compiler")):
            self.assertIn(expected, self.against(exit_code=1, **kwargs).stderr)
        stderr = self.gate("--against", "nowhere", "--run", "true", exit_code=2).stderr
        self.assertIn('there is no commit "nowhere"', stderr)
        self.assertEqual(self.left_behind(), [])

    def test_a_run_that_hangs_is_ended_with_all_it_started(self):
        started = time.monotonic()
        stderr = self.against("--run-timeout", "500ms", run="sleep 600 & echo $! >{out}; wait",
                              exit_code=1).stderr
        self.assertIn("did not end within 500 ms", stderr)
        self.assertLess(time.monotonic() - started, 60)

    def test_ctrl_c_leaves_nothing(self):
        rules = self.folder / ".git" / "r.json"
        rules.write_text(json.dumps({"schema": 1, "rules": [{"match": "*/ns", "class": "time"}]}))
        process = subprocess.Popen(
            [BINARY, "gate", "--against", "old", "--rules", rules, "--run",
             "touch $(git rev-parse --git-common-dir)/started; sleep 600"], cwd=self.folder,
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        marker = self.folder / ".git" / "started"
        deadline = time.monotonic() + 60
        while not marker.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(marker.exists())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("interrupted: ", out)
        self.assertEqual(self.left_behind(), [])


if __name__ == "__main__":
    main()
