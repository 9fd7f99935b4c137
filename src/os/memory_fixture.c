/* memory_fixture: see memory_fixture.h. What is mapped stays, and no byte is added. */
#include "os/memory_fixture.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/proc.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#elif defined(__has_feature)
#define OWN_ALLOCATOR (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define OWN_ALLOCATOR 0
#endif

int memory_ended(void (*begin)(void), int (*body)(void)) {
    if (OWN_ALLOCATOR) return -1;
    pid_t pid = fork();
    if (pid < 0) return 126;
    if (pid) return proc_reap(pid, false);
    struct rlimit none = { 4096, 4096 };
    if (begin) begin();
    if (setrlimit(RLIMIT_AS, &none)) _exit(125);
    for (size_t size = 65536; size; size /= 2)
        /* analyzer -Wanalyzer-malloc-leak: that nothing is left is what it is for; the process ends here */
        while (malloc(size)) continue;
    _exit(body());
}
