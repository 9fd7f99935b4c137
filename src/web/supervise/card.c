/* card: one card of supervision: why it was issued, the arithmetic of the clock behind it, who had
 * the case until when, what was said; and the form of whoever may say something now. Invariant: the
 * form that is shown is the one that would be taken.
 */
#include "web/question.h"
#include "web/supervise/supervise_pages.h"

struct saying {
    struct str verb, text;
    int64_t version;
};

static int show(struct store_tx *tx, struct page *p, struct err *e) {
    struct val *card;
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = supervise_view(tx, page_realm(p), p->who, id, p->lang, &card, e);
    if (rc) return rc;
    struct val *words = (struct val *)val_get(card, S("words"));
    for (size_t i = 0; i < val_count(words); i++)
        val_put_str(p->a, words->u.list.item[i], S("at"),
                    realm_time(page_realm(p), p->a, p->lang,
                               val_get_i64(val_item(words, i), S("at_ms"), 0)));
    val_put_str(p->a, card, S("at"),
                realm_time(page_realm(p), p->a, p->lang, val_get_i64(card, S("at_ms"), 0)));
    val_put_str(p->a, card, S("issued"),
                realm_time(page_realm(p), p->a, p->lang, val_get_i64(card, S("issued_ms"), 0)));
    val_put(p->a, p->view, S("card"), card);
    val_put(p->a, p->view, S("timeline"), words);
    return 0;
}

int supervise_card_act(struct store_tx *tx, struct page *p, struct err *e) {
    return show(tx, p, e);
}

/* Each form says what is its own: who explains does not judge under another's address. */
static bool belongs(const struct page *p, struct str verb) {
    bool judge = str_eq(verb, S("close")) || str_eq(verb, S("withdraw"));
    bool answer = str_eq(verb, S("explain")) || str_eq(verb, S("dispute"));
    return str_eq(str_of(p->route->power), S("card.judge")) ? judge : answer;
}

int supervise_card_ask(struct page *p, struct err *e) {
    struct saying *s = arena_new(p->req->arena, struct saying);
    if (!s) return err_set(e, ERR_MEMORY, NULL);
    *s = (struct saying){ .verb = page_in(p, S("verb")), .text = str_trim(page_in(p, S("text"))) };
    (void)str_to_i64(page_in(p, S("version")), &s->version);
    p->own = s;
    if (!belongs(p, s->verb)) (void)page_fault(p, S("verb"), ERR_CODE, S("处理意见"));
    if (!s->text.len) (void)page_fault(p, S("text"), ERR_REQUIRED, S("说明"));
    return 0;
}

int supervise_card_post_act(struct store_tx *tx, struct page *p, struct err *e) {
    const struct saying *s = p->own;
    int64_t id;
    int rc = staff_id(p, "id", &id, e);
    if (!rc) rc = supervise_do(tx, page_realm(p), p->who, id, s->version, s->verb, s->text, e);
    if (!rc) p->location = arena_fmt(p->a, SUPERVISE_HOME "/card/%lld", (long long)id);
    return staff_fault(p, rc, e);
}

/* The choices that are open now, those of one form. */
static void put_verbs(struct page *p, const char *const *verb, const struct str *title,
                      const struct str *note, const char *action) {
    const struct val *card = val_get(p->view, S("card")), *may = val_get(card, S("may"));
    struct val *field = question_plain(p, S("verb"), S("处理意见"), S("")), *list = val_list(p->a),
               *hidden = val_list(p->a);
    for (size_t i = 0; i < 2; i++) {
        if (!val_get_bool(may, str_of(verb[i]), false)) continue;
        struct val *v = staff_choice(p, list, S("verb"), str_of(verb[i]), page_text(p, title[i]),
                                     str_eq(page_in(p, S("verb")), str_of(verb[i])));
        val_put_str(p->a, v, S("note"), page_text(p, note[i]));
    }
    if (val_count(list) == 0) return;
    val_put(p->a, field, S("choices"), list);
    val_put(p->a, p->view, S("verb_field"), field);
    struct val *text =
        question_plain(p, S("text"), S("说明"), S("写明事实和理由，会一直保存，双方都看得到"));
    val_put_str(p->a, text, S("max"), arena_i64(p->a, SUPERVISE_TEXT_MAX));
    val_put_str(p->a, text, S("rows"), S("4"));
    val_put(p->a, p->view, S("text_field"), text);
    staff_field(p, hidden, S("version"), arena_i64(p->a, val_get_i64(card, S("version"), 0)));
    val_put(p->a, p->view, S("hidden"), hidden);
    page_form(p, arena_fmt(p->a, SUPERVISE_HOME "/card/%lld/%s",
                           (long long)val_get_i64(card, S("id"), 0), action));
}

int supervise_card_say(struct page *p, struct err *e) {
    static const char *const answers[] = { "explain", "dispute" }, *const judgements[] = {
        "close", "withdraw"
    };
    const struct str answer[] = { S("说明情况"), S("提出异议") },
                     judgement[] = { S("办结"), S("撤销") };
    const struct str answer_note[] = { S("承认这张牌，说明原因和改进办法"),
                                       S("认为不该发这张牌，请监察人员撤销") };
    const struct str judgement_note[] = { S("这张牌成立，已经说明或者整改"),
                                          S("这张牌不成立，写明理由后撤销；牌和理由都会保留") };
    const struct val *card = val_get(p->view, S("card"));
    (void)e;
    if (p->location.len) return 0;
    put_verbs(p, answers, answer, answer_note, "answer");
    if (!val_get(p->view, S("verb_field")))
        put_verbs(p, judgements, judgement, judgement_note, "judge");
    struct str power = str_of(p->route->power), does = S("监察牌");
    if (str_eq(power, S("card.explain"))) does = S("回应监察牌");
    else if (str_eq(power, S("card.judge"))) does = S("处理监察牌");
    staff_title(p, does, val_get_str(card, S("title")));
    if (supervise_sees_all(p)) staff_crumb(p, S("全部监察牌"), S(SUPERVISE_HOME "/cards"));
    else staff_crumb(p, S("我的监察牌"), S(SUPERVISE_HOME "/mine"));
    staff_crumb(p, S("监察牌"), S(""));
    p->template = S("supervise/card");
    return 0;
}
