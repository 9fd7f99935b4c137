/* gen_pinyin: writes the table behind src/data/pinyin.c when the program is built: the commonest
 * reading of each Han character, without tones, as ICU's transform Han-Latin gives it (CLDR, from
 * Unihan's kMandarin; Unicode licence). ü is written v, as it is typed. Usage: gen_pinyin OUTPUT.
 * Why at build time: docs/decisions/0007-pinyin.md.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/utrans.h>

enum { FIRST = 0x4e00, LAST = 0x9fff, SYLLABLES_MAX = 1000, SYLLABLE_BYTES = 8, UNITS_MAX = 64 };

static char syllable[SYLLABLES_MAX][SYLLABLE_BYTES];
static int n_syllables = 1; /* 0: none */

/* "lǜ" -> "lv"; empty where the transform leaves anything but letters. */
static void plain(const UNormalizer2 *nfd, const UChar *text, int32_t n, char out[SYLLABLE_BYTES]) {
    UChar u[UNITS_MAX];
    UErrorCode code = U_ZERO_ERROR;
    int32_t len = unorm2_normalize(nfd, text, n, u, UNITS_MAX, &code);
    int k = 0;
    out[0] = 0;
    if (U_FAILURE(code)) return;
    for (int32_t i = 0; i < len; i++) {
        if (u[i] == 0x308 && k && out[k - 1] == 'u') out[k - 1] = 'v';
        else if (u[i] >= 0x300 && u[i] < 0x370) continue;
        else if (u[i] >= 'a' && u[i] <= 'z' && k < SYLLABLE_BYTES - 1) out[k++] = (char)u[i];
        else {
            out[0] = 0;
            return;
        }
    }
    out[k] = 0;
}

static int index_of(const char *s) {
    if (!s[0]) return 0;
    for (int i = 1; i < n_syllables; i++)
        if (strcmp(syllable[i], s) == 0) return i;
    if (n_syllables == SYLLABLES_MAX) exit(2);
    memcpy(syllable[n_syllables], s, SYLLABLE_BYTES);
    return n_syllables++;
}

static UErrorCode write_table(FILE *f) {
    static const UChar id[] = u"Han-Latin";
    UErrorCode code = U_ZERO_ERROR;
    UTransliterator *t = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);
    if (U_FAILURE(code)) return code;
    (void)fprintf(
        f,
        "/* Made by tools/gen_pinyin.c. */\n#include \"data/pinyin_table.h\"\n\nconst uint16_t pinyin_table[] = {");
    for (int cp = FIRST; cp <= LAST && U_SUCCESS(code); cp++) {
        UChar text[UNITS_MAX] = { (UChar)cp };
        int32_t len = 1, limit = 1;
        char s[SYLLABLE_BYTES];
        utrans_transUChars(t, text, &len, UNITS_MAX, 0, &limit, &code);
        if (U_FAILURE(code)) break;
        plain(nfd, text, limit, s);
        (void)fprintf(f, "%s%d,", (cp - FIRST) % 24 ? "" : "\n    ", index_of(s));
    }
    (void)fprintf(f, "\n};\n\nconst char *const pinyin_syllable[] = {");
    for (int i = 0; i < n_syllables; i++)
        (void)fprintf(f, "%s\"%s\",", i % 16 ? " " : "\n    ", syllable[i]);
    (void)fprintf(f, "\n    0\n};\n");
    utrans_close(t);
    return code;
}

int main(int argc, char **argv) {
    FILE *f = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (!f) {
        (void)fprintf(stderr, "usage: gen_pinyin OUTPUT\n");
        return 1;
    }
    UErrorCode code = write_table(f);
    if (U_FAILURE(code)) (void)fprintf(stderr, "gen_pinyin: %s\n", u_errorName(code));
    return fclose(f) || U_FAILURE(code) ? 1 : 0;
}
