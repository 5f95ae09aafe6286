"""`cachegauge run --guard`: what guards do to a whole trace, what is reported, and what is refused."""

import json
import pathlib
import subprocess
import unittest

from support import CommandTest, main, need_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Eight clients ask for twenty keys that live for 100 ms, ten times as long as the origin takes.
HOT = ("zipf:keys=20,requests=3k,ttl=100ms,arrival=poisson,rate=2000", "--origin", "10ms")
VIRTUAL = ("--time", "virtual", "--clients", "8")


class RunGuard(CommandTest):
    def guarded(self, adapter, guard, *args):
        return self.report(*HOT[:1], adapter, *HOT[1:], "--guard", guard, *args)["results"][0]


class InVirtualTime(RunGuard):
    def test_each_guard_spares_the_origin(self):
        none = self.guarded("lru:entries=100", "none", *VIRTUAL)
        self.assertIsNone(none["guard_counts"])
        for guard in ("singleflight", "lock", "add-lock", "swr", "refresh-ahead",
                      "jitter:spread=20%+singleflight"):
            r = self.guarded("lru:entries=100", guard, *VIRTUAL)
            self.assertEqual(r["guard"], guard)
            self.assertEqual(r["id"].split("/")[3], guard)
            self.assertEqual(r["gets"], 3000)
            self.assertEqual(r["hits"] + r["misses"], 3000)
            self.assertEqual((r["corrupt"], r["unverifiable"], r["errors"]), (0, 0, 0))
            self.assertLess(r["origin"]["calls"], none["origin"]["calls"], guard)
            self.assertEqual(r["fill_count"], r["origin"]["calls"])

    def test_the_same_seed_gives_the_same_counts(self):
        def counts(seed):
            r = self.guarded("lru:entries=100", "jitter+swr", *VIRTUAL, "--seed", seed)
            return r["hits"], r["origin"]["calls"], r["guard_counts"]
        self.assertEqual(counts(1), counts(1))
        self.assertNotEqual(counts(1), counts(2))

    def test_the_report_fits_its_schema_and_is_read_again(self):
        report = self.report(*HOT[:1], "lru:entries=100", *HOT[1:], "--guard", "swr", *VIRTUAL)
        path = self.write("again.json", json.dumps(report))
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/run.schema.json", path], capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)
        self.assertIn("served", self.run_program("report", path, "--text").stdout)
        csv = self.run_program("report", path, "--csv").stdout
        self.assertIn("guard_counts.stale_served", csv)
        stale = report["results"][0]["guard_counts"]["stale_served"]
        self.assertGreater(stale, 0)
        summary = report["summaries"][0]["metrics"]["guard_counts.stale_served"]
        self.assertEqual(summary["median"], stale)


class OnServers(RunGuard):
    def check(self, adapter, *guards):
        for guard in guards:
            r = self.guarded(adapter, guard, "--clients", "8")
            self.assertEqual(r["hits"] + r["misses"], 3000, guard)
            self.assertEqual((r["corrupt"], r["unverifiable"], r["errors"]), (0, 0, 0), guard)
            self.assertGreater(r["hits"], 0)
            self.assertGreaterEqual(r["response_time_ns"]["get_miss"]["min"], 0)

    @need_servers("redis-server")
    def test_redis(self):
        self.check("redis", "redlock:servers=3,poll=1ms", "singleflight", "token-lock:poll=1ms", "lease:poll=1ms", "swr",
                   "xfetch-lock")

    @need_servers("memcached")
    def test_memcached(self):
        self.check("memcached", "add-lock:poll=1ms", "lease:poll=1ms")

    @need_servers("redis-server")
    def test_an_open_loop(self):
        r = self.guarded("redis", "singleflight", "--speed", "1")
        self.assertEqual(r["hits"] + r["misses"], 3000)
        self.assertGreater(r["guard_counts"]["waited"], 0)


class Refused(RunGuard):
    def refusal(self, *args):
        return self.run_program("run", *args, exit_code=2).stderr

    def test_what_cannot_be(self):
        small = "zipf:keys=9,requests=9"
        for args, text in (
                ((small, "sqlite", "--guard", "lease"), "sqlite cannot carry out the guard lease"),
                ((small, "lru:entries=9", "--guard", "token-lock"), "add-lock does without"),
                ((small, "lru:entries=9", "--guard", "nonne"), "did you mean none"),
                ((small, "lru:entries=9", "--guard", "swr", "--fills", "none"),
                 "give --fills on-miss"),
                ((small, "lru:entries=9", "--guard", "prewarm"), "--preload sets each key")):
            self.assertIn(text, self.refusal(*args))

    def test_what_is_run_with_a_warning(self):
        printed = self.run_program("run", "zipf:keys=9,requests=90", "lru:entries=9", "--guard",
                                   "swr").stdout
        self.assertIn("without an --origin a load takes no time", printed)
        self.assertIn("no request of the workload has a TTL, so the guard swr", printed)
        printed = self.run_program("run", *HOT[:1], "lru:entries=9", *HOT[1:], "--guard",
                                   "add-lock:ttl=5ms").stdout
        self.assertIn("it ends under its holder", printed)


if __name__ == "__main__":
    main()
