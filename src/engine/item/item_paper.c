/* item_paper: papers for who has not applied: the form of an item with lines to write on, and
 * papers filled with what stands where, as specimens; and what a paper that was issued decided; see
 * item.h. Papers are Chinese. Invariants:
 * made from declarations alone, so that nothing in them is anybody's; texts of a declaration reach
 * the layout as values of a view, never as markup.
 */
#include "engine/item/item_rows.h"

#include "data/write.h"
#include "engine/paper/paper.h"
#include "engine/record/record.h"

enum { PAPER_BYTES_MAX = 256 * 1024, OPTIONS_MAX = 12, EMPTY_ROWS = 4 };

/* ---- the blank form ---- */

struct drawing {
    struct arena *a;
    const struct system *m;
    struct buf xml;
    struct val *texts; /* {{t.0}}, {{t.1}}... */
};

/* The place in the layout where this text comes to stand. */
static void add_text(struct drawing *d, struct str text) {
    buf_add_fmt(&d->xml, "{{t.%zu}}", val_count(d->texts));
    val_push(d->a, d->texts, val_str(d->a, text));
}

static void add_element(struct drawing *d, const char *open, struct str text, const char *close) {
    if (text.len == 0) return;
    buf_add(&d->xml, str_of(open));
    add_text(d, text);
    buf_add(&d->xml, str_of(close));
}

/* Boxes to tick, where there are few enough; else empty. */
static struct str boxes(struct drawing *d, const struct form_question *q) {
    const struct code_set *set = q->code.len ? system_find(d->m, SYSTEM_CODE, q->code) : NULL;
    struct buf b;
    if (q->kind == FORM_YES_NO) return S("□ 是　　□ 否");
    if (!set || q->below.len || code_set_count(set) > OPTIONS_MAX) return S("");
    buf_init(&b, d->a, 256, 8192);
    for (size_t i = 0; i < code_set_count(set); i++) {
        buf_add(&b, i ? S("　□ ") : S("□ "));
        buf_add(&b, code_set_row(set, i)->title);
    }
    return buf_str(&b);
}

static struct str answer_line(struct drawing *d, const struct form_question *q) {
    struct str ticks = boxes(d, q);
    if (ticks.len) return ticks;
    switch (q->kind) {
    case FORM_DATE:
        return S("＿＿＿＿年＿＿月＿＿日");
    case FORM_INTEGER:
        return ARENA_CAT(d->a, S("＿＿＿＿＿＿ "), q->unit);
    case FORM_LONG:
        return S(
            "＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿");
    default:
        return S("＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿");
    }
}

static void add_question(struct drawing *d, const struct form_question *q) {
    buf_add(&d->xml, S("<field label=\""));
    add_text(d, q->title);
    add_element(d, "\">", answer_line(d, q), "</field>");
}

/* A page that repeats: a row for each entry. */
static void add_table(struct drawing *d, const struct form_page *p) {
    buf_add(&d->xml, S("<table rows=\"rows\" caption=\""));
    add_text(d, p->entry.len ? p->entry : p->title);
    buf_add(&d->xml, S("\">"));
    for (size_t i = 0; i < p->n_questions && i < PAPER_COLUMNS_MAX; i++) {
        buf_add(&d->xml, S("<column title=\""));
        add_text(d, p->question[i].title);
        buf_add(&d->xml, S("\">　</column>"));
    }
    buf_add(&d->xml, S("</table>"));
}

/* Online, what a registry knows is shown, and the hint says so; on paper it is written like the
 * rest. */
static bool shown_online(const struct form_page *p) {
    for (size_t i = 0; i < p->n_questions; i++)
        if (p->question[i].kind == FORM_REGISTRY) return true;
    return false;
}

static void add_page(struct drawing *d, const struct form_page *p, const struct form_page *online) {
    struct str note = p->when ? S("（视情况填写）") : S("");
    add_element(d, "<title level=\"3\">", ARENA_CAT(d->a, p->title, note), "</title>");
    if (!shown_online(online)) add_element(d, "<para size=\"small\">", p->hint, "</para>");
    if (p->repeats) add_table(d, p);
    for (size_t i = 0; i < p->n_questions && !p->repeats; i++) add_question(d, &p->question[i]);
}

static void add_materials(struct drawing *d, const struct item_type *t) {
    if (t->n_materials) buf_add(&d->xml, S("<title level=\"3\">随附材料</title>"));
    for (size_t i = 0; i < t->n_materials; i++)
        add_element(d, "<para>□ ", t->material[i].name, "</para>");
}

int item_form_paper(const struct system *m, const struct item_type *t, struct arena *a,
                    const struct paper **ret, struct val **view, struct err *e) {
    const struct form *form = system_find(m, SYSTEM_FORM, t->form);
    const struct form *typed =
        form->typed && form->typed->n_pages == form->n_pages ? form->typed : form;
    struct drawing d = { .a = a, .m = m, .texts = val_list(a) };
    struct val *rows = val_list(a);
    struct paper *paper;
    buf_init(&d.xml, a, 16384, PAPER_BYTES_MAX);
    buf_add(&d.xml, S("<paper id=\"form\" title=\""));
    add_text(&d, ARENA_CAT(a, t->name, S("申请表")));
    buf_add(&d.xml,
            S("\" lang=\"zh-CN\" size=\"A4\" margin=\"20 22 18 22\" style=\"notice\"><page>"));
    add_element(&d, "<title level=\"1\" align=\"center\">", ARENA_CAT(a, t->name, S("申请表")),
                "</title>");
    for (size_t i = 0; i < typed->n_pages; i++) add_page(&d, &typed->page[i], &form->page[i]);
    add_materials(&d, t);
    buf_add(
        &d.xml,
        S("<space height=\"6\"/><para indent=\"2\">本人（本单位）承诺以上内容和所附材料真实、准确、完整。</para>"
          "<space height=\"4\"/><field label=\"申请人（签字或盖章）\">＿＿＿＿＿＿＿＿＿＿＿＿</field>"
          "<field label=\"日期\">＿＿＿＿年＿＿月＿＿日</field></page></paper>"));
    for (size_t i = 0; i < EMPTY_ROWS; i++) val_push(a, rows, val_map(a));
    *view = val_map(a);
    val_put(a, *view, S("t"), d.texts);
    val_put(a, *view, S("rows"), rows);
    if (!buf_ok(&d.xml)) return err_set(e, ERR_LIMIT, "%d KiB", PAPER_BYTES_MAX / 1024);
    int rc = paper_compile(a, S("form"), buf_str(&d.xml), &paper, e);
    *ret = paper;
    return rc;
}

/* ---- specimens ---- */

struct str item_sample_mark(void) {
    return S("样本 SPECIMEN");
}

static struct str placeholder(struct arena *a, struct str title) {
    return ARENA_CAT(a, S("〔"), title, S("〕"));
}

static struct val *sample_record(const struct system *m, struct str type, struct arena *a) {
    const struct record_type *t = system_find(m, SYSTEM_RECORD, type);
    struct val *v = val_map(a);
    for (size_t i = 0; t && i < t->n_fields; i++)
        val_put_str(a, v, t->field[i].name, placeholder(a, t->field[i].title));
    return v;
}

static void put_answers(const struct form *form, struct val *answers, struct arena *a) {
    for (size_t i = 0; form && i < form->n_pages; i++) {
        const struct form_page *p = &form->page[i];
        struct val *into = p->repeats ? val_map(a) : answers;
        for (size_t k = 0; k < p->n_questions; k++)
            val_put_str(a, into, p->question[k].id, placeholder(a, p->question[k].title));
        if (!p->repeats) continue;
        struct val *list = val_list(a);
        val_put_i64(a, into, S("place"), 1);
        val_push(a, list, into);
        val_put(a, answers, p->id, list);
    }
}

/* Of the applicant's form and of those that officers fill in, and what the process decides. */
static struct val *sample_answers(const struct system *m, const struct item_type *t, struct arena *a) {
    const struct flow_model *flow = system_find(m, SYSTEM_FLOW, t->flow);
    struct val *answers = val_map(a);
    put_answers(system_find(m, SYSTEM_FORM, t->form), answers, a);
    for (size_t i = 0; flow && i < flow->n_element; i++) {
        const struct flow_element *el = &flow->element[i];
        if (el->form.len) put_answers(system_find(m, SYSTEM_FORM, el->form), answers, a);
        if (str_eq(el->act, S("case.decide")) && el->result.len)
            val_put_str(a, answers, el->result, placeholder(a, el->name));
    }
    return answers;
}

struct val *item_sample_view(const struct realm *r, const struct system *m,
                             const struct item_type *t, const struct item_part *part,
                             struct str url, struct arena *a) {
    struct val *v = val_map(a), *c = val_map(a);
    const struct str texts[][2] = { { S("number"), S("样本") },
                                    { S("code"), S("样本") },
                                    { S("verify_url"), url },
                                    { S("issued"), S("××××年××月××日") },
                                    { S("valid_until"),
                                      part && !part->valid_months ? S("") : S("××××年××月××日") },
                                    { S("organ"), S("发证机关") },
                                    { S("part"), part ? part->title : S("") },
                                    { S("opinion"), placeholder(a, S("理由和依据")) },
                                    { S("realm"), r ? r->title : S("") } };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        val_put_str(a, v, texts[i][0], texts[i][1]);
    val_put_str(a, c, S("number"), S("样本"));
    val_put_str(a, c, S("item"), t->name);
    val_put(a, v, S("case"), c);
    val_put(a, v, S("answers"), sample_answers(m, t, a));
    val_put(a, v, S("applicant"), sample_record(m, S("person"), a));
    if (t->for_company) val_put(a, v, S("company"), sample_record(m, S("company"), a));
    return v;
}

/* ---- issued papers ---- */

int item_paper_decides(struct store_tx *tx, const struct realm *r, const struct paper_row *p,
                       struct str lang, struct str *ret_part, bool *ret_granted, struct err *e) {
    struct item_case c;
    *ret_part = S("");
    *ret_granted = false;
    if (!p->case_id) return 0;
    int rc = item_case_get(tx, r, NULL, p->case_id, &c, e);
    for (size_t i = 0; !rc && i < c.type->n_parts; i++) {
        const struct item_part *part = &c.type->part[i];
        bool granted = str_eq(part->paper, p->type), refused = str_eq(part->refusal, p->type);
        struct str end = ARENA_CAT(store_arena(tx), S("-"), part->id); /* as item_flow.c numbers it */
        if (granted == refused || !str_ends(p->number, end)) continue;
        *ret_part = system_text(c.system, lang, part->title);
        *ret_granted = granted;
    }
    return rc;
}
