  // ---- taking the table along, as it is shown

  function textOf(cell) {
    const small = cell.querySelector("small");
    const figure = cell.firstChild;
    return { text: figure.textContent.trim(), spread: small ? small.textContent : "", isBest: figure.nodeName === "B" };
  }

  function grid() {
    const visible = (cells) => [...cells].filter((cell) => !cell.hidden);
    const shown = visible(heads).map((head) => head.textContent.trim().replace(/\s+/g, " "));
    const found = inOrder(foundRows()).map(({ line, label }) => {
      const [head, ...cells] = visible(line.cells);
      const words = [...head.querySelectorAll(".mark:not([hidden]), .tag")].map((each) => each.textContent);
      const figures = cells.flatMap((cell) => [textOf(cell), ...Array(cell.colSpan - 1).fill({ text: "", spread: "", isBest: false })]);
      return [{ text: [label, ...words].join(" "), spread: "", isBest: false }, ...figures];
    });
    return [shown, found];
  }

  const said = () => [document.querySelector("h1").textContent, chosenTest().text, `Task ${data.task}.`].filter(Boolean);

  function markdown() {
    const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/[\\`*_[\]|~#$]/g, "\\$&");
    const figure = ({ text, spread, isBest }) => [isBest ? `**${escaped(text)}**` : escaped(text), escaped(spread)].filter(Boolean).join(" ");
    const [shown, found] = grid();
    const rule = shown.map((_, place) => (place ? "---:" : ":---"));
    const written = [shown.map(escaped), rule, ...found.map((cells) => cells.map(figure))];
    return [...written.map((cells) => `| ${cells.join(" | ")} |`), "", ...said().map(escaped), ""].join("\n");
  }

  const signs = {
    "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}", ">": "\\textgreater{}",
    "|": "\\textbar{}", "±": "$\\pm$", "†": "\\dag{}", "µ": "$\\mu$", "[": "{[}", "]": "{]}", "*": "{*}",
  };

  function latex() {
    const escaped = (text) => text.replace(/[{}$&#_%]/g, "\0$&").replace(/[\\~^<>|±†µ[\]*]/g, (sign) => signs[sign]).replace(/\0/g, "\\");
    const figure = ({ text, spread, isBest }) => [isBest ? `\\textbf{${escaped(text)}}` : escaped(text), escaped(spread)].filter(Boolean).join(" ");
    const [shown, found] = grid();
    const line = (cells) => `${cells.join(" & ")} \\\\`;
    return [
      "% Takes \\usepackage{booktabs}.",
      ...said().map((text) => `% ${text}`),
      `\\begin{tabular}{@{}l${"r".repeat(shown.length - 1)}@{}}`,
      "\\toprule",
      line(shown.map(escaped)),
      "\\midrule",
      ...found.map((cells) => line(cells.map(figure))),
      "\\bottomrule",
      "\\end{tabular}",
      "",
    ].join("\n");
  }

  // All columns of the rows that are shown. A spreadsheet takes texts that begin so for formulas.
  function csv() {
    const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
    const safe = (text) => quoted(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
    const ends = (column) => ("view" in column ? [column.key, `${column.key}_low`, `${column.key}_high`] : [column.key]);
    const five = (value) => Number(value.toPrecision(5));
    const figures = (row, column, place) => {
      const cell = row.cells[place] ?? null;
      if (cell === null) return ends(column).map(() => "");
      if (!Array.isArray(cell)) return [cell];
      const [mean, half] = cell;
      return half === null ? [mean, "", ""] : [mean, five(mean - half), five(mean + half)];
    };
    const names = ["recommender", ...columns.flatMap(ends), "seeds", "parameters", "failure"];
    const written = inOrder(foundRows()).map((row) => [
      safe(row.label),
      ...columns.flatMap((column, place) => figures(row, column, place)),
      safe(lastCell(row, 2).textContent),
      safe(parametersOf(row)),
      safe(row.failed ? row.line.cells[1].textContent : ""),
    ]);
    return [names, ...written].map((cells) => `${cells.join(",")}\r\n`).join("");
  }

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const held = element("textarea", { value: text });
      document.body.append(held);
      held.select();
      document.execCommand("copy");
      held.remove();
    }
    byId("shown").textContent = `Copied ${what}`;
  }

  function download(text, name) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function addExports() {
    byId("download-csv").addEventListener("click", () => download(csv(), `${data.name}.csv`));
    byId("copy-markdown").addEventListener("click", () => copy(markdown(), "the table as Markdown"));
    byId("copy-latex").addEventListener("click", () => copy(latex(), "the table as LaTeX"));
    byId("copy-link").addEventListener("click", () => {
      writeAddress();
      copy(window.location.href, "the address of what is shown");
    });
    document.querySelectorAll("pre").forEach((commands) => {
      const button = element("button", { type: "button", className: "plain", textContent: "Copy" });
      button.addEventListener("click", () => copy(commands.textContent, "the commands"));
      commands.after(button);
    });
  }

