/* paper_texts: the texts of a paper where they stand in its file, and the names that they ask for; see
 * paper_layout.h. Invariant: what is not said anew keeps its bytes.
 */
#include "data/xml_write.h"
#include "engine/paper/paper_layout.h"
#include "engine/paper/paper_private.h"

/* What people read of each element; everything else is measure. TO ADD A TEXT: a row here and its
 * attr_text or take_text in paper_layout.c; paper_layout_test.c holds the one against the other. */
static const struct {
    struct str element, attr, what;
} texts[] = { { S_INIT("paper"), S_INIT("title"), S_INIT("文书名称") },
              { S_INIT("title"), S_INIT(""), S_INIT("标题") },
              { S_INIT("para"), S_INIT(""), S_INIT("段落") },
              { S_INIT("field"), S_INIT("label"), S_INIT("栏目名称") },
              { S_INIT("field"), S_INIT(""), S_INIT("栏目内容") },
              { S_INIT("table"), S_INIT("caption"), S_INIT("表格标题") },
              { S_INIT("column"), S_INIT("title"), S_INIT("表格列名") },
              { S_INIT("column"), S_INIT(""), S_INIT("表格内容") },
              { S_INIT("image"), S_INIT("alt"), S_INIT("图片说明") },
              { S_INIT("qr"), S_INIT("text"), S_INIT("二维码内容") },
              { S_INIT("qr"), S_INIT("caption"), S_INIT("二维码说明") },
              { S_INIT("seal"), S_INIT("organisation"), S_INIT("印章单位") },
              { S_INIT("seal"), S_INIT("text"), S_INIT("印章文字") },
              { S_INIT("seal"), S_INIT("date"), S_INIT("印章日期") } };
enum { TEXTS = sizeof texts / sizeof *texts };

int paper_words(struct arena *a, struct str bytes, struct paper_words **ret, size_t *n,
                struct err *e) {
    struct xml_spot *spot;
    size_t count[TEXTS] = { 0 }, spots;
    int rc = xml_spots(a, bytes, &spot, &spots, e);
    *n = 0;
    if (rc) return rc;
    *ret = arena_array(a, PAPER_TEXTS_MAX, sizeof **ret);
    if (!*ret) return err_set(e, ERR_MEMORY, "paper");
    for (size_t i = 0; i < spots; i++)
        for (size_t k = 0; k < TEXTS; k++) {
            if (!str_eq(spot[i].element, texts[k].element) || !str_eq(spot[i].attr, texts[k].attr))
                continue;
            struct str text = paper_normalise(a, spot[i].text);
            if (!text.len) continue;
            if (*n == PAPER_TEXTS_MAX) return err_set(e, ERR_LIMIT, "%d", PAPER_TEXTS_MAX);
            (*ret)[(*n)++] = (struct paper_words){
                .what = texts[k].what, .text = text, .number = ++count[k], .spot = i, .title = k == 0
            };
        }
    return 0;
}

int paper_reword(struct arena *a, struct str bytes, const struct paper_words *words,
              const struct str *text, size_t n, struct str *ret, struct err *e) {
    struct xml_spot *spot;
    size_t spots;
    int rc = xml_spots(a, bytes, &spot, &spots, e);
    struct str *said = rc ? NULL : arena_array(a, spots + 1, sizeof *said);
    if (rc || !said) return rc ? rc : err_set(e, ERR_MEMORY, "paper");
    for (size_t i = 0; i < n; i++)
        if (!str_eq(text[i], words[i].text) && words[i].spot < spots) said[words[i].spot] = text[i];
    return xml_say(a, bytes, spot, said, spots, ret, e);
}

struct telling {
    paper_name *see;
    void *context;
    struct str rows;
};

static void one_name(void *context, struct str name, bool partial, unsigned within) {
    const struct telling *t = context;
    if (!within && !partial) t->see(t->context, name, t->rows, false);
}

static void one_part(const struct paper_part *p, struct arena *a, struct telling *t) {
    const struct paper_text *of[] = { &p->text, &p->label, &p->date };
    if (p->cond.len) t->see(t->context, p->cond, t->rows, false);
    for (size_t i = 0; i < 3; i++) tpl_names(of[i]->tpl, a, one_name, t);
    if (p->rows.len) t->see(t->context, p->rows, S(""), p->box.kind == PAPER_TABLE);
}

void paper_names(const struct paper *p, struct arena *a, paper_name *see, void *context) {
    struct telling t = { see, context, S("") };
    tpl_names(p->title.tpl, a, one_name, &t);
    for (const struct paper_part *page = p->first; page; page = page->next) {
        one_part(page, a, &t);
        for (const struct paper_part *k = page->first; k; k = k->next) {
            one_part(k, a, &t);
            t.rows = k->rows;
            for (const struct paper_part *c = k->first; c; c = c->next) one_part(c, a, &t);
            t.rows = S("");
        }
    }
}
