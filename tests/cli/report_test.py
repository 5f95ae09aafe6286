"""`cachegauge report`: each format read back by a tool that is not ours, over real runs."""

import csv
import io
import json
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

from support import CommandTest, main, need_servers

WORKLOAD = "zipf:keys=1k,requests=20k,get=10,set=1"
# Debian's python3 has the package python3-prometheus-client; another one on the path has not.
DEBIAN_PYTHON = "/usr/bin/python3"
READ_OPENMETRICS = """
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
print(json.dumps([[f.name, f.type, f.documentation,
                   [[s.name, s.labels, s.value] for s in f.samples]]
                  for f in read(sys.stdin.read())]))
"""


READ_COLUMNS = """
import json, numpy, sys
print(json.dumps(numpy.loadtxt(sys.stdin, comments="#", skiprows=1, usecols=(0, 1, 2)).tolist()))
"""
COMMONMARK = "{http://commonmark.org/xml/1.0}"


def debian_python_has(module):
    if not shutil.which(DEBIAN_PYTHON):
        return False
    command = [DEBIAN_PYTHON, "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True).returncode == 0


class ReportTest(CommandTest):
    adapters = ("lru:entries=100", "s3fifo:entries=100")
    flags = ("--repeat", "2", "--origin", "2ms", "--interval", "1ms")

    def setUp(self):
        super().setUp()
        self.json = self.report(WORKLOAD, *self.adapters, *self.flags)
        self.path = self.write("r.json", json.dumps(self.json))

    def change(self, **fields):
        self.json.update(fields)
        self.path = self.write("r.json", json.dumps(self.json))

    def show(self, *args):
        return self.run_program("report", self.path, *args).stdout

    def by_repetition(self):
        return {(r["id"], r["repetition"]): r for r in self.json["results"]}


class Text(ReportTest):
    def test_shows_what_the_run_showed(self):
        printed = self.run_program("run", WORKLOAD, *self.adapters, *self.flags, "--out",
                                   "again.json")
        shown = self.run_program("report", "again.json").stdout
        # The first lines of a run describe the workload, the last one names the file.
        table, finding = printed.stdout.split("\n\n", 1)[1].rsplit("\nreport: ", 1)[0], shown
        for line in table.splitlines():
            self.assertIn(line, finding)
        self.assertIn("hit ratio over time\n", shown)
        # An interval in which the machine stood still is a gap.
        self.assertRegex(shown, "\n  lru:entries=100 +[▁▂▃▄▅▆▇█ ]+ "
                                "[0-9.]+% to [0-9.]+% in [0-9.]+ m?s\n")

    def test_several_reports_stand_under_their_names(self):
        other = self.write("other.json", json.dumps(self.json))
        shown = self.run_program("report", self.path, other).stdout
        self.assertIn(f"== {self.path}\n", shown)
        self.assertIn(f"== {other}\n", shown)

    def test_says_first_what_there_is_to_know(self):
        self.change(interrupted=True, warnings=["the machine was busy"])
        self.assertTrue(self.show().startswith("read with care: interrupted, 1 warning"))
        markdown = self.show("--markdown")
        self.assertIn("> **Read with care: interrupted, 1 warning", markdown.split("| adapter")[0])
        self.assertIn("> - warning: the machine was busy\n", markdown)


class Markdown(ReportTest):
    def test_its_tables_are_whole_and_nothing_from_outside_is_markup(self):
        self.change(warnings=["<script>alert(1)</script> | @someone `x` [a](b)"])
        markdown = self.show("--markdown")
        self.assertNotIn("<script", markdown)
        self.assertNotIn("@someone", markdown)
        self.assertIn(r"\[a\](b)", markdown)
        tables = re.findall(r"(?:^\|.*\n)+", markdown, re.M)
        self.assertEqual(len(tables), 2)
        for table in tables:
            rows = [row.count(" | ") for row in table.splitlines()]
            self.assertEqual(len(rows), 4)
            self.assertEqual(len(set(rows)), 1)
        hit_ratio = self.json["summaries"][0]["metrics"]["hit_ratio"]["median"]
        self.assertIn(f"{hit_ratio:.2%}", tables[0])


    @unittest.skipUnless(shutil.which("cmark-gfm"), "no cmark-gfm")
    def test_githubs_reader_finds_its_tables_and_no_markup_from_outside(self):
        self.change(warnings=["<script>alert(1)</script> | @someone `x` [a](http://b) *c*"])
        done = subprocess.run(["cmark-gfm", "--extension", "table", "--to", "xml"], check=True,
                              input=self.show("--markdown"), capture_output=True, text=True)
        root = ElementTree.fromstring(done.stdout)
        for name in ("link", "image", "html_inline", "code_block", "emph"):
            self.assertEqual(list(root.iter(COMMONMARK + name)), [], name)
        ours = re.compile(r"<details><summary>[\w ,]+</summary>\n|</details>\n")
        for block in root.iter(COMMONMARK + "html_block"):
            self.assertRegex(block.text, ours)
        text = "".join(root.itertext())
        self.assertIn("<script>alert(1)</script> | ", text)
        tables = [[["".join(cell.itertext()) for cell in row] for row in table]
                  for table in root.iter(COMMONMARK + "table")]
        self.assertEqual(len(tables), 2)
        for metrics in (summary["metrics"] for summary in self.json["summaries"]):
            rows = [row for row in tables[0] if f"{metrics['hit_ratio']['median']:.2%}" in row[1]]
            self.assertEqual(len(rows), 1)


class Csv(ReportTest):
    def test_pythons_reader_finds_each_figure(self):
        self.json["results"][0]["warnings"] = ['a "quoted", one\nin two lines']
        self.json["results"][0]["flags"] = ["still_warming", "client_bound"]
        self.change()
        rows = list(csv.DictReader(io.StringIO(self.show("--csv")), strict=True))
        self.assertEqual(len(rows), 4)
        results = self.by_repetition()
        for row in rows:
            result = results[row["id"], int(row["repetition"])]
            self.assertEqual(int(row["hits"]), result["hits"])
            self.assertEqual(float(row["hit_ratio"]), result["hit_ratio"])
            self.assertEqual(float(row["throughput_rps"]), result["throughput_rps"])
            self.assertEqual(int(row["response_time_ns.get.p99"]),
                             result["response_time_ns"]["get"]["p99"])
            self.assertEqual(row["report_interrupted"], "false")
        self.assertIn('a "quoted", one\nin two lines', rows[0]["warnings"])
        self.assertEqual(rows[0]["flags"], "still_warming; client_bound")


class JUnit(ReportTest):
    def read(self):
        path = self.folder / "junit.xml"
        self.show(f"--junit={path}", "--force")
        if shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", path], check=True)
        return ElementTree.parse(path).getroot()

    def test_a_case_for_each_result(self):
        root = self.read()
        self.assertEqual(root.tag, "testsuites")
        (suite,) = root
        self.assertEqual({k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")},
                         {"tests": "4", "failures": "0", "errors": "0", "skipped": "0"})
        self.assertEqual({case.get("name") for case in suite.iter("testcase")},
                         {f"{r['id']} #{r['repetition']}" for r in self.json["results"]})

    def test_what_went_wrong_is_not_green(self):
        self.json["results"][0]["failure"] = 'the <server> "died" & \x1b[31m\ufffe'
        self.json["results"][1]["interrupted"] = True
        self.change(interrupted=True, warnings=["busy"])
        (suite,) = self.read()
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("errors")),
                         ("5", "1", "2"))
        self.assertEqual(suite.find(".//failure").get("message"), 'the <server> "died" & ?[31m?')
        properties = [(p.get("name"), p.get("value")) for p in suite.iter("property")]
        self.assertEqual(properties[0], ("interrupted", "true"))
        self.assertIn(("warning", "busy"), properties)


class OpenMetrics(ReportTest):
    def test_promtool_has_nothing_to_say(self):
        if not shutil.which("promtool"):
            self.skipTest("no promtool (apt-get install --no-install-recommends prometheus)")
        done = subprocess.run(["promtool", "check", "metrics"], input=self.show("--openmetrics"),
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    @unittest.skipUnless(debian_python_has("prometheus_client.openmetrics.parser"),
                         "no python3-prometheus-client")
    def test_prometheus_parser_finds_each_figure(self):
        self.change(interrupted=True, warnings=['a "quoted" \\ one\nin two lines'])
        text = self.show("--openmetrics")
        done = subprocess.run([DEBIAN_PYTHON, "-c", READ_OPENMETRICS], input=text, check=True,
                              capture_output=True, text=True)
        families = {name: (kind, help_, samples) for name, kind, help_, samples
                    in json.loads(done.stdout)}
        self.assertIn("read with care: interrupted, 1 warning",
                      families["cachegauge_report_info"][1])
        self.assertEqual(families["cachegauge_report_interrupted"][2][0][2], 1)
        texts = [labels["text"] for _, labels, _ in families["cachegauge_report_hazard_info"][2]]
        self.assertIn('a "quoted" \\ one?in two lines', texts)
        hits = sorted(value for _, _, value in families["cachegauge_hits"][2])
        self.assertEqual(hits, sorted(r["hits"] for r in self.json["results"]))
        p99 = [value for name, labels, value in families["cachegauge_response_time_seconds"][2]
               if labels.get("quantile") == "0.99" and labels["op"] == "get"]
        expected = [r["response_time_ns"]["get"]["p99"] / 1e9 for r in self.json["results"]]
        for found, wanted in zip(sorted(p99), sorted(expected), strict=True):
            self.assertAlmostEqual(found, wanted, delta=wanted * 1e-12)


class Hgrm(ReportTest):
    def sections(self):
        """{"id timing": [(value, percentile, count)]}."""
        found, lines = {}, None
        for line in self.show("--hgrm").splitlines():
            if heading := re.fullmatch(r"# (\S+/\S+) (\S+)", line):
                lines = found.setdefault(f"{heading[1]} {heading[2]}", [])
            elif line and not line.startswith("#") and "Percentile" not in line:
                value, percentile, count, *_ = line.split()
                lines.append((float(value), float(percentile), int(count)))
        return found

    def test_percentiles_are_those_of_the_json(self):
        self.json["results"] = [r for r in self.json["results"] if r["repetition"] == 1]
        self.change()
        sections = self.sections()
        compared = 0
        for result in self.json["results"]:
            for op, timing in result["response_time_ns"].items():
                if timing is None:
                    continue
                lines = sections[f"{result['id']} response_time_ns.{op}"]
                self.assertEqual(lines[-1], (timing["max"], 1.0, timing["count"]))
                self.assertEqual(lines, sorted(lines))
                for name, percentile in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
                    at = max(i for i, line in enumerate(lines) if line[1] <= percentile)
                    low, high = lines[at][0] * 0.99, lines[min(at + 1, len(lines) - 1)][0] * 1.01
                    self.assertTrue(low <= timing[name] <= high, (op, name, low, high))
                    compared += 1
        self.assertGreaterEqual(compared, 12)

    @unittest.skipUnless(debian_python_has("numpy"), "no python3-numpy")
    def test_numpy_reads_the_columns_of_each_part(self):
        whole = self.show("--hgrm")
        parts = re.findall(r"^# (\S+/\S+) (\S+)\n(.*?)^#\[Mean", whole, re.M | re.S)
        self.assertGreaterEqual(len(parts), 4)
        results = {}
        for result in self.json["results"]:
            results.setdefault(result["id"], []).append(result)
        for cell, timing, part in parts:
            done = subprocess.run([DEBIAN_PYTHON, "-c", READ_COLUMNS], input=part, check=True,
                                  capture_output=True, text=True)
            rows = json.loads(done.stdout)
            self.assertEqual(rows, sorted(rows))
            most, share, count = rows[-1]
            self.assertEqual(share, 1)
            time, _, op = timing.partition(".")
            of = [r[time][op] if op else r[time] for r in results[cell]]
            self.assertEqual(count, sum(figures["count"] for figures in of if figures))
            self.assertEqual(most, max(figures["max"] for figures in of if figures))

    def test_says_first_what_there_is_to_know(self):
        self.change(interrupted=True)
        self.assertEqual(self.show("--hgrm").splitlines()[1],
                         "# interrupted: what was measured until then")


class GoogleBenchmark(ReportTest):
    FIELDS = {"name": str, "run_name": str, "run_type": str, "iterations": int, "real_time": float,
              "cpu_time": float, "time_unit": str, "repetition_index": int, "threads": int}

    def test_has_what_compare_py_reads(self):
        self.json["results"][0]["failure"] = "the server died"
        self.change(interrupted=True)
        report = json.loads(self.show("--gbench"))
        self.assertEqual(report["context"]["num_cpus"], self.json["context"]["cores"])
        self.assertIn("interrupted", report["context"]["cachegauge_read_with_care"][0])
        for benchmark in report["benchmarks"]:
            for field, kind in self.FIELDS.items():
                self.assertIsInstance(benchmark[field], kind, field)
        failed = [b for b in report["benchmarks"] if b.get("error_occurred")]
        self.assertEqual([b["error_message"] for b in failed], ["the server died"])
        results = self.by_repetition()
        for benchmark in report["benchmarks"]:
            if benchmark.get("error_occurred") or not benchmark["name"].endswith("/get"):
                continue
            result = results[benchmark["name"][:-4], benchmark["repetition_index"] + 1]
            self.assertEqual(benchmark["iterations"], result["gets"])
            self.assertEqual(benchmark["real_time"], result["response_time_ns"]["get"]["mean"])
            self.assertEqual(benchmark["hit_ratio"], result["hit_ratio"])


    def test_compare_py_compares_two(self):
        for name in ("a", "b"):
            self.show(f"--gbench={name}.json")
        both = self.compare_py("benchmarks", self.folder / "a.json", self.folder / "b.json")
        for result in self.json["results"]:
            for op in ("get", "set"):
                self.assertRegex(both, rf"{re.escape(result['id'])}/{op} +\+0\.0000")


class Custom(ReportTest):
    def test_lists_of_named_figures(self):
        metrics = {s["id"]: s["metrics"] for s in self.json["summaries"]}
        self.change(interrupted=True)
        for flag, expected in (
                ("--custom-bigger", {"hit_ratio", "byte_hit_ratio", "throughput_rps"}),
                ("--custom-smaller", {"memory.bytes_per_item", "response_time_ns.get.mean",
                                      "service_time_ns.get.p50", "service_time_ns.get.p99"})):
            entries = json.loads(self.show(flag))
            found = set()
            for entry in entries:
                self.assertEqual(set(entry), {"name", "unit", "value", "range", "extra"})
                cell, metric = entry["name"].rsplit(" ", 1)
                self.assertEqual(entry["value"], metrics[cell][metric]["median"])
                self.assertIn("read with care: interrupted", entry["extra"])
                found.add(metric)
            self.assertEqual(found, expected)
            self.assertEqual(len(entries), 2 * len(expected))


@need_servers("redis-server")
class WithARealServer(ReportTest):
    adapters = ("lru:entries=100", "redis:maxmemory=4MiB")
    flags = ()

    def test_every_format_takes_it(self):
        listed = self.run_program("list", "reports").stdout
        for name in re.findall(r"^  ([\w-]+) +(?! |not built)", listed, re.M):
            self.assertIn("redis", self.show(f"--{name}"), name)
        self.assertGreaterEqual(listed.count("\n"), 10)


class Page(CommandTest):
    def test_run_writes_the_page_that_report_makes_of_its_report(self):
        self.run_program("run", "zipf:keys=100,requests=1k", "lru:entries=10", "--out", "page.html",
                         "--html", "page.html", "--force", exit_code=2)
        self.run_program("run", "zipf:keys=100,requests=1k", "lru:entries=10", "--out", "r.json",
                         "--html", "page.html")
        page = (self.folder / "page.html").read_text()
        self.run_program("report", "r.json", "--html", "page.html", "--force")
        again = (self.folder / "page.html").read_text()
        self.assertEqual(page.replace('"name":"page.html"', '"name":"r.json"'), again)


class BadInput(CommandTest):
    def setUp(self):
        super().setUp()
        self.report("sequential:keys=10,requests=100", "unbounded")
        (self.path,) = self.folder.glob("report-*.json")

    def error(self, *args, exit_code=1):
        done = self.run_program("report", *args, exit_code=exit_code)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_files_that_are_no_reports(self):
        text = self.path.read_text()
        newer = dict(json.loads(text), schema_version=2)
        for name, content, expected in (
                ("empty.json", "", "the file is empty"),
                ("cut.json", text[:2000], "the report is cut short here"),
                ("foreign.json", '{"scores": []}', "kind: is missing"),
                ("binary.json", bytes(range(256)), "binary.json:1:1: this is no report"),
                ("newer.json", json.dumps(newer), "schema_version: is 2"),
                ("nan.json", text.replace('"hits": ', '"hits": NaN, "was": '), "nan.json:"),
                ("histogram.json", text.replace('"histogram": "', '"histogram": "A'),
                 "histogram: text that is not base64")):
            self.assertIn(expected, self.error(self.write(name, content)))
        self.assertIn("there is no such file", self.error("missing.json", exit_code=2))
        with open(self.folder / "huge.json", "wb") as file:
            file.truncate(500 << 20)
        self.assertIn("huge.json: larger than 128 MiB", self.error("huge.json"))

    def test_flags(self):
        self.assertIn('unknown flag of report "--cvs"'.replace("--", ""),
                      self.error(self.path, "--cvs", exit_code=2))
        self.assertIn("only one format can go to stdout",
                      self.error(self.path, "--csv", "--junit", exit_code=2))
        self.assertIn("expected a report", self.error("--csv", exit_code=2))

    def test_an_output_is_checked_before_anything_is_read(self):
        self.assertIn("/nowhere", self.error("missing.json", "--csv=/nowhere/a.csv", exit_code=2))
        self.write("a.csv", "mine")
        self.assertIn("--force", self.error(self.path, "--csv=a.csv", exit_code=2))
        self.run_program("report", self.path, "--csv", "--out", "a.csv", "--force")
        self.assertIn("hit_ratio", (self.folder / "a.csv").read_text())

    def test_a_format_takes_a_file_that_ends_like_its_own(self):
        self.run_program("report", "--csv", "a.csv", self.path)
        self.assertIn("hit_ratio", (self.folder / "a.csv").read_text())
        self.assertIn("there is no such file", self.error(self.path, "--csv", "b.md", exit_code=2))

    def test_several_formats_at_once(self):
        self.run_program("report", self.path, "--csv=a.csv", "--junit=b.xml", "--markdown")
        self.assertTrue((self.folder / "a.csv").exists() and (self.folder / "b.xml").exists())


if __name__ == "__main__":
    main()
