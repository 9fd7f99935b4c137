/* sandbox: see sandbox.h. The system calls are in groups, one per thing that a role may do; the base group is what any C program
 * that computes, waits on sockets it already has and logs needs.
 *
 * Invariants
 *  1. The order is limits, no_new_privs, Landlock, seccomp: each step may need what the next forbids.
 *  2. The default action is EPERM: a library that probes carries on, an attacker gets nothing. clone3 answers ENOSYS, because
 *     its flags lie in memory where the filter cannot look; the C library then takes clone, whose flags are looked at.
 */
#include "os/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- system calls ---- */

enum { F_LINUX_SPECIFIC = 1024 }; /* F_DUPFD_CLOEXEC and what followed it; the kernel's F_LINUX_SPECIFIC_BASE */

#define CALL(name) SCMP_SYS(name)

static const int base_calls[] = {
    CALL(read), CALL(readv), CALL(pread64), CALL(write), CALL(writev), CALL(pwrite64), CALL(close), CALL(lseek), CALL(fstat),
    CALL(newfstatat), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(epoll_create1), CALL(epoll_ctl),
    CALL(epoll_wait), CALL(epoll_pwait), CALL(eventfd2), CALL(pipe2), CALL(dup),
    CALL(recvfrom), CALL(recvmsg), CALL(sendto), CALL(sendmsg), CALL(shutdown), CALL(getsockopt), CALL(setsockopt),
    CALL(getsockname), CALL(getpeername),
    CALL(munmap), CALL(mremap), CALL(madvise), CALL(brk), CALL(mlock), CALL(munlock),
    CALL(futex), CALL(set_robust_list), CALL(get_robust_list), CALL(rseq), CALL(membarrier), CALL(sched_yield),
    CALL(sched_getaffinity), CALL(set_tid_address), CALL(gettid), CALL(getpid), CALL(getppid), CALL(getuid), CALL(geteuid),
    CALL(getgid), CALL(getegid), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn),
    CALL(sigaltstack), CALL(restart_syscall), CALL(exit), CALL(exit_group),
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time),
    CALL(timerfd_create), CALL(timerfd_settime), CALL(getrandom), CALL(getrusage), CALL(getrlimit), CALL(sysinfo), CALL(uname),
};

/* Reading by path; Landlock says which. */
static const int file_calls[] = {
    CALL(open), CALL(openat), CALL(access), CALL(faccessat), CALL(faccessat2), CALL(stat), CALL(lstat), CALL(statx),
    CALL(readlink), CALL(readlinkat), CALL(getdents64), CALL(getcwd), CALL(statfs), CALL(fstatfs), CALL(fadvise64),
    CALL(sendfile), CALL(copy_file_range), CALL(umask),
};

static const int write_calls[] = {
    CALL(ftruncate), CALL(fallocate), CALL(fsync), CALL(fdatasync), CALL(sync_file_range), CALL(rename), CALL(renameat),
    CALL(renameat2), CALL(unlink), CALL(unlinkat), CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(link), CALL(linkat), CALL(flock),
    CALL(fchmod), CALL(fchmodat), CALL(chmod), CALL(fchown), CALL(utimensat), CALL(msync),
};

static const int listen_calls[] = { CALL(accept), CALL(accept4), CALL(listen) };

static const int connect_calls[] = { CALL(connect), CALL(bind), CALL(sendmmsg), CALL(recvmmsg), CALL(ioctl) };

/* Nobody needs these, not even a parent, whose filter its children inherit and may therefore refuse nothing that one of them
 * needs: another process's memory, the kernel's own workings, new roots, clocks and key rings. */
static const int never_calls[] = {
    CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(mount), CALL(umount2), CALL(pivot_root), CALL(chroot),
    CALL(unshare), CALL(setns), CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(kexec_load),
    CALL(kexec_file_load), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd), CALL(io_uring_setup), CALL(add_key),
    CALL(request_key), CALL(keyctl), CALL(reboot), CALL(swapon), CALL(swapoff), CALL(settimeofday), CALL(clock_settime),
    CALL(adjtimex), CALL(clock_adjtime), CALL(sethostname), CALL(setdomainname), CALL(acct), CALL(quotactl), CALL(iopl),
    CALL(ioperm), CALL(personality), CALL(open_by_handle_at), CALL(kcmp), CALL(vhangup), CALL(syslog),
};

static int rule(scmp_filter_ctx f, uint32_t action, const int *call, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int r = seccomp_rule_add(f, action, call[i], 0);
        if (r < 0 && r != -EDOM) return r; /* EDOM: this machine's architecture has no such call */
    }
    return 0;
}
#define RULE(f, action, calls) rule((f), (action), (calls), sizeof(calls) / sizeof *(calls))
#define ALLOW(f, calls) RULE(f, SCMP_ACT_ALLOW, calls)

/* "Argument `n` equals `value`": the library's own macro leaves a member out, which not every compiler lets pass. */
static struct scmp_arg_cmp is(unsigned n, uint64_t value) {
    return (struct scmp_arg_cmp){ .arg = n, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0 };
}

static struct scmp_arg_cmp beyond(unsigned n, enum scmp_compare how, uint64_t value) {
    return (struct scmp_arg_cmp){ .arg = n, .op = how, .datum_a = value, .datum_b = 0 };
}

/* Signals to its own threads alone: where roles share a user the kernel would let them end each other, also by having a descriptor send
 * them (fcntl F_SETOWN, F_SETSIG). */
static int allow_own_signals(scmp_filter_ctx f) {
    static const unsigned lock[] = { F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW };
    int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(tgkill), 1, is(0, (uint64_t)getpid()));
    if (r == 0) r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(fcntl), 1, beyond(1, SCMP_CMP_LT, F_SETOWN));
    if (r == 0) r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(fcntl), 1, beyond(1, SCMP_CMP_GE, F_LINUX_SPECIFIC));
    for (size_t i = 0; r == 0 && i < sizeof lock / sizeof *lock; i++)
        r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(fcntl), 1, is(1, lock[i]));
    return r;
}

/* Memory that is never writable and executable at once. */
static int allow_memory(scmp_filter_ctx f) {
    static const uint64_t one[] = { 0, PROT_WRITE, PROT_EXEC };
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof one / sizeof *one; i++) {
        r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, one[i]));
        if (r == 0)
            r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE | PROT_EXEC, one[i]));
    }
    return r;
}

/* Threads, but neither processes nor namespaces. */
static int allow_with_arguments(scmp_filter_ctx f, unsigned may) {
    const unsigned long thread = CLONE_VM | CLONE_THREAD;
    const unsigned long spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
                                 CLONE_NEWCGROUP;
    int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, thread | spaces, thread));
    if (r == 0) r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
    /* its own limits may be read (the C library does at each thread), not those of others */
    if (r == 0) r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(prlimit64), 2, is(0, 0), is(2, 0));
    if (r == 0) r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(prctl), 1, is(0, PR_SET_NAME));
    if (may & SANDBOX_CONNECT) {
        const int family[] = { AF_UNIX, AF_INET, AF_INET6 };
        for (size_t i = 0; r == 0 && i < sizeof family / sizeof *family; i++)
            r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(socket), 1, is(0, (unsigned)family[i]));
        if (r == 0) /* the resolver asks which addresses this host has */
            r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(socket), 2, is(0, AF_NETLINK), is(2, 0));
    }
    if (r == 0) r = seccomp_rule_add(f, SCMP_ACT_ALLOW, CALL(socketpair), 1, is(0, AF_UNIX)); /* within itself */
    if (r == 0) r = allow_own_signals(f);
    if (r == 0) r = allow_memory(f);
    return r;
}

/* Allow-list for a role; for the parent the short list of what is never allowed. */
static int add_rules(scmp_filter_ctx f, unsigned may) {
    if (may & SANDBOX_SPAWN) return RULE(f, SCMP_ACT_ERRNO(EPERM), never_calls);
    int r = ALLOW(f, base_calls);
    if (r == 0 && may & SANDBOX_FILES) r = ALLOW(f, file_calls);
    if (r == 0 && may & SANDBOX_WRITE) r = ALLOW(f, write_calls);
    if (r == 0 && may & SANDBOX_LISTEN) r = ALLOW(f, listen_calls);
    if (r == 0 && may & SANDBOX_CONNECT) r = ALLOW(f, connect_calls);
    return r ? r : allow_with_arguments(f, may);
}

static int fence_calls(const struct sandbox *s, struct err *e) {
    scmp_filter_ctx f = seccomp_init(s->may & SANDBOX_SPAWN ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM));
    if (!f) return err_set(e, ERR_MEMORY, "seccomp");
    int r = add_rules(f, s->may);
    if (r == 0) r = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (r == 0) r = seccomp_load(f);
    seccomp_release(f);
    return r ? err_field(e, ERR_IO, S("seccomp"), "%s", strerror(-r)) : 0;
}

/* ---- paths ---- */

/* Rights that Debian 12's header may not know; the numbers are the kernel's interface (Documentation/userspace-api/landlock). */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

static const uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t file_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

/* Every right over files that this version of the interface knows: what is handled and not given is refused. */
static uint64_t known_rights(long abi) {
    uint64_t all = (1ULL << 13) - 1;
    if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3) all |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return all;
}

static int fence_path(int rules, const struct sandbox_path *p, uint64_t known) {
    int fd = open(p->path, O_PATH | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : -1;
    struct stat st;
    int r = fstat(fd, &st);
    struct landlock_path_beneath_attr rule = { .parent_fd = fd };
    rule.allowed_access = p->write ? known & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE : read_rights;
    if (r == 0 && !S_ISDIR(st.st_mode)) rule.allowed_access &= file_rights;
    if (r == 0) r = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int error = errno;
    (void)close(fd);
    errno = error;
    return r;
}

static int fence_paths(const struct sandbox_path *path, size_t n, unsigned *held, struct err *e) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) return 0; /* not built in, or switched off at boot */
    struct landlock_ruleset_attr attr = { .handled_access_fs = known_rights(abi) };
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
    if (rules < 0) return err_field(e, ERR_IO, S("landlock"), "%s", strerror(errno));
    int r = 0;
    assert(path || n == 0);
    for (size_t i = 0; r == 0 && i < n; i++) r = fence_path(rules, &path[i], attr.handled_access_fs);
    if (r == 0) r = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    if (r < 0) (void)err_field(e, ERR_IO, S("landlock"), "%s", strerror(errno));
    else *held |= SANDBOX_LANDLOCK;
    (void)close(rules);
    return r < 0 ? ERR_IO : 0;
}

/* ---- limits ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOW_MEMORY true
#elif defined(__has_feature)
#define SHADOW_MEMORY (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SHADOW_MEMORY false
#endif

static void set_limit(int which, size_t most) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)which, &now) < 0) return;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
    now.rlim_cur = now.rlim_max = most;
    (void)setrlimit((__rlimit_resource_t)which, &now); /* only ever lowered, which is always allowed */
}

/* What root may beyond a user, given away: a role that keeps root's user (a data folder that others cannot reach) lives by its files' owner
 * alone. The parent keeps what it gives folders and users away with. */
static int drop_capabilities(bool parent, struct err *e) {
    static const unsigned kept[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_SETGID, CAP_SETUID };
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct now[_LINUX_CAPABILITY_U32S_3] = { 0 }, set[_LINUX_CAPABILITY_U32S_3] = { 0 };
    long r = syscall(SYS_capget, &head, now);
    for (size_t i = 0; parent && i < sizeof kept / sizeof *kept; i++) {
        uint32_t bit = UINT32_C(1) << (kept[i] % 32);
        set[kept[i] / 32].permitted |= bit & now[kept[i] / 32].permitted;
        set[kept[i] / 32].effective |= bit & now[kept[i] / 32].permitted;
    }
    if (r == 0) r = syscall(SYS_capset, &head, set);
    return r < 0 ? err_field(e, ERR_IO, S("capabilities"), "%s", strerror(errno)) : 0;
}

int sandbox_enter(const struct sandbox *s, const struct sandbox_path *path, size_t n, unsigned *held, struct err *e) {
    *held = 0;
    if (s->memory_bytes && !SHADOW_MEMORY) set_limit(RLIMIT_AS, s->memory_bytes);
    if (s->files) set_limit(RLIMIT_NOFILE, s->files);
    if (s->may & SANDBOX_SECRET) {
        set_limit(RLIMIT_CORE, 0);
        if (prctl(PR_SET_DUMPABLE, 0) < 0) return err_field(e, ERR_IO, S("dumpable"), "%s", strerror(errno));
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return err_field(e, ERR_IO, S("no_new_privs"), "%s", strerror(errno));
    bool parent = s->may & SANDBOX_SPAWN;
    int r = drop_capabilities(parent, e);
    if (r == 0 && !parent) r = fence_paths(s->may & SANDBOX_FILES ? path : NULL, s->may & SANDBOX_FILES ? n : 0, held, e);
    if (r == 0) r = fence_calls(s, e);
    if (r == 0) *held |= SANDBOX_SECCOMP;
    return r;
}
