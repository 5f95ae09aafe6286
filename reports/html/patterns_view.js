// What each pattern costs and risks: of cells whose writes go to the origin.

const summaryOf = ({report}, {id}) =>
  report.summaries.find((one) => one.id === id)?.metrics ?? {};

// A column is there if some row knows it.
function knownColumns(columns, rows) {
  return columns.filter(({metric}) => rows.some(({metrics}) => metrics[metric]));
}
const figureRow = ({name, style, metrics}, columns, ...last) => element("tr", {},
  nameHeading({name, style}),
  columns.map(({metric, format}) => figureCell(metrics[metric], format)), last);
const columnHeadings = (columns) => columns.map(({name}) => heading(name));

// Of times, the mean or a percentile, on an axis: what is chosen, and the fields to choose.
function timeFields(prefix, change) {
  const [timeName, axisName] = [`${prefix}-time`, `${prefix}-scale`];
  const [times, axes] = [{mean: "mean", p99: "p99"}, {linear: "linear", [kLog]: "log"}];
  const of = pageState.choice(timeName, Object.keys(times));
  const scale = pageState.choice(axisName, Object.keys(axes));
  return {of, scale, fields: [
    choice("Times", timeName, Object.entries(times), of, (chosen) => change({[timeName]: chosen})),
    choice("Time axis", axisName, Object.entries(axes), scale,
      (chosen) => change({[axisName]: chosen})),
  ]};
}

// In colours that no cache has among the first two.
const kSides = [
  {name: "reads", style: 2, time: "response_time_ns.get", calls: "origin.calls"},
  {name: "writes", style: 3, time: "pattern_figures.write_response_ns",
    calls: "pattern_figures.origin_write_calls"},
];
const kPatternColumns = [
  {metric: "response_time_ns.get.mean", name: "reads, mean", format: formatDuration},
  {metric: "response_time_ns.get.p99", name: "reads, p99", format: formatDuration},
  {metric: "pattern_figures.write_response_ns.mean", name: "writes, mean", format: formatDuration},
  {metric: "pattern_figures.write_response_ns.p99", name: "writes, p99", format: formatDuration},
  {metric: "origin.calls", name: "calls that read", format: formatCount},
  {metric: "pattern_figures.origin_write_calls", name: "calls that write", format: formatCount},
  {metric: "pattern_figures.stale_share", name: "stale reads", format: formatPercent},
  {metric: "pattern_figures.stale_age_ns.mean", name: "their age, mean", format: formatDuration},
  {metric: "pattern_figures.inconsistency_ns.mean", name: "inconsistent for, mean",
    format: formatDuration},
  {metric: "pattern_figures.lost_writes", name: "writes lost", format: formatCount},
  {metric: "pattern_figures.drifted_keys", name: "keys drifted", format: formatCount},
  {metric: "pattern_figures.queue_depth.max", name: "rows queued, most", format: formatCount},
  {metric: "pattern_figures.batch_rows.mean", name: "rows of a batch, mean",
    format: (rows) => number(rows, 1)},
];

const patternCells = (context) => shownCells(context.workload)
  .map((cell) => ({...cell, metrics: summaryOf(context, cell)}))
  .filter(({metrics}) => metrics["pattern_figures.acknowledged_writes"]);

const hasPatterns = (context) => context.workload.cells.some((cell) =>
  summaryOf(context, cell)["pattern_figures.acknowledged_writes"]);

// A bar for reads and one for writes, of each cell.
const sidesOf = (sides, cells, metricOf) => sides.map((side) => ({...side,
  values: cells.map(({metrics}) => metrics[metricOf(side)]?.median ?? null)}));

const patternsView = {
  id: "patterns",
  title: "Patterns",
  summary: "What does each pattern cost, how old are its reads, and what does it lose?",
  applies: hasPatterns,
  draw(context) {
    const cells = patternCells(context);
    const rows = cells.map(({name}) => name);
    const change = (changes) => {
      pageState.set({view: "patterns", ...changes});
      context.redraw();
    };
    const {of, scale, fields} = timeFields("pattern", change);
    const {keys, shown} = partLegend("patterns", kSides, context);
    const columns = knownColumns(kPatternColumns, cells);
    return [
      element("div", {class: "controls"}, fields),
      cellLegend(context), keys,
      element("div", {class: "grid"},
        element("figure", {}, element("figcaption", {}, `Response time, ${of}`),
          barChart({
            id: "pattern-response", name: `Response time of reads and writes, ${of}`, rows,
            bars: sidesOf(shown, cells, ({time}) => `${time}.${of}`), format: formatDuration,
            title: "waits for the origin included", type: scale, room: 2,
          })),
        element("figure", {}, element("figcaption", {}, "Load on the origin"),
          barChart({
            id: "pattern-origin", name: "Calls to the origin that read and that write", rows,
            bars: sidesOf(shown, cells, ({calls}) => calls), format: formatCount, title: "calls",
            room: 2,
          }))),
      table([heading("cache"), ...columnHeadings(columns)],
        cells.map((cell) => figureRow(cell, columns)), {label: "Patterns"}),
      element("p", {class: "note"}, "A read is stale if it brought less than was acknowledged when " +
        "it began; its age is how long ago that was. Inconsistent are " +
        "cache and origin from when they part until they agree again or the copy is gone. Lost are " +
        "acknowledged writes that the origin lacks in the end, drifted the keys whose copy is then " +
        "of another version than the origin’s."),
    ];
  },
};
