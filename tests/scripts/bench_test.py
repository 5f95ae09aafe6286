#!/usr/bin/env python3
"""Checks what the benchmark scripts compute, without running a benchmark."""

import contextlib
import io
import json
import math
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts/bench"))

import bench  # noqa: E402
import cheap  # noqa: E402
import disk  # noqa: E402
import exact  # noqa: E402
import figures  # noqa: E402
import gate_power  # noqa: E402
import honest  # noqa: E402
import lean  # noqa: E402
import scripted_server  # noqa: E402
import simulate  # noqa: E402
import throughput  # noqa: E402

# Service times of gets as a report had them: the figures beside the histogram are from the program.
SERVICE = {
    "count": 73, "min": 41, "max": 824, "p50": 85, "p90": 129, "p99": 824,
    "histogram": "HISTFAAAAFh4nC2KwRFAUAxEk5fwTw7GkYtKtEAhutCBynSiA/LFTmY2u2+n4xxEZJUUv6tIeaqWO4sN"
                 "6KABddwd5Ts3bx3zwPFqojaQZVPqso9kjBTmSJex8wIw+Qp6",
}

ZIPF_KEYS = [4396, 4, 16, 36, 1, 20329, 8, 8978]  # as in tests/workloads/generators_test.cc

RESULT = {
    "gets": 10, "sets": 20, "adds": 30, "deletes": 40,
    "cpu": {"client_ns_per_request": 7.5, "server_s": 0.001},
}


class QuantileTest(unittest.TestCase):
    def test_smallest_value_that_the_share_is_not_above(self):
        values = list(range(1, 101))
        for share, expected in ((0, 1), (0.01, 1), (0.011, 2), (0.5, 50), (0.99, 99), (1, 100)):
            self.assertEqual(figures.quantile(values, share), expected, share)

    def test_one_value(self):
        self.assertEqual(figures.quantile([3], 0.999), 3)

    def test_stall(self):
        # A second in ten: a tenth of the requests meet it, p95 in its middle.
        for share, expected in ((0.5, 0), (0.9, 0), (0.95, 0.5), (0.99, 0.9), (1, 1)):
            self.assertAlmostEqual(figures.stalled_quantile(share, 1, 10), expected)


class HistogramTest(unittest.TestCase):
    def test_reads_what_reports_hold(self):
        histogram = figures.Histogram(SERVICE["histogram"])
        self.assertEqual(histogram.count, SERVICE["count"])
        self.assertEqual(histogram.buckets[0], (SERVICE["min"], 1, 1))
        self.assertEqual(histogram.quantile(0.5), SERVICE["p50"])
        self.assertEqual(histogram.quantile(0.9), SERVICE["p90"])
        low, width, count = histogram.buckets[-1]
        self.assertEqual(count, 1)
        self.assertLessEqual(low, SERVICE["max"])
        self.assertLess(SERVICE["max"], low + width)

    def test_bounds_of_buckets(self):
        histogram = figures.Histogram(SERVICE["histogram"])
        for index, bounds in ((0, (0, 1)), (255, (255, 1)), (256, (256, 2)), (383, (510, 2)),
                              (384, (512, 4)), (512, (1024, 8))):
            self.assertEqual(histogram._bounds(index), bounds)

    def test_numbers_of_up_to_nine_bytes(self):
        for body, expected in ((b"\x00", 0), (b"\x01", -1), (b"\x02", 1), (b"\xd8\x04", 300),
                               (b"\xff" * 9, -(1 << 63))):
            self.assertEqual(list(figures.zigzag_numbers(body)), [expected])

    def test_refuses_other_encodings(self):
        with self.assertRaises(ValueError):
            figures.Histogram("AAAAAAAAAAAA")


class KolmogorovSmirnovTest(unittest.TestCase):
    def test_distance_by_hand(self):
        even = figures.uniform(0, 1)
        self.assertAlmostEqual(figures.kolmogorov_smirnov([0.25, 0.75], even)[0], 0.25)
        self.assertAlmostEqual(figures.kolmogorov_smirnov([0.9, 0.6, 0.5], even)[0], 0.5)
        self.assertAlmostEqual(figures.kolmogorov_smirnov([0, 0, 0, 0.5], even)[0], 0.75)

    def test_tail_as_in_the_tables(self):
        for x, expected in ((1.2238, 0.1), (1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001)):
            self.assertAlmostEqual(figures.kolmogorov_tail(x), expected, places=4)
        self.assertEqual(figures.kolmogorov_tail(0), 1)

    def test_refuses_as_often_as_it_says(self):
        rng = random.Random(7)
        p = [figures.kolmogorov_smirnov([rng.expovariate(0.5) for _ in range(100)],
                                        figures.exponential(2))[1] for _ in range(400)]
        self.assertGreater(figures.kolmogorov_smirnov(p, figures.uniform(0, 1))[1], 0.01)

    def test_refuses_another_rate_and_another_shape(self):
        rng = random.Random(7)
        values = [rng.expovariate(1) for _ in range(10_000)]
        ks = figures.kolmogorov_smirnov
        self.assertGreater(ks(values, figures.exponential(1))[1], 0.01)
        self.assertLess(ks(values, figures.exponential(1.05))[1], 0.01)
        self.assertLess(ks([rng.uniform(0, 2) for _ in range(1000)], figures.exponential(1))[1],
                        0.01)

    def test_erlang(self):
        self.assertAlmostEqual(figures.erlang(1, 2)(3), figures.exponential(2)(3))
        self.assertAlmostEqual(figures.erlang(3, 1)(2), 1 - math.exp(-2) * (1 + 2 + 2))
        self.assertEqual(figures.erlang(10, 1)(0), 0)


class GatePowerTest(unittest.TestCase):
    def test_bounds_of_a_share(self):
        bound = gate_power.share_bound
        self.assertAlmostEqual(bound(0, 500, True), 1 - 0.05 ** (1 / 500), places=9)
        self.assertAlmostEqual(bound(500, 500, False), 0.05 ** (1 / 500), places=9)
        self.assertAlmostEqual(bound(5, 10, True), 0.7776, places=4)
        self.assertAlmostEqual(bound(5, 10, False), 0.2224, places=4)
        self.assertEqual((bound(0, 9, False), bound(9, 9, True)), (0, 1))

    def test_a_recording_is_gone_on_with(self):
        def row(rps):
            return {"throughput_rps": rps, "p50_ns": 7, "p99_ns": 9, "run_s": 0.5}
        rounds = [{arm: row(100 / (1 + share)) for arm, share in gate_power.ARMS.items()}] * 2
        head = {"workload": gate_power.WORKLOAD, "work": {arm: 5 for arm in gate_power.ARMS}}
        with tempfile.TemporaryDirectory() as folder:
            path, table = pathlib.Path(folder) / "r.jsonl", pathlib.Path(folder) / "r.csv"
            path.write_text("".join(json.dumps(line) + "\n" for line in [head, *rounds]))
            recording = gate_power.Recording(path, quick=True)
            recording.extend(2, deadline=0)
            recording.write_csv(table, ["throughput_rps"])
            self.assertEqual(table.read_text().splitlines()[0],
                             "baseline.throughput_rps,again.throughput_rps,third.throughput_rps,"
                             "slower5.throughput_rps,slower10.throughput_rps")
            self.assertEqual(len(table.read_text().splitlines()), 3)
        self.assertEqual(recording.work["slower5"], 5)
        self.assertAlmostEqual(recording.slowdown("slower10"), 0.1)
        self.assertEqual(recording.slowdown("third"), 0)
        self.assertEqual(recording.round_s(), 1.5)


class ScheduleTest(unittest.TestCase):
    def test_gaps(self):
        self.assertEqual(honest.gaps([30, 0, 10, 60]), [10, 20, 30])
        self.assertEqual(honest.gaps([0, 1, 3, 6, 10], step=2), [3, 7])


class ExactTest(unittest.TestCase):
    def test_delays_are_quantiles_in_another_order(self):
        rng = random.Random(1)
        delays = exact.delays_of(lambda share: share * 1000, 10, rng)
        self.assertNotEqual(delays, sorted(delays))
        self.assertEqual(sorted(delays), [50, 150, 250, 350, 450, 550, 650, 750, 850, 950])

    def test_none_of_the_points_is_at_a_step(self):
        for name, quantile in exact.DELAYS.items():
            for share in exact.POINTS.values():
                near, at = quantile(share - 0.0002), quantile(share)
                self.assertLess(at / near - 1, exact.MOST_OFF * 3, f"{name} at {share}")

    def test_server_reads_commands_that_come_in_pieces(self):
        connection = scripted_server.Connection(None)
        read = []
        for piece in (b"*1\r\n$4\r\nINFO\r\n*2\r\n$3\r\nGE", b"T\r\n$2\r\n17\r\n*2\r\n"):
            connection.text += piece
            read += scripted_server.commands_in(connection)
        self.assertEqual(read, [[b"INFO"], [b"GET", b"17"]])
        self.assertEqual(connection.text, b"*2\r\n")


class ReportTest(unittest.TestCase):
    def test_figures_of_a_result(self):
        self.assertEqual(bench.requests_of(RESULT), 100)
        self.assertEqual(bench.client_ns(RESULT), 7.5)
        self.assertEqual(bench.server_ns(RESULT), 10_000)
        self.assertIsNone(bench.server_ns({"cpu": {"server_s": None}}))

    def test_machine_leaves_out_what_is_not_known(self):
        report = {"context": {"cpu_model": "A", "cores": 2, "kernel": "Linux 6", "governor": None,
                              "load": 0.5},
                  "tool": {"git_commit": None, "build_type": "Release"}}
        self.assertEqual(bench.machine(report), "A, 2 cores, kernel Linux 6, load 0.50, "
                                                "Release build")

    def test_spread(self):
        self.assertEqual(bench.spread([3, None, 1, 2], str), "2 (1..3)")
        self.assertEqual(bench.spread([4], str), "4")
        self.assertEqual(bench.spread([None], str), "-")

    def test_duration(self):
        for ns, text in ((0, "0.0 ns"), (40, "40.0 ns"), (1500, "1.50 us"), (2e6, "2.00 ms"),
                         (9e8, "900.00 ms"), (1e9, "1.00 s")):
            self.assertEqual(bench.duration(ns), text)


class BoundsTest(unittest.TestCase):
    def exit_code(self, *checks):
        bounds = bench.Bounds()
        with contextlib.redirect_stdout(io.StringIO()) as self.output:
            for check in checks:
                check(bounds)
            try:
                bounds.exit()
            except SystemExit as end:
                return end.code
        return 0

    def test_the_median_counts(self):
        self.assertEqual(self.exit_code(lambda b: b.check("x", [1, 2, 9], str, high=2)), 0)
        self.assertEqual(self.exit_code(lambda b: b.check("x", [1, 3, 9], str, high=2)), 1)
        self.assertEqual(self.exit_code(lambda b: b.check("x", [1, 2, 9], str, low=3)), 1)

    def test_one_broken_bound_is_enough(self):
        code = self.exit_code(lambda b: b.require("holds", True),
                              lambda b: b.require("fails", False),
                              lambda b: b.require("holds too", True))
        self.assertEqual(code, 1)
        self.assertIn("1 of 3 bounds broken: fails", self.output.getvalue())

    def test_nothing_measured_is_a_skip(self):
        self.assertEqual(self.exit_code(lambda b: b.skip("x", "no peer")), bench.SKIPPED)


class CasesTest(unittest.TestCase):
    def test_the_requests_of_diskcache_are_those_of_our_generator(self):
        self.assertEqual(list(disk.zipf(8)), ZIPF_KEYS)

    def test_every_script_says_what_it_shows(self):
        for script in (cheap, disk, exact, honest, lean, simulate, throughput):
            usage, what = script.__doc__.split("\n\n")[:2]
            self.assertIn("--rounds", usage)
            self.assertGreater(len(what), 100)


if __name__ == "__main__":
    unittest.main()
