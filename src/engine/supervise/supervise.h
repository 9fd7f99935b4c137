/* supervise: who deals with cases is watched while he does (电子监察): a card is issued to him when
 * a rule says so.
 *
 * A card lives:  open -> explained -> closed        issued by supervision itself, explained by the
 * supervised (or: disputed),
 *                  \________\_____ -> withdrawn     closed or withdrawn by a supervisor, each with
 * his reason
 *
 * The rules are data: supervision.yaml of a system, for its own cases and those of the systems that
 * need it; of two of the same id the
 * nearer system's holds. The engine knows kinds of rules, no rule: a clock (of the law, of the promise, of the
 * step) that has run out, one of which so many working days are left, an event of the case's log
 * that came for the n-th time.
 *
 *   audit log -> supervise_gather (a page of it, and what happened in the cases it names) ->
 * supervise_judge -> supervise_commit
 *
 * `judge` is pure, and runs in a process of its own with a memory of its own (proc/supervise):
 * which entry it read last, and which cards it has ordered but not seen in the log yet. It reads
 * the log's numbers without a gap, and asks again for what was not done.
 *
 * Invariants
 *  1. A card has an *occasion* (rule, case, and which task or how often): there is one card for it,
 * however often it is judged.
 *  2. What is judged of a moment that has passed comes out the same each time: so a restart, or a
 * second reading of the whole log, issues what was missed and nothing twice.
 *  3. A card is never deleted and never issued by hand: only supervision's own role may, which no
 * post gives. What becomes of it is an act of whoever may, with his words, which stay.
 *  4. Words are sealed under the key of the case's owner; the row of a card and of each word has
 * its MAC.
 */
#ifndef ENGINE_SUPERVISE_H
#define ENGINE_SUPERVISE_H
#include "engine/act/act.h"

/* ---- rules ---- */
enum supervise_when { SUPERVISE_LATE, SUPERVISE_SOON, SUPERVISE_COUNT };
struct supervise_rule {
    struct str id, title, color, basis,
        of; /* color: yellow red; of: law promise step, or a kind of event */
    enum supervise_when when;
    int64_t n;    /* SOON: working days left; COUNT: at every n-th */
    bool to_unit; /* the unit answers for it, not who has the task */
};
/* supervision.yaml: {rules: [...]}. One map of it; ERR_SYSTEM with file and line. */
int supervise_compile(struct arena *a, struct str file, const struct val *yaml,
                      const struct supervise_rule **ret, struct err *e);
/* The rule as an active system has it now; NULL if none has it any more. `owner` may be NULL. */
const struct supervise_rule *supervise_rule_find(const struct realm *r, struct str system,
                                                 struct str rule, const struct system **owner);

/* ---- judging ---- */
/* What `rules` ([{system, id, color, when, of, n, to_unit}]) say of one case's facts (item_facts)
 * at `now_ms`: pushes {occasion, system, rule, color, case_id, item, task, unit, account, at_ms} to
 * `cards`; *look_ms: when to look again though nothing happens, 0 never. Pure. */
void supervise_judge(const struct val *rules, const struct val *facts, int64_t now_ms,
                     struct arena *a, struct val *cards, int64_t *look_ms);
/* One question to the judging process about what follows entry `number`: {number, leaf (of that
 * one), entries: [{number, leaf, case_id, occasion (of a card that was issued)}], rules, cases:
 * [{id, facts, look_ms, known (occasions that have their card)}]}. Its answer: {cards, looks:
 * [{case_id, look_ms}], to}. */
enum { SUPERVISE_PAGE_MAX = 200, SUPERVISE_LOOKS_MAX = 64 };
int supervise_gather(struct store_tx *tx, const struct realm *r, int64_t number, struct val **ret,
                     struct err *e);
/* Does the answer change anything? Then supervise_commit, within a writing job, in supervision's
 * own name. *ret_n: cards issued. */
bool supervise_says(const struct val *answer);
int supervise_commit(struct store_tx *tx, const struct realm *r, const struct val *answer,
                     size_t *ret_n, struct err *e);
/* Who issues: the role `supervision`, which the process alone has. */
struct actor supervise_actor(void);

/* ---- cards ---- */
struct supervise_card {
    int64_t id, case_id, task, unit, account, at_ms, issued_ms, changed_ms, version;
    struct str occasion, system, rule, color, item, state;
};
/* Within the reach of card.read, or one's own. ERR_NOT_FOUND. */
int supervise_card_open(struct store_tx *tx, const struct realm *r, const struct actor *who,
                        int64_t id, struct supervise_card *ret, struct err *e);
/* What is done with it: explain, dispute (the supervised: who has it, or who answers for the unit),
 * withdraw, close (a supervisor), each with a reason. ERR_SYNTAX no such verb; ERR_STATE;
 * ERR_REQUIRED, ERR_TOO_LONG at `text`; ERR_CONFLICT. */
enum { SUPERVISE_TEXT_MAX = 500 };
int supervise_do(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                 int64_t version, struct str verb, struct str text, struct err *e);

/* The cards of a case, oldest first: list of {id, version, rule, state}. For the engine's own, and for scenarios. */
int supervise_of_case(struct store_tx *tx, const struct realm *r, int64_t case_id, struct val **ret,
                      struct err *e);

/* ---- views ---- */
struct supervise_query {
    bool mine, back;
    struct str state, color, item, rule; /* empty: all */
    int64_t unit, account;
    int64_t key, at; /* behind this card */
    size_t max, total;
    bool counted, cut;
};
/* List of {id, version, rule, title, basis, color, color_text, state, state_text, tone, case_id,
 * number, item, unit, holder, at, issued}. */
int supervise_list(struct store_tx *tx, const struct realm *r, const struct actor *who,
                   struct supervise_query *q, struct str lang, struct val **ret, struct err *e);
/* The same of one, with {words: [{by, verb, text, at}], may: {explain, dispute, withdraw, close}};
 * an act of reading. */
int supervise_view(struct store_tx *tx, const struct realm *r, const struct actor *who, int64_t id,
                   struct str lang, struct val **ret, struct err *e);
/* The board of a month (days since 1970 of its first; 0: this one) over what card.list reaches:
 * {unit, person, item: [{object, title, unit, unit_id, yellow, red, open, withdrawn}]}. */
int supervise_board(struct store_tx *tx, const struct realm *r, const struct actor *who,
                    int64_t month, struct str lang, struct val **ret, struct err *e);
/* Words of colours and states, for filters; empty behind the last. */
struct str supervise_state(size_t i, struct str *ret_title);
struct str supervise_color(size_t i, struct str *ret_title);
#endif
