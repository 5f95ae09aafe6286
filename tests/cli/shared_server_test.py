"""Servers that are not ours: what is refused, what is touched, what is left behind, what is said."""

import json
import shutil
import signal
import subprocess
import time

from servers import Server
from support import BINARY, CommandTest, main, need_servers

SMALL = "zipf:keys=500,requests=5k,get=10,set=1"
LONG = "zipf:keys=2k,requests=2M"  # more than a server answers while a test lasts


@need_servers("redis-server", "memcached")
class SharedServer(CommandTest):
    def server(self, kind):
        server = Server(self.folder, kind)
        self.addCleanup(server.stop)
        return server

    def manifests(self):
        return sorted(self.folder.glob("*.manifest.json"))

    def test_an_empty_server_is_used_and_left_empty(self):
        redis, memcached = self.server("redis"), self.server("memcached")
        results = self.results(SMALL, f"redis:socket={redis.socket}",
                               f"memcached:socket={memcached.socket}")
        for result in results.values():
            self.assertGreater(result["hits"], 0)
            self.assertEqual((result["errors"], result["corrupt"], result["stale"]), (0, 0, 0))
        self.assertEqual(redis.keys(), 0)
        self.assertIn("curr_items 0", memcached.ask("stats\r\n"))
        self.assertEqual(self.manifests(), [])

    def test_other_peoples_data_is_refused_and_with_the_flag_never_touched(self):
        redis = self.server("redis")
        redis.ask("SET precious 1\r\n")
        spec = f"redis:socket={redis.socket}"
        done = self.run_program("run", SMALL, spec, exit_code=2)
        self.assertIn("--allow-shared-server", done.stderr)

        with redis.connect() as monitor:
            monitor.sendall(b"MONITOR\r\n")
            self.run_program("run", SMALL, spec, "--allow-shared-server")
            redis.ask("ECHO the-end\r\n")
            seen = b""
            while b"the-end" not in seen:
                seen += monitor.recv(1 << 20)
        lines = seen.decode().splitlines()
        data_commands = [line for line in lines if any(
            f'"{name}"' in line.upper() for name in ("GET", "SET", "DEL", "UNLINK"))]
        self.assertGreater(len(data_commands), 5000)
        for line in data_commands:
            self.assertIn('"cg:', line)
        for name in ("FLUSHALL", "FLUSHDB", "SCAN", "KEYS", "CONFIG\" \"SET"):
            self.assertFalse([line for line in lines if f'"{name}"' in line.upper()], name)
        self.assertEqual(redis.keys(), 1)
        self.assertIn("1", redis.ask("GET precious\r\n"))

    def test_memcached_with_data_is_refused(self):
        memcached = self.server("memcached")
        memcached.ask("set precious 0 0 1\r\nx\r\n")
        done = self.run_program("run", SMALL, f"memcached:socket={memcached.socket}", exit_code=2)
        self.assertIn("--allow-shared-server", done.stderr)

    def test_a_killed_run_leaves_a_manifest_and_clean_removes_its_keys(self):
        redis = self.server("redis")
        run = subprocess.Popen([BINARY, "run", LONG,
                                f"redis:socket={redis.socket}"], cwd=self.folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while redis.keys() < 500:
            time.sleep(0.05)
            self.assertIsNone(run.poll())
        run.send_signal(signal.SIGKILL)
        run.wait()
        time.sleep(0.5)
        redis.ask("SET precious 1\r\n")
        left = redis.keys()
        self.assertGreaterEqual(left, 500)
        [manifest] = self.manifests()
        done = self.run_program("clean", manifest)
        self.assertIn(f"removed {left - 1:,} keys", done.stdout)
        self.assertEqual(redis.keys(), 1)
        self.assertEqual(self.manifests(), [])

    def test_clean_refuses_what_is_no_manifest(self):
        self.run_program("clean", self.write("m.json", "{}"), exit_code=1)
        self.run_program("clean", "missing", exit_code=1)
        self.run_program("clean", exit_code=2)

    def test_ctrl_c_leaves_nothing_behind(self):
        redis = self.server("redis")
        run = subprocess.Popen([BINARY, "run", LONG,
                                f"redis:socket={redis.socket}", "--out", "r.json"],
                               cwd=self.folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        while redis.keys() < 500:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(timeout=30), 130)
        self.assertEqual(redis.keys(), 0)
        self.assertEqual(self.manifests(), [])
        self.assertTrue(json.loads((self.folder / "r.json").read_text())["interrupted"])

    def test_a_server_that_dies_and_returns(self):
        redis = self.server("redis")
        run = subprocess.Popen([BINARY, "run", LONG,
                                f"redis:socket={redis.socket}", "--duration", "4s", "--out",
                                "r.json"], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        while redis.keys() < 500:
            time.sleep(0.05)
        redis.stop()
        time.sleep(0.7)
        shutil.rmtree(redis.socket, ignore_errors=True)
        redis.start()
        out, err = run.communicate(timeout=60)
        report = json.loads((self.folder / "r.json").read_text())
        result = report["results"][0]
        self.assertGreater(result["errors"], 0)
        self.assertGreater(result["hits"], 1000)
        self.assertEqual(result["corrupt"], 0)
        self.assertTrue(any("lost" in w for w in result["warnings"]), result["warnings"])
        self.assertIn(run.returncode, (0, 1), out + err)


if __name__ == "__main__":
    main()
