// What is shown stands in the address, behind the "#", so that a link shows the same again:
// #view=percentiles&timing=…&hide=2,3. What is not there has its default.
//
//   report, workload   which of them, from 0
//   view               the section that the link points to
//   hide               cells that are switched off, by their place in the workload
//   the rest           belongs to the view that names it

const pageState = {
  values: new URLSearchParams(location.hash.slice(1)),

  get(name, fallback = null) {
    return this.values.get(name) ?? fallback;
  },
  // A whole number in [0, limit).
  index(name, limit) {
    const number = Number(this.get(name, "0"));
    return Number.isInteger(number) && number >= 0 && number < limit ? number : 0;
  },
  // One of the options, the first if it is none of them.
  choice(name, options) {
    const value = this.get(name);
    return options.includes(value) ? value : options[0];
  },
  // A null takes the name away.
  set(changes) {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) this.values.delete(name);
      else this.values.set(name, value);
    }
    history.replaceState(null, "", this.link());
  },
  link(changes = {}) {
    const values = new URLSearchParams(this.values);
    for (const [name, value] of Object.entries(changes)) values.set(name, value);
    return `#${values}`;
  },
  reread() {
    this.values = new URLSearchParams(location.hash.slice(1));
  },
};

// More lines than colours tell nothing: the rest are there to be switched on.
const kShownAtFirst = 8;

// The cells that are switched on, each with its place in the workload.
function shownCells(workload) {
  const hidden = hiddenCells(workload);
  return workload.cells.map((cell, style) => ({...cell, style})).filter((_, i) => !hidden.has(i));
}

function hiddenCells(workload) {
  const given = pageState.get("hide");
  if (given !== null) return new Set(given.split(",").filter(Boolean).map(Number));
  return new Set([...workload.cells.keys()].slice(kShownAtFirst));
}
