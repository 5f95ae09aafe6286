"""The example experiments in workloads/experiments, as shipped but shorter."""

import pathlib
import unittest

from support import CommandTest, main, need_servers

EXPERIMENTS = sorted((pathlib.Path(__file__).parents[2] / "workloads" / "experiments")
                     .glob("*.json"))


@need_servers("redis-server", "memcached")
class Experiments(CommandTest):
    def test_each_says_what_it_asks_and_how_it_is_run(self):
        self.assertGreaterEqual(len(EXPERIMENTS), 4)
        for path in EXPERIMENTS:
            text = path.read_text()
            self.assertTrue(text.startswith("// "), path.name)
            self.assertIn(f"cachegauge run workloads/experiments/{path.name}", text)

    def test_each_runs(self):
        for path in EXPERIMENTS:
            with self.subTest(path.name):
                report = self.report(path, "--limit", 3000, "--repeat", 1)
                self.assertFalse(report["interrupted"])
                for result in report["results"]:
                    self.assertGreater(result["gets"], 0, result["id"])
                    self.assertEqual(result["errors"] + result["corrupt"], 0, result["id"])


if __name__ == "__main__":
    main()
