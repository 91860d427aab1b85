// Draws what _timeline.py drew, for the width and the stretch of time that the reader looks at.
(() => {
  "use strict";
  const svg = document.getElementById("drawing");
  if (!svg) return;
  const LANE = 26, APART = 24, LABEL = 90;
  const TONES = ["fatal", "degraded", "symptom", "stage", "attempt", "gap", "milestone"];
  const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800,
    21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000];
  const part = (id) => document.getElementById(id);
  const grid = part("grid"), marks = part("marks"), hint = part("hint"), plot = part("plot"), fold = part("rows-fold");
  const begin = Number(svg.dataset.begin), span = Number(svg.dataset.span);
  const lanes = [...document.querySelectorAll(".lanes li")].map((lane) => lane.textContent);
  const rows = [...document.querySelectorAll("#rows tr[data-from]")]
    .map((row) => ({ row, from: Number(row.dataset.from), to: Number(row.dataset.to), lane: row.dataset.lane, tone: row.dataset.tone, name: row.dataset.name }));
  const bands = [...svg.querySelectorAll(".band")];
  const groups = new WeakMap();
  let view = { from: 0, to: span };

  const percent = (seconds) => (view.to > view.from ? margin() + ((seconds - view.from) / (view.to - view.from)) * (100 - 2 * margin()) : 50);
  const seconds = (pixels) => view.from + ((pixels / width()) * 100 - margin()) / (100 - 2 * margin()) * (view.to - view.from);
  const width = () => svg.clientWidth || 900;
  const margin = () => 1400 / width();

  function make(name, attributes, parent, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  }

  function draw() {
    drawGrid();
    drawBands();
    marks.replaceChildren();
    lanes.forEach((lane, number) => drawLane(rows.filter((row) => row.lane === lane && row.tone !== "gap"), number * LANE + LANE / 2));
    hint.hidden = true;
  }

  function drawGrid() {
    const most = Math.max(2, Math.floor(width() / 120));
    const step = STEPS.find((one) => (view.to - view.from) / one <= most) || STEPS.at(-1);
    const bottom = lanes.length * LANE;
    grid.replaceChildren();
    for (let number = Math.ceil((begin + view.from) / step); number * step <= begin + view.to + 1e-9; number++) {
      const x = percent(number * step - begin);
      make("line", { class: "tick", x1: `${x}%`, x2: `${x}%`, y2: bottom }, grid);
      const edge = 3500 / width();
      const anchor = x < edge ? { "text-anchor": "start" } : x > 100 - edge ? { "text-anchor": "end" } : {};
      make("text", { class: "tick", x: `${x}%`, y: bottom + 15, ...anchor }, grid, label(number * step, step));
    }
  }

  function label(time, step) {
    const iso = new Date(Math.round(time * 1000)).toISOString();
    if (step < 1) return iso.slice(11, 23);
    if (step < 60) return iso.slice(11, 19);
    return step >= 3600 ? iso.slice(5, 16).replace("T", " ") : iso.slice(11, 16);
  }

  function drawBands() {
    for (const band of bands) {
      const from = Math.max(-1, percent(Number(band.dataset.from))), to = Math.min(101, percent(Number(band.dataset.to)));
      band.style.display = to < 0 || from > 100 ? "none" : "";
      band.setAttribute("x", `${from}%`);
      band.setAttribute("width", `${Math.max(to - from, 300 / width())}%`);
    }
  }

  function drawLane(all, y) {
    const apart = (100 * APART) / width();
    const inView = all.filter((row) => row.to >= view.from && row.from <= view.to);
    const together = [];
    for (const row of inView.filter((row) => row.from >= view.from)) {
      const last = together.at(-1);
      if (last && percent(row.from) - percent(last[0].from) < apart) last.push(row);
      else together.push([row]);
    }
    for (const row of inView) drawSpell(row, y);
    together.forEach((group, number) => {
      const next = number + 1 < together.length ? percent(together[number + 1][0].from) : 100;
      drawMark(group, y, ((next - percent(group[0].from)) * width()) / 100);
    });
  }

  function drawSpell(row, y) {
    const from = Math.max(0, percent(row.from)), to = Math.min(100, percent(row.to));
    if (to > from) make("rect", { class: `spell ${row.tone}`, x: `${from}%`, width: `${to - from}%`, y: y - 2, height: 4, rx: 2 }, marks);
  }

  function drawMark(group, y, room) {
    const tone = TONES[Math.min(...group.map((row) => TONES.indexOf(row.tone)))];
    const mark = make("svg", { class: `mark ${tone}`, x: `${percent(group[0].from)}%`, y }, marks);
    if (group.length > 1) {
      make("rect", { x: -11, y: -9, width: 22, height: 18, rx: 9 }, mark);
      make("text", { y: 4 }, mark, group.length < 100 ? group.length : "99+");
    } else {
      make("use", { href: `#m-${tone}` }, mark);
      if (group[0].name && room > LABEL) make("text", { class: "label", x: 10, y: 4 }, mark, group[0].name);
    }
    groups.set(mark, group);
  }

  // --- what stands under the pointer
  function show(mark) {
    const group = groups.get(mark);
    hint.replaceChildren(...group.slice(0, 8).map(({ row }) => line(row.cells[0].textContent, told(row))));
    if (group.length > 8) hint.append(line("", `and ${group.length - 8} more`));
    hint.hidden = false;
    const box = mark.getBoundingClientRect(), around = plot.getBoundingClientRect();
    const left = Math.min(box.left + box.width / 2 - around.left + 12, plot.clientWidth - hint.offsetWidth - 4);
    const below = box.bottom - around.top + 6;
    hint.style.left = `${Math.max(4, left)}px`;
    hint.style.top = `${below + hint.offsetHeight > plot.clientHeight ? Math.max(0, box.top - around.top - hint.offsetHeight - 6) : below}px`;
  }
  function told(row) {
    const count = row.cells[3].textContent;
    return row.cells[1].textContent + (count === "1" ? "" : ` × ${count}`) + `  ${row.cells[4].textContent}`;
  }
  function line(time, text) {
    const element = document.createElement("div"), code = document.createElement("code"), said = document.createElement("span");
    code.textContent = time;
    said.textContent = text;
    element.append(code, said);
    return element;
  }
  function visit(mark) {
    const { row } = groups.get(mark)[0];
    fold.open = true;
    for (const old of document.querySelectorAll("#rows .found")) old.classList.remove("found");
    for (const one of groups.get(mark)) one.row.classList.add("found");
    row.scrollIntoView({ block: "center" });
  }
  const markOf = (event) => event.target.closest("#marks .mark");

  // --- zoom
  function look(from, to) {
    const least = Math.min(span, 0.002);
    const length = Math.min(Math.max(to - from, least), span);
    const start = Math.min(Math.max(from, 0), span - length);
    view = { from: start, to: start + length };
    draw();
  }
  function zoom(how, button) {
    const length = view.to - view.from, middle = (view.from + view.to) / 2;
    if (how === "in") look(middle - length / 4, middle + length / 4);
    else if (how === "out") look(middle - length, middle + length);
    else if (how === "left") look(view.from - length / 3, view.to - length / 3);
    else if (how === "right") look(view.from + length / 3, view.to + length / 3);
    else if (how === "judged") look(Number(button.dataset.from), Number(button.dataset.to));
    else look(0, span);
  }
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => zoom(button.dataset.zoom, button));
  const KEYS = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", 0: "all", Escape: "all" };
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    zoom(KEYS[event.key]);
    event.preventDefault();
  });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const factor = event.deltaY < 0 ? 0.7 : 1 / 0.7, at = seconds(event.offsetX);
    look(at - (at - view.from) * factor, at + (view.to - at) * factor);
  }, { passive: false });

  let sweep = null;
  const across = (event) => Math.min(Math.max(event.clientX - svg.getBoundingClientRect().left, 0), svg.clientWidth);
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && event.pointerType !== "touch" && !markOf(event)) sweep = { start: across(event), box: null };
  });
  addEventListener("pointermove", (event) => {
    if (sweep) {
      const end = across(event);
      sweep.box ??= make("rect", { class: "sweep", y: 0, height: lanes.length * LANE }, svg);
      sweep.box.setAttribute("x", Math.min(sweep.start, end));
      sweep.box.setAttribute("width", Math.abs(end - sweep.start));
      event.preventDefault();
      return;
    }
    const mark = event.target instanceof Element && markOf(event);
    if (mark) show(mark);
    else hint.hidden = true;
  });
  addEventListener("pointerup", (event) => {
    if (!sweep) return;
    const { start, box } = sweep, end = across(event);
    sweep = null;
    if (box) box.remove();
    if (Math.abs(end - start) > 6) look(seconds(Math.min(start, end)), seconds(Math.max(start, end)));
  });
  svg.addEventListener("click", (event) => {
    const mark = markOf(event);
    if (mark) visit(mark);
  });
  svg.addEventListener("dblclick", () => look(0, span));

  new ResizeObserver(draw).observe(plot);
})();
