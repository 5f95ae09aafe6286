// Figures as people read them. As in the tables on a terminal: harness/core/units.h.

function scaled(value, steps, most) {
  let i = 0;
  while (i + 1 < steps.length && Math.abs(value) / steps[i][1] >= most) ++i;
  const size = value / steps[i][1];
  const digits = Math.abs(size) < 9.995 ? 2 : Math.abs(size) < 99.95 ? 1 : 0;
  return [size, digits, steps[i][0]];
}

// On an axis "2 ms", not "2.00 ms".
function number(size, digits, short) {
  const text = size.toFixed(size === 0 ? 0 : digits);
  return short && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function formatDuration(ns, short = false) {
  const [size, digits, unit] =
    scaled(ns, [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9]], 999.5);
  return `${number(size, digits, short)} ${unit}`;
}

function formatBytes(bytes, short = false) {
  const steps = [["B", 1], ["KiB", 1024], ["MiB", 2 ** 20], ["GiB", 2 ** 30]];
  const [size, digits, unit] = scaled(bytes, steps, 1023.95);
  return `${number(size, unit === "B" && size >= 10 ? 0 : digits, short)} ${unit}`;
}

function formatRate(perSecond, short = false) {
  const [size, digits, unit] = scaled(perSecond, [["", 1], ["k", 1e3], ["M", 1e6]], 999.5);
  return number(size, digits, short) + unit;
}

const grouped = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});
const formatCount = (count) => grouped.format(count);
const formatPercent = (share, short = false) => `${number(share * 100, 2, short)} %`;

// By the unit of the figure in the report.
const formats = {
  "ratio": formatPercent,
  "ns": formatDuration,
  "bytes": formatBytes,
  "requests/s": formatRate,
};
const formatOf = (unit) => formats[unit] || formatCount;

// "170–210 ns" over the repetitions; empty where both ends read like the median.
function formatRange(summary, format) {
  const median = format(summary.median);
  let low = format(summary.low);
  const high = format(summary.high);
  if (low === median && high === median) return "";
  const unit = / ?[^0-9.,]+$/;
  if (low.match(unit)?.[0] === high.match(unit)?.[0]) low = low.replace(unit, "");
  return `${low}–${high}`;
}

// The percentile at x = 1 / (1 - p): "99.9 %".
function formatLevel(x) {
  if (x <= 1) return "min";
  const nines = Math.log10(x);
  if (nines >= 2 && Math.abs(nines - Math.round(nines)) < 1e-9) {
    return `99.${"9".repeat(Math.round(nines) - 2)} %`.replace(". ", " ");
  }
  return `${+(100 - 100 / x).toFixed(Math.max(1, Math.ceil(nines)))} %`;
}
