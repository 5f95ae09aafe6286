// What policies miss as the cache grows: curves, and the sizes of a grid.

const kCurveUnits = {objects: "entries", bytes: "bytes"};
const kRatios = {miss_ratio: "of requests", byte_miss_ratio: "of bytes"};
const sizeFormat = (unit) => unit === "bytes" ? formatBytes : (count) => formatCount(Math.round(count));

// {unit, policy, knee, points: [{size, miss_ratio, byte_miss_ratio}]}: those of --curve, and those
// of each policy over two sizes of the grid or more.
function missCurves({curves, results}) {
  const found = (curves ?? []).map(({policy, unit, knee, points}) => ({policy, unit, knee, points}));
  for (const {policy, capacity, ...ratios} of results ?? []) {
    const unit = Object.keys(kCurveUnits).find((name) => capacity[name] !== null);
    if (!unit || found.some((one) => !one.grid && one.unit === unit && one.policy === policy)) continue;
    let curve = found.find((one) => one.unit === unit && one.policy === policy);
    if (!curve) found.push(curve = {policy, unit, points: [], grid: true});
    curve.points.push({...ratios, size: capacity[unit]});  // theirs is as it was given
  }
  for (const {points} of found) points.sort((a, b) => a.size - b.size);
  return found.filter(({points}) => points.length > 1);
}

const ratioPoints = ({points}, ratio) => points.filter((point) => point[ratio] !== null)
  .map((point) => ({x: point.size, y: point[ratio]}));

// Of a curve that has one: a single point, which is drawn as such.
function kneeLine(curve, ratio, style) {
  const at = ratioPoints(curve, ratio).filter(({x}) => x === curve.knee);
  return at.length > 0 ? [{name: `${curve.policy}, knee`, style, points: at}] : [];
}

const curvesView = {
  id: "curves",
  title: "Miss ratio by size",
  summary: "How much does each policy miss, and from which size on is more of little use?",
  applies: ({report}) => missCurves(report).length > 0,
  draw({report, redraw}) {
    const all = missCurves(report);
    const unit = pageState.choice("unit", Object.keys(kCurveUnits).filter((one) =>
      all.some((curve) => curve.unit === one)));
    const ratio = pageState.choice("ratio", Object.keys(kRatios));
    const curves = all.filter((curve) => curve.unit === unit)
      .map((curve, style) => ({...curve, name: curve.policy, style}));
    const units = Object.entries(kCurveUnits).filter(([one]) => all.some((curve) => curve.unit === one));
    const change = (changes) => {
      pageState.set({view: "curves", ...changes});
      redraw();
    };
    const {keys, shown} = partLegend("curves", curves, {redraw});
    const format = sizeFormat(unit);
    const knees = shown.filter(({knee}) => knee);
    return [
      element("div", {class: "controls"},
        choice("Misses", "ratio", Object.entries(kRatios), ratio, (chosen) => change({ratio: chosen})),
        units.length > 1
          ? choice("Sizes", "unit", units, unit, (chosen) => change({unit: chosen})) : null),
      keys,
      lineChart({
        id: "curves", name: `Miss ratio ${kRatios[ratio]} by size`, height: 420,
        lines: shown.flatMap((curve) => [
          {name: curve.policy, style: curve.style, points: ratioPoints(curve, ratio)},
          ...kneeLine(curve, ratio, curve.style)]),
        title: (x) => `${format(x)}${unit === "objects" ? " entries" : ""}`,
        format: formatPercent,
        x: () => axis(`size in ${kCurveUnits[unit]}`, format, {type: kLog}),
        y: () => axis(`miss ratio ${kRatios[ratio]}`, formatPercent, {min: 0, suggestedMax: 1}),
      }),
      knees.length === 0 ? null : table(["policy", "knee", "misses there"].map(heading),
        shown.filter(({grid}) => !grid).map((curve) => element("tr", {}, nameHeading(curve),
          cellOf(curve.knee ? format(curve.knee) : "none"),
          cellOf(curve.knee ? formatPercent(kneeLine(curve, ratio, 0)[0]?.points[0].y ?? 1) : "–"))),
        {label: "Knees"}),
      knees.length === 0 ? null : element("p", {class: "note"}, "The knee is where the curve over " +
        "the logarithm of the size is farthest below the straight line between its ends: beyond it " +
        "a doubling gains less, on average, than up to it. A curve without a bend has none."),
    ];
  },
};
