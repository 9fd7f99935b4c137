/* compare: I1, a draft against the release that it was begun from, value by value in both
 * languages, and the draft's files to take away. Invariant: what stands in no row is the same in
 * both.
 */
#include "data/po_in.h"
#include "data/yaml.h"
#include "engine/paper/paper_layout.h"
#include "web/edit/edit_pages.h"

enum { ROWS_MAX = 500, TAR_BLOCK = 512, TAR_BYTES_MAX = 20 * 1024 * 1024, COMPARE_BYTES_MAX = 64 * 1024 * 1024 };

struct side {
    const struct release_files *files;
    struct val *flat; /* path -> text */
    struct edit_words words;
};
struct comparing {
    struct page *p;
    struct side was, now;
    struct val *shown; /* texts whose English stands in a row */
    bool english; /* some English is another: of files that are the same too */
};

static void flatten(struct arena *a, struct val *into, struct str path, const struct val *v) {
    if (v && v->kind == VAL_MAP)
        for (size_t i = 0; i < val_count(v); i++)
            flatten(a, into, ARENA_CAT(a, path, path.len ? S("/") : S(""), v->u.map.pair[i].key),
                    v->u.map.pair[i].value);
    else if (v && v->kind == VAL_LIST && val_count(v) && val_item(v, 0)->kind == VAL_MAP) {
        struct str order = S("");
        for (size_t i = 0; i < val_count(v); i++) {
            struct str id = val_get_str(val_item(v, i), S("id"));
            order = id.len ? ARENA_CAT(a, order, order.len ? S(" · ") : S(""), id) : order;
            if (!id.len) id = arena_i64(a, (int64_t)i + 1);
            flatten(a, into, ARENA_CAT(a, path, S("/"), id), val_item(v, i));
        }
        if (order.len) val_put_str(a, into, path, order); /* one that was moved is in no other row */
    }
    else if (v) val_put_str(a, into, path, edit_text(a, v));
}

/* Holidays by their day: what it is called, and whether it is off or worked. */
static struct val *days_of(struct page *p, struct str path, struct str csv) {
    struct val *into = val_map(p->a);
    struct code_set *set;
    struct err ignored = { 0 };
    if (!csv.len || code_compile(p->a, path, csv, &set, &ignored)) return into;
    const size_t kind = code_set_column(set, S("kind"));
    for (size_t i = 0; i < code_set_count(set) && kind != SIZE_MAX; i++) {
        const struct code *c = code_set_row(set, i);
        const bool work = str_eq(c->column[kind], S("work"));
        val_put_str(p->a, into, c->code,
                    ARENA_CAT(p->a, c->title, S(" · "), page_text(p, work ? S("调休上班") : S("放假"))));
    }
    return into;
}

/* A paper's texts by what they are called. */
static struct val *words_of(struct page *p, struct str xml) {
    struct val *into = val_map(p->a);
    struct paper_words *w;
    struct err ignored = { 0 };
    size_t n = 0;
    if (!xml.len || paper_words(p->a, xml, &w, &n, &ignored)) return into;
    for (size_t i = 0; i < n; i++) {
        struct str title = page_text(p, w[i].what);
        if (!w[i].title) title = ARENA_CAT(p->a, title, S(" "), arena_i64(p->a, (int64_t)w[i].number));
        val_put_str(p->a, into, title, w[i].text);
    }
    return into;
}

static struct val *flat_of(struct arena *a, struct str path, struct str bytes) {
    struct val *yaml, *into = val_map(a);
    struct err ignored = { 0 };
    if (bytes.len && yaml_parse(a, path, bytes, &yaml, &ignored) == 0)
        flatten(a, into, S(""), yaml);
    return into;
}

static struct str beside(struct page *p, struct str shown, struct str one) {
    return ARENA_CAT(p->a, shown, shown.len ? S(" · ") : S(""), one);
}

/* "pages/premises/questions/area/title": in a form an id stands behind each list, whatever it is like. */
static struct str form_title(struct page *p, struct str path) {
    struct str rest = path, one, section = S(""), shown = S("");
    bool id = false;
    while (str_cut(&rest, '/', &one)) {
        const struct release_key *k = id ? NULL : release_key(section, one);
        const bool pages = !section.len;
        shown = beside(p, shown, pages ? page_text(p, S("页面")) : k ? page_text(p, k->title) : one);
        if (!id) section = one;
        id = !id && (pages || str_eq(one, S("questions")));
    }
    return shown;
}

/* "materials/floor-plan/hint" as people call it: the table's titles, ids as they are. */
static struct str title_of(struct page *p, struct str file, struct str path) {
    struct str section = S("item"), rest = path, one, shown = S("");
    if (str_starts(file, S("forms/"))) return form_title(p, path);
    if (str_eq(file, S("notices.yaml"))) section = S("notices");
    while (str_cut(&rest, '/', &one)) {
        const struct release_key *k = release_key(section, one);
        shown = beside(p, shown, k ? page_text(p, k->title) : one);
        if (k) section = one;
    }
    return shown;
}

static void put_row(struct comparing *c, struct val *rows, struct str file, struct str path) {
    struct page *p = c->p;
    struct str was = val_get_str(c->was.flat, path), now = val_get_str(c->now.flat, path);
    struct str was_en = edit_english(&c->was.words, was), now_en = edit_english(&c->now.words, now);
    struct val *v = val_map(p->a);
    if ((str_eq(was, now) && str_eq(was_en, now_en)) || val_count(rows) == ROWS_MAX) return;
    if (was_en.len) val_put_bool(p->a, c->shown, was, true);
    if (now_en.len) val_put_bool(p->a, c->shown, now, true);
    val_put_str(p->a, v, S("title"), title_of(p, file, path));
    val_put_str(p->a, v, S("was"), was);
    val_put_str(p->a, v, S("now"), now);
    val_put_str(p->a, v, S("was_en"), was_en);
    val_put_str(p->a, v, S("now_en"), now_en);
    val_push(p->a, rows, v);
}

static void compare_file(struct comparing *c, struct str path, struct val *files) {
    struct page *p = c->p;
    struct val *rows = val_list(p->a), *v = val_map(p->a);
    struct str was = edit_file(c->was.files, path), now = edit_file(c->now.files, path);
    /* scenarios are in one language */
    if (str_eq(was, now) && (!c->english || str_starts(path, S("cases/")))) return;
    const bool days = str_eq(path, edit_holidays_path(p->a));
    const bool paper = str_ends(path, S(".xml"));
    c->was.flat = days ? days_of(p, path, was) : paper ? words_of(p, was) : flat_of(p->a, path, was);
    c->now.flat = days ? days_of(p, path, now) : paper ? words_of(p, now) : flat_of(p->a, path, now);
    for (size_t i = 0; i < val_pairs(c->now.flat); i++)
        put_row(c, rows, path, c->now.flat->u.map.pair[i].key);
    for (size_t i = 0; i < val_pairs(c->was.flat); i++)
        if (!val_get(c->now.flat, c->was.flat->u.map.pair[i].key))
            put_row(c, rows, path, c->was.flat->u.map.pair[i].key);
    if (!val_count(rows)) return;
    val_put_str(p->a, v, S("path"), path);
    val_put_str(p->a, v, S("id"), arena_fmt(p->a, "file-%zu", val_count(files)));
    val_put(p->a, v, S("rows"), rows);
    val_push(p->a, files, v);
}

/* English of what stands elsewhere: names of steps, texts of decision tables, titles of codes. */
static void put_english(struct comparing *c, const struct side *of, struct val *rows) {
    struct page *p = c->p;
    const struct map *all = of->words.own ? po_entries(of->words.own) : NULL;
    for (size_t i = 0; all && i < all->n && val_count(rows) < ROWS_MAX; i++) {
        struct str text = all->entry[i].key, was = S(""), now = S("");
        if (c->was.words.own && po_has(c->was.words.own, S(""), text)) was = po_get(c->was.words.own, S(""), text);
        if (c->now.words.own && po_has(c->now.words.own, S(""), text)) now = po_get(c->now.words.own, S(""), text);
        if (!text.len || str_eq(was, now) || val_get(c->shown, text)) continue;
        val_put_bool(p->a, c->shown, text, true);
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), text);
        val_put_str(p->a, v, S("was"), S("")); /* the Chinese is the row's title, and the same */
        val_put_str(p->a, v, S("now"), S(""));
        val_put_str(p->a, v, S("was_en"), was);
        val_put_str(p->a, v, S("now_en"), now);
        val_push(p->a, rows, v);
    }
}

static void compare_english(struct comparing *c, struct val *files) {
    struct page *p = c->p;
    struct val *rows = val_list(p->a), *v = val_map(p->a);
    if (!c->english) return;
    put_english(c, &c->now, rows);
    put_english(c, &c->was, rows);
    if (!val_count(rows)) return;
    val_put_str(p->a, v, S("path"), S("texts/en.po"));
    val_put_str(p->a, v, S("id"), arena_fmt(p->a, "file-%zu", val_count(files)));
    val_put(p->a, v, S("rows"), rows);
    val_push(p->a, files, v);
}

int edit_difference_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct release_draft d;
    struct release_files now, was;
    struct val *files = val_list(p->a);
    store_arena(tx)->limit_bytes = COMPARE_BYTES_MAX; /* until the job is over */
    int rc = edit_find(tx, p, &d, e);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &d, &now, e);
    if (!rc) rc = release_files_get(tx, page_realm(p)->home, d.base, &was, e);
    if (rc) return rc;
    struct comparing c = { p,
                           { &was, NULL, edit_words(p, &was, d.system, p->a) },
                           { &now, NULL, edit_words(p, &now, d.system, p->a) },
                           val_map(p->a),
                           !str_eq(edit_file(&was, S("texts/en.po")), edit_file(&now, S("texts/en.po"))) };
    for (size_t i = 0; i < now.n; i++)
        if (str_ends(now.file[i].path, S(".yaml")) || str_starts(now.file[i].path, S("papers/")) ||
            str_eq(now.file[i].path, edit_holidays_path(p->a)))
            compare_file(&c, now.file[i].path, files);
    compare_english(&c, files);
    val_put(p->a, p->view, S("files"), files);
    val_put_i64(p->a, p->view, S("draft"), d.id);
    val_put_str(p->a, p->view, S("draft_system"), d.system);
    return 0;
}

int edit_difference_say(struct page *p, struct err *e) {
    struct release_draft d = { .id = val_get_i64(p->view, S("draft"), 0),
                               .system = val_get_str(p->view, S("draft_system")) };
    (void)e;
    edit_title(p, S("与现行版本的差别"), &d);
    staff_crumb(p, S("与现行版本的差别"), S(""));
    p->template = S("edit/difference");
    return 0;
}

/* ---- the files ---- */

static void octal(char *at, size_t width, uint64_t n) {
    for (size_t i = width - 1; i-- > 0; n /= 8) at[i] = (char)('0' + n % 8);
}

/* One file as POSIX.1-1988 ustar has it; paths of a system are short. */
static void tar_file(struct buf *b, const struct release_file *f) {
    char *h = buf_room(b, TAR_BLOCK);
    unsigned sum = 0;
    if (!h || f->path.len > 99) return;
    for (size_t i = 0; i < TAR_BLOCK; i++) h[i] = 0;
    for (size_t i = 0; i < f->path.len; i++) h[i] = f->path.ptr[i];
    octal(h + 100, 8, 0644);
    octal(h + 108, 8, 0);
    octal(h + 116, 8, 0);
    octal(h + 124, 12, f->bytes.len);
    octal(h + 136, 12, 0);
    for (size_t i = 148; i < 156; i++) h[i] = ' ';
    h[156] = '0';
    for (size_t i = 0; i < 8; i++) h[257 + i] = "ustar\00000"[i];
    for (size_t i = 0; i < TAR_BLOCK; i++) sum += (unsigned char)h[i];
    octal(h + 148, 7, sum);
    buf_grew(b, TAR_BLOCK);
    buf_add(b, f->bytes);
    for (size_t n = f->bytes.len; n % TAR_BLOCK; n++) buf_add_char(b, 0);
}

int edit_export_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct release_draft d;
    struct release_files files;
    struct buf *b = arena_new(p->a, struct buf);
    int rc = edit_find(tx, p, &d, e);
    if (!rc) rc = release_draft_files(tx, page_realm(p), &d, &files, e);
    if (rc || !b) return rc ? rc : err_set(e, ERR_MEMORY, NULL);
    buf_init(b, p->a, 65536, TAR_BYTES_MAX);
    for (size_t i = 0; i < files.n; i++) tar_file(b, &files.file[i]);
    for (size_t i = 0; i < (size_t)2 * TAR_BLOCK; i++) buf_add_char(b, 0);
    p->own = b;
    return buf_ok(b) ? 0 : err_set(e, ERR_LIMIT, "%d", TAR_BYTES_MAX);
}

int edit_export_say(struct page *p, struct err *e) {
    const struct buf *b = p->own;
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    static const struct http_field header = { S_INIT("Content-Disposition"),
                                              S_INIT("attachment; filename=\"system.tar\"") };
    if (!reply) return err_set(e, ERR_MEMORY, NULL);
    *reply = (struct http_reply){ .status = 200,
                                  .media_type = S("application/x-tar"),
                                  .body = buf_str(b),
                                  .header = (struct http_field *)(uintptr_t)&header,
                                  .n_header = 1 };
    p->reply = reply;
    return 0;
}
