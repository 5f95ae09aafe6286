"""`cachegauge report` of simulations, profiles and stampedes, read back by tools not ours."""

import csv
import io
import json
import re
import shutil
import subprocess
import unittest

from report_test import DEBIAN_PYTHON, READ_OPENMETRICS, debian_python_has
from support import CommandTest, main

WORKLOAD = "zipf:keys=1k,requests=20k,rate=1000"
SIMULATE = ("simulate", WORKLOAD, "--policy", "lru,s3fifo,belady",
            "--size", "1%,10%,8KiB", "--curve", "lru,sieve", "--series", "5k", "--origin", "5ms")
PROFILE = ("profile", WORKLOAD, "--origin", "50ms", "--cache-rtt",
           "500us", "--price", "gib-month=2,origin-call=0.00001")
STAMPEDE = ("stampede", "redis", "--guard", "none,token-lock,swr", "--rate", "1000", "--origin",
            "50ms", "--episodes", "10", "--simulate")
FLUSH = ("stampede", "redis", "--guard", "token-lock:ttl=20ms", "--rate", "2000", "--origin", "50ms",
         "--scenario", "flush:keys=20", "--fault", "dies-before", "--episodes", "3", "--simulate")
COMMANDS = {"simulate": SIMULATE, "profile": PROFILE, "stampede": STAMPEDE}


class SizingReport(CommandTest):
    def made(self, command, *args):
        """The report, its path, and what was printed when it was made."""
        path = self.folder / f"{command[0]}.json"
        printed = self.run_program(*command, *args, "--out", path, "--force").stdout
        return json.loads(path.read_text()), path, printed.rsplit("report: ", 1)[0]

    def show(self, path, *args, **kwargs):
        return self.run_program("report", path, *args, **kwargs).stdout

    def rows(self, *args):
        return list(csv.DictReader(io.StringIO(self.show(*args, "--csv")), strict=True))


class Text(SizingReport):
    def test_shows_what_the_command_showed(self):
        for command in (*COMMANDS.values(), FLUSH,
                        ("simulate", WORKLOAD, "--curve", "lru,sieve", "--curve-by", "bytes"),
                        ("simulate", WORKLOAD, "--policy", "lru", "--size", "10%", "--sample", "50%")):
            with self.subTest(command):
                _, path, printed = self.made(command)
                shown = self.show(path)
                if shown.startswith("read with care: "):
                    self.assertIn("\nwarning: ", printed)
                    shown = shown.split("\n\n", 1)[1]
                self.assertEqual(shown, printed)

    def test_stands_beside_reports_of_other_kinds(self):
        self.report("zipf:keys=100,requests=1k", "lru:entries=10")
        (run,) = self.folder.glob("report-*.json")
        _, simulation, _ = self.made(SIMULATE)
        shown = self.show(simulation, run)
        for part in (f"== {simulation}\n", f"== {run}\n", "hit ratio", "not measured: "):
            self.assertIn(part, shown)
        rows = self.rows(simulation, run)
        self.assertEqual({row["report"] for row in rows}, {str(simulation), str(run)})
        self.assertEqual({row["adapter"] for row in rows}, {"", "lru:entries=10"})


class Markdown(SizingReport):
    def test_its_tables_are_whole_and_nothing_from_outside_is_markup(self):
        for name, command in COMMANDS.items():
            report, path, _ = self.made(command)
            report["warnings"] = ["<script>alert(1)</script> | @someone `x` [a](b)"]
            if "workload" in report:
                report["workload"]["label"] = "<b>|*x*"
            else:
                report["results"][0]["guard"] = report["results"][0]["scenario"] = "<b>|*x*"
            self.write(path.name, json.dumps(report))
            markdown = self.show(path, "--markdown")
            self.assertIn("> **Read with care: 1 warning**\n", markdown)
            self.assertNotRegex(markdown, "<script|@someone|<b>")
            tables = re.findall(r"(?:^\|.*\n)+", markdown, re.M)
            self.assertEqual(len(tables), {"simulate": 4, "profile": 1, "stampede": 2}[name], markdown)
            for table in tables:
                columns = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
                self.assertEqual(len(set(columns)), 1, table)


class Csv(SizingReport):
    def test_pythons_reader_finds_each_figure_of_a_simulation(self):
        report, path, _ = self.made(SIMULATE)
        rows = self.rows(path)
        points = [(curve, point) for curve in report["curves"] for point in curve["points"]]
        self.assertEqual(len(rows), len(report["results"]) + len(report["curves"]) + len(points))
        for row, result in zip(rows, report["results"]):
            self.assertEqual((row["id"], row["policy"], row["size"]),
                             (result["id"], result["policy"], result["size"]))
            self.assertEqual(int(row["hits"]), result["hits"])
            self.assertEqual(float(row["miss_ratio"]), result["miss_ratio"])
            self.assertEqual(float(row["mean_response_ns"]), result["mean_response_ns"])
            self.assertEqual(row["capacity.objects"], str(result["capacity"]["objects"] or ""))
            self.assertEqual(row["report_interrupted"], "false")
        of_points = [row for row in rows[len(report["results"]):] if row["size"]]
        for row, (curve, point) in zip(of_points, points, strict=True):
            self.assertEqual((row["id"], int(row["size"]), int(row["misses"])),
                             (curve["id"], point["size"], point["misses"]))
            self.assertEqual(float(row["miss_ratio"]), point["miss_ratio"])
        knees = [int(row["knee"]) for row in rows if row["knee"]]
        self.assertEqual(knees, [curve["knee"] for curve in report["curves"] if curve["knee"]])
        self.assertNotEqual(knees, [])

    def test_pythons_reader_finds_the_figures_of_a_profile(self):
        report, path, _ = self.made(PROFILE)
        (traffic,) = report["results"]
        whole, *candidates = self.rows(path)
        self.assertEqual(float(whole["popularity.zipf.alpha"]),
                         traffic["popularity"]["zipf"]["alpha"])
        self.assertEqual(int(whole["ops.get"]), traffic["ops"]["get"])
        self.assertEqual(float(whole["reuse.time_s.p99"]), traffic["reuse"]["time_s"]["p99"])
        self.assertEqual(whole["verdict.policy"], report["verdict"]["policy"])
        self.assertEqual(int(whole["verdict.size.objects"]), report["verdict"]["size"]["objects"])
        for row, candidate in zip(candidates, report["verdict"]["candidates"], strict=True):
            self.assertEqual((row["id"], row["candidate"]), (traffic["id"], candidate["name"]))
            self.assertEqual(float(row["candidate.p99_ns"]), candidate["p99_ns"])
            self.assertEqual(row["candidate.pays"], "1")


    def test_pythons_reader_finds_the_figures_of_a_stampede(self):
        for command in (STAMPEDE, FLUSH):
            report, path, _ = self.made(command)
            report["results"][0]["flags"] = ["rate_missed", "cut_short"]
            report["results"][0]["warnings"] = ["one", "two"]
            self.write(path.name, json.dumps(report))
            rows = self.rows(path)
            for row, result in zip(rows, report["results"], strict=True):
                self.assertEqual((row["id"], row["guard"], row["adapter.spec"]),
                                 (result["id"], result["guard"], "redis"))
                self.assertEqual(float(row["origin_calls_per_expiry"]),
                                 result["origin_calls_per_expiry"])
                self.assertEqual(int(row["response_time_ns.in_window.p99"]),
                                 result["response_time_ns"]["in_window"]["p99"])
                self.assertEqual(float(row["achieved.rate"]), result["achieved"]["rate"])
            self.assertEqual(rows[0]["flags"], "rate_missed; cut_short")
            self.assertEqual(rows[0]["warnings"], "one; two")
            self.assertFalse([name for name in rows[0] if "histogram" in name])


class OpenMetrics(SizingReport):
    def test_promtool_has_nothing_to_say(self):
        if not shutil.which("promtool"):
            self.skipTest("no promtool (apt-get install --no-install-recommends prometheus)")
        for command in (*COMMANDS.values(), FLUSH):
            _, path, _ = self.made(command)
            done = subprocess.run(["promtool", "check", "metrics"], capture_output=True, text=True,
                                  input=self.show(path, "--openmetrics"))
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    @unittest.skipUnless(debian_python_has("prometheus_client.openmetrics.parser"),
                         "no python3-prometheus-client")
    def test_prometheus_parser_finds_each_figure(self):
        simulation, simulation_path, _ = self.made(SIMULATE)
        profile, profile_path, _ = self.made(PROFILE)
        stampede, stampede_path, _ = self.made(STAMPEDE)
        text = self.show(simulation_path, profile_path, stampede_path, "--openmetrics")
        done = subprocess.run([DEBIAN_PYTHON, "-c", READ_OPENMETRICS], input=text, check=True,
                              capture_output=True, text=True)
        samples = {}
        for name, _, _, found in json.loads(done.stdout):
            samples[name] = [(labels, value) for _, labels, value in found]

        def value_of(name, **labels):
            (value,) = [value for found, value in samples[name]
                        if labels.items() <= found.items()]
            return value

        for result in simulation["results"]:
            labels = {"id": result["id"], "policy": result["policy"], "size": result["size"]}
            self.assertEqual(value_of("cachegauge_hits", **labels), result["hits"])
            self.assertAlmostEqual(value_of("cachegauge_mean_response_seconds", **labels),
                                   result["mean_response_ns"] / 1e9)
        for curve in simulation["curves"]:
            for point in curve["points"]:
                self.assertEqual(value_of("cachegauge_miss_ratio", id=curve["id"],
                                          size=str(point["size"])), point["miss_ratio"])
        for result in stampede["results"]:
            labels = {"id": result["id"], "guard": result["guard"], "time": "virtual"}
            self.assertEqual(value_of("cachegauge_origin_calls_per_expiry", **labels),
                             result["origin_calls_per_expiry"])
            self.assertAlmostEqual(value_of("cachegauge_response_time_in_window_p99_seconds",
                                            **labels),
                                   result["response_time_ns"]["in_window"]["p99"] / 1e9)
            self.assertAlmostEqual(value_of("cachegauge_episode_window_seconds", **labels),
                                   result["episode"]["window_ms"] / 1e3)
        (traffic,) = profile["results"]
        self.assertAlmostEqual(value_of("cachegauge_reuse_time_p99_seconds", id=traffic["id"]),
                               traffic["reuse"]["time_s"]["p99"])
        self.assertEqual(value_of("cachegauge_verdict_monthly_cost_with_in_all", id=traffic["id"]),
                         profile["verdict"]["monthly_cost_with"]["total"])


class BadInput(SizingReport):
    def test_formats_that_have_no_place_for_it_say_which_do(self):
        for name, command in COMMANDS.items():
            _, path, _ = self.made(command)
            for flag in ("--junit", "--hgrm", "--gbench", "--custom-smaller", "--custom-bigger"):
                done = self.run_program("report", path, flag, exit_code=2)
                self.assertIn(f'this is a report of kind "{name}", which {flag} does not show; '
                              "these do: --text, --markdown, --html, --csv, --openmetrics",
                              done.stderr)
                self.assertEqual(done.stdout, "")

    def test_a_report_that_was_changed_is_refused_with_the_place(self):
        report, path, _ = self.made(SIMULATE)
        report["results"][2]["misses"] += 1
        self.write(path.name, json.dumps(report))
        done = self.run_program("report", path, exit_code=1)
        self.assertIn("simulate.json: results[2].gets: is ", done.stderr)

    def test_other_kinds_are_named(self):
        report, path, _ = self.made(SIMULATE)
        self.write(path.name, json.dumps(report | {"kind": "gate"}))
        done = self.run_program("report", path, exit_code=1)
        self.assertIn('of kind "gate", and only those of kind "run", "simulate", "profile", '
                      '"stampede" can be read', done.stderr)


if __name__ == "__main__":
    main()
