/* texts: I13, how much of what people read is there in English: every catalogue with its counts, the
 * texts of a draft with those that lack English, and one of them written, on the draft's own way to
 * a release. Invariants: what is counted is the walk of the check (release_texts.h); counts are made
 * on the pool, once for a release, and kept; a text is known by its words, so that nobody overwrites
 * what another wrote of it meanwhile.
 */
#include "data/po_in.h"
#include "data/po_write.h"
#include "release/release_texts.h"
#include "web/edit/edit_pages.h"
#include "web/question.h"

enum {
    PAGE_ROWS = 25,
    STATUS_BYTES_MAX = 64 * 1024 * 1024,
    WALK_BYTES_MAX = 64 * 1024 * 1024,
    ENGLISH_MAX = 1400 /* of the longest Chinese that a guide has, about 400 characters */
};

static const struct {
    struct str word, text, tone;
} states[RELEASE_TEXT_STATES] = {
    [RELEASE_TEXT_MISSING] = { S_INIT("missing"), S_INIT("缺英文"), S_INIT("seal") },
    [RELEASE_TEXT_OPTIONAL] = { S_INIT("optional"), S_INIT("流程图上没有英文名"), S_INIT("warn") },
    [RELEASE_TEXT_OWN] = { S_INIT("own"), S_INIT("有英文"), S_INIT("ok") },
    [RELEASE_TEXT_NEEDED] = { S_INIT("needed"), S_INIT("用别处的英文"), S_INIT("ok") },
    [RELEASE_TEXT_UNUSED] = { S_INIT("unused"), S_INIT("自己没有用到"), S_INIT("") },
};

/* ---- every catalogue ---- */

struct counted {
    const struct system *sys;
    struct release_files files; /* to be counted; none: it is kept */
    size_t n[RELEASE_TEXT_STATES];
};
struct status {
    struct counted *row;
    size_t n;
};

static struct str key_of(struct page *p, const struct system *sys) {
    return arena_fmt(p->req->arena, "texts %lld", (long long)sys->release);
}

static bool read_counts(struct str kept, struct counted *c) {
    struct str one;
    int64_t n;
    for (size_t i = 0; i < RELEASE_TEXT_STATES; i++) {
        if (!str_cut(&kept, ' ', &one) || !str_to_i64(one, &n)) return false;
        c->n[i] = (size_t)n;
    }
    return true;
}

static int status_look(struct store_tx *tx, struct page *p, struct err *e) {
    const struct realm *r = page_realm(p);
    struct arena *a = p->req->arena;
    const struct system **all;
    struct status *s = arena_new(a, struct status);
    size_t n = r->systems.active(r->systems.context, &all);
    a->limit_bytes = store_arena(tx)->limit_bytes =
        STATUS_BYTES_MAX; /* until the request is over */
    if (!s || !(s->row = arena_array(a, n + 1, sizeof *s->row)))
        return err_set(e, ERR_MEMORY, NULL);
    for (size_t i = 0; i < n; i++) {
        struct counted *c = &s->row[s->n++];
        struct release_files files;
        struct str kept;
        c->sys = all[i];
        if (page_kept(p, key_of(p, all[i]), &kept) && read_counts(kept, c)) continue;
        int rc = release_files_get(tx, r->home, all[i]->release, &files, e);
        if (!rc) rc = edit_keep(a, &files, &c->files, e);
        if (rc) return rc;
    }
    p->own = s;
    return 0;
}

static void count(struct page *p) {
    struct status *s = p->own;
    for (size_t i = 0; i < s->n && !p->err.code; i++) {
        struct counted *c = &s->row[i];
        struct arena a;
        struct release_texts t;
        struct str kept = S("");
        if (!c->files.n) continue;
        arena_init(&a, "texts counted", WALK_BYTES_MAX);
        if (release_texts(&a, c->sys, page_realm(p)->en, &c->files, &t, &p->err) == 0) {
            for (size_t k = 0; k < RELEASE_TEXT_STATES; k++) {
                c->n[k] = t.count[k];
                kept = arena_fmt(p->req->arena, "%.*s%zu ", STR_ARG(kept), c->n[k]);
            }
            page_keep(p, key_of(p, c->sys), kept);
        }
        arena_done(&a);
    }
}

int edit_status_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = status_look;
    p->work = count;
    return 0;
}

static struct val *tag_of(struct page *p, enum release_text_state s) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("text"), page_text(p, states[s].text));
    val_put_str(p->a, v, S("kind"), states[s].tone);
    return v;
}

static void put_catalogue(struct page *p, struct val *list, const struct counted *c) {
    struct val *v = val_map(p->a);
    const struct system *sys = c->sys;
    size_t said = c->n[RELEASE_TEXT_OWN] + c->n[RELEASE_TEXT_NEEDED];
    static const enum release_text_state told[] = { RELEASE_TEXT_MISSING, RELEASE_TEXT_OPTIONAL,
                                                    RELEASE_TEXT_UNUSED };
    enum release_text_state worst = RELEASE_TEXT_OWN;
    for (size_t i = sizeof told / sizeof *told; i > 0; i--) {
        if (c->n[told[i - 1]]) worst = told[i - 1];
        val_put_str(p->a, v, states[told[i - 1]].word, arena_i64(p->a, (int64_t)c->n[told[i - 1]]));
    }
    val_put_str(p->a, v, S("title"),
                sys ? system_text(sys, p->lang, sys->title) : page_text(p, S("程序自己的文字")));
    val_put_str(p->a, v, S("system"), sys ? sys->id : page_text(p, S("每次编译时检查，不会缺")));
    val_put_str(p->a, v, S("said"), arena_i64(p->a, (int64_t)said));
    val_put_str(p->a, v, S("own"), arena_i64(p->a, (int64_t)c->n[RELEASE_TEXT_OWN]));
    val_put(p->a, v, S("state"), tag_of(p, worst));
    val_put_str(p->a, v, S("href"),
                page_href(p, ARENA_CAT(p->a, S("/admin/texts/po"), sys ? S("?system=") : S(""),
                                       sys ? sys->id : S(""))));
    val_push(p->a, list, v);
}

int edit_status_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct status *s = p->own;
    const struct po *en = page_realm(p)->en;
    struct val *list = val_list(p->a);
    struct counted own = { .n = { [RELEASE_TEXT_OWN] = en ? po_entries(en)->n : 0 } };
    (void)tx, (void)e;
    put_catalogue(p, list, &own);
    for (size_t i = 0; s && i < s->n; i++) put_catalogue(p, list, &s->row[i]);
    val_put(p->a, p->view, S("catalogues"), list);
    return 0;
}

int edit_status_say(struct page *p, struct err *e) {
    (void)e;
    staff_title(p, S("翻译"), S(""));
    val_put_str(p->a, p->view, S("drafts_href"), page_href(p, S("/admin/drafts")));
    p->template = S("edit/catalogues");
    return 0;
}

/* ---- a catalogue as a file ---- */

static void write_quoted(struct buf *b, const char *word, struct str text) {
    buf_add(b, str_of(word));
    buf_add(b, S(" \""));
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '"' || c == '\\') buf_add_char(b, '\\');
        if (c == '\n') buf_add(b, S("\\n"));
        else if (c == '\t') buf_add(b, S("\\t"));
        else if (c == '\r') buf_add(b, S("\\r"));
        else buf_add_char(b, c);
    }
    buf_add(b, S("\"\n"));
}

/* The program's own, which stands compiled in memory. */
static struct str own_catalogue(struct page *p) {
    const struct po *en = page_realm(p)->en;
    const struct map *all = en ? po_entries(en) : NULL;
    struct buf b;
    buf_init(&b, p->req->arena, 65536, STATUS_BYTES_MAX);
    buf_add(
        &b,
        S("msgid \"\"\nmsgstr \"\"\n\"Language: en\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"));
    for (size_t i = 0; all && i < all->n; i++) {
        buf_add(&b, S("\n"));
        write_quoted(&b, "msgid", all->entry[i].key);
        write_quoted(&b, "msgstr", po_get(en, S(""), all->entry[i].key));
    }
    return buf_str(&b);
}

int edit_po_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str system = page_in(p, S("system"));
    const struct system *sys = realm_system(page_realm(p), system);
    struct str *po = arena_new(p->req->arena, struct str);
    struct release_files files;
    if (!po) return err_set(e, ERR_MEMORY, NULL);
    p->own = po;
    p->req->arena->limit_bytes = store_arena(tx)->limit_bytes =
        STATUS_BYTES_MAX; /* until the request is over */
    if (!system.len) {
        *po = own_catalogue(p);
        return 0;
    }
    if (!sys) return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = release_files_get(tx, page_realm(p)->home, sys->release, &files, e);
    if (!rc) *po = arena_str(p->req->arena, edit_file(&files, S("texts/en.po")));
    return rc;
}

int edit_po_say(struct page *p, struct err *e) {
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    if (!reply) return err_set(e, ERR_MEMORY, NULL);
    page_header(p, S("Content-Disposition"), S("attachment; filename=\"en.po\""));
    *reply = (struct http_reply){ .status = 200,
                                  .media_type = S("text/x-gettext-translation; charset=utf-8"),
                                  .body = *(const struct str *)p->own };
    p->reply = reply;
    return 0;
}

/* ---- the texts of a draft ---- */

struct str edit_text_number(struct arena *a, struct str text) {
    return arena_fmt(a, "%016llx", (unsigned long long)str_hash(text));
}

/* On the pool: into x->texts, in the request's arena. */
static void gather(struct page *p) {
    struct edit *x = p->own;
    struct arena a, *keep = p->req->arena;
    struct release_texts t;
    struct err ignored = { 0 };
    arena_init(&a, "texts of a draft", WALK_BYTES_MAX);
    const struct system *m = edit_judge(p, &a, &x->files, &x->findings);
    if (m && release_texts(&a, m, page_realm(p)->en, &x->files, &t, &ignored) == 0 &&
        (x->text = arena_array(keep, t.n + 1, sizeof *x->text))) {
        for (x->n_texts = 0; x->n_texts < t.n; x->n_texts++) {
            struct release_text *to = &x->text[x->n_texts];
            *to = t.list[x->n_texts];
            to->text = arena_str(keep, to->text);
            to->english = arena_str(keep, to->english);
            to->file = arena_str(keep, to->file);
        }
        x->compiled = true;
    }
    arena_done(&a);
}

int edit_texts_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = gather;
    return 0;
}

static bool wanted(const struct list_run *l, const struct release_text *t) {
    struct str state = list_value(l, "state"), words = list_value(l, "q");
    if (state.len && !str_eq(state, states[t->state].word)) return false;
    if (!words.len) return true;
    if (str_find(t->text, words, 0) != SIZE_MAX || str_find(t->file, words, 0) != SIZE_MAX)
        return true;
    for (size_t i = 0; i + words.len <= t->english.len; i++)
        if (str_eq_nocase(str_sub(t->english, i, words.len), words)) return true;
    return false;
}

static struct val *row_of(struct page *p, const struct edit *x, size_t i) {
    const struct release_text *t = &x->text[i];
    struct val *v = val_map(p->a);
    struct str at = t->line ? arena_fmt(p->a, "%.*s:%u", STR_ARG(t->file), t->line) : t->file;
    if (t->places > 1)
        at = ARENA_CAT(p->a, at, S(" "), staff_fill(p, S("等 {n} 处"), "n", (int64_t)t->places));
    val_put_str(p->a, v, S("text"), t->text);
    val_put_str(p->a, v, S("english"), t->english);
    val_put_str(p->a, v, S("place_of"), at);
    val_put(p->a, v, S("state"), tag_of(p, t->state));
    val_put_str(p->a, v, S("href"),
                page_href(p, ARENA_CAT(p->a, edit_path(p, x->draft.id, "/text?of="),
                                       edit_text_number(p->a, t->text))));
    val_put_str(p->a, v, S("place"), list_place(p->a, 0, (int64_t)i + 1));
    return v;
}

/* Thousands of texts are in hand, and as many rows as are shown are made. */
static int fetch(struct store_tx *tx, struct page *p, struct list_run *l, struct err *e) {
    const struct edit *x = p->own;
    int64_t key, behind;
    int rc = list_place_read(l->place, &key, &behind, e);
    (void)tx;
    l->total = 0;
    for (size_t k = 0; !rc && k < x->n_texts; k++) {
        const size_t i = l->back ? x->n_texts - 1 - k : k;
        if (!wanted(l, &x->text[i])) continue;
        l->total++;
        if (behind && (l->back ? (int64_t)i + 1 >= behind : (int64_t)i + 1 <= behind)) continue;
        if (val_count(l->rows) < l->max) val_push(p->a, l->rows, row_of(p, x, i));
    }
    return rc;
}

static int choices(struct store_tx *tx, struct page *p, struct list_run *l,
                   const struct list_filter *f, struct val *into, struct err *e) {
    (void)tx, (void)e;
    for (size_t i = 0; str_eq(str_of(f->name), S("state")) && i < RELEASE_TEXT_STATES; i++)
        list_choice(p, l, f, into, states[i].word, page_text(p, states[i].text));
    return 0;
}

static const struct list_column columns[] = { { "text", S_INIT("中文原文"), NULL, LIST_HEAD },
                                              { "place_of", S_INIT("在哪里"), NULL, LIST_UNDER },
                                              { "english", S_INIT("英文"), NULL, LIST_TEXT },
                                              { "state", S_INIT("情况"), NULL, LIST_TAG } };
static const struct list_order orders[] = { { "file", S_INIT("按文件，从前往后"),
                                              S_INIT("按文件，从后往前"), true } };
static const struct list_filter filters[] = { { "state", S_INIT("情况"), LIST_CHOICE },
                                              { "q", S_INIT("中文、英文或文件名"), LIST_WORDS } };
static const struct list texts = { .name = "texts",
                                   .caption = S_INIT("给人看的文字"),
                                   LIST_TABLES(columns, orders, filters),
                                   .page_rows = PAGE_ROWS,
                                   .no_file = true,
                                   .fetch = fetch,
                                   .choices = choices };

int edit_texts_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct list_run l;
    list_read(p, &texts, edit_path(p, x->draft.id, "/texts"), &l);
    val_put_bool(p->a, p->view, S("compiled"), x->compiled);
    return list_show(tx, p, &l, e);
}

int edit_texts_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    (void)e;
    edit_title(p, S("翻译"), &x->draft);
    staff_crumb(p, S("翻译"), S(""));
    p->template = S("edit/texts");
    return 0;
}

/* ---- one text ---- */

/* The one that is asked for; without a word the first that lacks English, else the first of all. */
static const struct release_text *text_of(struct page *p, const struct edit *x) {
    struct str of = page_in(p, S("of"));
    for (size_t i = 0; i < x->n_texts; i++)
        if (of.len ? str_eq(edit_text_number(p->a, x->text[i].text), of)
                   : x->text[i].state == RELEASE_TEXT_MISSING)
            return &x->text[i];
    return of.len || !x->n_texts ? NULL : &x->text[0];
}

int edit_text_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    const struct release_text *t = text_of(p, x);
    struct scope_token ignored;
    struct val *hidden = val_list(p->a);
    (void)tx;
    if (!t && x->n_texts) return err_set(e, ERR_NOT_FOUND, NULL);
    const bool may = access_may(page_realm(p), p->who, S("release.draft"), &ignored, NULL) == 0;
    val_put_bool(p->a, p->view, S("compiled"), t != NULL);
    if (!t) return 0;
    val_put_bool(p->a, p->view, S("may_edit"), may && str_eq(x->draft.state, S("open")));
    val_put_str(p->a, p->view, S("text"), t->text);
    val_put_str(p->a, p->view, S("english"), t->english);
    val_put(p->a, p->view, S("state"), tag_of(p, t->state));
    val_put_str(p->a, p->view, S("at"),
                t->line ? arena_fmt(p->a, "%.*s:%u", STR_ARG(t->file), t->line) : t->file);
    val_put_str(p->a, p->view, S("places"), arena_i64(p->a, (int64_t)t->places));
    struct val *f = question_plain(p, S("english"), S("英文"),
                                   S("花括号里的名称照写：办理时换成它的内容"));
    val_put_str(p->a, f, S("rows"), S("4"));
    val_put_str(p->a, f, S("value"), question_again(p) ? page_in(p, S("english")) : t->english);
    val_put(p->a, p->view, S("english_field"), f);
    staff_field(p, hidden, S("of"), edit_text_number(p->a, t->text));
    staff_field(p, hidden, S("seen"),
                question_again(p) ? page_in(p, S("seen")) : edit_text_number(p->a, t->english));
    val_put(p->a, p->view, S("hidden"), hidden);
    return 0;
}

int edit_text_say(struct page *p, struct err *e) {
    const struct edit *x = p->own;
    (void)e;
    if (p->location.len) return 0;
    edit_title(p, S("一条文字的英文"), &x->draft);
    staff_crumb(p, S("翻译"), edit_path(p, x->draft.id, "/texts"));
    staff_crumb(p, S("一条文字的英文"), S(""));
    page_form(p, edit_path(p, x->draft.id, "/text"));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, edit_path(p, x->draft.id, "/texts")));
    p->template = S("edit/text");
    return 0;
}

/* A name in braces that one has and the other lacks; empty: they agree. */
static struct str odd_name(struct str one, struct str other) {
    for (size_t at = str_find_char(one, '{', 0); at != SIZE_MAX;
         at = str_find_char(one, '{', at + 1)) {
        const size_t n = po_placeholder(str_sub(one, at, one.len));
        if (n && str_find(other, str_sub(one, at, n), 0) == SIZE_MAX) return str_sub(one, at, n);
    }
    return S("");
}

static void fault(struct page *p, struct edit *x, struct str text) {
    if (x->n_faults == PAGE_FAULTS_MAX) return;
    x->field[x->n_faults] = S("english");
    x->fault[x->n_faults++] = arena_str(p->req->arena, text);
}

static void put(struct page *p) {
    struct edit *x = p->own;
    struct str said = edit_lines(p->req->arena, page_in(p, S("english"))), po;
    struct arena a;
    gather(p);
    const struct release_text *t = text_of(p, x);
    if (!t) {
        (void)err_set(&p->err, ERR_NOT_FOUND, NULL);
        return;
    }
    x->conflict = !str_eq(page_in(p, S("seen")), edit_text_number(p->req->arena, t->english));
    struct str odd = odd_name(t->text, said);
    if (!odd.len) odd = odd_name(said, t->text);
    if (odd.len && said.len)
        fault(p, x, edit_asks(p, ARENA_CAT(p->req->arena, page_text(p, S("中文和英文里花括号的名称要一样：")), odd)));
    if (x->conflict || odd.len || !said.len || str_eq(said, t->english)) return;
    arena_init(&a, "a text judged", WALK_BYTES_MAX);
    if (po_put(&a, edit_file(&x->files, S("texts/en.po")), t->text, said, &po, &p->err) == 0) {
        x->changed[0] = (struct release_file){ S("texts/en.po"), arena_str(p->req->arena, po) };
        x->n_changed = 1;
        struct release_findings after = { .arena = &a };
        const struct release_files files = edit_merged(&a, x);
        (void)edit_judge(p, &a, &files, &after);
        for (size_t i = 0; i < after.n; i++)
            if (!edit_found(&x->findings, &after.list[i]))
                fault(p, x, edit_asks(p, page_said(p, after.list[i].text)));
    }
    arena_done(&a);
}

int edit_text_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = put;
    return 0;
}

int edit_text_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    struct str said = str_trim(page_in(p, S("english")));
    if (!said.len) return page_fault(p, S("english"), ERR_REQUIRED, page_text(p, S("英文")));
    if (str_utf8_count(said) > ENGLISH_MAX)
        return page_fault(p, S("english"), ERR_TOO_LONG, arena_i64(p->a, ENGLISH_MAX));
    const int rc = edit_write(tx, p, S("texts/en.po"), e);
    if (!rc) p->location = edit_path(p, x->draft.id, "/texts");
    return rc;
}
