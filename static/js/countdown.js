// Counts a limit down by the server's clock. The text is already right when the page
// arrives; this only keeps it right while the page stays open.
(() => {
  "use strict";
  const opened = performance.now();
  const cards = [...document.querySelectorAll("[data-due]")].map((card) => ({
    card,
    due: Date.parse(card.dataset.due),
    start: Date.parse(card.dataset.start),
    served: Date.parse(card.dataset.serverNow),
    left: card.querySelector("[data-left]"),
    fill: card.querySelector("[data-fill]"),
  }));
  const words = (ms, unit) => {
    const minutes = Math.floor(ms / 60000);
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor(minutes / 60);
    const padded = (n) => String(n).padStart(2, "0");
    if (days >= 3) return `${days} ${unit.dataset.days} ${Math.floor((minutes % 1440) / 60)} ${unit.dataset.h}`;
    if (hours >= 1) return `${hours} ${unit.dataset.h} ${padded(minutes % 60)} ${unit.dataset.min}`;
    return `${minutes} ${unit.dataset.min} ${padded(Math.floor(ms / 1000) % 60)} ${unit.dataset.s}`;
  };
  const tick = () => {
    for (const { card, due, start, served, left, fill } of cards) {
      const now = served + (performance.now() - opened);
      if (now > due) {
        if (left.textContent !== left.dataset.passed) left.textContent = left.dataset.passed;
        card.classList.remove("countdown-ok", "countdown-warn");
        card.classList.add("countdown-bad");
      } else {
        const text = left.dataset.pattern.replace("{left}", words(due - now, left));
        if (left.textContent !== text) left.textContent = text;
      }
      if (fill && due > start) {
        const used = Math.min(1, Math.max(0, (now - start) / (due - start)));
        fill.setAttribute("width", (used * 100).toFixed(2));
      }
    }
  };
  if (cards.length > 0) {
    tick();
    window.setInterval(tick, 1000);
  }
})();
