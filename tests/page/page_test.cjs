// node page_test.cjs CASE PAGE.html [REPORT.json …]: opens the page as tests/cli/page_test.py made
// it of these reports, and checks what CASE names.
const assert = require("node:assert");
const fs = require("node:fs");
const {withPage, chartData} = require("./browser.cjs");

const [name, file, ...paths] = process.argv.slice(2);
const reports = paths.map((path) => JSON.parse(fs.readFileSync(path)));

const adapterOf = ({id}) => id.split("/")[1];
const resultOf = (report, adapter) => report.results.find((one) => adapterOf(one) === adapter);
const metricsOf = (report, adapter) =>
  report.summaries.find((one) => adapterOf(one) === adapter).metrics;
const adaptersOf = (report) => report.summaries.map(adapterOf).sort();
const bodyText = (page) => page.evaluate(() => document.body.innerText);
const pick = (page, name) => page.locator(`select[name="${name}"]`);
const firstColumn = (page) =>
  page.locator("#comparison tbody th .foreign").allTextContents();

async function checkPercentiles(page, report, timing, words) {
  const {lines} = await chartData(page, "percentiles");
  for (const adapter of adaptersOf(report)) {
    timing.forEach((path, i) => {
      const [time, op] = path.split(".");
      const figures = resultOf(report, adapter)[time][op];
      const line = lines[words[i] ? `${adapter}, ${words[i]}` : adapter];
      const at = (x) => line.find((point) => point.x === x)?.y;
      for (const [x, figure] of [[2, "p50"], [10, "p90"], [100, "p99"], [1000, "p999"]]) {
        if (x < figures.count) assert.strictEqual(at(x), Math.max(figures[figure], 1), path);
      }
      assert.deepStrictEqual(line.at(-1), {x: figures.count, y: figures.max});
    });
  }
}

// Less the last, if it stands for less than half an interval.
function wholeIntervals(series) {
  const times = series.map((point) => point.t_s);
  const isRest = times.length > 2 && times.at(-1) - times.at(-2) < (times[1] - times[0]) / 2;
  return isRest ? series.slice(0, -1) : series;
}

async function checkSeries(page, report) {
  // What a fast machine is done with within an interval has one point.
  assert(adaptersOf(report).some((adapter) => resultOf(report, adapter).series.length > 1));
  for (const field of ["hit_ratio", "throughput_rps", "p99_ns", "bytes_used"]) {
    const {lines} = await chartData(page, field);
    for (const adapter of adaptersOf(report)) {
      const {series} = resultOf(report, adapter);
      assert(series.length > 0, adapter);
      if (series.every((point) => point[field] === null)) {
        assert(!(adapter in lines));
        continue;
      }
      assert.deepStrictEqual(lines[adapter],
        wholeIntervals(series).map((point) => ({x: point.t_s, y: point[field]})), `${adapter} ${field}`);
    }
  }
}

// Bars of {part: metric}: the medians of the report's summaries, null where there is none.
async function checkBars(page, report, id, parts) {
  const {labels, lines} = await chartData(page, id);
  assert.deepStrictEqual([...labels].sort(), adaptersOf(report));
  for (const [part, metric] of Object.entries(parts)) {
    const wanted = labels.map((adapter) => metricsOf(report, adapter)[metric]?.median ?? null);
    // A part that no cell has is left out.
    assert.deepStrictEqual(lines[part] ?? labels.map(() => null), wanted, part);
  }
}

// What stands on the page of the chosen workload, whose name comes first in an id.
async function checkPatterns(page, {results, summaries}) {
  const workload = await pick(page, "workload").locator("option:checked").textContent();
  const of = (list, adapter) => list.find(({id}) => id.startsWith(`${workload}/${adapter}/`));
  const medians = (adapters, path) =>
    adapters.map((adapter) => of(summaries, adapter).metrics[path]?.median ?? null);
  for (const time of ["p99", "mean"]) {
    await pick(page, "pattern-time").selectOption(time);
    const {labels, lines} = await chartData(page, "pattern-response");
    assert.deepStrictEqual([...labels].sort(), ["lru", "s3fifo"]);
    assert.deepStrictEqual(lines.reads, medians(labels, `response_time_ns.get.${time}`));
    assert.deepStrictEqual(lines.writes,
      medians(labels, `pattern_figures.write_response_ns.${time}`));
    assert(lines.writes.every((ns) => ns > 1e6));
  }
  const calls = await chartData(page, "pattern-origin");
  assert.deepStrictEqual(calls.lines.reads, medians(calls.labels, "origin.calls"));
  assert.deepStrictEqual(calls.lines.writes,
    medians(calls.labels, "pattern_figures.origin_write_calls"));

  const checkClasses = async (id, path) => {
    const {labels, lines} = await chartData(page, id);
    assert.deepStrictEqual(labels, ["product", "session", "event", "price"]);
    assert.deepStrictEqual(Object.keys(lines).sort(), ["lru", "s3fifo"]);
    for (const [adapter, values] of Object.entries(lines)) {
      assert.deepStrictEqual(values, labels.map((name) =>
        of(summaries, adapter).metrics[`classes.${name}.${path}`]?.median ?? null), path);
      assert(values.some((value) => value > 0));
    }
  };
  await checkClasses("class-hits", "hit_ratio");
  for (const side of ["get", "write", "all"]) {
    await pick(page, "class-side").selectOption(side);
    await checkClasses("class-response", `response_time_ns.${side}.mean`);
  }
  await pick(page, "class-time").selectOption("p99");
  await checkClasses("class-response", "response_time_ns.all.p99");
  await pick(page, "class-time").selectOption("mean");

  const rows = page.locator("#classes tbody tr");
  assert.strictEqual(await rows.count(), 8);
  for (const row of await rows.all()) {
    const [name, adapter] = (await row.locator("th .foreign").textContent()).split(", ");
    const {pattern, requests} = of(results, adapter).classes[name];
    const cells = await row.locator("td").allTextContents();
    assert.deepStrictEqual([cells[0], cells.at(-1)], [requests.toLocaleString("en-US"), pattern]);
  }
}

async function checkStampede(page, {results}) {
  const guards = results.map(({guard}) => guard);
  const calls = await chartData(page, "calls");
  assert.deepStrictEqual(calls.labels, guards);
  assert.deepStrictEqual(calls.lines.measured,
    results.map(({origin_calls_per_expiry: mean}) => mean));
  if (results.some(({expected}) => expected)) {
    assert.deepStrictEqual(calls.lines.theory,
      results.map(({expected}) => expected?.origin_calls_per_expiry ?? null));
  }
  const inWindow = (await chartData(page, "window")).lines;
  for (const figure of ["p50", "p99", "max"]) {
    assert.deepStrictEqual(inWindow[figure],
      results.map(({response_time_ns: {in_window: times}}) => times[figure]));
  }
  const checkLines = async (id, field) => {
    const {lines} = await chartData(page, id);
    for (const {guard, series} of results) {
      assert(series.length > 10, guard);
      assert.deepStrictEqual(lines[guard],
        series.map((point) => ({x: point.t_ms, y: point[field]})), `${guard} ${field}`);
    }
  };
  await pick(page, "span").selectOption("all");
  for (const load of ["at_origin_peak", "origin_calls_rps", "at_origin_mean"]) {
    await pick(page, "load").selectOption(load);
    await checkLines("spike", load);
  }
  for (const field of ["blocked_share", "p99_ns", "arrivals_rps"]) await checkLines(field, field);
  const rows = await page.locator("#guards tbody th .foreign").allTextContents();
  assert.deepStrictEqual(rows, results.map(({adapter, guard}) => `${adapter.spec}  ${guard}`));
  const percentiles = (await chartData(page, "percentiles")).lines;
  for (const {guard, response_time_ns: {in_window: times}} of results) {
    assert.deepStrictEqual(percentiles[guard].at(-1), {x: times.count, y: Math.max(times.max, 1)});
  }
}

const cases = {
  // The first report has one repetition, so its curves are those of its results.
  async numbers() {
    await withPage(file, {}, async (page) => {
      await checkPercentiles(page, reports[0], ["response_time_ns.get"], [""]);
      await pick(page, "timing").selectOption({label: "Response against service, gets"});
      await checkPercentiles(page, reports[0], ["response_time_ns.get", "service_time_ns.get"],
        ["response", "service"]);
      await pick(page, "timing")
        .selectOption({label: "Response time, hits against misses"});
      await checkPercentiles(page, reports[0],
        ["response_time_ns.get_hit", "response_time_ns.get_miss"], ["hits", "misses"]);
      await pick(page, "over").selectOption("time");
      await checkSeries(page, reports[0]);
      await pick(page, "rates").selectOption("logarithmic");
      await checkSeries(page, reports[0]);
      await pick(page, "report").selectOption("1");
      assert(metricsOf(reports[1], "unbounded")["memory.overhead_bytes_per_item"].median > 0);
      await checkBars(page, reports[1], "memory", {
        "key and value": "memory.payload_bytes_per_item",
        "backend's overhead": "memory.overhead_bytes_per_item",
        "what RSS adds": "memory.rss_extra_bytes_per_item"});
      await checkBars(page, reports[1], "benefit", {
        "with the cache": "response_time_ns.get.mean",
        "without: a call to the origin": "service_time_ns.origin.mean"});
      await chartData(page, "percentiles");
      for (const row of await page.locator("#comparison tbody tr").all()) {
        const adapter = await row.locator("th .foreign").textContent();
        const {hit_ratio: ratio} = metricsOf(reports[1], adapter);
        assert.strictEqual(ratio.n, 3);
        assert.strictEqual(await row.locator("td .median").first().textContent(),
          `${(ratio.median * 100).toFixed(2)} %`);
      }
      assert.match(await bodyText(page), /Medians of 3 repetitions/);
    });
  },

  async controls() {
    await withPage(file, {}, async (page) => {
      const medians = (adapters) => adapters.map((adapter) =>
        metricsOf(reports[0], adapter).throughput_rps.median);
      const header = page.locator("#comparison thead th", {hasText: "requests per s"});
      await header.getByRole("button").click();
      assert.strictEqual(await header.getAttribute("aria-sort"), "descending");
      const down = medians(await firstColumn(page));
      assert.deepStrictEqual(down, [...down].sort((a, b) => b - a));
      // The keyboard is still on the button, though the table was drawn anew.
      await page.keyboard.press("Enter");
      assert.strictEqual(await header.getAttribute("aria-sort"), "ascending");
      assert.deepStrictEqual(medians(await firstColumn(page)), [...down].reverse());

      const all = Object.keys((await chartData(page, "percentiles")).lines);
      assert.deepStrictEqual([...all].sort(), adaptersOf(reports[0]));
      const key = page.locator("#percentiles .key").first();
      await key.click();
      assert.strictEqual(await key.getAttribute("aria-pressed"), "false");
      assert.deepStrictEqual(Object.keys((await chartData(page, "percentiles")).lines),
        all.slice(1));
      assert.deepStrictEqual(Object.keys((await chartData(page, "hit_ratio")).lines), all.slice(1));

      await pick(page, "scale").selectOption("linear");
      await chartData(page, "percentiles");
      await page.locator('[data-chart="percentiles"]').focus();
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowRight");
      assert.match(await page.locator("#spoken").textContent(),
        /^20 % took no longer than, .+: [\d.]+ (ns|µs|ms)/);

      await page.locator('[data-chart="hit_ratio"] canvas').hover();
      await page.waitForFunction(() =>
        Chart.getChart(document.querySelector('[data-chart="hit_ratio"] canvas')).tooltip.opacity > 0);

      // A link shows the same to others.
      const {hash} = new URL(page.url());
      await withPage(file, {fragment: hash}, async (other) => {
        assert.deepStrictEqual(await firstColumn(other), await firstColumn(page));
        assert.deepStrictEqual(Object.keys((await chartData(other, "percentiles")).lines),
          all.slice(1));
        assert.strictEqual(await pick(other, "scale").inputValue(), "linear");
        const top = await other.evaluate(() =>
          document.getElementById("percentiles").getBoundingClientRect().top);
        assert(Math.abs(top) < 300, `the view that the link names is at ${top}`);
      });
    });
  },

  async themes() {
    const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [light, dark] = ["rgb(246, 247, 249)", "rgb(15, 19, 24)"];
    await withPage(file, {colorScheme: "dark"}, async (page) => {
      assert.strictEqual(await ground(page), dark);
      await page.getByRole("button", {name: "Theme"}).click();
      assert.strictEqual(await ground(page), light);
      await page.getByRole("button", {name: "Theme"}).click();
      assert.strictEqual(await ground(page), dark);
    });
    await withPage(file, {colorScheme: "light"}, async (page) =>
      assert.strictEqual(await ground(page), light));
  },

  async narrow() {
    await withPage(file, {viewport: {width: 375, height: 700}, hasTouch: true}, async (page) => {
      for (const view of await page.locator(".view").all()) await view.scrollIntoViewIfNeeded();
      for (const summary of await page.locator("summary").all()) await summary.click();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.strictEqual(width, 375);
      const chart = await page.locator('[data-chart="percentiles"] canvas').boundingBox();
      assert(chart.x >= 0 && chart.x + chart.width <= 375, JSON.stringify(chart));
    });
  },

  // What a reader must know stands above everything, and what came from outside is text.
  async hostile() {
    await withPage(file, {}, async (page) => {
      const text = await bodyText(page);
      for (const part of ["</script><script>pwned = 1</script>", "<!--", "<img src=x onerror=pwned=1>"]) {
        assert(text.includes(part), part);
      }
      for (const summary of await page.locator("summary").all()) await summary.click();
      assert.strictEqual(await page.evaluate(() => typeof pwned), "undefined");
      assert.strictEqual(await page.locator("main img, main script").count(), 0);
      const hazards = await page.locator(".hazards").boundingBox();
      const finding = await page.locator(".finding").boundingBox();
      assert(hazards.y + hazards.height <= finding.y);
      assert.match(text, /Read with care: interrupted, 1 failed, 1 flag, 1 warning\n/);
    });
  },

  // The gravest first, and what differs in numbers alone as one.
  async hazards() {
    await withPage(file, {}, async (page) => {
      const lines = page.locator(".hazards > ul > li");
      assert.deepStrictEqual(await lines.locator("> b").allTextContents(), ["alarm", "warning"]);
      assert.match(await lines.first().textContent(), /3 values came back corrupt/);
      const alike = lines.nth(1).locator("details");
      assert.strictEqual(await alike.locator("summary").textContent(), "and 2 like it");
      assert.doesNotMatch(await bodyText(page), /stood still for 2\.5 s/);
      await alike.locator("summary").click();
      assert.match(await bodyText(page), /stood still for 2\.5 s/);
      assert.match(await bodyText(page), /Read with care: 1 alarm, 3 warnings/);

      // What is the same of all caches stands above the table, once.
      const common = await page.locator("#how-taken .common dt").allTextContents();
      assert(common.includes("fills") && !common.includes("settings"), `${common}`);
      const columns = await page.locator("#how-taken thead th").allTextContents();
      assert(columns.includes("settings") && !columns.includes("fills"), `${columns}`);
    });
  },

  // Under 1 s on a machine that does nothing else; this one may be testing something beside.
  async many() {
    await withPage(file, {}, async (page) => {
      const times = [];
      for (let i = 0; i < 3; ++i) {
        if (i > 0) await page.reload();
        times.push(await page.evaluate(() =>
          Math.round(performance.getEntriesByType("navigation")[0].loadEventEnd)));
      }
      console.log(`200 results opened in ${times.join(", ")} ms`);
      assert(Math.min(...times) < 3000, `${times}`);
      assert.strictEqual(await page.locator("#comparison tbody tr").count(), 200);
      const {lines} = await chartData(page, "percentiles");
      assert.strictEqual(Object.keys(lines).length, 8);
    });
  },

  async narrow_other() {
    await withPage(file, {viewport: {width: 375, height: 700}, hasTouch: true}, async (page) => {
      for (const view of await page.locator(".view").all()) await view.scrollIntoViewIfNeeded();
      assert.strictEqual(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    });
  },

  async hostile_other() {
    await withPage(file, {}, async (page) => {
      for (const view of await page.locator(".view").all()) await view.scrollIntoViewIfNeeded();
      assert((await bodyText(page)).includes("</script><script>pwned = 1</script>"));
      assert.strictEqual(await page.evaluate(() => typeof pwned), "undefined");
      assert.strictEqual(await page.locator("main img, main script").count(), 0);
    });
  },

  async simulation() {
    await withPage(file, {}, async (page) => {
      const [report] = reports;
      const byObjects = report.curves.filter(({unit}) => unit === "objects");
      assert(byObjects.length > 1 && byObjects.every(({knee}) => knee > 0));
      const pointsOf = ({points}, ratio) => points.map((point) => ({x: point.size, y: point[ratio]}));
      const {lines} = await chartData(page, "curves");
      for (const curve of byObjects) {
        assert.deepStrictEqual(lines[curve.policy], pointsOf(curve, "miss_ratio"));
        assert.deepStrictEqual(lines[`${curve.policy}, knee`],
          pointsOf(curve, "miss_ratio").filter(({x}) => x === curve.knee));
      }
      // A policy of the grid alone has a line through its sizes.
      const grid = report.results.filter(({policy}) => policy === "fifo");
      assert.deepStrictEqual(lines.fifo,
        grid.map(({capacity, miss_ratio: y}) => ({x: capacity.objects, y})));
      await pick(page, "ratio").selectOption("byte_miss_ratio");
      assert.deepStrictEqual((await chartData(page, "curves")).lines.lru,
        pointsOf(byObjects[0], "byte_miss_ratio"));
      assert.match(await bodyText(page), /no cache can do better than/);
      const cells = await page.locator("#grid table").first().locator("tbody td .median")
        .allTextContents();
      const hits = [...new Set(report.results.map(({policy}) => policy))].flatMap((policy) =>
        report.results.filter((one) => one.policy === policy).map(({hit_ratio}) => hit_ratio));
      assert.deepStrictEqual(cells, hits.map((ratio) => `${(ratio * 100).toFixed(2)}%`));
      assert(await page.locator("#grid td.best").count() > 0);
      // Its last window has few gets, and is left out.
      assert.match(await bodyText(page), /The last window is not drawn/);
      const courses = (await chartData(page, "course")).lines;
      for (const {policy, size, series} of report.results) {
        assert.deepStrictEqual(courses[`${policy} at ${size}`],
          series.slice(0, -1).map(({request: x, miss_ratio: y}) => ({x, y})));
      }
    });
  },

  async profile() {
    await withPage(file, {}, async (page) => {
      const [{results: [traffic], verdict, findings}] = reports;
      const {lines} = await chartData(page, "working-set");
      assert.deepStrictEqual(lines["unique keys"],
        traffic.windows.points.map((point) => ({x: point.begin, y: point.unique_keys})));
      const sizes = (await chartData(page, "sizes")).lines;
      assert.deepStrictEqual(sizes.LRU,
        traffic.reuse.curve.map((size) => ({x: size[verdict.size_unit], y: size.hit_ratio})));
      assert.deepStrictEqual(sizes["the size of the verdict"],
        [{x: verdict.size[verdict.size_unit], y: verdict.size.hit_ratio}]);
      for (const id of ["requests", "distance", "reuse-time"]) await chartData(page, id);
      const text = await bodyText(page);
      for (const {name} of findings) assert(text.includes(name), name);
      assert(findings.length > 0);
      assert(text.includes(`${traffic.ops.get.toLocaleString("en-US")} gets`));
      assert.match(text, /caching pays here/);
      assert.match(text, /a cache 500 us away/);
    });
  },

  // Of an expiry and of a scenario with rounds.
  async stampede() {
    await withPage(file, {}, async (page) => {
      const [expiry, flush] = reports;
      await checkStampede(page, expiry);
      assert.match(await bodyText(page), /swr does best here: 1\.00 origin calls an expiry/);
      const guards = expiry.results.map(({guard}) => guard);

      // A guard that is switched off is off in every chart.
      const key = page.locator("#guards .key", {hasText: "none"});
      await key.click();
      assert.strictEqual(await key.getAttribute("aria-pressed"), "false");
      assert.deepStrictEqual((await chartData(page, "calls")).labels, guards.slice(1));
      assert.deepStrictEqual(Object.keys((await chartData(page, "spike")).lines), guards.slice(1));
      await key.click();
      await page.locator("#guards .key", {hasText: "max"}).click();
      assert.deepStrictEqual(Object.keys((await chartData(page, "window")).lines), ["p50", "p99"]);
      await pick(page, "waits").selectOption("logarithmic");
      await chartData(page, "window");

      const wholeSpike = (await chartData(page, "spike")).lines.none;
      await pick(page, "span").selectOption("near");
      const spike = (await chartData(page, "spike")).lines.none;
      assert(spike.length < wholeSpike.length && spike.some(({x}) => x < 0));
      assert.deepStrictEqual(spike, wholeSpike.filter(({x}) => x >= spike[0].x && x <= spike.at(-1).x));
      await page.locator('[data-chart="spike"]').focus();
      await page.keyboard.press("Home");
      assert.match(await page.locator("#spoken").textContent(), /^from -?[\d.]+ ms, .*none: [\d.]+/);
      const {hash} = new URL(page.url());
      await withPage(file, {fragment: hash}, async (other) =>
        assert.deepStrictEqual(Object.keys((await chartData(other, "window")).lines),
          ["p50", "p99"]));

      await page.locator("#guards .key", {hasText: "max"}).click();
      await pick(page, "report").selectOption("1");
      await checkStampede(page, flush);
      assert.match(await bodyText(page), /origin calls a round of flush:keys=20/);
    });
  },

  async patterns() {
    await withPage(file, {}, async (page) => {
      const [report] = reports;
      for (const workload of ["1", "0"]) {
        await pick(page, "workload").selectOption(workload);
        await checkPatterns(page, report);
      }
      await page.locator('[data-chart="class-hits"]').focus();
      await page.keyboard.press("Home");
      assert.match(await page.locator("#spoken").textContent(), /^product, .*lru: [\d.]+ %/);

      // What is switched off is off in both views, and in a link.
      const key = page.locator("#classes .key", {hasText: "s3fifo"});
      await key.click();
      assert.strictEqual(await key.getAttribute("aria-pressed"), "false");
      await page.locator("#patterns .key", {hasText: "reads"}).click();
      await pick(page, "class-scale").selectOption("logarithmic");
      await withPage(file, {fragment: new URL(page.url()).hash}, async (other) => {
        assert.deepStrictEqual(Object.keys((await chartData(other, "class-hits")).lines), ["lru"]);
        const {labels, lines} = await chartData(other, "pattern-origin");
        assert.deepStrictEqual([labels, Object.keys(lines)], [["lru"], ["writes"]]);
        assert.strictEqual(await pick(other, "class-scale").inputValue(), "logarithmic");
        await chartData(other, "class-response");
        const top = await other.evaluate(() =>
          document.getElementById("classes").getBoundingClientRect().top);
        assert(Math.abs(top) < 300, `the view that the link names is at ${top}`);
      });
    });
  },

  async real_stampede() {
    await withPage(file, {}, (page) => checkStampede(page, reports[0]));
  },

  async micro() {
    await withPage(file, {}, async (page) => {
      const [{benchmarks}] = reports;
      const rowsOf = (operation, adapter, value) => benchmarks.filter((one) =>
        one.run_type === "iteration" &&
        one.run_name.startsWith(`${operation}/${adapter}/value:${value}/`));
      const median = (...of) => rowsOf(...of).map((one) => one.real_time).sort((a, b) => a - b)[1];
      assert.strictEqual(rowsOf("get-hit", "lru", 100).length, 3);
      let drawn = await chartData(page, "operations");
      assert.deepStrictEqual(drawn.labels, ["values of 100 B", "values of 1 KiB"]);
      for (const adapter of ["lru", "unbounded"]) {
        assert.deepStrictEqual(drawn.lines[adapter],
          [100, 1024].map((value) => median("get-hit", adapter, value)));
      }
      const cells = await page.locator("#operations table").first().locator("tbody td .median")
        .allTextContents();
      assert.match(cells[0], /^[\d.]+ (ns|µs)$/);

      const keys = page.locator("#operations .key");
      await keys.first().click();
      assert.deepStrictEqual(Object.keys((await chartData(page, "operations")).lines), ["unbounded"]);
      await keys.first().click();
      await pick(page, "bars").selectOption("logarithmic");
      await pick(page, "operation").selectOption("set-evicting, 500 items");
      drawn = await chartData(page, "operations");
      assert.deepStrictEqual(Object.keys(drawn.lines), ["lru"]);
      assert.strictEqual(drawn.lines.lru[1], median("set-evicting", "lru", 1024));
      await pick(page, "operation").selectOption("encode");
      drawn = await chartData(page, "operations");
      assert.deepStrictEqual(drawn.labels, ["documents of 100 B", "documents of 1 KiB"]);

      const items = await chartData(page, "items");
      const [{bytes_per_item: bytes, payload_per_item: payload}] = rowsOf("get-hit", "lru", 1024);
      const at = items.labels.indexOf("lru, values of 1 KiB");
      assert.strictEqual(items.lines["key and value"][at], payload);
      assert.strictEqual(items.lines["backend's overhead"][at], bytes - payload);
      assert.match(await bodyText(page), /get-hit, values of 100 B: /);
    });
  },

  async empty() {
    await withPage(file, {}, async (page) => {
      assert.match(await bodyText(page), /Nothing was measured/);
    });
  },
};

cases[name]().catch((error) => {
  console.error(error);
  process.exit(1);
});
