// Where the figures come from: one row a cell.

const known = (value) => value === null || value === undefined || value === ""
  ? element("span", {class: "dim"}, "–") : foreign(value);

const kFacts = [
  ["spec", (result) => result.adapter.spec],
  ["version", (result) => result.adapter.version],
  ["driver", (result) => result.driver],
  ["time", (result) => result.time],
  ["fills", (result) => result.fills],
  ["gets timed", (_, {curves}) => {
    const curve = curves["response_time_ns.get"];
    return curve && formatCount(curve.count);
  }],
  ["connection", (result) => result.placement?.connection],
  ["memory", (result) => result.memory.source],
  ["settings", (result) => Object.entries(result.adapter.settings)
    .map(([name, value]) => `${name} ${value}`).join(", ")],
];

const kTerms = [
  ["hit ratio", "hits / (hits + misses), over gets"],
  ["response time", "from the intended start of a request to its completion, the origin's answer " +
    "included: what a user waits for"],
  ["service time", "from the actual start of one command of the cache to its reply"],
  ["real, virtual time", "in virtual time nothing is waited for: counts are exact and repeat, a " +
    "response time is the wait that was skipped plus the real time of the commands"],
  ["gets timed", "in-process commands take as long as reading the clock, so they are sampled"],
  ["bytes per item", "what the backend claims for its data / its items"],
  ["what RSS adds", "what its process holds beyond that claim"],
];

const howTakenView = {
  id: "how-taken",
  title: "How figures were taken",
  summary: "Where each figure comes from, and what it stands for.",
  draw(context) {
    const rows = context.workload.cells.map((cell) => {
      const [result] = resultsOf(context, cell);
      return element("tr", {}, nameHeading(cell),
        kFacts.map(([, fact]) => cellOf(known(result && fact(result, cell)))));
    });
    const notes = context.report.notes ?? [];
    return [
      notes.length > 0 ? element("ul", {}, notes.map((note) => foreign(note, "li"))) : null,
      table([heading("cache"), ...kFacts.map(([name]) => heading(name))], rows,
        {class: "facts", label: "How figures were taken"}),
      element("dl", {class: "terms"}, kTerms.flatMap(([term, meaning]) =>
        [element("dt", {}, term), element("dd", {}, meaning)])),
    ];
  },
};
