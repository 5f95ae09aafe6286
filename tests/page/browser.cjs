// A page of `cachegauge report --html` in a browser that has no network. BROWSER is the address that
// browser_server.cjs printed; playwright-core is found in the current folder.
const assert = require("node:assert");
const path = require("node:path");
const url = require("node:url");
const {chromium} = require(path.join(process.cwd(), "node_modules", "playwright-core"));

// Fails for anything on the console, any error of a script and any request but that for the page.
async function withPage(file, {fragment = "", ...options}, check) {
  const browser = await chromium.connect(process.env.BROWSER);
  try {
    const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
    await context.setOffline(true);
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    const complaints = [], requests = [];
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    const address = url.pathToFileURL(file).href;
    await page.goto(address + fragment);
    await check(page);
    assert.deepStrictEqual(complaints, []);
    assert.deepStrictEqual(
      requests.filter((request) => !request.startsWith("data:") && !request.startsWith(address)), []);
  } finally {
    await browser.close();
  }
}

// {label: data} of a chart, as Chart.js has it; drawn when it comes into sight.
async function chartData(page, id) {
  const frame = page.locator(`[data-chart="${id}"]`);
  await frame.scrollIntoViewIfNeeded();
  await page.waitForFunction((chart) =>
    Chart.getChart(document.querySelector(`[data-chart="${chart}"] canvas`)), id);
  return page.evaluate((chart) => {
    const {labels, datasets} =
      Chart.getChart(document.querySelector(`[data-chart="${chart}"] canvas`)).data;
    return {labels: [...(labels ?? [])],
      lines: Object.fromEntries(datasets.map(({label, data}) => [label, [...data]]))};
  }, id);
}

module.exports = {withPage, chartData};
