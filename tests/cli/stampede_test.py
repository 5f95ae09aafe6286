"""`cachegauge stampede`: simulated and real, what it reports, and what it refuses."""

import json
import math
import pathlib
import subprocess
import unittest

from support import SANITIZED, CommandTest, main, need_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOAD = ["--rate", "1000", "--origin", "50ms"]


class Stampede(CommandTest):
    def stampede(self, *args, **kwargs):
        """Results by guard, and what was printed."""
        out = self.folder / f"report-{len(list(self.folder.iterdir()))}.json"
        done = self.run_program("stampede", *args, "--out", out, **kwargs)
        self.path = out
        self.report = json.loads(out.read_text())
        return {r["guard"]: r for r in self.report["results"]}, done.stdout

    def refusal(self, *args):
        return self.run_program("stampede", *args, exit_code=2).stderr


class Simulated(Stampede):
    GUARDS = "none,singleflight,lock,token-lock,add-lock,lease,xfetch,xfetch-lock,swr,refresh-ahead"

    def test_every_guard_beside_theory(self):
        results, printed = self.stampede("redis", "--guard", self.GUARDS, *LOAD, "--episodes", 50,
                                         "--simulate")
        self.assertEqual(",".join(results), self.GUARDS)
        for guard, r in results.items():
            self.assertEqual(r["episodes"], 50)
            self.assertEqual(r["origin_calls"], sum(r["episode"]["origin_calls"]))
            self.assertAlmostEqual(r["origin_calls_per_expiry"], r["origin_calls"] / 50)
            self.assertEqual(r["wasted_calls"], r["origin_calls"] - 50)
            self.assertEqual(r["requests"]["total"], r["response_time_ns"]["all"]["count"])
            self.assertIn(guard, printed)
            if r["expected"]:
                off = abs(r["origin_calls_per_expiry"] - r["expected"]["origin_calls_per_expiry"])
                self.assertLessEqual(off, 3 * r["expected"]["standard_error"], guard)
        self.assertEqual(sum(1 for r in results.values() if r["expected"]), 8)
        self.assertAlmostEqual(results["none"]["achieved"]["origin_latency_ms"], 50)
        self.assertEqual(results["none"]["id"], "hot-key-expiry/redis/none/open:rate=1000")
        self.assertEqual(results["none"]["match_key"], "hot-key-expiry/none/open:rate=1000")

    def test_the_report_fits_its_schema(self):
        self.stampede("redis", "--guard", "none,swr", *LOAD, "--simulate")
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/stampede.schema.json", self.path],
            capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)

    def test_the_same_seed_gives_the_same_counts(self):
        def counts(seed):
            results, _ = self.stampede("redis", "--guard", "none,token-lock", *LOAD, "--simulate",
                                       "--cache-rtt", "200us", "--seed", seed)
            return [(r["episode"]["origin_calls"], r["requests"], r["locks"])
                    for r in results.values()]
        self.assertEqual(counts(1), counts(1))
        self.assertNotEqual(counts(1), counts(2))

    def test_many_processes(self):
        results, _ = self.stampede("redis", "--guard", "singleflight", *LOAD, "--processes", 50,
                                   "--episodes", 200, "--simulate")
        r = results["singleflight"]
        expected = 1 + 49 * -math.expm1(-1000 * 0.05 / 50)
        self.assertAlmostEqual(r["origin_calls_per_expiry"], expected, delta=1)

    def test_a_short_lock_is_run_with_a_warning(self):
        guard = "token-lock:ttl=20ms,poll=1ms"
        results, printed = self.stampede("redis", "--guard", guard, *LOAD, "--simulate")
        self.assertEqual(round(results[guard]["origin_calls_per_expiry"]), 3)
        self.assertGreater(results[guard]["double_holders"], 20)
        self.assertIn("about 3 calls an expiry", printed)

    def test_holders_that_die(self):
        guard = "token-lock:ttl=200ms,poll=1ms"
        results, printed = self.stampede("redis", "--guard", guard, *LOAD, "--simulate", "--fault",
                                         "dies-before:times=2")
        r = results[guard]
        self.assertEqual(r["fault"], "dies-before:times=2")
        self.assertEqual(r["faults"], 2 * r["episodes"])
        self.assertEqual(r["origin_calls_per_expiry"], 1)
        self.assertAlmostEqual(r["episode"]["expected_window_ms"], 450)
        self.assertAlmostEqual(r["episode"]["window_ms"], 450, delta=5)
        self.assertTrue(r["id"].startswith("hot-key-expiry+dies-before:times=2/"))
        self.assertIn("with dies-before:times=2", printed)
        self.assertIsNone(r["expected"])

    @unittest.skipIf(SANITIZED, "a measure of speed")
    def test_a_million_requests_a_second_of_ten_thousand_processes(self):
        results, _ = self.stampede("redis", "--guard", "none,singleflight,token-lock", "--rate",
                                   "1M", "--origin", "10ms", "--processes", "10k", "--episodes",
                                   3, "--simulate")
        self.assertGreater(results["none"]["requests"]["total"], 2_900_000)
        self.assertLess(results["singleflight"]["origin_calls_per_expiry"], 10_000)


class Real(Stampede):
    def check_calls(self, r, deviation):
        """Within three standard errors of the mean, and one call for the edges of the window."""
        expected = 1 + r["achieved"]["rate"] * r["episode"]["window_ms"] / 1e3
        error = deviation / math.sqrt(r["episodes"])
        self.assertLessEqual(abs(r["origin_calls_per_expiry"] - expected), 3 * error + 1, r)

    def stampedes(self, adapter, guards):
        results, _ = self.stampede(adapter, "--guard", guards, "--rate", 500, "--origin", "50ms",
                                   "--ttl", "200ms", "--episodes", 6)
        for r in results.values():
            self.assertEqual(r["episodes"], 6)
            self.assertEqual(r["failed"], 0)
            self.assertEqual(r["fill_errors"], 0)
            self.assertEqual(r["time"], "real")
            self.assertGreaterEqual(r["achieved"]["origin_latency_ms"], 50)
        self.check_calls(results["none"], math.sqrt(25))
        return results

    @need_servers("redis-server")
    def test_redis(self):
        results = self.stampedes("redis", "none,token-lock,lease,swr")
        for guard in ("token-lock", "lease", "swr"):
            self.assertEqual(results[guard]["episode"]["calls_max"], 1, guard)
        self.assertEqual(results["swr"]["requests"]["waited"], 0)

    @need_servers("redis-server")
    def test_locks_of_several_servers_and_a_job(self):
        guards = "redlock:servers=3", "prewarm"
        results, _ = self.stampede("redis", "--guard", guards[0], "--guard", guards[1], "--rate",
                                   500, "--origin", "50ms", "--ttl", "300ms", "--episodes", 6)
        for guard in guards:
            self.assertEqual(results[guard]["episode"]["calls_max"], 1, guard)
            self.assertEqual(results[guard]["failed"], 0)
        self.assertGreater(results[guards[0]]["locks"]["taken"], 5)
        self.assertEqual(results[guards[1]]["requests"]["waited"], 0)

    @need_servers("redis-server")
    def test_processes_that_are_forked(self):
        flight = "singleflight:recheck=yes"
        results, _ = self.stampede("redis", "--guard", flight, "--guard", "token-lock", "--rate",
                                   500, "--origin", "50ms", "--ttl", "300ms", "--episodes", 6,
                                   "--processes", 5)
        for r in results.values():
            self.assertGreaterEqual(r["episodes"], 6)
            self.assertEqual(r["failed"], 0)
        # Each process calls once at the most, and where the machine is not busy nearly each does.
        self.assertLessEqual(results[flight]["episode"]["calls_max"], 5)
        self.assertGreater(results[flight]["origin_calls_per_expiry"], 2)
        self.assertEqual(results["token-lock"]["episode"]["calls_max"], 1)

    def test_a_cache_in_this_process(self):
        results = self.stampedes("lru:entries=100", "none,singleflight,add-lock")
        for guard in ("singleflight", "add-lock"):
            self.assertEqual(results[guard]["episode"]["calls_max"], 1, guard)

    @need_servers("memcached")
    def test_memcached(self):
        results, _ = self.stampede("memcached", "--guard", "add-lock,lease", "--rate", 500,
                                   "--origin", "50ms", "--ttl", "1s", "--episodes", 2)
        for guard, r in results.items():
            self.assertEqual(r["origin_calls_per_expiry"], 1, guard)


class Refused(Stampede):
    def test_what_a_cache_cannot_do(self):
        self.assertIn("memcached cannot carry out the guard token-lock: it needs a delete of its "
                      "lock on condition", self.refusal("memcached", "--guard", "token-lock", *LOAD))
        self.assertIn("sqlite cannot carry out the guard lease",
                      self.refusal("sqlite", "--guard", "lease", *LOAD))

    def test_what_makes_no_sense(self):
        for args, text in (
                (["redis", "--guard", "none", *LOAD, "--ttl", "0"], "--ttl: expected a time above"),
                (["redis", "--guard", "none", "--rate", "0", "--origin", "1ms"], "--rate: "),
                (["redis", "--guard", "none", "--rate", "10"], "what lies behind the cache?"),
                (["redis", "--guard", "none", "--origin", "1ms"], "how much load?"),
                (["redis", *LOAD], "which guards?"),
                (["--guard", "none", *LOAD], "which caches?"),
                (["redis", "--guard", "nonne", *LOAD], "did you mean none"),
                (["redis", "--guard", "none", *LOAD, "--scenario", "fire"], "hot-key-expiry"),
                (["redis", "--guard", "none", *LOAD, "--cache-rtt", "1ms"], "--simulate"),
                (["redis", "--guard", "none", *LOAD, "--fault", "dies-befor"],
                 "did you mean dies-before"),
                (["redis", "--guard", "none", *LOAD, "--fault", "pause", "--processes", "2"],
                 "each process would count its own"),
                (["redis", "--guard", "none", *LOAD, "--processes", "5k"],
                 "this machine holds 1000 that are forked"),
                (["redis", "--guard", "none", "--rate", "10", "--origin",
                  "sleep:latency=1ms,capacity=2", "--processes", "2"], "an origin of its own"),
                (["lru:entries=9", "--guard", "none", *LOAD, "--processes", "2", "--simulate"],
                 "2 processes have 2 caches"),
                (["redis", "--guard", "none", *LOAD, "--processes", "2M", "--simulate"],
                 "from 1 to 1000000")):
            self.assertIn(text, self.refusal(*args))


if __name__ == "__main__":
    main()
