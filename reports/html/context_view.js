// The machine, the program and the experiment in full, folded.

function valueOf(value) {
  if (value === null || value === "") return element("span", {class: "dim"}, "not known");
  return foreign(typeof value === "object" ? JSON.stringify(value) : value);
}

const pairs = (object) => element("dl", {class: "pairs"},
  Object.entries(object ?? {}).flatMap(([name, value]) =>
    [foreign(name, "dt"), element("dd", {}, valueOf(value))]));

const folded = (title, content) =>
  element("details", {}, element("summary", {}, title), content);

// The report's JSON as a file, for other tools.
function download({name, report}) {
  const blob = new Blob([JSON.stringify(report, null, 1)], {type: "application/json"});
  const link = element("a", {href: URL.createObjectURL(blob),
    download: name.split("/").at(-1).replace(/[^\w.-]/g, "_")});
  link.click();
  URL.revokeObjectURL(link.href);
}

const contextView = {
  id: "context",
  title: "Context and experiment",
  summary: "On which machine, with which program, and what exactly was run.",
  draw(context) {
    const {report} = context;
    const parts = [["Machine", report.context], ["Program", report.tool],
      ["Experiment, fully resolved", report.experiment]];
    return [
      ...parts.filter(([, part]) => part).map(([title, part]) => folded(title, pairs(part))),
      element("p", {}, element("button", {type: "button",
        onclick: () => download(context)}, "Save this report's JSON")),
    ];
  },
};
