// What one operation takes, and what an item does: figures of `micro`.

const columnName = ({operation, items}) => items ? `${operation}, ${items}` : operation;

// {name, style} of each cache and codec: one colour for it in the whole page.
function microSubjects({grids}) {
  const names = [...new Set(grids.flatMap(({rows}) => rows.map(({name}) => name)))];
  return names.map((name, style) => ({name, style}));
}

// The chosen operation in every grid that has it: a row for each, a bar for each cache.
function operationBars({grids}, operation, subjects) {
  const found = grids.map((grid) => ({grid,
    at: grid.columns.findIndex((column) => columnName(column) === operation)}))
    .filter(({at}) => at >= 0);
  const medianOf = ({grid, at}, name) =>
    grid.rows.find((row) => row.name === name)?.figures[at]?.time_ns?.median ?? null;
  return {
    rows: found.map(({grid}) => grid.heading),
    bars: subjects.map((subject) => ({...subject,
      values: found.map((one) => medianOf(one, subject.name))}))
      .filter(({values}) => values.some((value) => value !== null)),
  };
}

function microFigure(figure) {
  if (!figure) return cellOf(element("span", {class: "dim"}, "–"));
  const {time_ns: time, failure, best} = figure;
  if (!time) return element("td", {class: "text", title: plain(failure)}, "failed");
  const range = formatRange(time, formatDuration);
  return element("td", {class: best ? "best" : null},
    element("span", {class: "median"}, formatDuration(time.median)),
    best ? element("span", {class: "mark"}, "best") : null,
    range ? element("span", {class: "range"}, range) : null);
}

function gridTable(grid, subjects) {
  const hasBytes = grid.rows.some(({bytes}) => bytes !== null);
  const styleOf = (name) => subjects.find((subject) => subject.name === name).style;
  return element("figure", {}, element("figcaption", {}, foreign(grid.heading)), table(
    [heading(grid.subject), ...grid.columns.map((column) =>
      element("th", {scope: "col"}, foreign(columnName(column)))),
    hasBytes ? heading(`bytes ${grid.bytes_name}`) : null],
    grid.rows.map((row) => element("tr", {}, nameHeading({...row, style: styleOf(row.name)}),
      row.figures.map(microFigure),
      hasBytes ? cellOf(row.bytes === null ? "–" : formatBytes(row.bytes)) : null)),
    {label: `Operations, ${plain(grid.heading)}`}));
}

const operationsView = {
  id: "operations",
  title: "Time of an operation",
  summary: "What does one operation take, one at a time?",
  draw({view, redraw}) {
    const {grids} = view;
    const operations = [...new Set(grids.flatMap(({columns}) => columns.map(columnName)))];
    const operation = pageState.choice("operation", operations);
    const scales = {linear: "linear", logarithmic: "logarithmic"};
    const scale = pageState.choice("bars", Object.keys(scales));
    const change = (changes) => {
      pageState.set({view: "operations", ...changes});
      redraw();
    };
    const subjects = microSubjects(view);
    const {rows, bars} = operationBars(view, operation, subjects);
    const {keys, shown} = partLegend("operations", bars, {redraw});
    return [
      element("div", {class: "controls"},
        choice("Operation", "operation", operations.map((name) => [name, plain(name)]), operation,
          (chosen) => change({operation: chosen})),
        choice("Scale", "bars", Object.entries(scales), scale, (chosen) => change({bars: chosen}))),
      keys,
      barChart({
        id: "operations", name: `Time of ${plain(operation)}`, rows, bars: shown,
        format: formatDuration, title: "time of an operation", type: scale,
      }),
      ...grids.map((grid) => gridTable(grid, subjects)),
      element("p", {class: "note"}, "Medians over the repetitions, as Google Benchmark measures " +
        "them: wall time over the operations of all threads together."),
    ];
  },
};

// Of caches, by value size; how many threads asked makes no difference to it.
const itemRows = ({grids}) => grids
  .filter(({of_codecs: codecs, threads}) => !codecs && threads === grids[0].threads)
  .flatMap((grid) => grid.rows.filter(({overhead}) => overhead !== null)
    .map((row) => ({...row, label: `${row.name}, ${grid.heading}`})));

const itemsView = {
  id: "items",
  title: "Memory per item",
  summary: "What does an item take beside its key and value?",
  applies: ({view}) => itemRows(view).length > 0,
  draw({view, redraw}) {
    const rows = itemRows(view);
    const {keys, shown} = partLegend("items", [
      {name: "key and value", style: 0, values: rows.map(({payload}) => payload)},
      {name: "backend's overhead", style: 1, values: rows.map(({overhead}) => overhead)},
    ], {redraw});
    return [keys, barChart({
      id: "items", name: "Memory per item, in parts", rows: rows.map(({label}) => label),
      bars: shown, format: formatBytes, title: "bytes per item", stacked: true,
    })];
  },
};
