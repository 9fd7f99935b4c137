/* home: A1, the first page: search, the four verbs, the services most asked for, and one's own open matters; A22, the preferences.
 * Invariant: preferences are cookies of the browser; nothing of them is in the store.
 */
#include "engine/item/item.h"
#include "http/cookie.h"
#include "web/portal/portal.h"
#include "web/user.h"

enum { OPEN_CASES_MAX = 5, TOP_ITEMS_MAX = 12, A_YEAR_S = 365 * 24 * 60 * 60 };

static int own_cases(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *cases = NULL;
    int rc = item_open_cases_view(tx, page_realm(p), p->who, OPEN_CASES_MAX, p->lang, &cases, e);
    if (rc) return rc;
    portal_mark_cases(p, cases);
    val_put(p->a, p->view, S("cases"), cases);
    return 0;
}

int home_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct user *u = user_of(p);
    struct item_hit *hit;
    struct str meant;
    struct val *top = val_list(p->a);
    size_t n = item_find(page_realm(p), S(""), p->a, &hit, &meant);
    for (size_t i = 0; i < n && i < TOP_ITEMS_MAX; i++)
        val_push(p->a, top, item_brief_view(page_realm(p), hit[i].system, hit[i].type, p->lang, p->a));
    val_put(p->a, p->view, S("items"), top);
    if (u->actor.account == 0 || u->actor.n_posts) return 0;
    return own_cases(tx, p, e);
}

static void tile(struct page *p, struct val *list, struct str mark, struct str title, struct str text, struct str path) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("mark"), page_text(p, mark));
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("text"), page_text(p, text));
    val_put_str(p->a, v, S("href"), str_starts(path, S("tel:")) ? path : page_href(p, path));
    val_push(p->a, list, v);
}

int home_say(struct page *p, struct err *e) {
    struct val *search = portal_put_map(p, S("search")), *tiles = val_list(p->a), *hot = val_list(p->a);
    const struct val *items = val_get(p->view, S("items"));
    (void)e;
    portal_title(p, page_text(p, S("办事，一次就好")));
    val_put_str(p->a, search, S("action"), page_href(p, S("/search")));
    val_put_str(p->a, search, S("label"), page_text(p, S("您想办什么事？")));
    for (size_t i = 0; i < val_count(items) && i < 4; i++) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("title"), val_get_str(val_item(items, i), S("name")));
        val_put_str(p->a, v, S("href"), page_href(p, ARENA_CAT(p->a, S("/guide/"), val_get_str(val_item(items, i), S("id")))));
        val_push(p->a, hot, v);
    }
    val_put(p->a, search, S("hot"), hot);
    bool signed_in = user_of(p)->actor.account != 0;
    tile(p, tiles, S("看"), S("我要看"), S("办事指南：条件、材料、时限和费用"), S("/search"));
    tile(p, tiles, S("查"), S("我要查"), S("凭编号查办理进度，不用登录"), S("/progress"));
    tile(p, tiles, S("办"), S("我要办"), S("网上申请，填过的、已有的都不用再填"), signed_in ? S("/space") : S("/search"));
    tile(p, tiles, S("问"), S("我要问"), S("拨打 12345，人工解答，每天 24 小时"), S("tel:12345"));
    val_put(p->a, p->view, S("tiles"), tiles);
    p->template = S("portal/home");
    return 0;
}

/* ---- preferences ---- */

static bool wish(struct page *p, struct str name, struct str first, struct str second, struct str reset) {
    struct str v = http_query(p->req, name);
    if (v.len == 0) return false;
    if (str_eq(v, first) || (second.len && str_eq(v, second))) page_cookie(p, name, v, A_YEAR_S);
    else if (str_eq(v, reset)) page_cookie(p, name, S("none"), 0);
    else return false;
    return true;
}

/* Where to go back to: a page of ours, in the wished language. */
static struct str back_to(struct page *p) {
    struct str back = http_query(p->req, S("back")), lang = http_query(p->req, S("lang"));
    bool ours = back.len && back.ptr[0] == '/' && (back.len == 1 || (back.ptr[1] != '/' && back.ptr[1] != '\\'));
    if (!ours) back = page_href(p, S("/settings"));
    if (lang.len == 2 && back.len >= 3 && (str_starts(back, S("/zh")) || str_starts(back, S("/en"))))
        back = ARENA_CAT(p->a, S("/"), lang, str_sub(back, 3, back.len));
    return back;
}

int settings_ask(struct page *p, struct err *e) {
    (void)p;
    (void)e;
    return 0;
}

int settings_act(struct store_tx *tx, struct page *p, struct err *e) {
    (void)tx;
    (void)p;
    (void)e;
    return 0;
}

static void choice(struct page *p, struct val *list, struct str title, struct str name, struct str value, struct str now, struct str none) {
    struct val *v = val_map(p->a);
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("href"), page_href(p, ARENA_CAT(p->a, S("/settings?"), name, S("="), value)));
    val_put_bool(p->a, v, S("current"), str_eq(now.len ? now : none, value));
    val_push(p->a, list, v);
}

int settings_say(struct page *p, struct err *e) {
    struct val *size = val_list(p->a), *theme = val_list(p->a), *lang = val_list(p->a);
    (void)e;
    bool set = wish(p, S("size"), S("large"), S(""), S("normal"));
    set |= wish(p, S("theme"), S("dark"), S("light"), S("auto"));
    set |= wish(p, S("lang"), S("zh"), S("en"), S(""));
    if (set) {
        p->location = back_to(p);
        return 0;
    }
    struct str size_now = http_cookie(p->req, http_cookie_name(p->req, S("size")));
    struct str theme_now = http_cookie(p->req, http_cookie_name(p->req, S("theme")));
    choice(p, size, page_text(p, S("标准字号")), S("size"), S("normal"), size_now, S("normal"));
    choice(p, size, page_text(p, S("大字版")), S("size"), S("large"), size_now, S("normal"));
    choice(p, theme, page_text(p, S("跟随系统")), S("theme"), S("auto"), theme_now, S("auto"));
    choice(p, theme, page_text(p, S("浅色")), S("theme"), S("light"), theme_now, S("auto"));
    choice(p, theme, page_text(p, S("深色")), S("theme"), S("dark"), theme_now, S("auto"));
    choice(p, lang, S("中文"), S("lang"), S("zh"), p->lang, S("zh"));
    choice(p, lang, S("English"), S("lang"), S("en"), p->lang, S("zh"));
    val_put(p->a, p->view, S("sizes"), size);
    val_put(p->a, p->view, S("themes"), theme);
    val_put(p->a, p->view, S("langs"), lang);
    if (user_of(p)->actor.account) val_put_str(p->a, p->view, S("password_href"), page_href(p, S("/password")));
    portal_title(p, page_text(p, S("无障碍与设置")));
    p->template = S("portal/settings");
    return 0;
}
