"use strict";
// Sorts, chooses and marks what is in the page; every value and its text were computed before.
// Texts come from other people: the script sets them as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data-json").textContent);
  const { columns, rows, tests } = data.table;
  const byId = (id) => document.getElementById(id);
  const charts = {};

{% include "element.js" %}
{% include "state.js" %}
{% include "table.js" %}
{% include "choices.js" %}
{% include "export.js" %}
{% include "drawing.js" %}
{% include "following.js" %}
  function showAll() {
    showTable();
    showPareto();
  }

  window.addEventListener("beforeprint", () =>
    document.querySelectorAll("details:not(.menu, .numbers)").forEach((each) => (each.open = true)),
  );

  readAddress();
  addHeads();
  addChoices();
  addExports();
  addBaselines();
  showTable();
  draw().then(() => window.location.hash.includes("=") && showPareto());
})();
