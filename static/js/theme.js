// The theme the viewer chose on this device; without a choice the system's is followed.
(() => {
  "use strict";
  const root = document.documentElement;
  const key = "theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => {
    try {
      return window.localStorage.getItem(key);
    } catch {
      return null; // storage may be forbidden: the system's theme is followed
    }
  };
  const show = () => {
    const chosen = remembered();
    const theme = chosen === "dark" || chosen === "light" ? chosen : dark.matches ? "dark" : "light";
    root.setAttribute("data-bs-theme", theme);
    root.setAttribute("data-theme", theme); // the admin's own name for it
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
  };
  show();
  dark.addEventListener("change", show);
  window.addEventListener("storage", show);
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.addEventListener("click", (event) => {
      if (!(event.target instanceof Element) || !event.target.closest("[data-theme-switch]")) return;
      const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      try {
        window.localStorage.setItem(key, next);
      } catch {
        // not remembered then, but shown
      }
      show();
      root.setAttribute("data-bs-theme", next);
      root.setAttribute("data-theme", next);
    });
  });
})();
