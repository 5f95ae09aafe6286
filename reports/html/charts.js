// Charts that a pointer and a keyboard can read. Each stands in a frame that takes the focus: the
// arrow keys move its tooltip from point to point, and what it shows is spoken.
//
// A test reads back what is drawn with Chart.getChart(canvas).data.

const kLog = "logarithmic";

// On a log axis the powers of ten, and 2 and 5 where there are few of those.
function logTick(format) {
  return function (value) {
    const leading = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
    const decades = Math.log10(this.max / this.min);
    const wanted = decades < 1.3 ? [1, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
    return wanted.includes(leading) ? format(value, true) : "";
  };
}

// 64, 128, 192 KiB: round in the units that bytes are read in.
function binaryTicks(axis) {
  const step = 2 ** Math.ceil(Math.log2((axis.max - axis.min) / 6));
  axis.ticks = [];
  for (let value = 0; value <= axis.max && step > 0; value += step) axis.ticks.push({value});
}

function axis(title, format, options = {}) {
  const grid = {color: styleColor("--grid"), borderColor: styleColor("--line")};
  const color = styleColor("--dim");
  const callback = options.type === kLog ? logTick(format) : (value) => format(value, true);
  return {
    grid, title: {display: Boolean(title), text: title, color},
    ...(format === formatBytes ? {afterBuildTicks: binaryTicks} : {}),
    ...options,
    ticks: {color, maxRotation: 0, autoSkipPadding: 12, callback, ...options.ticks},
  };
}

const tooltipStyle = () => ({
  backgroundColor: styleColor("--tip"), titleColor: styleColor("--tip-text"),
  bodyColor: styleColor("--tip-text"), borderColor: styleColor("--line"), borderWidth: 1,
  padding: 10, boxPadding: 4, usePointStyle: true, caretSize: 0, caretPadding: 10,
});

// The points at each x that a visible line has, left to right; a chart of bars has one stop a bar.
function stopsOf(chart) {
  const stops = new Map();
  for (const {index: datasetIndex, data} of chart.getSortedVisibleDatasetMetas()) {
    data.forEach((_, index) => {
      const point = chart.data.datasets[datasetIndex].data[index];
      if (point === null || point?.y === null) return;
      const at = typeof point === "object" ? point.x : index;
      if (!stops.has(at)) stops.set(at, []);
      stops.get(at).push({datasetIndex, index});
    });
  }
  return [...stops].sort((a, b) => a[0] - b[0]).map(([, active]) => active);
}

function show(chart, active) {
  const {x, y} = chart.getDatasetMeta(active[0].datasetIndex).data[active[0].index];
  chart.setActiveElements(active);
  chart.tooltip.setActiveElements(active, {x, y});
  chart.update("none");
  const {title, body} = chart.tooltip;
  say([...title, ...body.flatMap((part) => part.lines)].join(", "));
}

function moveBy(frame, chart, key) {
  const stops = stopsOf(chart);
  if (stops.length === 0) return;
  const last = stops.length - 1;
  const at = frame.stop ?? -1;
  const next = {Home: 0, End: last, ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1,
    ArrowUp: at - 1}[key];
  frame.stop = Math.min(Math.max(next, 0), last);
  show(chart, stops[frame.stop]);
}

function clearTip(frame, chart) {
  frame.stop = undefined;
  chart.setActiveElements([]);
  chart.tooltip.setActiveElements([], {x: 0, y: 0});
  chart.update("none");
}

const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

// A frame whose chart is made when it comes into sight, so that a page of many opens at once.
// {id, name, height, type, data(), options()}
function chartFrame(chart) {
  const canvas = element("canvas", {role: "img", "aria-label": chart.name});
  const frame = element("div", {
    class: "chart", tabindex: 0, role: "group", style: `height: ${chart.height || 320}px`,
    "data-chart": chart.id, "aria-label": `${chart.name}. The arrow keys read its values.`,
    onkeydown: (event) => {
      if (!keys.includes(event.key) || !frame.chart) return;
      event.preventDefault();
      moveBy(frame, frame.chart, event.key);
    },
    onblur: () => frame.chart && clearTip(frame, frame.chart),
  }, canvas);
  frame.draw = () => {
    frame.chart?.destroy();
    const options = chart.options();
    frame.chart = new Chart(canvas, {
      type: chart.type, data: chart.data(), plugins: chart.plugins || [],
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, normalized: true,
        ...options,
        plugins: {...options.plugins, legend: {display: false},
          tooltip: {...tooltipStyle(), ...options.plugins?.tooltip}},
      },
    });
    return frame.chart;
  };
  whenSeen(frame);
  return frame;
}

const seen = new IntersectionObserver((entries) => {
  for (const {isIntersecting, target} of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    target.draw();
  }
}, {rootMargin: "300px"});
const whenSeen = (frame) => seen.observe(frame);

// Stretches of the x axis, behind the lines. bands: [{from, to, name}]
const bandPlugin = (bands) => ({
  id: "bands",
  beforeDatasetsDraw({ctx, chartArea: {left, right, top, bottom}, scales: {x}}) {
    ctx.save();
    ctx.font = "11px sans-serif";
    for (const {from, to, name} of bands) {
      const begin = Math.max(left, x.getPixelForValue(from));
      const end = Math.min(right, Math.max(x.getPixelForValue(to), begin + 2));
      if (begin > right) continue;
      ctx.globalAlpha = 0.16;
      ctx.fillStyle = styleColor("--text");
      ctx.fillRect(begin, top, end - begin, bottom - top);
      ctx.globalAlpha = 1;
      ctx.fillStyle = styleColor("--dim");
      ctx.fillText(plain(name), begin + 3, top + 11);
    }
    ctx.restore();
  },
});

// Lines over one x axis, all read at the x nearest to the pointer. lines: [{name, style (which
// colour and dash), dashed, points: [{x, y}]}]; x and y make the axes, format and title what a
// tooltip says of y and x. Stepped: a point holds from its x to that of the next.
function lineChart({id, name, height, lines, bands = [], x, y, format, title, stepped = false}) {
  return chartFrame({
    plugins: bands.length > 0 ? [bandPlugin(bands)] : [],
    id, name, height, type: "line",
    data: () => ({
      datasets: lines.map((line) => ({
        label: plain(line.name), data: line.points,
        borderColor: colorOf(line.style), backgroundColor: colorOf(line.style),
        borderDash: line.dashed ? [5, 4] : dashOf(line.style), pointStyle: pointOf(line.style),
        borderWidth: 2, clip: 6, stepped, pointRadius: line.points.length < 3 ? 4 : 0, pointHoverRadius: 5,
      })),
    }),
    options: () => ({
      parsing: false,
      interaction: {mode: "nearest", axis: "x", intersect: false},
      scales: {x: x(), y: y()},
      plugins: {tooltip: {
        itemSort: (a, b) => b.parsed.y - a.parsed.y,
        callbacks: {
          title: (items) => items.length > 0 ? title(items[0].parsed.x) : "",
          label: (item) => ` ${item.dataset.label}: ${format(item.parsed.y)}`,
        },
      }},
    }),
  });
}

// Horizontal bars, a row for each of `rows`. bars: [{name, style, values}]; `type` is of their axis;
// a bar has the colour of its row where `styles` has one for each; marks are like bars, each value a
// stroke across its row; a row has room for so many bars. Many rows are scrolled.
function barChart({id, name, rows, bars, marks = [], format, title, stacked, type = "linear",
  room = bars.length}) {
  return element("div", {class: "tall"}, chartFrame({
    id, name, height: 70 + rows.length * (stacked ? 34 : 20 + 14 * room), type: "bar",
    data: () => ({
      labels: rows.map(plain),
      datasets: bars.map((part) => ({
        label: plain(part.name), data: part.values,
        backgroundColor: part.styles?.map(colorOf) ?? colorOf(part.style),
        maxBarThickness: 26, pointStyle: "rect",
      })).concat(marks.map((mark) => ({
        type: "line", label: plain(mark.name), data: mark.values, showLine: false, order: -1,
        borderColor: styleColor("--text"), backgroundColor: styleColor("--text"), borderWidth: 3,
        pointStyle: "line", rotation: 90, pointRadius: 13, pointHoverRadius: 13, clip: 6,
      }))),
    }),
    options: () => ({
      indexAxis: "y",
      interaction: {mode: "index", axis: "y", intersect: false},
      scales: {
        x: {...axis(title, format, {type}), stacked, beginAtZero: true},
        y: {...axis("", plain), stacked, grid: {display: false},
          ticks: {color: styleColor("--text"), autoSkip: false,
            callback: (i) => shorten(plain(rows[i]))}},
      },
      plugins: {tooltip: {
        filter: (item) => item.raw !== null,
        callbacks: {label: (item) => ` ${item.dataset.label}: ${format(item.raw)}`},
      }},
    }),
  }));
}

const shorten = (text) => {
  const room = innerWidth < 600 ? 14 : 32;
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
};
