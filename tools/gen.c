/* gen: writes C from the files that are facts' only home: SQL migrations and embedded texts.
 *   gen migrations OUT FILE...   FILE is src/engine/NAME/NAME_NNNN.sql or src/store/NAME_NNNN.sql
 *   gen embed OUT ROOT FILE...   a script as it is served: squeezed (gen_squeeze.h)
 *   gen squeeze OUT FILE         the same script alone, to be packed
 */
#include "gen_squeeze.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    if (!f) exit(fprintf(stderr, "gen: cannot read %s\n", path));
    char *p = NULL;
    size_t cap = 0;
    *n = 0;
    for (;;) {
        if (*n == cap) p = realloc(p, cap = cap ? cap * 2 : 65536);
        if (!p) exit(fprintf(stderr, "gen: no memory\n"));
        size_t got = fread(p + *n, 1, cap - *n, f);
        if (got == 0) break;
        *n += got;
    }
    (void)fclose(f);
    return p;
}

static void write_bytes(FILE *out, const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) fprintf(out, "%d,%s", (unsigned char)p[i], i % 32 == 31 ? "\n" : "");
    fputs("0", out);
}

/* In place of the file as it stands, which is freed. */
static char *squeezed(const char *path, char *p, size_t *n) {
    const char *why = "memory";
    char *out = malloc(*n + 1);
    if (!out || !gen_squeeze(p, *n, out, n, &why)) exit(fprintf(stderr, "gen: %s: %s\n", path, why));
    free(p);
    return out;
}

static int write_squeezed(const char *path, FILE *out) {
    size_t n;
    char *p = read_all(path, &n);
    p = squeezed(path, p, &n);
    size_t wrote = fwrite(p, 1, n, out);
    free(p);
    return fclose(out) || wrote != n;
}

static int is_script(const char *path) {
    size_t n = strlen(path);
    return n > 3 && strcmp(path + n - 3, ".js") == 0;
}

static int by_name(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    const char *p = strrchr(*x, '/'), *q = strrchr(*y, '/');
    return strcmp(p ? p + 1 : *x, q ? q + 1 : *y);
}

int main(int argc, char **argv) {
    if (argc < 3) return 1;
    FILE *out = fopen(argv[2], "w");
    if (!out) return 1;
    if (strcmp(argv[1], "squeeze") == 0) return argc == 4 ? write_squeezed(argv[3], out) : 1;
    int embed = strcmp(argv[1], "embed") == 0, first = embed ? 4 : 3;
    qsort(argv + first, (size_t)(argc - first), sizeof *argv, by_name);
    fputs("/* Made by tools/gen. */\n#include \"app/generated.h\"\n", out);
    for (int i = first; i < argc; i++) {
        size_t n;
        char *p = read_all(argv[i], &n);
        if (embed && is_script(argv[i])) p = squeezed(argv[i], p, &n);
        fprintf(out, "static const unsigned char f%d[] = {", i);
        write_bytes(out, p, n);
        fputs("};\n", out);
        free(p);
    }
    fprintf(out, embed ? "const struct embedded embedded[] = {\n" : "const struct store_migration migrations[] = {\n");
    for (int i = first; i < argc; i++) {
        const char *name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i];
        const char *shown = argv[i];
        if (embed && strncmp(shown, argv[3], strlen(argv[3])) == 0) shown += strlen(argv[3]) + 1;
        while (strncmp(shown, "../", 3) == 0) shown += 3;
        if (embed) fprintf(out, "{ S_INIT(\"%s\"), { (const char *)f%d, sizeof f%d - 1 } },\n", shown, i, i);
        else fprintf(out, "{ \"%.*s\", %d, (const char *)f%d },\n", (int)strlen(name) - 9, name, atoi(name + strlen(name) - 8), i);
    }
    fprintf(out, "};\nconst size_t n_%s = %d;\n", embed ? "embedded" : "migrations", argc - first);
    return fclose(out) ? 1 : 0;
}
