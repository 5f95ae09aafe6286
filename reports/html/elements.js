// The page is made of these alone. Text, whoever wrote it, becomes text nodes and never markup.

// element("button", {class: "plain", onclick: f}, "text", child, …)
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) {
      made.addEventListener(name.slice(2), value);
    } else {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Text from outside: control characters are shown, and those that turn the direction of writing
// end with it.
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g;
const foreign = (text, tag = "span") =>
  element(tag, {class: "foreign"}, String(text).replace(unseen, "\ufffd"));
const plain = (text) => String(text).replace(unseen, "\ufffd");

// A labelled choice among options, [[value, text], …].
function choice(label, name, options, chosen, onchange) {
  return element("label", {class: "field"}, label, " ",
    element("select", {name, onchange: (event) => onchange(event.target.value)},
      options.map(([value, text]) =>
        element("option", {value, selected: String(value) === String(chosen)}, text))));
}

const table = (headings, rows, properties = {}) =>
  element("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": properties.label},
    element("table", {class: properties.class},
      element("thead", {}, element("tr", {}, headings)),
      element("tbody", {}, rows)));

const heading = (text) => element("th", {scope: "col"}, text);
// The name of a cell ahead of its row: in full when pointed at, where it has to be cut.
const nameHeading = ({name, style}) => element("th", {scope: "row", title: plain(name)},
  style === undefined ? null : swatch(style), foreign(name));
const cellOf = (...content) => element("td", {}, content);
// A median with its range beneath; a dash where it is not known.
function figureCell(summary, format) {
  if (!summary) return cellOf(element("span", {class: "dim"}, "–"));
  const range = formatRange(summary, format);
  return cellOf(format(summary.median), range ? element("span", {class: "range"}, range) : null);
}

const say = (text) => document.getElementById("spoken").replaceChildren(text);
