"""`cachegauge run` with --codec, --key-hash, --namespace, --mutate and copy=share, and what has no
bound: what they cost, what they break, and what is refused."""

import json
import pathlib
import subprocess
import unittest

from support import SANITIZED, CommandTest, main, need_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
REQUESTS = 5_000 if SANITIZED else 20_000  # an encoded one takes 0.1 ms there
ZIPF = f"zipf:keys=1k,requests={REQUESTS},value=300"


class Layers(CommandTest):
    def result(self, *args, **kwargs):
        report = self.report(*args, "--skip-floors", **kwargs)
        path = self.write("checked.json", json.dumps(report))
        checked = subprocess.run(
            ["/usr/bin/python3", ROOT / "tests/reports/check_schema.py",
             ROOT / "reports/schema/run.schema.json", path], capture_output=True, text=True)
        self.assertIn(checked.returncode, (0, 77), checked.stdout)
        return report["results"][0]

    def counts(self, result):
        return [result[name] for name in ("gets", "hits", "misses", "fill_count", "corrupt",
                                          "unverifiable", "errors", "hit_bytes")]


class Codecs(Layers):
    def test_serialisation_changes_no_count(self):
        plain = self.result(ZIPF, "lru:entries=500")
        self.assertEqual((plain["codec"], plain["layer_counts"], plain["codec_share"]),
                         ("none", None, None))
        self.assertIsNone(plain["codec_time_ns"]["encode"])
        ratios = {}
        for codec in ("json", "msgpack", "cbor"):
            r = self.result(ZIPF, "lru:entries=500", "--codec", codec)
            self.assertEqual(self.counts(r), self.counts(plain), codec)
            self.assertEqual(r["codec"], codec)
            self.assertTrue(r["id"].split("/")[1].endswith("+" + codec), r["id"])
            counts = r["layer_counts"]
            self.assertEqual(counts["values_decoded"], r["hits"])
            self.assertEqual(counts["values_encoded"], r["fill_count"])
            self.assertEqual(counts["plain_bytes"], 300 * r["fill_count"])
            self.assertEqual(counts["undecodable"], 0)
            self.assertEqual(r["codec_time_ns"]["decode"]["count"], r["hits"])
            self.assertGreater(r["codec_time_ns"]["encode"]["min"], 0)
            self.assertGreater(r["codec_share"], 0)
            ratios[codec] = r["encoded_ratio"]
        self.assertEqual(ratios["json"], 1)  # a value of 300 bytes is a document of 300 bytes
        self.assertLess(ratios["msgpack"], 0.95)
        self.assertLess(ratios["cbor"], 0.95)

    def test_it_works_under_a_guard(self):
        r = self.result("zipf:keys=20,requests=2k,ttl=100ms,arrival=poisson,rate=2000",
                        "lru:entries=100", "--origin", "10ms", "--guard", "swr", "--time",
                        "virtual", "--clients", "8", "--codec", "cbor")
        self.assertEqual((r["gets"], r["corrupt"], r["unverifiable"]), (2000, 0, 0))
        self.assertGreater(r["guard_counts"]["stale_served"], 0)
        self.assertEqual(r["layer_counts"]["undecodable"], 0)

    def test_the_text_tells_what_it_costs(self):
        out = self.folder / "r.json"
        printed = self.run_program("run", ZIPF, "lru:entries=500", "--codec", "json", "--out",
                                   out).stdout
        self.assertRegex(printed, r"json: a value takes \S+ \S+ to encode and \S+ \S+ to decode")
        self.assertIn("encoded it has 1.00 times its bytes", printed)
        self.assertIn("--codec json", printed)  # of the next: line
        again = self.run_program("report", out, "--text").stdout
        self.assertIn("encoded it has 1.00 times its bytes", again)
        self.assertIn("codec_time_ns.decode.p99", self.run_program("report", out, "--csv").stdout)

    @need_servers("redis-server")
    def test_redis(self):
        for more in ((), ("--guard", "token-lock:poll=1ms", "--clients", "4", "--origin", "1ms")):
            r = self.result(ZIPF, "redis", "--codec", "msgpack", *more)
            self.assertEqual((r["gets"], r["corrupt"], r["errors"]), (REQUESTS, 0, 0))
            self.assertEqual(r["hits"] + r["misses"], REQUESTS)
            self.assertGreater(r["codec_share"], 0)
            self.assertLess(r["codec_share"], 1)

    @need_servers("memcached")
    def test_memcached(self):
        r = self.result(ZIPF, "memcached", "--memory", "64MiB", "--codec", "json", "--pipeline", "8")
        self.assertEqual((r["corrupt"], r["errors"]), (0, 0))
        self.assertEqual(r["layer_counts"]["values_decoded"], r["hits"])


class SharedValues(Layers):
    def test_a_caller_that_changes_what_it_got(self):
        copied = self.result(ZIPF, "lru:entries=500", "--mutate", "1%")
        self.assertEqual(copied["corrupt"], 0)
        self.assertGreater(copied["layer_counts"]["values_changed"], REQUESTS / 400)
        self.assertEqual(copied["adapter"]["settings"]["copy"], "copy")
        shared = self.result(ZIPF, "lru:entries=500,copy=share", "--mutate", "1%", exit_code=1)
        self.assertGreater(shared["corrupt"], REQUESTS / 20)
        self.assertEqual(shared["hits"], copied["hits"])
        untouched = self.result(ZIPF, "lru:entries=500,copy=share")
        self.assertEqual(untouched["corrupt"], 0)
        # What a codec decodes is the caller's own.
        decoded = self.result(ZIPF, "lru:entries=500,copy=share", "--mutate", "1%", "--codec",
                              "msgpack")
        self.assertEqual(decoded["corrupt"], 0)
        self.assertGreater(decoded["layer_counts"]["values_changed"], REQUESTS / 400)

    def test_every_change_of_a_shared_value_is_found_at_the_next_hit(self):
        """Two gets of one key after its fill: the first is changed, so the second is corrupt."""
        trace = self.write("t.csv", "key\na\na\na\n")
        r = self.result(trace, "lru:entries=5,copy=share", "--mutate", "100%", exit_code=1)
        self.assertEqual((r["hits"], r["corrupt"], r["layer_counts"]["values_changed"]), (2, 1, 1))

    def test_what_sharing_saves(self):
        report = self.report(ZIPF, "lru:entries=500", "lru:entries=500,copy=share",
                             "--skip-floors")
        by_spec = {r["adapter"]["spec"]: r for r in report["results"]}
        self.assertEqual(by_spec["lru:entries=500"]["memory"]["copied_bytes_per_hit"], 300)
        shared = by_spec["lru:entries=500,copy=share"]
        self.assertEqual(shared["memory"]["copied_bytes_per_hit"], 0)
        printed = self.run_program("run", ZIPF, "lru:entries=500", "lru:entries=500,copy=share",
                                   "--skip-floors").stdout
        self.assertIn("and spares a copy of 300.0 bytes a hit", printed)


class Growth(Layers):
    def test_what_has_no_bound_says_how_it_grows(self):
        r = self.result("sequential:keys=50k,requests=50k", "unbounded")
        slope = r["memory"]["growth_bytes_per_request"]
        # Each request brings a key that stays.
        self.assertLess(abs(slope * 50000 / r["memory"]["bytes_used"] - 1), 0.2)
        flat = self.result("zipf:keys=10,requests=50k", "unbounded")
        self.assertLess(flat["memory"]["growth_bytes_per_request"], slope / 100)
        printed = self.run_program("run", "sequential:keys=50k,requests=50k", "unbounded",
                                   "lru:entries=100").stdout
        self.assertRegex(printed, r"unbounded has no bound, and grew by \d+\.\d bytes a request")
        self.assertNotIn("lru:entries=100 has no bound", printed)


class KeyNames(Layers):
    def test_hashing_and_namespaces_cost_bytes_and_time(self):
        plain = self.result(ZIPF, "lru:entries=500")
        self.assertEqual((plain["key_naming"], plain["key_bytes"]), ("none", None))
        r = self.result(ZIPF, "lru:entries=500", "--key-hash", "md5:bits=64", "--namespace",
                        "shop:version=3")
        self.assertEqual(self.counts(r), self.counts(plain))
        self.assertEqual(r["key_naming"], "md5:bits=64+namespace=shop:version=3")
        self.assertEqual(r["key_bytes"]["sent"], 16 + len("shop:v3:"))
        self.assertLess(r["key_bytes"]["plain"], 4)
        self.assertEqual(r["layer_counts"]["keys_named"], r["gets"] + r["fill_count"])
        self.assertEqual(r["layer_counts"]["keys_in_collisions"], 0)
        self.assertGreater(r["key_time_ns"]["mean"], 0)
        self.assertGreater(r["memory"]["payload_bytes"], plain["memory"]["payload_bytes"])

    def test_two_keys_with_one_hash(self):
        """A value of another key is corrupt, and how many keys may meet that is counted before."""
        def sharing(keys, bits):
            """How many keys have a name with another, from FNV-1a's definition."""
            names = {}
            for key in range(1, keys + 1):
                hashed = 0xcbf29ce484222325
                for byte in str(key).encode():
                    hashed = (hashed ^ byte) * 0x100000001b3 % 2**64
                names.setdefault(hashed % 2**bits, []).append(key)
            return sum(len(alike) for alike in names.values() if len(alike) > 1), len(names)
        for keys, bits in ((1000, 8), (1000, 12)):
            shared, names = sharing(keys, bits)
            self.assertGreater(shared, 0)
            r = self.result(f"sequential:keys={keys},requests={3 * keys}", "unbounded",
                            "--key-hash", f"fnv1a:bits={bits}", exit_code=1)
            self.assertEqual(r["layer_counts"]["keys_in_collisions"], shared)
            self.assertEqual(r["memory"]["items"], names)
            # All keys pass by before one comes again: who shares a name finds what the first of
            # them has left, and only that one finds its own.
            self.assertEqual(r["misses"], names)
            self.assertEqual(r["corrupt"], 3 * (keys - names))


class Refused(Layers):
    def refusal(self, *args):
        return self.run_program("run", ZIPF, *args, exit_code=2).stderr

    def test_what_cannot_be(self):
        for args, text in (
                (("lru:entries=9", "--codec", "jsn"), "did you mean json"),
                (("lru:entries=9", "--codec", "pickle"), "Valid: none, json, msgpack, cbor"),
                (("lru:entries=9", "--key-hash", "md4"), "did you mean md5"),
                (("lru:entries=9", "--key-hash", "md5:bits=7"), "a multiple of 4 from 4 to 128"),
                (("lru:entries=9", "--namespace", "a b"), "a name without spaces"),
                (("lru:entries=9", "--mutate", "120%"), "--mutate"),
                (("lru:entries=9,copy=shared",), "did you mean share"),
                (("lru:entries=9,copy=share", "--threads", "2", "--clients", "2"),
                 "one may evict what another is reading")):
            self.assertIn(text, self.refusal(*args))

    def test_keys_on_a_server_of_others_are_left_alone(self):
        self.assertIn("use a private server, such as redis",
                      self.refusal("redis://127.0.0.1:1", "--key-hash", "md5"))


if __name__ == "__main__":
    main()
