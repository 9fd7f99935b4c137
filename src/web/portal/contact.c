/* contact: C12, where messages may go: who one is, contacts and their verification, what leaves by
 * which channel, quiet hours. Invariants: 1. An address is shown masked, to its owner as well: who
 * looks over a shoulder learns nothing. 2. One form does one thing (`do`), so that Enter in a box
 * never does another's.
 */
#include "engine/notify/notify_out.h"
#include "web/portal/portal.h"
#include "web/question.h"
#include "web/staff.h"
#include "web/user.h"

#include <stdio.h>

enum { TIME_BYTES = 6 };

static const struct {
    struct str hint, type, mode, complete;
} asked[] = {
    [NOTIFY_MAIL] = { S_INIT("例如 name@example.com"), S_INIT("email"), S_INIT("email"),
                      S_INIT("email") },
    [NOTIFY_SMS] = { S_INIT("11 位手机号码"), S_INIT("tel"), S_INIT("numeric"), S_INIT("tel") },
};

static struct str code_field(struct page *p, enum notify_channel c) {
    return ARENA_CAT(p->a, notify_channel_word(c)->word, S("-code"));
}

/* ---- showing ---- */

static struct val *address_field(struct page *p, enum notify_channel c) {
    struct str title = notify_channel_word(c)->title;
    struct val *v = question_plain(p, notify_channel_word(c)->word, title, asked[c].hint);
    val_put_str(p->a, v, S("type"), asked[c].type);
    val_put_str(p->a, v, S("mode"), asked[c].mode);
    val_put_str(p->a, v, S("complete"), asked[c].complete);
    val_put_str(p->a, v, S("width"), S("20"));
    return v;
}

static struct val *code_question(struct page *p, enum notify_channel c) {
    struct val *v = question_plain(p, code_field(p, c), S("验证码"), S("6 位数字，10 分钟内有效"));
    val_put_str(p->a, v, S("mode"), S("numeric"));
    val_put_str(p->a, v, S("complete"), S("one-time-code"));
    val_put_str(p->a, v, S("width"), S("8"));
    return v;
}

static int put_way(struct store_tx *tx, struct page *p, enum notify_channel c, struct val *list,
                   struct err *e) {
    const struct realm *r = page_realm(p);
    struct notify_contact now;
    struct val *v = val_map(p->a);
    int rc = notify_contact_get(tx, r, p->who->account, c, &now, e);
    if (rc) return rc;
    struct str title = page_text(p, notify_channel_word(c)->title);
    val_put_str(p->a, v, S("channel"), notify_channel_word(c)->word);
    val_put_str(p->a, v, S("title"), title);
    val_put_str(p->a, v, S("shown"), now.shown);
    val_put_str(p->a, v, S("verified"), realm_day(r, p->a, p->lang, now.verified_ms));
    val_put_str(p->a, v, S("pending"), now.pending_shown);
    val_put_bool(p->a, v, S("any"), now.value.len || now.pending.len);
    val_put_bool(p->a, v, S("open"), notify_gateway(r, c));
    val_put(p->a, v, S("address"), address_field(p, c));
    if (now.pending.len) val_put(p->a, v, S("code"), code_question(p, c));
    val_push(p->a, list, v);
    return 0;
}

static struct str clock_text(struct page *p, int minutes) {
    return arena_fmt(p->a, "%02d:%02d", minutes / 60, minutes % 60);
}

static struct str switch_word(struct page *p, int c, int l) {
    return ARENA_CAT(p->a, notify_channel_word((enum notify_channel)c)->word, S("-"),
                     notify_lane_word((enum notify_lane)l)->word);
}

static void put_switches(struct page *p, const struct notify_choice *now) {
    static const struct str what[NOTIFY_LANES] = {
        [NOTIFY_NORMAL] = S_INIT("办件进展"), [NOTIFY_BULK] = S_INIT("服务通知和调查")
    };
    struct val *list = val_list(p->a);
    struct val *v = question_plain(p, S("on"), S("哪些消息发给您"),
                                   S("紧急的、依法必须告知您的消息总会发出，不能关闭"));
    for (int c = 0; c < NOTIFY_CHANNELS; c++)
        for (int l = NOTIFY_URGENT + 1; l < NOTIFY_LANES; l++) {
            if (!notify_gateway(page_realm(p), (enum notify_channel)c)) continue;
            struct str word = switch_word(p, c, l);
            bool on = question_again(p) && page_in(p, S("lang")).len
                          ? val_says(val_get(p->in, S("on")), word)
                          : now->on[c][l];
            struct str title = page_text(p, notify_channel_word((enum notify_channel)c)->title);
            (void)staff_choice(p, list, S("on"), word,
                               ARENA_CAT(p->a, title, page_text(p, S("：")), page_text(p, what[l])),
                               on);
        }
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("on_field"), v);
}

static void put_quiet(struct page *p, const struct notify_choice *now) {
    int from = 22 * 60, until = 7 * 60 + 30;
    struct val *list = val_list(p->a);
    struct val *v = question_plain(p, S("quiet"), S("免打扰时段"),
                                   S("这段时间里的消息等时段结束再发；紧急的照发"));
    bool some = notify_quiet_default(page_realm(p), &from, &until);
    struct str span = ARENA_CAT(p->a, clock_text(p, from), S("–"), clock_text(p, until));
    struct str was = now->quiet_from == NOTIFY_QUIET_DEFAULT ? S("default")
                     : now->quiet_from == NOTIFY_QUIET_NEVER ? S("never")
                                                             : S("own");
    if (page_in(p, S("quiet")).len && question_again(p)) was = page_in(p, S("quiet"));
    if (now->quiet_from >= 0) from = now->quiet_from, until = now->quiet_until;
    struct str usual = some ? portal_fill(p, S("按本市的规定：{span}"), S("span"), span)
                            : page_text(p, S("按本市的规定：没有"));
    (void)staff_choice(p, list, S("quiet"), S("default"), usual, str_eq(was, S("default")));
    (void)staff_choice(p, list, S("quiet"), S("own"),
                       page_text(p, S("自己定，从下面的时间开始和结束")), str_eq(was, S("own")));
    (void)staff_choice(p, list, S("quiet"), S("never"), page_text(p, S("不要，什么时候都可以发")),
                       str_eq(was, S("never")));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("quiet_field"), v);
    static const char *const name[] = { "from", "until" };
    const struct str label[] = { S("从几点起"), S("到几点止") };
    const int at[] = { from, until };
    for (size_t i = 0; i < 2; i++) {
        struct val *t = question_plain(p, str_of(name[i]), label[i], S("例如 22:00"));
        if (!val_get_str(t, S("value")).len) val_put_str(p->a, t, S("value"), clock_text(p, at[i]));
        val_put_str(p->a, t, S("width"), S("8"));
        val_put_str(p->a, t, S("max"), S("5"));
        val_put(p->a, p->view, ARENA_CAT(p->a, str_of(name[i]), S("_field")), t);
    }
}

static void put_lang(struct page *p, const struct notify_choice *now) {
    struct val *list = val_list(p->a);
    struct val *v = question_plain(p, S("lang"), S("用哪种语言"),
                                   S("邮件两种语言都写，选中的在前；短信只用选中的"));
    struct str was =
        page_in(p, S("lang")).len && question_again(p) ? page_in(p, S("lang")) : now->lang;
    (void)staff_choice(p, list, S("lang"), S("zh"), S("中文"), str_eq(was, S("zh")));
    (void)staff_choice(p, list, S("lang"), S("en"), S("English"), str_eq(was, S("en")));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("lang_field"), v);
}

int contacts_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct notify_choice choice;
    struct val *ways = val_list(p->a);
    int rc = 0;
    for (int c = 0; c < NOTIFY_CHANNELS && !rc; c++)
        rc = put_way(tx, p, (enum notify_channel)c, ways, e);
    if (!rc) rc = notify_choice_get(tx, page_realm(p), p->who->account, &choice, e);
    if (rc) return rc;
    val_put(p->a, p->view, S("ways"), ways);
    val_put_str(p->a, p->view, S("name"), p->who->name);
    val_put_bool(p->a, p->view, S("leaves"), page_realm(p)->gateways != 0);
    put_lang(p, &choice);
    put_switches(p, &choice);
    put_quiet(p, &choice);
    return 0;
}

int contacts_say(struct page *p, struct err *e) {
    (void)e;
    if (p->location.len) return 0;
    portal_title(p, page_text(p, S("联系方式和通知")));
    portal_side(p, "/space/contacts");
    page_form(p, S("/space/contacts"));
    val_put_str(p->a, p->view, S("password_href"), page_href(p, S("/password")));
    val_put_str(p->a, p->view, S("messages_href"), page_href(p, S("/space/messages")));
    p->template = S("portal/contact");
    return 0;
}

/* ---- changing ---- */

struct changing {
    enum notify_channel channel;
    struct notify_choice choice;
    bool wrong_code, unknown;
};

static bool read_time(struct str s, int *ret) {
    int hour = 0, minute = 0;
    char text[TIME_BYTES] = "", end;
    if (s.len < 4 || s.len >= TIME_BYTES) return false;
    for (size_t i = 0; i < s.len; i++) text[i] = s.ptr[i];
    if (sscanf(text, "%2d:%2d%c", &hour, &minute, &end) != 2) return false;
    *ret = hour * 60 + minute;
    return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

static int ask_choice(struct page *p, struct notify_choice *c, struct err *e) {
    struct str quiet = page_in(p, S("quiet")), lang = page_in(p, S("lang"));
    c->lang = str_eq(lang, S("en")) ? S("en") : S("zh");
    for (int i = 0; i < NOTIFY_CHANNELS; i++)
        for (int l = 0; l < NOTIFY_LANES; l++)
            c->on[i][l] =
                l == NOTIFY_URGENT || val_says(val_get(p->in, S("on")), switch_word(p, i, l));
    if (str_eq(quiet, S("default")))
        c->quiet_from = NOTIFY_QUIET_DEFAULT;
    else if (str_eq(quiet, S("never")))
        c->quiet_from = NOTIFY_QUIET_NEVER;
    else if (!str_eq(quiet, S("own")))
        return page_fault(p, S("quiet"), ERR_CODE, S(""));
    else {
        if (!read_time(str_trim(page_in(p, S("from"))), &c->quiet_from))
            (void)page_fault(p, S("from"), ERR_FORMAT, S("22:00"));
        if (!read_time(str_trim(page_in(p, S("until"))), &c->quiet_until))
            (void)page_fault(p, S("until"), ERR_FORMAT, S("07:30"));
    }
    (void)e;
    return 0;
}

static int count_wrong(struct store_tx *tx, struct page *p, struct err *e) {
    const struct changing *own = p->own;
    return own->wrong_code ? notify_contact_failed(tx, page_realm(p), p->who, own->channel, e) : 0;
}

int contacts_ask(struct page *p, struct err *e) {
    struct changing *own = arena_new(p->req->arena, struct changing);
    struct str what = page_in(p, S("do"));
    if (!own) return err_set(e, ERR_MEMORY, NULL);
    p->own = own;
    if (str_eq(what, S("choose"))) return ask_choice(p, &own->choice, e);
    bool known = str_eq(what, S("send")) || str_eq(what, S("confirm")) || str_eq(what, S("drop"));
    own->unknown = !known || !notify_channel_of(page_in(p, S("channel")), &own->channel);
    if (own->unknown) return 0; /* told in act: who is not signed in learns nothing of it */
    struct str title = notify_channel_word(own->channel)->title;
    struct str word = notify_channel_word(own->channel)->word;
    if (str_eq(what, S("send")) && !str_trim(page_in(p, word)).len)
        return page_fault(p, word, ERR_REQUIRED, title);
    if (str_eq(what, S("confirm")) && !str_trim(page_in(p, code_field(p, own->channel))).len)
        return page_fault(p, code_field(p, own->channel), ERR_REQUIRED, S("验证码"));
    p->refused_act = count_wrong;
    return 0;
}

static int confirm(struct store_tx *tx, struct page *p, struct changing *own, struct err *e) {
    struct str field = code_field(p, own->channel);
    int rc = notify_contact_confirm(tx, page_realm(p), p->who, own->channel, page_in(p, field), e);
    own->wrong_code = rc == ERR_PASSWORD;
    if (rc == ERR_PASSWORD)
        return page_fault(p, field, ERR_INPUT,
                          page_text(p, S("验证码不对或已过期；连续输错 5 次将锁定 15 分钟")));
    return rc == ERR_LOCKED ? page_fault(p, field, rc, S("")) : rc;
}

static int send_code(struct store_tx *tx, struct page *p, const struct changing *own,
                     struct err *e) {
    struct str field = notify_channel_word(own->channel)->word;
    int rc = notify_contact_put(tx, page_realm(p), p->who, own->channel, page_in(p, field), e);
    if (rc == ERR_DUPLICATE)
        return page_fault(p, field, ERR_INPUT, page_text(p, S("这就是您已经验证过的，不用再验证")));
    if (rc == ERR_LOCKED)
        return page_fault(p, field, ERR_INPUT, page_text(p, S("验证码要得太多，请 15 分钟后再试")));
    return rc == ERR_FORMAT || rc == ERR_RANGE
               ? page_fault(p, field, ERR_FORMAT, page_text(p, asked[own->channel].hint))
               : rc;
}

int contacts_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    struct changing *own = p->own;
    const struct realm *r = page_realm(p);
    struct str what = page_in(p, S("do"));
    if (own->unknown) return err_set(e, ERR_SYNTAX, "do");
    int rc = str_eq(what, S("choose"))    ? notify_choice_put(tx, r, p->who, &own->choice, e)
             : str_eq(what, S("confirm")) ? confirm(tx, p, own, e)
             : str_eq(what, S("drop"))    ? notify_contact_drop(tx, r, p->who, own->channel, e)
                                          : send_code(tx, p, own, e);
    if (!rc) p->location = S("/space/contacts");
    return rc;
}

/* ---- C1, C8: how a message left ---- */

int portal_put_sent(struct store_tx *tx, struct page *p, struct val *message, struct err *e) {
    struct val *list;
    int rc = notify_deliveries_of(tx, page_realm(p), val_get_i64(message, S("id"), 0), p->lang,
                                  &list, e);
    for (size_t i = 0; !rc && i < val_count(list); i++) {
        struct val *v = list->u.list.item[i];
        val_put_str(p->a, v, S("at"),
                    realm_time(page_realm(p), p->a, p->lang, val_get_i64(v, S("at_ms"), 0)));
    }
    if (!rc) val_put(p->a, message, S("sent"), list);
    return rc;
}
