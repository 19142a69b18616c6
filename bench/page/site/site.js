"use strict";
// Searches the index that is in the page, and draws its charts. Texts come from other people: the script sets them as
// text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data-json").textContent);
  const byId = (id) => document.getElementById(id);
  const charts = {};
  const MOST_FOUND = 50;

{% include "element.js" %}
{% include "drawing.js" %}
  function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (about) => words.every((word) => about.includes(word));
    const all = words.length ? data.index.filter(([, , , about]) => has(about)) : [];
    const inTitle = new Set(all.filter(([, title]) => has(title.toLowerCase())));
    const found = [...inTitle, ...all.filter((each) => !inTitle.has(each))];
    const shown = found.slice(0, MOST_FOUND).map(([kind, title, href]) =>
      element("li", {}, element("small", { textContent: `${kind} ` }), element("a", { href, textContent: title })),
    );
    byId("found").replaceChildren(...shown);
    byId("found").hidden = !shown.length;
    const more = found.length > MOST_FOUND ? `; the first ${MOST_FOUND} are listed` : "";
    byId("found-number").textContent = words.length ? `${found.length} found${more}` : "";
  }

  if (data.index) {
    byId("search-form").hidden = false;
    byId("search-form").addEventListener("submit", (event) => event.preventDefault());
    byId("search").addEventListener("input", (event) => search(event.target.value));
  }
  draw();
})();
