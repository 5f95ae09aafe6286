"""Plug-ins through the program: beside other caches, and when they break."""

import json
import pathlib
import unittest

from support import BINARY, CommandTest, main

PLUGINS = pathlib.Path(BINARY).parent / "plugins"
LIBRARIES = pathlib.Path(BINARY).parent / "tests" / "plugin" / "libraries"
WORKLOAD = "zipf:keys=10k,requests=100k"


class Plugins(CommandTest):
    def test_a_wrapped_lru_hits_as_often_as_ours(self):
        spec = f"plugin:path={PLUGINS}/wrapped_lru.so,entries=1000"
        results = self.results(WORKLOAD, spec, "lru:entries=1000")
        for field in ("hits", "misses", "evictions", "corrupt", "stale"):
            self.assertEqual(results[spec][field], results["lru:entries=1000"][field], field)
        self.assertEqual(results[spec]["adapter"]["version"], "wrapped-lru 1.0")
        self.assertNotIn("/", results[spec]["id"].split("/cache-aside")[0].split("/", 1)[1])

    def test_several_threads_take_turns(self):
        spec = f"plugin:path={PLUGINS}/wrapped_lru.so,entries=1000"
        result = self.results(WORKLOAD, spec, "--threads", "2", "--clients", "4")[spec]
        self.assertEqual(result["gets"], 100_000)
        self.assertEqual(result["corrupt"] + result["errors"], 0)

    def test_one_that_blocks_runs_in_real_time_on_threads_of_its_own(self):
        spec = f"plugin:path={LIBRARIES}/blocks.so"
        result = self.results("zipf:keys=1k,requests=20k", spec, "--clients", "4")[spec]
        self.assertEqual(result["gets"], result["hits"] + result["misses"])
        self.assertEqual(result["corrupt"] + result["errors"], 0)
        self.assertGreater(result["hits"], 15_000)
        self.assertEqual(result["adapter"]["settings"]["locked"], "yes")
        self.assertEqual(result["response_time_ns"]["get"]["count"], 20_000)

    def test_what_it_cannot_do_is_refused_before_the_run(self):
        run = self.run_program("run", WORKLOAD + ",ttl=1s",
                               f"plugin:path={PLUGINS}/wrapped_lru.so,entries=10", exit_code=2)
        self.assertIn("TTL", run.stderr)

    def test_a_crash_is_one_failed_cell(self):
        report = self.report(WORKLOAD, f"plugin:path={LIBRARIES}/crashes.so", "lru:entries=1000",
                             exit_code=1)
        results = {result["adapter"]["kind"]: result for result in report["results"]}
        self.assertEqual(results["lru"]["gets"], 100_000)
        self.assertIn("ended by signal 11", json.dumps(results["plugin"]))


if __name__ == "__main__":
    main()
