/*
 * Comes before libc (LD_PRELOAD) and makes the disk under one folder fail.
 *
 *   FAULT_UNDER   the folder: calls on files below it are numbered from 1
 *   FAULT_AT      the first call that it happens to
 *   FAULT_FOR     to how many calls from there on; 1 if left out, 0 for all
 *   FAULT_CALLS   "all" (writes, syncs, truncations, renames, removals), "sync" or "write"
 *   FAULT_HOW     kill-before, kill-after, eio, enospc
 *   FAULT_FLAG    a file: while it is there every call fails, instead of FAULT_AT and FAULT_FOR
 *   FAULT_COUNT   a file that the number of calls is written to after each
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, SYNC, OTHER };

static const char *under, *how, *calls, *flag;
static long at, span, calls_made;
static int count_fd = -1;

__attribute__((constructor)) static void begin(void) {
  const char *count = getenv("FAULT_COUNT"), *for_ = getenv("FAULT_FOR"), *at_ = getenv("FAULT_AT");
  under = getenv("FAULT_UNDER");
  how = getenv("FAULT_HOW");
  calls = getenv("FAULT_CALLS");
  flag = getenv("FAULT_FLAG");
  at = at_ ? atol(at_) : 0;
  span = for_ ? atol(for_) : 1;
  if (count) count_fd = syscall(SYS_openat, AT_FDCWD, count, O_WRONLY | O_CREAT, 0600);
}

static int is_under(const char *path) {
  return under && path && strncmp(path, under, strlen(under)) == 0;
}

static int fd_is_under(int fd) {
  char link[64], path[4096];
  if (!under) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_under(path);
}

/* 0: go on; 1: fail with errno; 2: die when it is done. */
static int fate(enum kind kind) {
  int mine = !calls || !strcmp(calls, "all") || (!strcmp(calls, "sync") && kind == SYNC) ||
             (!strcmp(calls, "write") && kind == WRITE);
  if (!mine) return 0;
  long number = __atomic_add_fetch(&calls_made, 1, __ATOMIC_SEQ_CST);
  if (count_fd >= 0) {
    char text[24];
    int length = snprintf(text, sizeof text, "%ld\n", number);
    syscall(SYS_pwrite64, count_fd, text, length, 0);
  }
  int hit = flag ? syscall(SYS_faccessat, AT_FDCWD, flag, F_OK) == 0
                 : at > 0 && number >= at && (span == 0 || number < at + span);
  if (!hit || !how) return 0;
  if (!strcmp(how, "kill-before")) syscall(SYS_kill, getpid(), SIGKILL);
  if (!strcmp(how, "kill-after")) return 2;
  errno = !strcmp(how, "enospc") ? ENOSPC : EIO;
  /* A full disk still syncs what it has, and gives room back. */
  return errno == ENOSPC && kind != WRITE ? 0 : 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FATED(kind, is_mine, call, type)            \
  do {                                              \
    int what = (is_mine) ? fate(kind) : 0;          \
    if (what == 1) return -1;                       \
    type result = call;                             \
    if (what == 2) syscall(SYS_kill, getpid(), SIGKILL); \
    return result;                                  \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t size) {
  FATED(WRITE, fd_is_under(fd), syscall(SYS_write, fd, bytes, size), ssize_t);
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
  FATED(WRITE, fd_is_under(fd), syscall(SYS_pwrite64, fd, bytes, size, offset), ssize_t);
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
  FATED(WRITE, fd_is_under(fd), syscall(SYS_pwrite64, fd, bytes, size, offset), ssize_t);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  FATED(WRITE, fd_is_under(fd), syscall(SYS_writev, fd, parts, count), ssize_t);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  FATED(WRITE, fd_is_under(fd), REAL(pwritev64)(fd, parts, count, offset), ssize_t);
}
int fsync(int fd) { FATED(SYNC, fd_is_under(fd), syscall(SYS_fsync, fd), int); }
int fdatasync(int fd) { FATED(SYNC, fd_is_under(fd), syscall(SYS_fdatasync, fd), int); }
int ftruncate(int fd, off_t size) { FATED(OTHER, fd_is_under(fd), syscall(SYS_ftruncate, fd, size), int); }
int ftruncate64(int fd, off64_t size) { FATED(OTHER, fd_is_under(fd), syscall(SYS_ftruncate, fd, size), int); }
int unlink(const char *path) { FATED(OTHER, is_under(path), REAL(unlink)(path), int); }
int rename(const char *from, const char *to) { FATED(OTHER, is_under(to), REAL(rename)(from, to), int); }
