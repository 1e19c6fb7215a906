// What every page does: rows that open, menus, the theme switch, the search key, forms, dialogs, toasts.
"use strict";

(() => {
  const INTERACTIVE = "a, button, input, select, textarea, label, summary, [contenteditable]";

  // Rows that open: a plain press anywhere in the row follows the row's own link, and a modified one opens
  // a new tab; marking text opens nothing.
  const openRow = (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.defaultPrevented || event.target.closest(INTERACTIVE)) return;
    if (String(getSelection())) return;
    if (event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey) {
      window.open(row.dataset.href, "_blank", "noopener");
    } else if (event.button === 0) {
      location.assign(row.dataset.href);
    }
  };
  document.addEventListener("click", openRow);
  document.addEventListener("auxclick", (event) => event.button === 1 && openRow(event));

  // Menus close when something else is pressed or focused, and on Escape.
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");
  const closeOthers = (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener("click", closeOthers);
  document.addEventListener("focusin", closeOthers);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // "/" goes to the search from anywhere but a field.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // On a phone the tabs are wider than the window: the one that is open is brought into sight.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const tabs = tab.closest(".tabs");
    tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
  }

  // A form that came back with errors: the first field to put right is the one that is typed into.
  const wrong = document.querySelector("main form:not([data-sample]) [aria-invalid=true]:not([type=hidden])");
  wrong?.focus({ preventScroll: true });
  wrong?.scrollIntoView({ block: "center" }); // clear of the bars, with its sentence

  const showTheme = () => {
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === window.regulars.theme()));
    }
  };
  document.addEventListener("regulars:theme", showTheme);
  showTheme();

  // Toasts: what went well leaves by itself; what went wrong stays until it is dismissed.
  const STAY = 8000;
  const letLeave = (toast) => {
    if (toast.matches(".toast--error, .toast--warning")) return;
    setTimeout(() => (toast.matches(":hover, :focus-within") ? letLeave(toast) : toast.remove()), STAY);
  };
  const toast = (text, level = "info") => {
    const piece = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    piece.classList.add(`toast--${level}`);
    piece.querySelector(".toast__text").textContent = text;
    document.getElementById("toasts").append(piece);
    letLeave(piece);
  };
  window.regulars.toast = toast;
  document.querySelectorAll("[data-toast]").forEach(letLeave);

  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-choice]");
    if (theme) window.regulars.chooseTheme(theme.dataset.themeChoice);
    event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close(); // the veil beside it
  });

  // The sheet: a dialog whose inside is fetched opens once it is there, and closes when its form is sent.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.matches("dialog[data-fetched]:not([open])")) event.detail.target.showModal();
  });
  document.addEventListener("submit", (event) => event.target.closest("dialog[data-fetched]")?.close());

  // A whole page where a part was asked for means that the person was signed out meanwhile: load the page
  // again, which leads to the sign-in and back. At most once in ten seconds, so that it can't go round.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { boosted, serverResponse, requestConfig } = event.detail;
    if (boosted || requestConfig?.boosted || !/^\s*<!doctype/i.test(serverResponse)) return;
    event.detail.shouldSwap = false;
    const last = Number(sessionStorage.getItem("reloaded") ?? 0);
    if (Date.now() - last < 10000) return;
    sessionStorage.setItem("reloaded", String(Date.now()));
    location.reload();
  });

  // A part answered by htmx may bring a message: HX-Trigger: {"message": {"text": ..., "level": ...}}
  document.addEventListener("message", (event) => {
    if (event.detail?.text) toast(event.detail.text, event.detail.level);
  });
  document.addEventListener("htmx:sendError", () =>
    toast("Regulars can't be reached. Check that it is running, then try again.", "error"),
  );
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 403) toast("Your role doesn't allow this, or you were signed out. Load the page again.", "error");
    else toast("That didn't work: the server answered with an error. Try again in a moment.", "error");
  });
})();
