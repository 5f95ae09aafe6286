"""Open loops as their users see them: schedules, what is reported of them, and what is refused."""

import json
import signal
import subprocess
import time

from support import BINARY, CommandTest, main, need_servers

GETS = "uniform:keys=1k,requests=1M"


class Refusals(CommandTest):
    def refuse(self, *args):
        return self.run_program("run", *args, exit_code=2).stderr

    def test_a_rate_is_a_number_above_0(self):
        for rate in ("0", "x", "-5", "", "nan", "inf", "1e12", "5k5"):
            message = self.refuse(GETS, "lru:entries=10", f"--rate={rate}")
            self.assertIn(f'got "{rate}"', message)
            self.assertIn("such as 5000", message)

    def test_an_arrival_comes_with_its_neighbours(self):
        message = self.refuse(GETS, "lru:entries=10", "--rate", "100", "--arrival", "poison")
        self.assertIn("poison", message)
        self.assertIn("poisson", message.replace('"poison"', ""))
        message = self.refuse(GETS, "lru:entries=10", "--rate", "100", "--arrival", "foo")
        self.assertIn("poisson", message)
        self.assertIn("constant", message)

    def test_one_of_them_says_when_requests_start(self):
        for flags in (("--rate", "100", "--speed", "2"), ("--rate", "100", "--slo", "p99=1ms"),
                      ("--speed", "2", "--slo", "p99=1ms")):
            self.assertIn("give one of them", self.refuse(GETS, "lru:entries=10", *flags))

    def test_a_speed_needs_a_workload_with_times(self):
        message = self.refuse(GETS, "lru:entries=10", "--speed", "2")
        self.assertIn("has none: give --rate", message)
        for speed in ("0", "fast", "-1"):
            self.assertIn(f'got "{speed}"',
                          self.refuse(GETS, "lru:entries=10", f"--speed={speed}"))

    def test_a_promise_is_a_percentile_and_its_limit(self):
        for slo in ("p99", "99=1ms", "p100=1ms", "p99=0", "p99=1ms,p50"):
            self.assertIn(f'"{slo.rsplit(",", 1)[-1]}"',
                          self.refuse(GETS, "lru:entries=10", "--slo", slo))
        self.assertIn("such as 50ms", self.refuse(GETS, "lru:entries=10", "--slo", "p99=1"))
        message = self.refuse(GETS, "lru:entries=10", "--slo", "p99=1ms", "--time", "virtual")
        self.assertIn("real time", message)

    def test_more_threads_than_clients(self):
        self.assertIn("--clients 50", self.refuse(GETS, "lru:entries=10", "--rate", "1k",
                                                  "--threads", "51"))


class InProcess(CommandTest):
    def one(self, *args):
        return self.report(*args)["results"][0]

    def test_virtual_time_keeps_counts_and_schedule(self):
        args = ("zipf:keys=1k,requests=20k", "lru:entries=100")
        closed = self.one(*args)
        opened = self.one(*args, "--rate", "1000", "--time", "virtual")
        self.assertEqual((opened["hits"], opened["gets"]), (closed["hits"], 20_000))
        self.assertEqual(opened["response_time_ns"]["get"]["count"], 20_000)
        self.assertAlmostEqual(opened["offered_rps"] / 1000, 1, delta=0.03)
        self.assertEqual(opened["schedule_lag_ns"]["max"], 0)
        self.assertLess(opened["duration_s"], 10, "20 s of schedule")

    def test_real_time_unless_told_otherwise(self):
        result = self.one("zipf:keys=1k,requests=1k", "lru:entries=100", "--rate", "5k")
        self.assertEqual(result["time"], "real")
        self.assertEqual(result["driver"], "open:rate=5000,clients=50")
        self.assertEqual(result["response_time_ns"]["get"]["count"], 1000, "each one is timed")
        self.assertIsNone(result["connection_wait_ns"])

    def test_a_closed_loop_has_no_schedule(self):
        result = self.one("zipf:keys=1k,requests=1k", "lru:entries=100")
        for name in ("offered_rps", "sent_rps", "schedule_lag_ns", "connection_wait_ns", "backlog"):
            self.assertIsNone(result[name], name)

    def trace(self):
        return self.write("t.csv", "time,key,op,size,ttl\n" + "".join(
            f"{i / 100},k{i % 7},set,100,60\n" for i in range(101)))

    def test_speed(self):
        for speed, rate in (("1", 100), ("4", 400)):
            result = self.one(self.trace(), "lru:entries=10", "--speed", speed, "--time", "virtual")
            self.assertEqual(result["driver"], f"open:speed={speed},clients=50")
            self.assertAlmostEqual(result["offered_rps"], rate, delta=0.01)
        before = time.monotonic()
        result = self.one(self.trace(), "lru:entries=10", "--speed", "4")
        self.assertGreater(time.monotonic() - before, 0.25)
        self.assertAlmostEqual(result["offered_rps"], 400, delta=0.01)
        self.assertEqual(result["sets"], 101)

    def test_timing_off_counts_all_the_same(self):
        result = self.one("zipf:keys=1k,requests=1k", "lru:entries=100", "--rate", "5k",
                          "--timing", "off")
        self.assertEqual(result["gets"], 1000)
        self.assertIsNone(result["response_time_ns"]["get"])

    def test_a_search_on_a_thread_without_keys_ends(self):
        result = self.one("uniform:keys=1,requests=1k", "lru:entries=100", "--slo", "p50=1s",
                          "--duration", "20ms", "--threads", "2")
        self.assertGreater(result["hits"], 0)

    def test_ttls_that_shrink_below_what_a_server_knows(self):
        dry = ("--speed", "10", "--dry-run", "--allow-degraded")
        done = self.run_program("run", self.trace(), "lru:entries=10", *dry)
        self.assertNotIn("warning", done.stdout)
        for server in ("redis://127.0.0.1:1", "memcached://127.0.0.1:1"):
            done = self.run_program("run", self.trace(), server, *dry)
            self.assertIn("TTLs are divided by --speed 10", done.stdout)
            self.assertEqual("the shortest TTL is 6.00 s" in done.stdout, "memcached" in server)
            done = self.run_program("run", self.trace(), server, *dry, "--ignore-ttl")
            self.assertNotIn("TTL", done.stdout)

    def test_a_dry_run_says_how_long_it_takes(self):
        done = self.run_program("run", "uniform:keys=1k,requests=60k", "lru:entries=10", "--rate",
                                "1000", "--dry-run")
        self.assertRegex(done.stdout, "at least about 60")
        done = self.run_program("run", self.trace(), "lru:entries=10", "--speed", "0.01",
                                "--dry-run")
        self.assertRegex(done.stdout, "at least about 100")
        # A search repeats the workload for as long as it takes.
        done = self.run_program("run", "uniform:keys=1k,requests=1M", "lru:entries=10", "--slo",
                                "p99=1ms", "--duration", "3s", "--dry-run")
        self.assertRegex(done.stdout, "at least about 30")


@need_servers("redis-server")
class Redis(CommandTest):
    def one(self, *args):
        return self.report(*args)["results"][0]

    def check_load(self, result, rate, requests):
        self.assertEqual(result["gets"], requests)
        self.assertEqual(result["errors"], 0)
        self.assertAlmostEqual(result["offered_rps"] / rate, 1, delta=0.1)
        self.assertLessEqual(result["sent_rps"], result["offered_rps"] * 1.001)
        self.assertLessEqual(result["throughput_rps"], result["offered_rps"] * 1.1)
        self.assertEqual(result["schedule_lag_ns"]["count"], requests)
        self.assertEqual(result["response_time_ns"]["get"]["count"], requests)
        # Each miss has a fill, and each command a wait, most often for nothing.
        self.assertEqual(result["connection_wait_ns"]["count"], requests + result["fill_count"])
        self.assertGreaterEqual(result["backlog"]["mean"], 0)
        self.assertGreaterEqual(result["backlog"]["max"], 0)
        self.assertGreaterEqual(result["concurrency"]["mean"], 0)
        self.assertGreaterEqual(result["concurrency"]["max"], 1)
        self.assertIsInstance(result["flags"], list)
        # From the intended start on: a request's time is not below its command's.
        self.assertGreaterEqual(result["response_time_ns"]["get"]["mean"],
                                result["service_time_ns"]["get"]["mean"])

    def test_poisson_arrivals(self):
        result = self.one(GETS, "redis", "--rate", "2000", "--limit", "2k")
        self.assertEqual(result["driver"], "open:rate=2000,clients=50")
        self.check_load(result, 2000, 2000)

    def test_constant_arrivals_on_two_threads(self):
        result = self.one(GETS, "redis", "--rate", "2k", "--arrival", "constant", "--limit", "1k",
                          "--clients", "10", "--threads", "2", "--pipeline", "3")
        self.assertEqual(result["driver"],
                         "open:rate=2000,arrival=constant,clients=10,threads=2,pipeline=3")
        self.check_load(result, 2000, 1000)
        self.assertAlmostEqual(result["offered_rps"], 2000, delta=0.01)

    def test_warmup_and_preload_are_not_offered(self):
        result = self.one(GETS, "redis", "--rate", "2k", "--limit", "1500", "--warmup", "500",
                          "--preload")
        self.assertEqual((result["gets"], result["misses"]), (1000, 0))
        self.check_load(result, 2000, 1000)

    def test_a_duration_ends_the_schedule(self):
        result = self.one(GETS, "redis", "--rate", "1000", "--arrival", "constant", "--duration",
                          "500ms")
        self.assertEqual(result["gets"], 500)
        self.assertAlmostEqual(result["duration_s"], 0.5, delta=0.3)

    # More than one connection can carry: the line grows, and the times with it.
    def test_too_high_a_rate_shows_in_backlog_and_response_times(self):
        result = self.one(GETS, "redis", "--rate", "300k", "--clients", "1", "--limit", "30k")
        self.assertLess(result["throughput_rps"], 0.9 * result["offered_rps"])
        self.assertGreater(result["backlog"]["max"], 1000)
        self.assertGreater(result["backlog"]["mean"], 100)
        self.assertGreater(result["response_time_ns"]["get"]["p50"],
                           10 * result["service_time_ns"]["get"]["p50"])

    def test_ctrl_c_ends_a_slow_schedule_soon(self):
        run = subprocess.Popen([BINARY, "run", GETS, "redis", "--rate", "1", "--out", "r.json"],
                               cwd=self.folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        time.sleep(2)
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGINT)
        before = time.monotonic()
        self.assertEqual(run.wait(timeout=30), 130)
        self.assertLess(time.monotonic() - before, 2)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertTrue(report["interrupted"])
        self.assertLess(report["results"][0]["gets"], 20)

    # Whatever the machine, a promise of 1 s is kept at some rate, and one of 1 us at none.
    def test_a_promise_that_holds_and_one_that_does_not(self):
        result = self.one(GETS, "redis", "--slo", "p50=1s", "--duration", "200ms")
        self.assertEqual(result["driver"], "open:slo.p50=1s,clients=50")
        self.assertGreater(result["offered_rps"], 100)
        self.assertEqual(result["errors"], 0)
        capacity = result["capacity"]
        self.assertEqual(capacity["slo"], "p50=1s")
        self.assertIn(capacity["rate_rps"], [t["rate_rps"] for t in capacity["trials"] if t["held"]])
        broken = self.one(GETS, "redis", "--slo", "p50=1us", "--duration", "50ms")["capacity"]
        self.assertIsNone(broken["rate_rps"])
        self.assertTrue(broken["trials"])
        self.assertFalse(any(trial["held"] for trial in broken["trials"]))

    @need_servers("redis-server", "memcached")
    def test_one_rate_is_found_for_all(self):
        report = self.report(GETS, "redis", "memcached", "--rate", "auto", "--duration", "200ms")
        first, second = report["results"]
        self.assertEqual(first["driver"], second["driver"])
        rate = float(report["experiment"]["rate"])
        self.assertGreater(rate, 0)
        self.assertEqual(first["driver"], f"open:rate={rate:g},clients=50")
        self.assertIn("all are driven at half of the slowest", report["notes"][0])

    def test_the_log_has_every_request(self):
        log = self.folder / "requests.csv"
        result = self.one(GETS, "redis", "--rate", "5000", "--limit", "500", "--log", str(log))
        rows = [line.split(",") for line in log.read_text().splitlines()]
        self.assertEqual(rows[0], ["index", "op", "result", "intended_ns", "started_ns",
                                   "completed_ns"])
        self.assertEqual(sorted(int(row[0]) for row in rows[1:]), list(range(500)))
        self.assertEqual(sum(row[2] == "hit" for row in rows[1:]), result["hits"])
        for row in rows[1:]:
            intended, started, completed = map(int, row[3:])
            self.assertLessEqual(0, intended)
            self.assertLessEqual(intended, started)
            self.assertLess(started, completed)


if __name__ == "__main__":
    main()
