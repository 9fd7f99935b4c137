/* cmd: the command line. Rows of cmd_words.h say what may be given; main refuses the rest before a command runs, so that a command sees
 * only options that it knows, each once, and as many operands as it takes. Errors are said in the language of the help.
 */
#ifndef APP_CMD_H
#define APP_CMD_H
#include "app/app.h"

/* Exit codes; docs/guides/operator.md tells them. */
enum cmd_code { CMD_DONE = 0, CMD_FAILED = 1, CMD_NO_SERVER = 3, CMD_USAGE = 64, CMD_DATA = 65, CMD_DEFECT = 70 };
enum { CMD_OPERANDS_MAX = 1000 };

/* What the words ask for: runs it and gives the exit code. argv[0] is the program. */
int cmd_main(int argc, char **argv);

/* Commands; argv[0] is the command's last word. */
#define CMD_ROW(command, verb, operands, least, most, options, help, function) int function(int argc, char **argv);
#include "app/cmd_words.h"
#undef CMD_ROW

/* "--name VALUE" or "--name=VALUE" anywhere; NULL if absent. */
const char *cmd_option(int argc, char **argv, const char *name);
bool cmd_flag(int argc, char **argv, const char *name);
/* The i-th argument that is no option; NULL if there are fewer. */
const char *cmd_operand(int argc, char **argv, int i);
/* --data, or "var". */
const char *cmd_data(int argc, char **argv);
/* --node N: 0 if not given. ERR_RANGE. */
int cmd_node(int argc, char **argv, uint32_t *ret, struct err *e);
/* Says on standard error what failed, about what (a file, a system; what the error itself names goes first), and what to do; CMD_FAILED. */
int cmd_fail(const char *subject, const struct err *e);
/* In which language findings are told: --lang, else by the environment: English where that says so, else as they are written. ERR_CODE. */
int cmd_lang(int argc, char **argv, struct str *ret, struct err *e);
/* One finding on standard output: FOLDER/FILE:LINE: TEXT, in that language; without a file FOLDER: TEXT. */
void cmd_finding(struct str lang, const char *folder, struct str file, uint32_t line, struct str text);
/* An error that says what is wrong with a folder, as a finding; one of any other kind as cmd_fail. CMD_FAILED. */
int cmd_fault(struct str lang, const char *folder, const struct err *e);
/* Whether `data` is an installation; says so on standard error if not. */
bool cmd_installed(const char *data);
/* An app for the command line. */
int cmd_open(int argc, char **argv, const char *data_dir, struct app **ret, struct err *e);
/* Where all systems lie, seen from one: the nearest folder above named "systems", else "systems" here. */
const char *cmd_systems_of(struct arena *a, const char *path);

/* ---- a folder that is whole or not there (cmd_make.c) ---- */
/* An installation is made in DIR.new and renamed when it is whole. What an earlier one that was killed left there goes. */
struct making {
    const char *dir, *made; /* in the arena */
    int lock;
};
/* ERR_STATE, ERR_BUSY: in the way is somebody's; nothing was changed. */
int making_begin(struct arena *a, const char *dir, struct making *ret, struct err *e);
/* Keeps it under its name if rc is 0, else takes it away; gives rc or what failed. */
int making_end(struct making *m, struct arena *a, int rc, struct err *e);
#endif
