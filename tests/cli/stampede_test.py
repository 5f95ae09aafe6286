"""`cachegauge stampede`: simulated, what it reports, and what it refuses."""

import math
import pathlib
import subprocess
import unittest

from stampede_support import Stampede
from support import SANITIZED, main

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOAD = ["--rate", "1000", "--origin", "50ms"]


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

    def test_the_finding_names_what_did_best_and_the_next_command_runs(self):
        _, printed = self.stampede("redis", "--guard", "none,token-lock,swr", *LOAD, "--simulate",
                                   "--episodes", 5)
        finding = self.report["finding"]
        self.assertTrue(finding[0].startswith("swr does best here: 1.00 origin calls an expiry, "))
        self.assertTrue(finding[1].startswith("where no answer may be stale: token-lock, 1.00 "))
        self.assertTrue(finding[-1].startswith("next: cachegauge stampede redis --guard swr "))
        self.assertIn("\n".join(finding) + "\n", printed)
        command = finding[-1].removeprefix("next: cachegauge ").split()
        self.stampede(*command[1:], "--simulate", "--episodes", 1)

    def test_a_page_beside_the_report_or_alone(self):
        page = self.folder / "page.html"
        done = self.run_program("stampede", "lru", "--guard", "none", *LOAD, "--episodes", 2,
                                "--simulate", "--html", page)
        self.assertIn(f"page: {page}\n", done.stdout)
        self.assertIn('"kind":"stampede"', page.read_text())
        self.assertIn("--force", self.refusal("lru", "--guard", "none", *LOAD, "--html", page))
        self.assertIn("named for the report and its page",
                      self.refusal("lru", "--guard", "none", *LOAD, "--out", "a.x", "--html", "a.x"))

    def test_the_report_fits_its_schema(self):
        self.stampede("redis", "--guard", "none,swr", *LOAD, "--simulate")
        self.check_schema()

    def check_schema(self):
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

    def test_scenarios(self):
        load = ["--rate", "2000", "--origin", "50ms", "--episodes", 5, "--simulate"]
        for scenario, calls in (("mass-expiry", 20), ("cold-start", 20), ("flush", 20),
                                ("deploy", 0), ("deploy:when=loading", 20)):
            text = f"{scenario}{',' if ':' in scenario else ':'}keys=20"
            results, printed = self.stampede("redis", "--guard", "token-lock", *load, "--scenario",
                                             text)
            r = results["token-lock"]
            self.assertEqual(r["rounds"]["origin_calls"], [calls] * 5, scenario)
            self.assertEqual((r["scenario"], r["keys"]), (text, 20))
            self.assertEqual(r["origin_calls"], 5 * calls)
            self.assertEqual(r["origin_calls_per_expiry"], 1 if calls else None)
            self.assertEqual(r["expected"] is None, "deploy" in scenario)
            self.assertAlmostEqual(r["achieved"]["rate"], 2000, delta=200)
            self.assertEqual(r["flags"], [])
            self.assertIn(f"{calls}.00 origin calls a round of {text}, at most {calls}", printed)
            self.check_schema()

    def test_the_series_adds_up(self):
        results, _ = self.stampede("redis", "--guard", "none,swr", "--rate", "1000", "--origin",
                                   "50ms", "--episodes", 10, "--simulate", "--scenario",
                                   "flush:keys=20", "--ttl", "2s")
        for guard, r in results.items():
            series = r["series"]
            self.assertEqual(r["series_interval_ms"], 10)
            self.assertEqual([p["t_ms"] for p in series], list(range(-250, 500, 10)))
            seen_s = 10 * r["rounds"]["count"] / 1e3  # of each bucket
            calls = sum(p["origin_calls_rps"] for p in series) * seen_s
            self.assertAlmostEqual(calls, r["origin_calls"], places=6, msg=guard)
            # The last one was seen until the last request alone.
            arrivals = sum(p["arrivals_rps"] for p in series[:-1]) * seen_s
            answers = sum(p[k] for p in series[:-1] for k in
                          ("fresh", "stale", "loaded", "waited", "failed"))
            self.assertAlmostEqual(arrivals, answers, places=6)
            self.assertEqual(max(p["at_origin_peak"] for p in series),
                             r["peak_origin_concurrency"])
            at_zero = [p for p in series if 0 <= p["t_ms"] < 10]
            self.assertEqual([p["hit_ratio"] for p in at_zero], [0])
            self.assertEqual(r["recovery"]["baseline_hit_ratio"], 1)
            self.assertGreaterEqual(r["recovery"]["hit_ratio_ms"], 50)

    def test_the_age_of_stale_values(self):
        results, _ = self.stampede("redis", "--guard", "swr", *LOAD, "--simulate")
        stale = results["swr"]["stale_age_ns"]
        self.assertEqual(stale["count"], results["swr"]["stale_served"])
        # From the end of the value's life until the first request that finds it so and 50 ms more.
        self.assertLess(stale["max"], 70e6)
        self.assertAlmostEqual(stale["mean"], 25e6, delta=3e6)

    def test_a_recorded_trace_brings_its_own_keys_and_times(self):
        rows = ["time,key,op"]
        for ms in range(0, 5000, 5):
            rows.append(f"{ms / 1e3:.3f},hot,get")
            if ms % 20 == 0:
                rows.append(f"{ms / 1e3:.3f},warm,get")
            rows.append(f"{ms / 1e3:.3f},cold{ms},get")
        trace = self.write("trace.csv", "\n".join(rows) + "\n")
        results, printed = self.stampede("redis", "--guard", "none,token-lock", "--workload", trace,
                                         "--origin", "50ms", "--simulate")
        r = results["none"]
        self.assertEqual((r["driver"], r["keys"], r["asked"]["rate"]),
                         ("recorded:speed=1", 1, None))
        self.assertEqual(r["workload"], f"trace:path={trace}")
        self.assertIn(trace, printed)
        # A request each 5 ms and a TTL of 1 s: filled at 50, missed at 1050, filled at 1100, …
        self.assertEqual(r["episode"]["origin_calls"], [10] * 4)
        self.assertAlmostEqual(r["achieved"]["rate"], 200)
        self.assertEqual(results["token-lock"]["episode"]["origin_calls"], [1] * 4)
        results, _ = self.stampede("redis", "--guard", "none", "--workload", trace, "--origin",
                                   "50ms", "--simulate", "--scenario", "hot-key-expiry:keys=2",
                                   "--limit", 2000)
        self.assertEqual(results["none"]["keys"], 2)
        # 4.4 s: the first key four times 10 calls, the second as often 3, since it comes each 20 ms.
        self.assertEqual(sorted(results["none"]["episode"]["origin_calls"]), [3] * 4 + [10] * 4)

    def test_a_cache_without_a_bound_holds_the_keys(self):
        results, _ = self.stampede("lru", "--guard", "none", *LOAD, "--episodes", 3, "--simulate")
        self.assertEqual(results["none"]["adapter"]["spec"], "lru")

    @unittest.skipIf(SANITIZED, "a measure of speed")
    def test_a_million_requests_a_second_of_ten_thousand_processes(self):
        results, _ = self.stampede("redis", "--guard", "none,singleflight,token-lock", "--rate",
                                   "1M", "--origin", "10ms", "--processes", "10k", "--episodes",
                                   3, "--simulate")
        self.assertGreater(results["none"]["requests"]["total"], 2_900_000)
        self.assertLess(results["singleflight"]["origin_calls_per_expiry"], 10_000)


class Refused(Stampede):
    def test_what_a_cache_cannot_do(self):
        self.assertIn("memcached cannot carry out the guard token-lock: it needs a delete of its "
                      "lock on condition", self.refusal("memcached", "--guard", "token-lock", *LOAD))
        self.assertIn("sqlite cannot carry out the guard lease",
                      self.refusal("sqlite", "--guard", "lease", *LOAD))

    def test_a_workload_without_times_or_gets(self):
        def failure(workload):
            return self.run_program("stampede", "redis", "--guard", "none", "--origin", "1ms",
                                    "--simulate", "--workload", workload, exit_code=1).stderr
        self.assertIn("has no times", failure("zipf:keys=9,requests=100"))
        self.assertIn("has no gets", failure(self.write("sets.csv", "time,key,op\n0,a,set\n")))

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
                (["redis", "--guard", "none", *LOAD, "--scenario", "flush:key=2"], "keys"),
                (["redis", "--guard", "none", *LOAD, "--scenario", "mass-expiry:keys=0"],
                 "mass-expiry:keys: expected a number from 1 to 100000"),
                (["redis", "--guard", "none", *LOAD, "--scenario", "restart:down=1s"],
                 "give a --ttl of 8.00 s or more"),
                (["redis://127.0.0.1:1", "--guard", "none", *LOAD, "--scenario", "restart"],
                 "is a running one that is not ours to kill"),
                (["lru", "--guard", "none", *LOAD, "--scenario", "restart", "--simulate"],
                 "lru has no server"),
                (["redis", "--guard", "none", *LOAD, "--workload", "zipf:keys=9"],
                 "--workload brings its own times"),
                (["redis", "--guard", "none", *LOAD, "--speed", "2"], "give --workload, too"),
                (["redis", "--guard", "none", *LOAD, "--cache-rtt", "1ms"], "--simulate"),
                (["redis", "--guard", "none", *LOAD, "--fault", "dies-befor"],
                 "did you mean dies-before"),
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
