// What a cache costs and what it saves: the mean get through it against the mean call to the origin,
// and the origin from which on it pays (harness/core/metrics.h: break_even_origin_ns).

const kWith = "response_time_ns.get.mean";
const kWithout = "service_time_ns.origin.mean";
const kBreakEven = "origin.break_even_ns";

const kMeans = [{name: "with the cache", metric: kWith, style: 0},
  {name: "without: a call to the origin", metric: kWithout, style: 1}];

const benefitCells = ({workload}) => workload.cells.filter((cell) => cell.metrics[kBreakEven]);

// What was measured decides, waits included: an origin slower than the break-even is of no use to
// gets that stand in line for the cache.
function verdict({metrics}) {
  const [through, origin, least] = [kWith, kWithout, kBreakEven].map((name) => metrics[name]);
  if (!origin || !through) {
    return `pays for an origin slower than ${formatDuration(least.median)}`;
  }
  if (through.high < origin.low) return "pays";
  if (through.low <= origin.high) return "makes no clear difference";
  return origin.low > least.high
    ? "does not pay as measured: gets waited longer than they took" : "does not pay";
}

const benefitView = {
  id: "benefit",
  title: "Cost and benefit",
  summary: "Does caching pay here, and from which origin on?",
  applies: (context) => benefitCells(context).length > 0,
  draw(context) {
    const cells = benefitCells(context);
    const measured = cells.filter((cell) => cell.metrics[kWithout] && cell.metrics[kWith]);
    const {keys, shown} = partLegend("benefit", kMeans, context);
    const bars = shown.map((part) =>
      ({...part, values: measured.map((cell) => cell.metrics[part.metric].median)}));
    return [
      ...(measured.length > 0 ? [
        keys,
        barChart({
          id: "benefit", name: "Mean get with and without the cache", bars, format: formatDuration,
          rows: measured.map(({name}) => name), title: "mean time of a get",
        }),
      ] : []),
      table([...["cache", "with it", "without: a call to the origin", "breaks even at an origin of"]
        .map(heading), element("th", {scope: "col", class: "text"}, "caching here")],
        cells.map((cell) => element("tr", {}, nameHeading(cell),
          ...[kWith, kWithout, kBreakEven].map((name) =>
            figureCell(cell.metrics[name], formatDuration)),
          element("td", {class: "text"}, verdict(cell)))),
        {label: "Cost and benefit"}),
      element("p", {class: "note"}, "A get through the cache costs the command, the fill after a " +
        "miss and the origin's call for that miss; without the cache, each get costs the call. The " +
        "two are equal at an origin of (mean get + fills per get × mean fill) / hit ratio. The " +
        "origin's calls are as measured at the load that the cache left to it: without the cache " +
        "it would have more to do."),
    ];
  },
};
