/* user: the frame around every page: who is signed in, their menu, language, theme and size links, footer. Invariant: nothing here
 * reads the store; what it shows was found in the page's own job.
 */
#include "web/user.h"

#include "data/write.h"
#include "engine/upkeep/upkeep.h"
#include "http/cookie.h"
#include "os/os.h"

enum { PASSWORD_CHARS_MIN = 12 };

const struct user *user_of(const struct page *p) {
    return (const struct user *)(const void *)p->who;
}

void user_new_password(struct page *p, struct str label) {
    struct str password = page_in(p, S("password"));
    if (password.len == 0) (void)page_fault(p, S("password"), ERR_REQUIRED, label);
    else if (str_utf8_count(password) < PASSWORD_CHARS_MIN) (void)page_fault(p, S("password"), ERR_FORMAT, S("至少 12 个字符"));
    else if (password.len > PASSWORD_BYTES_MAX) (void)page_fault(p, S("password"), ERR_TOO_LONG, S("256"));
    else if (!str_eq(password, page_in(p, S("password-again"))))
        (void)page_fault(p, S("password-again"), ERR_FORMAT, S("与上面的密码相同"));
}

static const char *const admins[] = { "system-admin", "security-admin", NULL }, *const auditors[] = { "audit-admin", NULL };

static bool holds_any(const struct actor *who, const char *const *roles) {
    for (; *roles; roles++)
        if (access_holds(who, str_of(*roles))) return true;
    return false;
}

static bool may(const struct page *p, const struct actor *who, const char *act) {
    struct scope_token ignored;
    return access_may(page_realm(p), who, str_of(act), &ignored, NULL) == 0;
}

struct str user_home(const struct page *p, const struct actor *who) {
    if (who->n_posts == 0) return S("/space");
    if (!may(p, who, "task.list") && may(p, who, "record.read")) return S("/desk/registry");
    if (!may(p, who, "task.list") && may(p, who, "ticket.call")) return S("/window");
    if (!may(p, who, "task.list") && may(p, who, "ticket.take")) return S("/halls");
    if (!may(p, who, "task.list") && may(p, who, "release.draft")) return S("/admin/drafts");
    if (!may(p, who, "task.list") && may(p, who, "card.list")) return S("/desk/supervision");
    return holds_any(who, admins) ? S("/admin/users") : holds_any(who, auditors) ? S("/admin/audit") : S("/desk");
}

static void link_to(struct page *p, struct val *list, struct str title, const char *path) {
    struct val *v = val_map(p->a);
    struct str here = p->req->path;
    val_put_str(p->a, v, S("title"), page_text(p, title));
    val_put_str(p->a, v, S("href"), page_href(p, str_of(path)));
    /* The path still carries its language: /zh/... */
    if (here.len >= 3 && str_eq(str_sub(here, 3, here.len), str_eq(str_of(path), S("/")) ? S("") : str_of(path)))
        val_put_bool(p->a, v, S("current"), true);
    val_push(p->a, list, v);
}

static struct val *menu_of(struct page *p, const struct user *u) {
    struct val *list = val_list(p->a);
    bool signed_in = u && u->actor.account && !u->actor.only, officer = signed_in && u->actor.n_posts > 0;
    if (officer && holds_any(&u->actor, admins)) {
        link_to(p, list, S("用户与岗位"), "/admin/users");
        if (access_holds(&u->actor, S("security-admin"))) link_to(p, list, S("岗位授权"), "/admin/posts");
        link_to(p, list, S("权限说明"), "/admin/why");
        link_to(p, list, S("系统与版本"), "/admin/systems");
        if (may(p, &u->actor, "release.approve")) link_to(p, list, S("起草与发布"), "/admin/drafts");
        if (may(p, &u->actor, "draft.read")) link_to(p, list, S("工作日历"), "/admin/calendar");
        if (may(p, &u->actor, "draft.read")) link_to(p, list, S("翻译"), "/admin/texts");
        if (may(p, &u->actor, "draft.read")) link_to(p, list, S("通知和文书模板"), "/admin/templates");
        if (access_holds(&u->actor, S("system-admin"))) {
            link_to(p, list, S("运行情况"), "/admin/health");
            link_to(p, list, S("备份与恢复"), "/admin/backups");
            link_to(p, list, S("上限和用量"), "/admin/limits");
            link_to(p, list, S("维护"), "/admin/upkeep");
            link_to(p, list, S("消息发送"), "/admin/messages");
        }
    } else if (officer && holds_any(&u->actor, auditors)) {
        link_to(p, list, S("审计日志"), "/admin/audit");
        link_to(p, list, S("日志校验"), "/admin/audit/verify");
        link_to(p, list, S("系统与版本"), "/admin/systems");
    } else if (officer) {
        if (may(p, &u->actor, "task.list")) link_to(p, list, S("我的工作"), "/desk");
        if (may(p, &u->actor, "ticket.call")) link_to(p, list, S("窗口叫号"), "/window");
        if (may(p, &u->actor, "task.list")) link_to(p, list, S("查办件"), "/desk/find");
        if (may(p, &u->actor, "record.read")) link_to(p, list, S("登记库"), "/desk/registry");
        if (may(p, &u->actor, "release.draft")) link_to(p, list, S("起草与发布"), "/admin/drafts");
        if (may(p, &u->actor, "draft.read")) link_to(p, list, S("工作日历"), "/admin/calendar");
        if (may(p, &u->actor, "draft.read")) link_to(p, list, S("翻译"), "/admin/texts");
        if (may(p, &u->actor, "deputy.list")) link_to(p, list, S("本单位的代办"), "/desk/deputies/unit");
        if (may(p, &u->actor, "draft.read")) link_to(p, list, S("通知和文书模板"), "/admin/templates");
        if (may(p, &u->actor, "card.list")) link_to(p, list, S("监察看板"), "/desk/supervision");
        else link_to(p, list, S("我的监察牌"), "/desk/supervision/mine");
    } else {
        link_to(p, list, S("首页"), "/");
        link_to(p, list, S("办事"), "/search");
        link_to(p, list, S("查进度"), "/progress");
        link_to(p, list, S("政务大厅"), "/halls");
        if (signed_in) link_to(p, list, S("我的空间"), "/space");
    }
    return list;
}

static void put_user(struct page *p, struct val *page, const struct user *u) {
    struct arena *a = p->a;
    if (!p->who && p->session.len) { /* refused before it was asked who this is: a way there, and no word that nobody is signed in */
        struct val *v = val_map(a);
        val_put_str(a, v, S("name"), page_text(p, S("我的页面")));
        val_put_str(a, v, S("href"), page_href(p, S("/sign-in")));
        val_put_str(a, v, S("out_href"), page_href(p, S("/sign-out")));
        val_put(a, page, S("user"), v);
        return;
    }
    if (u && u->actor.only) {
        struct val *v = val_map(a);
        struct str path = arena_fmt(a, "/case/%lld/fill", (long long)u->actor.only);
        val_put_str(a, v, S("name"), page_text(p, S("一份草稿")));
        val_put_str(a, v, S("href"), page_href(p, path));
        val_put_str(a, v, S("out_href"), page_href(p, S("/sign-out")));
        val_put(a, page, S("user"), v);
        return;
    }
    if (!u || !u->actor.account) {
        val_put_str(a, page, S("login_href"), page_href(p, S("/sign-in")));
        return;
    }
    struct val *v = val_map(a);
    struct str name = u->actor.on_behalf ? u->actor.on_behalf_name : u->actor.name;
    if (u->actor.on_behalf && u->actor.for_person) { /* two people's names: which one is acted for is said */
        struct val *both = val_map(a);
        val_put_str(a, both, S("principal"), name);
        val_put_str(a, both, S("name"), u->actor.name);
        name = po_fill(a, page_text(p, S("{principal}（{name}代办）")), both);
    }
    val_put_str(a, v, S("name"), name);
    val_put_str(a, v, S("href"), page_href(p, user_home(p, &u->actor)));
    val_put_str(a, v, S("out_href"), page_href(p, S("/sign-out")));
    if (u->unread) val_put_i64(a, v, S("unread"), u->unread);
    val_put(a, page, S("user"), v);
}

static void footer(struct page *p, struct val *page) {
    struct val *links = val_list(p->a);
    link_to(p, links, S("无障碍与设置"), "/settings");
    link_to(p, links, S("查进度"), "/progress");
    link_to(p, links, S("证照核验"), "/verify");
    val_put(p->a, page, S("links"), links);
    val_put_str(p->a, page, S("phone"), S("12345"));
    val_put_str(p->a, page, S("phone_href"), S("tel:12345"));
    val_put_str(p->a, page, S("owner"), page_text(p, page_realm(p)->title));
}

static bool cookie_is(struct page *p, struct str name, struct str value) {
    return str_eq(http_cookie(p->req, http_cookie_name(p->req, name)), value);
}

/* A link that sets one preference and comes back here. */
static struct str setting(struct page *p, struct str name, struct str value) {
    struct buf b;
    buf_init(&b, p->a, 256, 16384);
    buf_add(&b, page_href(p, S("/settings?")));
    buf_add(&b, name);
    buf_add_char(&b, '=');
    buf_add(&b, value);
    buf_add(&b, S("&back="));
    write_url_component(&b, p->req->method == HTTP_GET ? p->req->target : p->req->path);
    return buf_str(&b);
}

/* What was typed before the session ended is in the form again. */
static void put_given_back(struct page *p, struct val *page) {
    struct val *v = val_map(p->a);
    if (!p->given_back) return;
    val_put_str(p->a, v, S("kind"), S("ok"));
    val_put_str(p->a, v, S("title"), page_text(p, S("您登录过期前填写的内容已经放回")));
    val_put_str(p->a, v, S("text"),
                page_text(p, p->files_lost ? S("内容还没有保存，请检查后提交。文件没有保留，请重新选择。")
                                           : S("内容还没有保存，请检查后提交。")));
    val_put(p->a, page, S("notice"), v);
}

/* On every page: when nothing may be changed, and until when. */
static void put_upkeep(struct page *p, struct val *page) {
    struct val *v = val_map(p->a), *args = val_map(p->a);
    struct upkeep u;
    if (!page_upkeep(p, &u)) return;
    const bool on = u.from_ms <= os_now_ms(), free_of_it = p->who && upkeep_passes(page_realm(p), p->who, &u);
    val_put_str(p->a, args, S("from"), realm_time(page_realm(p), p->a, p->lang, u.from_ms));
    val_put_str(p->a, args, S("until"), realm_time(page_realm(p), p->a, p->lang, u.until_ms));
    struct str when = on ? S("维护中，{until} 以前只能查看，不能提交。") : S("维护通知：{from} 到 {until} 只能查看，不能提交。");
    if (free_of_it) when = on ? S("维护中，{until} 以前别人只能查看，你可以照常办理。") : S("维护通知：{from} 到 {until} 别人只能查看，你可以照常办理。");
    val_put_str(p->a, v, S("title"), po_fill(p->a, page_text(p, when), args));
    val_put_str(p->a, v, S("text"), str_eq(p->lang, S("en")) ? u.en : u.zh);
    val_put(p->a, page, S("alert"), v);
}

void user_view(struct page *p) {
    const struct user *u = user_of(p);
    struct val *page = (struct val *)val_get(p->view, S("page"));
    if (!page) {
        page = val_map(p->a);
        val_put(p->a, p->view, S("page"), page);
    }
    put_user(p, page, u);
    put_given_back(p, page);
    put_upkeep(p, page);
    val_put(p->a, page, S("menu"), menu_of(p, u));
    val_put_str(p->a, page, S("site"), page_text(p, S("通办")));
    val_put_str(p->a, page, S("site_href"), page_href(p, S("/")));
    val_put_str(p->a, page, S("seal"), S("通办"));
    val_put_str(p->a, page, S("access_href"), page_href(p, S("/settings")));
    val_put_str(p->a, page, S("size_href"), setting(p, S("size"), cookie_is(p, S("size"), S("large")) ? S("normal") : S("large")));
    val_put_str(p->a, page, S("theme_href"), setting(p, S("theme"), cookie_is(p, S("theme"), S("dark")) ? S("light") : S("dark")));
    val_put_str(p->a, page, S("base"), ARENA_CAT(p->a, S("/"), p->lang));
    if (page_demo(p)) val_put_bool(p->a, page, S("demo"), true);
    val_put_bool(p->a, page, S("staff"), u && u->actor.n_posts > 0);
    footer(p, page);
}
