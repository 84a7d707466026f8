// The print buttons of a page; without a script the browser's own print command does the same.
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}
