/* cmd: reads the command line by the rows of cmd_words.h; what the commands share. Invariant: a command runs only when every word was
 * allowed by its row. */
#include "app/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/generated.h"
#include "os/os.h"

enum {
#define CMD_OPTION(name, word, value, help) OPT_BIT_##name,
#include "app/cmd_words.h"
#undef CMD_OPTION
    OPTIONS
};
enum {
#define CMD_OPTION(name, word, value, help) OPT_##name = 1 << OPT_BIT_##name,
#include "app/cmd_words.h"
#undef CMD_OPTION
    INSTALLATION = OPT_DATA | OPT_STORE | OPT_LIBPQ | OPT_NODE
};

static const struct option {
    const char *word, *value, *help;
} options[] = {
#define CMD_OPTION(name, word, value, help) { word, value, help },
#include "app/cmd_words.h"
#undef CMD_OPTION
};

struct row {
    const char *command, *verb, *operands;
    int least, most;
    unsigned options;
    const char *help;
    int (*run)(int argc, char **argv);
};
static const struct row rows[] = {
#define CMD_ROW(command, verb, operands, least, most, options, help, function) \
    { command, verb, operands, least, most, options, help, function },
#include "app/cmd_words.h"
#undef CMD_ROW
};
enum { ROWS = sizeof rows / sizeof *rows };

static const struct row *running; /* for what cmd_fail says */

/* ---- what is allowed ---- */

static void print_row(FILE *to, const struct row *r, bool whole) {
    fprintf(to, "  tongban %s", r->command);
    if (r->verb) fprintf(to, " %s", r->verb);
    if (*r->operands) fprintf(to, " %s", r->operands);
    for (int i = 0; i < OPTIONS; i++)
        if (r->options & 1U << i) fprintf(to, options[i].value ? " [%s %s]" : " [%s]", options[i].word, options[i].value);
    fprintf(to, "\n      %s\n", r->help);
    for (int i = 0; whole && i < OPTIONS; i++)
        if (r->options & 1U << i)
            fprintf(to, "      %s%s%s: %s\n", options[i].word, options[i].value ? " " : "", options[i].value ? options[i].value : "",
                    options[i].help);
}

/* The rows of a command (NULL: of all), of one verb (NULL: of all). */
static int help(FILE *to, const char *command, const char *verb, bool whole) {
    int shown = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (command && strcmp(rows[i].command, command) != 0) continue;
        if (verb && rows[i].verb && strcmp(rows[i].verb, verb) != 0) continue;
        print_row(to, &rows[i], whole);
        shown++;
    }
    return shown;
}

static int help_all(void) {
    printf("tongban: the open platform on which a city government runs\n\n");
    (void)help(stdout, NULL, NULL, false);
    printf("  tongban help [COMMAND]\n      this page; with a command, or `tongban COMMAND --help`, what each of its options is\n");
    return CMD_DONE;
}

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* The option that a word is, with or without "=VALUE"; OPTIONS if none. */
static int option_of(const char *word) {
    size_t n = strcspn(word, "=");
    int i = 0;
    while (i < OPTIONS && (strlen(options[i].word) != n || strncmp(options[i].word, word, n) != 0)) i++;
    return i;
}

static int refuse(const struct row *r, const char *what, const char *word) {
    fprintf(stderr, "tongban %s%s%s: ", r->command, r->verb ? " " : "", r->verb ? r->verb : "");
    fprintf(stderr, "%s%s%s\nwhat is allowed:\n", word, *word ? " " : "", what);
    print_row(stderr, r, false);
    return CMD_USAGE;
}

/* What libpq takes for an address, and not for the name of a database; and never nothing, which would be another store than was meant. */
static bool store_ok(const char *value) {
    return strncmp(value, "postgres://", 11) == 0 || strncmp(value, "postgresql://", 13) == 0 || strchr(value, '=');
}

/* 0, or CMD_USAGE after saying why. An empty value is a variable that was not set. */
static int judge(const struct row *r, int argc, char **argv) {
    unsigned seen = 0;
    int operands = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            if (++operands > r->most) return refuse(r, "is one word too many", argv[i]);
            continue;
        }
        int o = option_of(argv[i]);
        if (o == OPTIONS || !(r->options & 1U << o)) return refuse(r, "is no option here", argv[i]);
        if (seen & 1U << o) return refuse(r, "is given twice", options[o].word);
        seen |= 1U << o;
        bool joined = strchr(argv[i], '=') != NULL;
        if (!options[o].value && joined) return refuse(r, "takes no value", options[o].word);
        if (!options[o].value) continue;
        if (!joined && (++i == argc || strncmp(argv[i], "--", 2) == 0)) return refuse(r, "needs a value", options[o].word);
        const char *value = joined ? strchr(argv[i], '=') + 1 : argv[i];
        if (!*value) return refuse(r, "needs a value", options[o].word);
        if (1U << o == OPT_STORE && !store_ok(value)) return refuse(r, "is no postgres://USER@HOST/DATABASE", value);
    }
    return operands < r->least ? refuse(r, "a word is missing", "") : 0;
}

/* ---- running ---- */

static int unknown(const char *command, const char *verb) {
    fprintf(stderr, "tongban: there is no command '%s%s%s'\nwhat is allowed:\n", command, verb ? " " : "", verb ? verb : "");
    if (!help(stderr, command, NULL, false)) (void)help(stderr, NULL, NULL, false);
    return CMD_USAGE;
}

int cmd_main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "help", *verb = argc > 2 ? argv[2] : NULL;
    bool asks = strcmp(command, "help") == 0;
    if (is_help(command) || (asks && !verb)) return help_all();
    if (asks) return help(stdout, verb, argc > 3 ? argv[3] : NULL, true) ? CMD_DONE : unknown(verb, NULL);
    for (int i = 2; i < argc; i++)
        if (is_help(argv[i])) return help(stdout, command, i > 2 ? verb : NULL, true) ? CMD_DONE : unknown(command, NULL);
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        if (strcmp(command, r->command) != 0 || (r->verb && (!verb || strcmp(verb, r->verb) != 0))) continue;
        int shift = r->verb ? 2 : 1, code = judge(r, argc - shift, argv + shift);
        running = r;
        return code ? code : r->run(argc - shift, argv + shift);
    }
    return unknown(command, verb && verb[0] != '-' ? verb : NULL);
}

/* ---- what commands read ---- */

const char *cmd_option(int argc, char **argv, const char *name) {
    size_t n = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, n) != 0) continue;
        if (argv[i][n] == '=') return argv[i] + n + 1;
        if (argv[i][n] == 0 && i + 1 < argc) return argv[i + 1];
    }
    return NULL;
}

bool cmd_flag(int argc, char **argv, const char *name) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return true;
    return false;
}

const char *cmd_operand(int argc, char **argv, int i) {
    for (int k = 1; k < argc; k++) {
        if (argv[k][0] == '-') {
            int o = option_of(argv[k]);
            if (o < OPTIONS && options[o].value && !strchr(argv[k], '=')) k++;
            continue;
        }
        if (i-- == 0) return argv[k];
    }
    return NULL;
}

const char *cmd_data(int argc, char **argv) {
    const char *data = cmd_option(argc, argv, "--data");
    return data ? data : "var";
}

bool cmd_installed(const char *data) {
    struct arena a;
    arena_init(&a, "installed", 65536);
    const char *mark = arena_fmt(&a, "%s/installed", data).ptr;
    bool is = mark && os_kind(mark) == OS_FILE;
    if (!is)
        fprintf(stderr, "%s is no installation; make one with: tongban init --data %s --administrators FILE, or --demo\n",
                data, data);
    arena_done(&a);
    return is;
}

/* ---- what went wrong ---- */

/* The program's English; read once, kept until the command ends. */
static const struct po *english(void) {
    static struct arena a;
    static struct po *po;
    if (!po) arena_init(&a, "English", 16 * 1024 * 1024);
    for (size_t i = 0; i < n_embedded && !po; i++)
        if (str_eq(embedded[i].path, S("locale/en.po"))) (void)po_parse(&a, embedded[i].path, embedded[i].bytes, &po, NULL);
    return po;
}

static struct str sentence(const struct po *en, int code) {
    switch (code) {
#define CMD_ERR(code, text) case code: return S(text);
#include "app/cmd_words.h"
#undef CMD_ERR
    }
    return po_get(en, S(""), err_text(code));
}

int cmd_fail(const char *subject, const struct err *e) {
    struct arena a;
    arena_init(&a, "error", 65536);
    const struct po *en = english();
    struct str text = sentence(en, e->code), hole = S("{detail}"), detail = po_said(en, &a, str_of(e->detail));
    size_t at = str_find(text, hole, 0);
    struct str whole = at == SIZE_MAX ? text : ARENA_CAT(&a, str_sub(text, 0, at), detail, str_sub(text, at + hole.len, text.len));
    fprintf(stderr, "tongban %s%s%s: ", running ? running->command : "", running && running->verb ? " " : "",
            running && running->verb ? running->verb : "");
    fprintf(stderr, "%s", e->field[0] ? e->field : subject);
    if (e->line) fprintf(stderr, ":%u", e->line);
    fprintf(stderr, ": %.*s (%s%s%.*s)\n", STR_ARG(str_trim(whole)), err_name(e->code), detail.len && at == SIZE_MAX ? ": " : "",
            at == SIZE_MAX ? (int)detail.len : 0, detail.ptr);
    arena_done(&a);
    return CMD_FAILED;
}

/* ---- findings ---- */

static struct str environment_lang(void) {
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return str_starts(str_of(value), S("en")) ? S("en") : S("zh");
    }
    return S("zh");
}

int cmd_lang(int argc, char **argv, struct str *ret, struct err *e) {
    const char *said = cmd_option(argc, argv, "--lang");
    struct str lang = said ? str_of(said) : environment_lang();
    if (!str_eq(lang, S("en")) && !str_eq(lang, S("zh"))) return err_field(e, ERR_CODE, S("--lang"), "zh, en");
    *ret = lang;
    return 0;
}

void cmd_finding(struct str lang, const char *folder, struct str file, uint32_t line, struct str text) {
    struct arena a;
    arena_init(&a, "finding", 65536);
    if (str_eq(lang, S("en"))) text = po_said(english(), &a, text);
    printf("%s", folder);
    if (file.len) printf("/%.*s:%u", STR_ARG(file), line);
    printf(": %.*s\n", STR_ARG(text));
    arena_done(&a);
}

int cmd_fault(struct str lang, const char *folder, const struct err *e) {
    bool found = (e->code == ERR_SYSTEM || e->code == ERR_SYNTAX || e->code == ERR_INPUT) && e->detail[0];
    if (!found) return cmd_fail(folder, e);
    cmd_finding(lang, folder, str_of(e->field), e->line, str_of(e->detail));
    return CMD_FAILED;
}

/* ---- an app ---- */

int cmd_node(int argc, char **argv, uint32_t *ret, struct err *e) {
    const char *text = cmd_option(argc, argv, "--node");
    uint64_t node = 0;
    if (text && (!str_to_u64(str_of(text), &node) || node > 1023)) return err_field(e, ERR_RANGE, S("--node"), "0-1023");
    *ret = (uint32_t)node;
    return 0;
}

int cmd_open(int argc, char **argv, const char *data_dir, struct app **ret, struct err *e) {
    struct app_config c = { .data_dir = data_dir, .base_url = S("http://127.0.0.1:8080"), .demo = cmd_flag(argc, argv, "--demo") };
    const char *url = cmd_option(argc, argv, "--store"), *libpq = cmd_option(argc, argv, "--libpq");
    int rc = cmd_node(argc, argv, &c.node, e);
    if (url) c.store_url = str_of(url);
    if (libpq) c.libpq = str_of(libpq);
    return rc ? rc : app_open(&c, ret, e);
}

const char *cmd_systems_of(struct arena *a, const char *path) {
    struct str s = str_of(path);
    for (size_t at = s.len; at-- > 0;)
        if (s.ptr[at] == '/' && str_ends(str_sub(s, 0, at), S("systems"))) return arena_cstr(a, str_sub(s, 0, at));
    return "systems";
}
