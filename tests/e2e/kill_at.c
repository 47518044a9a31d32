/* Preloaded (LD_PRELOAD) into a real client or server, so that a test can kill it at a chosen point
 * without a switch in the product: it stands in for the calls that make things durable or send
 * them, counts them, and at the one the test asked for raises SIGKILL, which nothing can catch.
 * Goes to the kernel directly, so that it works beneath a sanitizer's own interceptors too (they
 * are found first and call the next definition, which is this one). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/e2e/kill_control.h"

static BarazaKillControl* control = NULL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void MapControl(void) {
  const char* path = getenv("BARAZA_KILL_CONTROL");
  if (path == NULL) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* mapped = mmap(NULL, sizeof(BarazaKillControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) control = (BarazaKillControl*)mapped;
}

static int IsArmed(void) {
  return control != NULL && __atomic_load_n(&control->armed, __ATOMIC_ACQUIRE) == 1;
}

static int IsInFolder(const char* path) {
  const size_t length = strnlen(control->folder, BARAZA_KILL_PATH_BYTES);
  return length > 0 && strncmp(path, control->folder, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

/* The length of the path that was opened; 0: none. */
static ssize_t PathOf(int fd, char* path, size_t size) {
  char link[64];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, size - 1);
  if (length <= 0) return 0;
  path[length] = '\0';
  return length;
}

static int IsWatchedFile(int fd) {
  char path[4096];
  const ssize_t length = PathOf(fd, path, sizeof(path));
  if (length == 0) return 0;
  if (IsInFolder(path)) return 1;
  const size_t wanted = strnlen(control->path_end, BARAZA_KILL_PATH_BYTES);
  return wanted > 0 && (size_t)length >= wanted &&
         strcmp(path + length - wanted, control->path_end) == 0;
}

/* Takes note that a file's folder was changed. */
static void FolderChanged(const char* file) {
  const char* slash = strrchr(file, '/');
  const size_t length = slash == NULL ? 0 : (size_t)(slash - file);
  if (length == 0 || length >= BARAZA_KILL_PATH_BYTES) return;
  for (int i = 0; i < BARAZA_KILL_FOLDERS; ++i) {
    char* known = control->unsynced[i];
    if (known[0] != '\0' && (strncmp(known, file, length) != 0 || known[length] != '\0')) continue;
    memcpy(known, file, length);
    known[length] = '\0';
    return;
  }
}

static void FolderSynced(int fd) {
  char path[4096];
  if (PathOf(fd, path, sizeof(path)) == 0) return;
  for (int i = 0; i < BARAZA_KILL_FOLDERS; ++i) {
    if (strcmp(control->unsynced[i], path) == 0) control->unsynced[i][0] = '\0';
  }
}

static int IsTcpSocket(int fd) {
  int domain = 0;
  int type = 0;
  socklen_t size = sizeof(domain);
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return 0;
  size = sizeof(type);
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return 0;
  return (domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM;
}

static void Die(uint32_t kind, size_t bytes) {
  control->died_bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
  control->died_at = kind;
  syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

/* Holds the call against the current step. Returns whether to die once the call has returned. */
static int Before(uint32_t kind, size_t bytes) {
  int die_after = 0;
  pthread_mutex_lock(&lock);
  const uint32_t current = control->current;
  if (current < control->steps) {
    BarazaKillStep* step = &control->step[current];
    if ((step->kinds & kind) != 0 && bytes >= step->least_bytes && ++step->seen == step->count) {
      const int last = current + 1 == control->steps;
      if (last && !step->after) Die(kind, bytes);
      if (last) {
        die_after = 1;
      } else if (!step->after) {
        control->current = current + 1;
      } else {
        die_after = -1;
      }
    }
  }
  pthread_mutex_unlock(&lock);
  return die_after;
}

static void After(uint32_t kind, size_t bytes, int die_after) {
  pthread_mutex_lock(&lock);
  if (kind == BARAZA_KILL_WRITE) ++control->writes;
  if (kind == BARAZA_KILL_SYNC) ++control->syncs;
  if (kind == BARAZA_KILL_SEND) ++control->sends;
  if (kind == BARAZA_KILL_NAME) ++control->names;
  if (die_after == 1) Die(kind, bytes);
  if (die_after == -1) ++control->current;
  pthread_mutex_unlock(&lock);
}

static uint32_t KindOfWrite(int fd) {
  if (IsWatchedFile(fd)) return BARAZA_KILL_WRITE;
  return IsTcpSocket(fd) ? BARAZA_KILL_SEND : 0;
}

static size_t BytesOf(const struct iovec* parts, size_t count) {
  size_t bytes = 0;
  for (size_t i = 0; i < count; ++i) bytes += parts[i].iov_len;
  return bytes;
}

/* Runs `call` (an expression giving ssize_t or int) as one of `kind` with so many bytes. */
#define WATCHED(type, kind_expression, size, call) \
  do {                                             \
    if (!IsArmed()) return (type)(call);           \
    const int saved = errno;                       \
    const uint32_t kind = (kind_expression);       \
    errno = saved;                                 \
    if (kind == 0) return (type)(call);            \
    const int die_after = Before(kind, size);      \
    errno = saved;                                 \
    const type result = (type)(call);              \
    const int error = errno;                       \
    After(kind, size, die_after);                  \
    errno = error;                                 \
    return result;                                 \
  } while (0)

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
  WATCHED(ssize_t, IsWatchedFile(fd) ? BARAZA_KILL_WRITE : 0, count,
          syscall(SYS_pwrite64, fd, bytes, count, offset));
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  WATCHED(ssize_t, IsWatchedFile(fd) ? BARAZA_KILL_WRITE : 0, count,
          syscall(SYS_pwrite64, fd, bytes, count, (off64_t)offset));
}

ssize_t write(int fd, const void* bytes, size_t count) {
  WATCHED(ssize_t, KindOfWrite(fd), count, syscall(SYS_write, fd, bytes, count));
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  WATCHED(ssize_t, KindOfWrite(fd), BytesOf(parts, (size_t)count),
          syscall(SYS_writev, fd, parts, count));
}

ssize_t send(int fd, const void* bytes, size_t count, int flags) {
  WATCHED(ssize_t, IsTcpSocket(fd) ? BARAZA_KILL_SEND : 0, count,
          syscall(SYS_sendto, fd, bytes, count, flags, NULL, 0));
}

ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  WATCHED(ssize_t, IsTcpSocket(fd) ? BARAZA_KILL_SEND : 0,
          BytesOf(message->msg_iov, message->msg_iovlen), syscall(SYS_sendmsg, fd, message, flags));
}

int ftruncate64(int fd, off64_t size) {
  WATCHED(int, IsWatchedFile(fd) ? BARAZA_KILL_WRITE : 0, 0, syscall(SYS_ftruncate, fd, size));
}

int ftruncate(int fd, off_t size) {
  WATCHED(int, IsWatchedFile(fd) ? BARAZA_KILL_WRITE : 0, 0,
          syscall(SYS_ftruncate, fd, (off64_t)size));
}

static int Rename(const char* from, const char* to) {
  const int result = (int)syscall(SYS_rename, from, to);
  if (result == 0 && IsArmed() && IsInFolder(to)) FolderChanged(to);
  return result;
}

int rename(const char* from, const char* to) {
  WATCHED(int, IsInFolder(to) ? BARAZA_KILL_NAME : 0, 0, Rename(from, to));
}

int unlink(const char* path) {
  WATCHED(int, IsInFolder(path) ? BARAZA_KILL_NAME : 0, 0, syscall(SYS_unlink, path));
}

static int Remove(const char* path) {
  const int result = (int)syscall(SYS_unlink, path);
  return result != 0 && errno == EISDIR ? (int)syscall(SYS_rmdir, path) : result;
}

int remove(const char* path) {
  WATCHED(int, IsInFolder(path) ? BARAZA_KILL_NAME : 0, 0, Remove(path));
}

static int Sync(int fd) {
  const int result = (int)syscall(SYS_fsync, fd);
  const int error = errno;
  if (result == 0 && IsArmed()) FolderSynced(fd);
  errno = error;
  return result;
}

int fsync(int fd) { WATCHED(int, IsWatchedFile(fd) ? BARAZA_KILL_SYNC : 0, 0, Sync(fd)); }

int fdatasync(int fd) {
  WATCHED(int, IsWatchedFile(fd) ? BARAZA_KILL_SYNC : 0, 0, syscall(SYS_fdatasync, fd));
}
