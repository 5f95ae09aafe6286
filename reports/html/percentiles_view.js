// Curves of percentiles over 1 / (1 - p) on a log scale: each nine takes the same room, so the tail
// is as easy to read as the middle.

const kTimes = {
  response_time_ns: "Response time", service_time_ns: "Service time",
  connection_wait_ns: "Wait for a connection", schedule_lag_ns: "Schedule lag",
  codec_time_ns: "Serialisation", key_time_ns: "Name of a key",
};
const kOps = {
  get_hit: "gets that hit", get_miss: "gets that missed",
  in_window: "requests within the window", all: "all requests",
};

function timingName(timing) {
  const [time, op] = timing.split(".");
  return op ? `${kTimes[time] || time}: ${kOps[op] || op}` : kTimes[time] || time;
}

const kPairs = [
  {timings: ["response_time_ns.get", "service_time_ns.get"], words: ["response", "service"],
    name: "Response against service, gets"},
  {timings: ["response_time_ns.get_hit", "response_time_ns.get_miss"], words: ["hits", "misses"],
    name: "Response time, hits against misses"},
];

// What can be shown of this workload: single timings, and pairs of which one is dashed.
function timingChoices(workload) {
  const known = [...new Set(workload.cells.flatMap((cell) => Object.keys(cell.curves)))];
  const singles = known.map((timing) =>
    ({timings: [timing], words: [""], name: timingName(timing)}));
  const pairs = kPairs.filter(({timings}) => timings.every((timing) => known.includes(timing)));
  return [...singles.slice(0, 1), ...pairs, ...singles.slice(1)]
    .map((one) => ({...one, value: one.timings.join("+")}));
}

function curvePoints({count, ns}, levels) {
  return ns.map((y, i) => ({x: i === ns.length - 1 ? count : levels[i], y}));
}

function percentileLines({timings, words}, {view, workload}) {
  return shownCells(workload).flatMap((cell) => timings.flatMap((timing, i) => {
    const curve = cell.curves[timing];
    if (!curve) return [];
    return [{name: words[i] ? `${cell.name}, ${words[i]}` : cell.name,
      style: cell.style, dashed: i === 1, count: curve.count,
      points: curvePoints(curve, view.levels)}];
  }));
}

const kTicks = [1, 2, ...Array.from({length: 11}, (_, i) => 10 ** (i + 1))];

// A log axis cannot show a 0: a time below the clock's resolution stands at 1 ns there.
function onLogAxis(lines) {
  return lines.map((line) =>
    ({...line, points: line.points.map(({x, y}) => ({x, y: Math.max(y, 1)}))}));
}

function percentileTable(lines, subject = "cache") {
  const levels = [2, 10, 100, 1000, 10000].filter((level) => lines.some((l) => level < l.count));
  const row = ({name, style, count, points}) => element("tr", {},
    nameHeading({name, style}),
    levels.map((level) => {
      const point = level < count && points.find(({x}) => x === level);
      return cellOf(point ? formatDuration(point.y) : "–");
    }),
    cellOf(formatDuration(points.at(-1).y)), cellOf(formatCount(count)));
  return table(
    [heading(subject), ...levels.map((level) => heading(formatLevel(level))), heading("max"),
      heading("timed")],
    lines.map(row), {label: "Percentiles"});
}

const percentilesView = {
  id: "percentiles",
  title: "Percentiles",
  summary: "How long do requests take, and how long do the slowest?",
  applies: ({workload}) => timingChoices(workload).length > 0,
  draw(context) {
    const choices = timingChoices(context.workload);
    const value = pageState.choice("timing", choices.map((one) => one.value));
    const shown = choices.find((one) => one.value === value);
    const scale = pageState.choice("scale", [kLog, "linear"]);
    const change = (changes) => {
      pageState.set({view: "percentiles", ...changes});
      context.redraw();
    };
    const lines = percentileLines(shown, context);
    return [
      element("div", {class: "controls"},
        choice("Show", "timing", choices.map((one) => [one.value, one.name]), value,
          (timing) => change({timing})),
        choice("Time axis", "scale", [[kLog, "log"], ["linear", "linear"]], scale,
          (chosen) => change({scale: chosen}))),
      cellLegend(context),
      lineChart({
        id: "percentiles", name: shown.name, height: 400,
        lines: scale === kLog ? onLogAxis(lines) : lines,
        title: (x) => `${formatLevel(x)} took no longer than`,
        format: formatDuration,
        x: () => axis("percentile", (x) => formatLevel(x), {
          type: kLog, min: 1,
          afterBuildTicks: (made) => {
            made.ticks = kTicks.filter((x) => x <= made.max).map((at) => ({value: at}));
          },
          ticks: {callback: (x) => formatLevel(x), autoSkip: true},
        }),
        y: () => axis("", formatDuration, {type: scale}),
      }),
      shown.timings.length > 1
        ? element("p", {class: "note"},
          `Solid: ${shown.words[0]}. Dashed: ${shown.words[1]}.`) : null,
      percentileTable(lines, context.view.subject),
      element("p", {class: "note"}, "Response time is the whole request, the origin's answer " +
        "included, from its intended start; service time is one command of the cache. " +
        "Repetitions are taken together."),
    ];
  },
};
