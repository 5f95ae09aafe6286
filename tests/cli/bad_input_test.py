"""What `cachegauge run` says to bad input: one clear message, the right exit code, nothing lost."""

import gzip
import os
import subprocess
import unittest

from support import CommandTest, main, need_servers

SMALL = "zipf:keys=1k,requests=20k"


class BadInput(CommandTest):
    def refuses(self, *args, says, exit_code=2):
        done = self.run_program("run", *args, exit_code=exit_code)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertNotIn("a bug", done.stderr)
        return done.stderr

    def test_unknown_names_come_with_their_neighbours(self):
        self.refuses(SMALL, "rediss", says='unknown adapter "rediss"; did you mean redis')
        self.refuses(SMALL, "lru:entris=5", says=('unknown parameter of lru "entris"', "entries"))
        self.refuses("zipff:keys=5", "lru:entries=5", says="zipf")
        self.refuses(SMALL, "lru:entries=5", "--clinets", "4", says=("--clinets", "clients")[1])
        self.refuses(SMALL, "lru:entries=5", "--origin", "slep:latency=1ms", says="sleep")
        self.refuses(SMALL, "lru:entries=5", "--origin", "sleep:latency=1ms,jitter=lognorml",
                     says=("lognorml", "did you mean lognormal"))
        self.refuses(SMALL, "lru:entries=5", "--pattern", "cache-asid", says="cache-aside")
        self.refuses(SMALL, "lru:entries=5", "--fills", "onmiss", says="on-miss")

    def test_policies_that_know_the_future_are_for_simulate_alone(self):
        for policy in ("belady", "beladysize"):
            says = (f"{policy} evicts by what comes next", f"--policy {policy} --size")
            self.refuses(SMALL, policy, says=says)
            self.refuses(SMALL, f"{policy}:entries=5", says=says)

    def test_units(self):
        self.refuses(SMALL, "lru:capacity=64MB", says=("64MB", "MiB"))
        self.refuses(SMALL, "lru:entries=5", "--duration", "10", says=("--duration", "10s"[:2]))
        self.refuses(SMALL, "lru:entries=5", "--timeout", "5sec", says="units: ns us ms s m h")
        self.refuses(SMALL, "lru", says=("lru", "--memory"))

    def test_what_is_missing_is_asked_for(self):
        self.refuses(SMALL, says="which caches")
        done = self.run_program(exit_code=2)
        self.assertIn("usage", done.stdout)
        done = self.run_program("rnu", exit_code=2)
        self.assertIn("did you mean run", done.stderr)

    def test_a_trace_that_cannot_be_read(self):
        self.refuses("nothing.csv", "lru:entries=5", says="nothing.csv", exit_code=1)
        self.refuses(self.write("empty.csv", ""), "lru:entries=5", says="empty", exit_code=1)
        self.refuses(str(self.folder), "lru:entries=5", says="is a directory", exit_code=1)

    def test_a_bad_row_is_shown_with_a_caret(self):
        rows = "time,key,size\n" + "".join(f"{i},k{i},10\n" for i in range(1000))
        path = self.write("t.csv", rows + "1000,k,1k\n")
        message = self.refuses(path, "lru:entries=5", says='t.csv:1002:8: expected', exit_code=1)
        self.assertIn('got "1k"', message)
        self.assertIn("\n  1000,k,1k\n         ^\n", message)

    def test_a_trace_cut_off_in_compression(self):
        rows = "time,key,size\n" + "".join(f"{i},k{i * 7919},10\n" for i in range(20000))
        packed = gzip.compress(rows.encode())
        path = self.write("t.csv.gz", packed[: len(packed) // 2])
        self.refuses(path, "lru:entries=5", says="t.csv.gz", exit_code=1)

    def test_a_trace_cut_off_in_a_record(self):
        path = self.write("t.oracleGeneral.bin", b"\x01\0\0\0" * 6 * 10 + b"\x01\0\0")
        self.refuses(path, "lru:entries=5", says="oracleGeneral", exit_code=1)

    def test_binary_junk(self):
        self.refuses(self.write("junk", os.urandom(5000)), "lru:entries=5", says="format",
                     exit_code=1)

    def test_contradictions(self):
        self.refuses(SMALL, "redis", "--time", "virtual", says="virtual")
        self.refuses(SMALL, "lru:entries=5", "--threads", "2", says="--clients")
        self.refuses(SMALL, "lru:entries=5", "--warmup", "100%", says="warmup")

    def test_cpus_that_are_not_there(self):
        cpus = sorted(os.sched_getaffinity(0))
        self.refuses(SMALL, "lru:entries=5", "--pin", "client=1000",
                     says=("--pin: there is no CPU 1000", f"there is {cpus[0]}"))
        self.refuses(SMALL, "lru:entries=5", "--pin", "clinet=0", says="did you mean client")
        self.refuses(SMALL, "lru:entries=5", "--pin", "0", says="client=CPUS,server=CPUS")

    def test_no_server_at_the_address(self):
        self.refuses(SMALL, "redis://127.0.0.1:1", says="127.0.0.1:1", exit_code=1)
        self.refuses(SMALL, "memcached://127.0.0.1:1", says="127.0.0.1:1", exit_code=1)
        self.refuses(SMALL, "redis:socket=/nowhere.sock", says="/nowhere.sock", exit_code=1)

    def test_an_output_that_cannot_be_written_is_found_before_measuring(self):
        huge = "zipf:keys=1M,requests=1000M"  # would take minutes
        self.refuses(huge, "lru:entries=5", "--out", "/nowhere/r.json", says="/nowhere")
        self.refuses(huge, "lru:entries=5", "--out", str(self.folder), says=str(self.folder))

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_disk_that_is_full(self):
        done = self.run_program("run", SMALL, "lru:entries=5", "--out", "/dev/full", exit_code=1)
        self.assertIn("No space left", done.stderr)

    def test_an_experiment_file_that_is_wrong(self):
        cases = [("{", "not valid JSON"), ("[]", "object"),
                 ('{"workloads":["zipf"],"adaptrs":[]}', 'unknown key "adaptrs"'),
                 ('{"workload":"zipf","adapters":["lru:entries=5",{"entries":1}]}', "/adapters/1"),
                 ('{"workload":"zipf","adapter":"lru:entries=5","clients":"many"}', "/clients")]
        for text, says in cases:
            self.refuses(self.write("e.json", text), says=says)
        self.refuses("missing.json", says="missing.json", exit_code=1)

    @need_servers("redis-server")
    def test_a_server_binary_that_is_missing(self):
        done = self.run_program("run", SMALL, "redis:binary=no-such-server", "lru:entries=5",
                                exit_code=1)
        self.assertIn("no-such-server", done.stdout)
        self.assertIn("lru", done.stdout)


if __name__ == "__main__":
    main()
