"use strict";
// Chooses, sorts and shows the data in the page; every value and its text were computed before.
// Texts come from other people: the script sets them as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data-json").textContent);
  const { columns, rows, ks, metric: ownMetric, view: ownView, k: ownK } = data.table;
  const byId = (id) => document.getElementById(id);
  const state = { view: ownView, k: ownK, filter: "", onPar: false, sort: null, hidden: new Set() };
  const charts = {};

{% include "element.js" %}
  // ---- the table

  const groups = [...new Set(columns.map((column) => column.group))];
  columns.forEach((column) => column.shown || state.hidden.add(column.group));
  ["seeds", "parameters"].forEach((group) => state.hidden.add(group));

  function shownColumns() {
    return columns
      .map((column, place) => ({ ...column, place }))
      .filter((column) => !state.hidden.has(column.group))
      .filter((column) => !("view" in column) || column.view === state.view)
      .filter((column) => !("k" in column) || column.k === state.k);
  }

  function shownRows() {
    const wanted = state.filter.trim().toLowerCase();
    const found = rows
      .map((row, place) => ({ ...row, place }))
      .filter((row) => `${row.label} ${row.about}`.toLowerCase().includes(wanted))
      .filter((row) => !state.onPar || row.place === referencePlace || row.marks.includes("on par"));
    if (!state.sort) return found;
    const { key, descending } = state.sort;
    const column = columns.findIndex((each) => each.id === key);
    const value = (row) => (key === "label" ? row.label : row.cells[column] ? row.cells[column][0] : null);
    const compare = (one, other) => (key === "label" ? one.localeCompare(other) : one - other);
    return found.sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
      return (descending ? -1 : 1) * compare(a, b) || one.place - other.place;
    });
  }

  const referencePlace = rows.findIndex((row) => !row.failure && row.reference);

  function header(key, name, unit, startsDescending) {
    const sorted = state.sort && state.sort.key === key;
    const button = element("button", { type: "button" }, element("span", { textContent: name }));
    if (unit) button.append(element("small", { textContent: unit }));
    button.addEventListener("click", () => {
      state.sort = { key, descending: sorted ? !state.sort.descending : startsDescending };
      showTable();
      byId("main").querySelector(`th[data-key="${CSS.escape(key)}"] button`).focus();
    });
    const cell = element("th", { scope: "col" }, button);
    cell.dataset.key = key;
    if (sorted) cell.setAttribute("aria-sort", state.sort.descending ? "descending" : "ascending");
    return cell;
  }

  function bar(column, cell) {
    const [mean, , , half] = cell;
    const room = column.high - column.low || 1;
    const at = (value) => `${(100 * (value - column.low)) / room}%`;
    const drawn = element("span", { className: "bar" });
    drawn.setAttribute("aria-hidden", "true");
    if (half !== null) {
      const interval = element("i");
      interval.style.left = at(mean - half);
      interval.style.width = `${(100 * 2 * half) / room}%`;
      drawn.append(interval);
    }
    const tick = element("s");
    tick.style.left = at(mean);
    drawn.append(tick);
    return drawn;
  }

  function figure(column, cell, isSuspicious) {
    if (!cell) return element("td", { textContent: "-" });
    const [, text, spread] = cell;
    const made = element("td", {}, element(text === column.best && !isSuspicious ? "b" : "span", { textContent: text }));
    if (spread) made.append(" ", element("span", { className: "spread", textContent: spread }));
    if (!("view" in column)) return made;
    made.append(bar(column, cell));
    return made;
  }

  function name(row, isSetting) {
    const made = element("th", { scope: "row", textContent: isSetting ? row.setting.label : row.label });
    if (row.marks.includes("on par")) {
      const mark = element("span", { className: "mark", textContent: " †", title: "not distinguishable" });
      made.append(mark);
    }
    for (const word of row.marks.filter((mark) => mark !== "on par")) {
      made.append(element("span", { className: "tag", textContent: ` (${word})` }));
    }
    return made;
  }

  function line(row, shown, isSetting) {
    const classes = [...(row.reference ? ["best"] : []), ...(isSetting ? ["setting"] : [])];
    const made = element("tr", { className: classes.join(" ") }, name(row, isSetting));
    if (row.failure !== null) {
      made.append(element("td", { className: "fail", colSpan: Math.max(1, shown.length), textContent: `failed: ${row.failure}` }));
    } else {
      shown.forEach((column) => made.append(figure(column, row.cells[column.place], row.marks.includes("suspicious"))));
    }
    if (!state.hidden.has("seeds")) made.append(element("td", { textContent: row.seeds || "-" }));
    if (!state.hidden.has("parameters")) made.append(element("td", { className: "about", textContent: row.about || "none" }));
    return made;
  }

  function headLine(text) {
    const colSpan = byId("main").tHead.rows[0].cells.length;
    return element("tr", { className: "head" }, element("th", { textContent: text, colSpan }));
  }

  // The settings of one recommender are below a head, as long as no column sorts the rows.
  function lines(found, shown) {
    let above = null;
    return found.flatMap((row) => {
      const head = !state.sort && row.setting ? row.setting.head : null;
      const made = line(row, shown, head !== null);
      const isNew = head !== null && head !== above;
      above = head;
      return isNew ? [headLine(head), made] : [made];
    });
  }

  function showTable() {
    const shown = shownColumns();
    const found = shownRows();
    const head = element("tr", {}, header("label", "recommender", "", false));
    shown.forEach((column) => head.append(header(column.id, column.name, column.unit, "view" in column)));
    if (!state.hidden.has("seeds")) head.append(element("th", { scope: "col", textContent: "seeds" }));
    if (!state.hidden.has("parameters")) head.append(element("th", { scope: "col", className: "about", textContent: "parameters" }));
    byId("main").tHead.replaceChildren(head);
    byId("main").tBodies[0].replaceChildren(...lines(found, shown));
    byId("shown").textContent = found.length === rows.length ? `${rows.length} rows` : `${found.length} of ${rows.length} rows`;
  }

  // ---- what is chosen

  function choice(type, group, value, checked, text, onChange) {
    const input = element("input", { type, name: group, value, checked });
    input.addEventListener("change", () => onChange(input));
    return type === "radio" ? element("label", {}, input, element("span", { textContent: text })) : element("label", {}, input, ` ${text}`);
  }

  function addChoices() {
    const views = [...new Set(columns.filter((column) => "view" in column).map((column) => column.view))];
    views.forEach((view) =>
      byId("view-choice").append(
        choice("radio", "view", view, view === state.view, view, (input) => {
          state.view = input.value;
          showChosen();
        }),
      ),
    );
    ks.forEach((k) => byId("k-choice").append(element("option", { value: k, textContent: k, selected: k === state.k })));
    byId("k-choice").addEventListener("change", (event) => {
      state.k = Number(event.target.value);
      showChosen();
    });
    byId("filter").addEventListener("input", (event) => {
      state.filter = event.target.value;
      showAll();
    });
    const onPar = byId("on-par");
    if (onPar) onPar.addEventListener("change", () => ((state.onPar = onPar.checked), showAll()));
    [...groups, "seeds", "parameters"].forEach((group) =>
      byId("column-choice").append(
        choice("checkbox", "column", group, !state.hidden.has(group), group, (input) => {
          input.checked ? state.hidden.delete(group) : state.hidden.add(group);
          showTable();
        }),
      ),
    );
    byId("controls").addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", (event) => byId("columns").contains(event.target) || (byId("columns").open = false));
    byId("columns").addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      byId("columns").open = false;
      byId("columns").querySelector("summary").focus();
    });
  }

  function showChosen() {
    // The column that sorted the rows now has another view or cut-off.
    const sorted = state.sort && columns.find((column) => column.id === state.sort.key);
    if (sorted && ("view" in sorted || "k" in sorted)) {
      const same = shownColumns().find((column) => column.group === sorted.group);
      state.sort = same ? { ...state.sort, key: same.id } : null;
    }
    showAll();
  }

  function showAll() {
    showTable();
    showPareto();
  }

  // ---- charts

{% include "drawing.js" %}
  function replace(chart, values) {
    return chart.change("rows", chart.changeset().remove(() => true).insert(values));
  }

  function showPareto() {
    const chart = charts.pareto;
    const place = columns.findIndex(
      (column) => column.group === ownMetric && column.view === state.view && (!("k" in column) || column.k === state.k),
    );
    if (!chart || place < 0) return;
    const column = columns[place];
    const values = shownRows()
      .map((row) => ({ row, cell: row.cells[place] }))
      .filter(({ row, cell }) => cell && row.fit > 0)
      .map(({ row, cell: [mean, text, spread, half] }) => ({
        label: row.timing ? `${row.label} (${row.timing})` : row.label,
        fit: row.fit,
        mean,
        low: half === null ? null : mean - half,
        high: half === null ? null : mean + half,
        front: column.front.includes(row.place),
        tip: [[column.id, `${text} ${spread}`], ["fit", `${row.fitText} s`], ["parameters", row.about]],
      }));
    byId("chart-pareto").style.visibility = values.length ? "visible" : "hidden";
    if (!values.length) return;
    byId("chart-pareto").setAttribute(
      "aria-label",
      `${column.id} against fit seconds, with 95 % intervals, of ${values.length} rows; the numbers are in the table above.`,
    );
    chart.signal("figure", column.id);
    replace(chart, values).runAsync();
  }

  function showDifferences(reference, metric) {
    const values = data.differences[reference];
    replace(charts.forest, values).runAsync();
    byId("chart-forest").setAttribute("aria-label", `${metric} of each row minus that of ${reference}; the numbers are below.`);
    const table = byId("chart-forest").closest("figure").querySelector(".numbers table");
    table.tHead.rows[0].cells[1].textContent = `minus ${reference}`;
    table.tBodies[0].replaceChildren(
      ...values.map(({ label, tip: figures }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row", textContent: label }),
          ...figures.map(([, text]) => element("td", { textContent: text })),
        ),
      ),
    );
  }

  function addBaselines() {
    const select = byId("baseline");
    const labels = Object.keys(data.differences);
    if (!select || labels.length < 2) return;
    const chosen = select.value;
    select.replaceChildren(...labels.map((label) => element("option", { value: label, textContent: label, selected: label === chosen })));
    select.addEventListener("change", () => showDifferences(select.value, select.dataset.metric));
  }

  window.addEventListener("beforeprint", () =>
    document.querySelectorAll("details:not(.menu, .numbers)").forEach((each) => (each.open = true)),
  );

  addChoices();
  addBaselines();
  showTable();
  draw();
})();
