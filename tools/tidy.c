/* tidy: checks the house rules that a compiler does not. `build/tidy` from the source root; `build/tidy --self-test` seeds one fault per
 * rule and requires that it is found. Ends with `N passed, N failed`, one check per rule.
 *
 * Rules: 1 layers (LAYERS: who may include whom, where a library's header may stand, which engine may see which)  2 banned functions
 * 3 a .c opens with a comment  4 sizes (files, lines, functions) by ratchet: the numbers in tools/tidy.ratchet may only fall
 * 5 no writable globals outside src/app and src/os  6 src/ names no system  7 systems/ holds no code  8 a module has a test
 * 9 what a page includes is there, every piece of src/web/layout is included by a page or by a piece that is, and a page that sends a form
 * tells why one was refused
 * TO ADD A RULE: 1. a function `static void rule_x(struct file *)`, 2. a row in `rules`, 3. a seeded fault in `seeds`.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 4000, EDGES_MAX = 400, FILE_LINES_MAX = 500, LINE_COLUMNS_MAX = 140, FUNCTION_LINES_MAX = 70, SYSTEMS_MAX = 200 };

struct file {
    char path[400];
    char *text;
    int lines;
};
static struct file files[FILES_MAX];
static int n_files;
static char layers_text[65536];
static char system_names[SYSTEMS_MAX][80];
static int n_systems;

enum rule { LAYERS, BANNED, OPENING, SIZES, GLOBALS, NAMES, DATA, TESTS, PARTIALS, RULES };
static const char *const rule_names[] = { "layers", "banned functions", "opening comments", "sizes", "globals", "no system in src",
                                          "no code in systems", "tests", "partials" };
static int found[RULES], quiet;

__attribute__((format(printf, 4, 5))) static void fault(enum rule r, const char *path, int line, const char *format, ...) {
    va_list args;
    found[r]++;
    if (quiet) return;
    printf("ERROR %s: %s:%d: ", rule_names[r], path, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static int starts(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int ends(const char *s, const char *suffix) {
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && strcmp(s + n - m, suffix) == 0;
}

static char *read_all(const char *path) {
    FILE *f = fopen(path, "rb");
    size_t n = 0, cap = 1 << 16;
    char *p = malloc(cap + 1);
    if (!f || !p) return free(p), f ? (void)fclose(f) : (void)0, NULL;
    for (size_t got; (got = fread(p + n, 1, cap - n, f)) > 0;) {
        n += got;
        if (n == cap) p = realloc(p, (cap *= 2) + 1);
        if (!p) exit(2);
    }
    p[n] = 0;
    (void)fclose(f);
    return p;
}

/* ---- text without comments and literals, line breaks kept ---- */
static char *stripped(const char *text) {
    size_t n = strlen(text);
    char *out = malloc(n + 1);
    if (!out) exit(2);
    for (size_t i = 0; i < n;) {
        if (text[i] == '/' && text[i + 1] == '*') {
            size_t end = i + 2;
            while (end < n && !(text[end] == '*' && text[end + 1] == '/')) end++;
            for (end = end + 2 < n ? end + 2 : n; i < end; i++) out[i] = text[i] == '\n' ? '\n' : ' ';
        } else if (text[i] == '/' && text[i + 1] == '/') {
            while (i < n && text[i] != '\n') out[i++] = ' ';
        } else if (text[i] == '"' || text[i] == '\'') {
            char q = text[i];
            out[i] = q, i++;
            while (i < n && text[i] != q && text[i] != '\n') {
                if (text[i] == '\\' && i + 1 < n) out[i++] = ' ';
                out[i] = text[i] == '\n' ? '\n' : ' ', i++;
            }
            if (i < n) out[i] = text[i], i++;
        } else out[i] = text[i], i++;
    }
    out[n] = 0;
    return out;
}

/* ---- 1 layers ---- */
static void folder_of(const char *path, char *layer, char *engine) {
    /* src/engine/flow/flow.c -> engine, flow; src/data/x.c -> data, "" */
    *engine = 0;
    if (sscanf(path, "src/%63[^/]", layer) != 1) *layer = 0;
    if (strcmp(layer, "engine") == 0) (void)sscanf(path, "src/engine/%63[^/]", engine);
}

static int allowed(const char *kind, const char *who, const char *what) {
    char key[160];
    (void)snprintf(key, sizeof key, "\n%s %s:", kind, who);
    const char *row = strstr(layers_text, key);
    if (!row) return 0;
    const char *end = strchr(row + 1, '\n'), *hash = strchr(row + 1, '#');
    if (hash && end && hash < end) end = hash;
    (void)snprintf(key, sizeof key, " %s", what);
    for (const char *at = row; (at = strstr(at, key)) && (!end || at < end); at++)
        if (at[strlen(key)] == ' ' || at[strlen(key)] == '\n' || at[strlen(key)] == 0) return 1;
    return 0;
}

static int edge(const char *from, const char *to) {
    char key[160];
    (void)snprintf(key, sizeof key, "\nedge %s %s ", from, to);
    return strstr(layers_text, key) != NULL;
}

static void rule_layers(struct file *f) {
    char layer[64], engine[64], to[64], to_engine[64], header[200], path[260];
    if (!starts(f->path, "src/") || ends(f->path, "_test.c") || ends(f->path, "_fixture.c") || ends(f->path, "_fixture.h")) return;
    folder_of(f->path, layer, engine);
    int line = 1;
    for (const char *p = f->text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL, line++) {
        if (sscanf(p, "#include \"%199[^\"]\"", header) == 1) {
            (void)snprintf(path, sizeof path, "src/%s", header);
            folder_of(path, to, to_engine);
            if (strcmp(header, "app/generated.h") == 0 && strcmp(layer, "app") == 0) continue;
            if (strcmp(to, layer) != 0 && !allowed("layer", layer, to)) fault(LAYERS, f->path, line, "%s may not include %s", layer, header);
            if (*engine && *to_engine && strcmp(engine, to_engine) != 0 && !edge(engine, to_engine))
                fault(LAYERS, f->path, line, "engine %s may not see engine %s (no edge in LAYERS)", engine, to_engine);
        } else if (sscanf(p, "#include <%199[^>]>", header) == 1) {
            for (const char *row = strstr(layers_text, "\nlib "); row; row = strstr(row + 1, "\nlib ")) {
                char name[100], homes[300] = "";
                if (sscanf(row, "\nlib %99s %299[^\n]", name, homes) < 1 || !starts(header, name)) continue;
                int home = 0;
                for (char *h = strtok(homes, " "); h && *h != '#'; h = strtok(NULL, " "))
                    home |= starts(f->path + 4, h) && f->path[4 + strlen(h)] == '/';
                if (!home) fault(LAYERS, f->path, line, "<%s> has its home elsewhere", header);
                break;
            }
        }
    }
}

/* ---- 2 banned ---- */
static void rule_banned(struct file *f) {
    static const char *const banned[][2] = {
        { "strcpy", "str, buf" }, { "strcat", "buf_add" }, { "sprintf", "buf_add_fmt" }, { "vsprintf", "arena_fmt" }, { "gets", "os_read" },
        { "strtok", "str_cut" }, { "atoi", "str_to_i64" }, { "atol", "str_to_i64" }, { "scanf", "a parser" }, { "system", "proc_spawn" },
        { "popen", "proc_spawn" }, { "rand", "os_random" }, { "srand", "os_seed" }, { "tmpnam", "os_temp_new" }, { "alloca", "arena_alloc" },
        { "setlocale", "data/po" }, { "localtime", "data/tz" }, { "gmtime", "data/tz" }, { "mktime", "data/tz" }, { "time", "os_now_ms" },
    };
    if (!starts(f->path, "src/")) return;
    char *code = stripped(f->text);
    for (size_t b = 0; b < sizeof banned / sizeof *banned; b++) {
        size_t n = strlen(banned[b][0]);
        for (char *at = code; (at = strstr(at, banned[b][0])); at += n) {
            if (at > code && (isalnum((unsigned char)at[-1]) || at[-1] == '_' || at[-1] == '.' || at[-1] == '>')) continue;
            const char *after = at + n;
            while (*after == ' ') after++;
            if (*after != '(' || (starts(f->path, "src/os/") && strcmp(banned[b][0], "time") == 0)) continue;
            int line = 1;
            for (char *p = code; p < at; p++) line += *p == '\n';
            fault(BANNED, f->path, line, "%s: use %s", banned[b][0], banned[b][1]);
        }
    }
    free(code);
}

static void rule_opening(struct file *f) {
    if ((starts(f->path, "src/") || starts(f->path, "tools/")) && (ends(f->path, ".c") || ends(f->path, ".h")) && !starts(f->text, "/*"))
        fault(OPENING, f->path, 1, "does not open with a comment: purpose and invariants");
}

/* ---- 4 sizes ---- */
struct sizes {
    int files, lines, functions;
};
static struct sizes over, ratchet;

static void rule_sizes(struct file *f) {
    if (!starts(f->path, "src/") || !(ends(f->path, ".c") || ends(f->path, ".h"))) return;
    int line = 1, from = 0;
    if (f->lines > FILE_LINES_MAX) over.files++;
    for (const char *p = f->text, *end; p && *p; p = end ? end + 1 : NULL, line++) {
        end = strchr(p, '\n');
        int columns = 0;
        for (const char *c = p; c != end && *c; c++) columns += (*c & 0xc0) != 0x80;
        if (columns > LINE_COLUMNS_MAX) over.lines++;
        if (!ends(f->path, ".c") || ends(f->path, "_test.c")) continue;
        /* A function: from a line in column 0 that ends in '{' to a '}' in column 0. */
        if (end && end > p && end[-1] == '{' && isalpha((unsigned char)*p) && strchr(p, '(') && strchr(p, '(') < end) from = line;
        if (*p == '}' && from) {
            if (line - from > FUNCTION_LINES_MAX) over.functions++;
            from = 0;
        }
    }
}

static void settle_sizes(void) {
    const int now[] = { over.files, over.lines, over.functions }, may[] = { ratchet.files, ratchet.lines, ratchet.functions };
    static const char *const what[] = { "files over 500 lines", "lines over 140 columns", "functions over 70 lines" };
    for (int i = 0; i < 3; i++) {
        if (now[i] > may[i]) fault(SIZES, "tools/tidy.ratchet", i + 1, "%s: %d, and %d may be", what[i], now[i], may[i]);
        else if (now[i] < may[i] && !quiet) printf("note: %s fell to %d; lower tools/tidy.ratchet\n", what[i], now[i]);
    }
}

/* ---- 5 globals: `static T x;` or `T x = ...;` in column 0 without const, outside app and os ---- */
static void rule_globals(struct file *f) {
    if (!starts(f->path, "src/") || starts(f->path, "src/app/") || starts(f->path, "src/os/") || !ends(f->path, ".c") || ends(f->path, "_test.c") ||
        ends(f->path, "_fixture.c"))
        return;
    char *code = stripped(f->text);
    int line = 1, depth = 0;
    for (char *p = code, *end; p; p = end ? end + 1 : NULL, line++) {
        end = strchr(p, '\n');
        if (end) *end = 0;
        if (depth == 0 && starts(p, "static ") && !strchr(p, '(') && !strstr(p, "const ") && !strstr(p, "_Thread_local") && strchr(p, ';'))
            fault(GLOBALS, f->path, line, "a writable global: %.60s", p);
        for (char *c = p; *c; c++) depth += (*c == '{') - (*c == '}');
        if (end) *end = '\n';
    }
    free(code);
}

/* ---- 6, 7, 8 ---- */
static void rule_systems(struct file *f) {
    if (!starts(f->path, "src/") || ends(f->path, "_test.c") || ends(f->path, "_fixture.c")) return;
    for (int i = 0; i < n_systems; i++) {
        /* Its whole id, or its name alone as a text; a line may say why it must: "tidy: a word of the command line". */
        char quoted[90];
        (void)snprintf(quoted, sizeof quoted, "\"%s\"", strchr(system_names[i], '/') + 1);
        const char *at = strstr(f->text, system_names[i]);
        if (!at) at = strstr(f->text, quoted);
        const char *end = at ? strchr(at, '\n') : NULL, *why = at ? strstr(at, "/* tidy:") : NULL;
        if (!at || (why && end && why < end)) continue;
        int line = 1;
        for (const char *p = f->text; p < at; p++) line += *p == '\n';
        fault(NAMES, f->path, line, "names a system: %s", system_names[i]);
    }
}

static void rule_data(struct file *f) {
    static const char *const kinds[] = { ".yaml", ".csv", ".bpmn", ".dmn", ".xml", ".po", ".md" };
    if (!starts(f->path, "systems/")) return;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ends(f->path, kinds[i])) return;
    fault(DATA, f->path, 1, "not data");
}

/* A folder of src with .c files has at least one test. */
static void rule_tests(struct file *f) {
    char dir[400], other[400];
    if (!starts(f->path, "src/") || !ends(f->path, ".c") || ends(f->path, "_test.c") || starts(f->path, "src/web/") || starts(f->path, "src/app/")) return;
    (void)snprintf(dir, sizeof dir, "%.399s", f->path);
    *strrchr(dir, '/') = 0;
    for (int i = 0; i < n_files; i++) {
        (void)snprintf(other, sizeof other, "%.399s", files[i].path);
        if (strrchr(other, '/')) *strrchr(other, '/') = 0;
        if (strcmp(other, dir) == 0 && ends(files[i].path, "_test.c")) return;
    }
    fault(TESTS, f->path, 1, "no test in %s", dir);
}

/* Does this page have {{>name}} or {{>layout/name}} in it? */
static int includes(const struct file *page, const char *name) {
    char open[100];
    (void)snprintf(open, sizeof open, "{{>%.80s}}", name);
    if (strstr(page->text, open)) return 1;
    (void)snprintf(open, sizeof open, "{{>layout/%.80s}}", name);
    return strstr(page->text, open) != NULL;
}

static int is_page(const char *path) {
    return starts(path, "src/web/") && ends(path, ".html");
}

static int there(const char *name) {
    char path[200];
    for (int i = 0; i < n_files; i++) {
        (void)snprintf(path, sizeof path, "src/web/%.90s.html", name);
        if (strcmp(files[i].path, path) == 0) return 1;
        (void)snprintf(path, sizeof path, "src/web/layout/%.90s.html", name);
        if (strcmp(files[i].path, path) == 0) return 1;
    }
    return 0;
}

/* The templating renders a piece that is missing as nothing, so nobody would see. A piece that only a piece includes that is itself
 * included by nothing is found once that one is gone. */
static void rule_partials(struct file *f) {
    char name[100];
    int line = 1, used = 0;
    if (!is_page(f->path)) return;
    for (const char *p = f->text; *p; p++) {
        line += *p == '\n';
        if (starts(p, "{{>") && sscanf(p, "{{>%99[a-z0-9_/]}}", name) == 1 && !there(name))
            fault(PARTIALS, f->path, line, "there is no %s", name);
    }
    int form = strstr(f->text, "method=\"post\"") || strstr(f->text, "{{>form_top}}");
    if (form && strstr(f->text, "{{>page_top}}") && !strstr(f->text, "{{>problem}}"))
        fault(PARTIALS, f->path, 1, "a form is sent from here, and {{>problem}} that tells why it was refused is not there");
    if (sscanf(f->path, "src/web/layout/%99[a-z0-9_].html", name) != 1) return;
    for (int i = 0; i < n_files && !used; i++) used = is_page(files[i].path) && strcmp(files[i].path, f->path) != 0 && includes(&files[i], name);
    if (!used) fault(PARTIALS, f->path, 1, "no page includes it");
}

static void (*const rules[RULES])(struct file *) = { rule_layers, rule_banned, rule_opening, rule_sizes, rule_globals, rule_systems, rule_data,
                                                     rule_tests, rule_partials };

/* ---- walking ---- */
static void add(const char *path) {
    if (n_files == FILES_MAX) exit(2);
    struct file *f = &files[n_files++];
    (void)snprintf(f->path, sizeof f->path, "%s", path);
    f->text = read_all(path);
    if (!f->text) exit(2);
    for (const char *p = f->text; *p; p++) f->lines += *p == '\n';
}

static void walk(const char *dir) {
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[400];
        struct stat st;
        if (e->d_name[0] == '.') continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (stat(path, &st)) continue;
        if (S_ISDIR(st.st_mode)) {
            if (starts(dir, "systems") && strcmp(dir, "systems") != 0 && n_systems < SYSTEMS_MAX) {
                char about[500];
                (void)snprintf(about, sizeof about, "%s/system.yaml", path);
                if (stat(about, &st) == 0 && strchr(path + 8, '/')) (void)snprintf(system_names[n_systems++], 80, "%.79s", path + 8);
            }
            walk(path);
        } else if (ends(path, ".c") || ends(path, ".h") || is_page(path) || starts(path, "systems/")) add(path);
    }
    if (d) (void)closedir(d);
}

/* One fault per rule, each of which must be found; the negative control of this program. */
static int self_test(void) {
    static const struct {
        enum rule rule;
        const char *path, *text;
    } seeds[] = {
        { LAYERS, "src/data/seed.c", "/* x */\n#include \"store/store.h\"\n" },
        { LAYERS, "src/engine/act/seed.c", "/* x */\n#include <sqlite3.h>\n" },
        { LAYERS, "src/engine/clock/seed.c", "/* x */\n#include \"engine/item/item.h\"\n" },
        { BANNED, "src/base/seed.c", "/* x */\nint f(char *a) { return atoi(a); }\n" },
        { OPENING, "src/base/seed.c", "#include <stdio.h>\n" },
        { GLOBALS, "src/base/seed.c", "/* x */\nstatic int counter;\n" },
        { NAMES, "src/base/seed.c", "/* x */\nconst char *p = \"restaurant\";\n" },
        { DATA, "systems/x/seed.c", "int x;\n" },
        { TESTS, "src/seed/seed.c", "/* x */\n" },
        { PARTIALS, "src/web/layout/seed.html", "<p></p>\n" },
        { PARTIALS, "src/web/desk/seed.html", "{{>no_such_piece}}\n" },
        { PARTIALS, "src/web/desk/seed.html", "{{>page_top}}\n<form method=\"post\">\n" },
    };
    int missed = 0;
    quiet = 1;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        struct file f = { .text = strdup(seeds[i].text), .lines = 2 };
        (void)snprintf(f.path, sizeof f.path, "%s", seeds[i].path);
        memset(found, 0, sizeof found);
        rules[seeds[i].rule](&f);
        if (!found[seeds[i].rule]) missed++, printf("ERROR the rule '%s' misses its seeded fault %zu\n", rule_names[seeds[i].rule], i);
        free(f.text);
    }
    over.files = ratchet.files + 1;
    found[SIZES] = 0;
    settle_sizes();
    if (!found[SIZES]) missed++, printf("ERROR the ratchet does not hold\n");
    over = (struct sizes){ 0 };
    memset(found, 0, sizeof found);
    quiet = 0;
    return missed;
}

int main(void) {
    int failed = 0;
    char *layers = read_all("LAYERS"), *numbers = read_all("tools/tidy.ratchet");
    if (!layers || !numbers) return printf("ERROR run it in the source root\n0 passed, 1 failed\n"), 1;
    (void)snprintf(layers_text, sizeof layers_text, "\n%s", layers);
    if (sscanf(numbers, "files %d lines %d functions %d", &ratchet.files, &ratchet.lines, &ratchet.functions) != 3) return 1;
    walk("src");
    walk("systems");
    walk("tools");
    int missed = self_test();
    for (int i = 0; i < n_files; i++)
        for (int r = 0; r < RULES; r++)
            if (r == PARTIALS || !is_page(files[i].path)) rules[r](&files[i]);
    settle_sizes();
    for (int r = 0; r < RULES; r++) {
        failed += found[r] > 0;
        printf("%s: %d\n", rule_names[r], found[r]);
    }
    printf("%d passed, %d failed\n", RULES + (missed == 0) - failed, failed + (missed != 0));
    return failed || missed;
}
