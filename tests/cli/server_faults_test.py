"""`cachegauge run --fault` in real time: each fault comes when it is asked for, is told truly, and
leaves nothing."""

import pathlib
import tempfile

from faults_support import REAL, FaultRuns, strike_with
from servers import Server
from support import SANITIZED, main, need_origin, need_servers

KEYS = ("zipf:keys=500,requests=800", "--preload", "--origin", "5ms")
FALLS_BACK = ("--on-cache-error", "origin")
class ServerFaults(FaultRuns):
    def strike(self, adapters, faults):
        """What each fault did to an application that falls back to the origin, by cache and fault:
        (result, told)."""
        results = self.run_each({
            (adapter, fault): (KEYS[0], adapter, *KEYS[1:], *REAL, *FALLS_BACK,
                               *strike_with(fault)) for adapter in adapters for fault in faults})
        struck = {}
        for name, result in results.items():
            with self.subTest(name):
                told, = result["faults"]
                self.check_sums(result, told)
                self.assertEqual(result["cache_errors"]["failed_requests"], 0)
                self.assertGreaterEqual(told["began_s"], told["at_s"])
                self.assertGreater(told["before"]["hit_ratio"], 0.9)
                # Nothing is wrong with connections but while the fault lasts.
                for stretch in ("before", "after"):
                    self.assertEqual(told[stretch]["errors"], told[stretch]["timeouts"], stretch)
                struck[name] = result, told
        return struck

    def check(self, struck):
        """Each against what was injected."""
        for name, (result, told) in struck.items():
            with self.subTest(name):
                getattr(self, "check_" + told["name"])(result, told)

    def check_outage(self, told):
        before, during = told["before"], told["during"]
        self.assertGreaterEqual(told["ended_s"] - told["began_s"], 0.4)
        self.assertGreater(during["errors"], 0)
        self.assertGreater(during["fallbacks"], 0)
        self.assertLess(during["hit_ratio"], before["hit_ratio"])
        self.assertGreater(during["origin_calls_per_s"], before["origin_calls_per_s"])

    def check_stall(self, result, told):
        self.check_outage(told)
        self.assertGreater(told["during"]["timeouts"], 0)
        self.assertGreaterEqual(told["during"]["max_ns"], 3.4e8)
        self.assertGreater(told["after"]["hit_ratio"], 0.9)

    def check_kill(self, result, told):
        self.check_outage(told)
        self.assertLess(told["after"]["hit_ratio"], 0.99)  # it came back empty
        self.assertIsNone(result["evictions"])

    def check_refuse(self, result, told):
        self.check_outage(told)
        self.check_reopened(result)
        self.assertGreater(told["after"]["hit_ratio"], 0.9)

    def check_reset(self, result, told):
        self.check_reopened(result)
        if told["ended_s"] - told["began_s"] > 0.1:
            self.assertGreater(told["during"]["errors"], told["during"]["timeouts"])
            self.assertGreater(told["during"]["fallbacks"], 0)
        self.assertGreater(told["after"]["hit_ratio"], 0.9)

    def check_reopened(self, result):
        self.assertTrue(any("connection" in w and "lost" in w for w in result["warnings"]),
                        result["warnings"])
        self.assertFalse(any("not back" in w for w in result["warnings"]), result["warnings"])

    def check_slow(self, result, told):
        self.assertGreaterEqual(told["during"]["p50_ns"], 2.4e7)
        for stretch in ("before", "after"):
            self.assertLess(told[stretch]["p50_ns"], 2.4e7)
        self.assertEqual(told["during"]["errors"], told["during"]["timeouts"])

    def check_flush(self, result, told):
        self.assertLess(told["after"]["hit_ratio"], 0.99)
        self.assertGreater(told["after"]["origin_calls"], 100)
        self.assertEqual(result["errors"], result["timeouts"])

    IN_SESSIONS = ("stall:at=300ms,for=500ms", "slow:at=300ms,for=400ms,latency=25ms",
                   "flush:at=300ms")
    ON_CONNECTIONS = ("refuse:at=300ms,for=400ms", "reset:at=300ms,for=150ms", "reset:at=300ms")

    @need_servers("redis-server", "memcached")
    def test_each_on_servers(self):
        self.check(self.strike(("redis", "memcached"), (*self.IN_SESSIONS, *self.ON_CONNECTIONS,
                                                        "kill:at=300ms,for=400ms")))

    def test_those_that_make_sense_on_sqlite_and_lru(self):
        self.check(self.strike(("sqlite:capacity=64MiB", "lru:entries=10k"), self.IN_SESSIONS))

    @need_servers("redis-server", "memcached")
    def test_a_lower_limit_evicts_and_is_lifted_again(self):
        full = ("--rate", "1000", *REAL[2:], *FALLS_BACK, "--origin", "5ms", "--fault")
        results = self.run_each({
            # 8 MiB of values, of which 3 MiB stay.
            "redis": ("zipf:keys=500,requests=2k,value=16KiB", "redis:policy=allkeys-lru",
                      "--memory", "16MiB", "--preload", *full, "full:at=500ms,for=500ms,to=20%"),
            # It keeps the pages that it has, and takes no more: 24 MiB would come.
            "memcached": ("uniform:keys=1500,requests=2k,value=16KiB", "memcached", "--memory",
                          "64MiB", *full, "full:at=500ms,for=500ms,to=12.5%")})
        for name, result in results.items():
            with self.subTest(name):
                told, = result["faults"]
                self.check_sums(result, told)
                self.assertEqual(told["means"], "server")
                self.assertGreaterEqual(told["ended_s"] - told["began_s"], 0.5)
                # All of it would fit.
                self.assertGreater(result["evictions"], 50)
                self.assertEqual(result["errors"], result["timeouts"])
        _, told = results["redis"], results["redis"]["faults"][0]
        self.assertGreater(told["before"]["hit_ratio"], 0.99)
        self.assertLess(told["during"]["hit_ratio"], 0.9)
        self.assertGreater(told["after"]["hit_ratio"], told["during"]["hit_ratio"])
        self.assertGreater(results["redis"]["memory"]["bytes_used"], 4 << 20)
        self.assertGreater(results["memcached"]["memory"]["bytes_used"], 10 << 20)

    @need_servers("redis-server", "memcached")
    def test_a_server_of_others_by_way_of_the_proxy(self):
        runs = {}
        for kind in ("redis", "memcached"):
            for fault in (*self.IN_SESSIONS, "refuse:at=300ms,for=400ms"):
                folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
                server = Server(folder, kind)
                self.addCleanup(server.stop)
                foreign = f"{kind}:socket={server.socket}"
                runs[kind, fault] = (KEYS[0], foreign, *KEYS[1:], *REAL, *FALLS_BACK,
                                     *strike_with(fault))
            for fault, reason in (("kill", "not ours to kill"), ("full", "not ours to change")):
                done = self.run_program("run", KEYS[0], foreign, "--fault", fault, exit_code=2)
                self.assertIn(reason, done.stderr)
        for name, result in self.run_each(runs).items():
            with self.subTest(name):
                told, = result["faults"]
                self.check_sums(result, told)
                self.assertEqual(result["cache_errors"]["failed_requests"], 0)
                self.assertEqual(told["means"], "session" if told["name"] == "flush" else "proxy")
                getattr(self, "check_" + told["name"])(result, told)

    @need_servers("redis-server", "memcached")
    def test_the_first_tier_serves_while_the_second_is_in_trouble(self):
        tiers = "tiered:l1=lru,l1.entries=200,l1.ttl=1h,l2={}"
        runs = {(l2, fault): (KEYS[0], tiers.format(l2), "--memory", "64MiB", *KEYS[1:], *REAL,
                              *FALLS_BACK, *strike_with(fault))
                for l2, fault in (("redis", "stall:at=300ms,for=500ms"),
                                  ("redis", "kill:at=300ms,for=400ms"),
                                  ("redis", "refuse:at=300ms,for=400ms"),
                                  ("redis", "flush:at=300ms"),
                                  ("memcached", "kill:at=300ms,for=400ms"))}
        for name, result in self.run_each(runs).items():
            with self.subTest(name):
                told, = result["faults"]
                tiers = result["adapter"]["statistics"]
                self.check_sums(result, told)
                self.assertEqual(result["cache_errors"]["failed_requests"], 0)
                # Others were given up in line for a connection.
                self.assertLessEqual(tiers["l2_get_errors"], result["get_errors"])
                self.assertEqual(tiers["l2_hits"] + tiers["l2_misses"] + tiers["l2_get_errors"],
                                 tiers["l1_misses"])
                self.assertGreater(tiers["l1_hits"], 0)
                if told["name"] == "flush":
                    self.check_flush(result, told)
                    continue
                self.check_outage(told)
                self.assertGreater(tiers["l2_get_errors"], 0)
                self.assertGreater(told["during"]["hits"], 0)  # of the first tier

    @need_servers("redis-server")
    def test_a_fault_that_lasts_beyond_the_end_is_over_with_the_run(self):
        result = self.run_alone((KEYS[0], "redis", *KEYS[1:], *REAL, *FALLS_BACK,
                                 *strike_with("stall:at=1200ms,for=10s")))
        told, = result["faults"]
        self.assertIsNone(told["ended_s"])
        self.assertIsNone(told["recovery_s"]["p99"])
        self.assertIsNotNone(result["memory"]["bytes_used"])  # the server answers again

    def check_patterns(self, runs):
        """The cache dies and comes back, while the application writes to the origin."""
        workload = "uniform:keys=100,requests=800,get=2,set=1"
        kill = strike_with("kill:at=300ms,for=400ms")
        results = self.run_each({
            run: (workload, run[0], "--pattern", run[1], "--origin", run[2], "--on-cache-error",
                  run[3], *REAL, *kill) for run in runs})
        for run, result in results.items():
            with self.subTest(run):
                told, = result["faults"]
                figures = result["pattern_figures"]
                self.assertGreater(told["during"]["errors"], 0)
                self.assertEqual(figures["acknowledged_writes"] + figures["failed_writes"],
                                 result["sets"])
                # What was acknowledged is with the application, or at the origin.
                self.assertEqual(figures["lost_writes"], 0)
                self.assertGreater(figures["checked_keys"], 80)
                self.assertIsNotNone(figures["drifted_keys"])
                if "sqlite" in run[2]:
                    self.assertEqual(result["origin"]["statistics"]["rows_written"],
                                     figures["origin_writes"])
                if run[3] == "origin":
                    self.assertEqual(figures["failed_writes"], 0)
                    self.assertEqual(result["cache_errors"]["failed_requests"], 0)
                    self.assertGreater(told["during"]["fallbacks"], 0)
                else:
                    self.assertGreater(figures["failed_writes"], 0)

    BEHIND = "write-behind:flush=50ms,batch=20"

    @need_servers("redis-server", "memcached")
    @need_origin("sqlite")
    def test_no_write_is_lost_with_the_cache(self):
        runs = [("redis", self.BEHIND, "sqlite", "origin"),
                ("memcached", "write-through", "sqlite", "origin"),
                ("redis", self.BEHIND, "sqlite", "fail")]
        if not SANITIZED:
            runs += [("redis", "write-through", "sqlite", "origin"),
                     ("memcached", self.BEHIND, "sqlite", "origin"),
                     ("memcached", "write-through", "sqlite", "fail")]
        self.check_patterns(runs)

    @need_servers("redis-server", "memcached")
    @need_origin("postgres")
    def test_nor_where_the_origin_is_postgres(self):
        runs = [("redis", self.BEHIND, "postgres", "origin")]
        if not SANITIZED:
            runs += [("memcached", "write-through", "postgres", "origin")]
        self.check_patterns(runs)


if __name__ == "__main__":
    main()
