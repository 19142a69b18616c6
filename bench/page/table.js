  // ---- the table: its lines are moved, and its columns shown and hidden

  const main = byId("main");
  const heads = [...main.tHead.rows[0].cells];
  const lines = [...main.tBodies[0].rows].filter((line) => !line.classList.contains("head"));
  rows.forEach((row, place) => Object.assign(row, { place, line: lines[place], failed: row.cells.length === 0 }));

  const lastCell = (row, fromEnd) => row.line.cells[row.line.cells.length - fromEnd];
  const parametersOf = (row) => lastCell(row, 1).textContent;
  const chosenPlace = () =>
    columns.findIndex((each) => each.metric === state.metric && each.view === state.view && (!("k" in each) || each.k === state.k));
  const chosenTest = () => (chosenPlace() < 0 ? { reference: null, onPar: [], text: "" } : tests[columns[chosenPlace()].id]);

  function isShown(column) {
    if (!state.shown.has(column.group) || ("view" in column && column.view !== state.view)) return false;
    return !("k" in column) || column.k === state.k;
  }

  function numberOf(row, place) {
    const cell = row.cells[place];
    return (Array.isArray(cell) ? cell[0] : cell) ?? null;
  }

  function foundRows() {
    const wanted = state.filter.trim().toLowerCase();
    const { reference, onPar } = chosenTest();
    return rows
      .filter((row) => `${row.label} ${parametersOf(row)}`.toLowerCase().includes(wanted))
      .filter((row) => !state.onPar || reference === null || row.place === reference || onPar.includes(row.place));
  }

  function inOrder(found) {
    const { key, descending } = state.sort || { key: null, descending: true };
    const place = key === null ? chosenPlace() : columns.findIndex((column) => column.id === key);
    const value = (row) => (key === "label" ? row.label : numberOf(row, place));
    const compare = (one, other) => (key === "label" ? one.localeCompare(other) : one - other);
    const sorted = [...found].sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === null || b === null) return (a === null) - (b === null) || one.place - other.place;
      return (descending ? -1 : 1) * compare(a, b) || one.place - other.place;
    });
    return state.sort ? sorted : asNeighbours(sorted);
  }

  // The settings of one recommender are together, where the first of them is, as long as no column sorts the rows.
  function asNeighbours(sorted) {
    const first = new Map();
    const places = sorted.map(({ setting }, place) => {
      if (!setting) return place;
      if (!first.has(setting.head)) first.set(setting.head, place);
      return first.get(setting.head);
    });
    return sorted.map((row, place) => [places[place], row]).sort(([one], [other]) => one - other).map(([, row]) => row);
  }

  function withHeads(found, width) {
    let above = null;
    return found.flatMap((row) => {
      const head = !state.sort && row.setting ? row.setting.head : null;
      const isNew = head !== null && head !== above;
      above = head;
      row.line.cells[0].firstElementChild.textContent = head === null ? row.label : row.setting.label;
      row.line.classList.toggle("setting", head !== null);
      if (!isNew) return [row.line];
      const cell = element("th", { textContent: head, colSpan: width, scope: "col" });
      return [element("tr", { className: "head" }, cell), row.line];
    });
  }

  function markLines() {
    const { reference, onPar, text } = chosenTest();
    rows.forEach((row) => {
      const label = row.line.cells[0];
      row.line.classList.toggle("best", row.place === reference);
      if (!label.querySelector(".mark")) label.firstElementChild.after(" ", element("b", { className: "mark", textContent: "†" }));
      label.querySelector(".mark").hidden = !onPar.includes(row.place);
    });
    byId("marks").textContent = text;
  }

  function bar(column, [mean, half]) {
    const room = column.high - column.low || 1;
    const drawn = element("span", { className: "bar" });
    drawn.setAttribute("aria-hidden", "true");
    if (half !== null) {
      const interval = element("i");
      interval.style.left = `${(100 * (mean - half - column.low)) / room}%`;
      interval.style.width = `${(100 * 2 * half) / room}%`;
      drawn.append(interval);
    }
    const tick = element("s");
    tick.style.left = `${(100 * (mean - column.low)) / room}%`;
    drawn.append(tick);
    return drawn;
  }

  function showColumns() {
    const width = columns.filter(isShown).length;
    columns.forEach((column, place) => {
      const hidden = !isShown(column);
      heads[place + 1].hidden = hidden;
      rows.filter((row) => !row.failed).forEach((row) => {
        const cell = row.line.cells[place + 1];
        cell.hidden = hidden;
        if (hidden || !("view" in column) || !row.cells[place] || cell.querySelector(".bar")) return;
        cell.append(bar(column, row.cells[place]));
      });
    });
    rows.filter((row) => row.failed).forEach((row) => (row.line.cells[1].colSpan = Math.max(1, width)));
    extra.forEach((group, number) => {
      const hidden = !state.shown.has(group);
      [heads, ...rows.map((row) => [...row.line.cells])].forEach((cells) => (cells[cells.length - extra.length + number].hidden = hidden));
    });
    return 1 + width + extra.filter((group) => state.shown.has(group)).length;
  }

  function showTable() {
    const found = inOrder(foundRows());
    const width = showColumns();
    markLines();
    main.tBodies[0].replaceChildren(...withHeads(found, width));
    const sorting = state.sort ? (state.sort.key === "label" ? 0 : columns.findIndex(({ id }) => id === state.sort.key) + 1) : chosenPlace() + 1;
    heads.forEach((head, place) => {
      const sorts = place === sorting && (state.sort || place > 0);
      sorts ? head.setAttribute("aria-sort", !state.sort || state.sort.descending ? "descending" : "ascending") : head.removeAttribute("aria-sort");
    });
    byId("shown").textContent = found.length === rows.length ? `${rows.length} rows` : `${found.length} of ${rows.length} rows`;
    return found;
  }

  function addHeads() {
    const keys = ["label", ...columns.map((column) => column.id)];
    keys.forEach((key, place) => {
      const column = columns[place - 1];
      const button = element("button", { type: "button" }, ...heads[place].childNodes);
      button.addEventListener("click", () => {
        const again = state.sort && state.sort.key === key;
        state.sort = { key, descending: again ? !state.sort.descending : Boolean(column && "view" in column) };
        writeAddress();
        showAll();
      });
      heads[place].append(button);
    });
  }

