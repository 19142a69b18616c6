  // ---- the form above the table

  function choice(type, group, value, text, onChange) {
    const input = element("input", { type, name: group, value });
    input.addEventListener("change", () => onChange(input));
    return type === "radio" ? element("label", {}, input, element("span", { textContent: text })) : element("label", {}, input, ` ${text}`);
  }

  function chosen(change) {
    change();
    showChoices();
    writeAddress();
    showAll();
  }

  // Another view, metric or cut-off sorts the rows by itself.
  function chosenFigure(change) {
    chosen(() => {
      change();
      state.sort = null;
    });
  }

  function options(values) {
    return values.map((value) => element("option", { value, textContent: value }));
  }

  function showChoices() {
    byId("view-choice").querySelectorAll("input").forEach((input) => (input.checked = input.value === state.view));
    byId("metric-choice").replaceChildren(...options(metricsOf(state.view)));
    byId("metric-choice").value = state.metric;
    byId("k-choice").value = state.k;
    if (byId("filter").value !== state.filter) byId("filter").value = state.filter;
    byId("on-par").checked = state.onPar;
    byId("on-par").disabled = chosenTest().reference === null;
    byId("column-choice").querySelectorAll("input").forEach((input) => (input.checked = state.shown.has(input.value)));
  }

  function addMenu(menu) {
    document.addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  function addChoices() {
    byId("view-choice").append(
      ...views.map((view) => choice("radio", "view", view, view, () => chosenFigure(() => chooseView(view)))),
    );
    byId("metric-choice").addEventListener("change", (event) => chosenFigure(() => (state.metric = event.target.value)));
    byId("k-choice").append(...options(data.table.ks));
    byId("k-choice").addEventListener("change", (event) => chosenFigure(() => (state.k = Number(event.target.value))));
    byId("filter").addEventListener("input", (event) => chosen(() => (state.filter = event.target.value)));
    byId("on-par").addEventListener("change", (event) => chosen(() => (state.onPar = event.target.checked)));
    byId("column-choice").append(
      ...groups.map((group) =>
        choice("checkbox", "column", group, group, (input) => chosen(() => state.shown[input.checked ? "add" : "delete"](group))),
      ),
    );
    byId("controls").addEventListener("submit", (event) => event.preventDefault());
    document.querySelectorAll(".menu").forEach(addMenu);
    window.addEventListener("hashchange", () => {
      if (!window.location.hash.includes("=")) return;
      readAddress();
      showChoices();
      showAll();
    });
    showChoices();
    byId("controls").hidden = false;
  }

