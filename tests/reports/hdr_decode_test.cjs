// node hdr_decode_test.cjs HISTOGRAMS.json: reads our histograms with hdr-histogram-js, a decoder that
// is not ours, and compares each count and percentile.
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const hdr = require(path.join(process.cwd(), "node_modules", "hdr-histogram-js"));

let percentiles = 0;
const histograms = JSON.parse(fs.readFileSync(process.argv[2]));
for (const [number, expected] of histograms.entries()) {
  const found = hdr.decodeFromCompressedBase64(expected.text, 64, false);
  const where = `histogram ${number}`;
  assert.strictEqual(found.totalCount, expected.total, where);
  assert.strictEqual(found.numberOfSignificantValueDigits, 2, where);
  assert.strictEqual(found.countsArrayLength, 4736, where);
  const counts = [];
  for (let i = 0; i < found.countsArrayLength; ++i) {
    const count = found.getCountAtIndex(i);
    if (count > 0) counts.push([i, count]);
  }
  assert.deepStrictEqual(counts, expected.counts, where);
  for (const [q, value] of expected.percentiles) {
    // Where q falls between two ranks we take the upper one, and they the nearest.
    const rank = q * expected.total;
    if (Math.abs(rank - Math.round(rank)) > 1e-6 || rank < 0.5) continue;
    // Both answers lie in the same bucket: ours is its middle, theirs its end.
    assert.strictEqual(
      found.getValueAtPercentile(q * 100), found.highestEquivalentValue(value), `${where}, ${q}`);
    ++percentiles;
  }
}
assert(percentiles >= 15);
console.log(`hdr-histogram-js read ${histograms.length} histograms, ${percentiles} percentiles`);
