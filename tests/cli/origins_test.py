"""Real origins behind a cache: what they count themselves, what is refused, what is left."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import time
import unittest

from service import running_service
from support import BINARY, CommandTest, main, need_origin

SMALL = "zipf:keys=300,requests=3k"


class Rows(CommandTest):
    def check(self, origin, queries, *caches):
        """What is the same of every origin with rows; the results by cache."""
        self.folder.chmod(0o755)  # a server that refuses root runs as somebody else
        report = self.report(SMALL, *caches, "--origin", origin,
                             env={**os.environ, "TMPDIR": str(self.folder)})
        self.assertEqual(list(self.folder.glob("cachegauge-*")), [])
        by_cache = {r["adapter"]["spec"]: r for r in report["results"]}
        for name, result in by_cache.items():
            with self.subTest(name):
                own = result["origin"]
                self.assertEqual(result["time"], "real")
                self.assertEqual(own["calls"], result["misses"])
                self.assertEqual(own["statistics"][queries], own["calls"])
                self.assertEqual(own["statistics"]["rows_written"], 0)
                self.assertEqual(own["relief"], 1 - own["calls"] / result["gets"])
                self.assertEqual(own["errors"], 0)
                self.assertEqual((result["stale"], result["corrupt"]), (0, 0))
                self.assertEqual(result["service_time_ns"]["origin"]["count"], own["calls"])
                # On a machine that others use, the client may have had to wait for a processor.
                self.assertEqual([warning for warning in result["warnings"]
                                  if "the client itself stood still" not in warning], [])
        return by_cache

    @need_origin("sqlite")
    def test_sqlite_counts_what_the_cache_let_through(self):
        results = self.check("sqlite", "rows_read", "unbounded", "lru:entries=50")
        calls = {name: result["origin"]["calls"] for name, result in results.items()}
        self.assertEqual(calls["unbounded"], results["unbounded"]["workload"]["unique_keys"])
        self.assertGreater(calls["lru:entries=50"], 2 * calls["unbounded"])
        for result in results.values():
            self.assertEqual(result["origin"]["settings"]["place"], "private")

    @need_origin("postgres")
    def test_postgres_counts_what_the_cache_let_through(self):
        results = self.check("postgres", "queries", "unbounded", "lru:entries=50")
        for result in results.values():
            own, counted = result["origin"], result["origin"]["statistics"]
            self.assertEqual(counted["database_transactions"], own["calls"])
            self.assertGreaterEqual(counted["rows_read"], own["calls"])
            self.assertGreaterEqual(counted["blocks_hit"], own["calls"])
            self.assertEqual(own["settings"]["server"], "private")
            self.assertTrue(own["version"])

    @need_origin("sqlite")
    def test_the_finding_says_what_the_cache_took_off_it(self):
        out = self.run_program("run", "sequential:keys=100,requests=1000", "unbounded", "--origin",
                               "sqlite").stdout
        self.assertIn("note: caches in this process run in real time, as the origin sqlite does",
                      out)
        self.assertIn("The origin, by its own statistics: unbounded took 90.00% of the gets off it "
                      "(100 rows read, 0 rows written, ", out)

    @need_origin("sqlite")
    def test_many_clients_and_threads_share_the_connections(self):
        result = self.report("zipf:keys=2k,requests=20k", "lru:entries=100", "--clients", "32",
                             "--threads", "2", "--origin", "sqlite:threads=3")["results"][0]
        own = result["origin"]
        self.assertEqual(own["statistics"]["rows_read"], own["calls"])
        self.assertEqual(own["settings"]["threads"], "3")
        self.assertGreater(own["peak_concurrency"], 3)
        self.assertEqual((result["stale"], result["corrupt"], own["errors"]), (0, 0, 0))

    @need_origin("sqlite")
    def test_warmup_preload_and_rate(self):
        for flags in (("--warmup", "10%"), ("--preload",), ("--rate", "20k")):
            with self.subTest(flags):
                result = self.report(SMALL, "lru:entries=50", "--origin", "sqlite",
                                     *flags)["results"][0]
                own = result["origin"]
                self.assertGreater(own["calls"], 0)
                self.assertEqual(own["statistics"]["rows_read"], own["calls"])
                self.assertEqual((result["stale"], result["corrupt"]), (0, 0))

    @need_origin("sqlite")
    def test_a_database_of_the_users_is_left_as_it_was(self):
        path = self.folder / "app.db"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE precious(x)")
        self.report(SMALL, "lru:entries=50", "--origin", f"sqlite:path={path}")
        with sqlite3.connect(path) as database:
            self.assertEqual(database.execute("SELECT name FROM sqlite_master").fetchall(),
                             [("precious",)])
            database.execute("CREATE TABLE cachegauge_origin(x)")
        done = self.run_program("run", SMALL, "lru:entries=50", "--origin", f"sqlite:path={path}",
                                exit_code=2)
        self.assertIn("has a table cachegauge_origin that is not ours", done.stderr)

    @need_origin("sqlite")
    def test_a_killed_run_leaves_no_private_file(self):
        folders = lambda: set(pathlib.Path(self.folder).glob("cachegauge-*"))
        run = subprocess.Popen([BINARY, "run", "zipf:keys=1k,requests=50M", "lru:entries=10",
                                "--origin", "sqlite"], cwd=self.folder,
                               env={**os.environ, "TMPDIR": str(self.folder)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not folders():
            time.sleep(0.02)
            self.assertIsNone(run.poll())
        time.sleep(0.3)
        run.send_signal(signal.SIGKILL)
        run.wait()
        for _ in range(500):
            if not folders():
                return
            time.sleep(0.02)
        self.fail(f"left: {folders()}")


class Refused(CommandTest):
    def refused(self, *args, exit_code=2):
        return self.run_program("run", SMALL, "lru:entries=50", *args, exit_code=exit_code).stderr

    @need_origin("sqlite")
    def test_virtual_time(self):
        self.assertIn("the origin sqlite answers in real time",
                      self.refused("--origin", "sqlite", "--time", "virtual"))

    @need_origin("sqlite")
    def test_other_commands(self):
        for args in (("profile", SMALL, "--origin", "sqlite"),
                     ("stampede", "lru", "--guard", "none", "--rate", "100", "--origin", "sqlite")):
            done = self.run_program(*args, exit_code=2)
            self.assertIn("takes simulated origins, such as --origin 50ms", done.stderr)

    @need_origin("postgres")
    def test_nobody_there_and_no_password_anywhere(self):
        experiment = self.write("e.json", json.dumps({
            "workloads": [SMALL], "adapters": ["lru:entries=50"],
            "origin": "postgres:dsn=host=127.0.0.1 port=1 user=me password=hunter2"}))
        done = self.run_program("run", experiment, exit_code=1)
        self.assertIn("is the server up", done.stderr)
        self.assertNotIn("hunter2", done.stdout + done.stderr)
        done = self.run_program("run", experiment, "--dry-run")
        self.assertIn("password=***", done.stdout)
        self.assertNotIn("hunter2", done.stdout + done.stderr)
        done = self.refused("--origin", "postgres:dsn=host=h password=hunter2")
        self.assertIn("can be read by every user of this machine", done)
        self.assertNotIn("hunter2", done)
        self.assertIn("no connection string", self.refused("--origin", "postgres:dsn=nonsense"))


@need_origin("http")
class Http(CommandTest):
    def setUp(self):
        super().setUp()
        self.server = running_service(self)
        self.url = self.server.url

    def result(self, origin, *flags, **kwargs):
        return self.report("zipf:keys=40,requests=600", "lru:entries=5", "--origin", origin,
                           *flags, **kwargs)["results"][0]

    def test_what_was_had_is_revalidated(self):
        result = self.result(self.url)
        own, counted = result["origin"], result["origin"]["statistics"]
        unique = len(set(self.server.asked))
        self.assertEqual(own["calls"], len(self.server.asked))
        self.assertEqual(counted, {"requests": own["calls"], "full": unique,
                                   "not_modified": own["calls"] - unique, "stored": 0,
                                   "body_bytes": 100 * unique})
        self.assertGreater(counted["not_modified"], unique)
        self.assertEqual((own["errors"], result["stale"], result["corrupt"]), (0, 0, 0))

    def test_without_revalidation_all_is_sent_again(self):
        own = self.result(f"http:url={self.url}/{{key}},revalidate=no,threads=2",
                          "--clients", "4")["origin"]
        self.assertEqual(own["statistics"]["full"], own["calls"])
        self.assertEqual(own["statistics"]["not_modified"], 0)

    def test_a_service_that_fails_is_counted(self):
        self.server.failing = True
        result = self.result(self.url, "--limit", "100")
        self.assertEqual(result["origin"]["errors"], result["origin"]["calls"])
        self.assertEqual((result["hits"], result["fill_count"]), (0, 0))
        self.assertTrue(any("HTTP status 503" in w for w in result["warnings"]),
                        result["warnings"])

    def test_nobody_there(self):
        done = self.run_program("run", SMALL, "lru:entries=5", "--origin", "http://127.0.0.1:1/x",
                                exit_code=1)
        self.assertIn("is the service up, and is url= right?", done.stderr)
        done = self.run_program("run", SMALL, "lru:entries=5", "--origin", "http", exit_code=2)
        self.assertIn('the origin "http" needs a url', done.stderr)


if __name__ == "__main__":
    main()
