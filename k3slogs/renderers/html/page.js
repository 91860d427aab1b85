(() => {
  "use strict";
  const page = document.documentElement;
  const byId = (id) => document.getElementById(id);
  page.classList.add("script");

  // --- light and dark
  const theme = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = remembered();
  function remembered() {
    try { return localStorage.getItem("k3slogs-theme"); } catch { return null; }
  }
  function remember() {
    try { localStorage.setItem("k3slogs-theme", chosen); } catch { /* a page from a file may have no store */ }
  }
  const dark = () => (chosen ? chosen === "dark" : system.matches);
  function paint() {
    if (chosen) page.dataset.theme = chosen;
    theme.setAttribute("aria-pressed", String(dark()));
  }
  theme.addEventListener("click", () => { chosen = dark() ? "light" : "dark"; remember(); paint(); });
  system.addEventListener("change", paint);
  paint();

  // --- copying
  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      said("Copied");
    } catch {
      getSelection().selectAllChildren(code);
      said(document.execCommand("copy") ? "Copied" : "Selected: copy it with the keyboard");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }
  function said(text) { byId("said").textContent = text; }
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });

  // --- findings: filter, fold, go to
  const filter = byId("filter");
  const findings = [...document.querySelectorAll("#found > .finding")];
  const texts = new Map();
  function text(finding) {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  }
  function fits(finding, wanted) {
    const words = wanted.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const same = ["effect", "stage", "component", "state"].every((name) => !wanted.get(name) || wanted.get(name) === finding.dataset[name]);
    return same && words.every((word) => text(finding).includes(word));
  }
  function apply() {
    const wanted = new FormData(filter);
    for (const finding of findings) finding.hidden = !fits(finding, wanted);
    const shown = findings.filter((finding) => !finding.hidden).length;
    byId("shown").textContent = `${shown} of ${findings.length}`;
    byId("none").hidden = shown > 0;
  }
  if (filter) {
    for (const kind of ["input", "change"]) filter.addEventListener(kind, apply);
    filter.addEventListener("submit", (event) => event.preventDefault());
    filter.addEventListener("reset", () => setTimeout(apply));
    byId("unfold").addEventListener("click", ({ currentTarget: button }) => {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      for (const finding of findings) if (!finding.hidden) finding.open = open;
    });
  }
  function goTo() {
    const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details")) return;
    if (target.hidden) filter.reset();
    setTimeout(() => { target.hidden = false; target.open = true; target.scrollIntoView(); target.querySelector("summary").focus(); });
  }
  addEventListener("hashchange", goTo);
  goTo();

  // --- print: what a finding holds is on paper too
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = findings.filter((finding) => !finding.open);
    for (const finding of unfolded) finding.open = true;
  });
  addEventListener("afterprint", () => { for (const finding of unfolded) finding.open = false; });
})();
