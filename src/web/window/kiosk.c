/* kiosk: D8, where tickets are taken: big targets, one page, nothing typed but the code of who has booked. Invariant: a number is handed
 * out by who may do so in this hall alone; the ticket is found again by its code.
 */
#include "engine/queue/queue_book.h"
#include "web/question.h"
#include "web/window/window_pages.h"

struct val *window_code_field(struct page *p) {
    struct val *code = question_plain(p, S("code"), S("预约码"),
                                      S("八位数字，在预约的消息和页面里；也可以扫码"));
    val_put_str(p->a, code, S("mode"), S("numeric"));
    val_put_str(p->a, code, S("complete"), S("off"));
    val_put_str(p->a, code, S("width"), S("11"));
    return code;
}

int kiosk_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct val *view;
    int rc = window_hall(p, &h, e);
    if (!rc) rc = queue_may(tx, page_realm(p), p->who, h, S("ticket.take"), e);
    if (!rc) rc = queue_hall_view(tx, page_realm(p), h, p->lang, &view, e);
    if (rc) return rc;
    struct val *list = val_list(p->a), *field = question_plain(p, S("class"), S("您是"), S(""));
    const struct val *classes = val_get(view, S("classes"));
    struct str chosen = page_again(p) ? page_in(p, S("class")) : S("");
    (void)staff_choice(p, list, S("class"), S(""), page_text(p, S("无优先")), chosen.len == 0);
    for (size_t i = 0; i < val_count(classes); i++) {
        struct str id = val_get_str(val_item(classes, i), S("id"));
        if (str_eq(id, h->booked.class)) continue; /* given to who has booked, and to nobody else */
        (void)staff_choice(p, list, S("class"), id, val_get_str(val_item(classes, i), S("title")),
                           str_eq(id, chosen));
    }
    val_put(p->a, field, S("choices"), list);
    val_put_bool(p->a, field, S("inline"), true);
    val_put_bool(p->a, field, S("optional"), true);
    val_put(p->a, p->view, S("class_field"), field);
    if (h->booked.minutes) val_put(p->a, p->view, S("code_field"), window_code_field(p));
    val_put(p->a, p->view, S("hall"), view);
    return 0;
}

int kiosk_take_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct queue_hall *h;
    struct queue_ticket t;
    int rc = window_hall(p, &h, e);
    if (!rc && str_eq(page_in(p, S("do")), S("booked")))
        rc = queue_check_in(tx, page_realm(p), p->who, h, str_trim(page_in(p, S("code"))), 0, &t, e);
    else if (!rc)
        rc = queue_take(tx, page_realm(p), p->who, h, page_in(p, S("line")), page_in(p, S("class")),
                        &t, e);
    if (!rc) p->location = ARENA_CAT(p->req->arena, S("/ticket/"), t.code, S("?at=kiosk"));
    return staff_fault(p, rc, e);
}

int kiosk_say(struct page *p, struct err *e) {
    const struct val *hall = val_get(p->view, S("hall"));
    struct str path = ARENA_CAT(p->a, S("/hall/"), val_get_str(hall, S("id")), S("/kiosk"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("取号"), val_get_str(hall, S("title")));
    page_form(p, path);
    val_put_str(p->a, p->view, S("here"), page_href(p, path));
    val_put_str(
        p->a, p->view, S("screen_href"),
        page_href(p, ARENA_CAT(p->a, S("/hall/"), val_get_str(hall, S("id")), S("/screen"))));
    p->template = S("window/kiosk");
    return 0;
}
