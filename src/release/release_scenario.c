/* release_scenario: the names of cases/NAME.yaml; see release_names.h. A step's names belong to
 * what it names beside them, or to what the scenario named before: the item that was applied for,
 * the record type that was found. Invariant: a step that must be refused is checked like any other,
 * unless it is refused for the very name (`unless`): a scenario that is refused for a slip of its
 * own pen tries nothing.
 */
#include "release/release_names.h"

#define OF_TICKETS \
    "take-ticket", "call-next", "call-again", "ticket-missed", "ticket-begin", "ticket-finish", \
        "ticket-back", "ticket-hand", "open-counter", "close-counter", "clear-counter", \
        "stop-line", "resume-line", "book", "move-booking", "cancel-booking", "check-in"

static const char *const verbs[] = { "apply",  "consent", "answer",     "add",        "change",
                                     "remove", "upload",  "submit",     "supplement", "withdraw",
                                     "rate", "redress",   "claim",   "release",    "decide",     "hold",
                                     "resume", "transfer", "delegate", "consult", "opinion", "object", "return",
                                     "recall", "recuse", "take", "copy", "urge", "name-deputy", "appoint-deputy", "accept-deputy",
                                     "decline-deputy", "end-deputy", "wait",    "set-papers", "find",       "read",
                                     "unmask", "clear",   "put",        "correct",    "end",
                                     "reuse",  OF_TICKETS, "supervise", "explain", "dispute", "close-card",
                                     "withdraw-card", "hand-over", "send-result", "rate-code", "offer-rating", NULL };
static const char *const of_records[] = { "find", "read",    "unmask", "clear",
                                          "put",  "correct", "end",    NULL };

static const char *const of_tickets[] = { OF_TICKETS, NULL };

/* TO ADD A USE: a row here. `unless`: the error by which the program refuses a name that is not
 * there. */
static const struct {
    const char *key;
    enum name_kind kind;
    int unless;
} uses[] = {
    { "who", NAME_WHO, 0 },
    { "of", NAME_LOGIN, 0 },
    { "to", NAME_WHO, 0 },
    { "back", NAME_TASK, 0 },
    { "item", NAME_ITEM, 0 },
    { "page", NAME_PAGE, 0 },
    { "material", NAME_MATERIAL, 0 },
    { "task", NAME_TASK, 0 },
    { "move", NAME_MOVE, 0 },
    { "reason", NAME_PAUSE, ERR_CODE },
    { "record", NAME_RECORD, ERR_NOT_FOUND },
    { "by", NAME_ELEMENT, 0 },
    { "hall", NAME_HALL, ERR_NOT_FOUND },
    { "line", NAME_LINE, ERR_CODE },
    { "class", NAME_CLASS, ERR_CODE },
    { "counter", NAME_COUNTER, ERR_CODE },
    { "card", NAME_CARD, ERR_NOT_FOUND },
    { "refused", NAME_ERROR, 0 },
};

struct playing {
    struct naming *n;
    struct name_place at; /* what the scenario has in hand */
    const struct system *owner; /* of the item in hand */
};

static void check_names(struct playing *x, const struct val *s, const struct name_place *at) {
    struct str refused = val_get_str(s, S("refused"));
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        const struct val *v = val_get(s, str_of(uses[i].key));
        if (!v || (uses[i].unless && str_eq(refused, str_of(err_name(uses[i].unless))))) continue;
        for (size_t k = 0; k < val_many(v); k++) {
            const struct val *name = val_nth(v, k);
            name_must(x->n, uses[i].kind, at, name->line ? name->line : s->line, val_text(name));
        }
    }
}

static void check_keys(struct playing *x, const struct name_place *at, enum name_kind kind,
                       const struct val *map) {
    for (size_t i = 0; i < val_pairs(map); i++)
        name_must(x->n, kind, at, map->u.map.pair[i].line, map->u.map.pair[i].key);
}

/* Answers by question, entries as a list; elements of a record. */
static void check_with(struct playing *x, const struct val *s, const struct name_place *at) {
    const struct val *with = val_get(s, S("with"));
    enum name_kind kind =
        name_in(val_get_str(s, S("do")), of_records) ? NAME_ELEMENT : NAME_QUESTION;
    check_keys(x, at, kind, with);
    for (size_t i = 0; with && with->kind == VAL_LIST && i < val_count(with); i++)
        check_keys(x, at, kind, val_item(with, i));
}

/* TO ADD A LIST: a row here, and what it is compared with in src/app/scenario.c. */
static const struct {
    const char *key;
    enum name_kind kind;
} lists[] = {
    { "parts", NAME_PART }, { "materials", NAME_MATERIAL }, { "pages", NAME_PAGE },
    { "notices", NAME_NOTICE }, { "cards", NAME_CARD }, { "open", NAME_TASK }, { "obstacles", NAME_OBSTACLE },
};

static void check_lists(struct playing *x, const struct val *want, const struct name_place *at) {
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const struct val *list = val_get(want, str_of(lists[k].key));
        for (size_t i = 0; i < val_count(list); i++)
            name_must(x->n, lists[k].kind, at, val_item(list, i)->line, val_text(val_item(list, i)));
    }
}

static void check_expected(struct playing *x, const struct val *s, const struct name_place *at) {
    static const char *const expected[] = { "state",     "result", "parts",   "papers", "late",
                                            "paused",    "due",    "found",   "version", "shows",
                                            "materials", "pages",  "notices", "open",   "ticket",
                                            "obstacles", "cards", "redress", "booking", "handover", NULL };
    const struct val *want = val_get(s, S("expect"));
    struct name_place place = *at;
    if (!name_in(val_get_str(s, S("do")), of_records)) place.record = NULL;
    if (!name_in(val_get_str(s, S("do")), of_tickets)) place.hall = NULL;
    name_only_keys(x->n, want, expected);
    if (!want) return;
    name_must(x->n, NAME_STATE, &place, want->line, val_get_str(want, S("state")));
    name_must(x->n, NAME_BOOKING, &place, want->line, val_get_str(want, S("booking")));
    name_must(x->n, NAME_RESULT, &place, want->line, val_get_str(want, S("result")));
    check_lists(x, want, &place);
    check_keys(x, &place, NAME_ELEMENT, val_get(want, S("shows")));
}

/* An item by its name, and whose it is: the system's own, or one's that it needs, whose forms and process it has. */
static const struct item_type *item_of(const struct system **owner, struct str id) {
    const struct system *m = *owner;
    const struct item_type *own = map_find(&m->part[SYSTEM_ITEM], id);
    for (size_t i = 0; !own && i < m->n_needs; i++) {
        own = map_find(&m->needs[i]->part[SYSTEM_ITEM], id);
        if (own) *owner = m->needs[i];
    }
    return own;
}

/* What the scenario has in hand from this step on: the item of the case, the type of the record. */
static void take_in_hand(struct playing *x, const struct val *s) {
    const struct system *owner = x->n->m;
    const struct item_type *item = item_of(&owner, val_get_str(s, S("item")));
    struct str record = val_get_str(s, S("record"));
    for (size_t i = 0; str_eq(val_get_str(s, S("do")), S("redress")) && i < x->n->m->part[SYSTEM_ITEM].n; i++) {
        const struct item_type *t = x->n->m->part[SYSTEM_ITEM].entry[i].value;
        if (t->redresses) item = t, owner = x->n->m;
    }
    if (item) {
        x->at.item = item;
        x->owner = owner;
        x->at.form = system_find(owner, SYSTEM_FORM, item->form);
        x->at.flow = system_find(owner, SYSTEM_FLOW, item->flow);
    }
    struct str hall = val_get_str(s, S("hall"));
    if (hall.len) x->at.hall = system_find(x->n->m, SYSTEM_QUEUE, hall);
    if (record.len) x->at.record = system_find(x->n->m, SYSTEM_RECORD, record);
}

static const struct flow_element *task_of(const struct flow_model *flow, struct str id) {
    for (size_t i = 0; flow && i < flow->n_element; i++)
        if (str_eq(flow->element[i].id, id)) return &flow->element[i];
    return NULL;
}

static void check_step(struct playing *x, const struct val *s) {
    static const char *const known[] = { "who",     "do",      "item",     "page",   "with",
                                         "entry",   "agree",   "material", "task",   "move",
                                         "opinion", "basis", "to", "back",   "level",    "days",   "hours",
                                         "minutes", "reason",  "until",    "expect", "refused",
                                         "record",  "by",      "value",    "of",     "purpose", "typed",
                                         "source",  "version", "reasons", "hall",     "line",   "class",
                                         "counter", "card", "at", "receiver", "carrier", "tracking", "address", "matters", NULL };
    name_only_keys(x->n, s, known);
    name_known(x->n, "没有这个动作", verbs, s->line, val_get_str(s, S("do")));
    take_in_hand(x, s);
    struct name_place at = x->at;
    at.page = at.form ? form_page(at.form, val_get_str(s, S("page"))) : NULL;
    at.task = task_of(at.flow, val_get_str(s, S("task")));
    if (at.task && at.task->form.len) at.form = system_find(x->owner, SYSTEM_FORM, at.task->form);
    check_names(x, s, &at);
    check_with(x, s, &at);
    check_expected(x, s, &at);
}

void release_check_scenario(struct naming *n, const struct val *yaml) {
    static const char *const head[] = { "title", "clock", "steps", NULL };
    const struct val *steps = val_get(yaml, S("steps"));
    struct playing x = { .n = n, .owner = n->m };
    name_only_keys(n, yaml, head);
    for (size_t i = 0; i < val_count(steps); i++) check_step(&x, val_item(steps, i));
}

/* Refused to whoever asks: the task is not his to reach, or the act not his at all. */
static bool refused_to_him(const struct val *s) {
    struct str refused = val_get_str(s, S("refused"));
    return str_eq(refused, str_of(err_name(ERR_NOT_FOUND))) || str_eq(refused, str_of(err_name(ERR_FORBIDDEN)));
}

bool release_scenario_denies(const struct system *m, const struct val *yaml, const struct flow_model *flow, struct str task,
                             struct str who) {
    const struct val *steps = val_get(yaml, S("steps"));
    struct naming n = { .m = m };
    struct playing x = { .n = &n, .owner = m };
    bool denied = false, applicant = str_eq(who, S("applicant"));
    struct str by = applicant ? S("") : who;
    for (size_t i = 0; i < val_count(steps); i++) {
        const struct val *s = val_item(steps, i);
        struct str verb = val_get_str(s, S("do"));
        take_in_hand(&x, s);
        bool on = x.at.flow == flow && str_eq(val_get_str(s, S("task")), task);
        bool decides = str_eq(verb, S("decide")), refused = val_get(s, S("refused")) != NULL;
        if (applicant && str_eq(verb, S("apply")) && !refused) by = val_get_str(s, S("who"));
        denied |= on && decides && refused_to_him(s) && val_says(val_get(s, S("who")), by);
        if (on && !refused && (decides || str_eq(verb, S("claim"))) && denied && !val_says(val_get(s, S("who")), by)) return true;
        denied &= refused;
    }
    return false;
}
