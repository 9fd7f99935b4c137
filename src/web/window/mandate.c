/* mandate: a mandate registered at the window, with both people present: for the elderly, for
 * minors, for who has no account. Invariants: both identity numbers are typed from the documents,
 * and stand in no address; the person in whose name it is finds the entry in his log.
 */
#include "engine/identity/identity.h"
#include "web/mandate_form.h"
#include "web/question.h"
#include "web/window/window_pages.h"

int mandate_window_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)e;
    mandate_form_person(p, "giver", S("giver_name"), S("请人代办的人：姓名"), S("giver_id"),
                        S("请人代办的人：公民身份号码"), S("请看证件原件；可以没有账号"));
    mandate_form_person(p, "who", S("name"), S("代办的人：姓名"), S("citizen_id"),
                        S("代办的人：公民身份号码"), S("请看证件原件；要有通办的账号"));
    mandate_form_put(p, true, S("双方都在场，证件已核对，授权的内容已念给本人听，本人愿意"));
    val_put_bool(p->a, p->view, S("done"), http_query(p->req, S("done")).len > 0);
    return 0;
}

int mandate_window_ask(struct page *p, struct err *e) {
    (void)e;
    mandate_form_ask(p, true);
    return 0;
}

int mandate_window_put_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct mandate_offer o = mandate_form_read(p);
    int64_t id;
    int rc = mandate_register(tx, page_realm(p), p->who, &o, &id, e);
    if (!rc) p->location = S("/window/mandate?done=1");
    return staff_fault(p, rc, e);
}

int mandate_window_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("登记代办授权"), S(""));
    staff_crumb(p, S("窗口叫号"), S("/window"));
    staff_crumb(p, S("登记代办授权"), S(""));
    page_form(p, S(""));
    p->template = S("window/mandate");
    return 0;
}
