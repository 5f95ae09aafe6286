"""Caches on disk through the program: exact counts, reports, what is refused and what is left."""

import os
import signal
import subprocess
import time

from support import BINARY, SANITIZED, CommandTest, main

ZIPF = "zipf:keys=1k,requests=20k"
BUILT = subprocess.run([BINARY, "list", "adapters"], capture_output=True, text=True,
                       check=True).stdout
ENGINES = [kind for kind in ("sqlite", "lmdb", "rocksdb") if f"  {kind:<14}not built" not in BUILT]


class Disk(CommandTest):
    def test_with_room_for_all_the_counts_are_those_of_an_unbounded_cache(self):
        workload = "zipf:keys=1k,requests=20k,get=8,set=2,delete=1,add=1,value=lognormal"
        results = self.results(workload, "unbounded", *ENGINES)
        expected = results.pop("unbounded")
        for spec, result in results.items():
            with self.subTest(spec):
                for name in ("gets", "hits", "misses", "sets", "adds", "deletes", "byte_hit_ratio"):
                    self.assertEqual(result[name], expected[name], name)
                for name in ("errors", "rejected", "corrupt", "stale"):
                    self.assertEqual(result[name], 0, name)
                if result["memory"]["items"] is not None:
                    self.assertEqual(result["memory"]["items"], expected["memory"]["items"])
                    self.assertEqual(result["memory"]["payload_bytes"],
                                     expected["memory"]["payload_bytes"])
                self.assertGreater(result["memory"]["disk_bytes"], 0)
                if not SANITIZED:  # whose allocator keeps what is freed
                    self.assertGreater(result["memory"]["rss_bytes"], 0)
                self.assertTrue(result["adapter"]["version"])

    def test_clients_and_threads(self):
        for spec, result in self.results("zipf:keys=300,requests=20k,get=8,set=2,delete=1,add=1",
                                         *ENGINES, "--clients", "6", "--threads", "2",
                                         "--pipeline", "4").items():
            with self.subTest(spec):
                self.assertEqual(result["hits"] + result["misses"], result["gets"])
                for name in ("errors", "corrupt", "stale"):
                    self.assertEqual(result[name], 0, name)

    def test_memory_is_the_capacity(self):
        for spec, result in self.results("zipf:keys=5k,requests=20k,value=1000", *ENGINES,
                                         "--memory", "1MiB").items():
            with self.subTest(spec):
                self.assertEqual(result["adapter"]["settings"]["capacity"], "1 MiB")
                self.assertLess(result["hits"], 15_000)

    def test_virtual_time_is_refused(self):
        for kind in ENGINES:
            done = self.run_program("run", ZIPF, kind, "--time", "virtual", exit_code=2)
            self.assertIn("real", done.stderr)

    def test_a_path_is_made_for_each_repetition_and_removed(self):
        for kind in ENGINES:
            path = self.folder / f"{kind}.cache"
            report = self.report(ZIPF, f"{kind}:path={path}", "--repeat", "2")
            self.assertEqual({r["misses"] for r in report["results"]},
                             {report["results"][0]["misses"]})
            self.assertEqual(list(self.folder.glob(f"{kind}.cache*")), [])

    def test_what_a_killed_run_left_is_refused_and_with_the_flag_cleaned_of_our_keys(self):
        for kind in ENGINES:
            path = self.folder / f"{kind}.cache"
            spec = f"{kind}:path={path}"
            run = subprocess.Popen([BINARY, "run", "zipf:keys=20k,requests=2M", spec],
                                   cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            while not path.exists() or self.bytes_below(path) < 300_000:
                time.sleep(0.02)
                self.assertIsNone(run.poll())
            run.send_signal(signal.SIGKILL)
            run.wait()
            done = self.run_program("run", ZIPF, spec, exit_code=2)
            self.assertIn("--allow-shared-server", done.stdout + done.stderr)
            result = self.report(ZIPF, spec, "--allow-shared-server")["results"][0]
            self.assertEqual((result["errors"], result["corrupt"], result["stale"]), (0, 0, 0))
            self.assertEqual(result["adapter"]["settings"]["place"], "existing")
            self.assertTrue(path.exists())

    @staticmethod
    def bytes_below(path):
        """What has been written: of LMDB's file not the holes, of RocksDB's log not the room ahead."""
        files = path.rglob("*") if path.is_dir() else path.parent.glob(path.name + "*")
        stats = [os.stat(file) for file in files if os.path.isfile(file)]
        return sum(min(stat.st_size, stat.st_blocks * 512) for stat in stats)


if __name__ == "__main__":
    main()
