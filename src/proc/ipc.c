/* ipc: the frame, the answering side and the parent's orders; see ipc.h. The asking side is ipc_hub.c.
 *
 * Invariants
 *  1. Nothing of a body is read before ipc_check has found the row that allows it.
 *  2. What leaves here fits the same table: an answer that is too long becomes a refusal.
 */
#include "proc/ipc.h"

#include "os/proc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* ---- frame ---- */

static bool id_is_plain(const char id[IPC_REQUEST_ID_BYTES]) {
    size_t n = 0;
    while (n < IPC_REQUEST_ID_BYTES && id[n]) {
        char c = id[n++];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-')) return false;
    }
    for (; n < IPC_REQUEST_ID_BYTES; n++)
        if (id[n]) return false;
    return true;
}

const struct ipc_op *ipc_check(const struct ipc_table *t, const struct ipc_header *h, bool from_asker, struct err *e) {
    const struct ipc_op *op = NULL;
    if (h->magic != IPC_MAGIC || !id_is_plain(h->request_id) || (from_asker ? h->kind != IPC_QUESTION : h->kind == IPC_QUESTION) ||
        h->kind > IPC_PART) {
        (void)err_field(e, ERR_SYNTAX, str_of(t->peer), "not a message");
        return NULL;
    }
    for (size_t i = 0; i < t->n; i++)
        if (t->op[i].type == h->type) op = &t->op[i];
    if (!op) {
        (void)err_field(e, ERR_SYNTAX, str_of(t->peer), "unknown type %u", h->type);
        return NULL;
    }
    uint32_t least = from_asker ? op->in_min : 0, most = from_asker ? op->in_max : op->out_max;
    if (h->kind == IPC_PART) {
        least = 1;
        most = op->part_max;
    }
    if (h->kind == IPC_REFUSAL) least = most = sizeof(struct err);
    if (h->length < least || h->length > most || h->length > IPC_BODY_BYTES_MAX) {
        (void)err_field(e, ERR_LIMIT, str_of(op->name), "%u outside %u..%u", h->length, least, most);
        return NULL;
    }
    return op;
}

int ipc_refusal(struct str body, struct err *ret) {
    struct err got;
    if (body.len != sizeof got) return err_set(ret, ERR_PEER, "a refusal of %zu bytes", body.len);
    memcpy(&got, body.ptr, sizeof got);
    got.field[sizeof got.field - 1] = 0;
    got.detail[sizeof got.detail - 1] = 0;
    if (got.code >= 0 || got.code <= -(int)ERR_INDEX_END || !str_utf8_valid(str_of(got.field)) ||
        !str_utf8_valid(str_of(got.detail)))
        return err_set(ret, ERR_PEER, "a refusal that cannot be read");
    *ret = got;
    return got.code;
}

void ipc_set_id(struct ipc_request *r, struct str request_id) {
    memset(r->request_id, 0, sizeof r->request_id);
    if (request_id.len > IPC_REQUEST_ID_BYTES) return;
    if (request_id.len) memcpy(r->request_id, request_id.ptr, request_id.len);
    if (!id_is_plain(r->request_id)) memset(r->request_id, 0, sizeof r->request_id);
}

/* ---- answering ---- */

/* All of `len`; *open false if the other side ended before the first byte. */
static int take(int fd, void *to, size_t len, bool *open, struct err *e) {
    char *at = to;
    size_t left = len;
    while (left) {
        ssize_t n = recv(fd, at, left, MSG_WAITALL);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0 || (n < 0 && errno == ECONNRESET)) {
            *open = false;
            return left == len ? 0 : err_set(e, ERR_PEER, "the link ended within a message");
        }
        if (n < 0) return err_set(e, ERR_IO, "%s", strerror(errno));
        at += n;
        left -= (size_t)n;
    }
    return 0;
}

/* True when all has gone; false when nobody is there any more. */
static bool give(int fd, const void *from, size_t len) {
    const char *at = from;
    while (len) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool reply_to(const struct ipc_header *question, int fd, enum ipc_kind kind, struct str body) {
    struct ipc_header h = *question;
    h.kind = (uint16_t)kind;
    h.length = (uint32_t)body.len;
    return give(fd, &h, sizeof h) && give(fd, body.ptr, body.len);
}

int ipc_answer(const struct ipc_table *t, int fd, struct arena *a, void *context, bool *open, struct err *e) {
    return ipc_answer_noted(t, fd, a, context, NULL, open, e);
}

int ipc_answer_noted(const struct ipc_table *t, int fd, struct arena *a, void *context, ipc_noted *note, bool *open, struct err *e) {
    struct ipc_header h;
    struct err why = { 0 };
    *open = true;
    int r = take(fd, &h, sizeof h, open, e);
    if (r || !*open) return r;
    const struct ipc_op *op = ipc_check(t, &h, true, e);
    if (!op) return e ? e->code : ERR_SYNTAX;
    char *body = arena_alloc(a, h.length ? h.length : 1);
    if (!body) return err_set(e, ERR_MEMORY, "%s", a->name);
    r = take(fd, body, h.length, open, e);
    if (r || !*open) return r;
    struct ipc_call call = { .arena = a, .body = str_make(body, h.length), .context = context, .op = op, .question = &h, .fd = fd,
                             .request_id = str_make(h.request_id, strnlen(h.request_id, sizeof h.request_id)) };
    r = op->handler(&call, &why);
    if (r == 0 && arena_overflowed(a)) r = err_field(&why, ERR_MEMORY, str_of(op->name), "%s", a->name);
    if (r == 0 && call.reply.len > op->out_max) r = err_field(&why, ERR_DEFECT, str_of(op->name), "answer too long");
    if (note) note(t->peer, &call, r);
    if (r == 0) *open = reply_to(&h, fd, IPC_ANSWER, call.reply);
    if (r) {
        why.code = r;
        *open = reply_to(&h, fd, IPC_REFUSAL, str_make((const char *)&why, sizeof why));
    }
    arena_reset(a);
    return 0;
}

int ipc_part(struct ipc_call *c, struct str bytes, struct err *e) {
    if (!c->op->part_max) return err_field(e, ERR_DEFECT, str_of(c->op->name), "has no parts");
    while (bytes.len) {
        struct str piece = str_sub(bytes, 0, c->op->part_max);
        if (!reply_to(c->question, c->fd, IPC_PART, piece)) return err_field(e, ERR_PEER, str_of(c->op->name), "who asked is gone");
        bytes = str_sub(bytes, piece.len, bytes.len);
    }
    return 0;
}

/* ---- asking over a socket of one's own ---- */

/* One frame off the socket, body in `a`. */
static int take_frame(const struct ipc_table *t, int fd, struct arena *a, struct ipc_header *h, struct str *body, struct err *e) {
    bool open = true;
    int r = take(fd, h, sizeof *h, &open, e);
    if (r == 0 && !open) r = err_field(e, ERR_PEER, str_of(t->peer), "the link ended before the answer");
    if (r == 0 && !ipc_check(t, h, false, e)) r = e && e->code ? e->code : ERR_SYNTAX;
    if (r) return r;
    char *bytes = arena_alloc(a, h->length ? h->length : 1);
    if (!bytes) return err_set(e, ERR_MEMORY, "%s", a->name);
    r = take(fd, bytes, h->length, &open, e);
    if (r == 0 && !open) r = err_field(e, ERR_PEER, str_of(t->peer), "the link ended within the answer");
    *body = str_make(bytes, h->length);
    return r;
}

int ipc_ask_on(const struct ipc_table *t, int fd, struct ipc_request *r, ipc_part_taken *part, void *context, struct err *e) {
    struct ipc_header h = { .magic = IPC_MAGIC, .type = r->type, .kind = IPC_QUESTION, .length = (uint32_t)r->body.len, .number = 1 };
    struct arena piece;
    struct str body;
    struct err why = { 0 };
    memcpy(h.request_id, r->request_id, strnlen(r->request_id, sizeof h.request_id));
    if (r->body.len > IPC_BODY_BYTES_MAX) return err_field(e, ERR_LIMIT, str_of(t->peer), "%d", IPC_BODY_BYTES_MAX);
    if (!ipc_check(t, &h, true, &why)) {
        if (e) *e = why;
        return why.code;
    }
    if (!give(fd, &h, sizeof h) || !give(fd, r->body.ptr, r->body.len))
        return err_field(e, ERR_PEER, str_of(t->peer), "the link ended before the question was read");
    arena_init(&piece, "part", IPC_BODY_BYTES_MAX + 65536);
    int code;
    do {
        arena_reset(&piece);
        code = take_frame(t, fd, &piece, &h, &body, &why);
        if (!code && h.number != 1) code = err_field(&why, ERR_SYNTAX, str_of(t->peer), "an answer to another question");
        if (!code && h.kind == IPC_PART) code = part(context, body, &why);
    } while (!code && h.kind == IPC_PART);
    if (!code && h.kind == IPC_REFUSAL) code = ipc_refusal(body, &why);
    if (!code) r->reply = arena_str(r->arena, body);
    if (code && e) *e = why;
    arena_done(&piece);
    return code;
}

/* ---- the parent's orders ---- */

int ipc_control_send(int fd, enum ipc_order order, const char *role, int pass_fd, struct err *e) {
    struct ipc_control c = { .magic = IPC_MAGIC, .order = (uint32_t)order };
    if (role) memcpy(c.role, role, strnlen(role, sizeof c.role - 1));
    return proc_send(fd, &c, sizeof c, pass_fd, e);
}

int ipc_control_recv(int fd, bool wait, struct ipc_control *ret, int *ret_fd, bool *open, struct err *e) {
    size_t len = 0;
    *open = true;
    *ret_fd = -1;
    int r = proc_recv(fd, ret, sizeof *ret, wait, &len, ret_fd, e);
    if (r == 0 && len == 0) *open = false;
    if (r || len == 0) return r;
    bool well = len == sizeof *ret && ret->magic == IPC_MAGIC && ret->order >= IPC_LINK && ret->order <= IPC_READY &&
                (ret->order == IPC_LINK) == (*ret_fd >= 0) && ret->role[sizeof ret->role - 1] == 0;
    if (well) return 0;
    proc_close(ret_fd);
    return err_set(e, ERR_SYNTAX, "an order that is not ours");
}
