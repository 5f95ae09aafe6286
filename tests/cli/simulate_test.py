"""`cachegauge simulate`: counts that are known, what it shares with `run`, and what it refuses."""

import csv
import json
import pathlib
import unittest
from random import Random

from ground_truth_test import FORMATS, POLICIES, ground_truth
from support import SANITIZED, TRACES, CommandTest, main

LARGEST_FILE = 30_000 if SANITIZED else 1 << 30
FEWEST_COUNTS = 40 if SANITIZED else 160
AS_GETS = ["--all-as-get", "--ignore-size", "--ignore-ttl"]


class Simulating(CommandTest):
    def simulate(self, *args, **kwargs):
        """The report, and what was printed."""
        out = self.folder / f"report-{len(list(self.folder.iterdir()))}.json"
        done = self.run_program("simulate", *args, "--out", out, **kwargs)
        return json.loads(out.read_text()), done.stdout

    def refusal(self, *args, exit_code=2):
        return self.run_program("simulate", *args, exit_code=exit_code).stderr


@unittest.skipUnless(TRACES, "CACHEGAUGE_TRACES is not set")
class GroundTruth(Simulating):
    def test_policies_miss_exactly_as_often(self):
        compared = 0
        for trace, expected in ground_truth({**POLICIES, "belady": 1}).items():
            files = sorted(p for p in pathlib.Path(TRACES).iterdir() if p.name.startswith(trace)
                           and not p.name.endswith(".txt"))
            self.assertTrue(files, trace)
            policies = ",".join(sorted({policy for policy, _ in expected}))
            sizes = ",".join(map(str, sorted({size for _, size in expected})))
            for path in (p for p in files if p.stat().st_size <= LARGEST_FILE):
                spec = f"trace:path={path}"
                if path.name in FORMATS:
                    spec += f",format={FORMATS[path.name]}"
                report, _ = self.simulate(spec, "--policy", policies, "--size", sizes, *AS_GETS)
                misses = {(r["policy"], int(r["size"])): r["misses"] for r in report["results"]}
                self.assertEqual({key: misses[key] for key in expected}, expected, path.name)
                compared += len(expected)
        print(f"{compared} counts compared")
        self.assertGreaterEqual(compared, FEWEST_COUNTS)

    def test_shares_are_the_capacities_of_the_reference(self):
        path = pathlib.Path(TRACES).parent / "reference" / "ground-truth.csv"
        with open(path, newline="") as rows:
            expected = {int(r["cache_size_objects"]) for r in csv.DictReader(rows)
                        if r["trace"] == "webcachesim__test.tr"}
        report, _ = self.simulate(f"{TRACES}/webcachesim__test.tr", "--policy", "fifo", "--size",
                                  "0.1%,1%,10%", *AS_GETS)
        self.assertEqual({r["capacity"]["objects"] for r in report["results"]}, expected)


# Sets, deletes and adds, TTLs of a second or two, values of several sizes.
MIXED = "zipf:keys=2k,requests=40k,set=3,delete=1,add=1,value=lognormal,ttl=2s,rate=1000,seed=3"


class Command(Simulating):
    def test_run_counts_the_same(self):
        adapters = ["lru:entries=200", "s3fifo:entries=200", "ttl:entries=200,ttl=1s"]
        sized = ["lru:capacity=40000", "arc:capacity=40000", "wtinylfu:capacity=40000"]
        for fills in ("on-miss", "in-trace"):
            run = self.results(MIXED, *adapters, *sized, "--fills", fills, "--warmup", "10%")
            report, _ = self.simulate(
                MIXED, "--policy", "lru,s3fifo,arc,wtinylfu", "--policy", "ttl:ttl=1s", "--size",
                "200,40000B", "--fills", fills, "--warmup", "10%")
            simulated = {}
            for r in report["results"]:
                bound = "entries=200" if r["size"] == "200" else "capacity=40000"
                params = "".join(f",{k}={v}" for k, v in r["params"].items())
                simulated[f"{r['kind']}:{bound}{params}"] = r
            for spec in adapters + sized:
                for field in ("gets", "hits", "misses", "sets", "adds", "deletes", "evictions",
                              "expirations", "get_bytes", "hit_bytes", "hit_ratio"):
                    self.assertEqual(simulated[spec][field], run[spec][field],
                                     f"{spec}: {field}, fills {fills}")
            self.assertEqual(report["workload"]["fingerprint"],
                             run[adapters[0]]["workload"]["fingerprint"])

    def test_run_admits_the_same(self):
        filters = ["size,admission.max=100B", "probability,admission.p=0.3",
                   "probability,admission.c=100B", "bloom", "tinylfu",
                   "adaptsize,admission.window=2k"]
        specs = [f"lru:capacity=40000,admission={text}" for text in filters]
        specs.append("arc:capacity=40000,admission=bloom,admission.window=500")
        specs += [f"{policy}:capacity=40000,admission=tinylfu"
                  for policy in ("2q", "lirs", "clockpro", "arc", "qdlp", "s3fifo", "gdsf", "random",
                                 "lhd", "lecar", "cacheus", "wtinylfu")]
        run = self.results(MIXED, *specs, "--warmup", "10%")
        policies = [arg for spec in specs
                    for arg in ("--policy", spec.replace("capacity=40000,", ""))]
        report, _ = self.simulate(MIXED, *policies, "--size", "40000B", "--warmup", "10%")
        self.assertEqual(len(report["results"]), len(specs))
        for spec, simulated in zip(specs, report["results"]):
            for field in ("hits", "misses", "evictions", "expirations", "hit_bytes", "not_admitted"):
                self.assertEqual(simulated[field], run[spec][field], f"{spec}: {field}")
            self.assertGreater(simulated["not_admitted"], 0, spec)
            self.assertGreater(simulated["admissions"], 0, spec)
            self.assertGreaterEqual(run[spec]["not_stored"], run[spec]["not_admitted"])

    def test_table_and_report_say_what_was_found(self):
        trace = self.write("t.csv", "time,key,size\n" + "".join(
            f"{i},k{key},100\n" for i, key in enumerate([1, 2, 1, 3, 1, 2])))
        report, text = self.simulate(trace, "--policy", "lru,fifo", "--size", "2,50%")
        by_id = {r["id"]: r for r in report["results"]}
        self.assertEqual(report["kind"], "simulate")
        self.assertEqual(by_id["t.csv/lru/2"]["hits"], 2)
        self.assertEqual(by_id["t.csv/fifo/2"]["hits"], 1)
        self.assertEqual(by_id["t.csv/lru/50%"]["capacity"], {"objects": 2, "bytes": None})
        self.assertEqual(by_id["t.csv/lru/2"]["match_key"], "t.csv/2")
        self.assertEqual(by_id["t.csv/lru/2"]["compulsory_misses"], 3)
        self.assertIn("t.csv: 6 requests, 3 keys, footprint 306 B; fills on-miss", text)
        self.assertIn("no cache can do better than 50.00%: 3 of 6 gets are the first of their key",
                      text)
        self.assertIn(f"next: cachegauge run {trace} lru:entries=2", text)

    def test_curves_go_to_the_terminal_the_report_and_a_csv(self):
        path = self.folder / "curves.csv"
        report, text = self.simulate("zipf:keys=1k,requests=20k", "--curve", "lru,sieve", "--csv",
                                     path)
        lru, sieve = report["curves"]
        self.assertEqual((lru["method"], sieve["method"]), ("stack distances", "simulation"))
        self.assertIn("of the hits of the largest size", text)
        rows = list(csv.DictReader(path.open(newline="")))
        self.assertEqual([(r["policy"], int(r["size"]), int(r["misses"])) for r in rows],
                         [(c["policy"], p["size"], p["misses"])
                          for c in report["curves"] for p in c["points"]])
        some = lru["points"][len(lru["points"]) // 2]
        single, _ = self.simulate("zipf:keys=1k,requests=20k", "--policy", "lru", "--size",
                                  str(some["size"]))
        self.assertEqual(single["results"][0]["misses"], some["misses"])
        by_bytes, text = self.simulate("zipf:keys=1k,requests=20k", "--curve", "lru", "--curve-by",
                                       "bytes")
        self.assertEqual(by_bytes["curves"][0]["unit"], "bytes")
        self.assertIn("KiB", text)

    def test_a_curve_in_bytes_begins_at_the_largest_object(self):
        trace = self.write("t.csv", "key,size\n" + "".join(
            f"{key},{size}\n" for key, size in [("s", 43), ("s", 43), ("l", 943), ("s", 43),
                                                ("s", 43)]))
        path = self.folder / "curves.csv"
        report, text = self.simulate(trace, "--curve", "lru,fifo", "--curve-by", "bytes", "--csv",
                                     path)
        lru, fifo = report["curves"]
        self.assertEqual((lru["holds_from"], fifo["holds_from"], lru["exact"]), (1000, 1, True))
        self.assertGreaterEqual(lru["points"][0]["size"], 1000)
        self.assertIn("lru is known from 1000 B on, what its largest object takes: --policy lru "
                      "--size SIZE simulates smaller caches", text)
        self.assertNotIn("fifo is known", text)
        sizes = [f"{point['size']}B" for point in lru["points"]]
        single, _ = self.simulate(trace, "--policy", "lru", "--size", ",".join(sizes))
        self.assertEqual([point["misses"] for point in lru["points"]],
                         [result["misses"] for result in single["results"]])
        by_sample, text = self.simulate(trace, "--curve", "lru", "--curve-by", "bytes",
                                        "--sample-size", "1k")
        self.assertEqual(by_sample["curves"][0]["holds_from"], 1000)
        self.assertGreaterEqual(by_sample["curves"][0]["points"][0]["size"], 1000)
        self.assertIn("lru is known from 1000 B on", text)

    def test_a_sample_says_how_far_off_it_may_be(self):
        args = ["zipf:keys=200k,requests=400k", "--policy", "lru,belady", "--size", "5%,20%",
                "--curve", "lru,fifo"]
        whole, _ = self.simulate(*args)
        estimate, text = self.simulate(*args, "--sample", "10%")
        self.assertIsNone(whole["sample"])
        self.assertEqual(estimate["sample"]["rate"], 0.1)
        self.assertEqual(estimate["workload"]["requests"], 400_000)
        self.assertEqual(estimate["workload"]["fingerprint"], whole["workload"]["fingerprint"])
        self.assertIn("a sample of 10% (± one standard error)", text)
        self.assertIn("± 0.", text)
        for a, b in zip(estimate["results"], whole["results"]):
            self.assertEqual((a["id"], a["gets"], a["capacity"]["bytes"]),
                             (b["id"], b["gets"], b["capacity"]["bytes"]))
            self.assertEqual(a["hits"] + a["misses"], a["gets"])
            self.assertIsNone(b["miss_ratio_error"])
            self.assertLess(abs(a["miss_ratio"] - b["miss_ratio"]), 3 * a["miss_ratio_error"])
        for curve in estimate["curves"]:
            self.assertFalse(curve["exact"])
            self.assertTrue(all(p["miss_ratio_error"] >= 0 for p in curve["points"]))

    def test_a_sample_of_a_fixed_size_draws_the_curve_of_lru(self):
        args = ["zipf:keys=100k,requests=300k", "--curve", "lru"]
        exact = self.simulate(*args)[0]["curves"][0]
        report, text = self.simulate(*args, "--sample-size", "4k")
        self.assertEqual(report["sample"]["unique_keys"], 4000)
        self.assertIn("requests of 4,000 keys, a sample of", text)
        curve = report["curves"][0]
        self.assertEqual((curve["gets"], curve["exact"]), (300_000, False))
        point = min(curve["points"], key=lambda p: abs(p["size"] - 10_000))
        truth = [p for p in exact["points"] if p["size"] <= point["size"]][-1]
        self.assertLess(abs(point["miss_ratio"] - truth["miss_ratio"]),
                        4 * point["miss_ratio_error"])

    def test_a_size_in_which_no_object_fits_is_warned_of(self):
        report, _ = self.simulate("zipf:keys=100,requests=1k", "--policy", "lru,s3fifo",
                                  "--size", "64B,1KiB")
        warning, = report["warnings"]
        self.assertIn("64B: no object", warning)
        self.assertEqual([result["hits"] > 0 for result in report["results"]],
                         [result["capacity"]["bytes"] == 1024 for result in report["results"]])

    def test_a_sample_too_small_for_a_size_is_warned_of(self):
        report, _ = self.simulate("zipf:keys=20k,requests=40k", "--policy", "lru", "--size",
                                  "100,5k", "--sample", "10%")
        self.assertEqual(report["warnings"], [
            "the sample's cache for 100 has room for 10 objects, where below 100 estimates are "
            "rough: take --sample 100%"])

    def test_a_sample_that_turns_large_objects_away_is_warned_of(self):
        random = Random(1)
        rows = []
        for _ in range(20_000):
            key = int(5000 ** random.random())
            rows.append(f"{key},{1_000_000 if key % 50 == 7 else 1000}\n")
        trace = self.write("t.csv", "key,size\n" + "".join(rows))
        args = [trace, "--policy", "lru", "--size", "4MiB", "--seed", "3"]
        report, _ = self.simulate(*args, "--sample", "20%")
        turned, = [w for w in report["warnings"] if "turns away" in w]
        self.assertIn("the sample's cache for 4MiB has 819.2 KiB and turns away objects", turned)
        self.assertIn("take --sample 23.9%", turned)
        report, _ = self.simulate(*args, "--sample", "50%")
        self.assertEqual([w for w in report["warnings"] if "turns away" in w], [])

    def test_a_warm_up_that_ends_early_in_a_sample_is_warned_of(self):
        args = ["zipf:keys=1k,requests=50k", "--policy", "lru", "--size", "500", "--sample", "50%"]
        report, _ = self.simulate(*args, "--warmup", "1000")
        self.assertEqual(report["results"][0]["gets"], 50_000)
        self.assertIn("the warm-up of a sample ends within 1,024 requests: at 0, and not at 1,000",
                      report["warnings"])
        report, _ = self.simulate(*args, "--warmup", "1024")
        self.assertEqual(report["results"][0]["gets"], 48_976)
        self.assertEqual(report["warnings"], [])

    def test_a_policy_that_depends_on_the_scale_is_warned_of(self):
        # Each key comes twice, ten others lying between. What was hit stays in LFU's cache and
        # fills it, so that a new key is gone before it comes back; but not in a part of the
        # sample, where nothing is left of what lay between.
        keys = [key for i in range(20_000) for key in ([i, i - 10] if i >= 10 else [i])]
        trace = self.write("t.csv", "key\n" + "".join(f"{key}\n" for key in keys))
        report, _ = self.simulate(trace, "--policy", "lru,lfu", "--size", "5%", "--sample", "40%")
        lru, lfu = report["results"]
        self.assertAlmostEqual(lru["miss_ratio_by_parts"], lru["miss_ratio"], delta=0.01)
        self.assertGreater(lfu["miss_ratio"] - lfu["miss_ratio_by_parts"], 0.1)
        self.assertEqual(["lfu at 5%: an eighth of the sample" in w for w in report["warnings"]],
                         [True], report["warnings"])

    def test_a_series_shows_the_course(self):
        report, text = self.simulate("zipf:keys=1k,requests=20k,rate=1000", "--policy", "lru",
                                     "--size", "1%,10%", "--series", "5k", "--warmup", "10%")
        for result in report["results"]:
            self.assertEqual([w["request"] for w in result["series"]], [7000, 12000, 17000, 20000])
            self.assertEqual(sum(w["hits"] for w in result["series"]), result["hits"])
            self.assertEqual(sum(w["evictions"] for w in result["series"]), result["evictions"])
        self.assertIn("miss ratio over 4 windows, to request 20,000", text)
        by_time, text = self.simulate("zipf:keys=1k,requests=20k,rate=1000", "--policy", "lru",
                                      "--size", "1%", "--series", "2s")
        series = by_time["results"][0]["series"]
        self.assertEqual([w["t_s"] for w in series], [2.0 * (i + 1) for i in range(len(series))])
        self.assertEqual(sum(w["gets"] for w in series), 20_000)

    def test_fills_that_take_time_make_delayed_hits(self):
        trace = self.write("t.csv", "time,key\n" + "".join(
            f"{t},{key}\n" for t, key in [(0, "a"), (4, "a"), (10, "a"), (11, "b"), (12, "a"),
                                          (21, "a"), (25, "b")]))
        report, text = self.simulate(trace, "--policy", "lru", "--size", "1", "--origin", "10s",
                                     "--cache-rtt", "1s")
        result = report["results"][0]
        self.assertEqual((result["hits"], result["misses"], result["delayed_hits"]), (3, 4, 1))
        self.assertEqual(result["mean_response_ns"], 36e9 / 7 + 1e9)
        self.assertEqual((report["origin_ns"], report["cache_rtt_ns"]), (10**10, 10**9))
        self.assertIn("lru at 1 asks the origin 3 times: 1 of its 4 misses wait", text)
        self.assertIn("6.14 s", text)
        at_once, _ = self.simulate(trace, "--policy", "lru", "--size", "1")
        self.assertIsNone(at_once["results"][0]["delayed_hits"])
        self.assertIsNone(at_once["results"][0]["mean_response_ns"])

    def test_times_that_run_backwards_are_counted(self):
        trace = self.write("t.csv", "time,key\n1,a\n5,b\n3,c\n4,d\n5,e\n")
        warning = "2 rows are earlier than one before, and taken to arrive with it"
        for args in (["--policy", "lru", "--size", "1"],
                     ["--policy", "lru", "--size", "1", "--sample", "99%"],
                     ["--curve", "lru", "--sample-size", "1k"]):
            report, text = self.simulate(trace, *args)
            self.assertIn(warning, report["warnings"])
            self.assertIn(f"warning: {warning}\n", text)
        profile = self.run_program("profile", trace)
        self.assertIn(f"warning: {warning}\n", profile.stdout)
        self.assertEqual(self.report(trace, "lru:entries=1")["warnings"], [f"t.csv: {warning}"])

    def test_a_size_above_the_footprint_misses_the_first_get_of_each_key_alone(self):
        for policy in ("lru", "s3fifo", "arc", "lirs", "wtinylfu", "belady"):
            report, _ = self.simulate("zipf:keys=100,requests=2k", "--policy", policy, "--size",
                                      "1M,64MiB")
            for result in report["results"]:
                self.assertEqual(result["misses"], result["compulsory_misses"], result["id"])
                self.assertEqual(result["evictions"], 0, result["id"])

    def test_extreme_ids_and_objects_without_bytes_count(self):
        rows = "".join(f"{i},{key},{size}\n" for i, (key, size) in enumerate(
            [(0, 0), (2**64 - 1, 5), (0, 0), (2**64 - 1, 5), (1, 10**12), (1, 10**12)]))
        trace = self.write("t.csv", "time,key,size\n" + rows)
        report, _ = self.simulate(trace, "--policy", "lru", "--size", "10,1KiB")
        entries, in_bytes = report["results"]
        self.assertEqual((entries["gets"], entries["hits"], entries["declined"]), (6, 3, 0))
        self.assertEqual((in_bytes["hits"], in_bytes["declined"]), (2, 2))
        self.assertEqual(report["workload"]["unique_keys"], 3)

    def test_a_small_memory_gives_the_same_counts(self):
        args = ["zipf:keys=300k,requests=600k", "--policy", "lru,lfu,arc", "--size", "1%,10%"]
        whole, _ = self.simulate(*args)
        spilled, _ = self.simulate(*args, "--max-memory", "24MiB", "--threads", "4")
        self.assertGreater(spilled["cost"]["spilled_bytes"], 0)
        self.assertEqual([r["hits"] for r in spilled["results"]],
                         [r["hits"] for r in whole["results"]])

    def test_one_request_one_key_none(self):
        none = self.run_program("simulate", self.write("none.csv", "key\n"), "--policy", "lru",
                                "--size", "10%", exit_code=1)
        self.assertIn("none.csv: the trace is empty", none.stderr)
        one_key, _ = self.simulate(self.write("one_key.csv", "key\na\na\na\n"), "--policy",
                                   "lru,arc", "--size", "1%")
        self.assertEqual([r["hits"] for r in one_key["results"]], [2, 2])
        one, _ = self.simulate(self.write("one.csv", "key\na\n"), "--policy", "lru", "--size",
                               "10%")
        self.assertEqual(one["results"][0]["hit_ratio"], 0)
        sets, _ = self.simulate(self.write("sets.csv", "key,op\na,set\na,set\n"), "--policy", "lru",
                                "--size", "10")
        self.assertIsNone(sets["results"][0]["hit_ratio"])
        self.assertEqual(sets["results"][0]["write_hits"], 1)

    def test_ttls_without_times_are_warned_of(self):
        report, _ = self.simulate("zipf:keys=10,requests=100,ttl=1s", "--policy", "lru", "--size",
                                  "5")
        self.assertEqual(report["warnings"],
                         ["the workload has TTLs and no times, so nothing expires"])

    def test_a_policy_without_a_limit_needs_no_size(self):
        report, text = self.simulate("zipf:keys=100,requests=1k", "--policy", "unbounded")
        self.assertEqual(report["results"][0]["capacity"], {"objects": None, "bytes": None})
        self.assertIn("no limit", text)

    def test_what_is_refused_says_what_to_write(self):
        zipf = ["zipf:keys=100,requests=1k"]
        lru = [*zipf, "--policy", "lru"]
        for args, text in [
                ([], "usage: cachegauge simulate"),
                (["--policy", "lru", "--size", "1"], "which workload?"),
                (zipf, "which policies? Say --policy lru,s3fifo,arc"),
                (lru, "which sizes? Say --size 1%,10%"),
                ([*zipf, "--policy", "lur", "--size", "1"], "did you mean lru"),
                ([*zipf, "--policy", "lru,lru", "--size", "1"], "lru is given twice"),
                ([*zipf, "--policy", "lru,s3fifo:small=5%", "--size", "1"],
                 "a comma list holds bare names"),
                ([*lru, "--size", "200%"], "--size: expected a share from 0% to 100%"),
                ([*zipf, "--policy", "lru:smal=1", "--size", "1"], "smal"),
                ([*zipf, "--policy", "s3fifo:promote=9", "--size", "1"], "s3fifo:promote"),
                ([*zipf, "--policy", "lru:admission=tinylf", "--size", "1"], "did you mean tinylfu"),
                ([*zipf, "--policy", "lru:admission=probability,admission.p=2", "--size", "1"],
                 "probability:p: expected a number from 0 to 1"),
                ([*lru, "--size", "0"], "--size: a cache of size 0 holds nothing"),
                ([*lru, "--size", "1MB"], "--size: expected a size such as 64MiB"),
                ([*lru, "--sizes", "1"], "did you mean size"),
                ([*lru, "--size", "1", "--warmup", "1k"], "--warmup takes all 1,000 requests"),
                ([*lru, "fifo", "--size", "1"], "policies go after --policy"),
                ([*lru, "--size", "1", "--threads", "0"], "--threads: expected a number"),
                ([*lru, "--size", "1", "--sample", "0%"], "--sample: a sample of no keys"),
                ([*lru, "--size", "1", "--sample", "2"], "--sample: expected a share"),
                ([*lru, "--size", "1", "--sample", "0.0001%"], "take a larger --sample"),
                ([*lru, "--size", "1", "--series", "0"], "--series: expected a window"),
                ([*lru, "--size", "1", "--series", "5x"], "--series: expected a time"),
                ([*lru, "--size", "1", "--series", "5s"], "has no times, which --series by time"),
                ([*lru, "--size", "1", "--origin", "5ms"], "has no times, which --origin needs"),
                ([*lru, "--size", "1", "--origin", "sleep:latency=5ms"], "such as 50ms"),
                ([*lru, "--size", "1", "--cache-rtt", "5ms"], "say --origin 50ms"),
                ([*lru, "--size", "1", "--series", "5", "--sample", "1%"], "leave out --series"),
                ([*lru, "--size", "1", "--sample-size", "8k"], "say --curve lru alone"),
                ([*zipf, "--curve", "lru", "--sample-size", "10"], "expected from 1k to 100M"),
                ([*zipf, "--curve", "lru", "--sample-size", "8k", "--warmup", "10%"],
                 "give --warmup as a number of requests"),
                ([*zipf, "--curve", "lru", "--origin", "5ms"], "say --policy lru"),
                (["zipf:keys=9,requests=9,rate=9,set=1", "--policy", "lru", "--size", "1",
                  "--origin", "5ms"], "say --fills on-miss")]:
            done = self.run_program("simulate", *args, exit_code=2)
            self.assertIn(text, done.stderr + done.stdout)
        self.assertIn("raise --max-memory from 1 KiB",
                      self.refusal(*lru, "--size", "1", "--max-memory", "1KiB", exit_code=1))


if __name__ == "__main__":
    main()
