"""`cachegauge run` as its users see it: exact counts, reports, real servers, interruption."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

from support import BINARY, SANITIZED, CommandTest, main, need_servers

ZIPF = "zipf:keys=100k,requests=1M,alpha=1.0,seed=42"
SLOW = "takes half a minute under a sanitizer, on ways that other tests go as well"
SMALL = "zipf:keys=1k,requests=20k"
MANY = "5M"  # requests, more than a server answers in a second; all are looked at beforehand
LONG = "5M" if SANITIZED else "50M"  # more than a cache in this process answers in a second


class ExactCounts(CommandTest):
    def test_the_zipf_sequence_of_the_caching_tools_our_users_know(self):
        results = self.results(ZIPF, "lru:entries=10k", "fifo:entries=10k", "lfu:entries=10k",
                               "unbounded")
        hits = {spec: r["hits"] for spec, r in results.items()}
        self.assertEqual(hits, {"lru:entries=10k": 734782, "fifo:entries=10k": 699173,
                                "lfu:entries=10k": 775193, "unbounded": 919241})
        for result in results.values():
            self.assertEqual(result["gets"], 1_000_000)
            self.assertEqual((result["corrupt"], result["stale"], result["unverifiable"]), (0, 0, 0))
            self.assertEqual(result["misses"], result["origin"]["calls"] or result["misses"])

    def test_the_same_seed_gives_the_same_counts_and_another_seed_others(self):
        args = ("zipf:keys=1k,requests=50k,get=10,set=1,delete=1,value=lognormal", "lfu:entries=50",
                "clock:capacity=20KiB")
        keys = ("hits", "misses", "sets", "deletes", "evictions", "byte_hit_ratio")
        pick = lambda results: {s: [r[k] for k in keys] for s, r in results.items()}
        first = pick(self.results(*args))
        self.assertEqual(first, pick(self.results(*args)))
        other = pick(self.results(args[0] + ",seed=7", *args[1:]))
        self.assertNotEqual(first, other)

    def test_warmup_preload_and_limit(self):
        result = self.results("sequential:keys=100,requests=1000", "unbounded", "--warmup", "10%")
        self.assertEqual((result["unbounded"]["gets"], result["unbounded"]["hits"]), (900, 900))
        result = self.results("sequential:keys=100,requests=1000", "unbounded", "--preload",
                              "--limit", "150")
        self.assertEqual((result["unbounded"]["gets"], result["unbounded"]["hits"]), (150, 150))

    def test_a_budget_in_which_nothing_fits_is_told(self):
        workload = "zipf:keys=100,requests=2k"
        result, = self.report(workload, "lru", "--memory", "64")["results"]
        self.assertEqual((result["hits"], result["not_stored"]), (0, 2000))
        self.assertIn("none of 2000 values was stored: each is larger than the whole cache",
                      " ".join(result["warnings"]))
        result, = self.report(workload, "lru", "--memory", "64KiB")["results"]
        self.assertEqual(result["warnings"], [])

    def test_fills(self):
        args = ("uniform:keys=100,requests=10k,get=1,set=1", "unbounded")
        auto = self.report(*args)["results"][0]
        self.assertEqual(auto["fills"], "in-trace")
        on_miss = self.report(*args, "--fills", "on-miss")["results"][0]
        self.assertGreater(on_miss["hits"], auto["hits"])
        none = self.report(*args, "--all-as-get", "--fills", "none")["results"][0]
        self.assertEqual((none["hits"], none["sets"]), (0, 0))


class Origins(CommandTest):
    ORIGIN = "sleep:latency=10ms,jitter=lognormal,capacity=4,errors=10%"

    def test_a_failing_origin_is_counted_and_the_counts_repeat(self):
        first, second = (self.report(SMALL, "lru:entries=100", "--origin", self.ORIGIN)["results"][0]
                         for _ in range(2))
        origin = first["origin"]
        self.assertEqual(origin["calls"], first["misses"])
        self.assertEqual(first["fill_count"], origin["calls"] - origin["errors"])
        self.assertAlmostEqual(origin["errors"] / origin["calls"], 0.1, delta=0.02)
        self.assertEqual(first["errors"], 0)
        service = first["service_time_ns"]["origin"]
        self.assertAlmostEqual(service["mean"] / 10e6, 1, delta=0.05)
        for report in (first, second):
            self.assertGreater(report["origin"].pop("break_even_ns"), 0)  # from real times
        for key in ("hits", "misses", "origin"):
            self.assertEqual(first[key], second[key])
        self.assertEqual(service, second["service_time_ns"]["origin"])

    def test_repetitions_draw_anew(self):
        report = self.report(SMALL, "lru:entries=100", "--origin", self.ORIGIN, "--repeat", "2")
        self.assertEqual(len({r["origin"]["busy_s"] for r in report["results"]}), 2)

    def test_the_table_says_that_the_origin_failed(self):
        done = self.run_program("run", SMALL, "lru:entries=100", "--origin", self.ORIGIN)
        self.assertRegex(done.stdout, r"lru:entries=100: [0-9,]+ calls to the origin failed")

    def test_the_estimate_knows_the_capacity(self):
        def estimate(origin):
            done = self.run_program("run", SMALL, "redis", "--clients", "8", "--origin", origin,
                                    "--dry-run")
            return done.stdout.splitlines()[-1].split("about ")[1]
        # 1,000 keys at most, 10 ms each, on eight servers or on one.
        self.assertRegex(estimate("10ms"), r"^1\.\d+ s")
        self.assertRegex(estimate("sleep:latency=10ms,capacity=1"), r"^(9|10)\.\d+ s")


class Servers(CommandTest):
    @need_servers("redis-server", "memcached")
    def test_with_room_for_all_only_the_first_get_of_each_key_misses(self):
        results = self.results(ZIPF, "redis", "memcached", "unbounded", "--limit", "100k",
                               "--clients", "8", "--pipeline", "8", "--memory", "256MiB")
        compulsory = results["unbounded"]["misses"]
        for spec in ("redis", "memcached"):
            result = results[spec]
            # Clients overlap: a key may be asked for again before its fill has arrived.
            self.assertGreaterEqual(result["misses"], compulsory)
            self.assertEqual((result["errors"], result["corrupt"], result["stale"]), (0, 0, 0))
        results = self.results(ZIPF, "redis", "memcached", "unbounded", "--limit", "30k",
                               "--memory", "256MiB")
        for spec in ("redis", "memcached"):
            result = results[spec]
            self.assertEqual(result["misses"], results["unbounded"]["misses"])
            self.assertEqual(result["evictions"], 0)
            self.assertEqual(result["memory"]["items"], result["workload"]["unique_keys"])
            self.assertEqual((result["errors"], result["corrupt"], result["stale"]), (0, 0, 0))

    @need_servers("redis-server", "memcached")
    def test_threads_clients_and_writes(self):
        workload = "zipf:keys=500,requests=40k,get=8,set=2,delete=1,add=1"
        results = self.results(workload, "redis", "memcached", "lru", "--clients", "8", "--threads",
                               "2", "--pipeline", "4", "--memory", "64MiB")
        for result in results.values():
            self.assertEqual(result["gets"] + result["sets"] + result["adds"] + result["deletes"],
                             40_000)
            self.assertEqual(result["hits"] + result["misses"], result["gets"])
            self.assertEqual((result["errors"], result["corrupt"], result["stale"]), (0, 0, 0))

    @need_servers("redis-server")
    def test_a_small_memory_forces_evictions(self):
        result = self.results("uniform:keys=20k,requests=60k,value=1000", "redis", "--memory",
                              "8MiB", "--clients", "16")["redis"]
        self.assertGreater(result["evictions"], 0)
        self.assertGreater(result["hit_ratio"], 0.1)

    @need_servers("redis-server")
    def test_a_preload_ends_with_its_last_key(self):
        report = self.report(f"uniform:keys=1k,requests={MANY}", "redis", "--preload", "--clients", "4",
                             "--pipeline", "4", "--timeout", "100ms", "--duration", "200ms")
        result = report["results"][0]
        self.assertEqual((result["misses"], result["errors"], result["timeouts"]), (0, 0, 0))


def descendants(pid):
    """pid -> (name, the CPUs it may run on), of the processes below this one."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            status = dict(line.split(":\t", 1) for line in
                          pathlib.Path(f"/proc/{child}/status").read_text().splitlines())
            found[int(child)] = (status["Name"], status["Cpus_allowed_list"])
            found.update(descendants(child))
    return found


class Placement(CommandTest):
    CPUS = sorted(os.sched_getaffinity(0))

    @unittest.skipIf(SANITIZED, SLOW)
    @need_servers("redis-server", "memcached")
    def test_client_and_private_servers_run_where_they_are_told(self):
        client, server = str(self.CPUS[-1]), str(self.CPUS[0])
        for adapter, program in (("redis:transport=tcp", "redis-server"),
                                 ("memcached", "memcached")):
            out = self.folder / f"{program}.json"
            run = subprocess.Popen([BINARY, "run", f"zipf:keys=100,requests={MANY}", adapter,
                                    "--duration", "1s", "--pin", f"client={client},server={server}",
                                    "--out", str(out)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
            pinned = None
            while run.poll() is None and pinned is None:
                try:
                    processes = descendants(run.pid).values()
                except OSError:  # one of them has just ended
                    continue
                if (program, server) in processes and ("cachegauge", client) in processes:
                    pinned = True
                time.sleep(0.02)
            run.communicate(timeout=60)
            self.assertEqual(run.returncode, 0)
            self.assertTrue(pinned)
            report = json.loads(out.read_text())
            self.assertEqual(report["warnings"], [])
            self.assertEqual(report["experiment"]["pin"], f"client={client},server={server}")
            self.assertEqual(report["results"][0]["placement"], {
                "client_cpus": [int(client)], "server_cpus": [int(server)],
                "connection": "tcp" if "tcp" in adapter else "unix socket"})

    @need_servers("redis-server")
    def test_a_server_does_not_inherit_the_clients_cpus(self):
        result = self.results(SMALL, "redis", "--pin", f"client={self.CPUS[-1]}")["redis"]
        self.assertEqual(result["placement"]["client_cpus"], [self.CPUS[-1]])
        self.assertEqual(result["placement"]["server_cpus"], self.CPUS)

    def test_without_a_server_to_pin_there_is_a_warning(self):
        report = self.report(SMALL, "lru:entries=100", "--pin", f"server={self.CPUS[0]}")
        self.assertEqual(len(report["warnings"]), 1)
        self.assertIn("no server was pinned", report["warnings"][0])
        self.assertEqual(report["results"][0]["placement"], {
            "client_cpus": self.CPUS, "server_cpus": None, "connection": None})

    @need_servers("redis-server", "memcached")
    def test_servers_on_the_loopback_count_the_same(self):
        results = self.results(SMALL, "redis:transport=tcp", "memcached:transport=tcp",
                               "memcached:transport=tcp,client=libmemcached", "unbounded",
                               "--memory", "64MiB", "--threads", "2", "--clients", "2")
        for result in results.values():
            self.assertEqual(result["misses"], results["unbounded"]["misses"])
            self.assertEqual((result["errors"], result["corrupt"], result["stale"]), (0, 0, 0))
        self.assertNotIn("requirepass", json.dumps(results))


def sums_agree(result):
    """Whether the sum over the series is that of the totals, and the series as long as the run."""
    series = result["series"]
    requests = sum(result[op] for op in ("gets", "sets", "adds", "deletes"))
    return (all(sum(point[name] for point in series) == result[name]
                for name in ("gets", "hits", "misses", "errors"))
            and sum(point["requests"] for point in series) == requests
            and abs(series[-1]["t_s"] - result["duration_s"]) < 1e-9)


class OverTime(CommandTest):
    def check(self, adapter, *flags, requests="600k"):
        workload = f"zipf:keys=10k,requests={requests},get=8,set=2,delete=1,add=1"
        result = self.report(workload, adapter, "--interval", "5ms", *flags)["results"][0]
        self.assertGreater(len(result["series"]), 3)
        self.assertTrue(sums_agree(result), result["series"])
        self.assertIsNotNone(result["series"][-1]["bytes_used"])

    def test_the_series_adds_up_to_the_totals(self):
        self.check("null", "--warmup", "10%")
        self.check("lru:entries=1k")
        self.check("lru:entries=1k", "--origin", "50ms")
        self.check("lru:entries=1k", "--clients", "4", "--threads", "2")
        self.check("lru:entries=1k", "--duration", "50ms")

    @unittest.skipIf(SANITIZED, SLOW)
    @need_servers("redis-server", "memcached")
    def test_the_series_of_a_server_adds_up_to_the_totals(self):
        for adapter in ("redis", "memcached"):
            self.check(adapter, "--memory", "64MiB", "--clients", "8", "--threads", "2",
                       requests="100k")
            self.check(adapter, "--memory", "64MiB", "--clients", "4", "--duration", "1500ms")

    @unittest.skipIf(SANITIZED, SLOW)
    def test_a_long_run_doubles_its_interval(self):
        result = self.report(f"zipf:keys=10k,requests={LONG}", "lru:entries=1k", "--interval", "1ms",
                             "--duration", "1200ms")["results"][0]
        self.assertGreaterEqual(result["series_interval_s"], 0.004)
        self.assertLessEqual(len(result["series"]), 512)
        self.assertTrue(sums_agree(result))

    def test_a_cache_that_is_still_filling_is_flagged(self):
        filling = ("zipf:keys=200k,requests=100k,alpha=0.8", "lru:entries=200k")
        result = self.report(*filling)["results"][0]
        self.assertEqual(result["flags"], ["still_warming"])
        self.assertIn("still_warming", self.run_program("run", *filling).stdout)
        steady = self.report("zipf:keys=20k,requests=200k", "lru:entries=2k", "--warmup", "10%")
        self.assertEqual(steady["results"][0]["flags"], [])

    def test_an_interval_has_bounds(self):
        for interval in ("0", "1us", "25h"):
            done = self.run_program("run", SMALL, "null", "--interval", interval, exit_code=2)
            self.assertIn("from 1ms to 24h", done.stderr)


class Reports(CommandTest):
    def test_stdout_holds_the_json_alone(self):
        done = self.run_program("run", SMALL, "lru:entries=100", "--out", "-")
        self.assertEqual(json.loads(done.stdout)["kind"], "run")

    def test_repetitions_are_summarised(self):
        report = self.report(SMALL, "lru:entries=100", "fifo:entries=100", "--repeat", "3")
        self.assertEqual(len(report["results"]), 6)
        self.assertEqual(len(report["summaries"]), 2)
        hits = report["summaries"][0]["metrics"]["hits"]
        self.assertEqual((hits["n"], hits["low"]), (3, hits["high"]))

    def test_a_report_that_exists_is_kept_unless_forced(self):
        out = self.write("r.json", "mine")
        done = self.run_program("run", SMALL, "lru:entries=100", "--out", out, exit_code=2)
        self.assertIn("--force", done.stderr)
        self.assertEqual(open(out).read(), "mine")
        self.run_program("run", SMALL, "lru:entries=100", "--out", out, "--force")
        self.assertEqual(json.load(open(out))["kind"], "run")

    def test_an_experiment_file_says_the_same_as_flags(self):
        path = self.write("e.json", json.dumps({
            "workloads": [SMALL],
            "adapters": [{"kind": "lru", "entries": 100}, "fifo:entries=100"],
            "warmup": "10%", "seed": 7}))
        of_file = self.report(path)
        of_flags = self.report(SMALL, "lru:entries=100", "fifo:entries=100", "--warmup", "10%",
                               "--seed", "7")
        pick = lambda report: [(r["id"], r["hits"]) for r in report["results"]]
        self.assertEqual(sorted(pick(of_file)), sorted(pick(of_flags)))
        self.assertEqual(self.report(path, "--warmup", "0")["results"][0]["gets"], 20_000)

    def resolved(self, *args):
        """The experiment that a dry run prints."""
        return json.loads(self.run_program("run", *args, "--dry-run").stdout.splitlines()[0])

    def test_flags_override_the_lists_of_an_experiment_file(self):
        path = self.write("e.json", json.dumps({
            "workloads": [SMALL, "uniform:keys=100,requests=1k"],
            "adapters": ["lru:entries=100", "fifo:entries=100"],
            "fault": ["stall:at=1ms,for=1ms", "flush:at=3ms"], "time": "real"}))
        for args in (("--adapter", "arc:entries=5", "--adapter", "clock:entries=5"),
                     ("arc:entries=5", "clock:entries=5"),
                     ("arc:entries=5", "--adapter", "clock:entries=5")):
            of_adapters = self.resolved(path, *args)
            self.assertEqual(of_adapters["adapters"], ["arc:entries=5", "clock:entries=5"], args)
            self.assertEqual(len(of_adapters["workloads"]), 2)
        of_workload = self.resolved(path, "--workload", SMALL)
        self.assertEqual((of_workload["workloads"], len(of_workload["adapters"])), ([SMALL], 2))
        self.assertEqual(self.resolved(path, "--fault", "flush:at=2ms")["fault"], "flush:at=2ms")

    def test_a_flag_overrides_another_schedule_of_an_experiment_file(self):
        path = self.write("e.json", json.dumps({
            "workload": SMALL, "adapter": "null", "rate": 5000}))
        of_slo = self.resolved(path, "--slo", "p99=1ms")
        self.assertEqual((of_slo["rate"], of_slo["slo"]), (None, "p99=1ms"))
        both = self.run_program("run", path, "--slo", "p99=1ms", "--rate", "7", "--dry-run",
                                exit_code=2)
        self.assertIn("give one of them", both.stderr)

    def test_a_dry_run_measures_nothing(self):
        done = self.run_program("run", SMALL, "lru:entries=100", "redis", "--dry-run", "--out",
                                "r.json")
        self.assertIn('"adapters"', done.stdout)
        self.assertIn("at least about", done.stdout)
        self.assertFalse((self.folder / "r.json").exists())

    def test_what_was_measured_before_ctrl_c_is_written(self):
        out = self.folder / "r.json"
        run = subprocess.Popen([BINARY, "run", f"zipf:keys=10k,requests={LONG}", "lru:entries=100",
                                "--out", str(out)], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
        children = f"/proc/{run.pid}/task/{run.pid}/children"
        busy = lambda pid: int(open(f"/proc/{pid}/stat").read().split()[13])
        deadline = time.time() + 120
        while time.time() < deadline:  # a cell's process that has used 0.5 s of CPU is measuring
            if any(busy(child) > 50 for child in open(children).read().split()):
                break
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130)
        report = json.loads(out.read_text())
        self.assertTrue(report["interrupted"])
        self.assertTrue(sums_agree(report["results"][0]))
        self.assertGreater(report["results"][0]["gets"], 0)

    def test_list_and_help(self):
        for what in ("adapters", "policies", "admissions", "workloads", "formats", "origins",
                     "patterns", "guards", "operations", "reports"):
            self.assertTrue(self.run_program("list", what).stdout.strip())
        for args in (("--help",), ("run", "--help"), ("list", "--help"), ("clean", "--help")):
            self.assertIn("usage", self.run_program(*args).stdout)


if __name__ == "__main__":
    main()
