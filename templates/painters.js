"use strict";
// Painting over and under the lines of a chart: everything that findings cite.
const Painters = (() => {
  const { colour, number } = Plot;
  const LABEL_FONT = "system-ui, sans-serif";

  // Text that is readable on lines and bands.
  function write(ctx, r, text, x, y) {
    const { fillStyle } = ctx;
    ctx.lineJoin = "round";
    ctx.setLineDash([]);
    ctx.lineWidth = 3 * r;
    ctx.strokeStyle = colour("card");
    ctx.strokeText(text, x, y);
    ctx.fillStyle = fillStyle;
    ctx.fillText(text, x, y);
  }

  // Places labels beside their lines, in rows without overlap.
  function inRows(ctx, r, box, prefersLeft) {
    const taken = [];
    return (text, at) => {
      const room = ctx.measureText(text).width + 8 * r;
      const goesLeft = prefersLeft ? at - room > box.left : at + room > box.left + box.width;
      const span = goesLeft ? [at - room, at] : [at, at + room];
      let row = taken.findIndex((spans) => spans.every(([a, b]) => span[1] < a || b < span[0]));
      if (row < 0) row = taken.push([]) - 1;
      taken[row].push(span);
      ctx.textAlign = goesLeft ? "right" : "left";
      return { x: at + (goesLeft ? -5 : 5) * r, row };
    };
  }

  // Painting over or under the lines, in device pixels.
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

    // Filled between a lower and an upper curve: the range of several runs.
    ranges(u, ranges) {
      painters.clip(u, (ctx, r, box) => {
        ctx.globalAlpha = 0.16;
        for (const { low, high, tone, toX } of ranges) {
          const edge = ({ step, value }) => step.map((x, i) => [u.valToPos(toX(x), "x", true), u.valToPos(value[i], "y", true)]).filter((at) => at.every(Number.isFinite));
          const outline = [...edge(high), ...edge(low).reverse()];
          ctx.beginPath();
          for (const [x, y] of outline) ctx.lineTo(x, Math.max(box.top, Math.min(box.top + box.height, y)));
          ctx.fillStyle = colour(`line-${tone}`);
          ctx.fill();
        }
        ctx.globalAlpha = 1;
      });
    },

    bandLabels(u, bands) {
      painters.clip(u, (ctx, r, box) => {
        ctx.font = `600 ${11 * r}px ${LABEL_FONT}`;
        const place = inRows(ctx, r, box, false);
        for (const band of bands) {
          if (!band.label) continue;
          const left = Math.max(u.valToPos(band.first, "x", true), box.left), right = u.valToPos(band.last, "x", true);
          if (right < box.left || left > box.left + box.width) continue;
          const { x, row } = place(band.label, left);
          ctx.fillStyle = colour(band.severity);
          write(ctx, r, band.label, x, box.top + (15 + 14 * row) * r);
        }
      });
    },

    marks(u, marks) {
      painters.clip(u, (ctx, r, box) => {
        ctx.font = `600 ${11 * r}px ${LABEL_FONT}`;
        const place = inRows(ctx, r, box, true);
        for (const { at, label, tone } of marks) {
          const x = u.valToPos(at, "x", true);
          if (x < box.left || x > box.left + box.width) continue;
          ctx.strokeStyle = ctx.fillStyle = colour(tone);
          ctx.lineWidth = r;
          ctx.setLineDash([3 * r, 3 * r]);
          ctx.beginPath();
          ctx.moveTo(x, box.top);
          ctx.lineTo(x, box.top + box.height);
          ctx.stroke();
          const placed = place(label, x);
          write(ctx, r, label, placed.x, box.top + box.height - (6 + 13 * placed.row) * r);
        }
      });
    },

    // The titles of the axes: the unit of the x axis left of its first number, the quantity above the y axis.
    axisNames(u, unit, quantity) {
      const { ctx, bbox } = u, r = devicePixelRatio;
      ctx.font = `${11.5 * r}px ${LABEL_FONT}`;
      ctx.fillStyle = colour("quiet");
      ctx.textAlign = "right";
      ctx.textBaseline = "top";
      ctx.fillText(unit, bbox.left - 12 * r, bbox.top + bbox.height + 5 * r);
      ctx.textAlign = "left";
      ctx.fillText(quantity, 0, 0);
      ctx.textBaseline = "alphabetic";
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
        for (const line of lines.filter((l) => !l.isVoid && !l.isFaint)) {
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
            // The farthest one is always labelled, the others if there is room.
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

    // NaN and infinities have no height: a cross on the axis, labelled if there is room.
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

  return { ...painters, LABEL_FONT };
})();
