/* The one script, and only an addition: every page works without it.
 * 1 a form is sent once  2 drafts are saved  3 "n updates - show"  4 the session is about to end  5 small counters  6 print */
(() => {
  "use strict";
  const all = (q, f) => document.querySelectorAll(q).forEach(f);
  const fill = (text, n) => text.replace("[n]", n);

  /* 1: a second submit within ten seconds is the same click; the button stays enabled, so that its value is sent. */
  all("form[data-once]", (form) => {
    let until = 0;
    form.addEventListener("submit", (e) => {
      if (Date.now() < until) return e.preventDefault();
      until = Date.now() + 10000;
      const b = e.submitter;
      if (b) {
        b.setAttribute("aria-disabled", "true");
        setTimeout(() => b.removeAttribute("aria-disabled"), 10000);
      }
    });
    addEventListener("pageshow", () => {
      until = 0;
      form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
    });
  });

  /* 2: what was typed is posted every 20 seconds, and when the page is left. Files are never part of a draft. */
  all("form[data-draft]", (form) => {
    let dirty = false, busy = false;
    const state = form.querySelector("[data-draft-state]");
    const save = async (leaving) => {
      if (!dirty || busy) return;
      dirty = false;
      busy = true;
      let ok = false;
      try {
        const body = new URLSearchParams();
        for (const [k, v] of new FormData(form)) if (typeof v === "string") body.append(k, v);
        const reply = await fetch(form.dataset.draft, { method: "POST", body, keepalive: leaving, redirect: "error" });
        ok = reply.ok;
        if (ok && form.elements._seen) form.elements._seen.value = await reply.text();
      } catch { /* told below */ }
      busy = false;
      if (!ok) dirty = true;
      if (state) state.textContent = ok ? state.dataset.saved + " " + new Date().toTimeString().slice(0, 5) : state.dataset.failed;
    };
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", () => { dirty = false; });
    setInterval(save, 20000, false);
    addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
  });

  /* 3: never moves focus, never reorders a list; at most one announcement in five seconds. */
  all("[data-events]", (box) => {
    if (!window.EventSource) return;
    const source = new EventSource(box.dataset.events);
    let n = 0, timer = 0;
    const link = (text) => {
      const a = document.createElement("a");
      a.href = location.href.split("#")[0];
      a.textContent = text;
      return a;
    };
    const show = () => {
      timer = 0;
      box.replaceChildren(fill(box.dataset.text, n) + " — ", link(box.dataset.show));
    };
    source.addEventListener("message", () => {
      n++;
      if (!timer) timer = setTimeout(show, n === 1 ? 0 : 5000);
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) box.replaceChildren(box.dataset.lost + " — ", link(box.dataset.reload));
    });
  });

  /* 4: the warning stands in the page, hidden; its link works by itself, and without leaving the page where it can. */
  all("#session-warning", (box) => {
    let timer;
    const start = () => {
      box.hidden = true;
      clearTimeout(timer);
      timer = setTimeout(() => { box.hidden = false; }, box.dataset.after * 1000);
    };
    const link = box.querySelector("[data-extend]");
    link.addEventListener("click", async (e) => {
      e.preventDefault();
      try {
        if (!(await fetch(link.href, { redirect: "error" })).ok) throw 0;
        start();
      } catch {
        location.assign(link.href);
      }
    });
    start();
  });

  /* 5 */
  all("[data-count]", (area) => {
    const hint = document.getElementById(area.dataset.count);
    if (!hint) return;
    area.addEventListener("input", () => { hint.textContent = fill(hint.dataset.text, area.maxLength - area.value.length); });
  });
  all("form[data-bulk]", (form) => {
    const text = form.querySelector("[data-text]");
    document.addEventListener("change", (e) => {
      if (e.target.form !== form || !text) return;
      text.textContent = fill(text.dataset.text, [...form.elements].filter((x) => x.checked).length);
    });
  });

  /* 6 */
  all("[data-print]", (b) => {
    b.hidden = false;
    b.addEventListener("click", () => print());
  });
})();
