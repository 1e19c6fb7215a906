// Runs before the page is drawn, so that the remembered theme never flashes in after the other one.
"use strict";

(() => {
  const root = document.documentElement;
  const remembered = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be closed to the page
    }
  };
  const apply = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
  };

  window.regulars = {
    theme: () => root.dataset.theme || "auto",
    chooseTheme(choice) {
      apply(choice);
      try {
        if (choice === "auto") localStorage.removeItem("theme");
        else localStorage.setItem("theme", choice);
      } catch {
        // The choice then lasts for this page only.
      }
      document.dispatchEvent(new CustomEvent("regulars:theme"));
    },
  };

  apply(remembered());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
    document.dispatchEvent(new CustomEvent("regulars:theme")),
  );
})();
