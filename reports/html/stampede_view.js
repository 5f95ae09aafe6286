// What a stampede does to the origin and to those who wait, guard beside guard.

const formatCalls = (calls, short = false) => number(calls, 2, short);
const formatMs = (ms, short = false) => ms === 0 ? "0" : formatDuration(ms * 1e6, short);

// The cells that are switched on, each with its result: they come in the same order.
const shownGuards = ({report, workload}) =>
  shownCells(workload).map((cell) => ({...cell, result: report.results[cell.style]}));
const hasResults = ({report}) => report.results.length > 0;

function callsChart(guards) {
  const calls = guards.map(({result}) => result.origin_calls_per_expiry);
  const theory = guards.map(({result}) => result.expected?.origin_calls_per_expiry ?? null);
  if (calls.every((value) => value === null)) return null;
  const has = theory.some((value) => value !== null);
  const name = "Origin calls per expiry";
  return element("figure", {}, element("figcaption", {}, name),
    element("p", {class: "note"}, has
      ? "Bars: measured. Strokes: theory, at the rate and window that were achieved." : "Measured."),
    barChart({
      id: "calls", name, rows: guards.map((guard) => guard.name), format: formatCalls, room: 2,
      title: "calls per expiry", bars: [{name: "measured", values: calls,
        styles: guards.map(({style}) => style)}],
      marks: has ? [{name: "theory", values: theory}] : [],
    }));
}

const kInWindow = {p50: "p50", p99: "p99", max: "max"};

function windowChart(guards, scale, context) {
  const times = guards.map(({result}) => result.response_time_ns.in_window);
  if (times.every((time) => time === null)) return null;
  const parts = Object.entries(kInWindow).map(([field, name], style) =>
    ({name, style, values: times.map((time) => time?.[field] ?? null)}));
  const {keys, shown} = partLegend("guards", parts, context);
  const name = "Response time within the window";
  return element("figure", {}, element("figcaption", {}, name), keys,
    barChart({
      id: "window", name, rows: guards.map((guard) => guard.name), bars: shown,
      format: formatDuration, title: "from the intended start", type: scale, room: 2,
    }));
}

const guardRow = ({name, cells}, style) =>
  element("tr", {}, nameHeading({name, style}), cells.map(gridCell));

const theoryTerms = ({theory}) => theory.length === 0 ? null : element("details", {},
  element("summary", {}, "What theory has"),
  element("dl", {class: "terms"}, theory.flatMap(({name, formula}) =>
    [foreign(name, "dt"), foreign(formula, "dd")])));

const guardsView = {
  id: "guards",
  title: "Guards beside theory",
  summary: "How often does each guard let an expiry through to the origin, and how long do " +
    "requests wait meanwhile?",
  applies: hasResults,
  draw(context) {
    const {view, redraw} = context;
    const guards = shownGuards(context);
    const scale = pageState.choice("waits", ["linear", kLog]);
    const change = (waits) => {
      pageState.set({view: "guards", waits});
      redraw();
    };
    const [{name, columns, rows}] = view.tables;
    return [
      element("div", {class: "controls"},
        choice("Time axis", "waits", [["linear", "linear"], [kLog, "log"]], scale, change)),
      cellLegend(context),
      element("div", {class: "grid"},
        [callsChart(guards), windowChart(guards, scale, context)].filter(Boolean)),
      table([name, ...columns].map((text) => heading(plain(text))), rows.map(guardRow),
        {label: "Guards"}),
      theoryTerms(view),
      element("p", {class: "note"}, "The window of an expiry lasts from the first miss until the " +
        "value is back in the cache. ± is three standard errors of the mean over the episodes. " +
        "“blocked” are the requests that had to wait for the origin, “stale” those that got a " +
        "value past its lifetime, of all."),
    ];
  },
};

const kLoads = {
  at_origin_mean: {name: "calls at the origin at once, mean", format: formatCalls},
  at_origin_peak: {name: "calls at the origin at once, the most in any episode",
    format: (count) => formatCount(count)},
  origin_calls_rps: {name: "calls to the origin that begin, per s", format: formatRate},
};
const kSpikes = [
  {field: "blocked_share", name: "Requests that wait for the origin", format: formatPercent},
  {field: "stale_share", name: "Requests answered with a stale value", format: formatPercent},
  {field: "p99_ns", name: "Response time, p99", format: formatDuration},
  {field: "arrivals_rps", name: "Requests, per s", format: formatRate},
];

const kSpans = {near: "around the expiry", all: "all that was observed"};

// As long after time 0 as it takes the slowest guard to recover, and again as long; and half of that
// before it.
function spanOf(span, {results}) {
  const ends = results.flatMap(({time_to_recover_ms: time, recovery, episode}) =>
    [time, recovery.hit_ratio_ms, recovery.p99_ms, episode.window_ms]).filter((ms) => ms > 0);
  if (span === "all" || ends.length === 0) return [-Infinity, Infinity];
  const most = 2 * Math.max(...ends);
  return [-most / 2, most];
}

const spikeLines = (field, guards, [begin, end]) => guards.map(({name, style, result}) =>
  ({name, style, points: result.series.filter(({t_ms: at}) => at >= begin && at <= end)
    .map((point) => ({x: point.t_ms, y: point[field]}))}))
  .filter(({points}) => points.some(({y}) => y !== null));

// Time 0 stands out.
function spikeAxis(title) {
  const atZero = ({tick}) => tick?.value === 0;
  return axis(title, formatMs, {type: "linear", grid: {
    color: (line) => styleColor(atZero(line) ? "--dim" : "--grid"),
    lineWidth: (line) => atZero(line) ? 2 : 1, borderColor: styleColor("--line"),
  }});
}

const spikeChart = ({id, name, height, format, lines, axisTitle = ""}) => lineChart({
  id, name, height, lines, format, stepped: "before",
  title: (x) => `from ${formatMs(x)}`,
  x: () => spikeAxis(axisTitle),
  y: () => axis("", format, {type: "linear", beginAtZero: true}),
});

const spikeView = {
  id: "spike",
  title: "The spike",
  summary: "What happens around an expiry, as long as it lasts?",
  applies: ({report}) => report.results.some(({series}) => series.length > 1),
  draw(context) {
    const guards = shownGuards(context);
    const load = pageState.choice("load", Object.keys(kLoads));
    const {name, format} = kLoads[load];
    const span = pageState.choice("span", Object.keys(kSpans));
    const range = spanOf(span, context.report);
    const change = (changes) => {
      pageState.set({view: "spike", ...changes});
      context.redraw();
    };
    const [{series_interval_ms: interval}] = context.report.results;
    const small = kSpikes.map((one) => ({...one, lines: spikeLines(one.field, guards, range)}))
      .filter(({lines}) => lines.some(({points}) => points.some(({y}) => y > 0)));
    return [
      element("div", {class: "controls"},
        choice("Show", "load", Object.entries(kLoads).map(([field, one]) => [field, one.name]), load,
          (chosen) => change({load: chosen})),
        choice("Time", "span", Object.entries(kSpans), span, (chosen) => change({span: chosen}))),
      cellLegend(context),
      spikeChart({id: "spike", name: `Around an expiry: ${name}`, height: 360, format,
        lines: spikeLines(load, guards, range), axisTitle: "since the expiry"}),
      element("div", {class: "grid"}, small.map((one) => element("figure", {},
        element("figcaption", {}, one.name),
        spikeChart({...one, id: one.field, name: `${one.name}, around an expiry`, height: 220})))),
      element("p", {class: "note"}, "All episodes (or rounds) of a guard taken together, in " +
        `intervals of ${formatMs(interval ?? 0)}. Time 0 is the beginning of an expiry, or the moment ` +
        "of a scenario. Requests stand where they were to begin, " +
        "whenever they were answered."),
    ];
  },
};
