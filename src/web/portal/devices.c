/* devices: C13, from where one's account is signed in, and was: each with what the browser says it
 * is, in plain words, and a button that ends it; and a message when it is signed in from a device
 * it never was. Invariants: what a browser does not say is not told: no place, no model is made up;
 * the program keeps a word of its own for what was said, not the browser's line.
 */
#include "engine/identity/identity.h"
#include "engine/notify/notify.h"
#include "web/portal/portal.h"
#include "web/user.h"

struct known {
    struct str says, word, title; /* in the browser's line; as kept; as people read it */
};
/* The first that fits: what others carry too comes later. */
static const struct known browsers[] = {
    { S_INIT("MicroMessenger/"), S_INIT("wechat"), S_INIT("微信") },
    { S_INIT("AlipayClient/"), S_INIT("alipay"), S_INIT("支付宝") },
    { S_INIT("QQBrowser/"), S_INIT("qq"), S_INIT("QQ 浏览器") },
    { S_INIT("HuaweiBrowser/"), S_INIT("huawei"), S_INIT("华为浏览器") },
    { S_INIT("MiuiBrowser/"), S_INIT("miui"), S_INIT("小米浏览器") },
    { S_INIT("Edg"), S_INIT("edge"), S_INIT("Edge 浏览器") },
    { S_INIT("OPR/"), S_INIT("opera"), S_INIT("Opera 浏览器") },
    { S_INIT("Firefox/"), S_INIT("firefox"), S_INIT("Firefox 浏览器") },
    { S_INIT("Chrome/"), S_INIT("chrome"), S_INIT("Chrome 浏览器") },
    { S_INIT("Safari/"), S_INIT("safari"), S_INIT("Safari 浏览器") },
};
static const struct known systems[] = {
    { S_INIT("HarmonyOS"), S_INIT("harmony"), S_INIT("鸿蒙设备") },
    { S_INIT("OpenHarmony"), S_INIT("harmony"), S_INIT("鸿蒙设备") },
    { S_INIT("iPhone"), S_INIT("iphone"), S_INIT("苹果手机") },
    { S_INIT("iPad"), S_INIT("ipad"), S_INIT("苹果平板电脑") },
    { S_INIT("Android"), S_INIT("android"), S_INIT("安卓设备") },
    { S_INIT("Windows"), S_INIT("windows"), S_INIT("Windows 电脑") },
    { S_INIT("Mac OS X"), S_INIT("mac"), S_INIT("苹果电脑") },
    { S_INIT("Linux"), S_INIT("linux"), S_INIT("Linux 电脑") },
};
#define N(x) (sizeof x / sizeof *x)

static struct str said(const struct known *all, size_t n, struct str line) {
    for (size_t i = 0; i < n; i++)
        if (str_find(line, all[i].says, 0) != SIZE_MAX) return all[i].word;
    return S("");
}

static struct str title_of(struct page *p, const struct known *all, size_t n, struct str word) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].word, word)) return page_text(p, all[i].title);
    return S("");
}

struct str portal_device(struct page *p) {
    struct str line = http_header(p->req, S("user-agent"));
    return ARENA_CAT(p->req->arena, said(browsers, N(browsers), line), S("/"),
                     said(systems, N(systems), line));
}

static struct str device_text(struct page *p, struct str device) {
    struct str rest = device, word = S("");
    (void)str_cut(&rest, '/', &word);
    struct str browser = title_of(p, browsers, N(browsers), word),
               system = title_of(p, systems, N(systems), rest);
    if (browser.len && system.len) return ARENA_CAT(p->a, system, page_text(p, S("，")), browser);
    return browser.len ? browser : system.len ? system : page_text(p, S("认不出的设备"));
}

int portal_device_tell(struct store_tx *tx, struct page *p, const struct actor *who,
                       struct str device, struct err *e) {
    const struct realm *r = page_realm(p);
    const struct system *m;
    struct val *view = val_map(p->a);
    struct act act;
    bool fresh;
    int rc = identity_device_new(tx, r, who, who->session, device, &fresh, e);
    if (rc || !fresh || !realm_find(r, SYSTEM_NOTICE, S("new-device"), &m)) return rc;
    val_put_str(p->a, view, S("device"), device_text(p, device));
    rc = act_open(&act, tx, r, who, S("session.open"), e);
    if (!rc) rc = notify_send(&act, m, S("new-device"), who->account, 0, view, e);
    return rc ? rc : act_close(&act, S("session"), who->session, 0, S("new device"), e);
}

static struct val *shown(struct page *p, const struct val *sessions, bool open) {
    const struct realm *r = page_realm(p);
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(sessions); i++) {
        const struct val *s = val_item(sessions, i);
        struct val *v = val_map(p->a);
        bool own = val_get_bool(s, S("own"), false);
        val_put_i64(p->a, v, S("id"), val_get_i64(s, S("id"), 0));
        struct str device = device_text(p, val_get_str(s, S("device")));
        bool alone = val_get_bool(s, S("alone"), false);
        val_put_str(p->a, v, S("device"),
                    alone ? portal_fill(p, S("{device}（凭草稿编号，只填一份申请）"), S("device"), device) : device);
        val_put_str(p->a, v, S("opened"),
                    realm_time(r, p->a, p->lang, val_get_i64(s, S("opened_ms"), 0)));
        val_put_str(
            p->a, v, S("last"),
            realm_time(r, p->a, p->lang, val_get_i64(s, open ? S("seen_ms") : S("ended_ms"), 0)));
        val_put_bool(p->a, v, S("own"), own);
        val_put_bool(p->a, v, S("may_end"), open && !own);
        val_push(p->a, list, v);
    }
    return list;
}

int devices_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *open, *over;
    int rc = identity_sessions(tx, page_realm(p), p->who, true, &open, e);
    if (!rc) rc = identity_sessions(tx, page_realm(p), p->who, false, &over, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("open"), shown(p, open, true));
    val_put(p->a, p->view, S("over"), shown(p, over, false));
    val_put_bool(p->a, p->view, S("others"), val_count(open) > 1);
    val_put_bool(p->a, p->view, S("done"), http_query(p->req, S("done")).len > 0);
    return 0;
}

int devices_say(struct page *p, struct err *e) {
    (void)e;
    portal_title(p, page_text(p, S("登录和设备")));
    portal_side(p, "/space/devices");
    page_label(p, S("end"), page_text(p, S("要结束的登录")));
    p->template = S("portal/devices");
    return 0;
}

int devices_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    int64_t session = 0, ended;
    bool others = str_eq(page_in(p, S("end")), S("others"));
    if (page_in(p, S("end")).len == 0)
        return page_fault(p, S("end"), ERR_REQUIRED, S("要结束的登录"));
    if (!others && (!str_to_i64(page_in(p, S("end")), &session) || session <= 0))
        return err_set(e, ERR_NOT_FOUND, NULL);
    int rc = identity_session_end(tx, page_realm(p), p->who, session, &ended, e);
    if (!rc) p->location = S("/space/devices?done=1");
    return rc;
}
