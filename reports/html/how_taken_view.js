// Where the figures come from: what is the same for all cells once, the rest in one row a cell.

const known = (value) => value === null || value === undefined || value === ""
  ? element("span", {class: "dim"}, "–") : foreign(value);

// Text, or nothing where it is not known.
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
  ["flags", (result) => result.flags.join(", ")],
  ["connection", (result) => result.placement?.connection],
  ["memory", (result) => result.memory.source],
  ["settings", (result) => Object.entries(result.adapter.settings)
    .map(([name, value]) => `${name} ${value}`).join(", ")],
];

const kLong = 40;

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
    const {cells} = context.workload;
    const columns = kFacts.map(([name, fact]) => ({name, texts: cells.map((cell) => {
      const [result] = resultsOf(context, cell);
      return String((result && fact(result, cell)) ?? "");
    })})).filter(({name, texts}) => texts.some(Boolean) &&
      !(name === "spec" && texts.every((text, i) => text === cells[i].name)));
    const isCommon = ({texts}) => texts.every((text) => text === texts[0]);
    const common = columns.filter(isCommon);
    const own = columns.filter((column) => !isCommon(column));
    const rows = cells.map((cell, i) => element("tr", {}, nameHeading(cell),
      own.map(({texts}) => element("td", {class: texts[i].length > kLong ? "long" : null},
        known(texts[i])))));
    const notes = context.report.notes ?? [];
    return [
      notes.length > 0 ? element("ul", {}, notes.map((note) => foreign(note, "li"))) : null,
      common.length > 0 ? element("dl", {class: "common"}, common.flatMap(({name, texts}) =>
        [element("dt", {}, name), element("dd", {}, foreign(texts[0]))])) : null,
      own.length > 0 ? table([heading("cache"), ...own.map(({name}) => heading(name))], rows,
        {class: "facts", label: "How figures were taken"}) : null,
      element("dl", {class: "terms"}, kTerms.flatMap(([term, meaning]) =>
        [element("dt", {}, term), element("dd", {}, meaning)])),
    ];
  },
};
