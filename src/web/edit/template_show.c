/* template_show: I5, what a template says to people, before it says it to anybody: the message by each way in
 * both languages with what an SMS costs, the paper as the press sets it, marked as a specimen; filled with
 * what the system itself declares and its own scenario answers. Invariants: the functions that send and set
 * make it; nobody's data is in it; on the pool, in no transaction.
 */
#include "data/smpp.h"
#include "engine/notify/notify_out.h"
#include "engine/paper/paper_layout.h"
#include "engine/queue/queue.h"
#include "engine/supervise/supervise.h"
#include "release/release_templates.h"
#include "web/edit/edit_pages.h"

enum { SHOW_BYTES_MAX = 64 * 1024 * 1024, PDF_BYTES_MAX = 48 * 1024 * 1024 };
#define SAMPLE_DAY_MS (INT64_C(7) * 24 * 3600 * 1000)

struct showing {
    struct page *p;
    struct edit *x;
    struct arena *a;
    const struct system *m, *of; /* `of` declares `item` */
    const struct item_type *item;
};

/* ---- sample values ---- */

/* The first that the system declares, else the first of any active one. */
static const void *first(const struct showing *s, enum system_part part, const struct system **of) {
    const struct realm *r = page_realm(s->p);
    const struct system **all;
    const size_t n = r->systems.active(r->systems.context, &all);
    *of = s->m;
    for (size_t i = 0; !(*of)->part[part].n && i < n; i++) *of = all[i];
    return (*of)->part[part].n ? (*of)->part[part].entry[0].value : NULL;
}

static struct str hall_text(const struct showing *s, enum release_is is, const struct system **of) {
    const struct queue_hall *h = first(s, SYSTEM_QUEUE, of);
    if (!h) return S("");
    if (is == RELEASE_IS_LINE) return h->n_lines ? h->line[0].title : S("");
    return is == RELEASE_IS_HALL ? h->title : h->address;
}

static struct str rule_text(const struct showing *s, enum release_is is, const struct system **of) {
    const struct supervise_rule *rule = first(s, SYSTEM_CARD, of);
    return !rule ? S("") : is == RELEASE_IS_RULE ? rule->title : rule->basis;
}

static struct str item_text(const struct showing *s, enum release_is is) {
    const struct item_type *t = s->item;
    static const char *const keys[] = { [RELEASE_IS_ORGAN] = "organ",
                                        [RELEASE_IS_PHONE] = "phone",
                                        [RELEASE_IS_COMPLAINT_PHONE] = "complaint_phone" };
    if (!t) return S("");
    if (is == RELEASE_IS_ITEM) return t->name;
    if (is == RELEASE_IS_PROMISE)
        return val_get_str(item_brief_view(page_realm(s->p), s->of, t, S("zh"), s->a), S("limit_promise"));
    if (is == RELEASE_IS_PART) return t->n_parts ? t->part[0].title : S("");
    if (is == RELEASE_IS_PAUSE || is == RELEASE_IS_PAUSE_BASIS)
        return val_get_str(val_item(t->pauses, 0), is == RELEASE_IS_PAUSE ? S("title") : S("basis"));
    return val_get_str(t->about, str_of(keys[is]));
}

static struct str standing_text(const struct showing *s, const struct system **of) {
    const struct access_standing *all[1];
    if (!access_standings(page_realm(s->p), all, 1)) return S("");
    *of = realm_system(page_realm(s->p), all[0]->system);
    return all[0]->title;
}

/* In a language, as messages have it: what is declared is in the words of its system. */
static struct val *sample_of(const struct showing *s, const struct release_name *n, struct str lang) {
    const struct system *of = s->of;
    struct str text;
    switch (n->is) {
    case RELEASE_IS_TEXT: return val_str(s->a, realm_text(page_realm(s->p), lang, n->sample));
    case RELEASE_IS_DAY: return notify_day(s->a, s->x->at_ms + SAMPLE_DAY_MS);
    case RELEASE_IS_HALL:
    case RELEASE_IS_HALL_ADDRESS:
    case RELEASE_IS_LINE: text = hall_text(s, n->is, &of); break;
    case RELEASE_IS_RULE:
    case RELEASE_IS_RULE_BASIS: text = rule_text(s, n->is, &of); break;
    case RELEASE_IS_STANDING: text = standing_text(s, &of); break;
    default: text = item_text(s, n->is); break;
    }
    if (!text.len) text = ARENA_CAT(s->a, S("〔"), realm_text(page_realm(s->p), lang, n->what), S("〕"));
    return val_str(s->a, of ? system_text(of, lang, text) : text);
}

/* Days are maps; NULL: there was no memory for it, which the arena remembers until the end. */
static bool is_day(const struct val *v) {
    return v && v->kind == VAL_MAP;
}

static struct str shown_of(const struct showing *s, const struct release_name *n) {
    struct val *v = sample_of(s, n, s->p->lang);
    if (!is_day(v)) return val_text(v);
    return realm_day(page_realm(s->p), s->a, s->p->lang, val_get_i64(v, S("day_ms"), 0));
}

/* ---- what it may say ---- */

static void put_name(const struct showing *s, struct val *into, const struct release_name *n,
                     struct str sample) {
    struct val *v = val_map(s->a);
    struct str what = page_text(s->p, n->what);
    if (str_eq(what, n->what)) what = system_text(s->m, s->p->lang, what);
    if (n->rows.len) {
        struct val *args = val_map(s->a);
        val_put_str(s->a, args, S("what"), what);
        val_put_str(s->a, args, S("rows"), n->rows);
        what = po_fill(s->a, page_text(s->p, S("{what}（在表格 {rows} 里）")), args);
    }
    val_put_str(s->a, v, S("name"), ARENA_CAT(s->a, S("{{"), n->name, S("}}")));
    val_put_str(s->a, v, S("what"), what);
    val_put_str(s->a, v, S("sample"), sample);
    val_push(s->a, into, v);
}

/* ---- messages ---- */

static struct str parts_text(const struct showing *s, struct str sms) {
    struct val *args = val_map(s->a);
    const size_t n = smpp_parts(sms);
    val_put_i64(s->a, args, S("n"), (int64_t)str_utf8_count(sms));
    val_put_i64(s->a, args, S("m"), (int64_t)n);
    return po_fill(s->a, page_text(s->p, n == 1 ? S("{n} 个字，按 1 条短信计") : S("{n} 个字，按 {m} 条短信计")),
                   args);
}

static int show_notice(const struct showing *s, struct val *view, struct err *e) {
    static const struct str langs[] = { S_INIT("zh"), S_INIT("en") };
    const struct notice_type *t = map_find(&s->m->part[SYSTEM_NOTICE], s->x->entry);
    struct release_name name[RELEASE_NOTICE_NAMES_MAX];
    const size_t n = release_notice_names(s->m, s->x->entry, name);
    const unsigned by = notice_parts(t).channels;
    struct val *names = val_list(s->a), *list = val_list(s->a);
    struct val *sample[] = { val_map(s->a), val_map(s->a) };
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        put_name(s, names, &name[i], shown_of(s, &name[i]));
        for (size_t k = 0; k < 2; k++)
            val_put(s->a, sample[k], name[i].name, sample_of(s, &name[i], langs[k]));
    }
    for (size_t k = 0; !rc && k < 2; k++) {
        struct notify_shown shown;
        struct val *v = val_map(s->a);
        rc = notify_show(s->a, page_realm(s->p), s->m, t, langs[k], sample[0], sample[1], &shown, e);
        if (rc) return rc;
        val_put_str(s->a, v, S("code"), k ? S("en") : S("zh-CN"));
        val_put_str(s->a, v, S("language"), page_text(s->p, k ? S("英文") : S("中文")));
        val_put_str(s->a, v, S("said_title"), shown.title);
        val_put_str(s->a, v, S("said"), shown.text);
        val_put_str(s->a, v, S("mail"), by & 1u << NOTIFY_MAIL ? shown.mail : S(""));
        val_put_str(s->a, v, S("sms"), by & 1u << NOTIFY_SMS ? shown.sms : S(""));
        val_put_str(s->a, v, S("parts"), parts_text(s, shown.sms));
        val_put_bool(s->a, v, S("brief"), shown.brief);
        val_push(s->a, list, v);
    }
    val_put(s->a, view, S("names"), names);
    val_put(s->a, view, S("messages"), list);
    return rc;
}

/* ---- papers ---- */

/* What a receipt would say of a case of the item. */
static struct val *receipt_view(const struct showing *s) {
    struct val *v = val_map(s->a), *rows = val_list(s->a), *row = val_map(s->a);
    struct release_name n;
    for (size_t i = 0; release_receipt_name(i, &n); i++) {
        if (n.rows.len || str_eq(n.name, S("materials"))) continue;
        struct val *one = sample_of(s, &n, S("zh"));
        if (is_day(one)) one = val_str(s->a, realm_day(page_realm(s->p), s->a, S("zh"), s->x->at_ms));
        val_put(s->a, v, n.name, one);
    }
    val_put_str(s->a, v, S("progress_url"),
                ARENA_CAT(s->a, page_realm(s->p)->base_url, S("/zh/progress")));
    val_put_i64(s->a, row, S("place"), 1);
    val_put_str(s->a, row, S("name"),
                s->item && s->item->n_materials ? s->item->material[0].name : S("〔材料名称〕"));
    val_put_str(s->a, row, S("file"), S("1.pdf"));
    val_push(s->a, rows, row);
    val_put(s->a, v, S("materials"), rows);
    return v;
}

static struct val *paper_view(const struct showing *s) {
    struct release_paper_use *use = arena_array(s->a, RELEASE_USES_MAX, sizeof *use);
    const size_t n = use ? release_paper_uses(s->m, s->x->entry, use) : 0;
    if (str_eq(s->x->entry, RELEASE_RECEIPT)) return receipt_view(s);
    if (!n) return val_map(s->a);
    struct str url = ARENA_CAT(s->a, page_realm(s->p)->base_url, S("/zh/guide/"), use[0].item->id);
    struct val *v = item_sample_view(page_realm(s->p), s->m, use[0].item, use[0].part, url, s->a);
    release_example(s->a, s->m, &s->x->files, use[0].item, v);
    return v;
}

static int show_paper(const struct showing *s, struct val *view, bool pdf, struct err *e) {
    const struct paper *paper = map_find(&s->m->part[SYSTEM_PAPER], s->x->entry);
    const struct val *values = paper_view(s);
    struct val *names = val_list(s->a);
    struct release_name *name;
    size_t n;
    int rc = release_paper_names(s->a, s->m, s->x->entry, &name, &n, e);
    for (size_t i = 0; !rc && i < n; i++) {
        const struct val *from = name[i].rows.len ? val_item(val_path(values, name[i].rows), 0) : values;
        put_name(s, names, &name[i], val_text(val_path(from, name[i].name)));
    }
    val_put(s->a, view, S("names"), names);
    val_put_bool(s->a, view, S("paper"), true);
    if (rc || !pdf) return rc;
    s->p->req->arena->limit_bytes = PDF_BYTES_MAX; /* until the request is over */
    return page_pdf(s->p, paper, values, s->x->at_ms, item_sample_mark(), s->p->req->arena,
                    &s->x->pdf, e);
}

/* The item whose case the samples are of. */
static void find_item(struct showing *s) {
    const struct realm *r = page_realm(s->p);
    const struct system **all;
    const size_t n = r->systems.active(r->systems.context, &all);
    s->item = first(s, SYSTEM_ITEM, &s->of);
    for (size_t i = 0; i < n && !(s->item && val_count(s->item->pauses)); i++)
        if (s->of != s->m && all[i]->part[SYSTEM_ITEM].n) {
            const struct item_type *t = all[i]->part[SYSTEM_ITEM].entry[0].value;
            if (val_count(t->pauses)) s->item = t, s->of = all[i];
        }
}

void edit_template_show(struct page *p, struct edit *x, bool pdf) {
    struct arena a, *keep = p->req->arena;
    struct val *view;
    struct showing s = { .p = p, .x = x, .a = &a };
    struct release_findings findings = { .arena = &a };
    arena_init(&a, "template shown", SHOW_BYTES_MAX);
    const struct system *active = realm_system(page_realm(p), x->draft.system);
    s.m = x->draft.id ? edit_judge(p, &a, &x->files, &findings) : active;
    const bool paper = str_eq(x->section, S("papers"));
    x->compiled = s.m && map_find(&s.m->part[paper ? SYSTEM_PAPER : SYSTEM_NOTICE], x->entry);
    if (x->compiled) {
        find_item(&s);
        view = val_map(&a);
        val_put_str(&a, view, S("where"), edit_template_where(p, s.m, x->section, x->entry));
        int rc = paper ? show_paper(&s, view, pdf, &p->err) : show_notice(&s, view, &p->err);
        if (!rc && arena_overflowed(&a)) rc = err_set(&p->err, ERR_MEMORY, NULL); /* half of a page is none */
        if (rc) p->err.code = rc;
        else x->view = val_copy(keep, view);
    } else if (pdf)
        p->err.code = err_set(&p->err, ERR_STATE, "%.*s",
                              STR_ARG(page_text(p, S("草稿还有错误，不能预览。请先按检查结果改好。"))));
    arena_done(&a);
}
