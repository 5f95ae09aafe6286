// Eight colours that people with any kind of colour vision tell apart: Okabe and Ito, "Color
// universal design", 2008; the yellow and the black give way to ones that stand out from the page,
// and on dark ground all are lighter. From the ninth line on, dashes tell.
const palettes = {
  light: ["#0072b2", "#d55e00", "#009e73", "#b5478f", "#d99400", "#56b4e9", "#6a51a3", "#555555"],
  dark: ["#5db3f0", "#ff8a3d", "#2fc79a", "#e79cc8", "#f0c04a", "#8fd3ff", "#b9a4f0", "#c4c4c4"],
};
const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const points = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "rectRounded", "cross"];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : systemIsDark.matches;
};
const colorOf = (index) => {
  const palette = palettes[isDark() ? "dark" : "light"];
  return palette[index % palette.length];
};
const dashOf = (index) => dashes[Math.floor(index / palettes.light.length) % dashes.length];
const pointOf = (index) => points[index % points.length];
const styleColor = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Follows the system until one is chosen; the choice stays where the browser lets a file keep it.
const theme = {
  names: ["auto", "light", "dark"],
  kept() {
    try {
      const name = localStorage.getItem("cachegauge-theme");
      return theme.names.includes(name) ? name : "auto";
    } catch {
      return "auto";
    }
  },
  choose(name) {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    document.getElementById("theme").replaceChildren(`Theme: ${name}`);
    try {
      localStorage.setItem("cachegauge-theme", name);
    } catch {
      // A page that may keep nothing asks the system next time.
    }
  },
  current: () => document.documentElement.dataset.theme || "auto",
  next() {
    const at = theme.names.indexOf(theme.current());
    theme.choose(theme.names[(at + 1) % theme.names.length]);
  },
};
