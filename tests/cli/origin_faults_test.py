"""`cachegauge run --fault …,on=origin` in real time: private databases are signalled, those of the
user and services have a proxy in front."""

import shutil
import subprocess
import unittest

from faults_support import FaultRuns
from servers import Postgres
from service import running_service
from support import main, need_origin

# Some seconds of an open loop, at rates that a busy machine keeps up with.
REAL = ("--time", "real", "--arrival", "constant", "--clients", "4", "--interval", "50ms",
        "--max-errors", "50%", "--skip-floors", "--rate")
LITTLE_IS_CACHED = ("uniform:keys=200,requests=300", "lru:entries=20", *REAL, "100")
EACH = ("stall:at=600ms,for=1400ms", "kill:at=600ms,for=700ms", "refuse:at=600ms,for=700ms",
        "slow:at=600ms,for=700ms,latency=100ms", "reset:at=600ms,for=700ms", "reset:at=600ms")
# A killed server takes a second to be back.
WRITES = ("uniform:keys=200,requests=800,get=2,set=1", "lru:entries=100", *REAL, "200")
BEHIND = "write-behind:flush=50ms,batch=20"
THREADS = 8


def strike_with(fault):
    """On a busy machine a call may take long by itself: only what stands still is given up."""
    return ("--fault", fault, "--timeout", "1s" if fault.startswith("stall") else "5s")


class OriginFaults(FaultRuns):
    def strike(self, origins, faults=EACH):
        """Results by fault, of an application without a second source; origins() gives one each."""
        results = self.run_each({
            fault: (*LITTLE_IS_CACHED, "--origin", origins(), *strike_with(fault + ",on=origin"))
            for fault in faults})
        for fault, result in results.items():
            with self.subTest(fault):
                told, = result["faults"]
                self.assertEqual((told["on"], told["means"]), ("origin", "proxy"))
                self.check_sums(result, told)
                self.assertEqual(result["errors"], 0)  # the cache's
                self.assertEqual(result["cache_errors"]["failed_requests"],
                                 result["origin"]["errors"])
                self.assertEqual(sum(told[s]["origin_errors"] for s in
                                     ("before", "during", "after")), result["origin"]["errors"])
                self.assertEqual(told["before"]["origin_errors"], 0)
                self.assertGreater(told["before"]["origin_calls"], 30)
                self.assertGreater(told["after"]["origin_calls"], 30)
                self.assertTrue(any("calls to the origin passed a proxy" in w
                                    for w in result["warnings"]), result["warnings"])
                self.assertFalse(any("not back" in w for w in result["warnings"]),
                                 result["warnings"])
                getattr(self, "check_" + told["name"])(result, told)
        return results

    def check_outage(self, told):
        self.assertGreaterEqual(told["ended_s"] - told["began_s"], 0.7)
        self.assertGreater(told["during"]["origin_errors"], 10)
        self.assertEqual(told["after"]["origin_errors"], 0)

    def check_stall(self, result, told):
        self.check_outage(told)
        self.assertGreaterEqual(told["during"]["max_ns"], 9.5e8)

    def check_kill(self, result, told):
        self.check_outage(told)
        self.check_reopened(result)

    check_refuse = check_kill

    def check_reopened(self, result):
        self.assertTrue(any("lost" in w and "back after" in w for w in result["warnings"]),
                        result["warnings"])

    def check_slow(self, result, told):
        self.assertEqual(result["origin"]["errors"], 0)
        self.assertGreaterEqual(told["during"]["p50_ns"], 9.8e7)
        for stretch in ("before", "after"):
            self.assertLess(told[stretch]["p50_ns"], 9.8e7)

    def check_reset(self, result, told):
        if told["ended_s"] - told["began_s"] > 0.1:
            return self.check_kill(result, told)
        # Connections that nobody was using may be found broken when they are used, and then fail
        # those in line, which are few.
        self.assertLess(result["origin"]["errors"], 80)


@need_origin("postgres")
class APostgresOfTheUsers(OriginFaults):
    def setUp(self):
        super().setUp()
        self.server = Postgres(self.folder)
        self.addCleanup(lambda: self.server.stop())

    def origin(self):
        return f"postgres:threads={THREADS},dsn={self.server.dsn(self.server.database())}"

    def check_left_as_it_was(self):
        for database in self.server.ask("SELECT datname FROM pg_database WHERE datallowconn").split():
            schemas = self.server.ask("SELECT nspname FROM pg_namespace", database).split()
            self.assertNotIn("cachegauge", schemas)

    def test_each(self):
        self.server.start("listen_addresses=")
        for fault, result in self.strike(self.origin).items():
            with self.subTest(fault):
                own = result["origin"]
                self.assertEqual(own["settings"]["server"], "running")
                # Each answer was a query's; of those that failed a few had been carried out.
                answered = own["calls"] - own["errors"]
                self.assertGreaterEqual(own["statistics"]["queries"], answered)
                self.assertLessEqual(own["statistics"]["queries"], own["calls"])
        self.check_left_as_it_was()

    def test_no_write_is_lost_with_the_connection(self):
        self.server.start("listen_addresses=")
        results = self.run_each({
            (pattern, fault): (*WRITES, "--pattern", pattern, "--origin", self.origin(),
                               *strike_with(fault + ",on=origin"))
            for pattern, fault in (
                (BEHIND, "refuse:at=1s,for=1400ms"), (BEHIND, "stall:at=1s,for=1400ms"),
                ("write-through", "kill:at=1s,for=1400ms"),
                ("write-through", "reset:at=1s,for=700ms"),
                (BEHIND, "slow:at=1s,for=1400ms,latency=5ms"))})
        for (pattern, fault), result in results.items():
            with self.subTest(pattern=pattern, fault=fault):
                told, = result["faults"]
                figures = result["pattern_figures"]
                self.assertEqual(told["means"], "proxy")
                self.assertEqual(figures["acknowledged_writes"] + figures["failed_writes"],
                                 result["sets"])
                self.assertEqual(figures["lost_writes"], 0)
                self.assertGreater(figures["checked_keys"], 100)
                self.assertGreaterEqual(result["origin"]["statistics"]["rows_written"],
                                        figures["origin_writes"])
                if fault.startswith("slow"):
                    self.assertEqual(figures["origin_write_errors"], 0)
                else:
                    self.assertGreater(told["during"]["origin_errors"], 0)
                    self.assertGreater(figures["origin_write_errors"], 0)
                self.assertEqual(figures["failed_writes"] > 0, pattern == "write-through")
        self.check_left_as_it_was()

    @unittest.skipUnless(shutil.which("openssl"), "no openssl")
    def test_names_passwords_and_encryption_stay_as_they_were(self):
        """The name that the certificate is of, the port that a file has the password under."""
        folder = self.server.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True,
                       capture_output=True)
        self.server.write("key.pem", (folder / "key.pem").read_text())
        self.server.write("pg_hba.conf", "local all all trust\n"
                                         "hostssl all all 127.0.0.1/32 scram-sha-256\n")
        self.server.start("listen_addresses=127.0.0.1", "ssl=on", f"ssl_cert_file={folder}/cert.pem",
                          f"ssl_key_file={folder}/key.pem", f"hba_file={folder}/pg_hba.conf")
        self.server.ask("CREATE ROLE app LOGIN SUPERUSER PASSWORD 'hunter2'")
        passwords = self.folder / "pgpass"
        passwords.write_text(f"localhost:{self.server.port}:*:app:hunter2\n")
        passwords.chmod(0o600)
        dsn = (f"host=localhost port={self.server.port} dbname={self.server.database()} user=app "
               f"sslmode=verify-full sslrootcert={folder}/cert.pem channel_binding=require")
        args = (*LITTLE_IS_CACHED, "--origin", f"postgres:threads={THREADS},dsn={dsn}",
                *strike_with("refuse:at=600ms,for=700ms,on=origin"))
        result = self.run_alone(args, PGPASSFILE=str(passwords))
        told, = result["faults"]
        self.assertEqual(told["means"], "proxy")
        self.check_outage(told)
        self.assertGreater(told["after"]["origin_calls"], 30)
        self.assertNotIn("hunter2", str(result))
        self.check_left_as_it_was()


@need_origin("postgres")
class APrivatePostgres(FaultRuns):
    def test_a_private_postgres_is_stopped_and_killed_by_signals(self):
        """Under an application that writes through a queue, which keeps what was not stored."""
        results = self.run_each({
            fault: (*WRITES, "--pattern", BEHIND, "--origin", "postgres:threads=2",
                    *strike_with(fault + ",on=origin"))
            for fault in ("stall:at=1s,for=1400ms", "kill:at=1s,for=200ms")})
        for fault, result in results.items():
            with self.subTest(fault):
                told, = result["faults"]
                self.assertEqual((told["on"], told["means"]), ("origin", "server"))
                self.assertIsNotNone(told["ended_s"])
                self.assertGreater(told["during"]["origin_errors"], 0)
                self.assertLess(told["before"]["origin_errors"], told["during"]["origin_errors"])
                self.assertGreater(result["pattern_figures"]["origin_write_errors"], 0)
                self.assertEqual(result["errors"], 0)  # the cache's
                # What had been committed was there again, and the rest was stored afterwards.
                self.assertEqual(result["pattern_figures"]["lost_writes"], 0)
                killed = told["name"] == "kill"
                self.assertEqual(result["origin"]["statistics"] is None, killed)
                self.assertEqual(any("killed on purpose" in w for w in result["warnings"]), killed)

    def test_what_is_no_signal_goes_by_the_proxy(self):
        refuse, slow = "refuse:at=600ms,for=700ms", "slow:at=2s,for=500ms,latency=100ms"
        result = self.run_alone((*LITTLE_IS_CACHED, "--origin", "postgres:threads=2",
                                 *strike_with(f"{refuse},on=origin+{slow},on=origin")))
        refused, slowed = result["faults"]
        self.assertEqual((refused["means"], slowed["means"]), ("proxy", "proxy"))
        self.assertGreater(refused["during"]["origin_errors"], 10)
        self.assertEqual(slowed["during"]["origin_errors"], 0)
        self.assertGreaterEqual(slowed["during"]["p50_ns"], 9.8e7)
        self.assertEqual(result["origin"]["settings"]["server"], "private")


@need_origin("http")
class AService(OriginFaults):
    def origin(self, **options):
        service = running_service(self, **options)
        spec = f"http:threads={THREADS},url={service.url}"
        self.services[spec] = service
        return spec

    def setUp(self):
        super().setUp()
        self.services = {}

    def check_answers(self, results):
        for fault, result in results.items():
            with self.subTest(fault):
                own = result["origin"]
                asked = len(self.services[own["spec"]].asked)
                answered = own["statistics"]["full"] + own["statistics"]["not_modified"]
                # Some answers came when nobody waited any more.
                self.assertGreaterEqual(answered, own["calls"] - own["errors"])
                # It was asked what it answered, and a little of which the answer got lost.
                self.assertGreaterEqual(asked, answered)
                self.assertLessEqual(asked, answered + 4 * THREADS)

    def test_each(self):
        self.check_answers(self.strike(self.origin))

    def test_those_that_differ_where_the_service_closes_connections(self):
        self.check_answers(self.strike(lambda: self.origin(closes=True), EACH[:1] + EACH[2:5]))

    def check_reopened(self, result):
        if not self.services[result["origin"]["spec"]].closes:
            super().check_reopened(result)


if __name__ == "__main__":
    main()
