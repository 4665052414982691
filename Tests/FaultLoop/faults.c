// Makes one call of one kind fail in a program that runs with this library in LD_PRELOAD.
//
// FAULT_CALL    the kind of call: write, short, fsync, rename, mkdir, unlink or thread
// FAULT_ERROR   the errno of the failure, such as 4 (EINTR), 5 (EIO), 28 (ENOSPC); unused for "short", which writes half
// FAULT_PATH    counts only files whose path contains this text; all files by default
// FAULT_NUMBER  the number of the call of that kind, from 1; 0 for none
// FAULT_LOG     a file that receives a line "hit PATH" for the failure and a line "calls N" at the end
//
// Only writes to regular files are counted, so that logs and pipes are unaffected. C's buffered streams, through which GDAL
// writes, do not call the dynamic write(2), so they are intercepted at fwrite.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char kind[16], log_path[4096], part[256];
static long wanted;
static int failure;
static atomic_long calls;

__attribute__((constructor)) static void configure(void) {
  const char *value;
  if ((value = getenv("FAULT_CALL"))) snprintf(kind, sizeof kind, "%s", value);
  if ((value = getenv("FAULT_LOG"))) snprintf(log_path, sizeof log_path, "%s", value);
  if ((value = getenv("FAULT_PATH"))) snprintf(part, sizeof part, "%s", value);
  if ((value = getenv("FAULT_NUMBER"))) wanted = atol(value);
  if ((value = getenv("FAULT_ERROR"))) failure = atoi(value);
  // Child processes run undisturbed.
  unsetenv("LD_PRELOAD");
}

// Declares `original`, the function of that name in the next library.
#define ORIGINAL(name)                                             \
  static __typeof__(&name) _Atomic original_##name;                \
  __typeof__(&name) original = original_##name;                    \
  if (!original) original_##name = original = dlsym(RTLD_NEXT, #name)

static void report(const char *word, const char *text) {
  if (!*log_path) return;
  int saved = errno;
  int (*open_log)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  ssize_t (*write_log)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  int log = open_log(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log >= 0) {
    char line[4352];
    int length = snprintf(line, sizeof line, "%s %s\n", word, text);
    write_log(log, line, (size_t)length);
    close(log);
  }
  errno = saved;
}

// Returns whether this call is the one to fail, and sets errno if it is.
static int fails(const char *call, const char *path) {
  if (strcmp(kind, call) || !strstr(path, part)) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != wanted) return 0;
  report("hit", path);
  errno = failure;
  return 1;
}

static const char *path_of(int file, char *buffer, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, buffer, size - 1);
  buffer[length < 0 ? 0 : length] = 0;
  return buffer;
}

// Returns whether a write to this file counts as a call of this kind and is the one to fail.
static int fails_at(const char *call, int file) {
  if (strcmp(kind, call)) return 0;
  struct stat status;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  char path[4096];
  return fails(call, path_of(file, path, sizeof path));
}

ssize_t write(int file, const void *bytes, size_t size) {
  ORIGINAL(write);
  if (fails_at("write", file)) return -1;
  return original(file, bytes, size > 1 && fails_at("short", file) ? size / 2 : size);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
  ORIGINAL(pwrite);
  if (fails_at("write", file)) return -1;
  return original(file, bytes, size > 1 && fails_at("short", file) ? size / 2 : size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset) {
  ORIGINAL(pwrite64);
  if (fails_at("write", file)) return -1;
  return original(file, bytes, size > 1 && fails_at("short", file) ? size / 2 : size, offset);
}

// A failed write to a stream writes some of the items or none.
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream) {
  ORIGINAL(fwrite);
  if (fails_at("write", fileno(stream))) return 0;
  if (fails_at("short", fileno(stream))) return original(bytes, size, count / 2, stream);
  return original(bytes, size, count, stream);
}

int fflush(FILE *stream) {
  ORIGINAL(fflush);
  if (stream && __fwritable(stream) && fails_at("write", fileno(stream))) return EOF;
  return original(stream);
}

int fclose(FILE *stream) {
  ORIGINAL(fclose);
  if (__fwritable(stream) && fails_at("write", fileno(stream))) {
    int saved = errno;
    original(stream);
    errno = saved;
    return EOF;
  }
  return original(stream);
}

int fsync(int file) {
  ORIGINAL(fsync);
  char path[4096];
  return fails("fsync", path_of(file, path, sizeof path)) ? -1 : original(file);
}

int fdatasync(int file) {
  ORIGINAL(fdatasync);
  char path[4096];
  return fails("fsync", path_of(file, path, sizeof path)) ? -1 : original(file);
}

int rename(const char *from, const char *to) {
  ORIGINAL(rename);
  return fails("rename", to) ? -1 : original(from, to);
}

int mkdir(const char *path, mode_t mode) {
  ORIGINAL(mkdir);
  return fails("mkdir", path) ? -1 : original(path, mode);
}

int unlink(const char *path) {
  ORIGINAL(unlink);
  return fails("unlink", path) ? -1 : original(path);
}

int unlinkat(int folder, const char *path, int flags) {
  ORIGINAL(unlinkat);
  return fails("unlink", path) ? -1 : original(folder, path, flags);
}

int rmdir(const char *path) {
  ORIGINAL(rmdir);
  return fails("unlink", path) ? -1 : original(path);
}

int pthread_create(
  pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  ORIGINAL(pthread_create);
  return fails("thread", "") ? failure : original(thread, attributes, body, argument);
}

__attribute__((destructor)) static void finish(void) {
  char text[32];
  snprintf(text, sizeof text, "%ld", atomic_load(&calls));
  if (*kind) report("calls", text);
}
