// The cells side by side: medians with their ranges, best and worst marked, sorted by any column.

function sorting(workload) {
  const [metric, order] = (pageState.get("sort") || "").split(":");
  return workload.columns.includes(metric) || metric === "name"
    ? {metric, descending: order !== "up"}
    : {metric: null};
}

// As they come (best hit ratio first) unless a column was chosen. What is not known goes last.
function sortedCells(workload) {
  const {metric, descending} = sorting(workload);
  const cells = workload.cells.map((cell, style) => ({...cell, style}));
  if (!metric) return cells;
  const sign = descending ? -1 : 1;
  if (metric === "name") return cells.sort((a, b) => sign * a.name.localeCompare(b.name));
  return cells.sort((a, b) => {
    const [x, y] = [a.metrics[metric], b.metrics[metric]];
    if (!x || !y) return Boolean(y) - Boolean(x);
    return sign * (x.median - y.median);
  });
}

function sortHeading({metric, text, better}, {workload, redraw}) {
  const now = sorting(workload);
  const isSorted = now.metric === metric;
  // The first click puts the best on top, the second turns the column around.
  const down = isSorted ? !now.descending : better === "higher" || (!better && metric !== "name");
  const sort = () => {
    pageState.set({view: "comparison", sort: `${metric}:${down ? "down" : "up"}`});
    redraw();
  };
  const arrow = isSorted ? (now.descending ? " ▼" : " ▲") : "";
  return element("th", {
    scope: "col",
    "aria-sort": isSorted ? (now.descending ? "descending" : "ascending") : null,
  }, element("button", {type: "button", class: "plain", onclick: sort}, text + arrow));
}

function figure(cell, column, workload) {
  const summary = cell.metrics[column.metric];
  if (!summary) return cellOf(element("span", {class: "dim"}, "–"));
  const format = formatOf(column.unit);
  const mark = ["best", "worst"].find((end) => workload[end][column.metric] === cell.id);
  const range = formatRange(summary, format);
  return element("td", {class: mark},
    element("span", {class: "median"}, format(summary.median)),
    mark ? element("span", {class: "mark"}, mark) : null,
    range ? element("span", {class: "range"}, range) : null);
}

function comparisonRow(cell, columns, workload) {
  const name = nameHeading(cell);
  if (cell.state === "failed") {
    return element("tr", {class: "failed"}, name, element("td", {colspan: columns.length},
      "failed: ", foreign(cell.failure)));
  }
  if (cell.state === "interrupted") name.append(element("span", {class: "mark"}, "interrupted"));
  return element("tr", {}, name, columns.map((column) => figure(cell, column, workload)));
}

// "Medians of 5 repetitions, their range beneath."
function repetitions(workload) {
  const gets = workload.cells.map((cell) => cell.metrics.gets).filter(Boolean);
  const counts = gets.map((summary) => summary.n);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (gets.length === 0) return "";
  if (most === 1) return "One repetition: how far figures vary from run to run is not known. ";
  const range = gets.every((summary) => summary.is_interval)
    ? "the 95 % interval of the median" : "the range";
  return `Medians of ${least === most ? most : `${least} to ${most}`} repetitions, ${range} ` +
    "beneath where it differs. ";
}

const comparisonView = {
  id: "comparison",
  title: "Comparison",
  summary: "Which cache did best, and by how much?",
  draw(context) {
    const {view, workload} = context;
    const columns = view.columns.filter(({metric}) => workload.columns.includes(metric));
    const headings = [sortHeading({metric: "name", text: "cache"}, context),
      ...columns.map((column) =>
        sortHeading({...column, text: column.heading.join(" ")}, context))];
    return [
      table(headings, sortedCells(workload).map((cell) => comparisonRow(cell, columns, workload)),
        {class: "comparison", label: "Comparison of the caches"}),
      element("p", {class: "note"}, repetitions(workload),
        "“best” and “worst” stand only where there is no doubt: ranges apart, and for times and " +
        "rates three repetitions or more."),
    ];
  },
};
