// Charts: draws every [data-chart] from the JSON block beside it, in the page's own colours.
//
// plotly.js is fetched only where a page has a chart, and after the page's text. A colour written
// "var(--name)" is resolved when the chart is drawn and again when the theme switches. A mark whose
// customdata holds a path of the site opens it. Table, CSV and PNG stand beside each chart.
"use strict";

(() => {
  const CONFIG = { displayModeBar: false, doubleClick: false, scrollZoom: false, showTips: false };
  const NEAR = "400px"; // how far below the window a chart is already drawn
  const NARROW = 480; // px of width under which a figure's "narrow" settings are laid over it
  // Id of the style element that the map part of plotly.js adds unless it is there already; no map is drawn
  // here, and the policy forbids the element. tests/lib/test_staticfiles.py compares it with the package.
  const MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

  const drawn = new Map(); // figure element -> {plot, drawing, spec, resizing}
  const seen = new WeakSet();

  // --- plotly.js under a strict policy -------------------------------------------------------------------
  let loading;
  const plotly = () => (loading ??= load());

  const load = () =>
    new Promise((resolve, reject) => {
      const stand = document.createElement("meta");
      stand.id = MAP_STYLE;
      const script = document.createElement("script");
      script.src = document.querySelector('meta[name="plotly"]').content;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => {
        loading = undefined;
        script.remove();
        reject(new Error("plotly.js could not be loaded"));
      };
      styleByProperty();
      document.head.append(stand, script);
    });

  // The policy blocks style attributes but not the style property, and plotly.js sets attributes.
  const styleByProperty = () => {
    const setAttribute = Element.prototype.setAttribute;
    if (setAttribute.byProperty) return;
    const patched = function (name, value) {
      if (name === "style" && this.style) this.style.cssText = value;
      else setAttribute.call(this, name, value);
    };
    patched.byProperty = true;
    Element.prototype.setAttribute = patched;
  };

  // --- colours -------------------------------------------------------------------------------------------
  const PROPERTY = /^var\(--[\w-]+\)$/;

  const colourReader = () => {
    const probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    const known = new Map();
    const read = (value) => {
      if (!known.has(value)) {
        probe.style.color = value;
        known.set(value, getComputedStyle(probe).color);
      }
      return known.get(value);
    };
    read.done = () => probe.remove();
    return read;
  };

  const resolved = (value, read) => {
    if (typeof value === "string") return PROPERTY.test(value) ? read(value) : value;
    if (Array.isArray(value)) return value.map((item) => resolved(item, read));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, read)]));
    }
    return value;
  };

  const themed = (spec) => {
    const read = colourReader();
    const figure = resolved(spec, read);
    read.done();
    return figure;
  };

  // --- drawing -------------------------------------------------------------------------------------------
  const laidOver = (base, change) => {
    if (Array.isArray(base) || !base || typeof base !== "object" || typeof change !== "object") return change;
    const keys = Object.keys(change).map((key) => [key, laidOver(base[key], change[key])]);
    return { ...base, ...Object.fromEntries(keys) };
  };

  // The figure in the page's colours, at a width: what `narrow` says of a trace or the layout goes over it.
  const fitted = (spec, width, height) => {
    const { data, layout, narrow = {} } = themed(spec);
    const small = width < NARROW ? narrow : {};
    return {
      data: data.map((trace, place) => laidOver(trace, small.data?.[place] ?? {})),
      layout: { ...laidOver(layout, small.layout ?? {}), width, height },
    };
  };

  const place = ({ plot, drawing, spec }, draw) => {
    const { data, layout } = fitted(spec, plot.clientWidth, Number(plot.dataset.height));
    return draw(drawing, data, layout, CONFIG);
  };

  const specOf = (figure) => JSON.parse(document.getElementById(`${figure.dataset.chart}-figure`).textContent);

  const draw = async (figure) => {
    const plot = figure.querySelector(".chart__plot");
    const spec = specOf(figure);
    plot.style.height = `${plot.dataset.height}px`;
    let Plotly;
    try {
      Plotly = await plotly();
    } catch {
      return failed(figure);
    }
    if (!figure.isConnected || drawn.has(figure)) return undefined;
    const drawing = document.createElement("div");
    drawing.className = "chart__drawing";
    plot.append(drawing);
    const chart = { plot, drawing, spec, resizing: follow(figure, plot) };
    drawn.set(figure, chart);
    await place(chart, Plotly.newPlot);
    plot.querySelector(".chart__skeleton")?.remove();
    drawing.on("plotly_click", openMark);
    return undefined;
  };

  const failed = (figure) => {
    const note = document.createElement("p");
    note.className = "chart__failure";
    note.textContent = "The chart could not be drawn. Its figures are in the table.";
    figure.querySelector(".chart__skeleton")?.replaceWith(note);
    showTable(figure, true);
  };

  const follow = (figure, plot) => {
    let width = plot.clientWidth;
    const observer = new ResizeObserver(() => {
      if (!plot.clientWidth || plot.clientWidth === width) return; // hidden, or only its height changed
      width = plot.clientWidth;
      const chart = drawn.get(figure);
      if (chart?.drawing.layout) place(chart, window.Plotly.react);
    });
    observer.observe(plot);
    return observer;
  };

  const purge = (figure) => {
    const chart = drawn.get(figure);
    if (!chart) return;
    chart.resizing.disconnect();
    window.Plotly.purge(chart.drawing);
    drawn.delete(figure);
  };

  document.addEventListener("regulars:theme", () => {
    for (const chart of drawn.values()) place(chart, window.Plotly.react);
  });

  // --- opening what is behind a mark ---------------------------------------------------------------------
  const isPath = (value) => typeof value === "string" && /^\/(?!\/)/.test(value);

  const openMark = ({ points, event }) => {
    const path = [points[0]?.customdata].flat().find(isPath);
    if (!path) return;
    if (event?.ctrlKey || event?.metaKey || event?.shiftKey) window.open(path, "_blank", "noopener");
    else location.assign(path);
  };

  // --- table, CSV, PNG -----------------------------------------------------------------------------------
  const showTable = (figure, show) => {
    figure.querySelector(".chart__plot").hidden = show;
    figure.querySelector(".chart__table").hidden = !show;
    const button = figure.querySelector("[data-chart-table]");
    button.setAttribute("aria-pressed", String(show));
  };

  const download = (name, href) => {
    const link = document.createElement("a");
    link.href = href;
    link.download = name;
    link.click();
  };

  // A cell that a spreadsheet would take for a formula gets an apostrophe; figures are left as they are.
  const csvCell = (text) => {
    const figure = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
    const safe = !figure && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const csv = (table) =>
    [...table.rows]
      .map((row) => [...row.cells].map((cell) => csvCell(cell.dataset.value ?? cell.textContent.trim())).join(","))
      .join("\r\n");

  const saveCsv = (figure) => {
    const text = `\ufeff${csv(figure.querySelector("table"))}\r\n`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    download(`${figure.dataset.chart}.csv`, url);
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  const wrapped = (text, letters) =>
    text
      .split(" ")
      .reduce(
        (lines, word) => {
          const longer = `${lines.at(-1)} ${word}`.trim();
          return longer.length > letters ? [...lines, word] : [...lines.slice(0, -1), longer];
        },
        [""],
      )
      .map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));

  // The picture carries the words that stand around the chart on the page, so that it can travel alone.
  const savePng = async (figure) => {
    const Plotly = await plotly();
    const { data, layout } = themed(specOf(figure));
    const { surface, muted } = themed({ surface: "var(--panel)", muted: "var(--muted)" });
    const width = Math.max(figure.clientWidth, 720);
    const title = wrapped(figure.querySelector(".chart__title").textContent, width / 9);
    const subtitle = figure.querySelector(".chart__subtitle").textContent;
    const head = 24 * title.length + 36;
    const height = Number(figure.querySelector(".chart__plot").dataset.height) + head;
    const words = {
      text: title.join("<br>"),
      font: { size: 17 },
      subtitle: { text: subtitle, font: { size: 13, color: muted } },
      x: 0,
      xref: "container",
      xanchor: "left",
      pad: { l: 16, t: 14 },
      y: 1,
      yref: "container",
      yanchor: "top",
    };
    const margin = { ...layout.margin, t: (layout.margin?.t ?? 8) + head };
    const image = await Plotly.toImage(
      { data, layout: { ...layout, title: words, margin, paper_bgcolor: surface } },
      { format: "png", width, height, scale: 2 },
    );
    download(`${figure.dataset.chart}.png`, image);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-table], [data-chart-csv], [data-chart-png]");
    if (!button) return;
    const figure = button.closest("[data-chart]");
    if (button.matches("[data-chart-table]")) showTable(figure, button.getAttribute("aria-pressed") !== "true");
    else if (button.matches("[data-chart-csv]")) saveCsv(figure);
    else savePng(figure);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".chart__plot")) return;
    const figure = event.target.closest("[data-chart]");
    showTable(figure, true);
    figure.querySelector(".chart__table").focus();
  });

  // --- mounting ------------------------------------------------------------------------------------------
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: NEAR },
  );

  const mount = (within) => {
    const figures = [...within.querySelectorAll("[data-chart]")];
    if (within.matches?.("[data-chart]")) figures.push(within);
    for (const figure of figures) {
      if (seen.has(figure)) continue;
      seen.add(figure);
      near.observe(figure);
    }
  };

  addEventListener("load", () => mount(document)); // after the page's text and style
  document.addEventListener("htmx:load", (event) => document.readyState === "complete" && mount(event.detail.elt));
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.target.matches?.("[data-chart]")) purge(event.target);
  });
  addEventListener("beforeprint", () => {
    for (const figure of document.querySelectorAll("[data-chart]")) if (!drawn.has(figure)) draw(figure);
  });
})();
