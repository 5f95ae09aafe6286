"""The real caches against the counts that an independent simulator made of the same traces."""

import csv
import pathlib
import unittest

from support import SANITIZED, TRACES, CommandTest, main

# The fewest entries with which each policy holds anything in the reference. Its slru and wtinylfu are
# other algorithms than ours; their headers say how.
POLICIES = {"fifo": 1, "lru": 1, "clock": 1, "sieve": 1, "lfu": 1, "arc": 1, "2q": 4, "s3fifo": 20}
# A sanitizer finds in the short traces what it would find in the long ones.
MOST_REQUESTS = 20_000 if SANITIZED else 1 << 30
FEWEST_COUNTS = 80 if SANITIZED else 160
FORMATS = {  # of the traces whose content does not give their format away
    "caffeine__cache2k__web07.trace.xz": "int32be",
    "caffeine__corda__trace_vaultservice.gz": "int64be",
}


def ground_truth(policies):
    path = pathlib.Path(TRACES).parent / "reference" / "ground-truth.csv"
    truth = {}
    with open(path, newline="") as rows:
        for row in csv.DictReader(rows):
            policy, size = row["policy"], int(row["cache_size_objects"])
            if size >= policies.get(policy, size + 1) and int(row["requests"]) <= MOST_REQUESTS:
                key = (policy, size)
                truth.setdefault(row["trace"], {})[key] = int(row["misses"])
    return truth


@unittest.skipUnless(TRACES, "CACHEGAUGE_TRACES is not set")
class GroundTruth(CommandTest):
    def test_policies_miss_exactly_as_often(self):
        compared = 0
        for trace, expected in ground_truth(POLICIES).items():
            files = sorted(p for p in pathlib.Path(TRACES).iterdir() if p.name.startswith(trace)
                           and not p.name.endswith(".txt"))
            self.assertTrue(files, trace)
            for path in files:
                spec = f"trace:path={path}"
                if path.name in FORMATS:
                    spec += f",format={FORMATS[path.name]}"
                adapters = [f"{policy}:entries={size}" for policy, size in expected]
                results = self.results(spec, *adapters, "--all-as-get", "--ignore-size",
                                       "--ignore-ttl", "--skip-floors")
                misses = {(p, s): results[f"{p}:entries={s}"]["misses"] for p, s in expected}
                self.assertEqual(misses, expected, path.name)
                compared += len(misses)
        print(f"{compared} counts compared")
        self.assertGreaterEqual(compared, FEWEST_COUNTS)


if __name__ == "__main__":
    main()
