// Whether to cache, how much, and what to beware of.

// What bounds the cache comes first; by the other LRU would hit as much.
function sizeText({objects, bytes}, unit) {
  const entries = `${formatCount(objects)} ${objects === 1 ? "entry" : "entries"}`;
  return unit === "bytes" ? `${formatBytes(bytes)} (${entries})` : `${entries} (${formatBytes(bytes)})`;
}
const durationOrDash = (ns) => cellOf(ns === null ? "–" : formatDuration(ns));

function candidateTable({candidates, origin, size_unit: unit}) {
  const row = (one) => element("tr", {}, nameHeading(one),
    cellOf(formatDuration(one.get_ns),
      element("span", {class: "range"}, one.measured ? "measured here" : "as given")),
    durationOrDash(one.mean_ns), durationOrDash(one.p99_ns),
    durationOrDash(one.break_even_ns), cellOf(one.smallest ? sizeText(one.smallest, unit) : "–"),
    element("td", {class: "text"}, one.pays === null ? "not known" : one.pays ? "pays" : "does not pay"));
  const without = origin && element("tr", {}, element("th", {scope: "row"}, "without a cache"),
    cellOf("–"), durationOrDash(origin.mean_ns), durationOrDash(origin.p99_ns),
    cellOf("–"), cellOf("–"), element("td", {class: "text"}));
  return table([...["cache", "its get", "mean get", "p99", "breaks even at an origin of",
    "smallest that pays"].map(heading), element("th", {scope: "col", class: "text"}, "caching here")],
  [...candidates.map(row), without].filter(Boolean), {label: "Candidates"});
}

function sizeChart({reuse}, {size, size_unit: unit}) {
  const inBytes = unit === "bytes";
  const place = ({objects, bytes, hit_ratio: y}) => ({x: inBytes ? bytes : objects, y});
  const format = inBytes ? formatBytes : (count) => formatCount(Math.round(count));
  const name = "Hit ratio of LRU by size";
  return element("figure", {}, element("figcaption", {}, name),
    lineKey(["LRU", ...(size ? ["the size of the verdict"] : [])]), lineChart({
    id: "sizes", name, height: 320, format: formatPercent,
    lines: [{name: "LRU", style: 0, points: reuse.curve.map(place)},
      ...(size ? [{name: "the size of the verdict", style: 1,
        points: [place(size)]}] : [])],
    title: (x) => inBytes ? format(x) : `${format(x)} entries`,
    x: () => axis(inBytes ? "size" : "size in entries", format, {type: kLog}),
    y: () => axis("hit ratio", formatPercent, {min: 0, suggestedMax: 1}),
  }));
}

function verdictFacts(verdict, interrupted) {
  const {size, policies, stampede, monthly_cost_with: cost, monthly_cost_without: without} = verdict;
  const facts = [
    ["size", size ? `${sizeText(size, verdict.size_unit)}: ${verdict.size_reason}` :
      interrupted ? "not known: interrupted" : "none: no size has hits"],
    policies.length > 0 && ["hit ratio there",
      policies.map(({policy, hit_ratio: ratio, hit_ratio_error: error}) =>
        `${policy} ${formatPercent(ratio)}${error ? ` ± ${formatPercent(error)}` : ""}` +
        (policy === verdict.policy ? " (best)" : ""))
        .join(", ")],
    stampede && ["an expiry of the hottest key",
      `${stampede.calls_per_expiry.toFixed(2)} calls at ${formatRate(stampede.hottest_rps)}/s`],
    cost && ["a month", `${cost.memory.toFixed(2)} for memory and ${cost.origin.toFixed(2)} for ` +
      `calls, ${cost.total.toFixed(2)} in all; without a cache ${without.total.toFixed(2)}`],
  ].filter(Boolean);
  return element("dl", {}, facts.flatMap(([name, text]) =>
    [element("dt", {}, name), element("dd", {}, foreign(text))]));
}

const verdictView = {
  id: "verdict",
  title: "Verdict",
  summary: "Does a cache pay, how large should it be, and which policy?",
  draw({report}) {
    const {verdict, findings} = report;
    return [
      verdictFacts(verdict, report.interrupted),
      verdict.candidates.length > 0 ? candidateTable(verdict) : null,
      report.results[0].reuse.curve.length > 1 ? sizeChart(report.results[0], verdict) : null,
      element("ul", {class: "findings"}, findings.map(({name, evidence, remedy}) =>
        element("li", {}, element("b", {}, name), ": ", foreign(evidence), ". ",
          element("span", {class: "dim"}, foreign(remedy))))),
    ];
  },
};
