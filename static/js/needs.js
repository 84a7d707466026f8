// Ticks off, while one types, what an effective response needs; the server does the same when the page is sent.
(() => {
  "use strict";
  const list = document.querySelector("[data-needs]");
  const form = document.querySelector("form[method=post].card");
  if (!list || !form) return;
  const has = (part) => {
    const [name, wanted] = part.split("=");
    const control = form.elements.namedItem(name);
    const value = control ? control.value.trim() : "";
    return wanted ? value === wanted : value !== "";
  };
  const look = () => {
    for (const need of list.children) {
      const groups = need.dataset.groups.split(" ");
      need.classList.toggle("need-met", groups.some((group) => group.split("+").every(has)));
    }
  };
  form.addEventListener("input", look);
  look();
})();
