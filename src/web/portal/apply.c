/* apply: the end of an application: B8 its materials, B10 and B11 check, declare and submit, B13 what happens next.
 * Invariants: a file's bytes are sealed before they touch the disk for good, and stored before the transaction that names them; what a
 * file is, its first bytes say, not its name; a file is judged and sealed outside every transaction.
 */
#include "data/plain.h"
#include "os/os.h"
#include "web/portal/portal.h"
#include "web/question.h"
#include "web/user.h"

#include <string.h>

enum { FILE_ARENA_BYTES = 96 * 1024 * 1024, NAME_BYTES_MAX = 200 };

/* ---- B8 ---- */

struct sending {
    const struct http_upload *upload;
    struct data_key key;
    int64_t case_id, size_max, remove, replace;
    struct str take, bytes; /* what one has already: which, and its bytes */
    struct item_file file;
};

static struct str media_type_of(struct str bytes) {
    if (str_starts(bytes, S("%PDF-"))) return S("application/pdf");
    if (str_starts(bytes, S("\xff\xd8\xff"))) return S("image/jpeg");
    if (str_starts(bytes, S("\x89PNG\r\n\x1a\n"))) return S("image/png");
    return S("");
}

/* The file that the next one takes the place of. */
static void put_replaced(struct page *p, struct str id, struct str name) {
    struct val *v = portal_put_map(p, S("replaced"));
    val_put_str(p->a, v, S("id"), id);
    val_put_str(p->a, v, S("name"), name);
}

/* The empty form, of a material that has one. */
static void put_blank(struct page *p, const struct item_case *c, const struct item_material *m) {
    struct val *list = val_list(p->a), *v = val_map(p->a);
    val_put_str(p->a, v, S("id"), m->id);
    val_put_bool(p->a, v, S("blank"), val_get_str(m->about, S("blank")).len > 0);
    val_push(p->a, list, v);
    portal_paper_hrefs(p, list, c->type->id);
    val_put_str(p->a, p->view, S("blank_href"), val_get_str(v, S("blank_href")));
}

/* Which of the needed ones it is, where there are several. */
static void put_place(struct page *p, const struct val *needed, struct str id) {
    for (size_t i = 0; i < val_count(needed) && val_count(needed) > 1; i++)
        if (str_eq(val_text(val_item(needed, i)), id)) {
            val_put_i64(p->a, p->view, S("nth"), (int64_t)i + 1);
            val_put_i64(p->a, p->view, S("needed"), (int64_t)val_count(needed));
        }
}

int material_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *view;
    int rc = portal_case(tx, p, "case.draft", &c, e);
    if (rc) return rc;
    const struct item_material *m;
    rc = item_material_place(tx, page_realm(p), &c, http_param(p->req, S("material")), &m, e);
    if (rc) return rc;
    bool draft = str_eq(c.state, S("draft"));
    if (!item_material_open(tx, &c, m) || (!draft && portal_draft_alone(p))) {
        p->location = portal_case_path(p, c.id, S(""));
        return 0;
    }
    rc = item_draft_view(tx, page_realm(p), &c, p->lang, &view, e);
    if (rc) return rc;
    const struct val *all = val_get(view, S("materials"));
    struct val *files = val_list(p->a);
    struct str replace = draft ? page_in(p, S("replace")) : S("");
    for (size_t i = 0; i < val_count(all); i++) {
        const struct val *have = val_get(val_item(all, i), S("files"));
        if (!str_eq(val_get_str(val_item(all, i), S("id")), m->id)) continue;
        for (size_t k = 0; k < val_count(have); k++) {
            const struct val *file = val_item(have, k);
            struct val *v = val_map(p->a);
            int64_t id = val_get_i64(file, S("id"), 0);
            struct str path = arena_fmt(p->a, "/file/%lld", (long long)id);
            val_put_i64(p->a, v, S("file_id"), id);
            val_put_str(p->a, v, S("title"), val_get_str(file, S("file_name")));
            val_put_str(p->a, v, S("size"), val_get_str(file, S("size")));
            val_put_str(p->a, v, S("href"), page_href(p, portal_case_path(p, c.id, path)));
            val_put_bool(p->a, v, S("removable"), draft);
            val_put_str(p->a, v, S("origin"), val_get_str(file, S("origin_text")));
            struct str tail =
                arena_fmt(p->a, "/material/%.*s?replace=%lld#file", STR_ARG(m->id), (long long)id);
            val_put_str(p->a, v, S("replace_href"), page_href(p, portal_case_path(p, c.id, tail)));
            if (str_eq(replace, arena_fmt(p->a, "%lld", (long long)id)))
                put_replaced(p, replace, val_get_str(file, S("file_name")));
            val_push(p->a, files, v);
        }
    }
    struct val *have = val_list(p->a);
    rc = portal_draft_alone(p) ? 0 : item_reuse_view(tx, page_realm(p), &c, m, p->lang, &have, e); /* of other cases */
    if (rc) return rc;
    put_blank(p, &c, m);
    if (draft) put_place(p, val_get(c.body, S("materials")), m->id);
    val_put(p->a, p->view, S("have"), have);
    val_put(p->a, p->view, S("files"), files);
    val_put_str(p->a, p->view, S("hint"), system_text(c.system, p->lang, m->hint));
    val_put_str(p->a, p->view, S("source"), system_text(c.system, p->lang, m->source));
    val_put_i64(p->a, p->view, S("size_most"), m->size_bytes_max);
    val_put_str(p->a, p->view, S("back_href"), page_href(p, portal_case_path(p, c.id, draft ? S("/fill") : S("/supplement"))));
    portal_title(p, system_text(c.system, p->lang, m->name));
    return 0;
}

static struct str megabytes(struct page *p, int64_t bytes) {
    return arena_fmt(p->a, "%lld MB", (long long)(bytes >> 20));
}

/* The one box of the page; what is more than may be sent is told before it is sent, where scripts run, in the words of the refusal. */
static void put_upload(struct page *p) {
    const struct val *replaced = val_get(p->view, S("replaced"));
    int64_t most = val_get_i64(p->view, S("size_most"), 0);
    struct str path = p->req->path, limit = megabytes(p, most);
    struct val *v = question_plain(p, S("file"), S("选择文件"), S(""));
    if (replaced) {
        val_put_str(p->a, v, S("label"), portal_fill(p, S("选择新文件，替换“{name}”"), S("name"), val_get_str(replaced, S("name"))));
        path = ARENA_CAT(p->a, path, S("?replace="), val_get_str(replaced, S("id")));
    } else if (val_count(val_get(p->view, S("files")))) {
        val_put_str(p->a, v, S("label"), page_text(p, S("再上传一个文件")));
    }
    val_put_str(p->a, v, S("hint"), portal_fill(p, S("PDF、JPG 或 PNG，不超过 {size}。"), S("size"), limit));
    val_put_str(p->a, v, S("accept"), S(".pdf,.jpg,.jpeg,.png"));
    val_put_str(p->a, v, S("camera"), S(""));
    val_put_bool(p->a, v, S("single"), replaced != NULL);
    val_put_str(p->a, v, S("script_href"), web_asset(p->web, S("upload.js")));
    val_put_str(p->a, v, S("page_href"), page_href(p, path));
    val_put_i64(p->a, v, S("most"), most);
    val_put_str(p->a, v, S("large"), page_error_text(p, ERR_LIMIT, limit));
    val_put(p->a, p->view, S("upload"), v);
}

int material_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_form(p, S("上传"), false, S(""));
    put_upload(p);
    val_put_bool(p->a, (struct val *)val_get(p->view, S("form")), S("files"), true);
    p->template = S("portal/material");
    return 0;
}

/* Known without the store, for a body that was refused unread: the most that any item allows for a material of this name. */
struct str portal_limit(struct page *p) {
    const struct realm *r = page_realm(p);
    const struct system **all;
    size_t n = r->systems.active(r->systems.context, &all);
    struct str id = http_param(p->req, S("material"));
    int64_t most = 0;
    for (size_t i = 0; i < n && id.len; i++)
        for (size_t k = 0; k < all[i]->part[SYSTEM_ITEM].n; k++) {
            const struct item_material *m = item_material(all[i]->part[SYSTEM_ITEM].entry[k].value, id);
            if (m && m->size_bytes_max > most) most = m->size_bytes_max;
        }
    return most ? megabytes(p, most) : S("");
}

static int find_place(struct store_tx *tx, struct page *p, struct err *e) {
    struct sending *s = p->own;
    struct item_case c;
    int rc = portal_case(tx, p, "case.draft", &c, e);
    const struct item_material *m;
    if (!rc) rc = item_material_place(tx, page_realm(p), &c, http_param(p->req, S("material")), &m, e);
    if (rc) return rc;
    s->case_id = c.id;
    s->size_max = m->size_bytes_max;
    if (s->take.len && portal_draft_alone(p)) return err_set(e, ERR_LOGIN, NULL);
    if (s->take.len) {
        p->req->arena->limit_bytes = FILE_ARENA_BYTES; /* until the request is over */
        rc = item_reuse_open(tx, page_realm(p), &c, m, s->take, p->req->arena, &s->file, &s->bytes, e);
    }
    return rc ? rc : item_file_key(tx, page_realm(p), &c, &s->key, e);
}

static int judge(struct page *p, struct sending *s, struct arena *a, struct err *e) {
    struct str bytes = s->upload ? s->upload->bytes : s->bytes, sealed;
    if (s->upload) s->file.size_bytes = (int64_t)s->upload->size_bytes;
    if (s->file.size_bytes > s->size_max)
        return page_fault(p, S("file"), ERR_LIMIT, megabytes(p, s->size_max));
    int rc = s->upload && s->upload->path ? os_read_file(a, s->upload->path, (size_t)s->size_max, &bytes, e) : 0;
    if (rc) return rc;
    s->file.media_type = media_type_of(bytes);
    if (s->file.media_type.len == 0) return page_fault(p, S("file"), ERR_FORMAT, S("PDF、JPG 或 PNG 文件"));
    rc = item_file_seal(page_realm(p), s->case_id, &s->key, bytes, a, &sealed, e);
    return rc ? rc : blobs_put(page_realm(p)->blobs, sealed, s->file.blob, e);
}

static void seal_upload(struct page *p) {
    struct arena a;
    arena_init(&a, "upload", FILE_ARENA_BYTES);
    int rc = judge(p, p->own, &a, &p->err);
    if (rc) p->err.code = rc;
    arena_done(&a);
}

int material_ask(struct page *p, struct err *e) {
    struct sending *s = arena_new(p->req->arena, struct sending);
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    p->own = s;
    if (page_in(p, S("remove")).len)
        return str_to_i64(page_in(p, S("remove")), &s->remove) && s->remove > 0 ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
    if (page_in(p, S("replace")).len && (!str_to_i64(page_in(p, S("replace")), &s->replace) || s->replace <= 0))
        return err_set(e, ERR_NOT_FOUND, NULL);
    s->take = page_in(p, S("take"));
    p->look = find_place;
    p->work = seal_upload;
    if (s->take.len) return 0;
    s->upload = http_upload(p->req, S("file"));
    if (!s->upload || s->upload->file_name.len == 0) return page_fault(p, S("file"), ERR_INPUT, S("请先选择文件，再上传"));
    if (s->upload->size_bytes == 0) return page_fault(p, S("file"), ERR_INPUT, S("文件是空的，请重新选择"));
    return 0;
}

/* The name without folders and cut to a length; a character is not cut in two. */
static struct str short_name(struct arena *a, struct str name) {
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\') {
            name = str_sub(name, i, name.len);
            break;
        }
    name = plain_cut(a, name); /* what turns the reading of a name may hide what kind of file it is */
    if (name.len <= NAME_BYTES_MAX) return name;
    size_t n = NAME_BYTES_MAX;
    while (n > 0 && ((unsigned char)name.ptr[n] & 0xc0) == 0x80) n--;
    return str_sub(name, 0, n);
}

int material_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct sending *s = p->own;
    struct str material = http_param(p->req, S("material"));
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc && s->remove) rc = item_material_drop(tx, page_realm(p), p->who, id, s->remove, e);
    else if (!rc) {
        if (s->upload) s->file.name = short_name(p->a, s->upload->file_name);
        rc = item_material_put(tx, page_realm(p), p->who, id, material, &s->file, e);
    }
    if (rc == ERR_INPUT || rc == ERR_LIMIT) return page_fault(p, S("file"), rc, arena_str(p->a, str_of(e->detail)));
    if (!rc && s->replace)
        rc = item_material_drop(tx, page_realm(p), p->who, id, s->replace, e); /* the new one is there */
    if (rc) return rc;
    struct str onward = s->remove ? S("") : portal_onward(p, tx, id, S(""));
    bool draft = onward.len && !str_ends(onward, S("/fill"));
    p->location = draft ? onward : portal_case_path(p, id, ARENA_CAT(p->a, S("/material/"), material));
    return 0;
}

struct shown_file {
    struct str bytes, media_type, file_name;
};

int file_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct shown_file *f = arena_new(p->req->arena, struct shown_file);
    struct scope_token token;
    int64_t id, row;
    if (!f) return err_set(e, ERR_MEMORY, NULL);
    store_arena(tx)->limit_bytes = FILE_ARENA_BYTES; /* until the request is over */
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = portal_id(p, "file", &row, e);
    if (!rc) rc = portal_own(p, "case.read", &token, e);
    if (!rc) rc = item_file_get(tx, page_realm(p), p->who, &token, id, row, store_arena(tx), &f->bytes, &f->media_type, &f->file_name, e);
    p->own = f;
    return rc;
}

int file_say(struct page *p, struct err *e) {
    const struct shown_file *f = p->own;
    struct http_reply *r = arena_new(p->req->arena, struct http_reply);
    if (!r) return err_set(e, ERR_MEMORY, NULL);
    *r = (struct http_reply){ .status = 200, .media_type = f->media_type, .body = f->bytes, .ranges = true };
    p->reply = r;
    return 0;
}

/* ---- B10, B11 ---- */

int check_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    struct val *view;
    int rc = portal_case(tx, p, "case.draft", &c, e);
    if (rc) return rc;
    if (!str_eq(c.state, S("draft")))
        p->location = portal_case_path(p, c.id, S(""));
    else if (item_consent_open(&c))
        p->location = portal_case_path(p, c.id, S("/consent"));
    if (p->location.len) return 0;
    rc = item_case_view(tx, page_realm(p), &c, S(""), p->lang, &view, e);
    if (rc) return rc;
    portal_mark_changes(tx, p, &c, view, "check");
    val_put(p->a, p->view, S("case"), view);
    val_put_str(p->a, p->view, S("case_href"), page_href(p, portal_case_path(p, c.id, S(""))));
    val_put_str(p->a, p->view, S("back_href"), page_href(p, portal_case_path(p, c.id, S("/fill"))));
    if (val_count(val_get(view, S("parts"))) && c.type->decide_parts.len) val_put_bool(p->a, p->view, S("show_parts"), true);
    if (val_count(val_get(view, S("materials")))) val_put_bool(p->a, p->view, S("show_materials"), true);
    val_put_str(p->a, p->view, S("item_name"), system_text(c.system, p->lang, c.type->name));
    return 0;
}

int check_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("检查并提交")));
    portal_form(p, S("承诺并提交"), false, S(""));
    p->template = S("portal/check");
    return 0;
}

int check_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct str number;
    int64_t id;
    int rc = portal_id(p, "case", &id, e);
    if (!rc) rc = item_submit(tx, page_realm(p), p->who, id, page_in(p, S("declared")).len > 0, &number, e);
    if (rc == ERR_INPUT) return page_fault(p, S("declared"), ERR_INPUT, S("请勾选承诺"));
    if (rc == ERR_REQUIRED) return page_fault(p, S("tasks"), ERR_REQUIRED, arena_str(p->a, str_of(e->detail)));
    if (!rc) p->location = portal_case_path(p, id, S("/done"));
    return rc;
}

/* ---- B13 ---- */

int done_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_case c;
    int rc = portal_case(tx, p, "case.read", &c, e);
    if (rc) return rc;
    if (c.submitted_ms == 0) {
        p->location = portal_case_path(p, c.id, portal_may(p, "case.draft") ? S("/fill") : S(""));
        return 0;
    }
    struct val *guide = item_brief_view(page_realm(p), c.system, c.type, p->lang, p->a), *panel = portal_put_map(p, S("panel"));
    val_put_str(p->a, panel, S("title"), page_text(p, S("申请已提交")));
    val_put_str(p->a, panel, S("number_label"), page_text(p, S("您的办件编号")));
    val_put_str(p->a, panel, S("number"), c.number);
    val_put_str(p->a, panel, S("text"), portal_fill(p, S("提交时间：{at}"), S("at"), realm_time(page_realm(p), p->a, p->lang, c.submitted_ms)));
    val_put(p->a, p->view, S("item"), guide);
    val_put_str(p->a, p->view, S("case_href"), page_href(p, portal_case_path(p, c.id, S(""))));
    if (portal_receipt_of(&c))
        val_put_str(p->a, p->view, S("receipt_href"),
                    page_href(p, portal_case_path(p, c.id, S("/receipt.pdf"))));
    struct val *qr = portal_put_map(p, S("qr"));
    struct str path = page_href(p, ARENA_CAT(p->a, S("/progress?number="), c.number));
    val_put(p->a, qr, S("svg"), portal_qr(p, path, page_text(p, S("查进度的二维码"))));
    val_put_str(p->a, qr, S("title"), page_text(p, S("扫码查进度")));
    val_put_str(p->a, qr, S("text"), page_text(p, S("需要办件编号，和提交申请的人证件号的末四位。")));
    val_put_str(p->a, qr, S("code"), c.number);
    return 0;
}

int done_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("申请已提交")));
    p->template = S("portal/done");
    return 0;
}
