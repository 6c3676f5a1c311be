"use strict";
// Heat maps of layers: the value under the pointer, and the same by arrow keys.
(() => {
  const { data, number, grouped } = Plot;
  const TOP = 4, ROW = 15; // as in analyzer/pages/drawing/layer_map.py

  for (const figure of document.querySelectorAll("[data-map]")) {
    const { layers, steps, edges, axis, values: coded } = data.maps[figure.dataset.map];
    const values = new Float64Array(Uint8Array.from(atob(coded), (c) => c.charCodeAt(0)).buffer);
    const box = figure.querySelector(".map-box"), svg = box.querySelector("svg");
    const cursor = svg.querySelector(".cell-cursor"), output = figure.querySelector(".at");
    const columns = edges.length - 1;
    let row = 0, column = 0;

    const show = (newRow, newColumn) => {
      row = Math.max(0, Math.min(layers.length - 1, newRow));
      column = Math.max(0, Math.min(columns - 1, newColumn));
      const value = values[row * columns + column];
      const words = Number.isNaN(value) ? "nothing logged" : Number.isFinite(value) ? number(value) : "NaN or infinite";
      output.textContent = `${layers[row]}, ${axis} ${grouped.format(steps[column])}: ${words}`;
      const place = { x: edges[column], y: TOP + ROW * row, width: edges[column + 1] - edges[column], height: ROW - 1 };
      for (const [name, size] of Object.entries(place)) cursor.setAttribute(name, size);
    };

    svg.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const found = edges.findIndex((edge, i) => i < columns && at.x >= edge && at.x < edges[i + 1]);
      if (found >= 0 && at.y >= TOP && at.y < TOP + ROW * layers.length) show(Math.floor((at.y - TOP) / ROW), found);
    });
    box.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!move) return;
      show(row + move[0], column + move[1]);
      event.preventDefault();
    });
  }
})();
