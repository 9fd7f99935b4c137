/* words: acts, kinds of objects and roles in the reader's language, for selects and tables. */
#include "web/admin/admin_pages.h"

static const struct {
    struct str name, kind, title;
} acts[] = {
#define ACT(name_, kind_, changes, title_) { S_INIT(name_), S_INIT(kind_), S_INIT(title_) },
#include "engine/access/access_words.h"
#undef ACT
};
static const struct {
    struct str kind, title;
} kinds[] = {
    { S_INIT("case"), S_INIT("办件") },         { S_INIT("task"), S_INIT("任务") },
    { S_INIT("material"), S_INIT("申请材料") }, { S_INIT("paper"), S_INIT("证照文书") },
    { S_INIT("record"), S_INIT("登记信息") },   { S_INIT("account"), S_INIT("账号") },
    { S_INIT("post"), S_INIT("岗位") },         { S_INIT("session"), S_INIT("登录会话") },
    { S_INIT("message"), S_INIT("消息") },      { S_INIT("release"), S_INIT("系统版本") },
    { S_INIT("audit"), S_INIT("审计日志") },     { S_INIT("unit"), S_INIT("单位") },
    { S_INIT("contact"), S_INIT("联系方式") },   { S_INIT("delivery"), S_INIT("消息发送情况") },
    { S_INIT("draft"), S_INIT("系统草稿") },      { S_INIT("list"), S_INIT("保存的筛选") },
};
enum { ACTS = sizeof acts / sizeof *acts, KINDS = sizeof kinds / sizeof *kinds };

struct str admin_act_title(struct page *p, struct str act) {
    for (size_t i = 0; i < ACTS; i++)
        if (str_eq(acts[i].name, act)) return page_text(p, acts[i].title);
    return act;
}

struct val *admin_act_choices(struct page *p, struct str chosen) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < ACTS; i++)
        (void)staff_choice(p, list, S("act"), acts[i].name, page_text(p, acts[i].title), str_eq(acts[i].name, chosen));
    return list;
}

struct str admin_kind_title(struct page *p, struct str kind) {
    for (size_t i = 0; i < KINDS; i++)
        if (str_eq(kinds[i].kind, kind)) return page_text(p, kinds[i].title);
    return str_eq(kind, S("-")) ? S("") : kind;
}

struct val *admin_kind_choices(struct page *p, struct str chosen) {
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < KINDS; i++)
        (void)staff_choice(p, list, S("kind"), kinds[i].kind, page_text(p, kinds[i].title), str_eq(kinds[i].kind, chosen));
    return list;
}

struct str admin_role_title(struct page *p, struct str role) {
    if (str_eq(role, S("anyone"))) return page_text(p, S("任何人"));
    if (str_eq(role, S("person"))) return page_text(p, S("每个登录的人"));
    return staff_role(p, role);
}

void admin_name_post(struct page *p, struct val *post) {
    val_put_str(p->a, post, S("role_title"), admin_role_title(p, val_get_str(post, S("role"))));
    val_put_str(p->a, post, S("unit_title"), realm_words(page_realm(p), p->lang, val_get_str(post, S("unit_title"))));
}

void admin_name_posts(struct page *p, const struct val *account) {
    const struct val *posts = val_get(account, S("posts"));
    for (size_t i = 0; i < val_count(posts); i++) admin_name_post(p, posts->u.list.item[i]);
}
