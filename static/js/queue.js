// Keys of the work queue: / goes to the search, j and k walk the rows.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll("[data-queue] tbody tr")];
  const search = document.querySelector("[data-queue-search]");
  let at = -1;
  const go = (to) => {
    if (rows.length === 0) return;
    if (at >= 0) rows[at].classList.remove("row-chosen");
    at = Math.min(rows.length - 1, Math.max(0, to));
    rows[at].classList.add("row-chosen");
    const link = rows[at].querySelector("a");
    if (link) link.focus();
    rows[at].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && search) search.focus();
    else if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else return;
    event.preventDefault();
  });
})();
