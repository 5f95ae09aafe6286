"""`cachegauge report --html`: real reports, opened in a browser by tests/page/page_test.cjs."""

import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from support import SANITIZED, CommandTest, main, need_servers

SOURCE = pathlib.Path(__file__).parent.parent / "page"
# Where npm brings playwright-core the first time.
NODE_FOLDER = pathlib.Path(os.environ.get("CACHEGAUGE_NODE_FOLDER", "build/page"))
SHOP = SOURCE.parents[1] / "workloads" / "experiments" / "shop.json"
WORKLOAD = "zipf:keys=2k,requests=40k,get=10,set=1"
ADAPTERS = ["lru:entries=200", "s3fifo:entries=200", "unbounded"]
MARKUP = "<img src=x onerror=pwned=1>"  # without a slash, which ends a part of a name
HOSTILE = "</script><script>pwned = 1</script> <!-- <img src=x onerror=pwned=1> \u2028 \u202e end"


def why_not():
    if SANITIZED:
        return "a page is the same whatever wrote it"
    missing = [name for name in ("chromium", "node", "npm") if not shutil.which(name)]
    if missing:
        return f"no {' '.join(missing)} on PATH (scripts/install_deps.sh test)"
    if (NODE_FOLDER / "node_modules" / "playwright-core").is_dir():
        return None
    NODE_FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCE / name, NODE_FOLDER)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=NODE_FOLDER, stdout=sys.stderr).returncode != 0:
        return "npm could not install playwright-core"
    return None


def with_hostile_texts(report):
    """Of another kind than a run."""
    report = copy.deepcopy(report)
    report["warnings"] = [HOSTILE]
    if "workload" in report:
        report["workload"]["label"] = HOSTILE
    else:
        report["results"][0].update(guard=HOSTILE, scenario=HOSTILE, flags=[HOSTILE])
    report["experiment"][HOSTILE] = HOSTILE
    for curve in report.get("curves", []):
        curve["policy"] = HOSTILE
    for key in report["results"][0].get("popularity", {}).get("hottest", []):
        key["key"] = HOSTILE
    for finding in report.get("findings", []):
        finding["evidence"] = HOSTILE
    return report


def with_hostile_classes(report):
    report = copy.deepcopy(report)
    for result in report["results"]:
        result["classes"] = {HOSTILE + name: figures for name, figures in result["classes"].items()}
        for figures in result["classes"].values():
            figures["pattern"] = HOSTILE
    for summary in report["summaries"]:
        summary["metrics"] = {path.replace("classes.", f"classes.{HOSTILE}"): figure
                              for path, figure in summary["metrics"].items()}
    return report


WHY_NOT = why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Page(CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = subprocess.Popen(["node", SOURCE / "browser_server.cjs"], cwd=NODE_FOLDER,
                                       env=dict(os.environ, CHROMIUM=shutil.which("chromium")),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.address = cls.browser.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.browser.communicate(timeout=60)  # the end of its input ends it

    def real_report(self, *flags):
        adapters = ADAPTERS + (["redis:maxmemory=4MiB"] if shutil.which("redis-server") else [])
        return self.report(WORKLOAD, *adapters, "--origin", "200us", "--interval", "2ms", *flags)

    def browse(self, case, *reports):
        paths = [self.write(f"{i}.json", json.dumps(report)) for i, report in enumerate(reports)]
        self.run_program("report", *paths, "--html", "page.html", "--force")
        environment = dict(os.environ, BROWSER=self.address)
        command = ["node", SOURCE / "page_test.cjs", case, self.folder / "page.html", *paths]
        done = subprocess.run(command, cwd=NODE_FOLDER, env=environment, capture_output=True,
                              text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_charts_are_drawn_with_the_reports_own_numbers(self):
        self.browse("numbers", self.real_report(), self.real_report("--repeat", "3"))

    def test_controls_themes_and_a_phones_width(self):
        report = self.real_report()
        for case in ("controls", "themes", "narrow"):
            with self.subTest(case):
                self.browse(case, report)

    def test_hostile_strings_are_shown_and_hazards_come_first(self):
        report = self.report(WORKLOAD, *ADAPTERS)
        report["interrupted"] = True
        report["warnings"] = [HOSTILE]
        for result in report["results"]:
            result.update(flags=[], warnings=[])
        report["experiment"][HOSTILE] = HOSTILE
        report["results"][0]["failure"] = HOSTILE
        report["results"][1]["flags"] = [HOSTILE]
        report["results"][2]["adapter"]["settings"] = {HOSTILE: HOSTILE}
        report["results"][2]["memory"]["source"] = HOSTILE
        self.browse("hostile", report)

    def test_hazards_that_are_alike_are_told_as_one(self):
        report = self.report(WORKLOAD, *ADAPTERS, "--skip-floors")
        report["warnings"] = [f"the client stood still for {time}" for time in
                              ("1 ms", "1,200 us", "2.5 s")]
        for result in report["results"]:
            result.update(flags=[], warnings=[])
        report["results"][0]["corrupt"] = 3
        self.browse("hazards", report)

    def test_200_results_open_at_once(self):
        report = self.report(WORKLOAD, *ADAPTERS[:2], "--origin", "200us", "--interval", "1ms")
        originals, report["results"] = report["results"], []
        for i in range(200):
            result = copy.deepcopy(originals[i % 2])
            result["id"] = result["id"].replace("entries", f"copy={i},entries")
            report["results"].append(result)
        print(self.browse("many", report).strip(), file=sys.stderr)

    def other_report(self, command, *args):
        out = self.folder / f"{command}.json"
        self.run_program(command, *args, "--out", out)
        return json.loads(out.read_text())

    def test_simulations_and_profiles_have_views_of_their_own(self):
        simulation = self.other_report("simulate", WORKLOAD, "--curve", "lru,sieve", "--policy",
                                       "fifo,belady,clock", "--size", "1%,10%,50%", "--series", "3990")
        self.browse("simulation", simulation)
        profile = self.other_report("profile", "zipf:keys=2k,requests=40k,rate=1000,alpha=1.3",
                                    "--origin", "50ms", "--cache-rtt", "500us")
        self.browse("profile", profile)
        in_bytes = self.other_report("profile", "zipf:keys=2k,requests=40k,rate=1000,alpha=1.3,"
                                     "value=lognormal", "--origin", "50ms", "--cache-rtt", "500us",
                                     "--force")
        self.assertEqual(in_bytes["verdict"]["size_unit"], "bytes")
        self.browse("profile", in_bytes)
        for report in (simulation, profile):
            for case in ("narrow_other", "hostile_other"):
                with self.subTest(case, kind=report["kind"]):
                    self.browse(case, with_hostile_texts(report))

    def test_stampedes_have_views_of_their_own(self):
        load = ("--rate", "1000", "--origin", "50ms", "--simulate")
        expiry = self.other_report("stampede", "redis", "--guard",
                                   "none,singleflight,token-lock,xfetch,swr", *load)
        flush = self.other_report("stampede", "redis", "--guard", "none,token-lock", *load,
                                  "--scenario", "flush:keys=20", "--ttl", "2s", "--force")
        self.browse("stampede", expiry, flush)
        for case in ("narrow_other", "hostile_other", "themes"):
            with self.subTest(case):
                self.browse(case, with_hostile_texts(expiry))
        expiry["results"] = []
        self.browse("empty", expiry)

    @need_servers("redis-server")
    def test_a_stampede_on_a_real_server(self):
        report = self.other_report("stampede", "redis", "--guard", "none,token-lock,swr", "--rate",
                                   "500", "--origin", "50ms", "--ttl", "300ms", "--episodes", "4")
        self.browse("real_stampede", report)

    def test_micro_has_a_view_of_its_own(self):
        out = self.folder / "micro.json"
        self.run_program("micro", "lru", "unbounded", "--keys", "1k", "--items", "500",
                         "--value-size", "100,1KiB", "--codec", "json", "--benchmark_repetitions=3",
                         "--benchmark_filter=get-hit|set-evicting|encode",
                         "--benchmark_min_time=0.0001", f"--benchmark_out={out}")
        report = json.loads(out.read_text())
        self.browse("micro", report)
        report["context"][MARKUP] = HOSTILE
        for row in report["benchmarks"]:
            row["run_name"] = row["run_name"].replace("/lru/", f"/{MARKUP}/")
        report["benchmarks"][0].update(error_occurred=True, error_message=HOSTILE)
        for case in ("narrow_other", "hostile_other"):
            with self.subTest(case):
                self.browse(case, report)

    def test_patterns_and_classes_have_views_of_their_own(self):
        shop = self.report(SHOP, "--limit", "6k", "--repeat", 3)
        self.browse("patterns", shop)
        self.browse("narrow_other", with_hostile_classes(shop))
        self.browse("hostile_other", with_hostile_classes(shop))

    def test_a_report_without_results(self):
        report = self.report("sequential:keys=10,requests=100", "lru:entries=5")
        report["results"] = []
        self.browse("empty", report)


if __name__ == "__main__":
    main()
