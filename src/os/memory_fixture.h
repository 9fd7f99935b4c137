/* memory_fixture: a process of a test in which memory has ended. */
#ifndef OS_MEMORY_FIXTURE_H
#define OS_MEMORY_FIXTURE_H

/* Runs `body` in a child whose malloc has nothing left, and gives its exit code; `begin` (may be NULL) runs before. -1: not in this build,
 * whose sanitizer ends a process that has no memory. */
int memory_ended(void (*begin)(void), int (*body)(void));

#endif
