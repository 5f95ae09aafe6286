// How simulations went, window by window.

const courses = ({results}) => results.filter(({series}) => series.length > 1);
const courseName = ({policy, size}) => size === null ? policy : `${policy} at ${size}`;

// A last window that was cut short to a few gets says little, and would draw a spike.
function wholeWindows(series) {
  const [before, last] = series.slice(-2);
  return last.gets * 10 < before.gets ? series.slice(0, -1) : series;
}

const courseView = {
  id: "course",
  title: "Miss ratio over time",
  summary: "Does a policy go on learning, and do all of them see the traffic change?",
  applies: ({report}) => courses(report).length > 0,
  draw({report, redraw}) {
    const byTime = courses(report).some(({series}) => series[0].t_s !== null);
    const at = byTime ? "t_s" : "request";
    const format = byTime ? (s, short) => formatDuration(s * 1e9, short) : (count) => formatCount(count);
    const {keys, shown} = partLegend("course", courses(report).map((result, style) => ({
      name: courseName(result), style,
      points: wholeWindows(result.series).map((window) => ({x: window[at], y: window.miss_ratio})),
    })), {redraw});
    return [
      keys,
      lineChart({
        id: "course", name: "Miss ratio over time", height: 320, lines: shown, format: formatPercent,
        title: (x) => `up to ${byTime ? "" : "request "}${format(x)}`,
        x: () => axis(byTime ? "time" : "requests", format, {type: "linear"}),
        y: () => axis("miss ratio", formatPercent, {beginAtZero: true}),
      }),
      courses(report).some(({series}) => wholeWindows(series) !== series)
        ? element("p", {class: "note"}, "The last window is not drawn: it has less than a tenth of the " +
          "gets of the one before.") : null,
    ];
  },
};
