"""`tiered`: a cache in each client's process before one that all share."""

import socket
import subprocess
import time
import unittest

from support import CommandTest, main, need_servers

READS = "zipf:keys=2k,requests=20k"
# One request in ten is a write.
MIXED = "zipf:keys=500,requests=20k,get=9,set=1,arrival=poisson,rate=10000"
IN_PROCESS = "tiered:l1=lru,l1.entries=50,l2=lru,l2.entries=400"


class Tiered(CommandTest):
    def one(self, *args, **kwargs):
        return self.report(*args, "--skip-floors", **kwargs)["results"][0]

    def check_tiers(self, r):
        s = r["adapter"]["statistics"]
        self.assertEqual(s["l1_hits"] + s["l1_misses"], r["gets"])
        self.assertEqual(s["l2_hits"] + s["l2_misses"], s["l1_misses"])
        self.assertEqual(s["l1_hits"] + s["l2_hits"], r["hits"])
        ratios = r["adapter"]["hit_ratios"]
        self.assertAlmostEqual(ratios["l1"], s["l1_hits"] / r["gets"])
        self.assertAlmostEqual(ratios["l2"], s["l2_hits"] / s["l1_misses"])
        self.assertEqual((r["corrupt"], r["errors"]), (0, 0))
        return s


class InVirtualTime(Tiered):
    def test_each_tier_by_a_count_of_its_own(self):
        """Of one client without writes, the first tier is an LRU of all gets, and the second one of
        those that it missed and of the fills."""
        r = self.one(READS, IN_PROCESS + ",invalidate=none")
        s = self.check_tiers(r)
        first = self.one(READS, "lru:entries=50")
        self.assertEqual(s["l1_hits"], first["hits"])
        self.assertEqual(s["l1_evictions"], first["evictions"])
        self.assertEqual((r["stale"], s["messages_sent"]), (0, 0))
        self.assertEqual(r["memory"]["items"], 400)

    def test_staleness_is_that_of_first_tiers_that_nobody_tells(self):
        def stale(spec):
            r = self.one(MIXED, spec, "--time", "virtual", "--clients", "4", "--fills", "on-miss",
                         "--origin", "2ms")
            return r["stale"]
        never, late, soon = (stale(f"{IN_PROCESS},{how}")
                             for how in ("invalidate=none", "l1.ttl=100ms", "l1.ttl=10ms"))
        self.assertGreater(never, late)
        self.assertGreater(late, soon)
        # What is left is cache-aside's own: a fill with what was loaded before another's write.
        self.assertGreater(stale("lru:entries=400"), 0)
        self.assertGreater(soon, 20 * stale(f"{IN_PROCESS},l1.shared=true"))

    def test_one_client_is_never_behind_itself(self):
        r = self.one(MIXED, IN_PROCESS + ",invalidate=none", "--fills", "on-miss")
        self.assertEqual(r["stale"], 0)
        self.check_tiers(r)

    def test_it_is_listed_and_told_of(self):
        listed = self.run_program("list", "adapters").stdout
        self.assertIn("tiered", listed)
        self.assertIn("invalidate", listed)
        printed = self.run_program("run", READS, IN_PROCESS + ",l1.ttl=1s", "--skip-floors").stdout
        self.assertRegex(printed, r"its l1 answered \d+\.\d+% of the gets, its l2 \d+\.\d+% of the")

    def test_an_experiment_nests_it(self):
        path = self.write("e.json", """{"workload": "zipf:keys=100,requests=1k", "adapters": [
            {"kind": "tiered", "l1": {"kind": "lru", "entries": 5, "ttl": "1s"},
             "l2": {"kind": "sieve", "entries": 50}}]}""")
        r = self.one(path)
        self.assertEqual(r["adapter"]["settings"]["l1"], "lru:entries=5")
        self.assertEqual(r["adapter"]["settings"]["l1.ttl"], "1.00 s")
        self.check_tiers(r)

    def test_guards_and_codecs_go_with_it(self):
        r = self.one("zipf:keys=20,requests=2k,ttl=100ms,arrival=poisson,rate=2000",
                     IN_PROCESS + ",l1.ttl=20ms", "--origin", "10ms", "--guard", "singleflight",
                     "--time", "virtual", "--clients", "8", "--codec", "msgpack")
        self.assertEqual((r["gets"], r["corrupt"], r["errors"]), (2000, 0, 0))
        self.assertGreater(r["guard_counts"]["waited"], 0)

    def test_what_is_refused(self):
        error = self.run_program("run", READS, IN_PROCESS, exit_code=2).stderr
        self.assertIn("what ends an old copy in a first tier? Give l1.ttl=1s", error)
        with_disk = "tiered:l1=lru,l1.entries=50,l1.ttl=1s,l2=sqlite,l2.capacity=1MiB"
        for tiers, fault, reason in (
                (with_disk, "stall", "the first ones would be struck as well: give l2=redis"),
                (with_disk, "kill", "give l2=redis"),
                (IN_PROCESS + ",l1.ttl=1s", "kill", "no server of its own")):
            error = self.run_program("run", READS, tiers, "--fault", fault, exit_code=2).stderr
            self.assertIn(reason, error)


@need_servers("redis-server")
class OverRedis(Tiered):
    L1 = "tiered:l1=lru,l1.entries=200,l2=redis"

    def test_hits_of_the_first_tier_spare_the_server(self):
        r = self.one(READS, self.L1 + ",l1.ttl=1h", "--memory", "64MiB", "--clients", "2")
        s = self.check_tiers(r)
        self.assertGreater(s["l1_hits"], 5000)
        self.assertEqual(r["stale"], 0)
        self.assertEqual(r["adapter"]["settings"]["connection"], "unix socket")
        self.assertLess(r["service_time_ns"]["get"]["p50"], 20000)

    def test_messages_end_old_copies(self):
        def run(how):
            r = self.one(MIXED, f"{self.L1},{how}", "--clients", "4", "--fills", "on-miss")
            return r, self.check_tiers(r)
        untold, _ = run("invalidate=none")
        told, s = run("invalidate=pubsub")
        self.assertGreater(untold["stale"], 500)
        self.assertLess(told["stale"], untold["stale"] / 4)
        self.assertGreater(s["messages_sent"], 1000)
        self.assertGreater(s["l1_invalidations"], 100)
        # Three others hear of each; the last may be on their way when the run ends.
        self.assertLessEqual(s["messages_received"], 3 * s["messages_sent"])
        self.assertGreater(s["messages_received"], 2 * s["messages_sent"])

    def test_threads_and_an_open_loop(self):
        r = self.one(MIXED, self.L1 + ",invalidate=pubsub", "--clients", "4", "--threads", "2",
                     "--fills", "on-miss")
        self.check_tiers(r)
        r = self.one(MIXED, self.L1 + ",invalidate=pubsub", "--clients", "4", "--speed", "1",
                     "--fills", "on-miss")
        self.check_tiers(r)

    def test_nothing_stays_on_a_server_of_others(self):
        path = str(self.folder / "r.sock")
        server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", path, "--save",
                                   ""], stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)

        def ask(*words):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                s.sendall(b"*%d\r\n" % len(words) +
                          b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
                return s.recv(1000)
        for _ in range(100):
            try:
                ask(b"SET", b"precious", b"1")
                break
            except OSError:
                time.sleep(0.05)
        r = self.one(MIXED, f"{self.L1},l2.socket={path},invalidate=pubsub",
                     "--allow-shared-server", "--clients", "2", "--fills", "on-miss")
        self.check_tiers(r)
        self.assertEqual(ask(b"DBSIZE"), b":1\r\n")
        self.assertEqual(ask(b"GET", b"precious"), b"$1\r\n1\r\n")


if __name__ == "__main__":
    main()
