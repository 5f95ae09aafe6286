#!/usr/bin/env python3
"""usage: gate_power.py [--rounds N] [--minutes M] [--recording FILE] [--live N] [--quick]

How often the gate is wrong: a power study of its paired rounds, on whatever machine this is.

Rounds of five arms in random order are recorded first, until there are N or M minutes are over: a
local cache three times, and the same made slower by 5 % and by 10 % (tests/plugin/libraries/
slowed.cc, calibrated on this machine; the slowdown that the recording itself shows is printed). They
are appended to FILE, which a later call goes on with. Decisions are then drawn from the recording
and go through the gate's own judge (gate_decisions): 500 on identical code, 200 at each slowdown, and
with 20 metrics at once; beside them, on the same samples, what Google Benchmark's compare.py says.

--live makes so many decisions of `cachegauge gate` from end to end; and a few of class count, of 1 %
more instructions. Bounds on shares are one-sided and exact (Clopper and Pearson, 1934), of the
drawing alone: decisions share the rounds that were recorded.
"""

import csv
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import time

import bench

WORKLOAD = "zipf:keys=100k,requests=100k"
ENTRIES = 10_000
ARMS = {"baseline": 0, "again": 0, "third": 0, "slower5": 0.05, "slower10": 0.10}
METRICS = {"throughput_rps": ("throughput_rps",),
           "p50_ns": ("response_time_ns", "get", "p50"),
           "p99_ns": ("response_time_ns", "get", "p99")}
ALIKE, SLOWER = 500, 200  # decisions
AT_ONCE = 20
MOST_DECISION_S = 300
LIVE_MARGIN_S = 5  # to start and to judge
COMPARED = 40  # samples that compare.py gets of each side: the gate's first rounds
U_ALPHA = 0.05
MOST_PADDING = 8192
CALIBRATIONS = 5
UNIT = 1000  # of work: thousandths of a turn


def built(path):
    found = pathlib.Path(bench.program()).parent / path
    if not found.exists():
        raise SystemExit(f"{found} is missing: cmake --build --preset release --target "
                         "gate_decisions wrapped_lru slowed")
    return found


def spec(work):
    return (f"plugin:path={built('tests/plugin/libraries/slowed.so')},"
            f"inner={built('plugins/wrapped_lru.so')},work={work},entries={ENTRIES}")


def measure(work, padding=0):
    """The arm's metrics, and how long the run took as a whole."""
    started = time.monotonic()
    environment = {**os.environ, "CACHEGAUGE_PADDING": "x" * padding}
    done = subprocess.run([bench.program(), "run", WORKLOAD, spec(work), "--skip-floors", "--out",
                           "-"], capture_output=True, check=True, env=environment)
    result, = json.loads(done.stdout)["results"]
    row = {"run_s": time.monotonic() - started}
    for name, path in METRICS.items():
        row[name] = result
        for part in path:
            row[name] = row[name][part]
    return row


# Recording


def ns(row):
    return 1e9 / row["throughput_rps"]


def slowdown_by(work, rounds):
    pairs = [(ns(measure(0)), ns(measure(work))) for _ in range(rounds)]
    return statistics.median(b / a for a, b in pairs) - 1


def find_work(share, first, rounds):
    """Work that makes a request take that share longer. A little of it hides behind what the request
    waits for from memory, so that time does not grow with it evenly: it is found between too little
    and too much."""
    low, high, work = (0, 0), None, first
    for _ in range(CALIBRATIONS):
        found = slowdown_by(work, rounds)
        if found < share:
            low = (work, found)
        else:
            high = (work, found)
        if high:
            part = (share - low[1]) / (high[1] - low[1])
            work = round(low[0] + part * (high[0] - low[0]))
        else:
            work *= 2
    return work


def calibrate(rounds):
    much = 100 * UNIT
    per_work = slowdown_by(much, rounds) / much
    return {arm: find_work(share, round(share / per_work), 2 * rounds) if share else 0
            for arm, share in ARMS.items()}


class Recording:
    """A file of one JSON object a line: what was calibrated, then the rounds."""

    def __init__(self, path, quick):
        self.path = path
        if not path.exists() or not path.read_text():
            bench.progress("calibrating")
            self._append({"workload": WORKLOAD, "work": calibrate(5 if quick else 25)})
        head, *self.rounds = [json.loads(line) for line in path.read_text().splitlines()]
        if head["workload"] != WORKLOAD:
            raise SystemExit(f"{path} was recorded with {head['workload']}: name another file")
        self.work = head["work"]

    def _append(self, row):
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def extend(self, rounds, deadline):
        rng = random.Random(time.time_ns())
        while len(self.rounds) < rounds and time.monotonic() < deadline:
            arms = list(ARMS)
            rng.shuffle(arms)
            row = {arm: measure(self.work[arm], rng.randrange(MOST_PADDING)) for arm in arms}
            self._append(row)
            self.rounds.append(row)
            if len(self.rounds) % 50 == 0:
                bench.progress(f"{len(self.rounds)} rounds")

    def column(self, arm, metric):
        return [row[arm][metric] for row in self.rounds]

    def slowdown(self, arm):
        """What the whole of it shows, throughput against each of the three that are alike."""
        ratios = [row[same]["throughput_rps"] / row[arm]["throughput_rps"]
                  for row in self.rounds for same in ("baseline", "again", "third") if same != arm]
        return statistics.median(ratios) - 1

    def round_s(self):
        return 3 * statistics.mean(row[arm]["run_s"] for row in self.rounds for arm in ARMS)

    def write_csv(self, path, metrics):
        names = [(arm, metric) for arm in ARMS for metric in metrics]
        with open(path, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(f"{arm}.{metric}" for arm, metric in names)
            writer.writerows([row[arm][metric] for arm, metric in names] for row in self.rounds)


# Decisions


def log_chance(hits, trials, share):
    return (math.lgamma(trials + 1) - math.lgamma(hits + 1) - math.lgamma(trials - hits + 1)
            + hits * math.log(share) + (trials - hits) * math.log1p(-share))


def share_bound(hits, trials, upper, alpha=0.05):
    """One-sided bound of a share of which `hits` of `trials` were seen."""
    if not upper:
        return 1 - share_bound(trials - hits, trials, True, alpha)
    low, high = hits / trials, 1.0
    while high - low > 1e-12:
        share = (low + high) / 2
        as_few = sum(math.exp(log_chance(k, trials, share)) for k in range(hits + 1))
        low, high = (share, high) if as_few > alpha else (low, share)
    return high


def of(hits, trials):
    return (f"{hits} of {trials} = {hits / trials:.1%} "
            f"({share_bound(hits, trials, False):.1%} to {share_bound(hits, trials, True):.1%})")


def decide(rounds, candidate, decisions, metrics, how, seed, round_s):
    done = subprocess.run([built("scripts/bench/gate_decisions"), rounds, candidate,
                           str(decisions), str(metrics), how, str(seed), str(round_s),
                           str(MOST_DECISION_S)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def study(recording, options, bounds, folder):
    scale = 10 if options.quick else 1
    alike, slower = ALIKE // scale, SLOWER // scale
    round_s = recording.round_s()
    one, all_metrics = folder / "one.csv", folder / "all.csv"
    recording.write_csv(one, ["throughput_rps"])
    recording.write_csv(all_metrics, METRICS)
    for how, said in (("once", "rounds drawn one by one"), ("stretch", "rounds as they came")):
        print(f"\nthe gate, {said}")
        aa = decide(one, "third", alike, 1, how, 1, round_s)
        false_alarms, unsure = aa["regression"], aa["inconclusive"]
        bounds.require(f"false alarms in {alike}, at most 1", false_alarms <= 1,
                       of(false_alarms, alike))
        bounds.require("inconclusive, at most 2 %", unsure <= 0.02 * alike, of(unsure, alike))
        slowest = aa["most_rounds"]
        for arm, least in (("slower5", 0.85), ("slower10", 0.99)):
            ab = decide(one, arm, slower, 1, how, 2, round_s)
            slowest = max(slowest, ab["most_rounds"])
            bounds.require(f"seen at {ARMS[arm]:+.0%}, at least {least:.0%}",
                           ab["regression"] >= least * slower, of(ab["regression"], slower))
            print(f"        of the others {ab['pass']} passed and {ab['inconclusive']} were "
                  f"inconclusive; {ab['mean_rounds']} rounds in the mean")
        many = decide(all_metrics, "third", alike, AT_ONCE, how, 3, round_s)
        bounds.require(f"any false alarm of {AT_ONCE} metrics at once, at most 2 %",
                       many["regression"] <= 0.02 * alike, of(many["regression"], alike))
        seconds = (slowest + 1) * round_s
        bounds.require("longest decision, at most 5 minutes", seconds <= MOST_DECISION_S,
                       f"{slowest} rounds, {seconds:.0f} s")


def compare_py(recording, options):
    """The same samples through compare.py: as they were taken in turns, and one side after the
    other, as two runs of a benchmark would have been."""
    rng = random.Random(1)
    trials = (ALIKE if not options.quick else ALIKE // 10)
    count = len(recording.rounds)
    if count < 2 * COMPARED:
        print(f"\ncompare.py: needs {2 * COMPARED} rounds")
        return
    plans = {}
    for arm in ("third", "slower5", "slower10"):
        old, new = ([1e9 / x for x in recording.column(name, "throughput_rps")]
                    for name in ("baseline", arm))
        for turns in (True, False):
            pairs = []
            for _ in range(trials):
                start = rng.randrange(count - 2 * COMPARED + 1)
                then = start if turns else start + COMPARED
                pairs.append((old[start:start + COMPARED], new[then:then + COMPARED]))
            plans[arm, turns] = pairs
    ask = [pair for pairs in plans.values() for pair in pairs]
    done = subprocess.run(["/usr/bin/python3", pathlib.Path(__file__).with_name("u_test.py")],
                          input=json.dumps(ask), capture_output=True, text=True)
    if done.returncode != 0:
        print(f"\ncompare.py: not measured: {done.stderr.splitlines()[-1]}")
        return
    answers = iter(json.loads(done.stdout))
    print(f"\ncompare.py on the same samples: {COMPARED} of each side, p < {U_ALPHA} and slower")
    for (arm, turns), pairs in plans.items():
        alarms = sum(p < U_ALPHA and change > 0 for p, change in (next(answers) for _ in pairs))
        what = "false alarms" if arm == "third" else f"seen at {ARMS[arm]:+.0%}"
        print(f"        {what + (', in turns' if turns else ', one after the other'):<58} "
              f"{of(alarms, trials)}")


# Live


def gate(candidate, rules, folder, *flags):
    """(exit code, seconds, verdict) of one decision."""
    out = folder / "verdict.json"
    (folder / "rules.json").write_text(json.dumps({"schema": 1, "rules": [rules]}))
    started = time.monotonic()
    done = subprocess.run([bench.program(), "gate", "--interleave", "--baseline-spec", spec(0),
                           "--candidate-spec", spec(candidate), "--workload", WORKLOAD, "--rules",
                           folder / "rules.json", "--out", out, "--force", *flags],
                          capture_output=True, text=True)
    if done.returncode not in (0, 3, 4):
        raise SystemExit(done.stderr)
    return done.returncode, time.monotonic() - started, json.loads(out.read_text())


def live(recording, options, bounds, folder):
    rule = {"match": "*/throughput_rps", "class": "time"}
    codes, seconds = {}, []
    arms = ("third", "slower5", "third", "slower10")
    budget = f"{MOST_DECISION_S - LIVE_MARGIN_S}s"
    for number in range(options.live):
        arm = arms[number % len(arms)]
        code, took, _ = gate(recording.work[arm], rule, folder, "--budget", budget)
        bench.progress(f"decision {number + 1} of {options.live}: {ARMS[arm]:+.0%}, exit code "
                       f"{code} after {took:.0f} s")
        codes.setdefault(arm, []).append(code)
        seconds.append(took)
    print("\nlive decisions")
    for arm, found in codes.items():
        wanted = 3 if ARMS[arm] else 0
        print(f"        {ARMS[arm]:+.0%}: {found.count(wanted)} of {len(found)} right, "
              f"{found.count(4)} inconclusive")
    alarms = codes.get("third", []).count(3)
    bounds.require("live false alarms: none", alarms == 0, str(alarms))
    bounds.require("longest live decision, at most 5 minutes", max(seconds) <= MOST_DECISION_S,
                   f"{max(seconds):.0f} s")


def count(options, bounds, folder):
    rule = {"match": "*/instructions_per_request", "class": "count"}
    times = 1 if options.quick else 5
    flags = ("--count-requests", "5k")

    def change(work):
        code, _, verdict = gate(work, rule, folder, *flags)
        return code, verdict["findings"][0]

    print("\ninstructions")
    much = 20 * UNIT
    work = round(much * 0.01 / change(much)[1]["change"])
    found = [change(work) for _ in range(times)]
    alike = [change(0) for _ in range(times)]
    bounds.require(f"{found[0][1]['change']:+.2%} instructions, always seen",
                   all(code == 3 for code, _ in found), f"{len(found)} of {len(found)}"
                   if all(code == 3 for code, _ in found) else "missed")
    bounds.require("identical code passes", all(code == 0 for code, _ in alike))
    bounds.check("identical code differs by", [abs(f["again_high"]) for _, f in alike + found],
                 "{:.4%}".format, high=0.001)


def main():
    def more(parser):
        parser.add_argument("--minutes", type=float, metavar="M",
                            help="record for so long at the most, however many rounds that makes")
        parser.add_argument("--recording", type=pathlib.Path, metavar="FILE",
                            help="rounds that were recorded, and where more are put")
        parser.add_argument("--live", type=int, default=0, metavar="N",
                            help="live decisions, of the gate from end to end (0)")
        parser.add_argument("--no-count", action="store_true", help="leave out instructions")

    options = bench.parse_arguments(__doc__, rounds=3000, quick_rounds=100, more=more)
    bounds = bench.Bounds()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = pathlib.Path(name)
        deadline = time.monotonic() + (options.minutes * 60 if options.minutes else 1e9)
        recording = Recording(options.recording or folder / "rounds.jsonl", options.quick)
        recording.extend(options.rounds, deadline)
        if not recording.rounds:
            raise SystemExit("no round was recorded: give it more --minutes")
        print(f"{len(recording.rounds)} rounds of {recording.round_s() / 3:.2f} s a run; against "
              "identical code " + ", ".join(f"{arm} is {recording.slowdown(arm):+.1%}"
                                            for arm in ("third", "slower5", "slower10")))
        varies = recording.column("baseline", "throughput_rps")
        print(f"coefficient of variation of one arm: "
              f"{statistics.pstdev(varies) / statistics.mean(varies):.1%}")
        study(recording, options, bounds, folder)
        compare_py(recording, options)
        if options.live:
            live(recording, options, bounds, folder)
        if not options.no_count:
            count(options, bounds, folder)
    bounds.exit()


if __name__ == "__main__":
    main()
