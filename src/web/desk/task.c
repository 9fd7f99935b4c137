/* task: E3 the case workspace. The engine notes who looked and gives only what this part may see;
 * here it is laid out. Invariant: while another officer holds the task, the page says so and has no form.
 */
#include "web/desk/desk_pages.h"

#include "web/live/live.h"
#include "web/question.h"

/* ---- what officers write often; each a link that fills the form ---- */

static const struct {
    struct str move, text;
} phrases[] = {
    { S_INIT("accept"), S_INIT("申请材料齐全，符合法定形式，予以受理。") },
    { S_INIT("approve"), S_INIT("经审查，申请材料齐全，符合法定条件，准予许可。") },
    { S_INIT("pass"), S_INIT("经现场勘验，场所、设施与申请一致，符合要求。") },
    { S_INIT("complete"), S_INIT("已核对登记信息，情况属实。") },
    { S_INIT("supplement"), S_INIT("申请材料不齐全或不清晰，请补正以下全部内容：") },
    { S_INIT("fail"), S_INIT("经现场勘验，存在以下不符合要求的情况：") },
    { S_INIT("refuse"), S_INIT("经审查，不符合法定条件，理由如下：") },
};

struct str desk_phrase(struct str move) {
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (str_eq(phrases[i].move, move)) return phrases[i].text;
    return S("");
}

static size_t chosen_phrase(const struct page *p) {
    int64_t n;
    bool ok = p->req->method == HTTP_GET && str_to_i64(page_in(p, S("phrase")), &n) && n >= 0 &&
              n < (int64_t)(sizeof phrases / sizeof *phrases);
    return ok ? (size_t)n : SIZE_MAX;
}

static struct str task_path(struct page *p, const struct val *task, const char *rest) {
    return arena_fmt(p->a, "/desk/task/%lld%s", (long long)val_get_i64(task, S("id"), 0), rest);
}

/* `decide`: the form's fields as typed, as a phrase fills them, or empty; {moves, opinion, basis, version, phrases}. */
static int put_form(struct store_tx *tx, struct page *p, const struct val *task, struct err *e) {
    struct val *v = val_map(p->a), *choices = val_list(p->a), *list = val_list(p->a);
    bool again = page_again(p);
    size_t phrase = chosen_phrase(p);
    struct str move = again ? page_in(p, S("move")) : phrase == SIZE_MAX ? S("") : phrases[phrase].move;
    const struct val *moves = val_get(task, S("moves"));
    for (size_t i = 0; i < val_count(moves); i++) {
        const struct val *m = val_item(moves, i);
        struct str id = val_get_str(m, S("move"));
        bool words = val_get_bool(m, S("refuses"), false) || str_eq(id, S("supplement"));
        struct val *choice = staff_choice(p, choices, S("move"), id, val_get_str(m, S("title")), str_eq(id, move));
        if (words)
            val_put_str(p->a, choice, S("note"),
                        page_text(p, str_eq(id, S("refuse")) ? S("须写明理由和法律依据") : S("须写明意见")));
        for (size_t k = 0; k < sizeof phrases / sizeof *phrases; k++) {
            if (!str_eq(phrases[k].move, id)) continue;
            struct val *x = val_map(p->a);
            val_put_str(p->a, x, S("title"), val_get_str(m, S("title")));
            val_put_str(p->a, x, S("text"), page_text(p, phrases[k].text));
            val_put_str(p->a, x, S("href"),
                        page_href(p, ARENA_CAT(p->a, task_path(p, task, "?phrase="), arena_fmt(p->a, "%zu#opinion", k))));
            val_push(p->a, list, x);
        }
    }
    /* An opinion and its basis go on papers and into the case's record, which are in Chinese whatever the reader's language. */
    val_put_str(p->a, v, S("opinion"), again ? page_in(p, S("opinion")) : phrase == SIZE_MAX ? S("") : phrases[phrase].text);
    val_put_str(p->a, v, S("basis"), again ? page_in(p, S("basis")) : val_get_str(task, S("basis_written")));
    val_put_i64(p->a, v, S("version"), val_get_i64(task, S("version"), 0));
    val_put(p->a, v, S("moves"), choices);
    val_put(p->a, v, S("phrases"), list);
    val_put(p->a, p->view, S("decide"), v);
    if (!desk_may(task, "countersign")) return 0;
    struct val *people;
    int rc = desk_colleagues(tx, p, val_get_i64(task, S("id"), 0), page_in(p, S("to")), &people, e);
    if (!rc && val_count(people)) val_put(p->a, v, S("people"), people);
    return rc;
}

/* What is wanted beside a decision: an opinion here, opinions of others, what may be done besides; each leads to E5. */
static void put_beside(struct page *p, const struct val *task) {
    static const char *const verbs[] = { "transfer", "delegate", "consult", "copy", "return", "recall", "recuse" };
    const struct val *asked = val_get(task, S("asked"));
    struct str hand = page_href(p, task_path(p, task, "/hand"));
    bool any = false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) any |= desk_may(task, verbs[i]);
    if (any) val_put_str(p->a, p->view, S("hand_href"), hand);
    if (desk_may(task, "opinion")) {
        struct val *v = val_map(p->a);
        val_put_str(p->a, v, S("action"), hand);
        val_put_bool(p->a, v, S("object"), desk_may(task, "object"));
        val_put_i64(p->a, v, S("version"), val_get_i64(task, S("version"), 0));
        val_put(p->a, p->view, S("wanted"), v);
    }
    if (desk_may(task, "recall") && !val_get_bool(task, S("open"), false))
        val_put_str(p->a, p->view, S("recall_href"), ARENA_CAT(p->a, hand, S("?act=recall")));
    for (size_t i = 0; i < val_count(asked); i++) {
        struct val *x = asked->u.list.item[i];
        if (val_get_bool(x, S("mine"), false))
            val_put_str(p->a, x, S("href"),
                        page_href(p, arena_fmt(p->a, "/desk/task/%lld/hand?act=recall", (long long)val_get_i64(x, S("id"), 0))));
    }
}

/* What the step asks its officer to write down, as typed where the form comes again. */
static void put_asks(struct page *p, const struct val *task) {
    const struct val *asks = val_get(task, S("asks"));
    struct val *fields = val_list(p->a);
    for (size_t i = 0; i < val_count(asks); i++) {
        struct val *q = asks->u.list.item[i], *options = (struct val *)val_get(q, S("options"));
        const struct val *typed = val_get(p->in, val_get_str(q, S("id")));
        if (page_again(p)) val_put_str(p->a, q, S("value"), val_text(typed));
        for (size_t k = 0; page_again(p) && k < val_count(options); k++) {
            struct str code = val_get_str(val_item(options, k), S("value"));
            val_put_bool(p->a, options->u.list.item[k], S("chosen"), val_says(typed, code));
        }
        val_push(p->a, fields, question_field(p, q, false));
    }
    val_put(p->a, p->view, S("fields"), fields);
}

/* The second officer's page: what the first decided, and what this one typed and did not send. */
static void put_conflict(struct page *p, const struct val *task) {
    struct val *v = val_map(p->a);
    const struct val *moves = val_get(task, S("moves")), *events = val_get(val_get(task, S("case")), S("events"));
    for (size_t i = 0; i < val_count(moves); i++)
        if (str_eq(val_get_str(val_item(moves, i), S("move")), page_in(p, S("move"))))
            val_put_str(p->a, v, S("my_move"), val_get_str(val_item(moves, i), S("title")));
    for (size_t i = 0; i < val_count(events); i++)
        if (val_get_i64(val_item(events, i), S("task"), 0) == val_get_i64(task, S("id"), -1))
            val_put_str(p->a, v, S("their_opinion"), val_get_str(val_item(events, i), S("text")));
    val_put_bool(p->a, v, S("own"), val_get_bool(task, S("ended_by_me"), false));
    val_put_str(p->a, v, S("my_opinion"), page_in(p, S("opinion")));
    val_put_str(p->a, v, S("my_basis"), page_in(p, S("basis")));
    val_put_str(p->a, v, S("by"), val_get_str(task, S("ended_by")));
    val_put_str(p->a, v, S("move"), val_get_str(task, S("move")));
    val_put_str(p->a, v, S("ended"), val_get_str(task, S("ended")));
    val_put(p->a, p->view, S("conflict"), v);
}

static void fact(struct page *p, struct val *facts, struct str label, struct str value) {
    struct val *v = val_map(p->a);
    if (value.len == 0) return;
    val_put_str(p->a, v, S("label"), page_text(p, label));
    val_put_str(p->a, v, S("value"), value);
    val_push(p->a, facts, v);
}

static void put_header(struct page *p, struct val *task) {
    struct val *v = val_map(p->a), *state = val_map(p->a), *facts = val_list(p->a), *name = val_map(p->a);
    const struct val *c = val_get(task, S("case"));
    bool taken = val_get_bool(task, S("taken"), false), open = val_get_bool(task, S("open"), false);
    struct str tone = val_get_str(c, S("tone"));
    val_put_str(p->a, name, S("name"), val_get_str(task, S("claimed_by")));
    val_put_str(p->a, state, S("text"), val_get_str(c, S("state_text")));
    val_put_str(p->a, state, S("kind"), str_eq(tone, S("info")) ? S("brand") : str_eq(tone, S("plain")) ? S("") : tone);
    fact(p, facts, S("事项"), val_get_str(task, S("item")));
    fact(p, facts, S("申请人"), val_get_str(task, S("applicant")));
    fact(p, facts, S("提交时间"), val_get_str(c, S("submitted")));
    fact(p, facts, S("受理时间"), val_get_str(c, S("accepted")));
    if (open) fact(p, facts, S("签收情况"), val_get_str(val_get(task, S("holder")), S("text")));
    val_put_str(p->a, v, S("number"), val_get_str(task, S("number")));
    val_put_str(p->a, v, S("title"), val_get_str(task, S("title")));
    val_put(p->a, v, S("state"), state);
    if (open) val_put(p->a, v, S("clock"), (struct val *)val_get(task, S("clock")));
    val_put_str(p->a, v, S("others"),
                open && taken ? po_fill(p->a, page_text(p, S("{name} 已签收这个任务，正在办理。您可以查看，不能办理。")), name)
                              : S(""));
    val_put(p->a, v, S("facts"), facts);
    val_put(p->a, p->view, S("header"), v);
}

static void link_files(struct page *p, const struct val *task) {
    const struct val *materials = val_get(val_get(task, S("case")), S("materials"));
    for (size_t i = 0; i < val_count(materials); i++) {
        const struct val *files = val_get(val_item(materials, i), S("files"));
        for (size_t k = 0; k < val_count(files); k++) {
            struct val *f = files->u.list.item[k];
            struct str rest = arena_fmt(p->a, "/material/%lld", (long long)val_get_i64(f, S("id"), 0));
            val_put_str(p->a, f, S("href"), page_href(p, ARENA_CAT(p->a, task_path(p, task, ""), rest)));
        }
    }
}

/* E3 stands open: it hears of the case, says who else has the task open, and lets others know. */
static int put_live(struct store_tx *tx, struct page *p, const struct val *task, int64_t id, struct err *e) {
    struct str topic = arena_fmt(p->a, "task.%lld", (long long)id);
    struct str have = item_watch_key(p->a, val_get_i64(val_get(task, S("case")), S("version"), 0), val_get_i64(task, S("version"), 0));
    if (!val_get_bool(task, S("open"), false)) return 0;
    val_put_str(p->a, p->view, S("others"), live_who(tx, page_realm(p), p->who, id, p->lang, e));
    val_put_bool(p->a, p->view, S("watched"), true);
    if (val_count(val_get(task, S("hold")))) val_put_str(p->a, p->view, S("resume_href"), page_href(p, task_path(p, task, "/clock")));
    int rc = item_presence_put(tx, page_realm(p), p->who->account, id, e);
    return rc ? rc : live_put(tx, p, topic, have, S("这个办件有 [n] 处新变化"), e);
}

int desk_task_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *task;
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = item_task_view(tx, page_realm(p), p->who, id, p->lang, &task, e);
    if (!rc && str_ends(str_of(p->route->path), S("{id}"))) rc = put_live(tx, p, task, id, e);
    if (rc) return rc;
    const struct val *c = val_get(task, S("case"));
    bool open = val_get_bool(task, S("open"), false);
    desk_queue_clock(p, task);
    put_header(p, task);
    link_files(p, task);
    staff_rail(p, val_get(c, S("rail")));
    desk_board_answers(p, c);
    desk_board_events(p, val_get(c, S("events")));
    if (desk_may(task, "decide")) put_asks(p, task), rc = put_form(tx, p, task, e);
    if (rc) return rc;
    put_beside(p, task);
    if (!open && p->req->method == HTTP_POST) put_conflict(p, task);
    val_put(p->a, p->view, S("task"), task);
    val_put_bool(p->a, p->view, S("can_take"), desk_may(task, "take"));
    val_put_bool(p->a, p->view, S("can_claim"), desk_may(task, "claim"));
    val_put_bool(p->a, p->view, S("can_release"), desk_may(task, "release"));
    val_put_bool(p->a, p->view, S("ended"), !open && p->req->method != HTTP_POST);
    val_put_str(p->a, p->view, S("task_href"), page_href(p, task_path(p, task, "")));
    val_put_str(p->a, p->view, S("clock_href"), page_href(p, task_path(p, task, "/clock")));
    val_put_str(p->a, p->view, S("queue_href"), page_href(p, S("/desk")));
    val_put_str(p->a, p->view, S("diagram_href"),
                page_href(p, arena_fmt(p->a, "/desk/case/%lld/diagram", (long long)val_get_i64(task, S("case_id"), 0))));
    if (val_get_bool(task, S("joint"), false))
        val_put_str(p->a, p->view, S("board_href"),
                    page_href(p, arena_fmt(p->a, "/desk/case/%lld/board", (long long)val_get_i64(task, S("case_id"), 0))));
    return desk_put_follow(tx, p, val_get_i64(task, S("case_id"), 0), id, e);
}

static void frame(struct page *p, struct str title) {
    const struct val *task = val_get(p->view, S("task"));
    struct str number = val_get_str(task, S("number"));
    staff_title(p, title, number);
    staff_crumb(p, S("我的工作"), S("/desk"));
    staff_crumb(p, number, S(""));
}

int desk_task_say(struct page *p, struct err *e) {
    (void)e;
    frame(p, val_get_str(val_get(p->view, S("task")), S("title")));
    page_form(p, task_path(p, val_get(p->view, S("task")), ""));
    page_label(p, S("move"), page_text(p, S("办理结果")));
    page_label(p, S("opinion"), page_text(p, S("意见")));
    page_label(p, S("basis"), page_text(p, S("法律依据")));
    p->template = S("desk/task");
    return 0;
}
