/* page_keep: what is the same for every reader is made once and kept in memory: a code, the part of
 * a page that depends on nothing but a release, a file that is set from it. See page.h.
 * Invariant: what is kept is never changed and never leaves before the server ends; its number and
 * its bytes are bounded, and what has no room is made each time.
 */
#include "web/page_impl.h"

#include "data/qr.h"

void keep_init(struct web *w) {
    arena_init(&w->keep, "kept pages", 2 * (size_t)WEB_KEEP_BYTES_MAX);
    map_init(&w->kept, &w->keep);
    (void)pthread_mutex_init(&w->keep_lock, NULL);
}

void keep_done(struct web *w) {
    arena_done(&w->keep);
}

bool page_kept(struct page *p, struct str key, struct str *ret) {
    (void)pthread_mutex_lock(&p->web->keep_lock);
    const struct str *kept = map_find(&p->web->kept, key);
    (void)pthread_mutex_unlock(&p->web->keep_lock);
    if (kept) *ret = *kept;
    return kept != NULL;
}

void page_keep(struct page *p, struct str key, struct str bytes) {
    struct web *w = p->web;
    if (bytes.len == 0 || bytes.len > WEB_KEEP_EACH_MAX) return;
    (void)pthread_mutex_lock(&w->keep_lock);
    bool room = w->kept.n < WEB_KEEP_MAX && w->kept_bytes + bytes.len <= WEB_KEEP_BYTES_MAX;
    if (room && !map_find(&w->kept, key)) {
        struct str *made = arena_new(&w->keep, struct str), name = arena_str(&w->keep, key);
        if (made) *made = arena_str(&w->keep, bytes);
        if (made && made->len && name.len && map_put(&w->kept, name, made))
            w->kept_bytes += bytes.len;
    }
    (void)pthread_mutex_unlock(&w->keep_lock);
}

struct val *page_keep_markup(struct page *p, struct str key, struct str template) {
    struct str html;
    if (!view_render(p, template, &html)) return val_html(p->a, S(""));
    page_keep(p, key, html);
    return val_html(p->a, html);
}

/* Making a code costs more than the rest of a page; the same few are asked for again and again. */
struct val *page_qr(struct page *p, struct str text, struct str label, bool shared) {
    struct str key = ARENA_CAT(p->a, S("qr\n"), text, S("\n"), label), made;
    struct qr q;
    struct buf b;
    struct err ignored;
    if (page_kept(p, key, &made)) return val_html(p->a, made);
    if (qr_make(p->a, text, &q, &ignored)) return val_html(p->a, S(""));
    buf_init(&b, p->a, 8192, WEB_KEEP_EACH_MAX);
    qr_svg(&b, &q, label);
    if (shared) page_keep(p, key, buf_str(&b));
    return val_html(p->a, buf_str(&b));
}
