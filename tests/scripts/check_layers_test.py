#!/usr/bin/env python3
"""Runs scripts/check_layers.py over small trees: what it must find, and what it must let pass."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/check_layers.py"
HEADERS = ["harness/core/spec.h", "harness/replay/cell.h", "adapters/local/cache.h",
           "adapters/local/policies/lru.h", "adapters/server/private_server.h",
           "workloads/workloads.h", "reports/json_report.h", "tests/support/fake_clock.h"]


def offences(path, include):
    """The offences of a tree in which the file `path` has one include."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in HEADERS + [path]:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"#include {include}\n" if name == path else "")
        done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True)
        lines = done.stdout.splitlines()
        assert done.returncode == (1 if lines else 0), done
        return lines


class CheckLayersTest(unittest.TestCase):
    def assert_fine(self, path, include):
        self.assertEqual(offences(path, include), [])

    def assert_offence(self, path, include, reason):
        lines = offences(path, include)
        self.assertEqual(len(lines), 1)
        self.assertTrue(lines[0].startswith(f"{path}:1: "), lines[0])
        self.assertIn(reason, lines[0])

    def test_includes_point_down(self):
        self.assert_fine("workloads/csv.cc", '"harness/core/spec.h"')
        self.assert_fine("harness/cli/run.cc", '"reports/json_report.h"')
        self.assert_fine("adapters/redis/redis.cc", '"adapters/server/private_server.h"')
        self.assert_fine("tests/local/lru_test.cc", '"harness/replay/cell.h"')

    def test_up_and_sideways_are_offences(self):
        self.assert_offence("harness/core/x.cc", '"workloads/workloads.h"', "must not include")
        self.assert_offence("adapters/redis/x.cc", '"workloads/workloads.h"', "must not include")
        self.assert_offence("reports/x.cc", '"harness/replay/cell.h"', "must not include")
        self.assert_offence("harness/replay/x.cc", '"adapters/local/cache.h"', "must not include")
        self.assert_offence("harness/cli/x.cc", '"tests/support/fake_clock.h"', "must not include")

    def test_of_the_adapters_the_simulator_sees_policies_alone(self):
        self.assert_fine("harness/simulate/engine.cc", '"adapters/local/policies/lru.h"')
        self.assert_offence("harness/simulate/x.cc", '"adapters/local/cache.h"', "must not include")
        self.assert_offence("adapters/local/policies/x.h", '"adapters/local/cache.h"',
                            "must not include")

    def test_vendor_headers_stay_in_their_room(self):
        self.assert_fine("adapters/redis/reader.cc", "<hiredis/read.h>")
        self.assert_offence("adapters/redis/reader.h", "<hiredis/read.h>", "may stand only")
        self.assert_offence("harness/replay/x.cc", "<nlohmann/json.hpp>", "may stand only")
        self.assert_fine("harness/core/units.cc", "<fmt/format.h>")

    def test_the_tables_are_closed(self):
        self.assert_fine("harness/core/x.cc", "<vector>")
        self.assert_fine("harness/core/x.cc", "<sys/epoll.h>")
        self.assert_offence("harness/core/x.cc", "<boost/asio.hpp>", "is in no table")
        self.assert_offence("harness/core/x.cc", '"spec.h"', "is not a file of ours")
        self.assert_offence("harness/extra/x.cc", '"harness/core/spec.h"', "in no box")


if __name__ == "__main__":
    unittest.main()
