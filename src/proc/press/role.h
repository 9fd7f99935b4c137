/* press, as a process: one operation, a paper's tree in, a PDF out. No network, no keys; of files only the fonts. */
#ifndef PROC_PRESS_ROLE_H
#define PROC_PRESS_ROLE_H
#include "proc/role.h"

enum press_type { PRESS_SET = 1 };
extern const struct ipc_table press_ipc; /* PRESS_SET: paper_tree_write's message -> the PDF, unsigned */
int press_main(struct role_context *c);
#endif
