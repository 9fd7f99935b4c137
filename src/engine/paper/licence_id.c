/* licence_id: see licence_id.h. Invariant: what licence_id_write makes, licence_id_parse reads back equal. */
#include "engine/paper/licence_id.h"

#include <string.h>

static const char root[] = "1.2.156.3005.2.";

static int value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

char licence_id_char(struct str s) {
    int p = 36;
    for (size_t i = 0; i < s.len; i++) {
        int v = value(s.ptr[i]);
        if (v < 0) return 0;
        p = (p + v) % 36;
        p = (p ? p : 36) * 2 % 37;
    }
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - p) % 36];
}

static bool places(struct str s, size_t least, size_t most) {
    return s.len >= least && s.len <= most && licence_id_char(s) != 0;
}

static int parts(const struct licence_id *id, struct err *e) {
    uint64_t n;
    if (!places(id->type, 21, 21) || !str_to_u64(str_sub(id->type, 18, 3), &n))
        return err_set(e, ERR_FORMAT, "21 位证照类型代码");
    if (!places(id->issuer, 18, 18)) return err_set(e, ERR_FORMAT, "18 位证照颁发机构代码");
    if (!places(id->serial, 1, 20)) return err_set(e, ERR_FORMAT, "1 至 20 位流水号");
    if (id->version < 1 || id->version > 999) return err_set(e, ERR_FORMAT, "001 至 999 的版本号");
    return 0;
}

static char check_of(const struct licence_id *id) {
    char all[21 + 18 + 20 + 3];
    size_t n = 0;
    const struct str part[] = { id->type, id->issuer, id->serial };
    for (int i = 0; i < 3; i++) {
        memcpy(all + n, part[i].ptr, part[i].len);
        n += part[i].len;
    }
    for (unsigned k = 100; k; k /= 10) all[n++] = (char)('0' + id->version / k % 10);
    return licence_id_char(str_make(all, n));
}

int licence_id_write(struct arena *a, const struct licence_id *id, struct str *ret, struct err *e) {
    int r = parts(id, e);
    if (r) return r;
    *ret = arena_fmt(a, "%s%.*s.%.*s.%.*s.%03u.%c", root, STR_ARG(id->type), STR_ARG(id->issuer),
                     STR_ARG(id->serial), id->version, check_of(id));
    return ret->len ? 0 : err_set(e, ERR_MEMORY, "licence id");
}

int licence_id_parse(struct str s, struct licence_id *ret, struct err *e) {
    struct licence_id id = { 0 };
    struct str rest = str_sub(s, sizeof root - 1, s.len), version, check;
    uint64_t n;
    bool shape = str_starts(s, str_of(root)) && str_cut(&rest, '.', &id.type) &&
                 str_cut(&rest, '.', &id.issuer) && str_cut(&rest, '.', &id.serial) &&
                 str_cut(&rest, '.', &version) && str_cut(&rest, '.', &check);
    if (!shape || rest.len || version.len != 3 || check.len != 1 || !str_to_u64(version, &n))
        return err_set(e, ERR_FORMAT, "电子证照标识：%s类型.机构.流水号.版本.校验位", root);
    id.version = (unsigned)n;
    int r = parts(&id, e);
    if (r) return r;
    if (check_of(&id) != check.ptr[0]) return err_set(e, ERR_CHECK_DIGIT, "%c", check.ptr[0]);
    *ret = id;
    return 0;
}
