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
  const INFO = 1;
  const SEVERITIES = ["accepted", "info", "warning", "error"];
  const ruleText = (code) => data.rules[code >> 2] + (code % 4 ? "" : " (accepted)");
  // Indices in a row of the data, see analyzer/pages/index_page.py.
  const NAME = 0, HREF = 1, STATUS = 2, FINDINGS = 3, SPARK = 4, BEST = 5, FINAL = 6, AFTER = 7, LAST = 8, HYPERPARAMETERS = 9, FORMAT = 10, TAG = 11;
  const SHOWN_HYPERPARAMETERS = 5;

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

  const tagOf = (row) => (row[TAG] == null ? "" : data.tags[row[TAG]][0]);

  function spark(row) {
    const heights = Uint8Array.from(atob(row[SPARK]), (c) => c.charCodeAt(0)), gap = 82 / Math.max(1, heights.length - 1);
    const points = Array.from(heights, (h, i) => `${(1 + i * gap).toFixed(1)} ${(22 - (h * 20) / 255).toFixed(1)}`);
    const made = svg("svg", { class: `spark is-${status(row)}`, viewBox: "0 0 84 24", role: "img", "aria-label": course(heights) });
    const title = svg("title", {});
    title.textContent = heights.length ? `${tagOf(row)} ${course(heights)}: best ${known(row[BEST], number)}, final ${known(row[FINAL], number)}` : "no curve";
    made.append(title, svg("path", { d: points.length ? `M${points.join("L")}h.1` : "" }));
    return made;
  }

  // The worst few; the others and infos beside them are counted, and listed in the tooltip and on the page of the run.
  function tags(row) {
    const faults = row[FINDINGS].filter((code) => code % 4 !== INFO), infos = row[FINDINGS].filter((code) => code % 4 === INFO);
    const [first, others] = faults.length ? [faults, infos] : [infos, []];
    const made = first.slice(0, TAGS).map((code) => element("span", `tag is-${SEVERITIES[code % 4]}`, ruleText(code)));
    const count = (codes, words) => {
      if (!codes.length) return;
      made.push(element("span", "quiet", words));
      made.at(-1).title = codes.map(ruleText).join(", ");
    };
    count(first.slice(TAGS), `+${first.length - TAGS}`);
    count(others, ` ${others.length} ${others.length === 1 ? "info" : "infos"}`);
    return made;
  }

  const text = (write) => (row) => [document.createTextNode(write(row))];
  const hyperparameterText = (value) => (value == null ? "" : typeof value === "number" ? String(+value.toPrecision(6)) : String(value));
  const numeric = (name, key, write) => ({ name, key, isNumber: true, show: text((row) => known(key(row), write)) });
  // Results of other quantities than that of the column are blank, so that no order among them is shown.
  const inColumn = (at, c) => (row) => (row[TAG] != null && data.tags[row[TAG]][1] === c ? row[at] : null);
  const result = (word, at) => (name, c) => ({
    name: `${word} ${name}`, key: inColumn(at, c), isNumber: true,
    show: text((row) => { const value = inColumn(at, c)(row); return value == null ? "" : name === "other metrics" ? `${number(value)} ${tagOf(row)}` : number(value); }),
  });
  const best = data.metrics.map(result("Best", BEST)), final = data.metrics.map(result("Final", FINAL));
  const hyperparameters = data.hyperparameters.map((name, i) => ({ name, key: (row) => row[HYPERPARAMETERS][i], show: text((row) => hyperparameterText(row[HYPERPARAMETERS][i])), isSpare: i >= SHOWN_HYPERPARAMETERS }));
  // Name, content and sort key of each column, in the order of the table head.
  const columns = [
    { name: "Run", show: (row) => { const a = element(row[HREF] ? "a" : "span"); if (row[HREF]) a.href = row[HREF]; a.append(element("bdi", "", row[NAME])); return [a]; }, key: (row) => row[NAME] },
    { name: "Verdict", show: (row) => [pill(row)], key: (row) => row[STATUS] },
    { name: "Findings", show: tags, key: (row) => -row[FINDINGS].length },
    { name: "Curve", show: (row) => [spark(row)], key: (row) => row[FINAL] },
    ...best.flatMap((column, i) => [column, final[i]]),
    numeric("After best", (row) => row[AFTER], (v) => `${(100 * v).toFixed(v < 0.1 ? 1 : 0)}%`),
    numeric("Last step", (row) => row[LAST], (v) => grouped.format(v)),
    ...hyperparameters,
    { name: "Format", show: text((row) => row[FORMAT]), key: (row) => row[FORMAT] },
  ];

  const spares = new Set(columns.filter((column) => column.isSpare).map((column) => column.name));
  const state = { rows: data.rows, query: "", column: null, direction: 1, hidden: new Set(spares) };

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

  // Terms of a filter on a column, by its name in lower case without spaces, or by the last part of a dotted name.
  const plain = (name) => name.toLowerCase().replace(/\s+/g, "-");
  const numbers = new Map(), texts = new Map();
  const offer = (map, name, key) => { if (name && !map.has(plain(name))) map.set(plain(name), key); };
  for (const column of hyperparameters) for (const name of [column.name, column.name.split(".").at(-1)]) { offer(numbers, name, column.key); offer(texts, name, column.key); }
  for (const column of columns) if (column.isNumber) offer(numbers, column.name, column.key);
  data.metrics.forEach((name, i) => offer(numbers, name, best[i].key));
  for (const [tag] of data.tags) offer(numbers, tag, (row) => (tagOf(row) === tag ? row[BEST] : null));
  for (const [name, at] of [["best", BEST], ["final", FINAL], ["after", AFTER], ["step", LAST], ["steps", LAST]]) offer(numbers, name, (row) => row[at]);
  for (const [name, key] of [["status", status], ["name", (row) => row[NAME]], ["run", (row) => row[NAME]], ["format", (row) => row[FORMAT]], ["metric", tagOf]]) offer(texts, name, key);
  const COMPARE = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "=": (a, b) => a === b, "!=": (a, b) => a !== b };

  // One word of the filter as a test of a row by its index; a name that no column has is added to `unknown`.
  function termOf(word, unknown) {
    const [, name, operator, value] = /^([^<>=!:]+)(<=|>=|!=|[<>=:])(.+)$/.exec(word) ?? [];
    const limit = value?.endsWith("%") ? Number(value.slice(0, -1)) / 100 : Number(value);
    if (operator === ":" && name === "rule") {
      const rule = data.rules.indexOf(value);
      if (rule < 0) unknown.push(`rule ${value}`);
      return (i) => data.rows[i][FINDINGS].some((code) => code >> 2 === rule);
    }
    if (operator && operator !== ":" && !Number.isNaN(limit)) {
      const key = numbers.get(name);
      if (!key) unknown.push(`column ${name}`);
      return (i) => { const found = key?.(data.rows[i]); return typeof found === "number" && COMPARE[operator](found, limit); };
    }
    if (operator && texts.has(name)) {
      const key = texts.get(name), isEqual = (found) => String(found ?? "").toLowerCase() === value;
      const holds = operator === ":" && ["name", "run", "metric"].includes(name) ? (found) => String(found).toLowerCase().includes(value) : isEqual;
      return (i) => holds(key(data.rows[i])) === (operator !== "!=");
    }
    searchable ??= searchTexts();
    return (i) => searchable[i].includes(word);
  }

  const wordsOf = () => state.query.toLowerCase().split(/\s+/).filter(Boolean);

  function apply() {
    const unknown = [];
    const terms = wordsOf().map((word) => termOf(word, unknown));
    state.rows = order().filter((i) => terms.every((holds) => holds(i))).map((i) => data.rows[i]);
    document.getElementById("count").textContent = `${grouped.format(state.rows.length)} of ${grouped.format(data.rows.length)} ${data.rows.length === 1 ? "run" : "runs"}${unknown.length ? `; no ${unknown.join(", no ")}` : ""}`;
    box.querySelector("table").setAttribute("aria-rowcount", state.rows.length + 1);
    for (const button of pressable) button.setAttribute("aria-pressed", wordsOf().includes(wordOf(button)));
    remember();
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
      columns.forEach(({ show, name }, c) => {
        if (state.hidden.has(name)) return;
        const cell = element(c ? "td" : "th", heads[c].className);
        if (!c) cell.scope = "row";
        cell.append(...show(row));
        tr.append(cell);
      });
      return tr;
    });
  }

  heads.forEach((head, c) => {
    const button = element("button", "", columns[c].name);
    button.type = "button";
    button.title = `Sort by ${columns[c].name}`;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      state.direction = state.column === c ? -state.direction : 1;
      state.column = c;
      showHeads();
      apply();
    });
  });

  function showHeads() {
    heads.forEach((head, c) => {
      const isSorted = state.column === c;
      head.hidden = state.hidden.has(columns[c].name);
      head.firstChild.textContent = columns[c].name + (isSorted ? (state.direction > 0 ? " ↑" : " ↓") : "");
      if (isSorted) head.setAttribute("aria-sort", state.direction > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    const menu = document.querySelector("#columns summary"), shown = columns.length - state.hidden.size;
    menu.textContent = shown < columns.length ? `Columns (${shown} of ${columns.length})` : "Columns";
  }

  const boxes = columns.slice(1).map(({ name }) => {
    const label = element("label"), input = element("input");
    input.type = "checkbox";
    input.name = name;
    label.append(input, element("bdi", "", name));
    input.addEventListener("change", () => {
      if (input.checked) state.hidden.delete(name); else state.hidden.add(name);
      showHeads();
      remember();
      paint();
    });
    document.querySelector("#columns div").append(label);
    return input;
  });

  // Buttons write a word into the filter, in place of another one on the same column.
  const pressable = [...document.querySelectorAll("[data-status], [data-rule]")];
  const wordOf = ({ dataset }) => (dataset.status ? `status:${dataset.status}` : `rule:${dataset.rule}`);
  const field = document.getElementById("filter");
  for (const button of pressable) {
    button.addEventListener("click", () => {
      const word = wordOf(button), others = state.query.split(/\s+/).filter((each) => each && !each.startsWith(word.replace(/:.*/, ":")));
      state.query = field.value = (wordsOf().includes(word) ? others : [...others, word]).join(" ");
      apply();
      if (button.dataset.rule) document.getElementById("runs").scrollIntoView({ block: "nearest" });
    });
  }
  field.addEventListener("input", () => { state.query = field.value; apply(); });

  // Filter, order and columns are part of the address, so that a view can be linked and reloaded.
  function remember() {
    const kept = new URLSearchParams();
    if (state.query.trim()) kept.set("q", state.query.trim());
    if (state.column != null) kept.set("sort", (state.direction < 0 ? "-" : "") + columns[state.column].name);
    const toggled = columns.map(({ name }) => name).filter((name) => state.hidden.has(name) !== spares.has(name));
    for (const name of toggled) kept.append("toggle", name);
    const hash = kept.size ? `#runs?${kept}` : "";
    if (hash === location.hash || (!hash && !location.hash.startsWith("#runs?"))) return;
    try { history.replaceState(null, "", hash || location.pathname + location.search); } catch { /* a page in a frame may have no history */ }
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.startsWith("#runs?") ? location.hash.slice(6) : "");
    const sort = kept.get("sort") ?? "", column = columns.findIndex(({ name }) => name === sort.replace(/^-/, ""));
    state.query = field.value = kept.get("q") ?? "";
    state.column = column < 0 ? null : column;
    state.direction = sort.startsWith("-") ? -1 : 1;
    state.hidden = new Set(spares);
    for (const name of kept.getAll("toggle")) if (!state.hidden.delete(name)) state.hidden.add(name);
    for (const input of boxes) input.checked = !state.hidden.has(input.name);
    showHeads();
    apply();
  }
  addEventListener("hashchange", () => { if (!location.hash || location.hash.startsWith("#runs?")) recall(); });

  // A shade at the edge shows that there are more columns beside those in view.
  const hint = () => box.parentElement.classList.toggle("has-more", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
  new ResizeObserver(hint).observe(box.querySelector("table"));
  box.addEventListener("scroll", hint, { passive: true });
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
  recall();
})();
