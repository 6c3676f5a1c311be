"use strict";
// The charts of a run page: drawn when they are near the viewport, with cursor, zoom, keys and a data table.
(() => {
  const { data, colour, number, shortNumber, grouped, linesOf, piecesOf, clock } = Plot;
  const figures = [...document.querySelectorAll(".chart")];
  const drawn = new Map(); // figure -> {u, lines, spec}
  const settings = { smoothing: 0, isLog: false, axis: "" }; // axis: "" as logged, "epoch" or "time"
  const TABLE_ROWS = 300;

  const identity = (x) => x;
  const isHero = (figure) => figure.classList.contains("hero-chart");
  const isSmall = (figure) => figure.classList.contains("small-chart");

  // The current view of a chart; evidence charts are never smoothed.
  function viewOf(figure, spec) {
    const other = settings.axis && clock(spec.axis, settings.axis);
    return {
      isLog: spec.log || settings.isLog,
      smoothing: isSmall(figure) ? settings.smoothing : 0,
      toX: other || identity,
      axis: other ? settings.axis : spec.axis,
      unit: other ? data.clocks[spec.axis][settings.axis].unit : spec.axis,
    };
  }

  // uPlot passes the extent of the data if all is shown, and a part of it if zoomed.
  function rangeOfX(u, fullX, low, high) {
    const xs = u.data[0];
    u.isWhole = low == null || (low <= xs[0] && high >= xs[xs.length - 1]);
    return u.isWhole ? fullX : [low, high];
  }

  function rangeOfY(spec, view, u, low, high) {
    if (u.isWhole && view.isLog === spec.log) return spec.y;
    if (low == null) return view.isLog ? [0.1, 1] : [0, 1];
    if (view.isLog) return [low / 1.3, high * 1.3];
    const room = 0.05 * (high - low) || 0.5 * Math.abs(high) || 0.5;
    return [low - room, high + room];
  }

  // A few round numbers on a logarithmic axis; uPlot would compute endlessly many if the axis begins at zero or spans very many decades.
  function logTicks(min, max) {
    if (!(min > 0 && max > min && max < Infinity)) return [];
    const first = Math.floor(Math.log10(min)), last = Math.ceil(Math.log10(max)), decades = last - first;
    const stride = Math.ceil(decades / 6), ticks = [];
    for (let power = first; power <= last; power += stride) {
      for (const factor of decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]) ticks.push(+(factor * 10 ** power).toPrecision(2));
    }
    return ticks.filter((tick) => tick >= min && tick <= max);
  }

  function optionsOf(figure, spec, view, lines) {
    const fullX = spec.x.map(view.toX);
    const bands = spec.bands.map(([first, last, severity, label]) => ({ first: view.toX(first), last: view.toX(last), severity, label }));
    const marks = [
      ...spec.restarts.map((at) => ({ at: view.toX(at), label: "restart", tone: "quiet" })),
      ...spec.marks.map(([at, label]) => ({ at: view.toX(at), label, tone: "ink" })),
    ];
    const ranges = (spec.ranges ?? []).map(([low, high, tone]) => ({ low: piecesOf(low)[0], high: piecesOf(high)[0], tone, toX: view.toX }));
    const cited = spec.cited.map((at) => ({ at: view.toX(at), line: lines.findLast((line) => !line.isVoid) })); // the metric of the finding comes last
    const axis = { stroke: () => colour("quiet"), grid: { stroke: () => colour("grid"), width: 1 }, ticks: { show: false }, font: `11.5px ${Painters.LABEL_FONT}` };
    const logAxis = view.isLog ? { splits: (u, _, min, max) => logTicks(min, max), filter: (u, ticks) => ticks } : {};
    return {
      width: Math.max(120, figure.clientWidth),
      height: spec.height,
      legend: { show: false },
      padding: [14, 12, 0, 0],
      scales: {
        x: { time: false, range: (u, low, high) => rangeOfX(u, fullX, low, high) },
        y: { distr: view.isLog ? 3 : 1, range: (u, low, high) => rangeOfY(spec, view, u, low, high) },
      },
      axes: [
        { ...axis, size: 30, values: (_, ticks) => ticks.map(shortNumber) },
        { ...axis, ...logAxis, size: 50, values: (_, ticks) => ticks.map((v) => (v == null ? "" : shortNumber(view.isLog ? +v.toPrecision(2) : v))) },
      ],
      series: [{}, ...lines.map((line) => ({
        stroke: () => colour(`line-${line.tone}`),
        width: line.isVoid ? 1 : 1.6,
        dash: line.isVoid ? [3, 3] : undefined,
        alpha: line.isFaint ? 0.28 : line.isVoid ? 0.55 : 1,
        points: { show: line.x.length <= 40 && !line.isFaint, size: 5 },
      }))],
      cursor: { sync: { key: view.axis, scales: ["x", null] }, drag: { x: true, y: false }, points: { size: 7 }, y: false },
      hooks: {
        init: [(u) => { u.fullX = fullX; u.ownX = spec.x; }],
        drawClear: [(u) => { Painters.bands(u, bands); Painters.ranges(u, ranges); }],
        draw: [(u) => {
          Painters.marks(u, marks);
          Painters.cited(u, lines, cited);
          Painters.cutOff(u, lines);
          Painters.broken(u, lines);
          Painters.bandLabels(u, bands);
          Painters.axisNames(u, view.unit, spec.quantity);
        }],
        setCursor: [(u) => readOut(figure, u, spec, view, lines)],
        setScale: [(u, key) => { if (key === "x") { showIfZoomed(); if (isHero(figure)) moveLanes(u, view); } }],
      },
    };
  }

  // Values under the cursor, in the legend of the chart.
  function readOut(figure, u, spec, view, lines) {
    const at = u.cursor.idx;
    const x = at == null ? null : u.data[0][at];
    figure.querySelector(".at").textContent = x == null ? "" : xText(view, x);
    const keys = figure.querySelectorAll(".key b");
    spec.curves.forEach(([index], i) => {
      const line = lines.findLast((l) => l.index === index && !l.isVoid); // the smoothed line, if there is one
      keys[i].textContent = x == null || !line ? "" : number(nearest(line, x));
    });
  }

  function nearest(line, x) {
    let low = 0, high = line.x.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (line.x[middle] < x) low = middle + 1; else high = middle;
    }
    return low && x - line.x[low - 1] < line.x[low] - x ? line.y[low - 1] : line.y[low];
  }

  const xText = (view, x) => (view.toX === identity ? `${view.axis} ${grouped.format(Math.floor(x))}` : `${view.axis} ${number(x)}${view.unit === view.axis ? "" : ` ${view.unit}`}`);

  // The lanes below the main chart show the same range of the run, on the same axis.
  const laneBars = [...document.querySelectorAll(".lane rect:not(.lane-ground)")].map((bar) => ({ bar, left: Number(bar.getAttribute("x")), width: Number(bar.getAttribute("width")) }));
  function moveLanes(u, view) {
    const [first, last] = u.fullX, scale = 1000 / (last - first);
    const box = `${(u.scales.x.min - first) * scale} 0 ${Math.max(1e-6, (u.scales.x.max - u.scales.x.min) * scale)} 10`;
    for (const lane of document.querySelectorAll(".lane svg")) lane.setAttribute("viewBox", box);
    const [start, end] = u.ownX, at = (thousandth) => (view.toX(start + (thousandth / 1000) * (end - start)) - first) * scale;
    for (const { bar, left, width } of laneBars) {
      bar.setAttribute("x", at(left));
      if (!bar.classList.contains("seen")) bar.setAttribute("width", Math.max(3, at(left + width) - at(left)));
    }
  }

  // The button is enabled only if it has an effect.
  function showIfZoomed() {
    const button = document.getElementById("reset-zoom");
    if (button) button.disabled = ![...drawn.values()].some(({ u }) => u.scales.x.min > u.fullX[0] || u.scales.x.max < u.fullX[1]);
  }

  // A logarithmic axis cannot show values at or below zero; they are counted.
  function noteLeftOut(figure, spec, view) {
    const note = figure.querySelector(".chart-note");
    const count = view.isLog ? spec.curves.reduce((sum, [index]) => sum + piecesOf(index).reduce((n, piece) => n + piece.value.filter((v) => v <= 0).length, 0), 0) : 0;
    note.hidden = !count;
    note.textContent = count ? `${grouped.format(count)} drawn points at or below zero cannot be shown on a logarithmic axis.` : "";
  }

  function draw(figure) {
    const spec = data.charts[figure.dataset.chart];
    const view = viewOf(figure, spec);
    const lines = linesOf(spec, view);
    const tables = lines.map((line) => [line.x, line.y]);
    const plot = figure.querySelector(".plot");
    const label = plot.querySelector(".picture")?.getAttribute("aria-label") ?? plot.getAttribute("aria-label");
    drawn.get(figure)?.u.destroy();
    plot.classList.add("is-drawn"); // keeps its height while it is not drawn
    plot.replaceChildren();
    const u = new uPlot(optionsOf(figure, spec, view, lines), tables.length > 1 ? uPlot.join(tables) : tables[0], plot);
    drawn.set(figure, { u, lines, spec, view });
    plot.tabIndex = 0;
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", `${label}. Arrow keys read values, plus and minus zoom, escape resets.`);
    plot.onkeydown = (event) => steer(event, u);
    noteLeftOut(figure, spec, view);
    const table = tableFor(figure);
    if (table?.open) fillTable(table, figure);
  }

  function steer(event, u) {
    const xs = u.data[0], at = u.cursor.idx ?? 0, { min, max } = u.scales.x;
    const stride = Math.max(1, Math.round(xs.length / 100));
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const to = Math.min(xs.length - 1, Math.max(0, at + (event.key === "ArrowRight" ? stride : -stride)));
      u.setCursor({ left: u.valToPos(xs[to], "x"), top: u.over.clientHeight / 2 });
    } else if (event.key === "+" || event.key === "-") {
      const centre = u.cursor.idx == null ? (min + max) / 2 : xs[at], factor = event.key === "+" ? 0.6 : 1 / 0.6;
      const low = Math.max(u.fullX[0], centre - (centre - min) * factor), high = Math.min(u.fullX[1], centre + (max - centre) * factor);
      if (high > low) u.setScale("x", { min: low, max: high });
    } else if (event.key === "Escape") {
      resetZoom(u);
    } else return;
    event.preventDefault();
  }

  const resetZoom = (u) => u.setScale("x", { min: u.fullX[0], max: u.fullX[1] });

  // The points in view as a table, created when it is opened; until then it has a few rows.
  const tableFor = (figure) => document.querySelector(`.data-table[data-of="${figure.dataset.chart}"]`);
  const fillTable = (details, figure) => details.querySelector("div").replaceChildren(...tableOf(drawn.get(figure)));
  for (const figure of figures) {
    const details = tableFor(figure);
    details?.addEventListener("toggle", () => { if (details.open && drawn.has(figure)) fillTable(details, figure); });
  }

  function tableOf({ u, spec, view, lines }) {
    const table = document.createElement("table");
    const { min, max } = u.scales.x;
    const columns = spec.curves.map(([index]) => lines.findLast((line) => line.index === index && !line.isVoid));
    const values = columns.map((line) => new Map(line ? line.x.map((x, i) => [x, line.y[i]]) : []));
    const steps = [...new Set(columns.flatMap((line) => (line ? line.x : [])))].filter((x) => x >= min && x <= max).sort((a, b) => a - b);
    const [head, body] = [table.createTHead(), table.createTBody()];
    const row = (tag, cells) => {
      const tr = (tag === "th" ? head : body).appendChild(document.createElement("tr"));
      for (const text of cells) {
        const cell = tr.appendChild(document.createElement(tag));
        cell.textContent = text;
        if (tag === "th") cell.scope = "col";
      }
    };
    row("th", [view.unit === view.axis ? view.axis : `${view.axis} (${view.unit})`, ...spec.curves.map(([index]) => data.curves[index].name)]);
    for (const x of steps.slice(0, TABLE_ROWS)) {
      row("td", [view.toX === identity ? grouped.format(Math.floor(x)) : number(x), ...values.map((v) => (v.has(x) ? number(v.get(x) ?? NaN) : ""))]);
    }
    const note = document.createElement("p");
    note.textContent = steps.length > TABLE_ROWS ? `The first ${TABLE_ROWS} of ${grouped.format(steps.length)} drawn points in view; zoom in to see others.` : "";
    return [table, note];
  }

  // Charts are created when they are near the viewport, and follow its width.
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) { near.unobserve(target); if (!drawn.has(target)) draw(target); }
    }
  }, { rootMargin: "300px" });
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const chart = drawn.get(target);
      if (chart && target.clientWidth && target.clientWidth !== chart.u.width) chart.u.setSize({ width: target.clientWidth, height: chart.spec.height });
    }
  });
  for (const figure of figures) { near.observe(figure); resized.observe(figure); }

  // Only visible charts are redrawn immediately; others when they come into view.
  function redraw(which = () => true) {
    for (const figure of [...drawn.keys()].filter(which)) {
      const { top, bottom } = figure.getBoundingClientRect();
      if (bottom > -300 && top < innerHeight + 300) { draw(figure); continue; }
      drawn.get(figure).u.destroy();
      drawn.delete(figure);
      near.observe(figure);
    }
  }
  addEventListener("themechange", () => { for (const { u } of drawn.values()) u.redraw(false); });
  addEventListener("beforeprint", () => { for (const figure of figures) if (!drawn.has(figure)) draw(figure); });

  const on = (id, event, act) => document.getElementById(id)?.addEventListener(event, act);
  on("smoothing", "input", (event) => {
    settings.smoothing = Number(event.target.value);
    document.getElementById("smoothing-value").textContent = settings.smoothing.toFixed(2);
    redraw(isSmall);
  });
  on("log-axis", "click", (event) => {
    settings.isLog = !settings.isLog;
    event.target.setAttribute("aria-pressed", settings.isLog);
    redraw();
  });
  on("reset-zoom", "click", () => { for (const { u } of drawn.values()) resetZoom(u); });
  on("x-axis", "change", (event) => { settings.axis = event.target.value; redraw(); });

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const doubt = button.closest(".finding").querySelector(".chance")?.textContent;
      await copyText(button, data.markdown[button.dataset.copy] + (doubt ? `\n${doubt}\n` : ""));
    });
  }
})();
