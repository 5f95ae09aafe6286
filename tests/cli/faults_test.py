"""`cachegauge run --fault`: each fault comes when it is asked for, is told truly, and leaves nothing."""

import json
import os
import pathlib
import subprocess

from servers import Server
from support import CommandTest, main, need_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Six seconds of virtual time, in which a cache of everything soon hits.
VIRTUAL = ("zipf:keys=100,requests=6k,arrival=constant,rate=1000", "lru:entries=1k", "--origin",
           "10ms", "--clients", "4", "--time", "virtual")
# Three seconds of real time on an open loop, so that what a fault holds up shows in full. The cache
# is filled before. A busy machine may let a command time out by itself.
REAL = ("--rate", "1000", "--arrival", "constant", "--clients", "4", "--preload", "--origin", "5ms",
        "--timeout", "300ms", "--interval", "50ms", "--max-errors", "50%")
KEYS = "zipf:keys=500,requests=3k"


class Faults(CommandTest):
    def fault(self, *args, **kwargs):
        """The one result of a run, and its one fault."""
        report = self.report(*args, **kwargs)
        self.check_schema(report)
        result = report["results"][0]
        self.assertEqual(len(result["faults"]), 1)
        return result, result["faults"][0]

    def check_schema(self, report):
        path = self.write("checked.json", json.dumps(report))
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/run.schema.json", path], capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)

    def check_sums(self, result, fault):
        """Of one fault alone, the stretches hold every request, once."""
        stretches = [fault[name] for name in ("before", "during", "after")]
        self.assertEqual(sum(s["gets"] for s in stretches), result["gets"])
        self.assertEqual(sum(s["hits"] for s in stretches), result["hits"])
        self.assertEqual(sum(s["errors"] for s in stretches), result["errors"])
        self.assertEqual(sum(s["origin_calls"] for s in stretches), result["origin"]["calls"])
        self.assertEqual(sum(s["failed_requests"] for s in stretches),
                         result["cache_errors"]["failed_requests"])


class InVirtualTime(Faults):
    def test_a_stall_holds_requests_up_for_as_long_as_it_lasts(self):
        result, fault = self.fault(*VIRTUAL, "--fault", "stall:at=3s,for=500ms")
        self.assertEqual((fault["began_s"], fault["ended_s"]), (3.0, 3.5))
        self.assertEqual(fault["means"], "session")
        self.assertEqual(result["errors"], 0)
        self.check_sums(result, fault)
        # Four clients are in the stall, one request each; no other begins before it is over.
        self.assertEqual(fault["during"]["requests"], 4)
        self.assertAlmostEqual(fault["during"]["max_ns"], 5e8, delta=2e7)
        self.assertLess(fault["before"]["max_ns"], 3e7)
        self.assertEqual(fault["before"]["requests"], 3000)
        self.assertAlmostEqual(result["virtual_s"], 6, delta=0.1)

    def test_what_a_stall_outlasts_times_out_and_falls_back(self):
        args = (*VIRTUAL, "--fault", "stall:at=3s,for=500ms", "--timeout", "100ms")
        result, fault = self.fault(*args)
        self.assertGreater(fault["during"]["timeouts"], 0)
        self.assertEqual(result["errors"], result["timeouts"])
        self.assertEqual(result["cache_errors"]["failed_requests"], result["timeouts"])
        for policy, counted in (("origin", "fallbacks"), ("stale", "stale_served")):
            result, fault = self.fault(*args, "--on-cache-error", policy)
            self.assertGreater(fault["during"]["timeouts"], 0)
            self.assertEqual(result["cache_errors"]["failed_requests"], 0)
            self.assertEqual(result["cache_errors"][counted], fault["during"][counted])
            self.check_sums(result, fault)
        # Every key had been seen, so nobody asked the origin.
        self.assertEqual(fault["during"]["origin_calls"], 0)
        self.assertEqual(result["cache_errors"]["stale_served"], result["get_errors"])
        self.assertEqual(result["cache_errors"]["outdated_served"], 0)

    def test_slow_adds_its_latency_to_each_command(self):
        result, fault = self.fault(*VIRTUAL, "--fault", "slow:at=2s,for=1s,latency=40ms")
        self.assertAlmostEqual(fault["during"]["p50_ns"], 4e7, delta=4e6)
        self.assertLess(fault["before"]["p50_ns"], 1e6)
        self.assertLess(fault["after"]["p50_ns"], 1e6)
        self.assertEqual(fault["recovery_s"]["hit_ratio"], 0)
        self.check_sums(result, fault)

    def test_a_flush_sends_each_key_to_the_origin_again(self):
        result, fault = self.fault(*VIRTUAL, "--fault", "flush:at=3s")
        self.assertEqual(fault["began_s"], fault["ended_s"])
        self.assertEqual(fault["began_s"], 3)
        # All keys had been loaded once, and are again.
        self.assertGreaterEqual(fault["before"]["origin_calls"], 95)
        self.assertGreaterEqual(fault["after"]["origin_calls"], 95)
        self.assertLess(fault["after"]["hit_ratio"], 1)
        self.assertEqual(result["errors"], 0)

    def test_a_flush_finds_keys_by_the_names_that_the_cache_has(self):
        for naming in (("--namespace", "shop"), ("--key-hash", "md5")):
            _, fault = self.fault(*VIRTUAL, "--fault", "flush:at=3s", *naming)
            self.assertGreaterEqual(fault["after"]["origin_calls"], 95, naming)

    def test_a_pattern_that_falls_back_counts_what_is_old(self):
        args = ("uniform:keys=20,requests=8k,get=3,set=1,rate=1000", "lru:entries=100", "--origin",
                "1ms", "--time", "virtual", "--timeout", "20ms", "--on-cache-error", "origin",
                "--fault", "stall:at=3s,for=2s", "--pattern")
        # What waits to be written is read from where it waits.
        result, fault = self.fault(*args, "write-behind:flush=10s,batch=10k")
        figures = result["pattern_figures"]
        self.assertGreater(fault["during"]["timeouts"], 50)
        self.assertEqual(result["cache_errors"]["failed_requests"], 0)
        self.assertGreater(figures["queue_reads"], 50)
        self.assertEqual(figures["stale_loads"], 0)
        # The origin has each write that was acknowledged.
        result, fault = self.fault(*args, "write-through")
        self.assertGreater(fault["during"]["fallbacks"], 50)
        self.assertEqual(result["pattern_figures"]["stale_loads"], 0)

    def test_the_origin_fails_alone(self):
        for fault in ("refuse:at=50ms,for=200ms", "kill:at=50ms,for=200ms", "reset:at=50ms,for=200ms"):
            result, told = self.fault(*VIRTUAL, "--fault", fault + ",on=origin")
            self.assertEqual(told["on"], "origin")
            self.assertGreater(told["during"]["origin_errors"], 0, fault)
            self.assertEqual(told["after"]["origin_errors"], 0)
            self.assertEqual(result["errors"], 0)
            self.assertEqual(result["cache_errors"]["failed_requests"],
                             result["origin"]["errors"])
        result, told = self.fault(*VIRTUAL, "--fault", "slow:at=0s,for=6s,latency=100ms,on=origin")
        self.assertAlmostEqual(result["service_time_ns"]["origin"]["p50"], 1.1e8, delta=5e6)

    def test_counts_are_the_same_each_time(self):
        args = (*VIRTUAL, "--fault", "slow:at=1s+stall:at=3s,for=500ms+flush:at=5s")
        def counts():
            result = self.report(*args, "--timeout", "100ms")["results"][0]
            for fault in result["faults"]:
                for stretch in ("before", "during", "after"):
                    for measured in ("p50_ns", "p99_ns", "max_ns", "throughput_rps"):
                        del fault[stretch][measured]
                del fault["recovery_s"]
            return result["faults"]
        faults = counts()
        self.assertEqual([f["name"] for f in faults], ["slow", "stall", "flush"])
        self.assertEqual(faults, counts())
        # Before each: since the one before was over.
        self.assertAlmostEqual(faults[1]["before"]["duration_s"], 1)
        self.assertAlmostEqual(faults[0]["after"]["duration_s"], 1)

    def test_a_guard_falls_back_too(self):
        result, fault = self.fault(*VIRTUAL, "--fault", "stall:at=3s,for=500ms", "--timeout",
                                   "100ms", "--guard", "singleflight", "--on-cache-error", "origin")
        self.assertGreater(fault["during"]["fallbacks"], 0)
        self.assertEqual(result["cache_errors"]["failed_requests"], 0)

    def test_the_text_says_it(self):
        report = self.report(*VIRTUAL, "--fault", "flush:at=3s")
        path = self.write("again.json", json.dumps(report))
        text = self.run_program("report", path, "--text").stdout
        self.assertIn("lru:entries=1k: flush at 3.00 s: hit ratio", text)
        self.assertIn("origin calls per s", text)
        self.assertEqual(report["experiment"]["fault"], "flush:at=3s")


class InRealTime(Faults):
    def setUp(self):
        super().setUp()
        # Servers have their folders here, and run in them.
        self.environment = {**os.environ, "TMPDIR": str(self.folder)}

    def strike(self, adapter, fault, *args):
        result, told = self.fault(KEYS, adapter, *REAL, "--fault", fault, *args,
                                  env=self.environment)
        self.check_sums(result, told)
        self.assertEqual(result["cache_errors"]["failed_requests"]
                         if "--on-cache-error" in args else 0, 0, fault)
        self.assertGreaterEqual(told["began_s"], told["at_s"])
        self.assertGreater(told["before"]["hit_ratio"], 0.9)
        self.assert_nothing_left()
        return result, told

    def assert_nothing_left(self):
        left = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                where = os.readlink(process / "cwd")
            except OSError:
                continue
            if where.startswith(str(self.folder)) and int(process.name) != os.getpid():
                left.append((process / "cmdline").read_text())
        self.assertEqual(left, [])
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith("cachegauge-")],
                         [])

    def check_all(self, adapter, faults):
        for fault in faults:
            with self.subTest(fault=fault):
                result, told = self.strike(adapter, fault, "--on-cache-error", "origin")
                during = told["during"]
                name = told["name"]
                if name in ("stall", "refuse", "kill"):
                    self.assertGreaterEqual(told["ended_s"] - told["began_s"], 0.5)
                    self.assertGreater(during["errors"], 0)
                    self.assertGreater(during["fallbacks"], 0)
                    self.assertGreater(during["origin_calls_per_s"],
                                       told["before"]["origin_calls_per_s"])
                if name == "stall":
                    self.assertGreater(during["timeouts"], 0)
                if name == "slow":
                    self.assertGreaterEqual(during["p50_ns"], 2.4e7)
                if name == "flush":
                    self.assertLess(told["after"]["hit_ratio"], 0.99)
                    self.assertGreater(told["after"]["origin_calls"], 100)
                if name == "kill":
                    self.assertLess(told["after"]["hit_ratio"], 0.99)
                    self.assertIsNone(result["evictions"])
                if name == "reset":
                    self.assertGreaterEqual(result["errors"] + len(result["warnings"]), 2)

    SERVER_FAULTS = ("stall:at=1s,for=500ms", "kill:at=1s,for=500ms", "refuse:at=1s,for=500ms",
                     "slow:at=1s,for=500ms,latency=25ms", "reset:at=1s,for=100ms", "flush:at=1s",
                     "full:at=1s,for=500ms")

    @need_servers("redis-server")
    def test_each_of_seven_on_redis(self):
        self.check_all("redis:maxmemory=64MiB,policy=allkeys-lru", self.SERVER_FAULTS)

    @need_servers("memcached")
    def test_each_of_seven_on_memcached(self):
        self.check_all("memcached", self.SERVER_FAULTS)

    def test_those_that_make_sense_on_sqlite(self):
        path = self.folder / "cache.db"
        for fault in ("stall:at=1s,for=500ms", "slow:at=1s,for=500ms,latency=25ms", "flush:at=1s"):
            self.check_all(f"sqlite:path={path},capacity=64MiB", (fault,))
            for file in self.folder.glob("cache.db*"):
                file.unlink()

    def test_those_that_make_sense_on_lru(self):
        self.check_all("lru:entries=10k", ("stall:at=1s,for=500ms", "flush:at=1s",
                                           "slow:at=1s,for=500ms,latency=25ms"))

    @need_servers("redis-server", "memcached")
    def test_a_server_of_others_by_way_of_the_proxy(self):
        for kind in ("redis", "memcached"):
            server = Server(self.folder, kind)
            self.addCleanup(server.stop)
            foreign = f"{kind}:socket={server.socket}"
            for fault in ("stall:at=1s,for=500ms", "refuse:at=1s,for=500ms",
                          "slow:at=1s,for=500ms,latency=25ms", "flush:at=1s"):
                result, told = self.fault(KEYS, foreign, *REAL, "--fault", fault,
                                          "--on-cache-error", "origin", env=self.environment)
                self.check_sums(result, told)
                self.assertEqual(result["cache_errors"]["failed_requests"], 0)
                self.assertEqual(told["means"], "session" if told["name"] == "flush" else "proxy")
                if told["name"] in ("stall", "refuse"):
                    self.assertGreater(told["during"]["fallbacks"], 0)
                if told["name"] == "slow":
                    self.assertGreaterEqual(told["during"]["p50_ns"], 2.4e7)
                if told["name"] == "flush":
                    self.assertGreater(told["after"]["origin_calls"], 100)
            for fault, reason in (("kill", "not ours to kill"), ("full", "not ours to change")):
                done = self.run_program("run", KEYS, foreign, "--fault", fault, exit_code=2)
                self.assertIn(reason, done.stderr)

    @need_servers("redis-server")
    def test_a_fault_that_lasts_beyond_the_end_is_over_with_the_run(self):
        result, told = self.fault(KEYS, "redis", *REAL, "--fault", "stall:at=2500ms,for=10s",
                                  "--on-cache-error", "origin", env=self.environment)
        self.assertIsNone(told["ended_s"])
        self.assertIsNone(told["recovery_s"]["p99"])
        self.assertIsNotNone(result["memory"]["bytes_used"])  # the server answers again
        self.assert_nothing_left()


class BadInput(CommandTest):
    def refused(self, *args, exit_code=2):
        return self.run_program("run", *args, exit_code=exit_code).stderr

    def test_what_cannot_be(self):
        for args, reason in (
                (("--fault", "stal:at=1s"), "did you mean stall?"),
                (("--fault", "stall:after=1s"), "unknown parameter"),
                (("--fault", "stall:for=0s"), "expected a time above 0"),
                (("--fault", "slow:latency=0"), "expected a time above 0"),
                (("--fault", "full:to=100%"), "expected a share below 100%"),
                (("--fault", "kill:at=1s"), "no server of its own"),
                (("--fault", "refuse"), "no connections"),
                (("--fault", "full"), "capacity is fixed"),
                (("--fault", "stall:on=origin"), "there is no origin"),
                (("--fault", "flush:on=origin"), "an origin is no cache"),
                (("--fault", "stall", "--timing", "off"), "leave --timing off out"),
                (("--fault", "stall", "--slo", "p99=1ms"), "give a --rate"),
                (("--fault", "stall:at=5s", "--duration", "3s", "--time", "real"),
                 "the measured interval is over after 3.00 s"),
                (("--fault", "stall:at=5s", "--rate", "1000"), "is over after 1."),
                (("--on-cache-error", "origin"), "there is no origin"),
                (("--on-cache-error", "orign", "--origin", "1ms"), "did you mean origin?")):
            self.assertIn(reason, self.refused("zipf:keys=10,requests=1k", "lru:entries=10", *args))

    def test_a_fault_that_never_came_is_told_at_the_end(self):
        done = self.run_program("run", "zipf:keys=10,requests=100", "lru:entries=10", "--fault",
                                "stall:at=5s")
        self.assertIn("the fault stall:at=5s never came", done.stdout + done.stderr)

    def test_an_origin_that_is_down_at_the_start(self):
        text = self.refused("zipf:keys=10,requests=100", "lru:entries=10", "--origin",
                            "http://127.0.0.1:1/{key}", exit_code=1)
        self.assertIn("Failed to connect to 127.0.0.1", text)

    def test_faults_of_an_experiment_file(self):
        path = self.write("e.json", json.dumps({
            "workload": "zipf:keys=10,requests=100", "adapter": "lru:entries=10",
            "fault": ["stall:at=5s", {"kind": "flush", "at": "6s"}]}))
        self.assertIn("stall:at=5s+flush:at=6s", self.run_program("run", path, "--dry-run").stdout)
        self.assertIn("stall", self.run_program("list", "run-faults").stdout)


if __name__ == "__main__":
    main()
