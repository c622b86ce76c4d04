// A disk that fails as told: laid over libc by LD_PRELOAD for files of a spool. The file that MW_FAULT names says how, and is looked
// at with every call, so that a fault begins and ends while the process runs: "full" (writes take 100 bytes, then ENOSPC),
// "short" (the same, but a write never says more than how little it took), "eio" (fdatasync fails), "readonly" (EROFS).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static char how(void) {
  const char *path = getenv("MW_FAULT");
  if (path == NULL) return 0;
  int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  ssize_t (*real_read)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
  int file = real_open(path, O_RDONLY);
  if (file < 0) return 0;
  char first = 0;
  if (real_read(file, &first, 1) != 1) first = 0;
  close(file);
  return first;
}

static int is_segment(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 4) return 0;
  path[length] = 0;
  return strcmp(path + length - 4, ".seg") == 0;
}

static ssize_t fail(int code) {
  errno = code;
  return -1;
}

static ssize_t write_some(int file, const void *bytes, size_t count, off_t at) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwrite64");
  char fault = is_segment(file) ? how() : 0;
  if (fault == 'r') return fail(EROFS);
  if (fault == 'f' && count <= 100) return fail(ENOSPC);
  if (fault == 's' && count <= 100) return 0;
  return real(file, bytes, fault == 'f' || fault == 's' ? 100 : count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t at) { return write_some(file, bytes, count, at); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return write_some(file, bytes, count, at); }

int fdatasync(int file) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fdatasync");
  return is_segment(file) && how() == 'e' ? (int)fail(EIO) : real(file);
}

int open64(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (real == NULL) real = dlsym(RTLD_NEXT, "open64");
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  size_t length = strlen(path);
  int segment = length > 4 && strcmp(path + length - 4, ".seg") == 0;
  if (segment && (flags & O_ACCMODE) != O_RDONLY && how() == 'r') return (int)fail(EROFS);
  return real(path, flags, mode);
}
int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return open64(path, flags, mode);
}
