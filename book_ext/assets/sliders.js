// Sliders without a kernel: the inputs choose among frames drawn beforehand.
for (const figure of document.querySelectorAll("figure.explore")) {
  const [image, form, said, play] = ["img", "form", "[role=status]", "button"]
    .map((what) => figure.querySelector(what));
  const { frames, start, controls, alts } =
    JSON.parse(figure.querySelector("script").textContent);
  const kept = new Map(); // pictures held here stay decoded
  let saying, playing;

  const places = () => controls.map(({ name }) => +form.elements[name].value);
  const number = (at) => at.reduce((sum, i, c) => sum + i * controls[c].stride, 0);
  const address = (n) => `${frames}${n}.webp`;

  // Fetch what control c can reach from here, the nearest first.
  function fetchAhead(c, reach) {
    const at = places(), i = at[c];
    for (let step = 0; step <= reach; step++)
      for (const k of [i + step, i - step])
        if (k in controls[c].texts) {
          const n = number(at.map((j, d) => (d === c ? k : j)));
          if (kept.has(n)) continue;
          const picture = new Image();
          picture.src = address(n);
          picture.decode().catch(() => {});
          kept.set(n, picture);
        }
  }

  function show() {
    const at = places(), n = number(at);
    controls.forEach(({ name, texts }, c) => {
      const input = form.elements[name];
      if (input.type !== "range") return;
      input.setAttribute("aria-valuetext", texts[at[c]]);
      input.closest("div").querySelector("output").textContent = texts[at[c]];
    });
    image.src = address(n);
    image.alt = alts[n];
    clearTimeout(saying);
    saying = setTimeout(() => (said.textContent = alts[n]), 700);
    controls.forEach((_, c) => fetchAhead(c, 2));
  }

  function stop() {
    playing = clearInterval(playing);
    if (play) play.firstChild.data = "Play";
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => (stop(), show()));
  // first use: what this control can show from here
  for (const event of ["focusin", "pointerdown"])
    form.addEventListener(event, ({ target }) => {
      const c = controls.findIndex(({ name }) =>
        [target.name, target.dataset.play].includes(name));
      if (c >= 0) fetchAhead(c, controls[c].texts.length);
    });
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    controls.forEach((_, c) => fetchAhead(c, 2));
  }, { rootMargin: "50%" }).observe(figure);

  play?.addEventListener("click", () => {
    if (playing) return stop();
    const input = form.elements[play.dataset.play];
    const step = () => {
      input.value = input.value === input.max ? 0 : +input.value + 1;
      show();
      if (input.value === input.max) stop();
    };
    // who asked for less motion gets one step a press
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
      play.firstChild.data = "Pause";
      playing = setInterval(step, 400);
    }
    step();
  });

  // on paper: as it starts
  addEventListener("beforeprint", () => {
    image.src = address(start);
    image.alt = alts[start];
  });
  addEventListener("afterprint", show);
  if (number(places()) !== start) show();
}
