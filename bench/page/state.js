  // ---- what is chosen, which the address keeps: a link shows the same

  const extra = ["seeds", "parameters"];
  const groups = [...new Set(columns.map((column) => column.group)), ...extra];
  const usual = groups.filter((group) => !extra.includes(group) && columns.some((column) => column.group === group && column.shown));
  const state = {};

  function toUsual() {
    const { view, metric, k } = data.table;
    Object.assign(state, { view, metric, k, filter: "", onPar: false, sort: null, shown: new Set(usual) });
  }

  const views = [...new Set(columns.filter((column) => "metric" in column).map((column) => column.view))];
  const metricsOf = (view) => [
    ...new Set(columns.filter((column) => "metric" in column && column.view === view).map((column) => column.metric)),
  ];

  // A view may lack a metric.
  function chooseView(view) {
    state.view = view;
    if (!metricsOf(view).includes(state.metric)) state.metric = metricsOf(view)[0];
  }

  function readAddress() {
    toUsual();
    const said = new URLSearchParams(window.location.hash.slice(1));
    if (views.includes(said.get("view"))) chooseView(said.get("view"));
    if (metricsOf(state.view).includes(said.get("metric"))) state.metric = said.get("metric");
    if (data.table.ks.includes(Number(said.get("k")))) state.k = Number(said.get("k"));
    state.filter = said.get("filter") || "";
    state.onPar = said.has("marked");
    const [, down, key] = /^(-?)(.*)$/.exec(said.get("sort") || "");
    if (key === "label" || columns.some((column) => column.id === key)) state.sort = { key, descending: down === "-" };
    if (said.has("columns")) state.shown = new Set(said.get("columns").split(",").filter((group) => groups.includes(group)));
  }

  function writeAddress() {
    const said = new URLSearchParams({ view: state.view, metric: state.metric, k: state.k });
    if (state.filter) said.set("filter", state.filter);
    if (state.onPar) said.set("marked", "");
    if (state.sort) said.set("sort", `${state.sort.descending ? "-" : ""}${state.sort.key}`);
    const shown = groups.filter((group) => state.shown.has(group));
    if (`${shown}` !== `${usual}`) said.set("columns", shown.join(","));
    window.history.replaceState(null, "", `#${said}`);
  }
