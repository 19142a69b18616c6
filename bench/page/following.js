  // ---- charts that follow what is chosen

  function replace(chart, values) {
    return chart.change("rows", chart.changeset().remove(() => true).insert(values));
  }

  function showPareto() {
    const chart = charts.pareto;
    const place = chosenPlace();
    if (!chart || place < 0) return;
    const column = columns[place];
    const fit = columns.findIndex((each) => each.id === "fit_s");
    const values = foundRows()
      .filter((row) => row.cells[place] && numberOf(row, fit) > 0)
      .map((row) => {
        const [mean, half] = row.cells[place];
        const [own, time] = [place, fit].map((at) => textOf(row.line.cells[at + 1]));
        return {
          label: row.timing ? `${row.label} (${row.timing})` : row.label,
          fit: numberOf(row, fit),
          mean,
          low: half === null ? null : mean - half,
          high: half === null ? null : mean + half,
          front: column.front.includes(row.place),
          tip: [[column.id, `${own.text} ${own.spread}`], ["fit", `${time.text} s`], ["parameters", parametersOf(row)]],
        };
      });
    byId("chart-pareto").style.visibility = values.length ? "visible" : "hidden";
    if (!values.length) return;
    byId("chart-pareto").setAttribute(
      "aria-label",
      `${column.id} against fit seconds, with 95 % intervals, of ${values.length} rows; the numbers are in the table.`,
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

