"use strict";
// The table of all runs: filter, sort, and only the rows in view in the document, so that 5,000 runs stay fast.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const box = document.getElementById("rows");
  const body = box.querySelector("tbody");
  const heads = [...box.querySelectorAll("thead th")];
  const grouped = new Intl.NumberFormat("en");
  const ROW_HEIGHT = 37; // 36 pixels of a cell and its border, as in the style sheet
  const ROWS_IN_VIEW = 17; // 620 pixels, as in the style sheet
  const SPARE_ROWS = 8;
  const PRINTED_ROWS = 300;
  const TAGS = 3;
  const SEVERITIES = ["accepted", "info", "warning", "error"];
  const ruleText = (code) => data.rules[code >> 2] + (code % 4 ? "" : " (accepted)");
  // Indices in a row of the data, see analyzer/pages/index_page.py.
  const NAME = 0, HREF = 1, STATUS = 2, FINDINGS = 3, SPARK = 4, BEST = 5, FINAL = 6, AFTER = 7, LAST = 8, HYPERPARAMETERS = 9, FORMAT = 10;

  const number = (value) => {
    if (typeof value === "string") return value; // NaN, ∞
    const size = Math.abs(value);
    if (size >= 1e6 || (size < 1e-3 && size > 0)) return value.toExponential(2);
    return size >= 1000 ? grouped.format(Math.round(value)) : value.toPrecision(3);
  };
  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text != null) made.textContent = text;
    return made;
  };
  const svg = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const known = (value, write) => (value == null ? "–" : write(value));
  const status = (row) => data.statuses[row[STATUS]];

  function pill(row) {
    const made = element("span", `pill is-${status(row)}`);
    const icon = svg("svg", { class: "icon", "aria-hidden": "true" });
    icon.append(svg("use", { href: `#icon-${status(row)}` }));
    const words = status(row).replace("-", " ");
    made.append(icon, words[0].toUpperCase() + words.slice(1));
    return made;
  }

  // A sparkline as text: whether it falls or rises by more than a quarter of its height.
  function course(heights) {
    if (!heights.length) return "no curve";
    const lowest = Math.min(...heights), highest = Math.max(...heights), first = heights[0], last = heights.at(-1), much = 64;
    if (first - lowest > much && last - lowest > much) return "falls, then rises";
    if (highest - first > much && highest - last > much) return "rises, then falls";
    return first - last > much ? "falls" : last - first > much ? "rises" : "stays level";
  }

  function spark(row) {
    const heights = Uint8Array.from(atob(row[SPARK]), (c) => c.charCodeAt(0)), gap = 82 / Math.max(1, heights.length - 1);
    const points = Array.from(heights, (h, i) => `${(1 + i * gap).toFixed(1)} ${(22 - (h * 20) / 255).toFixed(1)}`);
    const made = svg("svg", { class: `spark is-${status(row)}`, viewBox: "0 0 84 24", role: "img", "aria-label": course(heights) });
    made.append(svg("path", { d: points.length ? `M${points.join("L")}h.1` : "" }));
    return made;
  }

  // The worst few; the others are counted, and listed in the tooltip and on the page of the run.
  function tags(row) {
    const made = row[FINDINGS].slice(0, TAGS).map((code) => element("span", `tag is-${SEVERITIES[code % 4]}`, ruleText(code)));
    const others = row[FINDINGS].slice(TAGS);
    if (others.length) {
      made.push(element("span", "quiet", `+${others.length}`));
      made.at(-1).title = others.map(ruleText).join(", ");
    }
    return made;
  }

  const text = (write) => (row) => [document.createTextNode(write(row))];
  const hyperparameterText = (value) => (value == null ? "" : typeof value === "number" ? String(+value.toPrecision(6)) : String(value));
  // Content and sort key of each column, in the order of the table head.
  const columns = [
    { show: (row) => { const a = element(row[HREF] ? "a" : "span"); if (row[HREF]) a.href = row[HREF]; a.append(element("bdi", "", row[NAME])); return [a]; }, key: (row) => row[NAME] },
    { show: (row) => [pill(row)], key: (row) => row[STATUS] },
    { show: tags, key: (row) => -row[FINDINGS].length },
    { show: (row) => [spark(row)], key: (row) => row[FINAL] },
    { show: text((row) => known(row[BEST], number)), key: (row) => row[BEST] },
    { show: text((row) => known(row[FINAL], number)), key: (row) => row[FINAL] },
    { show: text((row) => known(row[AFTER], (v) => `${(100 * v).toFixed(v < 0.1 ? 1 : 0)}%`)), key: (row) => row[AFTER] },
    { show: text((row) => known(row[LAST], (v) => grouped.format(v))), key: (row) => row[LAST] },
    ...data.hyperparameters.map((_, i) => ({ show: text((row) => hyperparameterText(row[HYPERPARAMETERS][i])), key: (row) => row[HYPERPARAMETERS][i] })),
    { show: text((row) => row[FORMAT]), key: (row) => row[FORMAT] },
  ];

  const state = { rows: data.rows, query: "", status: null, rule: null, column: null, direction: 1 };

  // The texts to filter, created on first use.
  let searchable = null;
  const searchTexts = () => data.rows.map((row) => [row[NAME], status(row), row[FORMAT], ...row[HYPERPARAMETERS].map(hyperparameterText), ...row[FINDINGS].map(ruleText)].join(" ").toLowerCase());

  const collator = new Intl.Collator("en", { numeric: true });
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));

  // Indices of all rows in the order of a column, computed once; a filter only removes some.
  const orders = new Map();
  function order() {
    const { column, direction } = state;
    if (column == null) return [...data.rows.keys()];
    const name = `${column} ${direction}`;
    if (!orders.has(name)) orders.set(name, sorted(columns[column].key, direction));
    return orders.get(name);
  }

  function sorted(key, direction) {
    const keys = data.rows.map(key), numbers = [...keys.keys()];
    const known = numbers.filter((i) => keys[i] != null).sort((a, b) => direction * compare(keys[a], keys[b]) || a - b);
    return known.concat(numbers.filter((i) => keys[i] == null)); // unknown values are last in either direction
  }

  function apply() {
    const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    const rule = data.rules.indexOf(state.rule);
    if (words.length) searchable ??= searchTexts();
    const isShown = (i) => {
      const row = data.rows[i];
      return (!state.status || status(row) === state.status) &&
        (!state.rule || row[FINDINGS].some((code) => code >> 2 === rule)) &&
        words.every((word) => searchable[i].includes(word));
    };
    state.rows = order().filter(isShown).map((i) => data.rows[i]);
    document.getElementById("count").textContent = `${grouped.format(state.rows.length)} of ${grouped.format(data.rows.length)} runs`;
    box.querySelector("table").setAttribute("aria-rowcount", state.rows.length + 1);
    if (top) box.scrollTop = top = 0;
    paint();
  }

  const gap = (rows) => {
    const made = element("tr", "gap"), cell = element("td");
    cell.colSpan = columns.length;
    cell.style.height = `${rows * ROW_HEIGHT}px`;
    made.setAttribute("aria-hidden", "true");
    made.append(cell);
    return made;
  };

  // The scroll position, cached, since reading it after each change would force a layout.
  let top = 0;

  function paint() {
    const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(state.rows.length, first + ROWS_IN_VIEW + 2 * SPARE_ROWS);
    body.replaceChildren(gap(first), ...made(first, last), gap(state.rows.length - last));
  }

  function made(first, last) {
    return state.rows.slice(first, last).map((row, i) => {
      const tr = element("tr");
      tr.setAttribute("aria-rowindex", first + i + 2);
      columns.forEach(({ show }, c) => {
        const cell = element(c ? "td" : "th", heads[c].className);
        if (!c) cell.scope = "row";
        cell.append(...show(row));
        tr.append(cell);
      });
      return tr;
    });
  }

  heads.forEach((head, c) => {
    const button = element("button", "", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      state.direction = state.column === c ? -state.direction : 1;
      state.column = c;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", state.direction > 0 ? "ascending" : "descending");
      heads.forEach((other, i) => { other.firstChild.textContent = other.firstChild.textContent.replace(/ [↑↓]$/, "") + (i === c ? (state.direction > 0 ? " ↑" : " ↓") : ""); });
      apply();
    });
  });

  // At most one button of a group is pressed.
  function choose(selector, attribute, field) {
    const buttons = [...document.querySelectorAll(selector)];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        state[field] = state[field] === button.dataset[attribute] ? null : button.dataset[attribute];
        for (const other of buttons) other.setAttribute("aria-pressed", other.dataset[attribute] === state[field]);
        apply();
      });
    }
  }
  choose("[data-status]", "status", "status");
  choose("[data-rule]", "rule", "rule");

  document.getElementById("filter").addEventListener("input", (event) => { state.query = event.target.value; apply(); });
  let isPainting = false;
  box.addEventListener("scroll", () => {
    if (isPainting) return;
    isPainting = true;
    requestAnimationFrame(() => { isPainting = false; top = box.scrollTop; paint(); });
  });
  addEventListener("beforeprint", () => {
    body.replaceChildren(...made(0, PRINTED_ROWS));
    if (state.rows.length <= PRINTED_ROWS) return;
    const note = body.insertRow().insertCell();
    note.colSpan = columns.length;
    note.textContent = `The first ${PRINTED_ROWS} of ${grouped.format(state.rows.length)} runs.`;
  });
  addEventListener("afterprint", paint);
  apply();
})();
