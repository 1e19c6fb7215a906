// Pages left open: says "look" every half minute, upon which parts of the page ask whether there is anything
// newer. A page that nobody sees doesn't ask; once it is seen again it asks at once.
"use strict";

(() => {
  const EVERY = 30000;
  let asked = Date.now();

  const look = () => {
    if (document.hidden) return;
    asked = Date.now();
    document.body.dispatchEvent(new CustomEvent("look"));
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", () => Date.now() - asked >= EVERY && look());

  // Newer figures take the place of the old ones under the person's eyes. The browser would keep the old
  // ones in sight while both are there, and the focus would go with the button that was pressed.
  const showsNewer = (event) => event.detail.requestConfig?.elt?.closest?.(".newer__bar");
  let place = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (showsNewer(event)) place = scrollY;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!showsNewer(event)) return;
    document.getElementById("main").focus({ preventScroll: true });
    scrollTo({ top: place, behavior: "instant" });
  });
})();
