"""Memory figures: what a cache claims against what its process gives back."""

import unittest

from support import CommandTest, main

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

    def test_in_process_caches_hold_what_they_claim(self):
        specs = [name if name == "unbounded" else f"{name}:entries={ITEMS}"
                 for name in self.local_caches()]
        self.assertGreaterEqual(len(specs), 5)
        report = self.report(WORKLOAD, *specs, "--preload", "--fills", "none")
        build = report["tool"]["build_type"]
        if "address" in build or "thread" in build:
            self.skipTest(f"the allocator of {build} keeps what is freed")
        for result in report["results"]:
            memory = result["memory"]
            with self.subTest(result["adapter"]["spec"]):
                self.assertEqual(memory["items"], ITEMS)
                self.assertEqual(memory["payload_bytes"], ITEMS * 116)
                self.assertAlmostEqual(memory["rss_bytes"] / memory["bytes_used"], 1, delta=0.05)


if __name__ == "__main__":
    main()
