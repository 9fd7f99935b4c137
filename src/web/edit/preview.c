/* preview: I1, the guide and the form of a draft's item as citizens would see them, marked as a
 * preview. Invariants: nothing is stored, nothing can be sent; what is shown is made by the
 * functions that make the real pages.
 */
#include "engine/form/form.h"
#include "web/edit/edit_pages.h"
#include "web/question.h"

enum { PREVIEW_BYTES_MAX = 64 * 1024 * 1024 };

static struct val *form_of(struct page *p, const struct system *m, const struct item_type *t,
                           struct arena *a) {
    const struct form *f = system_find(m, SYSTEM_FORM, t->form);
    struct val *pages = val_list(p->a), *none = val_map(a);
    for (size_t i = 0; f && i < f->n_pages; i++) {
        const struct val *view = form_page_view(&f->page[i], m, none, none, none, p->lang, a);
        const struct val *questions = val_get(view, S("questions"));
        struct val *v = val_map(p->a), *list = val_list(p->a);
        for (size_t k = 0; k < val_count(questions); k++) {
            const struct val *q = val_item(questions, k), *options = val_get(q, S("options"));
            struct val *one = val_map(p->a), *choices = val_list(p->a);
            for (size_t o = 0; o < val_count(options) && o < 12; o++)
                val_push(p->a, choices,
                         val_str(p->a, val_get_str(val_item(options, o), S("title"))));
            val_put_str(p->a, one, S("title"), val_get_str(q, S("title")));
            val_put_str(p->a, one, S("hint"), val_get_str(q, S("hint")));
            val_put_bool(p->a, one, S("required"), val_get_bool(q, S("required"), false));
            val_put(p->a, one, S("choices"), choices);
            val_push(p->a, list, one);
        }
        val_put_str(p->a, v, S("title"), val_get_str(view, S("title")));
        val_put_str(p->a, v, S("hint"), val_get_str(view, S("hint")));
        val_put_bool(p->a, v, S("sometimes"), f->page[i].when != NULL);
        val_put_bool(p->a, v, S("repeats"), f->page[i].repeats);
        val_put(p->a, v, S("questions"), list);
        val_push(p->a, pages, v);
    }
    return pages;
}

static void work(struct page *p) {
    struct edit *x = p->own;
    struct arena a;
    struct val *view = val_map(p->req->arena);
    arena_init(&a, "preview", PREVIEW_BYTES_MAX);
    const struct system *m = edit_judge(p, &a, &x->files, &x->findings);
    const struct item_type *t = m ? map_find(&m->part[SYSTEM_ITEM], x->item) : NULL;
    if (t) {
        struct val *guide = item_guide_view(page_realm(p), m, t, p->lang, &a);
        val_put(p->req->arena, view, S("item"), guide);
        val_put(p->req->arena, view, S("form_pages"), form_of(p, m, t, &a));
        x->view = val_copy(p->req->arena, view);
    }
    arena_done(&a);
}

int edit_preview_ask(struct page *p, struct err *e) {
    (void)e;
    p->look = edit_look;
    p->work = work;
    return 0;
}

int edit_preview_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct edit *x = p->own;
    (void)tx;
    if (!edit_file(&x->files, edit_item_path(p->a, x->item)).len)
        return err_set(e, ERR_NOT_FOUND, NULL);
    return 0;
}

int edit_preview_say(struct page *p, struct err *e) {
    static const char *const links[] = { "start_href", "check_href", "form_href" };
    const struct edit *x = p->own;
    (void)e;
    edit_title(p, S("预览"), &x->draft);
    staff_crumb(p, S("预览"), S(""));
    if (x->view) {
        val_put(p->a, p->view, S("item"), (struct val *)(uintptr_t)val_get(x->view, S("item")));
        val_put(p->a, p->view, S("form_pages"),
                (struct val *)(uintptr_t)val_get(x->view, S("form_pages")));
        for (size_t i = 0; i < 3; i++) val_put_str(p->a, p->view, str_of(links[i]), S("#form"));
    }
    p->template = S("edit/preview");
    return 0;
}
