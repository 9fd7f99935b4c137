/* gen_squeeze: see gen_squeeze.h. One pass over tokens as far as blanks need it. Invariants: strings, templates and regular expressions are
 * copied as they are; a line end is left out only where no statement can end (behind `{ ; , (` and before `}` and `)`), another
 * blank only where the two sides cannot become one token.
 */
#include "gen_squeeze.h"

#include <stdbool.h>
#include <string.h>

struct squeeze {
    const char *in;
    char *out;
    size_t n, at, len;
    const char *why;
};

static bool is_word(char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
    return letter || c == '_' || c == '$' || c == '#' || c == '\\';
}

static char peek(const struct squeeze *s, size_t ahead) {
    return s->at + ahead < s->n ? s->in[s->at + ahead] : 0;
}

static char last(const struct squeeze *s) {
    return s->len ? s->out[s->len - 1] : 0;
}

static void copy(struct squeeze *s) {
    s->out[s->len++] = s->in[s->at++];
}

/* After a word, a number or a closing bracket a slash divides; after everything else, and after these words, it begins an expression. */
static bool divides(const struct squeeze *s) {
    static const char *const before[] = { "return", "typeof", "case",  "in",    "of",    "do",
                                          "else",   "void",   "delete", "await", "yield", "throw" };
    size_t end = s->len;
    while (end && strchr(" \n", s->out[end - 1])) end--;
    size_t from = end;
    while (from && is_word(s->out[from - 1])) from--;
    if (from == end) return end && strchr(")]}", s->out[end - 1]);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (strlen(before[i]) == end - from && strncmp(before[i], s->out + from, end - from) == 0) return false;
    return true;
}

/* From its opening to its closing mark; a regular expression's mark counts for nothing inside of [ ]. */
static void quoted(struct squeeze *s) {
    char mark = peek(s, 0);
    bool class = false;
    copy(s);
    while (s->at < s->n && (class || peek(s, 0) != mark)) {
        if (mark == '`' && peek(s, 0) == '$' && peek(s, 1) == '{') s->why = "a template with an expression";
        if (mark != '`' && peek(s, 0) == '\n') s->why = "a string or an expression that is not closed on its line";
        if (mark == '/' && peek(s, 0) == '[') class = true;
        if (mark == '/' && peek(s, 0) == ']') class = false;
        if (peek(s, 0) == '\\' && s->at + 1 < s->n) copy(s);
        copy(s);
    }
    if (s->at == s->n) s->why = "a string, a template or an expression that is not closed";
    else copy(s);
}

/* Over blanks and comments; true if a line ended there. */
static bool skip(struct squeeze *s) {
    bool line = false;
    while (s->at < s->n) {
        char c = peek(s, 0);
        if (c == '/' && peek(s, 1) == '*') {
            for (s->at += 2; s->at < s->n && !(peek(s, 0) == '*' && peek(s, 1) == '/'); s->at++) line |= peek(s, 0) == '\n';
            if (s->at == s->n) s->why = "a comment that is not closed";
            else s->at += 2;
        } else if (c == '/' && peek(s, 1) == '/') {
            while (s->at < s->n && peek(s, 0) != '\n') s->at++;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            line |= c == '\n';
            s->at++;
        } else {
            break;
        }
    }
    return line;
}

/* Would the two sides be read as another token? */
static bool stick(char a, char b) {
    return (is_word(a) && is_word(b)) || (a == b && (a == '+' || a == '-')) ||
           (a == '/' && (is_word(b) || b == '/' || b == '*')) || (a >= '0' && a <= '9' && b == '.') || (a == '-' && b == '>') ||
           (a == '<' && b == '!');
}

static void blank(struct squeeze *s) {
    bool line = skip(s);
    char a = last(s), b = peek(s, 0);
    if (!a || !b) return;
    if (line && !strchr("{;,(", a) && !strchr("})", b)) s->out[s->len++] = '\n';
    else if (!line && stick(a, b)) s->out[s->len++] = ' ';
}

char *gen_squeeze(const char *in, size_t n, char *out, size_t *ret_n, const char **why) {
    struct squeeze s = { .in = in, .out = out, .n = n };
    while (s.at < s.n && !s.why) {
        char c = peek(&s, 0);
        bool comment = c == '/' && (peek(&s, 1) == '/' || peek(&s, 1) == '*');
        if (comment || (c && strchr(" \t\r\n", c))) blank(&s);
        else if (c == '"' || c == '\'' || c == '`' || (c == '/' && !divides(&s))) quoted(&s);
        else copy(&s);
    }
    *ret_n = s.len;
    *why = s.why;
    return s.why ? NULL : out;
}
