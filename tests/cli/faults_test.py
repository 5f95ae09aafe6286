"""`cachegauge run --fault` in virtual time, and what it refuses."""

import json

from faults_support import Faults
from support import CommandTest, main

# Six seconds of virtual time, in which a cache of everything soon hits.
IN_VIRTUAL_TIME = ("--origin", "10ms", "--clients", "4", "--time", "virtual", "--skip-floors")
KEYS = "zipf:keys=100,requests=6k,arrival=constant,rate=1000"
VIRTUAL = (KEYS, "lru:entries=1k", *IN_VIRTUAL_TIME)


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

    def test_a_flush_takes_the_first_tier_of_every_client(self):
        for l1 in ("invalidate=none", "l1.shared=true"):
            _, fault = self.fault(
                KEYS, f"tiered:l1=lru,l1.entries=100,l2=lru,l2.entries=1k,{l1}",
                *IN_VIRTUAL_TIME, "--fault", "flush:at=3s")
            self.assertGreater(fault["before"]["hit_ratio"], 0.9)
            self.assertGreaterEqual(fault["after"]["origin_calls"], 95, l1)

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
