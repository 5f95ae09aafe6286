// node browser_server.cjs: starts the browser that CHROMIUM names, for all tests: a start takes longer
// than most of them. Prints the address that browser.cjs connects to, and ends when its input does.
const path = require("node:path");
const {chromium} = require(path.join(process.cwd(), "node_modules", "playwright-core"));

async function serve() {
  const server = await chromium.launchServer(
    {executablePath: process.env.CHROMIUM, args: ["--no-sandbox"]});
  console.log(server.wsEndpoint());
  process.stdin.resume().on("end", () => server.close());
}

serve();
