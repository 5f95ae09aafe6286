// Buttons that switch lines or parts of bars on and off.

const swatch = (style) =>
  element("span", {class: "swatch", "aria-hidden": "true",
    style: `background: ${colorOf(style)}`, "data-dash": dashOf(style).length > 0 ? "" : null});

// items: [{name, style, shown}]; toggle(index)
function legend(label, items, toggle) {
  return element("div", {class: "legend", role: "group", "aria-label": label},
    items.map(({name, style, shown}, index) =>
      element("button", {type: "button", class: "key", "aria-pressed": String(shown),
        onclick: () => toggle(index)}, swatch(style), foreign(name))));
}

// What lines are that cannot be switched, the first in the first colour.
const lineKey = (names) => element("p", {class: "note"}, names.flatMap((name, style) =>
  [swatch(style), `${name}\u2003`]));

// The cells of a workload, for all charts that have a line for each. What is switched here is
// switched in the whole page.
function cellLegend({view, workload, redraw}) {
  const hidden = hiddenCells(workload);
  const cells = [...workload.cells.keys()];
  const hide = (indexes) => {
    pageState.set({hide: indexes.join(",")});
    redraw();
  };
  const keys = legend(view.subject === "guard" ? "Guards" : "Caches", workload.cells.map(({name}, index) =>
    ({name, style: index, shown: !hidden.has(index)})), (index) =>
    hide(cells.filter((i) => hidden.has(i) !== (i === index))));
  if (cells.length > 1) {
    keys.append(
      element("button", {type: "button", class: "plain", onclick: () => hide([])}, "all"),
      element("button", {type: "button", class: "plain", onclick: () => hide(cells)}, "none"));
  }
  if (hidden.size > 0) {
    keys.append(element("span", {class: "dim"},
      `${cells.length - hidden.size} of ${cells.length} shown`));
  }
  return keys;
}

// The parts that a view's bars are made of, [{name, style, …}]: the legend, and those switched on.
function partLegend(view, parts, {redraw}) {
  const name = `${view}-off`;
  const off = new Set((pageState.get(name) ?? "").split(",").filter(Boolean).map(Number));
  const isOn = ({style}) => !off.has(style);
  const keys = legend("Parts", parts.map((part) => ({...part, shown: isOn(part)})), (index) => {
    const {style} = parts[index];
    if (!off.delete(style)) off.add(style);
    pageState.set({view, [name]: [...off].join(",") || null});
    redraw();
  });
  return {keys, shown: parts.filter(isOn)};
}
