/* hand: E5, what an officer does with a task besides deciding it: hand it on, ask a colleague, give an opinion, give it back, take it
 * back, send a copy; and urging whoever has it. Invariant: which of these are offered is the engine's to say (`may` of the task's view);
 * one that is not is not shown, and is refused if it is sent.
 */
#include "web/desk/desk_pages.h"

#include "data/plain.h"
#include "web/question.h"

enum { NEEDS_TO = 1, NEEDS_BACK = 2 };
static const struct {
    struct str verb, title, note;
    unsigned needs;
} offers[] = {
    { S_INIT("opinion"), S_INIT("出具意见"), S_INIT("加签和委派：意见回到请您的人；会签：确认以后决定生效"), 0 },
    { S_INIT("object"), S_INIT("不同意，退回决定人"), S_INIT("由作出决定的人重新决定"), 0 },
    { S_INIT("transfer"), S_INIT("转办"), S_INIT("任务归这位同事，由他决定"), NEEDS_TO },
    { S_INIT("delegate"), S_INIT("委派"), S_INIT("请这位同事办，他答复以后回到您手上，由您决定"), NEEDS_TO },
    { S_INIT("consult"), S_INIT("加签"), S_INIT("先听这位同事的意见，答复以前不能决定"), NEEDS_TO },
    { S_INIT("copy"), S_INIT("抄送"), S_INIT("给这位同事知悉，任务仍在原处"), NEEDS_TO },
    { S_INIT("return"), S_INIT("退回上一环节"), S_INIT("由办过那个环节的人重新办"), NEEDS_BACK },
    { S_INIT("recuse"), S_INIT("回避"), S_INIT("您与申请人有利害关系：不再参与这个办件，手上的任务由别人办。声明以后不能收回"), 0 },
    { S_INIT("recall"), S_INIT("撤回"), S_INIT("收回委派或者加签；或者撤回自己的决定，还没有人接着办的才能撤回"), 0 },
};
enum { OFFERS = sizeof offers / sizeof *offers };

static const struct val *task_of(const struct page *p) {
    return val_get(p->view, S("task"));
}

static struct val *field(struct page *p, const char *key, struct str id, struct str label, struct str hint) {
    struct val *v = question_plain(p, id, label, hint);
    val_put(p->a, p->view, str_of(key), v);
    return v;
}

bool desk_may(const struct val *task, const char *verb) {
    return val_get_bool(val_get(task, S("may")), str_of(verb), false);
}

/* Of a colleague who is away: until when, and who stands in for him in this matter. */
static struct str away(struct page *p, const struct val *who) {
    struct val *args = val_map(p->a);
    struct str name = val_get_str(who, S("deputy"));
    val_put_str(p->a, args, S("name"), name);
    val_put_str(p->a, args, S("until"), realm_day(page_realm(p), p->a, p->lang, val_get_i64(who, S("until_ms"), 1) - 1));
    return name.len ? po_fill(p->a, page_text(p, S("（不在岗，由{name}代办，到{until}）")), args) : S("");
}

/* Choices of colleagues for a select: {value, title, selected}. */
int desk_colleagues(struct store_tx *tx, struct page *p, int64_t task, struct str chosen, struct val **ret, struct err *e) {
    struct val *list;
    *ret = val_list(p->a);
    int rc = item_colleagues_view(tx, page_realm(p), p->who, task, &list, e);
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        const struct val *who = val_item(list, i);
        struct str value = arena_i64(p->a, val_get_i64(who, S("id"), 0));
        struct str unit = realm_words(page_realm(p), p->lang, val_get_str(who, S("unit")));
        struct str title = ARENA_CAT(p->a, val_get_str(who, S("name")), S(" · "), unit, away(p, who));
        (void)staff_choice(p, *ret, S("to"), value, title, str_eq(value, chosen));
    }
    return rc;
}

static unsigned put_offers(struct page *p, const struct val *task) {
    struct val *list = val_list(p->a), *v;
    struct str chosen = page_in(p, S("act"));
    unsigned needs = 0;
    for (size_t i = 0; i < OFFERS; i++) {
        if (!val_get_bool(val_get(task, S("may")), offers[i].verb, false)) continue;
        struct val *choice = staff_choice(p, list, S("act"), offers[i].verb, page_text(p, offers[i].title), str_eq(chosen, offers[i].verb));
        val_put_str(p->a, choice, S("note"), page_text(p, offers[i].note));
        needs |= offers[i].needs;
    }
    v = field(p, "act_field", S("act"), S("做什么"), S(""));
    val_put(p->a, v, S("choices"), list);
    val_put_bool(p->a, p->view, S("can"), val_count(list) > 0);
    return needs;
}

static void put_returns(struct page *p, const struct val *task) {
    const struct val *returns = val_get(task, S("returns"));
    struct val *list = val_list(p->a);
    for (size_t i = 0; i < val_count(returns); i++) {
        struct str element = val_get_str(val_item(returns, i), S("element"));
        (void)staff_choice(p, list, S("element"), element, val_get_str(val_item(returns, i), S("title")),
                           str_eq(page_in(p, S("element")), element));
    }
    struct val *v = field(p, "back_field", S("element"), S("退回到哪个环节"), S("退回时选择"));
    val_put(p->a, v, S("choices"), list);
    val_put_str(p->a, v, S("none"), page_text(p, S("请选择")));
}

int desk_hand_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *people;
    int rc = desk_task_act(tx, p, e);
    if (rc) return rc;
    const struct val *task = task_of(p);
    unsigned needs = put_offers(p, task);
    if (needs & NEEDS_BACK) put_returns(p, task);
    if (needs & NEEDS_TO) {
        rc = desk_colleagues(tx, p, val_get_i64(task, S("id"), 0), page_in(p, S("to")), &people, e);
        struct val *v = field(p, "to_field", S("to"), S("同事"), S("转办、委派、加签、抄送时选择；只列有权办理这项任务的人"));
        val_put(p->a, v, S("choices"), people);
        val_put_str(p->a, v, S("none"), page_text(p, S("请选择")));
    }
    struct val *text = field(p, "text_field", S("text"), S("说明"), S("理由、问题或者意见，写入办件记录；申请人看不到"));
    val_put_str(p->a, text, S("max"), arena_i64(p->a, ITEM_TASK_TEXT_MAX));
    val_put_str(p->a, text, S("rows"), S("4"));
    return rc;
}

static struct str task_href(struct page *p, const struct val *task, const char *rest) {
    return arena_fmt(p->a, "/desk/task/%lld%s", (long long)val_get_i64(task, S("id"), 0), rest);
}

int desk_hand_say(struct page *p, struct err *e) {
    const struct val *task = task_of(p);
    struct str number = val_get_str(task, S("number"));
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("转交和会商"), number);
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, number, task_href(p, task, ""));
    staff_crumb(p, S("转交和会商"), S(""));
    page_form(p, task_href(p, task, "/hand"));
    p->template = S("desk/hand");
    return 0;
}

/* All that is wrong is told at once, so this is looked at here, too. */
static void text_faults(struct page *p, bool required) {
    struct str text = str_trim(page_in(p, S("text")));
    if (text.len == 0 && required) (void)page_fault(p, S("text"), ERR_REQUIRED, S("说明"));
    else if (str_utf8_count(text) > ITEM_TASK_TEXT_MAX)
        (void)page_fault(p, S("text"), ERR_TOO_LONG, arena_fmt(p->req->arena, "%d", ITEM_TASK_TEXT_MAX));
    else if (!plain_text(text, true)) (void)page_fault(p, S("text"), ERR_CHARACTERS, S(""));
}

bool desk_to_ok(struct page *p) {
    int64_t to;
    struct str said = page_in(p, S("to"));
    return said.len == 0 || (str_to_i64(said, &to) && to > 0);
}

int desk_hand_ask(struct page *p, struct err *e) {
    struct str verb = page_in(p, S("act"));
    size_t i = 0;
    (void)e;
    while (i < OFFERS && !str_eq(offers[i].verb, verb)) i++;
    if (i == OFFERS) {
        (void)page_fault(p, S("act"), verb.len ? ERR_CODE : ERR_REQUIRED, verb.len ? S("") : S("做什么"));
        return 0; /* the right is judged first: then the form comes again with its faults */
    }
    if ((offers[i].needs & NEEDS_TO) && page_in(p, S("to")).len == 0) (void)page_fault(p, S("to"), ERR_REQUIRED, S("同事"));
    else if (!desk_to_ok(p)) (void)page_fault(p, S("to"), ERR_CODE, S(""));
    if ((offers[i].needs & NEEDS_BACK) && page_in(p, S("element")).len == 0)
        (void)page_fault(p, S("element"), ERR_REQUIRED, S("退回到哪个环节"));
    text_faults(p, !str_eq(verb, S("copy")));
    return 0;
}

/* Where what was done is seen: the task, or the work that is left. */
static struct str whither(struct page *p, struct str verb, int64_t id) {
    bool stays = str_eq(verb, S("consult")) || str_eq(verb, S("copy")) || str_eq(verb, S("transfer")) || str_eq(verb, S("delegate"));
    if (str_eq(verb, S("recuse"))) return S("/desk");
    return stays ? arena_fmt(p->a, "/desk/task/%lld", (long long)id) : S("/desk/mine");
}

int desk_hand_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_task_order o = { .verb = page_in(p, S("act")), .version = -1, .element = page_in(p, S("element")),
                                 .text = str_trim(page_in(p, S("text"))) };
    int rc = staff_id(p, "id", &o.task, e);
    (void)str_to_i64(page_in(p, S("to")), &o.to);
    (void)str_to_i64(page_in(p, S("version")), &o.version);
    if (!rc) rc = item_task_do(tx, page_realm(p), p->who, &o, e);
    if (!rc) p->location = whither(p, o.verb, o.task);
    if (rc == ERR_DUPLICATE) return page_fault(p, S("to"), ERR_INPUT, page_text(p, S("已经请他出具意见，还没有答复")));
    return staff_fault(p, rc, e);
}

/* ---- urging ---- */

int desk_urge_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *task;
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = item_urge_view(tx, page_realm(p), p->who, id, p->lang, &task, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("task"), task);
    struct val *text = field(p, "text_field", S("text"), S("说明"), S("会发给办理人，没有人签收的发给这个岗位的所有人"));
    val_put_str(p->a, text, S("max"), arena_i64(p->a, ITEM_TASK_TEXT_MAX));
    val_put_str(p->a, text, S("rows"), S("3"));
    val_put_str(p->a, p->view, S("board_href"),
                page_href(p, arena_fmt(p->a, "/desk/case/%lld/board", (long long)val_get_i64(task, S("case_id"), 0))));
    return 0;
}

int desk_urge_say(struct page *p, struct err *e) {
    const struct val *task = task_of(p);
    (void)e;
    if (p->location.len) return 0;
    staff_title(p, S("催办"), val_get_str(task, S("number")));
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, S("并联审批看板"), arena_fmt(p->a, "/desk/case/%lld/board", (long long)val_get_i64(task, S("case_id"), 0)));
    staff_crumb(p, S("催办"), S(""));
    page_form(p, task_href(p, task, "/urge"));
    p->template = S("desk/urge");
    return 0;
}

int desk_urge_ask(struct page *p, struct err *e) {
    (void)e;
    text_faults(p, true);
    return 0;
}

int desk_urge_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct item_task_order o = { .verb = S("urge"), .version = -1, .text = str_trim(page_in(p, S("text"))) };
    struct val *task;
    int rc = staff_id(p, "id", &o.task, e);
    if (!rc) rc = item_urge_view(tx, page_realm(p), p->who, o.task, p->lang, &task, e);
    if (!rc) rc = item_task_do(tx, page_realm(p), p->who, &o, e);
    if (!rc) p->location = arena_fmt(p->a, "/desk/case/%lld/board", (long long)val_get_i64(task, S("case_id"), 0));
    return staff_fault(p, rc, e);
}
