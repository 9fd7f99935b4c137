/* decide: E4 and what else an officer does to a task: decide, claim, give back, open a material.
 * Invariant: of two officers the second is told (409) what the first decided, and keeps what was typed.
 */
#include "web/desk/desk_pages.h"

#include "data/write.h"
#include "web/question.h"

struct material {
    struct str bytes, media_type, file_name;
};

static struct str task_location(struct page *p, int64_t id) {
    return arena_fmt(p->a, "/desk/task/%lld", (long long)id);
}

int desk_decide_ask(struct page *p, struct err *e) {
    struct str move = page_in(p, S("move")), opinion = str_trim(page_in(p, S("opinion"))),
               basis = str_trim(page_in(p, S("basis")));
    bool refuses = str_eq(move, S("refuse")), asks = str_eq(move, S("supplement")), fails = str_eq(move, S("fail"));
    int64_t version;
    if (!str_to_i64(page_in(p, S("version")), &version)) return err_set(e, ERR_SYNTAX, "version");
    question_join_dates(p);
    if (!desk_to_ok(p)) (void)page_fault(p, S("to"), ERR_CODE, S(""));
    if (move.len == 0) (void)page_fault(p, S("move"), ERR_REQUIRED, S("办理结果"));
    if ((refuses || asks || fails) && opinion.len == 0)
        (void)page_fault(p, S("opinion"), ERR_REQUIRED,
                         refuses ? S("不予许可的理由")
                         : asks  ? S("需要补正的全部内容")
                                 : S("不通过的理由"));
    if (refuses && basis.len == 0) (void)page_fault(p, S("basis"), ERR_REQUIRED, S("不予许可的法律依据"));
    return 0;
}

int desk_decide_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id, version = 0, to = 0; /* whose word is wanted afterwards; nobody's where none is chosen */
    struct val *errors = NULL;
    (void)str_to_i64(page_in(p, S("version")), &version);
    (void)str_to_i64(page_in(p, S("to")), &to);
    int rc = staff_id(p, "id", &id, e);
    if (!rc)
        rc = item_task_do(tx, page_realm(p), p->who,
                          &(struct item_task_order){ .verb = S("countersign"), .task = id, .version = version, .to = to,
                                                     .move = page_in(p, S("move")),
                                                     .text = str_trim(page_in(p, S("opinion"))),
                                                     .basis = str_trim(page_in(p, S("basis"))),
                                                     .given = p->in, .errors = &errors },
                          e);
    for (size_t i = 0; rc == ERR_INPUT && i < val_pairs(errors); i++) {
        const struct val_pair *f = &errors->u.map.pair[i];
        (void)page_fault(p, f->key, (int)val_get_i64(f->value, S("code"), ERR_INPUT), val_get_str(f->value, S("detail")));
    }
    if (!rc) p->location = arena_fmt(p->a, "/desk?done=%lld", (long long)id);
    return staff_fault(p, rc, e);
}

int desk_claim_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = item_task_claim(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = task_location(p, id);
    return rc;
}

int desk_release_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = item_task_release(tx, page_realm(p), p->who, id, e);
    if (!rc) p->location = task_location(p, id);
    return rc;
}

void desk_put_moved(struct page *p, struct str back, struct str back_text) {
    val_put_str(p->a, p->view, S("task_href"), page_href(p, back));
    val_put_str(p->a, p->view, S("back_text"), page_text(p, back_text));
    val_put_str(p->a, p->view, S("queue_href"), page_href(p, S("/desk")));
    p->template = S("desk/moved");
}

/* After a claim or a release that came too late: why, and the way back to the task. */
int desk_moved_say(struct page *p, struct err *e) {
    int64_t id;
    if (p->location.len) return 0;
    if (!p->err.code || staff_id(p, "id", &id, e)) return err_set(e, ERR_NOT_FOUND, NULL);
    staff_title(p, S("这个任务有了变化"), S(""));
    desk_put_moved(p, task_location(p, id), S("查看这个任务"));
    return 0;
}

/* ---- a material ---- */

int desk_material_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct material *m = arena_new(p->req->arena, struct material);
    int64_t id, file;
    enum { FILE_ARENA_BYTES = 40 * 1024 * 1024 };
    if (!m) return err_set(e, ERR_MEMORY, NULL);
    p->a->limit_bytes = FILE_ARENA_BYTES; /* the request's end puts it back */
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = staff_id(p, "file", &file, e);
    if (!rc)
        rc = item_task_file(tx, page_realm(p), p->who, id, file, p->a, &m->bytes, &m->media_type,
                            &m->file_name, e);
    p->own = m;
    return rc;
}

/* What a browser may show in its window; anything else is saved. The type was found from the bytes when the file came. */
static bool shown_inline(struct str media_type) {
    static const struct str types[] = { S_INIT("application/pdf"), S_INIT("image/jpeg"), S_INIT("image/png"),
                                        S_INIT("image/webp") };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(types[i], media_type)) return true;
    return false;
}

int desk_material_say(struct page *p, struct err *e) {
    const struct material *m = p->own;
    struct http_reply *reply = arena_new(p->req->arena, struct http_reply);
    struct buf b;
    bool show = shown_inline(m->media_type);
    buf_init(&b, p->req->arena, 256, 4096);
    buf_add(&b, show ? S("inline; filename*=UTF-8''") : S("attachment; filename*=UTF-8''"));
    write_url_component(&b, m->file_name); /* RFC 8187 */
    if (!reply || !buf_ok(&b)) return err_set(e, ERR_MEMORY, NULL);
    page_header(p, S("Content-Disposition"), buf_str(&b));
    *reply = (struct http_reply){ .status = 200,
                                  .media_type = show ? m->media_type : S("application/octet-stream"),
                                  .body = m->bytes };
    p->reply = reply;
    return 0;
}
