"""Memory figures: what a cache claims against what its process gives back, or a fresh one takes."""

import pathlib
import sys
import unittest

from support import SANITIZED, CommandTest, main, need_servers

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts/bench"))
from bench import Server  # noqa: E402

ITEMS = 200_000
WORKLOAD = f"sequential:keys={ITEMS},requests={ITEMS},key=16,value=100"


class Memory(CommandTest):
    def local_caches(self):
        """The adapters whose parameters have shards=."""
        names, name = [], None
        for line in self.run_program("list", "adapters").stdout.splitlines():
            words = line.split()
            if line.startswith("  ") and line[2] != " ":
                name = words[0]
            elif words and words[0].startswith("shards="):
                names.append(name)
        return names

    @unittest.skipIf(SANITIZED, "a sanitizer's allocator keeps what is freed")
    def test_in_process_caches_hold_what_they_claim(self):
        specs = [name if name == "unbounded" else f"{name}:entries={ITEMS}"
                 for name in self.local_caches()]
        self.assertGreaterEqual(len(specs), 5)
        report = self.report(WORKLOAD, *specs, "--preload", "--fills", "none")
        for result in report["results"]:
            memory = result["memory"]
            with self.subTest(result["adapter"]["spec"]):
                self.assertEqual(memory["items"], ITEMS)
                self.assertEqual(memory["payload_bytes"], ITEMS * 116)
                self.assertAlmostEqual(memory["rss_bytes"] / memory["bytes_used"], 1, delta=0.05)

    @unittest.skipIf(SANITIZED, "the servers are the same")
    @need_servers("redis-server", "memcached")
    def test_private_servers_take_what_fresh_ones_do(self):
        report = self.report(WORKLOAD, "redis", "memcached", "--preload", "--fills", "none",
                             "--pipeline", "16")
        for result in report["results"]:
            with self.subTest(result["adapter"]["spec"]):
                self.assertEqual(result["memory"]["items"], ITEMS)
                with Server(result["adapter"]["kind"], self.folder) as server:
                    empty = server.rss_bytes()
                    server.preload([f"{key:016}" for key in range(ITEMS)], b"v" * 100)
                    taken = server.rss_bytes() - empty
                self.assertAlmostEqual(result["memory"]["rss_bytes"] / taken, 1, delta=0.05)


if __name__ == "__main__":
    main()
