// What the traffic of a profiled trace is like.

const trafficOf = ({report}) => report.results[0];
const formatSeconds = (s, short) => formatDuration(s * 1e9, short);

// Rows of [name, spread, format] whose spread is known.
function spreadTable(rows) {
  return table([heading(""), ...["min", "mean", "50 %", "90 %", "99 %", "max"].map(heading)],
    rows.filter(([, spread]) => spread).map(([name, spread, format]) =>
      element("tr", {}, element("th", {scope: "row"}, name),
        ["min", "mean", "p50", "p90", "p99", "max"].map((at) => cellOf(format(spread[at]))))),
    {label: "Sizes and times"});
}

function windowsChart({windows}, id, name, fields, format) {
  const {unit, points} = windows;
  const begin = unit === "s" ? formatSeconds : (at) => formatCount(at);
  const labels = Object.keys(fields);
  return element("figure", {}, element("figcaption", {}, name),
    labels.length > 1 ? lineKey(labels) : null, lineChart({
    id, name, height: 240, format,
    lines: Object.entries(fields).map(([label, field], style) => ({name: label, style,
      points: points.map((point) => ({x: point.begin, y: point[field]}))})),
    title: (x) => `from ${begin(x)} on`,
    x: () => axis(unit === "s" ? "time" : "requests", begin, {type: "linear"}),
    y: () => axis("", format, {beginAtZero: true}),
  }));
}

// The share of values at or below each; one that begins at 0 stands at 1 on a log axis.
function spreadChart(id, name, spread, format) {
  return element("figure", {}, element("figcaption", {}, name), lineChart({
    id, name, height: 240, format: formatPercent,
    lines: [{name: "at or below", style: 0,
      points: spread.steps.filter(({high}) => high > 0).map(({high, share}) => ({x: high, y: share}))}],
    title: (x) => format(x),
    x: () => axis("", format, {type: kLog}),
    y: () => axis("", formatPercent, {min: 0, max: 1}),
  }));
}

function opsText({ops, writes}) {
  return [
    ...Object.entries(ops).filter(([, count]) => count > 0)
      .map(([op, count]) => `${formatCount(count)} ${op}s`),
    writes.gets_per_write !== null && `${writes.gets_per_write.toFixed(2)} gets a write`,
    writes.unread_share !== null && `${formatPercent(writes.unread_share)} of sets replaced unread`,
  ].filter(Boolean).join(", ");
}

function trafficFacts({ops, writes, popularity: p, rate, reuse}) {
  const facts = [
    ["ops", opsText({ops, writes})],
    p.zipf && ["popularity", `Zipf, α ${p.zipf.alpha.toFixed(3)}, off by ` +
      `${p.zipf.ks_distance.toFixed(3)} at most (Kolmogorov–Smirnov)`],
    ["the hottest 1 % of keys", `${formatPercent(p.top_1_percent_share)} of the requests`],
    ["asked for once", `${formatPercent(p.one_hit_key_share)} of the keys`],
    ["rate", rate ? `${formatRate(rate.mean_rps)}/s, at most ${formatRate(rate.peak_rps)}/s within ` +
      `${formatSeconds(rate.interval_s)}; index of dispersion ${rate.dispersion.toFixed(2)}`
      : "not known: the workload has no times, or one alone"],
    reuse.best_hit_ratio !== null &&
      ["no cache can do better than", formatPercent(reuse.best_hit_ratio)],
    reuse.sample_rate < 1 && ["reuse distances, sizes and policies",
      `estimates from ${formatPercent(reuse.sample_rate)} of the keys`],
  ].filter(Boolean);
  return element("dl", {}, facts.flatMap(([name, text]) =>
    [element("dt", {}, name), element("dd", {}, text)]));
}

const hottestTable = ({popularity}) => table(
  ["key", "requests", "share"].map(heading),
  popularity.hottest.map(({key, requests, share}) => element("tr", {},
    nameHeading({name: key ?? "not known"}), cellOf(formatCount(requests)),
    cellOf(formatPercent(share)))),
  {label: "Hottest keys"});

const trafficView = {
  id: "traffic",
  title: "Traffic",
  summary: "What is asked for, how often, and how soon again?",
  draw(context) {
    const traffic = trafficOf(context);
    const {reuse} = traffic;
    const charts = [
      traffic.windows.points.length > 1 && windowsChart(traffic, "working-set", "Working set",
        {"unique keys": "unique_keys", "new keys": "new_keys"}, formatCount),
      traffic.windows.points.length > 1 && traffic.windows.unit === "s" &&
        windowsChart(traffic, "requests", "Requests", {requests: "requests"}, formatCount),
      reuse.distance && spreadChart("distance", "Reuse distance, unique objects", reuse.distance,
        (count) => formatCount(Math.round(count))),
      reuse.time_s && spreadChart("reuse-time", "Reuse time", reuse.time_s, formatSeconds),
    ].filter(Boolean);
    return [
      trafficFacts(traffic),
      element("div", {class: "grid"}, charts),
      spreadTable([
        ["value size", traffic.value_bytes, formatBytes],
        ["key size", traffic.key_bytes, formatBytes],
        ["TTL", traffic.ttl_s, formatSeconds],
        ["reuse distance", reuse.distance, (count) => formatCount(Math.round(count))],
        ["reuse time", reuse.time_s, formatSeconds],
      ]),
      hottestTable(traffic),
    ];
  },
};
