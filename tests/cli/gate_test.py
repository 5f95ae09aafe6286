"""`cachegauge gate`: real reports against baselines, and bad input."""

import json
import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

from gate_support import WORKLOAD, GateTest
from support import BINARY, main

EXACT = {"schema": 1, "rules": [{"match": "*/hits", "class": "exact"},
                                {"match": "*/evictions", "class": "exact"}]}
# Debian's python3 has the package python3-jsonschema; another one on the path has not.
DEBIAN_PYTHON = "/usr/bin/python3"
SCHEMAS = pathlib.Path(__file__).parents[2] / "reports" / "schema"
VALIDATE = """
import json, jsonschema, sys
schema, report = (json.load(open(path)) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(report)
for field in report:
    rest = {name: value for name, value in report.items() if name != field}
    assert not jsonschema.Draft202012Validator(schema).is_valid(rest), field
"""


class Stored(GateTest):
    def test_the_same_run_twice_passes_the_default_rules(self):
        a = self.measure("a.json", "lru:entries=100", "fifo:entries=100")
        b = self.measure("b.json", "lru:entries=100", "fifo:entries=100")
        text, verdict = self.verdict("--baseline", a, "--candidate", b)
        self.assertTrue(text.splitlines()[-1].startswith("pass: "), text)
        exact = {(f["id"].split("/")[1], f["metric"]) for f in verdict["findings"]
                 if verdict["rules"][f["rule"]]["class"] == "exact"}
        for metric in ("hits", "misses", "evictions", "origin.calls", "memory.bytes_per_item"):
            self.assertIn(("lru:entries=100", metric), exact)
            self.assertIn(("fifo:entries=100", metric), exact)
        times = [f for f in verdict["findings"]
                 if verdict["rules"][f["rule"]]["class"] == "time"]
        self.assertEqual(len(times), 6)
        self.assertTrue(all(f["advisory"] and not f["decides"] for f in times))

    def test_a_smaller_cache_is_a_regression_that_says_how_to_see_it(self):
        a = self.measure("a.json", "lru", "--memory", "100KiB")
        b = self.measure("b.json", "lru", "--memory", "80KiB")
        hits = [json.loads(pathlib.Path(p).read_text())["results"][0]["hits"] for p in (a, b)]
        text, verdict = self.verdict("--baseline", a, "--candidate", b, "--rules",
                                     self.rules(EXACT), exit_code=3)
        self.assertIn(f"/hits: {hits[0]:,} -> {hits[1]:,} (", text)
        self.assertIn("were taken with different flags", text)
        self.assertEqual(verdict["outcome"], "regression")
        self.assertEqual([f["candidate"] for f in verdict["findings"] if f["metric"] == "hits"],
                         [hits[1]])
        command = verdict["reproduce"]
        self.assertEqual(command, f"cachegauge run {WORKLOAD} lru --memory 80KiB")
        again = subprocess.run(command.replace("cachegauge", BINARY, 1) + " --out again.json",
                               shell=True, cwd=self.folder, capture_output=True)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(json.loads((self.folder / "again.json").read_text())["results"][0]["hits"],
                         hits[1])

    def test_a_baseline_is_small_sorted_and_does_not_change_by_itself(self):
        rules = self.rules(EXACT)
        texts = []
        for _ in range(2):
            now = self.measure("now.json", "s3fifo:entries=100", "lru:entries=100")
            done = self.gate("--candidate", now, "--baseline", "base.json", "--rules", rules,
                             "--update-baseline")
            self.assertEqual(done.stdout, f"baseline: base.json, 4 figures of 2 results of {now}\n")
            texts.append((self.folder / "base.json").read_text())
        self.assertEqual(texts[0], texts[1])
        self.assertLess(len(texts[0]), 1200)
        baseline = json.loads(texts[0])
        ids = [r["id"] for r in baseline["results"]]
        self.assertEqual(ids, sorted(ids))
        for result in baseline["results"]:
            self.assertEqual(list(result), sorted(result))
            self.assertEqual(len(result["workload"]["fingerprint"]), 16)
        self.assertEqual(len(baseline["experiment_hash"]), 16)
        self.gate("--baseline", "base.json", "--candidate", now, "--rules", rules)
        self.gate("--baseline", "base.json", "--candidate", now, "--rules", rules)
        worse = self.measure("worse.json", "s3fifo:entries=90", "lru:entries=100")
        stderr = self.gate("--baseline", "base.json", "--candidate", worse, "--rules", rules,
                           exit_code=1).stderr
        self.assertIn("is missing or null", stderr)

    def test_a_simulation_is_gated_too(self):
        for name, size in (("a.json", "100"), ("b.json", "100")):
            self.run_program("simulate", WORKLOAD, "--policy", "lru,arc", "--size", size, "--out",
                             name)
        self.gate("--baseline", "a.json", "--candidate", "b.json", "--rules", self.rules(EXACT))
        report = json.loads((self.folder / "b.json").read_text())
        report["results"][1]["hits"] -= 1
        self.write("b.json", json.dumps(report))
        text, _ = self.verdict("--baseline", "a.json", "--candidate", "b.json", exit_code=3)
        self.assertIn(f"next: cachegauge simulate ", text)
        self.assertIn("--policy arc --size 100", text)

    def test_bounds_need_no_baseline(self):
        now = self.measure("now.json", "lru:entries=100")
        ratio = json.loads(pathlib.Path(now).read_text())["results"][0]["hit_ratio"]
        for bound, code in ((ratio, 0), (ratio + 0.01, 3)):
            rules = self.rules({"schema": 1, "rules": [
                {"match": "*/hit_ratio", "class": "bound", "min": bound}]})
            self.gate("--candidate", now, "--rules", rules, exit_code=code)
        self.assertIn("--baseline is missing",
                      self.gate("--candidate", now, exit_code=2).stderr)

    def test_stochastic_rules_take_repetitions(self):
        rules = self.rules({"schema": 1, "rules": [{"match": "*/hits", "class": "stochastic"}]})
        six = self.measure("six.json", "random:entries=100", "--repeat", "6")
        self.gate("--baseline", six, "--candidate", six, "--rules", rules)
        fewer = self.measure("fewer.json", "random:entries=100", "--repeat", "6", "--memory",
                             "1GiB", "--seed", "7")
        self.gate("--baseline", six, "--candidate", fewer, "--rules", rules)
        one = self.measure("one.json", "random:entries=100")
        report = json.loads(pathlib.Path(one).read_text())
        report["results"][0]["hits"] //= 2
        halved = self.write("halved.json", json.dumps(report))
        text, _ = self.verdict("--baseline", one, "--candidate", halved, "--rules", rules,
                               exit_code=4)
        self.assertIn("take 6 or more on each side", text)

    def test_outputs_for_ci(self):
        a = self.measure("a.json", "lru:entries=100")
        report = json.loads(pathlib.Path(a).read_text())
        report["results"][0]["hits"] -= 1
        b = self.write("b.json", json.dumps(report))
        summary = self.write("summary.md", "before\n")
        env = {**os.environ, "GITHUB_STEP_SUMMARY": summary, "GITHUB_ACTIONS": "true"}
        done = self.gate("--baseline", a, "--candidate", b, "--rules", self.rules(EXACT), "--junit",
                         "j.xml", "--markdown", "m.md", "--out", "v.json", exit_code=3, env=env)
        suite = ElementTree.parse(self.folder / "j.xml").getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("errors")),
                         ("2", "1", "0"))
        self.assertEqual([c.get("name") for c in suite.findall("testcase")],
                         ["exact */hits", "exact */evictions"])
        markdown = (self.folder / "m.md").read_text()
        self.assertTrue(markdown.startswith("### cachegauge gate: regression"), markdown)
        self.assertEqual(pathlib.Path(summary).read_text(), "before\n" + markdown + "\n")
        self.assertRegex(done.stdout, r"\n::error title=cachegauge gate::zipf\S+/hits: ")
        alone = self.gate("--baseline", a, "--candidate", a, "--out", "-")
        self.assertEqual(json.loads(alone.stdout)["outcome"], "pass")
        self.assertIn("pass: ", alone.stderr)

    def test_what_is_written_fits_its_schema(self):
        if subprocess.run([DEBIAN_PYTHON, "-c", "import jsonschema"],
                          capture_output=True).returncode != 0:
            self.skipTest("no python3-jsonschema")
        now = self.measure("now.json", "lru:entries=100")
        rules = self.rules(EXACT)
        self.gate("--candidate", now, "--baseline", "base.json", "--rules", rules,
                  "--update-baseline")
        self.verdict("--candidate", now, "--baseline", now)
        for name, schema in (("verdict", "gate"), ("base", "baseline")):
            done = subprocess.run([DEBIAN_PYTHON, "-c", VALIDATE,
                                   SCHEMAS / f"{schema}.schema.json", f"{name}.json"],
                                  cwd=self.folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_strings_from_outside_are_shown_and_never_run(self):
        evil = "<script>alert(1)</script>|`x`](http://e) $(reboot)"
        def report(hits):
            return self.write(f"{hits}.json", json.dumps({
                "kind": "run", "schema_version": 1, "flags_to_repeat": "",
                "results": [{"id": evil, "hits": hits, "adapter": {"spec": evil},
                             "workload": {"given": evil}}]}))
        _, verdict = self.verdict("--baseline", report(2), "--candidate", report(1), "--rules",
                                  self.rules({"schema": 1, "rules": [
                                      {"match": "*/hits", "class": "exact"}]}),
                                  "--junit", "j.xml", "--markdown", "m.md", exit_code=3)
        self.assertEqual(verdict["reproduce"], f"cachegauge run '{evil}' '{evil}'")
        ElementTree.parse(self.folder / "j.xml")
        markdown = (self.folder / "m.md").read_text()
        self.assertNotIn("<script>", markdown)
        self.assertIn(r"\](http", markdown)


class BadInput(GateTest):
    def setUp(self):
        super().setUp()
        self.path = self.measure("r.json", "lru:entries=100")
        self.json = json.loads(pathlib.Path(self.path).read_text())

    def error(self, *args, exit_code=1):
        done = self.gate(*args, exit_code=exit_code)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_reports(self):
        text = pathlib.Path(self.path).read_text()
        failed = dict(self.json, results=[dict(self.json["results"][0], failure="it died")])
        for name, content, expected in (
                ("empty.json", "", "the file is empty"),
                ("cut.json", text[:2000], "the report is cut short here"),
                ("nan.json", text.replace('"misses": ', '"misses": NaN, "was": '), "not JSON"),
                ("newer.json", json.dumps(dict(self.json, schema_version=2)), "schema_version: is 2"),
                ("kind.json", json.dumps(dict(self.json, kind="profile")), 'kind "profile"'),
                ("none.json", json.dumps(dict(self.json, results=[])), "it has no results"),
                ("failed.json", json.dumps(failed), "failed: it died"),
                ("stopped.json", json.dumps(dict(self.json, interrupted=True)),
                 "the run was interrupted")):
            for side in ("--baseline", "--candidate"):
                args = {"--baseline": self.path, "--candidate": self.path,
                        side: self.write(name, content)}
                flags = [word for pair in args.items() for word in pair]
                self.assertIn(expected, self.error(*flags), name)
        with open(self.folder / "huge.json", "wb") as file:
            file.truncate(500 << 20)
        self.assertIn("larger than 128 MiB",
                      self.error("--baseline", "huge.json", "--candidate", self.path))
        traces = []
        for i in range(2):
            trace = self.write("t.csv", f"time,key,size\n0,a,1\n1,{'ab'[i]},1\n")
            traces.append(self.measure(f"trace{i}.json", "lru:entries=100", workload=trace))
        self.assertIn("carried out other requests",
                      self.error("--baseline", traces[0], "--candidate", traces[1]))
        self.assertIn("there is no such file", self.error("--baseline", "no.json", "--candidate",
                                                          self.path, exit_code=2))

    def test_rules(self):
        for rules, expected in (
                ({"schema": 1, "rules": [{"match": "*/hits", "class": "exact", "tolerence": 1}]},
                 "did you mean tolerance?"),
                ({"schema": 1, "rules": [{"match": "hits", "class": "exact"}]},
                 "can match nothing"),
                ({"schema": 1, "rules": [{"match": "*/a", "class": "bound", "min": 2, "max": 1}]},
                 "min 2 is above max 1"),
                ({"schema": 1, "rules": [{"match": "*/hit", "class": "exact"}]},
                 '"*/hit" matches nothing')):
            path = self.rules(rules)
            self.assertIn(expected, self.error("--baseline", self.path, "--candidate", self.path,
                                               "--rules", path, exit_code=2))
        self.assertIn("the rules cannot be opened",
                      self.error("--baseline", self.path, "--candidate", self.path, "--rules",
                                 "no.json", exit_code=2))
        printed = self.gate("--print-rules").stdout
        self.gate("--baseline", self.path, "--candidate", self.path, "--rules",
                  self.write("printed.json", printed))

    def test_flags(self):
        for args, expected in (
                (["now.json"], '"now.json" is none'),
                (["--baseline", "a.json"], "--candidate is missing"),
                (["--rounds", "30", "--candidate", "a"], "--rounds has no part in comparing"),
                (["--interleave", "--baseline-spec", "lru"], "--candidate-spec is missing"),
                (["--interleave", "--candidate", "a"], "--candidate has no part in --interleave"),
                (["--interleave", "--against", "main"], "give one of them"),
                (["--against", "main"], "--run is missing"),
                (["--candidate", "a", "--limit=5"], "taken with --interleave alone"),
                (["--interleave", "--rounds", "5"], "expected a number from 20"),
                (["--interleave", "--limit", "many"], "--limit: "),
                (["--candidate", "a", "--junit", "x", "--markdown", "x"], "for two outputs"),
                (["--basline", "a"], "did you mean baseline")):
            self.assertIn(expected, self.error(*args, exit_code=2), args)

    def test_a_password_on_the_command_line_is_refused(self):
        for args in (["--interleave", "--baseline-spec", "redis://:s3cret@h"],
                     ["--interleave", "--candidate-spec=redis://u:s3cret@h"]):
            stderr = self.error(*args, exit_code=2)
            self.assertIn("can be read by every user of this machine", stderr)
            self.assertNotIn("s3cret", stderr)
        stderr = self.run_program("run", WORKLOAD, "redis://:s3cret@h", exit_code=2).stderr
        self.assertIn("CACHEGAUGE_REDIS_PASSWORD", stderr)
        self.assertNotIn("s3cret", stderr)

    def test_an_output_is_checked_before_anything_is_read(self):
        for flag in ("--out", "--junit", "--markdown"):
            self.assertIn("/nowhere", self.error("--candidate", "no.json", "--baseline", "no.json",
                                                 flag, "/nowhere/x", exit_code=2))


if __name__ == "__main__":
    main()
