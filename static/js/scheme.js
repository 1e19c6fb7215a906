// The scheme's grid: a chosen segment is a brush, and cells pressed with it become that segment. Each cell is a
// select of the form, so that the page works without this script, too. Whatever changes the draft is told to the
// page as "draft-changed", which looks at the last state once the changes rest.
"use strict";

(() => {
  const brush = () => document.querySelector("[data-brush]:checked")?.value || "";

  // The cell's colour is its segment's.
  const colour = (select) => {
    const cell = select.closest("td");
    for (const each of [...cell.classList]) if (each.startsWith("segment--")) cell.classList.remove(each);
    cell.classList.add(`segment--${select.selectedOptions[0].dataset.health}`);
    name(select);
  };

  // Its name is written over the list, where it has more than the one line that a list gives it.
  const name = (select) => {
    const cell = select.closest("td");
    let written = cell.querySelector(".score-grid__name");
    if (!written) {
      written = document.createElement("span");
      written.className = "score-grid__name";
      written.ariaHidden = "true";
      cell.append(written);
    }
    written.textContent = select.selectedOptions[0].textContent;
  };

  const nameAll = () => document.querySelectorAll("select[data-cell]").forEach(name);

  const paint = (select) => {
    if (select.value === brush()) return;
    select.value = brush();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const cellOf = (event) => event.target.closest("select[data-cell]");

  const changed = () => document.body.dispatchEvent(new Event("draft-changed"));

  // Taking up a brush changes nothing of the draft; another shape changes it once its grid has come.
  document.addEventListener("change", (event) => {
    const select = cellOf(event);
    if (select) colour(select);
    if (event.target.closest("#scheme-form") && !event.target.matches("[data-brush], [data-shape]")) changed();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "scheme-grid") return;
    nameAll();
    changed();
  });
  nameAll();

  // With a brush in hand a press paints instead of opening the list; so do Space and Enter. Held down, the brush
  // paints every cell it is drawn over.
  document.addEventListener("mousedown", (event) => {
    const select = cellOf(event);
    if (!select || !brush() || event.button !== 0) return;
    event.preventDefault();
    select.focus();
    paint(select);
  });
  document.addEventListener("mouseover", (event) => {
    const select = event.buttons === 1 && brush() ? event.target.closest("td")?.querySelector("select[data-cell]") : null;
    if (select) paint(select);
  });
  document.addEventListener("keydown", (event) => {
    const select = cellOf(event);
    if (!select || !brush() || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    paint(select);
  });
})();
