// The drop zone of the imports page: a file is dropped or chosen and goes at once, and its way is shown.
// Without this script the same form sends the file by its button.
"use strict";

(() => {
  const zone = (event) => event.target.closest?.("[data-drop]");
  const piece = (form, name) => form.querySelector(`[data-drop-${name}]`);

  const megabytes = (bytes) => (bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`);

  // A file that is too large is refused before it is sent; the server refuses it too.
  const send = (form) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    const tooLarge = file.size > Number(form.dataset.limit);
    piece(form, "error").textContent = tooLarge ? form.dataset.tooLarge : "";
    if (tooLarge) form.elements.file.value = "";
    else form.requestSubmit();
  };

  document.addEventListener("change", (event) => {
    const form = zone(event);
    if (form && event.target.type === "file") send(form);
  });

  // A file dropped beside the zone would otherwise replace the page.
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    const form = zone(event);
    event.dataTransfer.dropEffect = form ? "copy" : "none";
    form?.setAttribute("data-over", "");
  });
  document.addEventListener("dragleave", (event) => {
    const form = zone(event);
    if (form && !form.contains(event.relatedTarget)) form.removeAttribute("data-over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    const form = zone(event);
    if (!form) return;
    form.removeAttribute("data-over");
    if (event.dataTransfer.files.length !== 1) {
      piece(form, "error").textContent = "Bring one file at a time.";
      return;
    }
    form.elements.file.files = event.dataTransfer.files;
    send(form);
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = zone(event);
    const { loaded, total, lengthComputable } = event.detail;
    if (!form || !lengthComputable || !total) return;
    const sending = piece(form, "sending");
    sending.hidden = false;
    sending.querySelector("progress").value = loaded / total;
    piece(form, "said").textContent =
      loaded < total ? `${megabytes(loaded)} of ${megabytes(total)} sent` : "Sent. Looking at the file …";
  });
  document.addEventListener("htmx:sendError", (event) => {
    const form = zone(event);
    if (form) piece(form, "sending").hidden = true;
  });
})();
