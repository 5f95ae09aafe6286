// What an item takes, in parts that add up to what the backend claims and, with the last, to what
// its process holds.

const kParts = [
  {name: "key and value", metric: "memory.payload_bytes_per_item"},
  {name: "backend's overhead", metric: "memory.overhead_bytes_per_item"},
  {name: "claimed by the backend, parts not known", metric: "memory.bytes_per_item"},
  {name: "what RSS adds", metric: "memory.rss_extra_bytes_per_item"},
];

// The whole claim stands only where its parts are not known.
function partOf(cell, {metric}) {
  const isKnown = cell.metrics["memory.overhead_bytes_per_item"];
  if (metric === "memory.bytes_per_item" && isKnown) return null;
  if (metric === "memory.payload_bytes_per_item" && !isKnown) return null;
  return cell.metrics[metric]?.median ?? null;
}

function memoryParts(cells) {
  return kParts.map((part, style) => ({...part, style,
    values: cells.map((cell) => partOf(cell, part))}))
    .filter(({values}) => values.some((value) => value !== null));
}

const memoryCells = ({workload}) =>
  workload.cells.filter((cell) => kParts.some((part) => partOf(cell, part) !== null));

const memoryView = {
  id: "memory",
  title: "Memory per item",
  summary: "What does an item take beside its key and value?",
  applies: (context) => memoryCells(context).length > 0,
  draw(context) {
    const cells = memoryCells(context);
    const {keys, shown} = partLegend("memory", memoryParts(cells), context);
    const figureOf = (cell, metric, format) => cellOf(
      cell.metrics[metric] ? format(cell.metrics[metric].median) : "–");
    return [
      keys,
      barChart({
        id: "memory", name: "Memory per item, in parts", rows: cells.map(({name}) => name),
        bars: shown, format: formatBytes, title: "bytes per item", stacked: true,
      }),
      table(["cache", "items", "claimed in all", "claimed / payload"].map(heading),
        cells.map((cell) => element("tr", {}, nameHeading(cell),
          figureOf(cell, "memory.items", formatCount),
          figureOf(cell, "memory.bytes_used", formatBytes),
          figureOf(cell, "memory.overhead_ratio", (ratio) => ratio.toFixed(2)))),
        {label: "Memory"}),
      element("p", {class: "note"}, "Medians over the repetitions. How each backend was asked " +
        "stands under “How figures were taken”."),
    ];
  },
};
