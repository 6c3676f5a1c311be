"use strict";
// Light or dark: the system preference, until the reader chooses. Also shows the controls that need scripts.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");

  // A local page may have no storage; then the choice lasts as long as the page.
  const remembered = () => { try { return localStorage.getItem("trainlint-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("trainlint-theme", theme); } catch { /* see above */ } };

  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Use ${isDark() ? "light" : "dark"} colours`);
    dispatchEvent(new Event("themechange"));
  };

  const chosen = remembered();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  system.addEventListener("change", show);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    show();
  });
  // Printing always uses the light theme, for charts as well.
  let shown;
  addEventListener("beforeprint", () => { shown = root.dataset.theme; root.dataset.theme = "light"; show(); });
  addEventListener("afterprint", () => {
    if (shown) root.dataset.theme = shown; else delete root.dataset.theme;
    show();
  });

  for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;
  show();
})();
