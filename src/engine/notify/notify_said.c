/* notify_said: what a provider answered, as it is kept and shown. Mail servers name the receiver in
 * their refusals. Invariant: what is kept of an answer holds no address and no number of a
 * telephone, whoever's it is, not even the part of the receiver's address before the @; and it is
 * UTF-8, also where the answer was not.
 */
#include "data/plain.h"
#include "engine/notify/notify_impl.h"

enum { SAID_BYTES_MAX = 200, DIGITS_MIN = 7, LOCAL_MIN = 3 };

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The receiver's name at his server; a number of a telephone has none. */
static struct str local_of(struct str to) {
    size_t at = str_find_char(to, '@', 0);
    return at == SIZE_MAX || at < LOCAL_MIN ? S("") : str_sub(to, 0, at);
}

static bool is_local(struct str word, struct str local) {
    bool same = local.len && word.len == local.len;
    for (size_t i = 0; same && i < word.len; i++) same = lower(word.ptr[i]) == lower(local.ptr[i]);
    return same;
}

static bool is_number(struct str word) {
    size_t n = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] >= '0' && word.ptr[i] <= '9') n++;
        else if (word.ptr[i] != '+' && word.ptr[i] != '-') return false;
    }
    return n >= DIGITS_MIN;
}

/* An address ends where one cannot go on. */
static bool parts(char c) {
    return c <= ' ' || str_find_char(S("<>()[]{}\"',;:=|"), c, 0) != SIZE_MAX;
}

static void put_word(struct buf *b, struct str word, struct str local) {
    struct str tail = S("");
    while (word.len && word.ptr[word.len - 1] == '.') { /* the sentence's, or three of them */
        tail = str_make(word.ptr + word.len - 1, tail.len + 1);
        word.len--;
    }
    bool names = str_find_char(word, '@', 0) != SIZE_MAX || is_number(word) || is_local(word, local);
    buf_add(b, names ? S("***") : word);
    buf_add(b, tail);
}

struct str notify_said(struct arena *a, struct str to, struct str said) {
    struct str text = plain_cut(a, str_sub(said, 0, 2 * SAID_BYTES_MAX)), local = local_of(to);
    struct buf b;
    size_t from = 0, end = 0;
    buf_init(&b, a, 2 * SAID_BYTES_MAX, 8 * SAID_BYTES_MAX);
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && !parts(text.ptr[i])) continue;
        put_word(&b, str_sub(text, from, i - from), local);
        if (i < text.len) buf_add_char(&b, text.ptr[i]);
        from = i + 1;
    }
    text = buf_str(&b);
    for (size_t next = 0; next < text.len; end = next) { /* whole characters */
        (void)str_utf8_next(text, &next);
        if (next > SAID_BYTES_MAX) break;
    }
    return str_sub(text, 0, end);
}
