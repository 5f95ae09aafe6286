// What each policy hits at each size: the tables of a simulation, which html_model.h has.

function gridCell({text, range, best}) {
  return element("td", {class: best ? "best" : null}, element("span", {class: "median"}, foreign(text)),
    range ? element("span", {class: "range"}, foreign(range)) : null,
    best ? element("span", {class: "mark"}, "best") : null);
}

const gridView = {
  id: "grid",
  title: "Policies by size",
  summary: "What does each policy hit at each size? The best of a size is marked, without those that " +
    "know the future or have no limit.",
  applies: ({view}) => view.tables.length > 0,
  draw: ({view}) => view.tables.map(({name, columns, rows}) =>
    table([name, ...columns].map((text) => heading(plain(text))),
      rows.map((row) => element("tr", {}, nameHeading(row), row.cells.map(gridCell))),
      {label: name})),
};
