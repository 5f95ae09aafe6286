// The classes of keys of a workload, or of a pattern, side by side.

const kClassSides = {all: "all requests", get: "reads", write: "writes"};
// As of a pattern, but that the writes of a class are timed whatever its pattern is.
const kClassColumns = [
  {metric: "requests", name: "requests", format: formatCount},
  {metric: "hit_ratio", name: "hit ratio", format: formatPercent},
  ...kPatternColumns.map((column) => ({...column,
    metric: column.metric.replace("pattern_figures.write_response_ns", "response_time_ns.write")})),
];

// {name, pattern, metrics} of each class of a cell, whose metrics have the paths of a cell's.
function classesOf(context, cell) {
  const found = resultsOf(context, cell).find(({classes}) => classes)?.classes ?? {};
  const metrics = summaryOf(context, cell);
  return Object.entries(found).map(([name, {pattern}]) => {
    const prefix = `classes.${name}.`;
    return {name, pattern, metrics: Object.fromEntries(Object.entries(metrics)
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, summary]) => [path.slice(prefix.length), summary]))};
  });
}

// The classes of all cells, in the order in which they come.
const classNames = (cells) =>
  [...new Set(cells.flatMap(({classes}) => classes.map(({name}) => name)))];

const classBars = (cells, names, metric) => cells.map(({name, style, classes}) => ({name, style,
  values: names.map((wanted) =>
    classes.find((one) => one.name === wanted)?.metrics[metric]?.median ?? null)}));

const classesView = {
  id: "classes",
  title: "Classes of keys",
  summary: "How do the kinds of data fare, each with its pattern?",
  applies: (context) =>
    context.workload.cells.some((cell) => classesOf(context, cell).length > 0),
  draw(context) {
    const cells = shownCells(context.workload)
      .map((cell) => ({...cell, classes: classesOf(context, cell)}))
      .filter(({classes}) => classes.length > 0);
    const names = classNames(cells);
    const side = pageState.choice("class-side", Object.keys(kClassSides));
    const change = (changes) => {
      pageState.set({view: "classes", ...changes});
      context.redraw();
    };
    const {of, scale, fields} = timeFields("class", change);
    const rows = cells.flatMap(({name, style, classes}) =>
      classes.map((one) => ({...one, style, name: `${one.name}, ${name}`})));
    const columns = knownColumns(kClassColumns, rows);
    const times = `Response time of ${kClassSides[side]}, ${of}`;
    return [
      element("div", {class: "controls"},
        choice("Times of", "class-side", Object.entries(kClassSides), side,
          (chosen) => change({"class-side": chosen})), fields),
      cellLegend(context),
      element("div", {class: "grid"},
        element("figure", {}, element("figcaption", {}, "Hit ratio"),
          barChart({
            id: "class-hits", name: "Hit ratio by class", rows: names,
            bars: classBars(cells, names, "hit_ratio"), format: formatPercent, title: "hit ratio",
          })),
        element("figure", {}, element("figcaption", {}, times),
          barChart({
            id: "class-response", name: `${times}, by class`, rows: names,
            bars: classBars(cells, names, `response_time_ns.${side}.${of}`),
            format: formatDuration, title: "waits for the origin included", type: scale,
          }))),
      table([heading("class, cache"), ...columnHeadings(columns),
        element("th", {scope: "col", class: "text"}, "pattern")],
        rows.map((row) => figureRow(row, columns,
          element("td", {class: "text"}, foreign(row.pattern)))), {label: "Classes of keys"}),
      element("p", {class: "note"}, "The class of a key is its text before the first “:”. Medians " +
        "over the repetitions. A class without reads has no hit ratio."),
    ];
  },
};
