/* main: a process role, or a command. Invariant: nothing runs before the cryptography has tested itself. */
#include <stdio.h>
#include <string.h>

#include "app/cmd.h"
#include "app/roles.h"

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], ROLE_ARGUMENT) == 0) return role_enter(app_roles, app_n_roles, argc, argv);
    if (!crypto_self_test()) {
        fprintf(stderr, "tongban: the cryptographic self-test failed; refusing to run\n");
        return CMD_DEFECT;
    }
    return cmd_main(argc, argv);
}
