// How a repetition went over time.

const kCourses = [
  {field: "hit_ratio", name: "Hit ratio", format: formatPercent},
  {field: "throughput_rps", name: "Throughput, requests per s", format: formatRate, wide: true},
  {field: "p99_ns", name: "Response time, p99", format: formatDuration, wide: true},
  {field: "bytes_used", name: "Memory that the backend claims", format: formatBytes},
];

const resultsOf = ({report}, {id}) => report.results.filter((result) => result.id === id);

// The numbers of all repetitions that have a series.
function repetitionsWithSeries(context) {
  const numbers = context.workload.cells.flatMap((cell) =>
    resultsOf(context, cell).filter(({series}) => series.length > 1)
      .map(({repetition}) => repetition));
  return [...new Set(numbers)].sort((a, b) => a - b).map(String);
}

// Runs in virtual time last milliseconds beside seconds of real ones: over their share they compare.
const kAxes = {
  time: {name: "time since it began", format: (x) => formatDuration(x * 1e9, true),
    of: ({t_s: time}) => time},
  share: {name: "share of the run", format: (x) => formatPercent(x, true),
    of: ({t_s: time}, result) => time / lengthOf(result)},
};

// What a series counts its times in: virtual time, where faults strike in it.
const lengthOf = ({virtual_s: virtual, duration_s: real}) => virtual ?? real;

// The axis that suits is the first: lengths of up to four to one are read over time.
function axisNames(repetition, context) {
  const lengths = shownCells(context.workload)
    .flatMap((cell) => {
      const result = resultOfRepetition(cell, repetition, context);
      return result ? [lengthOf(result)] : [];
    })
    .filter((length) => length > 0);
  const alike = Math.max(...lengths) <= 4 * Math.min(...lengths);
  return alike || lengths.length === 0 ? ["time", "share"] : ["share", "time"];
}

// The last point stands for what was left of an interval. Of less than half of one, rates and
// percentiles are of a few requests, and look like a fall.
function wholeIntervals(series) {
  const [before, last] = series.slice(-2).map(({t_s: time}) => time);
  const length = series.length > 2 ? series[1].t_s - series[0].t_s : 0;
  return last - before < length / 2 ? series.slice(0, -1) : series;
}

const resultOfRepetition = (cell, repetition, context) =>
  resultsOf(context, cell).find((one) => String(one.repetition) === repetition);

function courseLines({field}, repetition, over, context) {
  return shownCells(context.workload).flatMap((cell) => {
    const result = resultOfRepetition(cell, repetition, context);
    const points = wholeIntervals(result?.series ?? [])
      .map((point) => ({x: over.of(point, result), y: point[field]}));
    const known = points.some(({y}) => y !== null);
    return known ? [{name: cell.name, style: cell.style, points}] : [];
  });
}

// Where a fault lasted, once for all cells in which it did so at the same time, to 50 ms.
function faultBands(repetition, over, context) {
  const bands = new Map();
  for (const cell of shownCells(context.workload)) {
    const result = resultOfRepetition(cell, repetition, context);
    for (const fault of result?.faults ?? []) {
      if (fault.began_s === null) continue;
      const ended = fault.ended_s ?? lengthOf(result);
      const name = fault.on === "origin" ? `${fault.name} (origin)` : fault.name;
      bands.set([name, Math.round(fault.began_s * 20), Math.round(ended * 20)].join(), {
        name, from: over.of({t_s: fault.began_s}, result), to: over.of({t_s: ended}, result)});
    }
  }
  return [...bands.values()];
}

const overTimeView = {
  id: "over-time",
  title: "Over time",
  summary: "Was it steady, or still warming up?",
  applies: (context) => repetitionsWithSeries(context).length > 0,
  draw(context) {
    const repetitions = repetitionsWithSeries(context);
    const repetition = pageState.choice("repetition", repetitions);
    const names = axisNames(repetition, context);
    const axisName = pageState.choice("over", names);
    const over = kAxes[axisName];
    const bands = faultBands(repetition, over, context);
    const charts = kCourses.map((course) => ({...course,
      lines: courseLines(course, repetition, over, context)}));
    const ends = charts.flatMap(({lines}) => lines.map(({points}) => points.at(-1).x));
    const scale = pageState.choice("rates", ["linear", kLog]);
    const change = (changes) => {
      pageState.set({view: "over-time", ...changes});
      context.redraw();
    };
    return [
      element("div", {class: "controls"},
        choice("Over", "over", names.map((name) => [name, kAxes[name].name]), axisName,
          (chosen) => change({over: chosen})),
        choice("Rates and times", "rates", [["linear", "linear"], [kLog, "log"]], scale,
          (chosen) => change({rates: chosen})),
        repetitions.length > 1
          ? choice("Repetition", "repetition", repetitions.map((one) => [one, one]), repetition,
            (chosen) => change({repetition: chosen})) : null),
      cellLegend(context),
      element("div", {class: "grid"}, charts.filter(({lines}) => lines.length > 0).map((course) =>
        element("figure", {},
          element("figcaption", {}, course.name),
          lineChart({
            id: course.field, name: `${course.name} over time`, height: 240, lines: course.lines, bands,
            format: course.format, title: (x) => `at ${over.format(x)}`,
            x: () => axis("", over.format, {type: "linear", min: 0,
              max: axisName === "share" ? 1 : Math.max(...ends), ticks: {includeBounds: false}}),
            y: () => axis("", course.format, course.wide && scale === kLog
              ? {type: kLog} : {type: "linear", beginAtZero: true}),
          })))),
      bands.length > 0 ? element("p", {class: "note"},
        `Bands: ${bands.map(({name}) => name).join(", ")}, from when it began until it was over.`)
        : null,
      element("p", {class: "note"}, "A last interval of less than half the length is left out. " +
        "Real time since the measured part began. A run in virtual " +
        "time goes as fast as this machine carries it out, and does not wait for its origin; but " +
        "one with faults is shown over its virtual time, as they are."),
    ];
  },
};
