"use strict";
// Copying to the clipboard. Its API may be unavailable to local pages; selecting a text field works everywhere.
async function copyText(button, text) {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1500);
}

for (const button of document.querySelectorAll("[data-markdown]")) {
  button.addEventListener("click", () => copyText(button, button.dataset.markdown));
}
