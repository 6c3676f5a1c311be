"use strict";
// One chart on a canvas: decodes its curves, draws them with uPlot, and marks what the findings speak of.
const Plot = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const LABEL_FONT = "system-ui, sans-serif";
  const grouped = new Intl.NumberFormat("en");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

  // light-dark() is only resolved where a colour is used, so a hidden element is asked.
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

  // A piece is base64: LEB128 step differences, then float32 or float64 values (see analyzer/downsample.py).
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

  // Points that share a step are set apart by less than half a step: none hides another.
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

  // The x axis as epochs or hours: between knots of the log's own clock, in straight lines.
  function clock(name) {
    const { step, value } = data.clocks[name];
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

  // Lines of a chart as uPlot wants them: null breaks a line, undefined is a step of another curve.
  function linesOf(spec, view) {
    const lines = [];
    for (const [index, tone] of spec.curves) {
      for (const piece of piecesOf(index)) {
        const y = piece.value.map((v) => (Number.isFinite(v) && !(view.isLog && v <= 0) ? Math.max(-1e150, Math.min(1e150, v)) : null));
        const x = piece.step.map(view.toX);
        const broken = x.filter((_, i) => !Number.isFinite(piece.value[i]));
        const kinds = piece.value.filter((v) => !Number.isFinite(v)).map((v) => (Number.isNaN(v) ? "NaN" : v > 0 ? "∞" : "−∞"));
        lines.push({ x, y: smoothed(y, view.smoothing), tone, index, isVoid: piece.isVoid, broken, kinds });
      }
    }
    return lines;
  }

  // Everything that is painted over or under the lines, in device pixels.
  const painters = {
    clip(u, paint) {
      const { left, top, width, height } = u.bbox, r = devicePixelRatio;
      u.ctx.save();
      u.ctx.beginPath();
      u.ctx.rect(left - 4 * r, top - 14 * r, width + 8 * r, height + 16 * r);
      u.ctx.clip();
      paint(u.ctx, r, u.bbox);
      u.ctx.restore();
    },

    bands(u, bands) {
      painters.clip(u, (ctx, r, box) => {
        for (const band of bands) {
          const left = u.valToPos(band.first, "x", true);
          const right = Math.max(u.valToPos(band.last, "x", true), left + 2 * r);
          ctx.fillStyle = colour(`${band.severity}-band`);
          ctx.fillRect(left, box.top, right - left, box.height);
          ctx.fillStyle = colour(band.severity);
          ctx.fillRect(left, box.top, right - left, 2 * r);
        }
      });
    },

    bandLabels(u, bands) {
      painters.clip(u, (ctx, r, box) => {
        ctx.font = `600 ${11 * r}px ${LABEL_FONT}`;
        let row = 0;
        for (const band of bands) {
          if (!band.label) continue;
          const left = Math.max(u.valToPos(band.first, "x", true), box.left), right = u.valToPos(band.last, "x", true);
          if (right < box.left || left > box.left + box.width) continue;
          const fits = left + ctx.measureText(band.label).width + 8 * r < box.left + box.width;
          ctx.fillStyle = colour(band.severity);
          ctx.textAlign = fits ? "left" : "right";
          ctx.fillText(band.label, fits ? left + 5 * r : left - 4 * r, box.top + (15 + 14 * row++) * r);
        }
      });
    },

    marks(u, marks) {
      painters.clip(u, (ctx, r, box) => {
        ctx.font = `600 ${11 * r}px ${LABEL_FONT}`;
        for (const { at, label, tone } of marks) {
          const x = u.valToPos(at, "x", true);
          ctx.strokeStyle = ctx.fillStyle = colour(tone);
          ctx.lineWidth = r;
          ctx.setLineDash([3 * r, 3 * r]);
          ctx.beginPath();
          ctx.moveTo(x, box.top);
          ctx.lineTo(x, box.top + box.height);
          ctx.stroke();
          const fits = x - ctx.measureText(label).width - 6 * r > box.left;
          ctx.textAlign = fits ? "right" : "left";
          ctx.fillText(label, x + (fits ? -5 : 5) * r, box.top + box.height - 6 * r);
        }
      });
    },

    cited(u, lines, cited) {
      painters.clip(u, (ctx, r) => {
        for (const { line, at } of cited) {
          const row = line.x.findIndex((x) => x >= at);
          if (row < 0 || line.y[row] == null) continue;
          ctx.beginPath();
          ctx.arc(u.valToPos(line.x[row], "x", true), u.valToPos(line.y[row], "y", true), 4 * r, 0, 7);
          ctx.fillStyle = colour("card");
          ctx.strokeStyle = colour(`line-${line.tone}`);
          ctx.lineWidth = 1.6 * r;
          ctx.fill();
          ctx.stroke();
        }
      });
    },

    // A peak beyond the axis is a triangle at the edge with its value: nothing is clipped silently.
    cutOff(u, lines) {
      painters.clip(u, (ctx, r, box) => {
        const { min, max } = u.scales.y, gap = 12 * r;
        ctx.font = `600 ${10.5 * r}px ${LABEL_FONT}`;
        ctx.textAlign = "left";
        for (const line of lines.filter((l) => !l.isVoid)) {
          for (const [isBeyond, top, sign] of [[(y) => y > max, box.top, 1], [(y) => y < min, box.top + box.height, -1]]) {
            const peaks = [];
            line.y.forEach((y, i) => {
              if (y == null || !isBeyond(y)) return;
              const x = u.valToPos(line.x[i], "x", true), last = peaks.at(-1);
              if (!last || x - last.start > gap) peaks.push({ x, y, start: x });
              else if (sign * (y - last.y) > 0) Object.assign(last, { x, y });
            });
            ctx.fillStyle = colour(`line-${line.tone}`);
            for (const peak of peaks) {
              ctx.beginPath();
              ctx.moveTo(peak.x, top - sign * 9 * r);
              ctx.lineTo(peak.x - 4.5 * r, top - sign * r);
              ctx.lineTo(peak.x + 4.5 * r, top - sign * r);
              ctx.fill();
            }
            // The farthest one is always named, the others where there is room beside their neighbours.
            const width = 38 * r, named = [];
            for (const peak of peaks.toSorted((a, b) => sign * (b.y - a.y))) {
              const isFree = peaks.every((other) => other === peak || Math.abs(other.x - peak.x) > width);
              if ((named.length && !isFree) || peak.x + width > box.left + box.width) continue;
              ctx.fillText(number(peak.y), peak.x + 7 * r, sign > 0 ? top - 2 * r : top - 3 * r);
              named.push(peak);
            }
          }
        }
      });
    },

    // NaN and infinities have no height: a cross on the axis where they stand, named where there is room.
    broken(u, lines) {
      painters.clip(u, (ctx, r, box) => {
        const bottom = box.top + box.height;
        ctx.strokeStyle = ctx.fillStyle = colour("error");
        ctx.lineWidth = 1.5 * r;
        ctx.font = `600 ${10 * r}px ${LABEL_FONT}`;
        ctx.textAlign = "left";
        ctx.beginPath();
        let named = -1e9;
        for (const line of lines) {
          let last = -1e9;
          line.broken.forEach((at, i) => {
            const x = u.valToPos(at, "x", true);
            if (x - last < 7 * r) return;
            last = x;
            ctx.moveTo(x - 3 * r, bottom - 6 * r);
            ctx.lineTo(x + 3 * r, bottom);
            ctx.moveTo(x + 3 * r, bottom - 6 * r);
            ctx.lineTo(x - 3 * r, bottom);
            if (x - named > 60 * r) { ctx.fillText(line.kinds[i], x - 3 * r, bottom - 9 * r); named = x; }
          });
        }
        ctx.stroke();
      });
    },
  };

  return { data, css, colour, number, shortNumber, grouped, linesOf, clock, painters, LABEL_FONT };
})();
