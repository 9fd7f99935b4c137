/* item_state: the words of cases that pages know: states, results, moves; what people read for them, and in which tone. See item.h.
 * Invariant: a word that is not here is nobody's: `system check` finds it where a process or a scenario writes it.
 */
#include "engine/item/item_rows.h"

/* Words of cases that pages know. */
static const struct {
    struct str code, text, tone;
    unsigned is;
} states[] = {
    { S_INIT("draft"), S_INIT("草稿"), S_INIT("plain"), ITEM_STATE },
    { S_INIT("submitted"), S_INIT("待受理"), S_INIT("info"), ITEM_STATE },
    { S_INIT("accepted"), S_INIT("办理中"), S_INIT("info"), ITEM_STATE },
    { S_INIT("supplement"), S_INIT("待补正"), S_INIT("warn"), ITEM_STATE | ITEM_MOVE },
    { S_INIT("ended"), S_INIT("已办结"), S_INIT("ok"), ITEM_STATE },
    { S_INIT("withdrawn"), S_INIT("已撤回"), S_INIT("plain"), ITEM_STATE | ITEM_RESULT },
    { S_INIT("granted"), S_INIT("准予许可"), S_INIT("ok"), ITEM_RESULT },
    { S_INIT("partly"), S_INIT("部分准予"), S_INIT("warn"), ITEM_RESULT },
    { S_INIT("refused"), S_INIT("不予许可"), S_INIT("seal"), ITEM_RESULT },
    { S_INIT("redressed"), S_INIT("已整改"), S_INIT("ok"), ITEM_RESULT },
    { S_INIT("explained"), S_INIT("已说明"), S_INIT("ok"), ITEM_RESULT },
    { S_INIT("not-accepted"), S_INIT("不予受理"), S_INIT("seal"), ITEM_RESULT },
    { S_INIT("approve"), S_INIT("准予"), S_INIT("ok"), ITEM_MOVE },
    { S_INIT("refuse"), S_INIT("不予"), S_INIT("seal"), ITEM_MOVE },
    { S_INIT("pass"), S_INIT("通过"), S_INIT("ok"), ITEM_MOVE },
    { S_INIT("fail"), S_INIT("不通过"), S_INIT("seal"), ITEM_MOVE },
    { S_INIT("deemed-withdrawn"), S_INIT("视为撤回"), S_INIT("plain"), ITEM_RESULT },
    { S_INIT("accept"), S_INIT("受理"), S_INIT("ok"), ITEM_MOVE },
    { S_INIT("complete"), S_INIT("完成"), S_INIT("ok"), ITEM_MOVE },
};

struct str item_word(enum item_word_kind is, size_t i) {
    for (size_t k = 0; k < sizeof states / sizeof *states; k++)
        if (states[k].is & (unsigned)is && i-- == 0) return states[k].code;
    return S("");
}

struct str item_state_shown(const struct item_case *c) {
    return str_eq(c->state, S("ended")) ? c->result : c->state;
}

struct str item_word_text(const struct realm *r, struct str lang, struct str code) {
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (str_eq(states[i].code, code)) return realm_text(r, lang, states[i].text);
    return code;
}

struct str item_word_tone(struct str code) {
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (str_eq(states[i].code, code)) return states[i].tone;
    return S("plain");
}
