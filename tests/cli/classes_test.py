"""Figures by class of key, as a user meets them."""

import json
import pathlib
import subprocess

from support import CommandTest, main, need_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOP = ROOT / "workloads" / "experiments" / "shop.json"
MIX = ("by-class:requests=8k,a=zipf,a.keys=300,a.get=3,a.set=1,b=uniform,b.keys=200,b.get=1,"
       "c=sequential,c.keys=4k,c.get=0,c.set=1")
SUMS = ("gets", "hits", "misses", "get_errors", "sets", "adds", "deletes", "stale")
PATTERN_SUMS = ("acknowledged_writes", "origin_writes", "origin_write_calls", "cache_writes",
                "unread_writes", "queue_reads", "stale_loads", "queued_at_end", "checked_keys",
                "drifted_keys", "lost_writes", "coalesced_writes")


class Classes(CommandTest):
    def check_sums(self, result):
        classes = result["classes"].values()
        for field in SUMS:
            self.assertEqual(sum(one[field] for one in classes), result[field], field)
        for field in ("calls", "errors"):
            self.assertEqual(sum(one["origin"][field] for one in classes),
                             result["origin"][field], field)
        for one in classes:
            self.assertEqual(one["requests"],
                             one["gets"] + one["sets"] + one["adds"] + one["deletes"])
        figures = result["pattern_figures"]
        for field in PATTERN_SUMS if figures else ():
            self.assertEqual(sum(one["pattern_figures"][field] for one in classes),
                             figures[field], field)

    def check_schema(self, report):
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/run.schema.json", self.write("r.json", json.dumps(report))],
            capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)

    def test_the_shop_compares_its_four_kinds_of_data(self):
        report = self.report(SHOP, "--repeat", 2)
        self.check_schema(report)
        for result in report["results"]:
            self.check_sums(result)
            classes = result["classes"]
            self.assertEqual(list(classes), ["product", "session", "event", "price"])
            self.assertEqual(classes["event"]["pattern"], "write-behind:flush=1s,batch=50")
            self.assertEqual(classes["price"]["pattern"], "write-around")
            stale = {name: one["pattern_figures"]["stale_share"] for name, one in classes.items()}
            self.assertEqual((stale["session"], stale["event"]), (0, None))
            self.assertGreater(stale["price"], 10 * stale["product"])
            self.assertIsNone(classes["event"]["hit_ratio"])
            writes = {name: one["response_time_ns"]["write"]["mean"]
                      for name, one in classes.items()}
            self.assertLess(writes["event"], 1e6)
            self.assertGreater(writes["session"], 100e6)
            batches = [name for name, one in classes.items()
                       if one["pattern_figures"]["batch_rows"]]
            self.assertEqual(batches, ["event"])
        for summary in report["summaries"]:
            ratios = [result["classes"]["product"]["hit_ratio"] for result in report["results"]
                      if result["id"] == summary["id"]]
            both = summary["metrics"]["classes.product.hit_ratio"]
            self.assertEqual((both["low"], both["high"], both["n"]),
                             (min(ratios), max(ratios), 2))

    def test_without_classes_there_are_none(self):
        report = self.report("zipf:keys=50,requests=500,get=3,set=1", "lru:entries=20", "--origin",
                             "1ms", "--pattern", "write-around", "--time", "virtual")
        self.assertIsNone(report["results"][0]["classes"])
        self.check_schema(report)

    def test_threads_add_up(self):
        report = self.report(MIX, "lru:entries=100", "--clients", 4, "--threads", 2, "--time",
                             "real", "--origin", "50us", "--pattern", "by-class:a=write-through,"
                             "c=write-behind,c.flush=10ms,c.batch=20")
        result = report["results"][0]
        self.check_sums(result)
        self.assertEqual({name: one["pattern"] for name, one in result["classes"].items()},
                         {"a": "write-through", "b": "cache-aside:on-write=delete",
                          "c": "write-behind:flush=10ms,batch=20"})

    def test_the_plain_cache_aside_has_them_too(self):
        for flags in ((), ("--fills", "on-miss", "--origin", "1ms", "--clients", 3, "--time",
                           "virtual"), ("--rate", 20000, "--guard", "singleflight", "--fills",
                                        "on-miss", "--origin", "100us"),
                      ("--warmup", 2000, "--preload")):
            with self.subTest(flags):
                result = self.report(MIX, "lru:entries=100", *flags)["results"][0]
                self.check_sums(result)
                self.assertEqual(list(result["classes"]), ["a", "b", "c"])
                self.assertEqual(result["classes"]["b"]["pattern"], "cache-aside")
                self.assertIsNone(result["classes"]["b"]["pattern_figures"])

    def test_keys_of_a_trace_have_classes_by_the_pattern(self):
        rows = "".join(f"{i}.0,{key},100,{op},0\n" for i, (key, op) in enumerate(
            [("user:1", "get"), ("user:1", "get"), ("cart:1", "set"), ("17", "get")] * 5))
        trace = self.write("t.csv", "time,key,size,op,ttl\n" + rows)
        result = self.report(trace, "lru:entries=10", "--origin", "5ms", "--time", "virtual",
                             "--pattern", "by-class:cart=write-through")["results"][0]
        self.check_sums(result)
        self.assertEqual({name: one["requests"] for name, one in result["classes"].items()},
                         {"cart": 5, "other": 15})

    @need_servers("redis-server")
    def test_a_server(self):
        result = self.report(MIX, "redis", "--clients", 4, "--pipeline", 4, "--fills", "on-miss",
                             "--origin", "100us")["results"][0]
        self.check_sums(result)
        for one in result["classes"].values():
            timed = sum(times["count"] for name, times in one["response_time_ns"].items()
                        if times and name != "all")
            self.assertEqual((timed, one["response_time_ns"]["all"]["count"]),
                             (one["requests"], one["requests"]))

    def test_the_table_and_the_other_formats_have_them(self):
        done = self.run_program("run", SHOP, "--out", "r.json",
                                env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"})
        self.assertIn("by class of key", done.stdout)
        for name in ("lru product", "lru session", "s3fifo event", "s3fifo price"):
            self.assertEqual(done.stdout.count(f"\n{name} "), 2, name)
        self.run_program("report", "r.json", "--markdown=out.md", "--csv=out.csv")
        self.assertIn("| lru product | cache-aside |", (self.folder / "out.md").read_text())
        heading = (self.folder / "out.csv").read_text().splitlines()[0].split(",")
        self.assertIn("classes.product.hit_ratio", heading)
        self.assertIn("classes.event.pattern_figures.lost_writes", heading)
        # The gate reads them by the same paths.
        rules = self.write("rules.json", json.dumps({"schema": 1, "rules": [
            {"match": "*/classes.product.hit_ratio", "class": "exact"}]}))
        self.run_program("gate", "--baseline", "r.json", "--candidate", "r.json", "--rules", rules)


if __name__ == "__main__":
    main()
