// Customers ticked in a list, over all of its pages: kept for this tab, by the list's filters. Without this script
// the boxes of one page are sent by the same form.
"use strict";

(() => {
  const bar = () => document.querySelector("[data-bulk]");
  const boxes = () => [...document.querySelectorAll('input[name="customer"]')];
  const pieces = (name) => document.querySelectorAll(`[data-${name}]`);

  // The list without its order: sorting it anew keeps who is ticked.
  const key = () => {
    const query = new URLSearchParams(bar().dataset.bulk);
    query.delete("sort");
    return `selected ${location.pathname}?${query}`;
  };

  let picked = new Set();
  let everybody = false;
  let last = null; // the box ticked before, where a range begins

  const restore = () => {
    let kept = {};
    try {
      kept = JSON.parse(sessionStorage.getItem(key())) ?? {};
    } catch {
      // what can't be read is nothing
    }
    picked = new Set(kept.picked);
    everybody = Boolean(kept.everybody);
  };

  const words = () => {
    const total = Number(bar().dataset.total);
    if (everybody) return total ? `All ${total.toLocaleString("en-GB")} selected` : "Everybody who fits is selected";
    return `${picked.size.toLocaleString("en-GB")} selected`;
  };

  const show = () => {
    const form = bar();
    const here = boxes();
    for (const box of here) box.checked = everybody || picked.has(box.value);
    const ticked = here.filter((box) => box.checked).length;
    for (const box of pieces("pick-page")) {
      box.hidden = false;
      box.checked = ticked > 0 && ticked === here.length;
      box.indeterminate = ticked > 0 && ticked < here.length;
    }
    form.elements.picked.value = everybody ? "" : [...picked].join(",");
    form.elements.everybody.value = everybody ? "1" : "";
    form.toggleAttribute("data-open", everybody || picked.size > 0);
    form.querySelector("[data-bulk-count]").textContent = words();
    form.querySelector("[data-bulk-page]").hidden = ticked === here.length;
    form.querySelector("[data-bulk-everybody]").hidden = everybody || !document.querySelector(".pagination");
    form.querySelector("[data-bulk-clear]").hidden = false;
  };

  const keep = () => {
    try {
      sessionStorage.setItem(key(), JSON.stringify({ picked: [...picked], everybody }));
    } catch {
      // Storage is full or closed to the page: the choice then lasts for this page only.
    }
    show();
  };

  const tick = (some, on) => {
    // One of everybody taken out: those left of this page stay.
    if (everybody) picked = new Set(boxes().map((box) => box.value));
    everybody = false;
    for (const box of some) on ? picked.add(box.value) : picked.delete(box.value);
    keep();
  };

  document.addEventListener("click", (event) => {
    if (!bar()) return;
    if (event.target.matches('input[name="customer"]')) {
      const here = boxes();
      const [from, to] = [here.indexOf(event.shiftKey ? last : event.target), here.indexOf(event.target)];
      last = event.target;
      const start = from < 0 ? to : Math.min(from, to);
      tick(here.slice(start, Math.max(from, to) + 1), event.target.checked);
    } else if (event.target.matches("[data-pick-page]")) {
      tick(boxes(), event.target.checked);
    } else if (event.target.closest("[data-bulk-page]")) {
      tick(boxes(), true);
    } else if (event.target.closest("[data-bulk-everybody]")) {
      everybody = true;
      keep();
    } else if (event.target.closest("[data-bulk-clear]")) {
      picked.clear();
      everybody = false;
      keep();
      boxes()[0]?.focus({ preventScroll: true });
    }
  });

  // Also when newer figures took the table's place.
  const begin = () => {
    if (!bar()) return;
    restore();
    show();
  };
  document.addEventListener("htmx:afterSettle", (event) => event.detail.target.id !== "sheet" && begin());
  addEventListener("pageshow", begin);
  begin();
})();
