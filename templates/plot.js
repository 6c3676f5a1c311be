"use strict";
// The data of a chart: decoding of curves, formatting of numbers, colours.
const Plot = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const grouped = new Intl.NumberFormat("en");

  // light-dark() is only resolved where a colour is used, so a hidden element is queried.
  const probe = document.body.appendChild(document.createElement("i"));
  probe.hidden = true;
  let colours = {};
  addEventListener("themechange", () => { colours = {}; });
  const colour = (name) => {
    if (!colours[name]) {
      probe.style.color = `var(--${name})`;
      colours[name] = getComputedStyle(probe).color;
    }
    return colours[name];
  };

  const shortNumber = (value) => {
    for (const [unit, suffix] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
      if (Math.abs(value) >= unit) return `${+(value / unit).toPrecision(4)}${suffix}`;
    }
    return Math.abs(value) < 1e-4 && value !== 0 ? (+value.toPrecision(4)).toExponential() : String(+value.toPrecision(6));
  };
  const number = (value) => {
    if (value == null) return "–";
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
    const size = Math.abs(value);
    if (size >= 1e6 || (size < 1e-3 && size > 0)) return value.toExponential(2);
    return size >= 1000 ? grouped.format(Math.round(value)) : value.toPrecision(3);
  };

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  // A piece is base64: LEB128 step differences, then float32 or float64 values (see analyzer/pages/drawing/downsample.py).
  function decode(piece) {
    const coded = bytes(piece.x), raw = bytes(piece.y).buffer;
    const value = Array.from(piece.w ? new Float64Array(raw) : new Float32Array(raw));
    const step = value.length ? [piece.a] : [];
    for (let i = 0, at = piece.a; i < coded.length;) {
      let gap = 0, unit = 1, byte;
      do { byte = coded[i++]; gap += (byte & 127) * unit; unit *= 128; } while (byte > 127);
      step.push(at += gap);
    }
    return { step: spread(step), value, isVoid: Boolean(piece.v) };
  }

  // Points that share a step are moved apart by less than half a step, so that none hides another.
  function spread(step) {
    for (let i = 0; i < step.length;) {
      let end = i;
      while (end < step.length && step[end] === step[i]) end++;
      for (let k = i + 1; k < end; k++) step[k] += 0.49 * (k - i) / (end - i);
      i = end;
    }
    return step;
  }

  const decoded = new Map();
  const piecesOf = (index) => {
    if (!decoded.has(index)) decoded.set(index, data.curves[index].pieces.map(decode));
    return decoded.get(index);
  };

  function smoothed(values, weight) {
    let mean = null;
    return weight ? values.map((v) => (v == null ? v : (mean = mean == null ? v : weight * mean + (1 - weight) * v))) : values;
  }

  // The steps of an axis as epochs or time: linear interpolation between knots of the log's clock. Null if unknown.
  function clock(axis, name) {
    const knots = data.clocks[axis]?.[name];
    if (!knots) return null;
    const { step, value } = knots;
    return (x) => {
      let i = 1;
      for (let low = 1, high = step.length - 1; low <= high;) {
        const middle = (low + high) >> 1;
        if (step[middle - 1] <= x) { i = middle; low = middle + 1; } else high = middle - 1;
      }
      const share = (x - step[i - 1]) / (step[i] - step[i - 1]);
      return value[i - 1] + share * (value[i] - value[i - 1]);
    };
  }

  // Lines of a chart for uPlot: null breaks a line, undefined is a step of another curve.
  function linesOf(spec, view) {
    const lines = [];
    for (const [index, tone] of spec.curves) {
      for (const piece of piecesOf(index)) {
        const y = piece.value.map((v) => (Number.isFinite(v) && !(view.isLog && v <= 0) ? Math.max(-1e150, Math.min(1e150, v)) : null));
        const x = piece.step.map(view.toX);
        const broken = x.filter((_, i) => !Number.isFinite(piece.value[i]));
        const kinds = piece.value.filter((v) => !Number.isFinite(v)).map((v) => (Number.isNaN(v) ? "NaN" : v > 0 ? "∞" : "−∞"));
        const line = { x, y, tone, index, isVoid: piece.isVoid, broken, kinds };
        // the original line stays visible behind the smoothed one
        if (view.smoothing) lines.push({ ...line, isFaint: true }, { ...line, y: smoothed(y, view.smoothing) });
        else lines.push(line);
      }
    }
    return lines;
  }

  return { data, colour, number, shortNumber, grouped, linesOf, piecesOf, clock };
})();
