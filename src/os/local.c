/* local: see local.h. Paths go by way of the folder's descriptor (/proc/self/fd): a socket's address has room for 107 bytes only,
 * and the folder that was locked is the folder that is used.
 */
#include "os/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAITING_MAX = 16 };

static int failed(const char *what, struct err *e) {
    int error = errno;
    int code = error == ENOENT || error == ENOTDIR ? ERR_NOT_FOUND : error == EACCES || error == EPERM ? ERR_FORBIDDEN : ERR_IO;
    return err_field(e, code, str_of(what), "%s", strerror(error));
}

int local_lock(const char *dir, int *ret_dir, struct err *e) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed(dir, e);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = errno == EWOULDBLOCK ? err_field(e, ERR_BUSY, str_of(dir), "another process has it") : failed(dir, e);
        (void)close(fd);
        return r;
    }
    *ret_dir = fd;
    return 0;
}

static void address_of(int dir, const char *name, struct sockaddr_un *ret) {
    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    (void)snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d/%s", dir, name);
}

/* Not even for a moment connectable by others: nobody can connect before listen. */
static int bind_listen(int fd, int dir, const char *name, const struct sockaddr_un *at) {
    if (bind(fd, (const struct sockaddr *)at, sizeof *at) < 0) return -1;
    if (fchmodat(dir, name, 0600, 0) < 0) return -1;
    return listen(fd, WAITING_MAX);
}

int local_listen(int dir, const char *name, int *ret, struct err *e) {
    struct sockaddr_un at;
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISSOCK(st.st_mode)) return err_field(e, ERR_STATE, str_of(name), "not a socket");
        if (unlinkat(dir, name, 0) < 0) return failed(name, e);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return failed(name, e);
    address_of(dir, name, &at);
    if (bind_listen(fd, dir, name, &at) < 0) {
        int r = failed(name, e);
        (void)close(fd);
        return r;
    }
    *ret = fd;
    return 0;
}

void local_remove(int dir, const char *name) {
    (void)unlinkat(dir, name, 0);
}

int local_connect(const char *dir, const char *name, int *ret, struct err *e) {
    struct sockaddr_un at;
    int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return failed(dir, e);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r = fd < 0 ? -1 : 0;
    address_of(folder, name, &at);
    if (r == 0) r = connect(fd, (const struct sockaddr *)&at, sizeof at);
    if (r < 0) {
        r = errno == ECONNREFUSED ? err_field(e, ERR_NOT_FOUND, str_of(name), "nobody listens") : failed(name, e);
        if (fd >= 0) (void)close(fd);
    } else *ret = fd;
    (void)close(folder);
    return r;
}

int local_accept(int listening, int64_t timeout_ms) {
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    const struct timeval t = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
    if (fd < 0) return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
    return fd;
}

bool local_peer(int fd, uid_t *uid) {
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || len != sizeof who) return false;
    *uid = who.uid;
    return true;
}

bool local_peer_may(uid_t uid) {
    return uid == 0 || uid == geteuid();
}
