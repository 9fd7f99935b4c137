/* proc: see proc.h. Invariants
 *  1. Every descriptor made here is close-on-exec; only proc_spawn puts one on PROC_CONTROL_FD.
 *  2. A message with more than one descriptor, or cut, is an error, and what came with it is closed.
 */
#include "os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int failed(const char *what, int error, struct err *e) {
    return err_field(e, ERR_IO, str_of(what), "%s", strerror(error));
}

int proc_socketpair(bool packets, int ret[2], struct err *e) {
    if (socketpair(AF_UNIX, (packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0, ret) < 0)
        return failed("socketpair", errno, e);
    return 0;
}

/* Secrets of the shell that started us stay there; sanitizers and fontconfig need what is listed. */
static bool passes(const char *variable) {
    static const char *const prefix[] = { "TONGBAN_", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "HOME=", "TZ=", "PATH=",
                                          "XDG_CACHE_HOME=", "SSL_CERT_FILE=", "SSL_CERT_DIR=" };
    for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++)
        if (strncmp(variable, prefix[i], strlen(prefix[i])) == 0) return true;
    return false;
}

enum { ENVIRONMENT_MAX = 64 };

static void pick_environment(char *ret[ENVIRONMENT_MAX + 1]) {
    /* In a test build with AddressSanitizer, its leak check at exit wants ptrace, which no fence allows. */
    static char no_leak_check[] = "LSAN_OPTIONS=detect_leaks=0";
    size_t n = 0;
    ret[n++] = no_leak_check;
    for (char **v = environ; v && *v && n < ENVIRONMENT_MAX; v++)
        if (passes(*v)) ret[n++] = *v;
    ret[n] = NULL;
}

int proc_spawn(const char *const *argv, int control, pid_t *ret, struct err *e) {
    char *environment[ENVIRONMENT_MAX + 1];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    pick_environment(environment);
    (void)sigemptyset(&none);
    int error = posix_spawn_file_actions_init(&actions);
    if (error) return failed("posix_spawn", error, e);
    if ((error = posix_spawnattr_init(&attributes)) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return failed("posix_spawn", error, e);
    }
    error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, control, PROC_CONTROL_FD); /* clears close-on-exec */
    if (!error) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (!error) error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    union { /* POSIX keeps `char *const *` for old programs; nothing is written through it */
        const char *const *in;
        char *const *out;
    } args = { .in = argv };
    if (!error) error = posix_spawn(ret, "/proc/self/exe", &actions, &attributes, args.out, environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return error ? failed("posix_spawn", error, e) : 0;
}

int proc_reap(pid_t pid, bool kill_first) {
    int status = 0;
    if (kill_first) (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return 1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int proc_signals(int *ret, struct err *e) {
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error) return failed("signals", error, e);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) return failed("signalfd", errno, e);
    *ret = fd;
    return 0;
}

int proc_signal_take(int fd) {
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

void proc_child_of(pid_t parent) {
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1); /* it died before we asked */
}

int proc_send(int fd, const void *bytes, size_t len, int pass_fd, struct err *e) {
    union {
        const void *in;
        void *out;
    } base = { .in = bytes };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec part = { base.out, len };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    if (pass_fd >= 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &pass_fd, sizeof pass_fd);
    }
    ssize_t n;
    do n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)len ? 0 : failed("sendmsg", n < 0 ? errno : EMSGSIZE, e);
}

int proc_recv(int fd, void *bytes, size_t cap, bool wait, size_t *len, int *ret_fd, struct err *e) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    struct iovec part = { bytes, cap };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
    ssize_t n;
    bool reset = false; /* told once, before what the other end said: that is read first, and then the end */
    do n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    while (n < 0 && (errno == EINTR || (errno == ECONNRESET && !reset && (reset = true))));
    if (n < 0 && errno == EAGAIN) return err_set(e, ERR_BUSY, NULL);
    if (n < 0 && errno == ECONNRESET) n = 0;
    if (n < 0) return failed("recvmsg", errno, e);
    int got = -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) memcpy(&got, CMSG_DATA(c), sizeof got);
    if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        proc_close(&got);
        return err_set(e, ERR_PEER, "a message that was cut");
    }
    *len = (size_t)n;
    *ret_fd = got;
    return 0;
}

void proc_close(int *fd) {
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

int proc_give_tree(const char *path, uid_t uid, struct err *e) {
    struct stat st;
    if (lstat(path, &st) < 0) return failed(path, errno, e);
    if (st.st_uid == uid && st.st_gid == uid) return 0;
    char top[PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof top) return failed(path, ENAMETOOLONG, e);
    memcpy(top, path, len + 1);
    char *paths[] = { top, NULL };
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    if (!walk) return failed(path, errno, e);
    int error = 0;
    for (FTSENT *f; !error && (errno = 0, f = fts_read(walk)) != NULL;) {
        if (f->fts_info == FTS_D) continue; /* a directory comes again, after what it holds */
        if (f->fts_info == FTS_DNR || f->fts_info == FTS_ERR || f->fts_info == FTS_NS) error = f->fts_errno;
        else if (lchown(f->fts_accpath, uid, uid) < 0 && errno != ENOENT) error = errno;
    }
    if (!error) error = errno == ENOENT ? 0 : errno;
    (void)fts_close(walk);
    return error ? failed(path, error, e) : 0;
}

bool proc_reachable(const char *path) {
    char whole[PATH_MAX];
    if (!realpath(path, whole)) return false;
    for (char *slash = strrchr(whole, '/'); slash; slash = strrchr(whole, '/')) {
        struct stat st;
        *slash = 0;
        if (stat(slash == whole ? "/" : whole, &st) < 0 || !(st.st_mode & S_IXOTH)) return false;
    }
    return true;
}

static int listen_on(const struct addrinfo *a, struct err *e, struct str address) {
    int one = 1, fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0) return failed("socket", errno, e);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 1024) == 0) return fd;
    int r = err_field(e, errno == EADDRINUSE ? ERR_BUSY : ERR_IO, address, "%s", strerror(errno));
    (void)close(fd);
    return r;
}

int proc_listen(struct str address, int *ret, struct err *e) {
    char host[256], port[8];
    size_t colon = address.len;
    while (colon && address.ptr[colon - 1] != ':') colon--;
    struct str h = str_sub(address, 0, colon ? colon - 1 : 0), p = str_sub(address, colon, address.len);
    if (h.len >= 2 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']') h = str_sub(h, 1, h.len - 2);
    uint64_t number;
    if (!h.len || h.len >= sizeof host || !str_to_u64(p, &number) || number > 65535)
        return err_field(e, ERR_FORMAT, address, "address:port");
    (void)snprintf(host, sizeof host, "%.*s", STR_ARG(h));
    (void)snprintf(port, sizeof port, "%u", (unsigned)number);
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int bad = getaddrinfo(host, port, &hints, &found);
    if (bad) return err_field(e, ERR_FORMAT, address, "%s", gai_strerror(bad));
    int fd = listen_on(found, e, address);
    freeaddrinfo(found);
    if (fd < 0) return fd;
    *ret = fd;
    return 0;
}

struct str proc_place(struct arena *a, const char *path) {
    char host[HOST_NAME_MAX + 1] = "", whole[PATH_MAX];
    (void)gethostname(host, sizeof host - 1);
    return arena_fmt(a, "%s:%s", host, realpath(path, whole) ? whole : path);
}

bool proc_is_root(void) {
    return geteuid() == 0;
}

int proc_drop_to(uid_t uid, struct err *e) {
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
        return err_set(e, ERR_FORBIDDEN, "uid %u: %s", (unsigned)uid, strerror(errno));
    if (setuid(0) == 0) return err_set(e, ERR_DEFECT, "uid %u can become root again", (unsigned)uid);
    return 0;
}
