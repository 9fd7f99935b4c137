/* gen_squeeze: a script without what only its readers need: comments, and blanks between what stands apart anyway. Names, order and line
 * ends that may end a statement stay, so that it is read as the same program (ECMA-262, 12).
 */
#ifndef TOOLS_GEN_SQUEEZE_H
#define TOOLS_GEN_SQUEEZE_H
#include <stddef.h>
/* `out` holds n bytes; gives how many were written, or NULL and in *why what it cannot be sure of: a template with an expression,
 * and what is not closed. */
char *gen_squeeze(const char *in, size_t n, char *out, size_t *ret_n, const char **why);
#endif
