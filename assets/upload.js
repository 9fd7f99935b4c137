/* For pages that take files (layout/field_upload), beside enhance.js, and only an addition. Files are sent one by one; how far each is and
   what the line or the server says stands beside its name, and it stays chosen: nothing is picked twice. A broken line is tried again by
   itself, under the same key, so that what had arrived is not there twice. Under 5 kB (docs/decisions/0012). */
(() => {
"use strict";
document.querySelectorAll("[data-upload]").forEach((box) => {
  const fill = (text, n) => text.replace("[n]", n);
  const d = box.dataset, part = (el, name) => el.querySelector("[data-" + name + "]");
  const input = box.querySelector("input"), hint = part(box, "many"), tell = part(box, "tell");
  let rows = [], busy, stale, last;
  const say = (r, text, wrong) => {
    part(r.el, "says").textContent = wrong ? "" : text;
    part(r.el, "wrong").textContent = text;
    part(r.el, "wrong").hidden = part(r.el, "again").hidden = !wrong;
    tell.textContent = r.f.name + " " + text;
  };
  const drop = (r) => {
    rows = rows.filter((x) => x !== r);
    r.el.remove();
  };
  /* what the server says, on whichever page */
  const words = (page) => {
    const find = (q) => [...page.querySelectorAll(q)].map((x) => x.textContent.trim()).join(" ");
    return (page && (find(".errors li") || find("main .notice > *") || find(".lead"))) || d.failed;
  };
  /* a line that moves nothing for half a minute is a broken one */
  const ask = (r, body) => new Promise((yes, no) => {
    const x = r.x = new XMLHttpRequest();
    let still, told = Date.now();
    const moved = () => {
      clearTimeout(still);
      still = setTimeout(() => x.abort(), 3e4);
    };
    x.open(body ? "POST" : "GET", body ? box.closest("form").action : d.page);
    x.responseType = "document";
    x.upload.onprogress = (e) => {
      const n = Math.floor(100 * e.loaded / e.total), text = n < 100 ? fill(d.sending, n) : d.checking;
      moved();
      part(r.el, "bar").value = n;
      part(r.el, "says").textContent = text;
      if (Date.now() > told + 15e3) {
        told = Date.now();
        say(r, text);
      }
    };
    x.onloadend = () => {
      clearTimeout(still);
      (x.status && x.status < 500 ? yes : no)(x);
    };
    moved();
    x.send(body);
  });
  /* the page as it stands now, but for this box */
  const renew = async () => {
    const x = await ask({ el: box }), page = x.response, now = part(page, "upload"), main = document.querySelector("main");
    const here = main.contains(document.activeElement);
    if (!now) return x;
    now.replaceWith(box);
    main.replaceWith(page.querySelector("main"));
    if (here) box.closest("form").querySelector("[name=act]").focus();
    stale = false;
  };
  /* true: the line is gone, and the others need not try */
  const send = async (r) => {
    for (let pause = 2; ; pause *= 2) {
      try {
        let x = stale && await renew();
        if (!rows.includes(r)) return;
        if (!x) {
          const body = new FormData(box.closest("form"));
          /* what is sent again under the same key is the same: a file that was replaced meanwhile is not asked for any more */
          r.said ||= [...body].filter(([name, value]) => name !== "_csrf" && !value.name);
          r.said.forEach(([name]) => body.delete(name));
          r.said.forEach(([name, value]) => body.append(name, value));
          body.set(input.name, r.f);
          body.set("act", "go");
          stale = true;
          say(r, fill(d.sending, 0));
          x = await ask(r, body);
          if (x.status < 400 && !x.responseURL.includes("back=")) {
            last = x.responseURL;
            say(r, d.done);
            return drop(r);
          }
          r.said = null;
        }
        r.over = true;
        say(r, words(x.response), true);
        part(r.el, "away").href = x.responseURL;
        part(r.el, "away").hidden = !x.responseURL.includes("back=");
        return;
      } catch (e) {
        stale = true;
        if (!rows.includes(r)) return;
        if (pause > 32) return say(r, words(e.response), true), true;
        say(r, e.response ? words(e.response) : fill(d.broken, pause), true);
        await new Promise((go) => {
          r.wake = go;
          setTimeout(go, pause * 1e3);
        });
      }
    }
  };
  const run = async () => {
    if (busy) return;
    busy = true;
    for (let r; (r = rows.find((x) => !x.over)) && !await send(r););
    busy = false;
    if (last && !rows[0]) location.assign(last);
    else if (stale) renew().catch(() => {});
  };
  const add = (f) => {
    const el = box.querySelector("template").content.firstElementChild.cloneNode(true), r = { f, el };
    el.querySelectorAll("[data-name]").forEach((x) => { x.textContent = f.name; });
    part(el, "bar").ariaLabel = f.name;
    part(el, "again").onclick = () => {
      r.over = false;
      r.wake?.();
      run();
    };
    part(el, "drop").onclick = () => {
      drop(r);
      r.x?.abort();
      r.wake?.();
      input.focus();
    };
    box.append(el);
    rows.push(r);
    part(el, "size").textContent = f.size < 1048576 ? Math.ceil(f.size / 1024) + " KB" : (f.size / 1048576).toFixed(1) + " MB";
    r.over = f.size > d.most;
    say(r, r.over ? d.large : d.chosen, r.over);
    part(el, "again").hidden = true;
  };
  if (!d.single) {
    input.multiple = true;
    hint.textContent = hint.dataset.many;
  }
  input.addEventListener("change", () => {
    if (d.single) rows.forEach(drop);
    [...input.files].forEach(add);
    input.value = "";
  });
  document.addEventListener("submit", (e) => {
    if (!e.target.contains(box) || e.submitter?.value !== "go" || !(busy || rows.some((r) => !r.over))) return;
    e.preventDefault();
    run();
  });
  addEventListener("online", () => rows.forEach((r) => r.wake?.()));
  addEventListener("beforeunload", (e) => { if (rows.some((r) => !r.over)) e.preventDefault(); });
});
})();
