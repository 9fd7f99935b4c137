/* mandate_form: see mandate_form.h. Invariant: nothing is chosen beforehand; what was typed comes
 * back as it was.
 */
#include "web/mandate_form.h"

#include "engine/code/code_check.h"
#include "engine/notify/notify_out.h"
#include "web/question.h"
#include "web/staff.h"

void mandate_form_person(struct page *p, const char *key, struct str name, struct str name_label,
                         struct str number, struct str number_label, struct str hint) {
    struct val *list = val_list(p->a), *v = question_plain(p, name, name_label, S(""));
    val_put_str(p->a, v, S("width"), S("11"));
    val_put_str(p->a, v, S("complete"), S("off"));
    val_push(p->a, list, v);
    v = question_plain(p, number, number_label, hint);
    val_put_str(p->a, v, S("width"), S("18"));
    val_put_str(p->a, v, S("complete"), S("off"));
    val_push(p->a, list, v);
    val_put(p->a, p->view, str_of(key), list);
}

void mandate_form_phone(struct page *p) {
    struct val *v = question_plain(p, S("phone"), S("或者：对方的手机号"),
                                   S("不知道身份号码时填。不会发短信，请告诉对方：用这个手机号验证过的账号登录，在“代办授权”里接受"));
    val_put_str(p->a, v, S("width"), S("11"));
    val_put_str(p->a, v, S("mode"), S("tel"));
    val_put_str(p->a, v, S("complete"), S("off"));
    val_put_str(p->a, v, S("optional"), page_text(p, S("（选填）")));
    val_put(p->a, p->view, S("phone"), v);
}

static void put_standings(struct page *p, bool for_person) {
    struct val *v = question_plain(p, S("standing"), S("以什么身份"), S("")), *list = val_list(p->a);
    const struct val *all = mandate_standings(page_realm(p), for_person, p->lang, p->a);
    for (size_t i = 0; i < val_count(all); i++) {
        const struct val *s = val_item(all, i);
        struct str id = val_get_str(s, S("id"));
        struct val *c = staff_choice(p, list, S("standing"), id, val_get_str(s, S("title")),
                                     question_again(p) && str_eq(page_in(p, S("standing")), id));
        val_put_str(p->a, c, S("note"), val_get_str(s, S("note")));
    }
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("standing"), v);
}

static void put_items(struct page *p, bool for_person) {
    struct val *v = question_plain(p, S("items"), S("限于哪些事项"),
                                   S("一项也不选，就是全部事项")),
               *list = val_list(p->a);
    const struct val *all = mandate_items(page_realm(p), for_person, p->lang, p->a);
    for (size_t i = 0; i < val_count(all); i++) {
        const struct val *t = val_item(all, i);
        struct str id = val_get_str(t, S("id"));
        (void)staff_choice(p, list, S("items"), id, val_get_str(t, S("title")),
                           question_again(p) && staff_picked(p, S("items"), id));
    }
    val_put_str(p->a, v, S("optional"), page_text(p, S("（选填）")));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("items"), v);
}

static struct str term_text(struct page *p, int64_t months) {
    static const struct {
        int64_t months;
        struct str text;
    } terms[] = { { 1, S_INIT("一个月") }, { 3, S_INIT("三个月") }, { 6, S_INIT("半年") }, { 12, S_INIT("一年") }, { 36, S_INIT("三年") } };
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (terms[i].months == months) return page_text(p, terms[i].text);
    return arena_i64(p->a, months);
}

static void put_terms(struct page *p) {
    struct val *v = question_plain(p, S("months"), S("期限"), S("随时可以提前终止")),
               *list = val_list(p->a);
    for (size_t i = 0; mandate_term(i); i++) {
        struct str id = arena_i64(p->a, mandate_term(i));
        (void)staff_choice(p, list, S("months"), id, term_text(p, mandate_term(i)),
                           question_again(p) && str_eq(page_in(p, S("months")), id));
    }
    val_put_bool(p->a, v, S("inline"), true);
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("months"), v);
}

void mandate_form_put(struct page *p, bool for_person, struct str agreed) {
    struct val *v = question_plain(p, S("agreed"), S("确认"), S("")), *list = val_list(p->a);
    put_standings(p, for_person);
    put_items(p, for_person);
    put_terms(p);
    (void)staff_choice(p, list, S("agreed"), S("yes"), page_text(p, agreed),
                       question_again(p) && str_eq(page_in(p, S("agreed")), S("yes")));
    val_put(p->a, v, S("choices"), list);
    val_put(p->a, p->view, S("agreed"), v);
}

/* All that is wrong is told at once, so what needs no look at the registry is looked at here, too. */
static void ask_person(struct page *p, struct str name, struct str number, struct str phone) {
    struct str said = str_trim(page_in(p, name)), to;
    struct err wrong = { 0 };
    if (said.len == 0) (void)page_fault(p, name, ERR_REQUIRED, S("姓名"));
    else if (str_utf8_count(said) > MANDATE_NAME_MAX)
        (void)page_fault(p, name, ERR_TOO_LONG, arena_i64(p->a, MANDATE_NAME_MAX));
    said = code_clean(p->a, page_in(p, number));
    if (phone.len && said.len) (void)page_fault(p, S("phone"), ERR_INPUT, S("号码和手机号只填一个"));
    else if (phone.len && notify_phone(p->a, phone, &to, &wrong))
        (void)page_fault(p, S("phone"), wrong.code, arena_str(p->a, str_of(wrong.detail)));
    if (phone.len && !said.len) return;
    if (said.len == 0) (void)page_fault(p, number, ERR_REQUIRED, S("公民身份号码"));
    else if (code_check(S("citizen-id"), said, &wrong))
        (void)page_fault(p, number, wrong.code, arena_str(p->a, str_of(wrong.detail)));
}

static bool standing_known(struct page *p, struct str id) {
    const struct access_standing *s = access_standing(page_realm(p), id);
    return s && !s->by_registry;
}

void mandate_form_ask(struct page *p, bool giver) {
    struct mandate_offer o = mandate_form_read(p);
    bool term = false;
    if (giver) ask_person(p, S("giver_name"), S("giver_id"), S(""));
    ask_person(p, S("name"), S("citizen_id"), giver ? S("") : o.phone);
    if (!o.standing.len) (void)page_fault(p, S("standing"), ERR_REQUIRED, S("身份"));
    else if (!standing_known(p, o.standing)) (void)page_fault(p, S("standing"), ERR_CODE, S(""));
    for (size_t i = 0; i < o.n_items; i++)
        if (!realm_find(page_realm(p), SYSTEM_ITEM, o.items[i], NULL))
            (void)page_fault(p, S("items"), ERR_CODE, S(""));
    for (size_t i = 0; mandate_term(i); i++) term |= mandate_term(i) == o.months;
    if (!term) (void)page_fault(p, S("months"), ERR_REQUIRED, S("期限"));
    if (!o.agreed) (void)page_fault(p, S("agreed"), ERR_INPUT, S("请看过授权的内容后勾选"));
}

struct mandate_offer mandate_form_read(struct page *p) {
    const struct val *picked = val_get(p->in, S("items"));
    struct str *items = arena_array(p->a, IDENTITY_ITEMS_MAX + 1, sizeof *items);
    struct mandate_offer o = {
        .name = page_in(p, S("name")),
        .citizen_id = page_in(p, S("citizen_id")),
        .phone = str_trim(page_in(p, S("phone"))),
        .standing = page_in(p, S("standing")),
        .items = items,
        .agreed = str_eq(page_in(p, S("agreed")), S("yes")),
        .giver_name = page_in(p, S("giver_name")),
        .giver_id = page_in(p, S("giver_id")),
    };
    (void)str_to_i64(page_in(p, S("months")), &o.months);
    if (!items || !picked) return o;
    if (picked->kind != VAL_LIST) {
        if (val_text(picked).len) items[o.n_items++] = val_text(picked);
        return o;
    }
    for (size_t i = 0; i < val_count(picked) && o.n_items <= IDENTITY_ITEMS_MAX; i++)
        items[o.n_items++] = val_text(val_item(picked, i));
    return o;
}
