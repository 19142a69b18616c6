  const tip = byId("tip");

  function showTip(_, event, __, value) {
    if (!value || !value.tip) {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren(element("strong", { textContent: value.label }));
    value.tip.forEach(([about, text]) =>
      tip.append(element("div", {}, element("span", { textContent: `${about} ` }), text)),
    );
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, window.innerWidth - width - 8))}px`;
    tip.style.top = `${event.clientY + height + 22 > window.innerHeight ? event.clientY - height - 12 : event.clientY + 14}px`;
  }

  async function draw() {
    for (const place of document.querySelectorAll("[data-chart]")) {
      const spec = { ...data.charts[place.dataset.chart], description: place.getAttribute("aria-label") };
      const options = { ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: showTip };
      charts[place.dataset.chart] = (await window.vegaEmbed(place, spec, options)).view;
      // The place around it says what the picture is, and the numbers are below it.
      place.querySelector("svg").setAttribute("aria-hidden", "true");
    }
    document.documentElement.dataset.drawn = "yes";
  }

