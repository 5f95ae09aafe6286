"""`cachegauge profile`: what it finds in traffic of a known kind, its verdict, and what it refuses."""

import json
import re
import shlex
import unittest
from collections import OrderedDict
from random import Random

from support import SANITIZED, CommandTest, main, need_servers

REQUESTS = 20_000 if SANITIZED else 200_000
ZIPF = f"zipf:keys=10k,requests={REQUESTS},alpha=1.0,rate=1000"


CHARGE = 56  # bytes of an object beside its key and value


def lru_hits(gets, capacity):
    """Of gets (key, bytes), by an LRU cache that misses fill, and that passes larger objects by."""
    held, used, hits = OrderedDict(), 0, 0
    for key, size in gets:
        if key in held:
            hits += 1
            held.move_to_end(key)
        elif size <= capacity:
            while used + size > capacity:
                used -= held.popitem(last=False)[1]
            held[key] = size
            used += size
    return hits


class Profile(CommandTest):
    def profile(self, *args, **kwargs):
        """The report, and what was printed."""
        out = self.folder / f"report-{len(list(self.folder.iterdir()))}.json"
        done = self.run_program("profile", *args, "--out", out, **kwargs)
        return json.loads(out.read_text()), done.stdout

    def test_the_law_of_a_generator_is_found_again(self):
        for alpha in (0.8, 1.0, 1.2):
            report, _ = self.profile(f"zipf:keys=100,requests={REQUESTS},alpha={alpha}")
            zipf = report["results"][0]["popularity"]["zipf"]
            self.assertAlmostEqual(zipf["alpha"], alpha, delta=0.03)
            self.assertLess(zipf["ks_distance"], 0.02)

    def test_keys_are_as_long_as_the_trace_states(self):
        trace = self.write("t.csv", "1,ab,40,100,1,get,0\n2,cd,20,100,1,get,0\n3,ab,40,100,1,get,0\n")
        report, text = self.profile(f"trace:path={trace},format=twitter")
        traffic = report["results"][0]
        self.assertEqual((traffic["key_bytes"]["min"], traffic["key_bytes"]["max"]), (20, 40))
        self.assertEqual(traffic["object_bytes"]["mean"], 130)
        self.assertEqual(traffic["footprint_bytes"], 260)
        # As `run` sends them: keys of two bytes.
        size = traffic["reuse"]["sizes"][0]["bytes"]
        self.assertAlmostEqual(size, 2 * (2 + 100 + CHARGE), delta=0.01 * size)
        self.assertIn("keys are not as long as the trace states, 56 B all together", text)

    def test_sizes_are_those_of_a_simulation(self):
        report, _ = self.profile(ZIPF)
        reuse = report["results"][0]["reuse"]
        self.assertTrue(reuse["exact"])
        out = self.folder / "sim.json"
        sizes = [str(size["objects"]) for size in reuse["sizes"]]
        self.run_program("simulate", ZIPF, "--policy", "lru", "--size", ",".join(sizes), "--out", out)
        simulated = json.loads(out.read_text())["results"]
        for size, result in zip(reuse["sizes"], simulated):
            self.assertAlmostEqual(size["hit_ratio"], result["hit_ratio"], places=12)
        best = 1 - report["workload"]["unique_keys"] / REQUESTS
        self.assertAlmostEqual(reuse["best_hit_ratio"], best, places=12)
        for size in reuse["sizes"]:
            self.assertGreaterEqual(size["hit_ratio"], size["share"] * best)

    def test_sizes_in_bytes_are_of_a_cache_that_takes_in_no_larger_object(self):
        random = Random(5)
        sizes = [10 ** random.randrange(1, 6) for _ in range(300)]
        keys = [min(random.randrange(300), random.randrange(300)) for _ in range(5000)]
        trace = self.write("t.csv", "key,size\n" + "".join(f"k{k},{sizes[k]}\n" for k in keys))
        gets = [(f"k{k}", len(f"k{k}") + sizes[k] + CHARGE) for k in keys]
        report, text = self.profile(trace, "--origin", "1ms", "--cache-rtt", "200us")
        reuse, verdict = report["results"][0]["reuse"], report["verdict"]
        self.assertEqual(reuse["largest_object_bytes"], max(bytes for _, bytes in gets))
        self.assertEqual((reuse["size_unit"], verdict["size_unit"]), ("bytes", "bytes"))
        quoted = reuse["sizes"] + reuse["curve"] + [verdict["size"],
                                                    verdict["candidates"][0]["smallest"]]
        for size in quoted:
            self.assertAlmostEqual(size["hit_ratio"], lru_hits(gets, size["bytes"]) / len(gets))
        below = [size for size in quoted if size["bytes"] < reuse["largest_object_bytes"]]
        self.assertGreater(len(below), 5)
        for memory in (100, 2000, 70_000, 150_000, 2_000_000):
            report, text = self.profile(trace, "--memory", f"{memory}B")
            verdict = report["verdict"]
            hit_ratio = lru_hits(gets, memory) / len(gets)
            self.assertAlmostEqual(verdict["size"]["hit_ratio"], hit_ratio)
            self.assertAlmostEqual(verdict["policies"][0]["hit_ratio"], hit_ratio)
            self.assertIn(f"LRU hits {100 * hit_ratio:.2f}% there", text)
        _, text = self.profile(trace, "--memory", "60B")
        self.assertIn("none: LRU has no hits at --memory", text)

    def test_the_verdict_shows_its_arithmetic(self):
        report, text = self.profile(ZIPF, "--origin", "50ms", "--cache-rtt", "500us", "--price",
                                    "gib-month=2,origin-call=0.00001")
        verdict = report["verdict"]
        far, = verdict["candidates"]
        m = verdict["miss_ratio"]
        self.assertEqual((far["name"], far["measured"]), ("a cache 500 us away", False))
        self.assertAlmostEqual(far["break_even_ns"], 500e3 * (1 + m) / (1 - m), delta=1)
        self.assertAlmostEqual(far["mean_ns"], 500e3 + m * 50.5e6, delta=1)
        self.assertTrue(far["pays"])
        hottest = report["results"][0]["popularity"]["hottest"][0]
        rate = report["results"][0]["rate"]["mean_rps"]
        self.assertAlmostEqual(verdict["stampede"]["calls_per_expiry"],
                               1 + hottest["share"] * rate * 0.05, places=9)
        self.assertGreater(verdict["monthly_cost_without"]["total"],
                           verdict["monthly_cost_with"]["total"])
        for part in ("x (50.0 ms + 500 us) = ", "pays", "breaks even at an origin of (500 us + ",
                     "calls each time the hottest key expires", "a month  ", "caching pays here",
                     "not measured: "):
            self.assertIn(part, text)

    def test_what_expires_is_fetched_by_gets_and_not_by_writes(self):
        rows = [("log", "set")] * 9 + [("page", "get")] * 4 + [("other", "get")]
        trace = self.write("t.csv", "time,key,op,size\n" + "".join(
            f"{i},{key},{op},100\n" for i, (key, op) in enumerate(rows * 10)))
        report, _ = self.profile(trace, "--origin", "50ms", "--cache-rtt", "500us", "--rate", "28")
        hottest = report["results"][0]["popularity"]["hottest"]
        self.assertEqual([(key["key"], key["requests"], key["gets"]) for key in hottest],
                         [("log", 90, 0), ("page", 40, 40), ("other", 10, 10)])
        self.assertAlmostEqual(report["verdict"]["stampede"]["hottest_rps"], 8)
        self.assertAlmostEqual(report["verdict"]["stampede"]["calls_per_expiry"], 1.4)

    def test_the_next_command_works(self):
        trace = self.write("a trace.csv", "time,key,op,size,ttl\n" + "".join(
            f"{i},k{i % 7 * (i % 3)},{'set' if i % 5 == 0 else 'get'},{100 + i % 7},60\n"
            for i in range(2000)))
        once = self.write("once.csv", "key\n" + "".join(f"k{i}\n" for i in range(2000)))
        for args in ([ZIPF, "--origin", "1ms"], [trace, "--origin", "1ms", "--limit", "500"],
                     [trace], [once], [trace, "--adapter", "lru", "--adapter", "sieve"]):
            report, text = self.profile(*args)
            command = shlex.split(report["next"])
            self.assertIn(f"next: {report['next']}", text)
            self.assertEqual(command[:2], ["cachegauge", "run"])
            self.run_program(*command[1:])

    def test_the_next_command_has_a_size_that_a_person_would_write(self):
        report, _ = self.profile(ZIPF)
        bytes = report["verdict"]["size"]["bytes"]
        memory, = re.findall(r"--memory (\d+)KiB", report["next"])
        self.assertGreaterEqual(int(memory) * 1024, bytes)
        self.assertLess(int(memory) * 1024, bytes + 1024)
        report, _ = self.profile(ZIPF, "--memory", "100001B")
        self.assertIn("--memory 100001B", report["next"])

    def test_what_it_promises_is_what_run_finds(self):
        report, _ = self.profile(ZIPF, "--origin", "1ms")
        command = shlex.split(report["next"])[2:]
        result, = self.report(*command)["results"]
        self.assertAlmostEqual(1 - result["hit_ratio"], report["verdict"]["miss_ratio"], delta=0.01)

    def test_caches_are_measured_here(self):
        report, _ = self.profile(ZIPF, "--origin", "1ms", "--adapter", "lru")
        near, = report["verdict"]["candidates"]
        self.assertEqual((near["name"], near["measured"], near["pays"]), ("lru", True, True))
        self.assertGreater(near["get_ns"], 0)
        self.assertGreater(near["set_ns"], 0)
        # Without anything to compare, it is the best policy in this process.
        report, _ = self.profile(ZIPF, "--origin", "1ms")
        self.assertEqual(report["verdict"]["candidates"][0]["name"], report["verdict"]["policy"])

    @need_servers("redis-server")
    def test_a_server_is_measured_too(self):
        report, _ = self.profile("zipf:keys=1k,requests=3k", "--origin", "50ms", "--adapter", "redis")
        redis, = report["verdict"]["candidates"]
        self.assertGreater(redis["get_ns"], 1000)
        self.assertTrue(redis["pays"])

    def test_without_an_origin_it_says_from_which_on_it_pays(self):
        report, text = self.profile(ZIPF)
        self.assertIsNone(report["verdict"]["origin"])
        self.assertEqual(report["verdict"]["candidates"], [])
        self.assertIn("a cache pays for an origin slower than 1.", text)
        self.assertIn("whether it is worth it (--origin TIME", text)
        report, _ = self.profile(ZIPF, "--cache-rtt", "1ms")
        self.assertIsNone(report["verdict"]["candidates"][0]["pays"])
        self.assertGreater(report["verdict"]["candidates"][0]["break_even_ns"], 1e6)

    def test_a_distribution_has_its_own_percentile(self):
        spec = "sleep:latency=10ms,jitter=exponential"
        report, _ = self.profile(ZIPF, "--origin", spec, "--cache-rtt", "100us")
        origin = report["verdict"]["origin"]
        self.assertAlmostEqual(origin["mean_ns"], 10e6, delta=0.2e6)
        self.assertAlmostEqual(origin["p99_ns"], 46.05e6, delta=2e6)

    def test_a_long_trace_is_sampled(self):
        if SANITIZED:
            self.skipTest("the same in less time")
        report, text = self.profile("zipf:keys=200k,requests=3M")
        reuse = report["results"][0]["reuse"]
        self.assertEqual((reuse["sample_rate"], reuse["exact"]), (0.125, False))
        self.assertIn("estimates from 12.50% of the keys", text)
        self.assertIn("(± one standard error, of which keys are in the sample)", text)
        out = self.folder / "sim.json"
        sizes = [str(size["objects"]) for size in reuse["sizes"]]
        self.run_program("simulate", "zipf:keys=200k,requests=3M", "--policy", "lru", "--size",
                         ",".join(sizes), "--out", out)
        for size, result in zip(reuse["sizes"], json.loads(out.read_text())["results"]):
            self.assertAlmostEqual(size["hit_ratio"], result["hit_ratio"], delta=0.01)
        chosen = report["verdict"]["policies"]
        self.run_program("simulate", "zipf:keys=200k,requests=3M", "--policy",
                         ",".join(policy["policy"] for policy in chosen), "--size",
                         str(report["verdict"]["size"]["objects"]), "--out", out, "--force")
        for policy, result in zip(chosen, json.loads(out.read_text())["results"], strict=True):
            self.assertGreater(policy["hit_ratio_error"], 0)
            self.assertAlmostEqual(policy["hit_ratio"], result["hit_ratio"],
                                   delta=4 * policy["hit_ratio_error"])

    def test_a_sample_leaves_what_it_cannot_tell_to_the_whole(self):
        if SANITIZED:
            self.skipTest("the same in less time")
        workload = "zipf:keys=100k,requests=1M,value=lognormal"
        report, _ = self.profile(workload, "--memory", "2KiB")
        reuse, verdict = report["results"][0]["reuse"], report["verdict"]
        self.assertLess(reuse["sample_rate"], 1)
        self.assertLess(2048, reuse["largest_object_bytes"])
        for size in reuse["sizes"] + reuse["curve"]:
            self.assertGreaterEqual(size["bytes"], reuse["largest_object_bytes"])
        out = self.folder / "sim.json"
        self.run_program("simulate", workload, "--policy",
                         ",".join(policy["policy"] for policy in verdict["policies"]), "--size",
                         "2KiB", "--out", out)
        simulated = [result["hit_ratio"] for result in json.loads(out.read_text())["results"]]
        self.assertEqual([policy["hit_ratio"] for policy in verdict["policies"]], simulated)
        self.assertEqual(verdict["size"]["hit_ratio"], simulated[0])
        report, _ = self.profile(workload, "--memory", f"{reuse['curve'][0]['bytes']}B")
        warning, = report["warnings"]
        self.assertRegex(warning, "policies are compared in caches of .* on the sample, which do "
                         r"not take in the largest object \(.*KiB\): these hit ratios are rough")

    def test_hottest_keys_have_their_names(self):
        trace = self.write("t.csv", "key\n" + "user:7\n" * 30 + "user:9\n" * 20 + "x\n" * 10)
        report, text = self.profile(trace)
        hottest = report["results"][0]["popularity"]["hottest"]
        self.assertEqual([(h["key"], h["requests"]) for h in hottest],
                         [("user:7", 30), ("user:9", 20), ("x", 10)])
        self.assertIn("user:7 50.00%", text)

    def test_odd_traces(self):
        none = self.run_program("profile", self.write("none.csv", "key\n"), exit_code=1)
        self.assertIn("the trace is empty", none.stderr)
        one, _ = self.profile(self.write("one.csv", "key\na\n"), "--origin", "1ms")
        self.assertEqual(one["verdict"]["miss_ratio"], 1)
        self.assertIsNone(one["results"][0]["rate"])
        back, _ = self.profile(self.write("back.csv", "time,key\n5,a\n3,b\n9,a\n"))
        self.assertEqual(back["results"][0]["reuse"]["time_s"]["max"], 4)
        timeless, _ = self.profile("zipf:keys=10,requests=100", "--price", "gib-month=1")
        self.assertEqual(timeless["warnings"], [
            "--price: the workload has no times, so what a month costs needs a --rate"])
        at_once, text = self.profile(self.write("at-once.csv", "time,key\n5,a\n"), "--price",
                                     "gib-month=1")
        self.assertEqual(at_once["warnings"], [
            "--price: all requests come at the same time, so what a month costs needs a --rate"])
        self.assertIn("at-once.csv: 1 request, 1 key, footprint", text)
        paid, _ = self.profile("zipf:keys=10,requests=100", "--price", "gib-month=1", "--rate", "10")
        self.assertIsNotNone(paid["verdict"]["monthly_cost_with"])

    def test_what_is_refused_says_what_to_write(self):
        for args, text in [
                ([], "usage: cachegauge profile"),
                (["--origin", "1ms"], "which workload?"),
                ([ZIPF, "lru"], "caches go after --adapter"),
                ([ZIPF, "--price", "gib=1"], "--price: unknown parameter"),
                ([ZIPF, "--price", "gib-month=-1"], "--price: gib-month: expected a"),
                ([ZIPF, "--cache-rtt", "5"], "--cache-rtt: expected"),
                ([ZIPF, "--rate", "0"], "--rate: expected requests a second"),
                ([ZIPF, "--memory", "0"], "--memory: a cache of 0 B holds nothing"),
                ([ZIPF, "--memory", "56"], "an object takes 56 bytes beside its key and value"),
                ([ZIPF, "--origin", "slep:latency=1ms"], "did you mean sleep"),
                ([ZIPF, "--origin", "1ms", "--adapter", "lur"], "did you mean lru"),
                ([ZIPF, "--orign", "1ms"], "did you mean origin")]:
            done = self.run_program("profile", *args, exit_code=2)
            self.assertIn(text, done.stderr + done.stdout)


if __name__ == "__main__":
    main()
