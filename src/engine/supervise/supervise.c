/* supervise: rules as a system declares them, and what they say of a case; see supervise.h. No
 * store, no clock.
 *
 * A rule about a clock has a *moment* (the clock runs out; so many days are left of it). It says
 * something if the clock still ran then, and nothing while the clock stands, since no moment is
 * certain before it runs again. Who answers for it is who had a task of the case open at that
 * moment: each of them, where several departments work side by side.
 */
#include "engine/supervise/supervise.h"

#include "engine/item/item_facts.h"

static const struct str whens[] = { [SUPERVISE_LATE] = S_INIT("late"),
                                    [SUPERVISE_SOON] = S_INIT("soon"),
                                    [SUPERVISE_COUNT] = S_INIT("count") };
static const struct str clocks[] = { S_INIT("law"), S_INIT("promise"), S_INIT("step") };
enum { TIMES_MAX = 100, WHENS = sizeof whens / sizeof *whens };

static int only_keys(struct str file, const struct val *map, struct err *e) {
    static const struct str known[] = { S_INIT("id"),    S_INIT("title"), S_INIT("color"),
                                        S_INIT("basis"), S_INIT("late"),  S_INIT("soon"),
                                        S_INIT("count"), S_INIT("left"),  S_INIT("times"),
                                        S_INIT("to") };
    if (!map || map->kind != VAL_MAP)
        return err_line(e, ERR_SYSTEM, file, map ? map->line : 1, "这里应写成 键: 值");
    for (size_t i = 0; i < val_pairs(map); i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            found |= str_eq(known[k], map->u.map.pair[i].key);
        if (!found)
            return err_line(e, ERR_SYSTEM, file, map->u.map.pair[i].line, "不认识的键：%.*s",
                            STR_ARG(map->u.map.pair[i].key));
    }
    return 0;
}

static bool clock_ok(struct str s) {
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
        if (str_eq(s, clocks[i])) return true;
    return false;
}

static int read_when(struct str file, const struct val *yaml, struct supervise_rule *r,
                     struct err *e) {
    size_t n = 0;
    for (size_t i = 0; i < WHENS; i++) {
        struct str of = val_get_str(yaml, whens[i]);
        if (!of.len) continue;
        r->when = (enum supervise_when)i;
        r->of = of;
        n++;
    }
    if (n != 1)
        return err_line(e, ERR_SYSTEM, file, yaml->line, "late、soon、count 三者要有且只有一个");
    bool counts = r->when == SUPERVISE_COUNT;
    if (counts ? !item_event_known(r->of) : !clock_ok(r->of))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "没有这个时限或事件：%.*s",
                        STR_ARG(r->of));
    const struct val *number = val_get(yaml, counts ? S("times") : S("left"));
    int64_t most = counts ? TIMES_MAX : ITEM_FACTS_LEFT_MAX;
    bool wanted = r->when != SUPERVISE_LATE;
    if (wanted != (number != NULL) || val_get(yaml, counts ? S("left") : S("times")))
        return err_line(e, ERR_SYSTEM, file, yaml->line,
                        "soon 要写 left，count 要写 times，late 都不写");
    if (wanted && (!val_to_i64(number, &r->n) || r->n < (counts ? 1 : 0) || r->n > most))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "left 是 0 到 %d，times 是 1 到 %d 的整数",
                        ITEM_FACTS_LEFT_MAX, TIMES_MAX);
    return 0;
}

int supervise_compile(struct arena *a, struct str file, const struct val *yaml,
                      const struct supervise_rule **ret, struct err *e) {
    struct supervise_rule *r = arena_new(a, struct supervise_rule);
    int rc = r ? only_keys(file, yaml, e) : err_set(e, ERR_MEMORY, NULL);
    if (rc) return rc;
    struct str to = val_get_str(yaml, S("to"));
    *r = (struct supervise_rule){ .id = val_get_str(yaml, S("id")),
                                  .title = val_get_str(yaml, S("title")),
                                  .color = val_get_str(yaml, S("color")),
                                  .basis = val_get_str(yaml, S("basis")),
                                  .to_unit = str_eq(to, S("unit")) };
    *ret = r;
    if (!r->id.len || !r->title.len || !r->basis.len)
        return err_line(e, ERR_SYSTEM, file, yaml->line, "缺少 id、title 或 basis");
    for (size_t i = 0; i < r->id.len; i++)
        if (!((r->id.ptr[i] >= 'a' && r->id.ptr[i] <= 'z') || r->id.ptr[i] == '-') ||
            r->id.len > 32)
            return err_line(e, ERR_SYSTEM, file, yaml->line, "id 只用 a-z 和连字符，最多 32 个");
    if (!str_eq(r->color, S("yellow")) && !str_eq(r->color, S("red")))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "color 应是 yellow 或 red");
    if (to.len && !r->to_unit && !str_eq(to, S("holder")))
        return err_line(e, ERR_SYSTEM, file, yaml->line, "to 应是 holder 或 unit");
    return read_when(file, yaml, r, e);
}

const struct supervise_rule *supervise_rule_find(const struct realm *r, struct str system,
                                                 struct str rule, const struct system **owner) {
    const struct system *m = realm_system(r, system);
    if (owner) *owner = m;
    return m ? map_find(&m->part[SYSTEM_CARD], rule) : NULL;
}

struct actor supervise_actor(void) {
    static const struct actor_post post = { .role = S_INIT("supervision") };
    return (struct actor){
        .posts = &post, .n_posts = 1, .request_id = S("-"), .peer = S("-"), .lang = S("zh")
    };
}

/* ---- judging ---- */

struct judging {
    const struct val *rule, *facts;
    struct arena *a;
    struct val *cards;
    int64_t now_ms, look_ms;
};

static void issue(struct judging *j, int64_t task, int64_t times, int64_t unit, int64_t account,
                  int64_t at_ms) {
    struct arena *a = j->a;
    struct val *v = val_map(a);
    int64_t id = val_get_i64(j->facts, S("id"), 0);
    struct str system = val_get_str(j->rule, S("system")), rule = val_get_str(j->rule, S("id"));
    bool to_unit = val_get_bool(j->rule, S("to_unit"), false);
    val_put_str(a, v, S("occasion"),
                arena_fmt(a, "%.*s:%.*s/%lld/%lld/%lld", STR_ARG(system), STR_ARG(rule),
                          (long long)id, (long long)task, (long long)times));
    val_put_str(a, v, S("system"), system);
    val_put_str(a, v, S("rule"), rule);
    val_put_str(a, v, S("color"), val_get_str(j->rule, S("color")));
    val_put_str(a, v, S("item"), val_get_str(j->facts, S("item")));
    val_put_i64(a, v, S("case_id"), id);
    val_put_i64(a, v, S("task"), task);
    val_put_i64(a, v, S("unit"), unit ? unit : val_get_i64(j->facts, S("unit"), 0));
    val_put_i64(a, v, S("account"), to_unit ? 0 : account);
    val_put_i64(a, v, S("at_ms"), at_ms);
    val_push(a, j->cards, v);
}

static bool open_at(const struct val *task, int64_t at_ms) {
    int64_t end_ms = val_get_i64(task, S("end_ms"), 0);
    return val_get_i64(task, S("made_ms"), 0) <= at_ms && (!end_ms || end_ms > at_ms);
}

static void look_at(struct judging *j, int64_t at_ms) {
    if (!j->look_ms || at_ms < j->look_ms) j->look_ms = at_ms;
}

/* The rule's moment of this clock; 0: it has none. */
static int64_t moment(const struct judging *j, const struct val *clock, int64_t begun_ms) {
    bool soon = str_eq(val_get_str(j->rule, S("when")), whens[SUPERVISE_SOON]);
    int64_t at_ms = 0;
    if (!soon) return val_get_i64(clock, S("due_ms"), 0);
    (void)val_to_i64(val_item(val_get(clock, S("left")), (size_t)val_get_i64(j->rule, S("n"), 0)),
                     &at_ms);
    return at_ms > begun_ms ? at_ms : 0; /* a limit that short warns of nothing */
}

/* Did the moment come while it ran? `end_ms` 0: it runs. */
static bool came(struct judging *j, int64_t at_ms, int64_t end_ms) {
    if (!at_ms) return false;
    if (!end_ms && at_ms > j->now_ms) look_at(j, at_ms);
    return at_ms <= j->now_ms && (!end_ms || end_ms >= at_ms);
}

/* A promise that is the law's own limit: when it has run out, the law's rule says so, and no second card is issued for it. */
static bool same_as_law(const struct judging *j, int64_t at_ms) {
    const struct val *law = val_get(val_get(j->facts, S("clocks")), S("law"));
    return law && str_eq(val_get_str(j->rule, S("of")), S("promise")) &&
           str_eq(val_get_str(j->rule, S("when")), whens[SUPERVISE_LATE]) && at_ms == val_get_i64(law, S("due_ms"), 0);
}

static void judge_case(struct judging *j) {
    const struct val *tasks = val_get(j->facts, S("tasks"));
    const struct val *clock =
        val_get(val_get(j->facts, S("clocks")), val_get_str(j->rule, S("of")));
    int64_t at_ms = moment(j, clock, val_get_i64(j->facts, S("begun_ms"), 0));
    bool anybody = false;
    if (same_as_law(j, at_ms)) return;
    if (!came(j, at_ms, val_get_i64(j->facts, S("end_ms"), 0))) return;
    for (size_t i = 0; i < val_count(tasks); i++) {
        const struct val *t = val_item(tasks, i);
        if (!open_at(t, at_ms)) continue;
        anybody = true;
        issue(j, val_get_i64(t, S("id"), 0), 0, val_get_i64(t, S("unit"), 0),
              val_get_i64(t, S("account"), 0), at_ms);
    }
    if (!anybody) issue(j, 0, 0, 0, 0, at_ms);
}

static void judge_steps(struct judging *j) {
    const struct val *tasks = val_get(j->facts, S("tasks"));
    bool stands = val_get_bool(j->facts, S("paused"), false);
    for (size_t i = 0; i < val_count(tasks); i++) {
        const struct val *t = val_item(tasks, i);
        int64_t end_ms = val_get_i64(t, S("end_ms"), 0),
                at_ms = moment(j, t, val_get_i64(t, S("made_ms"), 0));
        if ((stands && !end_ms) || !came(j, at_ms, end_ms)) continue;
        issue(j, val_get_i64(t, S("id"), 0), 0, val_get_i64(t, S("unit"), 0),
              val_get_i64(t, S("account"), 0), at_ms);
    }
}

static void judge_events(struct judging *j) {
    const struct val *events = val_get(j->facts, S("events"));
    int64_t n = val_get_i64(j->rule, S("n"), 1), seen = 0;
    for (size_t i = 0; i < val_count(events); i++) {
        const struct val *ev = val_item(events, i);
        if (!str_eq(val_get_str(ev, S("kind")), val_get_str(j->rule, S("of"))) || ++seen % n)
            continue;
        issue(j, 0, seen, val_get_i64(ev, S("unit"), 0), val_get_i64(ev, S("account"), 0),
              val_get_i64(ev, S("at_ms"), 0));
    }
}

static bool concerns(const struct val *rule, const struct val *facts) {
    const struct val *systems = val_get(facts, S("systems"));
    for (size_t i = 0; i < val_count(systems); i++)
        if (str_eq(val_text(val_item(systems, i)), val_get_str(rule, S("system")))) return true;
    return false;
}

/* A rule of the same name, given by a system that stands before this one's among the case's, takes its place. */
static bool replaced(const struct val *rules, const struct val *rule, const struct val *facts) {
    const struct val *systems = val_get(facts, S("systems"));
    for (size_t i = 0; i < val_count(systems); i++) {
        struct str system = val_text(val_item(systems, i));
        if (str_eq(system, val_get_str(rule, S("system")))) return false;
        for (size_t k = 0; k < val_count(rules); k++) {
            const struct val *other = val_item(rules, k);
            if (str_eq(val_get_str(other, S("system")), system) && str_eq(val_get_str(other, S("id")), val_get_str(rule, S("id"))))
                return true;
        }
    }
    return false;
}

void supervise_judge(const struct val *rules, const struct val *facts, int64_t now_ms,
                     struct arena *a, struct val *cards, int64_t *look_ms) {
    struct judging j = { .facts = facts, .a = a, .cards = cards, .now_ms = now_ms };
    for (size_t i = 0; i < val_count(rules); i++) {
        j.rule = val_item(rules, i);
        if (!concerns(j.rule, facts) || replaced(rules, j.rule, facts)) continue;
        if (str_eq(val_get_str(j.rule, S("when")), whens[SUPERVISE_COUNT])) judge_events(&j);
        else if (str_eq(val_get_str(j.rule, S("of")), S("step"))) judge_steps(&j);
        else judge_case(&j);
    }
    *look_ms = j.look_ms;
}
