"""Patterns whose writes go to the origin, as a user meets them."""

import json
import pathlib
import subprocess
import unittest

from support import BINARY, CommandTest, main, need_origin

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOP = ROOT / "workloads" / "experiments" / "shop.json"
WRITES = "uniform:keys=200,requests=4k,get=3,set=1,rate=1000"


class Patterns(CommandTest):
    def result(self, workload, pattern, *flags):
        return self.report(workload, "lru:entries=10k", "--pattern", pattern, *flags)["results"][0]

    def test_each_says_what_it_does_to_the_origin(self):
        origin = ("--origin", "50ms", "--time", "virtual")
        by_pattern = {pattern: self.result(WRITES, pattern, *origin) for pattern in (
            "cache-aside:on-write=delete", "read-through", "write-through", "write-around",
            "write-behind:flush=500ms,batch=20")}
        for pattern, result in by_pattern.items():
            with self.subTest(pattern):
                figures = result["pattern_figures"]
                self.assertEqual(result["pattern"], pattern)
                self.assertEqual(result["fills"], "on-miss")
                self.assertEqual(figures["acknowledged_writes"], result["sets"])
                self.assertEqual(figures["write_response_ns"]["count"], result["sets"])
                self.assertEqual((figures["lost_writes"], figures["failed_writes"]), (0, 0))
        behind = by_pattern["write-behind:flush=500ms,batch=20"]
        self.assertLess(behind["pattern_figures"]["write_response_ns"]["max"], 40e6)
        self.assertLess(behind["pattern_figures"]["origin_write_calls"], behind["sets"] / 2)
        self.assertLessEqual(behind["pattern_figures"]["batch_rows"]["max"], 20)
        through = by_pattern["write-through"]
        self.assertGreaterEqual(through["pattern_figures"]["write_response_ns"]["min"], 50e6)
        around = by_pattern["write-around"]
        self.assertGreater(around["stale"], 0)
        self.assertEqual(around["stale"], around["pattern_figures"]["stale_age_ns"]["count"])
        self.assertGreater(around["pattern_figures"]["drifted_keys"], 0)
        for pattern, result in by_pattern.items():
            if pattern != "write-around":
                self.assertEqual((result["stale"], result["pattern_figures"]["drifted_keys"]),
                                 (0, 0), pattern)

    def test_without_a_word_writes_go_to_the_cache_alone(self):
        result = self.result(WRITES, "cache-aside", "--origin", "50ms")
        self.assertIsNone(result["pattern_figures"])
        self.assertEqual((result["fills"], result["pattern"]), ("in-trace", "cache-aside"))

    def test_the_table_and_the_other_formats_have_them(self):
        done = self.run_program("run", WRITES, "lru:entries=10k", "--origin", "50ms", "--time",
                                "virtual", "--pattern", "write-around", "--out", "r.json",
                                env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"})
        for heading in ("write", "stale", "drifted"):
            self.assertIn(heading, done.stdout)
        for form in ("--markdown", "--csv", "--openmetrics", "--html"):
            self.run_program("report", "r.json", f"{form}=out{form}")
            self.assertGreater((self.folder / ("out" + form)).stat().st_size, 100)

    @need_origin("sqlite")
    def test_a_real_origin_has_the_writes(self):
        workload = "uniform:keys=200,requests=2k,get=3,set=1"
        for pattern in ("write-through", "write-around", "write-behind:flush=20ms,batch=10"):
            with self.subTest(pattern):
                result = self.result(workload, pattern, "--origin", "sqlite", "--clients", "4")
                figures, own = result["pattern_figures"], result["origin"]
                self.assertEqual(own["statistics"]["rows_written"], figures["origin_writes"])
                self.assertEqual(own["statistics"]["rows_read"], own["calls"])
                self.assertEqual(figures["lost_writes"], 0)
                self.assertEqual(result["corrupt"], 0)

    @need_origin("sqlite")
    def test_cache_aside_writes_to_a_real_origin_and_deletes_the_copy(self):
        result = self.result("uniform:keys=200,requests=2k,get=3,set=1", "cache-aside", "--origin",
                             "sqlite", "--fills", "on-miss")
        self.assertEqual(result["pattern"], "cache-aside:on-write=delete")
        self.assertEqual(result["origin"]["statistics"]["rows_written"], result["sets"])
        self.assertEqual((result["stale"], result["pattern_figures"]["lost_writes"]), (0, 0))

    def check_schema(self, report):
        path = self.write("again.json", json.dumps(report))
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/run.schema.json", path], capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)
        self.run_program("report", path)

    def check_kill(self, origin):
        report = self.report("uniform:keys=300,requests=2M,get=0,set=1", "lru:entries=10k",
                             "--origin", origin, "--kill-at", "150ms", "--pattern",
                             "write-behind:flush=50ms,batch=20,queue=100", "--skip-floors")
        result = report["results"][0]
        figures = result["pattern_figures"]
        self.assertIn("was killed", result["failure"])
        self.assertGreaterEqual(figures["killed_at_ns"], 150e6)
        self.assertGreater(figures["acknowledged_writes"], figures["lost_writes"])
        self.assertGreater(figures["lost_writes"], 0)
        self.assertIsNone(figures["origin_writes"])
        for counted in ("gets", "sets", "errors", "throughput_rps"):
            self.assertIsNone(result[counted], counted)
        self.assertIsNone(result["origin"]["calls"])
        self.assertIn("not_counted", result["flags"])
        self.assertTrue(any("went with it" in w for w in result["warnings"]), result["warnings"])
        self.check_schema(report)

    @need_origin("sqlite")
    def test_a_killed_application_at_sqlite(self):
        self.check_kill("sqlite")

    @need_origin("postgres")
    def test_a_killed_application_at_a_private_postgres(self):
        self.folder.chmod(0o755)
        self.check_kill("postgres")

    def test_the_shop(self):
        report = self.report(SHOP)
        self.check_schema(report)
        self.assertEqual(len(report["results"]), 4)
        for result in report["results"]:
            figures = result["pattern_figures"]
            self.assertEqual(figures["lost_writes"], 0)
            self.assertGreater(figures["batch_rows"]["mean"], 5)
            self.assertGreater(figures["stale_share"], 0)
            self.assertLess(figures["origin_write_calls"], figures["acknowledged_writes"])
        self.assertEqual({result["id"].split("/")[0] for result in report["results"]},
                         {"shop-ttl-1m", "shop-ttl-5s"})
        minute, five_seconds = (next(r for r in report["results"] if ttl in r["workload"]["spec"]
                                     and r["adapter"]["spec"] == "lru")
                                for ttl in ("price.ttl=60s", "price.ttl=5s"))
        self.assertGreater(minute["stale"], 2 * five_seconds["stale"])
        self.assertGreater(five_seconds["origin"]["calls"], minute["origin"]["calls"])


class Refused(CommandTest):
    def refused(self, *args, workload=WRITES):
        return self.run_program("run", workload, "lru:entries=50", *args, exit_code=2).stderr

    def test_what_cannot_be_carried_out(self):
        for flags, reason, remedy in (
                (("--pattern", "write-behind"), "there is none", "--origin 50ms"),
                (("--pattern", "write-trough", "--origin", "1ms"), "write-trough", "write-through"),
                (("--pattern", "write-behind:ful=drop", "--origin", "1ms"), "ful", "full"),
                (("--pattern", "write-behind:batch=20,queue=10", "--origin", "1ms"),
                 "more than queue=10", "larger queue"),
                (("--pattern", "write-through", "--origin", "1ms", "--guard", "singleflight"),
                 "guards are for", "leave --guard out"),
                (("--pattern", "write-through", "--origin", "1ms", "--fills", "in-trace"),
                 "the application's writes", "--fills on-miss"),
                (("--pattern", "by-class:session.flush=1s", "--origin", "1ms"), "no pattern",
                 "session="),
                (("--pattern", "write-through", "--origin", "1ms", "--kill-at", "1s"),
                 "counts at the origin", "sqlite"),
                (("--kill-at", "1s"), "counts at the origin", "sqlite"),
                (("--origin", "sleep:latency=1ms,jitter.x=2ms"), "only latency has parts", "CLASS"),
        ):
            with self.subTest(flags):
                error = self.refused(*flags)
                self.assertIn(reason, error)
                self.assertIn(remedy, error)

    @need_origin("http")
    def test_a_service_is_not_written_to(self):
        error = self.refused("--pattern", "write-through", "--origin", "http://127.0.0.1:1/x")
        self.assertIn("which is not ours", error)
        self.assertIn("--all-as-get", error)

    def test_nothing_to_write_is_a_warning(self):
        report = self.report("zipf:keys=50,requests=500", "lru:entries=50", "--origin", "1ms",
                             "--time", "virtual", "--pattern", "write-around")
        self.assertTrue(any("no writes" in w for w in report["results"][0]["warnings"]))

    def test_classes_of_a_workload(self):
        for workload, reason in (("by-class", "expected a generator"),
                                 ("by-class:a=trace", "expected a generator"),
                                 ("by-class:a.keys=5", "no generator"),
                                 ("by-class:a=zipf,a.rate=5", "say it of the whole"),
                                 ("by-class:a=zipf,a.share=0", "above 0"),
                                 ("by-class:a=zipff", "zipf")):
            with self.subTest(workload):
                self.assertIn(reason, self.refused(workload=workload))


if __name__ == "__main__":
    main()
