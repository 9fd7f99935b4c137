/* flow_fixture: see flow_fixture.h. Invariant: everything lives in the test's arena. */
#include "engine/flow/flow_fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { NODES = 200, FLOWS = 300 };
struct node {
    struct str id, host, time, returns;
    int scope, def;
    bool interrupting;
};
struct link {
    struct str from, to, condition;
    int scope;
};
struct sketch {
    struct node node[NODES];
    struct link link[FLOWS];
    int n_node, n_link;
};

static _Noreturn void stop(const char *what, struct str s) {
    (void)fprintf(stderr, "flow_fixture: %s: %.*s\n", what, STR_ARG(s));
    exit(1);
}

static struct node *node(struct sketch *k, struct str id, int scope) {
    for (int i = 0; i < k->n_node; i++)
        if (str_eq(k->node[i].id, id)) return &k->node[i];
    if (k->n_node == NODES || !id.len) stop("node", id);
    k->node[k->n_node] = (struct node){ .id = id, .scope = scope, .def = -1, .time = S("P1D") };
    return &k->node[k->n_node++];
}

static struct str before(struct str *s, char c) {
    struct str head = { 0 };
    (void)str_cut(s, c, &head);
    return head;
}

static void flows(struct sketch *k, struct str w, int scope) {
    size_t colon = str_find_char(w, ':', 0);
    struct str path = colon == SIZE_MAX ? w : str_sub(w, 0, colon);
    struct str condition = colon == SIZE_MAX ? S("") : str_sub(w, colon + 1, SIZE_MAX), step, from = { 0 };
    bool def = str_ends(path, S("*"));
    if (def) path.len--;
    while (str_cut(&path, '>', &step)) {
        (void)node(k, step, scope);
        if (from.len) {
            if (k->n_link == FLOWS) stop("flow", w);
            if (def && !path.len) node(k, from, scope)->def = k->n_link;
            k->link[k->n_link++] = (struct link){ from, step, path.len ? S("") : condition, scope };
        }
        from = step;
    }
}

static void word(struct sketch *k, struct str w, int *scope) {
    if (str_eq(w, S("}"))) {
        *scope = k->node[*scope].scope;
    } else if (str_ends(w, S("{"))) {
        w.len--;
        *scope = (int)(node(k, w, *scope) - k->node);
    } else if (str_find_char(w, '>', 0) != SIZE_MAX) {
        flows(k, w, *scope);
    } else if (str_find_char(w, '^', 0) != SIZE_MAX) {
        struct str to = w, id = before(&to, '^');
        node(k, id, *scope)->returns = to;
    } else {
        struct str time = w, host = before(&time, '='), id = host;
        bool hard = str_find_char(host, '@', 0) != SIZE_MAX;
        if (hard || str_find_char(host, '%', 0) != SIZE_MAX) id = before(&host, hard ? '@' : '%');
        else host = S("");
        struct node *n = node(k, id, *scope);
        n->host = host;
        n->interrupting = hard;
        if (time.len) n->time = time;
    }
}

static void xml_timer(struct buf *b, struct str time) {
    buf_add_fmt(b, "<timerEventDefinition><timeDuration>%.*s</timeDuration></timerEventDefinition>", STR_ARG(time));
}

static void xml_scope(struct buf *b, const struct sketch *k, int scope);

static void xml_node(struct buf *b, const struct sketch *k, int i) {
    static const char *const name[] = { ['s'] = "startEvent",       ['e'] = "endEvent",
                                        ['z'] = "endEvent",         ['u'] = "userTask",
                                        ['v'] = "serviceTask",      ['r'] = "businessRuleTask",
                                        ['x'] = "exclusiveGateway", ['p'] = "parallelGateway",
                                        ['o'] = "inclusiveGateway", ['i'] = "intermediateCatchEvent",
                                        ['b'] = "boundaryEvent",    ['w'] = "subProcess" };
    const struct node *n = &k->node[i];
    unsigned char c = (unsigned char)n->id.ptr[0];
    if (c >= sizeof name / sizeof *name || !name[c]) stop("letter", n->id);
    buf_add_fmt(b, "<%s id='%.*s' name='%.*s'", name[c], STR_ARG(n->id), STR_ARG(n->id));
    if (n->def >= 0) buf_add_fmt(b, " default='f%d'", n->def);
    if (c == 'u') buf_add(b, S(" tb:role='r' tb:moves='complete approve refuse'"));
    if (n->returns.len) buf_add_fmt(b, " tb:returns='%.*s'", STR_ARG(n->returns));
    if (c == 'v') buf_add(b, S(" tb:act='add' tb:with='by=1'"));
    if (c == 'r') buf_add(b, S(" tb:decision='d' tb:result='r'"));
    if (c == 'b')
        buf_add_fmt(b, " attachedToRef='%.*s'%s", STR_ARG(n->host), n->interrupting ? "" : " cancelActivity='false'");
    buf_add(b, S(">"));
    if (c == 'z') buf_add(b, S("<terminateEventDefinition/>"));
    if (c == 'b' || c == 'i') xml_timer(b, n->time);
    if (c == 'w') xml_scope(b, k, i);
    buf_add_fmt(b, "</%s>\n", name[c]);
}

static void xml_scope(struct buf *b, const struct sketch *k, int scope) {
    for (int i = 0; i < k->n_node; i++)
        if (k->node[i].scope == scope) xml_node(b, k, i);
    for (int i = 0; i < k->n_link; i++) {
        const struct link *l = &k->link[i];
        if (l->scope != scope) continue;
        buf_add_fmt(b, "<sequenceFlow id='f%d' sourceRef='%.*s' targetRef='%.*s'>", i, STR_ARG(l->from),
                    STR_ARG(l->to));
        if (l->condition.len) {
            buf_add(b, S("<conditionExpression>"));
            for (size_t c = 0; c < l->condition.len; c++) {
                if (l->condition.ptr[c] == '<') buf_add(b, S("&lt;"));
                else buf_add_char(b, l->condition.ptr[c]);
            }
            buf_add(b, S("</conditionExpression>"));
        }
        buf_add(b, S("</sequenceFlow>\n"));
    }
}

struct str flow_fixture_xml(struct arena *a, const char *line) {
    struct sketch *k = arena_new(a, struct sketch);
    struct str rest = str_of(line), w;
    struct buf b;
    int scope = -1;
    if (!k) stop("arena", rest);
    while (str_cut(&rest, ' ', &w))
        if (w.len) word(k, w, &scope);
    buf_init(&b, a, 4096, 1 << 20);
    buf_add(&b, S("<?xml version='1.0'?>\n<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' "
                  "xmlns:tb='urn:tongban:bpmn:1'>\n<process id='p' isExecutable='true'>\n"));
    xml_scope(&b, k, -1);
    buf_add(&b, S("</process></definitions>"));
    if (!buf_ok(&b)) stop("buffer", str_of(line));
    return buf_str(&b);
}

struct flow_model *flow_fixture_model(struct arena *a, const char *line) {
    struct flow_model *m;
    struct flow_findings *f = arena_new(a, struct flow_findings);
    struct err e = { 0 };
    if (!f || flow_compile(a, S("p.bpmn"), flow_fixture_xml(a, line), NULL, &m, f, &e)) stop(e.detail, str_of(line));
    return m;
}

/* ---- the environment ---- */

static const struct flow_model *get_model(void *context, int64_t release_id, struct str process) {
    const struct flow_fixture_context *c = context;
    return release_id == 7 && str_eq(process, c->model->process) ? c->model : NULL;
}

static int condition(void *context, const struct flow_at *at, struct str feel, const struct val *vars, bool *ret,
                     struct err *e) {
    const struct flow_fixture_context *c = context;
    (void)at;
    *ret = str_eq(feel, S("t"));
    if (str_eq(feel, S("!")) && !c->mend) return err_set(e, ERR_INPUT, "%s", "bad");
    for (size_t i = 0; i < feel.len; i++) {
        char op = feel.ptr[i];
        if (op != '=' && op != '<' && op != '>') continue;
        const struct val *v = val_get(vars, str_sub(feel, 0, i));
        struct str want = str_sub(feel, i + 1, SIZE_MAX);
        int64_t x = 0, y = 0;
        if (op == '=') *ret = str_eq(val_text(v), want);
        else *ret = v && val_to_i64(v, &x) && str_to_i64(want, &y) && (op == '<' ? x < y : x > y);
    }
    return 0;
}

static int value(void *context, const struct flow_at *at, struct str feel, const struct val *vars, struct val **ret,
                 struct err *e) {
    const struct flow_fixture_context *c = context;
    if (str_eq(feel, S("!")) && !c->mend) return err_set(e, ERR_INPUT, "%s", "bad");
    const struct val *v = val_get(vars, feel);
    *ret = v ? val_copy(at->arena, v) : val_num(at->arena, feel);
    return 0;
}

static int decide(void *context, const struct flow_at *at, struct str decision, const struct val *vars,
                  struct val **ret, struct err *e) {
    (void)context, (void)e;
    *ret = val_i64(at->arena, str_eq(decision, S("d")) ? val_get_i64(vars, S("n"), 0) * 10 : -1);
    return 0;
}

static int service(void *context, const struct flow_at *at, struct str word_, const struct val *args,
                   const struct val *vars, struct val **ret, struct err *e) {
    const struct flow_fixture_context *c = context;
    char how = at->element->id.len > 1 ? at->element->id.ptr[1] : ' ';
    if (!str_eq(word_, S("add"))) return err_set(e, ERR_DEFECT, "%s", "word");
    if (how == 'w') return FLOW_WAIT;
    if (how == 'f') return err_set(e, ERR_STORE, "%s", "");
    if (how == 'i' && !c->mend) {
        err_set(e, ERR_STATE, "%s", "refused");
        return FLOW_INCIDENT;
    }
    *ret = val_map(at->arena);
    val_put_i64(at->arena, *ret, S("n"), val_get_i64(vars, S("n"), 0) + val_get_i64(args, S("by"), 0));
    return FLOW_DONE;
}

static int limit(void *context, const struct flow_at *at, struct str text, int64_t from_ms, int64_t *due_ms,
                 struct err *e) {
    (void)context, (void)at;
    if (!str_eq(text, S("5 working days"))) return err_set(e, ERR_INPUT, "%s", "limit");
    *due_ms = from_ms + INT64_C(7) * 86400000;
    return 0;
}

static int task_made(void *context, const struct flow_at *at, const struct flow_task *task, struct err *e) {
    struct flow_fixture_context *c = context;
    if (at->task_id != task->id || at->token_id != task->token_id) return err_set(e, ERR_DEFECT, "%s", "made");
    if (c->refuse_hook) return err_set(e, ERR_STORE, "%s", "hook");
    c->made++;
    return 0;
}

static int task_ended(void *context, const struct flow_at *at, const struct flow_task *task, struct err *e) {
    struct flow_fixture_context *c = context;
    if (at->task_id != task->id || task->state < FLOW_TASK_COMPLETED) return err_set(e, ERR_DEFECT, "%s", "ended");
    c->ended++;
    return 0;
}

static int ended(void *context, const struct flow_at *at, struct err *e) {
    struct flow_fixture_context *c = context;
    if (at->instance->state < FLOW_COMPLETED) return err_set(e, ERR_DEFECT, "%s", "finished");
    c->finished++;
    return 0;
}

struct flow_env flow_fixture_env(struct flow_fixture_context *c) {
    return (struct flow_env){ .context = c,
                              .model = get_model,
                              .condition = condition,
                              .value = value,
                              .decide = decide,
                              .service = service,
                              .limit = limit,
                              .task_made = task_made,
                              .task_ended = task_ended,
                              .ended = ended };
}

/* ---- the machine in memory ---- */

void flow_fixture_settle(struct flow_run *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_token; i++)
        if (flow_live(r->token[i])) r->token[i]->mark = FLOW_SAME, r->token[n++] = r->token[i];
    r->n_token = n;
    n = 0;
    for (size_t i = 0; i < r->n_task; i++)
        if (r->task[i]->state <= FLOW_TASK_RESERVED) r->task[i]->mark = FLOW_SAME, r->task[n++] = r->task[i];
    r->n_task = n;
    n = 0;
    for (size_t i = 0; i < r->n_timer; i++)
        if (!flow_dead(r->timer[i]->mark)) r->timer[i]->mark = FLOW_SAME, r->timer[n++] = r->timer[i];
    r->n_timer = n;
    r->operations = 0;
    r->agenda_at = r->n_agenda = 0;
}

struct flow_run *flow_fixture_start(struct arena *a, const struct flow_env *env, const struct flow_model *m,
                                    struct err *e) {
    struct flow_run *r = arena_new(a, struct flow_run);
    if (!r) stop("arena", S(""));
    *r = (struct flow_run){ .arena = a, .env = env, .model = m, .e = e, .now_ms = 1000, .actor_id = 1 };
    struct flow_begin b = { .case_id = 5, .release_id = 7, .actor_id = 1, .process = m->process };
    if (flow_do_start(r, &b)) return NULL;
    flow_fixture_settle(r);
    return r;
}

static bool unsound(const char *what, int64_t id) {
    (void)fprintf(stderr, "unsound: %s %lld\n", what, (long long)id);
    return false;
}

/* Open tasks at a token that decide its step; or, of one kind, that stand beside it. */
static size_t tasks_at(const struct flow_run *r, int64_t token_id, bool decide, enum flow_task_kind kind) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_task; i++) {
        const struct flow_task *task = r->task[i];
        bool its = decide ? task->kind != FLOW_TASK_BEFORE : task->kind == kind;
        n += task->token_id == token_id && task->state <= FLOW_TASK_RESERVED && its;
    }
    return n;
}

static bool token_sound(const struct flow_run *r, const struct flow_token *t) {
    size_t tasks = tasks_at(r, t->id, true, FLOW_TASK_STEP), timers = 0, inside = 0, twins = 0;
    for (size_t i = 0; i < r->n_timer; i++) timers += r->timer[i]->token_id == t->id;
    for (size_t i = 0; i < r->n_token; i++) inside += r->token[i]->scope_id == t->id, twins += r->token[i]->id == t->id;
    if (twins != 1) return unsound("token twice", t->id);
    if (tasks != (t->state == FLOW_TOKEN_TASK)) return unsound("tasks of token", t->id);
    if (tasks_at(r, t->id, false, FLOW_TASK_BEFORE) && tasks_at(r, t->id, false, FLOW_TASK_STEP) != 1)
        return unsound("opinions without a step", t->id);
    if ((inside > 0) != (t->state == FLOW_TOKEN_SCOPE)) return unsound("tokens inside", t->id);
    if (t->scope_id && !flow_token_find(r, t->scope_id)) return unsound("scope gone", t->id);
    if ((t->scope_id != 0) != (t->element->parent != FLOW_NONE)) return unsound("scope", t->id);
    if (t->state == FLOW_TOKEN_MOVING) return unsound("moving", t->id);
    size_t want = t->state == FLOW_TOKEN_TIMER ? 1 : 0;
    bool waits = t->state == FLOW_TOKEN_TASK || t->state == FLOW_TOKEN_SERVICE || t->state == FLOW_TOKEN_SCOPE;
    if (waits ? timers > t->element->n_boundary : timers != want) return unsound("timers", t->id);
    return true;
}

bool flow_fixture_sound(struct flow_run *r) {
    struct flow_token *t = arena_array(r->arena, r->n_token + 1, sizeof *t);
    struct err e = { 0 };
    if (!t) return unsound("arena", 0);
    for (size_t i = 0; i < r->n_token; i++) {
        t[i] = *r->token[i];
        if (!token_sound(r, r->token[i])) return false;
    }
    for (size_t i = 0; i < r->n_task; i++)
        if (!flow_token_find(r, r->task[i]->token_id)) return unsound("task without token", r->task[i]->id);
    for (size_t i = 0; i < r->n_timer; i++) {
        if (!flow_token_find(r, r->timer[i]->token_id)) return unsound("timer without token", r->timer[i]->id);
        if (r->timer[i]->standing != (r->instance.stopped_ms != 0)) return unsound("timer stands", r->timer[i]->id);
    }
    if ((r->n_token == 0) != (r->instance.state >= FLOW_COMPLETED)) return unsound("state", (int64_t)r->n_token);
    if (flow_replay(r->arena, r->history, r->n_history, &r->instance, t, r->n_token, &e)) return unsound(e.detail, 0);
    return true;
}

struct str flow_fixture_open(struct flow_run *r) {
    struct str *id = arena_array(r->arena, r->n_task + 1, sizeof *id);
    size_t n = 0;
    struct buf b;
    for (size_t i = 0; id && i < r->n_task; i++) {
        size_t at = n++;
        for (; at && str_cmp(id[at - 1], r->task[i]->element) > 0; at--) id[at] = id[at - 1];
        id[at] = r->task[i]->element;
    }
    buf_init(&b, r->arena, 64, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_add_char(&b, ' ');
        buf_add(&b, id[i]);
    }
    return buf_str(&b);
}

int flow_fixture_do(struct flow_run *r, const char *element, const char *move) {
    for (size_t i = 0; i < r->n_task; i++) {
        if (!str_eq(r->task[i]->element, str_of(element))) continue;
        int rc = flow_do_complete(r, r->task[i], str_of(move), NULL);
        if (!rc) flow_fixture_settle(r);
        return rc;
    }
    return err_set(r->e, ERR_NOT_FOUND, "%s", element);
}

bool flow_fixture_fire(struct flow_run *r) {
    struct flow_timer *next = NULL;
    for (size_t i = 0; i < r->n_timer; i++)
        if (!r->timer[i]->standing && (!next || r->timer[i]->due_ms < next->due_ms)) next = r->timer[i];
    if (!next) return false;
    if (next->due_ms > r->now_ms) r->now_ms = next->due_ms;
    if (flow_do_timer(r, next)) stop("timer", next->element);
    flow_fixture_settle(r);
    return true;
}

int flow_bench_open(struct flow_bench *b) {
    *b = (struct flow_bench){ .err = { 0 } };
    arena_init(&b->arena, "test", 64 * 1024 * 1024);
    b->env = flow_fixture_env(&b->context);
    return 0;
}

int flow_bench_close(struct flow_bench *b) {
    arena_done(&b->arena);
    return 0;
}

struct flow_run *flow_bench_begin(struct flow_bench *b, const char *line) {
    struct flow_run *r = flow_fixture_start(&b->arena, &b->env, flow_fixture_model(&b->arena, line), &b->err);
    if (r && flow_fixture_sound(r)) return r;
    (void)fprintf(stderr, "ERROR start of '%s': %s %s\n", line, err_name(b->err.code), b->err.detail);
    exit(1);
}
