"use strict";
// Draws the charts; the table is in the page. Texts come from other people: the script sets them as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data-json").textContent);
  const byId = (id) => document.getElementById(id);
  const charts = {};

{% include "element.js" %}
{% include "drawing.js" %}
  draw();
})();
