// The scheme's grid: a chosen segment is a brush, and cells pressed with it become that segment. Each cell is a
// select of the form, so that the page works without this script, too.
"use strict";

(() => {
  const brush = () => document.querySelector("[data-brush]:checked")?.value || "";

  // The cell's colour is its segment's.
  const colour = (select) => {
    const cell = select.closest("td");
    for (const name of [...cell.classList]) if (name.startsWith("segment--")) cell.classList.remove(name);
    cell.classList.add(`segment--${select.selectedOptions[0].dataset.health}`);
  };

  const paint = (select) => {
    if (select.value === brush()) return;
    select.value = brush();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // Taking up a brush changes nothing of the draft yet: the page needn't look at it again.
  document.addEventListener("change", (event) => event.target.matches("[data-brush]") && event.stopPropagation(), true);

  const cellOf = (event) => event.target.closest("select[data-cell]");

  document.addEventListener("change", (event) => {
    const select = cellOf(event);
    if (select) colour(select);
  });

  // With a brush in hand a press paints instead of opening the list; so do Space and Enter.
  document.addEventListener("mousedown", (event) => {
    const select = cellOf(event);
    if (!select || !brush() || event.button !== 0) return;
    event.preventDefault();
    select.focus();
    paint(select);
  });
  document.addEventListener("keydown", (event) => {
    const select = cellOf(event);
    if (!select || !brush() || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    paint(select);
  });
})();
