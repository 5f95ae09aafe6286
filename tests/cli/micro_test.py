"""`cachegauge micro`: what Google Benchmark is given to measure, what it says, what is refused."""

import contextlib
import csv
import io
import json
import pathlib
import re
import signal
import socket
import statistics
import subprocess

from shared_server_test import Server
from support import BINARY, CommandTest, main, need_servers

PLUGINS = pathlib.Path(BINARY).parent / "plugins"
QUICK = ["--keys", "1k", "--items", "500", "--benchmark_min_time=0.0001"]
MEAN_KEY_BYTES = (9 * 1 + 90 * 2 + 900 * 3 + 4) / 1000  # of the numbers from 1 to 1000


class MicroTest(CommandTest):
    def run_micro(self, *args, **kwargs):
        return self.run_program("micro", *args, **kwargs)

    def measure(self, *args, **kwargs):
        """What the JSON file says, by name without what the engine appends."""
        out = self.folder / f"micro-{len(list(self.folder.iterdir()))}.json"
        self.run_micro(*QUICK, *args, f"--benchmark_out={out}", **kwargs)
        rows = json.loads(out.read_text())["benchmarks"]
        return {re.sub(r"/(iterations:\d+/)?(real|manual)_time/threads:1$", "", r["name"]): r for r in rows}

    def listed(self, *args, **kwargs):
        return self.run_micro(*args, "--benchmark_list_tests", **kwargs).stdout.split()

    def refusal(self, *args, exit_code=2):
        return self.run_micro(*args, exit_code=exit_code).stderr


class Report(MicroTest):
    def saved(self, *args):
        self.measure(*args)
        path, = self.folder.glob("micro-*.json")
        return path

    def test_report_shows_its_json(self):
        path = self.saved("lru", "fifo", "--benchmark_filter=get-miss|set-replace",
                          "--benchmark_repetitions=3")
        text = self.run_program("report", path).stdout
        self.assertRegex(text, r"(?m)^cache +get-miss +set-replace +per item")
        self.assertRegex(text, r"(?m)^lru +[\d.]+ [nu]s")
        self.assertIn(f"next: python3 /usr/share/benchmark/compare.py benchmarks {path} OTHER.json",
                      text)
        rows = list(csv.DictReader(io.StringIO(self.run_program("report", path, "--csv").stdout)))
        medians = {tuple(row[name] for name in ("operation", "adapter")): row for row in rows}
        measured = json.loads(path.read_text())["benchmarks"]
        for (operation, adapter), row in medians.items():
            times = [r["real_time"] for r in measured if r["run_type"] == "iteration"
                     and r["name"].startswith(f"{operation}/{adapter}/")]
            self.assertEqual((len(times), row["repetitions"]), (3, "3"))
            self.assertAlmostEqual(float(row["time_ns"]), statistics.median(times))
        self.assertEqual(len(medians), 4)
        stderr = self.run_program("gate", "--baseline", path, "--candidate", path,
                                  exit_code=1).stderr
        self.assertIn(f"`cachegauge report {path}` shows it", stderr)

    def test_what_cannot_show_it_says_what_does(self):
        path = self.saved("null", "--benchmark_filter=mixed", "--benchmark_repetitions=2")
        self.assertIn("NaN", path.read_text())  # as Google Benchmark writes it
        stderr = self.run_program("report", path, "--junit", exit_code=2).stderr
        self.assertIn("--text, --markdown, --html, --csv", stderr)


class Operations(MicroTest):
    def test_each_does_what_its_name_says(self):
        rows = self.measure("lru")
        self.assertEqual(set(rows), {f"{name}/lru/value:100" for name in (
            "get-hit", "get-miss", "set-new", "set-replace", "delete", "mixed")}
            | {"set-evicting/lru/value:100/items:500"})
        for name, row in rows.items():
            self.assertNotIn("error_occurred", row, name)
            self.assertGreater(row["real_time"], 0, name)
            self.assertGreater(row["items_per_second"], 0, name)
        by_operation = {name.partition("/")[0]: row for name, row in rows.items()}
        for name in ("get-hit", "get-miss", "set-new", "set-replace", "mixed"):
            row = by_operation[name]
            self.assertEqual(row["items"], 1000, name)
            self.assertAlmostEqual(row["payload_per_item"], 100 + MEAN_KEY_BYTES, msg=name)
            self.assertGreater(row["bytes_per_item"], row["payload_per_item"], name)
        for name in ("set-new", "delete"):
            self.assertEqual(by_operation[name]["iterations"], 1000, name)
        self.assertNotIn("items", by_operation["delete"])
        self.assertEqual(by_operation["mixed"]["hit_ratio"], 1)
        self.assertEqual(by_operation["set-evicting"]["items"], 500)
        self.assertEqual(by_operation["set-evicting"]["evictions_per_set"], 1)
        self.assertNotIn("bytes_per_second", by_operation["get-miss"])
        for name in ("get-hit", "set-replace", "set-evicting"):
            row = by_operation[name]
            self.assertAlmostEqual(row["bytes_per_second"] / row["items_per_second"], 100, msg=name)

    def test_null_says_what_the_loop_takes(self):
        rows = self.measure("null", "--benchmark_filter=get-miss|set-replace|mixed")
        self.assertEqual(len(rows), 3)
        for name, row in rows.items():
            self.assertNotIn("error_occurred", row, name)
            self.assertNotIn("items", row, name)
        self.assertEqual(rows["mixed/null/value:100"]["hit_ratio"], 0)
        done = self.run_micro("null", *QUICK, "--benchmark_filter=get-hit", exit_code=1)
        self.assertRegex(done.stdout, r"not what get-hit measures: [\d,]+ misses")

    def test_every_policy_takes_part(self):
        policies = ["fifo", "clock", "sieve", "lfu", "s3fifo", "arc", "2q", "slru", "wtinylfu",
                    "random", "ttl:ttl=60s"]
        rows = self.measure(*policies)
        self.assertEqual(len(rows), 7 * len(policies))
        for name, row in rows.items():
            self.assertNotIn("error_occurred", row, name)
            if name.startswith("set-evicting") and "wtinylfu" not in name:
                self.assertEqual(row["evictions_per_set"], 1, name)

    def test_value_sizes_and_threads_multiply(self):
        args = ["lru:entries=2k", "unbounded", "--value-size", "1KiB,lognormal", "--threads", "1,2"]
        names = self.listed(*args, "--benchmark_filter=get-hit|set-evicting")
        self.assertEqual(names, [
            f"{operation}/{adapter}/value:{value}/real_time/threads:{threads}"
            for adapter, operations in (("lru:entries=2k", ("get-hit", "set-evicting")),
                                        ("unbounded", ("get-hit",)))
            for value in ("1024", "lognormal") for threads in (1, 2) for operation in operations])

    def test_threads_share_one_cache(self):
        rows = self.measure("lru:shards=4", "--threads", "2")
        for name, row in rows.items():
            self.assertNotIn("error_occurred", row, name)
            self.assertEqual(row["threads"], 2)
        new = next(row for name, row in rows.items() if name.startswith("set-new"))
        self.assertEqual((new["iterations"], new["items"]), (1000, 1000))

    def test_sizes_follow_the_distribution(self):
        values = "value=weighted,value.sizes=100:1+300:1"
        # Which sets each key once, however long the machine makes one of them take.
        rows = self.measure("lru", "--workload", f"uniform:{values}", "--benchmark_filter=set-new")
        row, = rows.values()
        mean_bytes = row["bytes_per_second"] / row["items_per_second"]
        self.assertGreater(mean_bytes, 150)
        self.assertLess(mean_bytes, 250)

    def test_keys_are_padded_and_ops_are_mixed_as_the_workload_says(self):
        rows = self.measure("lru", "--workload", "uniform:key=20,get=1,delete=1",
                            "--benchmark_filter=get-hit|mixed", "--benchmark_min_time=0.01")
        self.assertEqual(rows["get-hit/lru/value:100"]["payload_per_item"], 120)
        self.assertLess(rows["mixed/lru/value:100"]["hit_ratio"], 0.5)  # nothing comes back

    def test_repetitions_find_a_new_cache_empty(self):
        out = self.folder / "r.json"
        self.run_micro("lru", *QUICK, "--benchmark_filter=set-new|delete",
                       "--benchmark_repetitions=3", f"--benchmark_out={out}")
        rows = json.loads(out.read_text())["benchmarks"]
        runs = [row for row in rows if row["run_type"] == "iteration"]
        self.assertEqual(len(runs), 6)
        for row in runs:
            self.assertNotIn("error_occurred", row, row["name"])
            self.assertEqual(row["iterations"], 1000)
        self.assertEqual({row["aggregate_name"] for row in rows if row not in runs},
                         {"mean", "median", "stddev", "cv"})

    def test_plugins_and_disks(self):
        spec = f"plugin:path={PLUGINS}/wrapped_lru.so,entries=1000"
        label = spec.replace("/", "_")
        rows = self.measure(spec, "sqlite:capacity=1MiB",
                            "--benchmark_filter=get-hit|set-replace|delete|set-evicting/plugin")
        self.assertEqual(set(rows), {f"{name}/{adapter}/value:100"
                                     for name in ("get-hit", "set-replace", "delete")
                                     for adapter in (label, "sqlite:capacity=1MiB")}
                         | {f"set-evicting/{label}/value:100"})
        for name, row in rows.items():
            self.assertNotIn("error_occurred", row, name)
        self.assertEqual(rows[f"set-evicting/{label}/value:100"]["evictions_per_set"], 1)


class Engine(MicroTest):
    def test_console_and_formats_are_google_benchmarks(self):
        done = self.run_micro("lru", *QUICK, "--benchmark_filter=get-hit")
        self.assertRegex(done.stdout, r"Benchmark +Time +CPU +Iterations +UserCounters")
        self.assertRegex(done.stdout, r"get-hit/lru/value:100/real_time/threads:1 +\d")
        done = self.run_micro("lru", *QUICK, "--benchmark_filter=get-hit",
                              "--benchmark_format=json", "--benchmark_context=branch=mine")
        report = json.loads(done.stdout)
        self.assertEqual(report["context"]["branch"], "mine")
        self.assertIn("cachegauge", report["context"])
        self.assertIn("zipf:", report["context"]["workload"])
        self.assertEqual([row["name"] for row in report["benchmarks"]],
                         ["get-hit/lru/value:100/real_time/threads:1"])

    def test_json_has_what_compare_reads(self):
        out = self.folder / "r.json"
        self.run_micro("lru", "fifo", *QUICK, "--benchmark_filter=get", f"--benchmark_out={out}",
                       "--benchmark_repetitions=2")
        for row in json.loads(out.read_text())["benchmarks"]:
            for field in ("name", "run_name", "run_type", "real_time", "cpu_time", "time_unit",
                          "iterations", "threads", "family_index"):
                self.assertIn(field, row)

    def test_json_opens_in_compare_unchanged(self):
        out = self.folder / "r.json"
        self.run_micro("lru", "fifo", *QUICK, "--benchmark_filter=get", f"--benchmark_out={out}",
                       "--benchmark_repetitions=9")
        both = self.compare_py("benchmarks", out, out)
        for name in ("get-hit/lru", "get-hit/fifo", "get-miss/lru", "get-miss/fifo"):
            self.assertRegex(both, rf"{name}/value:100/real_time/threads:1 +\+0\.0000")
        self.assertRegex(both, r"get-hit/lru\S+_pvalue +1\.0000")
        one = self.compare_py("filters", out, "/lru/", "/fifo/")
        self.assertRegex(one, r"get-hit\[/lru/ vs\. /fifo/\]value:100\S* +[+-]\d")

    def test_filters_that_match_nothing_are_an_error(self):
        self.assertIn("nothing", self.refusal("lru", "--benchmark_filter=nothing"))

    def test_an_interrupt_keeps_what_was_measured(self):
        out = self.folder / "r.json"
        process = subprocess.Popen(
            [BINARY, "micro", "lru", "--keys", "1k", "--benchmark_filter=get-|mixed",
             "--benchmark_min_time=0.2", f"--benchmark_out={out}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        with process:
            for line in process.stdout:
                if line.startswith("get-hit"):
                    process.send_signal(signal.SIGINT)
                    break
            process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        measured, *others = json.loads(out.read_text())["benchmarks"]
        self.assertGreater(measured["real_time"], 0)
        self.assertEqual(others[-1]["error_message"], "interrupted")


class Codecs(MicroTest):
    def test_documents_have_the_size_asked_for(self):
        rows = self.measure("--codec", "none,json,msgpack,cbor", "--value-size", "64,1KiB")
        self.assertEqual(len(rows), 16)
        for size in (64, 1024):
            for what in ("encode", "decode"):
                encoded = {codec: rows[f"{what}/{codec}/value:{size}"]["encoded_bytes"]
                           for codec in ("none", "json", "msgpack", "cbor")}
                self.assertEqual((encoded["none"], encoded["json"]), (size, size))
                for binary in ("msgpack", "cbor"):
                    self.assertLess(encoded[binary], size)
                    self.assertGreater(encoded[binary], size / 2)

    def test_they_stand_beside_caches(self):
        names = self.listed("lru", "--codec", "json")
        self.assertIn("encode/json/value:100", names)
        self.assertIn("get-hit/lru/value:100/real_time/threads:1", names)

    def test_what_is_no_document_is_refused(self):
        self.assertIn("did you mean json", self.refusal("--codec", "jsn"))
        self.assertIn("at least 11 bytes", self.refusal("--codec", "json", "--value-size", "10"))
        self.assertIn("size in bytes",
                      self.refusal("--codec", "json", "--value-size", "lognormal"))


@need_servers("redis-server", "memcached")
class Servers(MicroTest):
    def test_private_ones_answer_each_operation(self):
        quick = ["--keys", "200", "--memory", "2MiB"]
        names = "get-hit|get-miss|set-new|set-replace|delete|mixed"
        rows = self.measure("redis", "memcached", *quick, f"--benchmark_filter=({names})/")
        # A single set need not evict anything.
        rows |= self.measure("redis:policy=allkeys-lru", *quick, "--benchmark_filter=set-evicting",
                             "--benchmark_min_time=0.01")
        self.assertEqual(len(rows), 13)
        for name, row in rows.items():
            self.assertNotIn("error_occurred", row, name)
        evicting = rows["set-evicting/redis:policy=allkeys-lru/value:100"]
        self.assertGreater(evicting["evictions_per_set"], 0)

    def test_a_shared_one_keeps_what_was_there(self):
        server = Server(self.folder, "redis")
        self.addCleanup(server.stop)
        spec = f"redis:socket={server.socket}"
        server.ask("SET precious 1\r\n")
        self.assertIn("--allow-shared-server", self.refusal(spec, "--keys", "100"))
        done = self.run_micro(spec, "--keys", "100", "--allow-shared-server",
                              "--benchmark_min_time=0.0001")
        self.assertIn("not measured: set-evicting of redis:socket=", done.stderr)
        self.assertNotIn("ERROR", done.stdout)
        self.assertEqual(server.keys(), 1)
        self.assertIn("1", server.ask("GET precious\r\n"))
        self.assertEqual(list(self.folder.glob("*.manifest.json")), [])

    def test_what_a_killed_one_left_can_be_removed(self):
        server = Server(self.folder, "redis")
        self.addCleanup(server.stop)
        process = subprocess.Popen(
            [BINARY, "micro", f"redis:socket={server.socket}", "--keys", "100",
             "--benchmark_filter=get-hit", "--benchmark_repetitions=100000",
             "--benchmark_min_time=0.0001"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        with process:
            while server.keys() < 100:
                self.assertIsNone(process.poll())
            process.kill()
        manifest, = self.folder.glob("*.manifest.json")
        self.assertIn("removed 100 keys", self.run_program("clean", manifest).stdout)
        self.assertEqual(server.keys(), 0)

    def test_one_that_is_not_there(self):
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.assertIn(str(port), self.refusal(f"redis://127.0.0.1:{port}", exit_code=1))


class Refusals(MicroTest):
    def test_mistakes_are_named_with_what_to_write_instead(self):
        for args, expected in [
                (["lruu"], "did you mean lru"),
                (["lru:entires=10"], "did you mean entries"),
                (["--keys", "10"], "which caches?"),
                (["lru", "--value-size", "1KB"], "--value-size"),
                (["lru", "--value-size", "lognornal"], "did you mean lognormal"),
                (["lru", "--threads", "0"], "from 1 to 256"),
                (["lru", "--keys", "2", "--threads", "3"], "--keys 2"),
                (["lru", "--itmes", "10"], "did you mean items"),
                (["lru", "--workload", "trace:path=x"], "generator"),
                (["lru", "--workload", "zipf:ttl=1s"], "ttl="),
                (["lru", "--benchmark_flter=x"], "--benchmark_flter=x"),
                (["lru", "--benchmark_repetitions=many"], "--benchmark_repetitions=many"),
                (["lru", "--benchmark_format=xml"], "console, json and csv"),
                (["lru", "--benchmark_out=/nowhere/r.json"], "/nowhere"),
        ]:
            self.assertIn(expected, self.refusal(*args), args)

    def test_a_cache_too_small_for_the_keys_is_an_error_and_no_figure(self):
        rows = self.measure("lru:entries=100", "--benchmark_filter=get-hit", exit_code=1)
        self.assertIn("holds 100 of the 1,000 keys",
                      rows["get-hit/lru:entries=100/value:100"]["error_message"])

    def test_more_than_the_machine_has_is_refused_before_it_is_taken(self):
        rows = self.measure("lru", "--value-size", "4GiB", "--benchmark_filter=get-hit",
                            exit_code=1)
        self.assertIn("available", next(iter(rows.values()))["error_message"])

    def test_what_evicts_nothing_is_left_out_and_said(self):
        done = self.run_micro("unbounded", "--benchmark_list_tests")
        self.assertNotIn("set-evicting", done.stdout)
        self.assertIn("not measured: set-evicting of unbounded", done.stderr)


if __name__ == "__main__":
    main()
