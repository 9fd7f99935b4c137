/* show: C5, a licence held up to an inspector's eyes: whose it is in full, until when it is in
 * force, and a code that lives for a minute. Invariants: only the holder shows it; what is not in
 * force has no code; a page that was saved, printed or photographed proves nothing, says so, and
 * its code leads to where that is told.
 */
#include "engine/paper/paper.h"
#include "web/portal/portal.h"
#include "web/user.h"

static int own_paper(struct store_tx *tx, struct page *p, struct paper_row *ret, struct err *e) {
    struct scope_token own;
    int64_t id;
    int rc = portal_id(p, "paper", &id, e);
    if (!rc) rc = portal_own(p, "paper.read", &own, e);
    if (!rc) rc = paper_get(tx, page_realm(p), id, ret, e);
    if (rc) return rc;
    int64_t holder = ret->company ? ret->company : ret->person;
    bool mine = holder == actor_owner(p->who) && portal_paper_matter(tx, page_realm(p), p->who, ret->case_id);
    return mine && ret->is == PAPER_IS_LICENCE ? 0 : err_set(e, ERR_NOT_FOUND, NULL);
}

int show_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct realm *r = page_realm(p);
    struct paper_row row;
    struct val *v = val_map(p->a);
    struct str tone;
    int rc = own_paper(tx, p, &row, e);
    if (rc) return rc;
    bool over = row.valid_until_ms && row.valid_until_ms <= p->now_ms;
    bool in_force = str_eq(row.state, S("valid")) && !over;
    const struct system *m = r->systems.by_release(r->systems.context, row.release);
    struct str state = over && str_eq(row.state, S("valid")) ? S("expired") : row.state;
    struct str text = portal_paper_state(p, state, true, &tone);
    portal_state(p, v, tone, text);
    val_put_str(p->a, v, S("title"), system_text(m, p->lang, row.title));
    val_put_str(p->a, v, S("holder"), p->who->on_behalf ? p->who->on_behalf_name : p->who->name);
    val_put_str(p->a, v, S("number"), row.number);
    val_put_str(p->a, v, S("organ"), realm_words(r, p->lang, row.organ));
    val_put_str(p->a, v, S("from"), realm_day(r, p->a, p->lang, row.valid_from_ms));
    val_put_str(p->a, v, S("until"),
                row.valid_until_ms ? realm_day(r, p->a, p->lang, row.valid_until_ms) : S(""));
    val_put_str(p->a, v, S("file_href"),
                page_href(p, arena_fmt(p->a, "/paper/%lld/file.pdf", (long long)row.id)));
    val_put(p->a, p->view, S("paper"), v);
    val_put_bool(p->a, p->view, S("in_force"), in_force);
    if (!in_force) return 0;
    val_put_str(p->a, v, S("code"), row.code);
    struct str mark = paper_present(p->a, r, &row, p->now_ms);
    struct str path = page_href(p, ARENA_CAT(p->a, S("/v/"), row.code, S("?shown="), mark));
    val_put(p->a, p->view, S("svg"), portal_qr(p, path, page_text(p, S("出示码，60 秒内有效"))));
    val_put_str(p->a, p->view, S("mark"), mark);
    val_put_str(p->a, p->view, S("now"), realm_time(r, p->a, p->lang, p->now_ms));
    return 0;
}

int show_say(struct page *p, struct err *e) {
    struct str title = val_get_str(val_get(p->view, S("paper")), S("title"));
    (void)e;
    portal_title(p, portal_fill(p, S("出示{title}"), S("title"), title));
    portal_crumb(p, page_text(p, S("我的空间")), S("/space"));
    portal_crumb(p, page_text(p, S("我的证照")), S("/space/licences"));
    portal_crumb(p, title, S(""));
    p->template = S("portal/show");
    return 0;
}
