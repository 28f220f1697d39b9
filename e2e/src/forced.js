// What a screen loses where the system forces a few colours on it: run under `forced-colors: active`. Returns sentences.
const faults = new Set();
const name = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} "${(element.textContent ?? "").trim().slice(0, 40)}"`;
const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getBoundingClientRect().width > 0;
const system = (word) => {
  const probe = document.createElement("span");
  probe.style.color = word;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
};
const canvas = system("Canvas");
const parse = (color) => {
  const parts = color.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
  return { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 };
};
const luminance = ({ rgb }) => {
  const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

// What is chosen looks other than what is not, and not by its weight or by a colour alone that is forced away.
const ground = ({ backgroundColor }) => (parse(backgroundColor).alpha === 0 ? canvas : backgroundColor);
const look = (element) => {
  const style = getComputedStyle(element);
  const line = (kind) => (style[`${kind}Style`] === "none" || style[`${kind}Width`] === "0px" ? "" : style[`${kind}Style`] + style[`${kind}Width`] + style[`${kind}Color`]);
  return [line("outline"), line("borderTop"), line("borderBottom"), line("borderLeft"), ground(style), style.textDecorationLine, style.color].join();
};
const whole = (element) => [element, ...element.children].map(look).join("|");
for (const state of ["aria-current", "aria-pressed", "aria-selected"]) {
  for (const chosen of document.querySelectorAll(`[${state}]`)) {
    if (!seen(chosen) || chosen.getAttribute(state) === "false") continue;
    let others = [];
    for (let around = chosen.parentElement; around && !others.length && around !== document.body; around = around.parentElement) {
      others = [...around.querySelectorAll(chosen.tagName)].filter((other) => other.className.split(" ")[0] === chosen.className.split(" ")[0] && (other.getAttribute(state) ?? "false") === "false" && seen(other));
    }
    // A word that changes says it too.
    if (others.length && others.every((other) => whole(other) === whole(chosen))) faults.add(`${state} cannot be seen: ${name(chosen)}`);
  }
}

// Text stands out from what is behind it.
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const texts = new Set();
while (walker.nextNode()) {
  const parent = walker.currentNode.parentElement;
  if (walker.currentNode.textContent.trim() && parent && !parent.closest("svg, script, noscript, option")) texts.add(parent);
}
for (const element of texts) {
  if (!seen(element)) continue;
  let behind = parse(canvas);
  for (let around = element; around; around = around.parentElement) {
    const ground = parse(getComputedStyle(around).backgroundColor);
    if (ground.alpha > 0.5) { behind = ground; break; }
  }
  const ratio = contrast(parse(getComputedStyle(element).color), behind);
  const off = element.closest(":disabled, [aria-disabled=true]");
  if (ratio < (off ? 2 : 4.5)) faults.add(`text with a contrast of ${ratio.toFixed(1)}: ${name(element)}`);
}

// Every picture shows something, and samples of a legend differ.
const painted = (shape) => {
  const style = getComputedStyle(shape);
  const paint = (kind) => {
    const value = style[kind];
    if (value === "none" || value === canvas || Number(style[`${kind}Opacity`]) < 0.03) return "";
    return `${value} ${style[`${kind}Opacity`]}`;
  };
  return paint("fill") || paint("stroke") ? [style.fill, style.fillOpacity, paint("stroke")].join() : "";
};
const shapes = "rect, path, circle, ellipse, polygon, polyline, line, text, use";
for (const picture of document.querySelectorAll("svg")) {
  const parts = [...picture.querySelectorAll(shapes)].filter((shape) => !shape.closest("defs, pattern, clipPath, mask"));
  const framed = getComputedStyle(picture).borderTopStyle !== "none";
  if (seen(picture) && parts.length && !framed && !parts.some(painted)) faults.add(`nothing is seen of a picture: ${name(picture)} in ${name(picture.parentElement)}`);
}
for (const legend of document.querySelectorAll("[class$=Legend]")) {
  const samples = [...legend.querySelectorAll("svg")].map((picture) => [...picture.querySelectorAll(shapes)].map((shape) => painted(shape) + (shape.closest("pattern") ? shape.outerHTML : "")).join("|"));
  if (new Set(samples).size < samples.length) faults.add(`samples of a legend look the same: ${name(legend)}`);
}

// The focus is seen wherever it can be; of those of a kind, one is looked at.
const kinds = new Map();
for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
  const kind = `${element.tagName} ${element.getAttribute("class")}`;
  if (!kinds.has(kind) && !element.disabled && element.checkVisibility() && !element.closest("[inert]")) kinds.set(kind, element);
}
const had = document.activeElement;
const open = document.querySelector("dialog[open]");
for (const element of kinds.values()) {
  if (open && !open.contains(element)) continue;
  element.focus({ preventScroll: true });
  if (document.activeElement !== element) continue;
  // An input of files covers the button that shows its focus.
  const rings = [element, element.parentElement].map((part) => getComputedStyle(part));
  const ring = rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && style.outlineColor !== canvas);
  if (!ring) faults.add(`the focus cannot be seen: ${name(element)}, ${element.matches(":focus-visible")}`);
}
had?.focus?.({ preventScroll: true });
return [...faults];
