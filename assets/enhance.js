/* The script of every page, and only an addition: every page works without it. Under 5 kB. Served without comments and blanks
   (tools/gen_squeeze.c, which refuses a template with an expression). */
(() => {
"use strict";
const all = (q, f) => document.querySelectorAll(q).forEach(f);
const fill = (text, n) => text.replace("[n]", n);

/* 1: a second submit within ten seconds is the same click; the button stays enabled: its value is sent */
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

/* 2: what was typed, but no file, is posted every 20 seconds and when the page is left */
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
  addEventListener("visibilitychange", () => { if (document.hidden) save(true); });
});

/* 3: what is new is counted and offered, once in five seconds at most; focus, scroll and lists stay */
all("[data-events]", (box) => {
  const d = box.dataset, [quiet, text] = box.children, have = new Set(d.have.split(" "));
  const who = document.querySelector("[data-who]");
  let last = d.after, n = 0, at = -5000, timer, stream;
  const say = () => {
    timer = 0;
    at = performance.now();
    if (who) quiet.textContent = who.textContent;
    text.textContent = n < 0 ? d.lost : n ? fill(d.text, n) : "";
    box.nextElementSibling.hidden = !n;
  };
  const got = (e) => {
    last = e.lastEventId;
    if (e.type === "who" && who) {
      if (who.textContent === e.data) return;
      who.textContent = e.data;
      who.hidden = !e.data;
    } else if (e.type === "lost") n = -1;
    else if (e.type !== "change" || have.has(e.data) || n < 0) return;
    else have.add(e.data), n++;
    timer ||= setTimeout(say, at + 5000 - performance.now());
  };
  const poll = async () => {
    try {
      const reply = await fetch(d.events + "&poll=1&after=" + last);
      for (const m of (await reply.text()).matchAll(/id: (.+)\nevent: (.+)\ndata: (.*)/g))
        got({lastEventId: m[1], type: m[2], data: m[3]});
    } catch { /* tried again */ }
    open();
  };
  const open = () => {
    if (!window.EventSource) return setTimeout(poll, 30000);
    stream = new EventSource(d.events + "&after=" + last);
    for (const t of ["at", "change", "who", "lost"]) stream.addEventListener(t, got);
    stream.onerror = (e) => { if (e.target.readyState === 2) setTimeout(poll, 30000); };
  };
  open();
  addEventListener("visibilitychange", () => { /* many tabs share few connections */
    stream?.close();
    if (!document.hidden) open();
  });
});

/* 4: the warning stands in the page, hidden; its link works by itself too */
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
all("[data-renew]", (b) => setTimeout(() => location.reload(), b.dataset.renew * 1e3));
all("[data-print]", (b) => {
  b.hidden = false;
  b.addEventListener("click", () => print());
});
})();
