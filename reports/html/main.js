const reports = JSON.parse(document.getElementById("reports").textContent);

function contextNow() {
  const chosen = reports[pageState.index("report", reports.length)];
  const workloads = chosen.view.workloads;
  return {...chosen, workload: workloads[pageState.index("workload", workloads.length)],
    redraw: () => keepingFocus(render)};
}

// After a redraw the control that was used is another element in the same place.
function keepingFocus(draw) {
  const focusable = "a[href], button, select, summary, [tabindex]";
  const used = document.activeElement;
  const home = used?.closest("[data-home]");
  const place = home ? [...home.querySelectorAll(focusable)].indexOf(used) : -1;
  draw();
  if (place < 0) return;
  const again = document.querySelector(`[data-home="${home.dataset.home}"]`);
  again?.querySelectorAll(focusable)[place]?.focus({preventScroll: true});
}

function picker(label, name, options) {
  if (options.length < 2) return null;
  return choice(label, name, options.map((text, index) => [index, text]),
    pageState.index(name, options.length), (value) => {
      // Cells of another workload are not those that were hidden here.
      pageState.set({...(name === "report" ? {workload: null} : {}), [name]: value, hide: null});
      keepingFocus(render);
    });
}

const reportName = ({name, view}) =>
  plain(name) + (view.hazard_summary ? ` ⚠ ${view.hazard_summary}` : "");

function renderTop({name, view, workload}) {
  document.title = `${plain(name)} – cachegauge`;
  document.getElementById("report-name").replaceChildren(reports.length > 1 ? "" : plain(name));
  document.getElementById("pickers").replaceChildren(...[
    picker("Report", "report", reports.map(reportName)),
    picker("Workload", "workload", view.workloads.map(({label}) => plain(label))),
  ].filter(Boolean));
  renderHazards(view);
  renderFinding(view, workload);
}

// Hazards that differ in their numbers alone, as those of repetitions do, are told as one. They come
// gravest first.
function alikeHazards(hazards) {
  const groups = new Map();
  for (const hazard of hazards) {
    const key = hazard.kind + hazard.text.replace(/[0-9][0-9.,]*( [mnuµ]?s\b)?/g, "#");
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(hazard);
  }
  return [...groups.values()];
}

function renderHazards({hazards, hazard_summary: summary}) {
  const line = ({kind, text}) => [element("b", {}, kind), " ", foreign(text)];
  const box = hazards.length === 0 ? [] : [
    element("section", {class: "hazards", "aria-label": "Hazards"},
      element("h2", {}, `Read with care: ${summary}`),
      element("ul", {}, alikeHazards(hazards).map(([first, ...more]) =>
        element("li", {}, line(first), more.length === 0 ? null
          : element("details", {}, element("summary", {}, `and ${more.length} like it`),
            element("ul", {}, more.map((one) => element("li", {}, line(one))))))))),
  ];
  document.getElementById("hazards").replaceChildren(...box);
}

// Of more sentences than these the first alone is large.
const kLeadLines = 6;

// The sentences first; then what was not measured, and what to run next.
function renderFinding({finding}, workload) {
  const facts = workload ? [workload.label,
    workload.requests && `${formatCount(workload.requests)} requests`,
    workload.unique_keys && `${formatCount(workload.unique_keys)} keys`,
    workload.origin && `origin ${workload.origin}`].filter(Boolean).join(" · ") : "";
  document.getElementById("finding").replaceChildren(
    element("section", {class: "finding", "aria-label": "Finding"},
      foreign(facts, "p"),
      finding.map((line, index) => {
        const kind = line.match(/^(not measured|next): /);
        const isLead = finding.length <= kLeadLines || index === 0;
        return element("p", {class: kind ? "remark" : isLead ? "lead" : null},
          kind ? element("b", {}, `${kind[1]}: `) : null,
          foreign(kind ? line.slice(kind[0].length) : line, kind?.[1] === "next" ? "code" : "span"));
      })));
}

const kManyCells = 40;

function section(one, context) {
  const isLate = context.workload.cells.length > kManyCells;
  return element("section", {class: isLate ? "view late" : "view", id: one.id, "data-home": one.id,
    "aria-labelledby": `${one.id}-title`},
    element("h2", {id: `${one.id}-title`}, one.title, " ",
      viewLink(one.id, {class: "link", "aria-label": `Link to ${one.title} as it is now`}, "#")),
    element("p", {class: "dim"}, one.summary),
    one.draw(context));
}

function render() {
  const context = contextNow();
  renderTop(context);
  const shown = context.workload
    ? (views[context.view.kind ?? context.report.kind] ?? []).filter((one) => one.applies?.(context) ?? true) : [];
  document.getElementById("navigation").replaceChildren(...shown.map((one) =>
    viewLink(one.id, {}, one.title)));
  document.getElementById("views").replaceChildren(...shown.map((one) => section(one, context)));
  const {tool} = context.report;
  document.getElementById("footer").replaceChildren(
    plain(`cachegauge ${tool?.version ?? ""} ${tool?.git_commit ?? ""}`));
}

function scrollToView() {
  const view = pageState.get("view");
  if (view) document.getElementById(view)?.scrollIntoView();
}

// A link within the page also works when the address is its own already.
const viewLink = (view, properties, ...text) => element("a", {
  ...properties, href: pageState.link({view}),
  onclick: (event) => {
    event.preventDefault();
    pageState.set({view});
    scrollToView();
  },
}, ...text);

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("views").focus();
});
theme.choose(theme.kept());
document.getElementById("theme").addEventListener("click", () => {
  theme.next();
  render();
});
systemIsDark.addEventListener("change", render);
addEventListener("hashchange", () => {
  pageState.reread();
  render();
  scrollToView();
});
render();
scrollToView();
