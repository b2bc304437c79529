/* Faults of a disk, for a process that this is preloaded into (tests/store/disk_faults.rs).
 *
 * It counts the calls that change or sync the files of a store. The call FAULT_AT fails once with EIO; with FAULT_KIND=cut
 * the power is cut there instead: what was written and not synced is taken back, and the process ends. At its end the
 * process prints the number of calls on standard error.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a write has replaced, the newest first. */
struct undo {
    struct undo *next;
    dev_t device;
    ino_t inode;
    int fd; /* a duplicate that stays open */
    off_t offset, length;
    size_t size;
    char bytes[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct undo *undone;
static long calls, fault_at;
static int is_cut;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    const char *at = getenv("FAULT_AT"), *kind = getenv("FAULT_KIND");
    fault_at = at ? atol(at) : 0;
    is_cut = kind && !strcmp(kind, "cut");
}

__attribute__((destructor)) static void report(void) {
    char text[64];
    int length = snprintf(text, sizeof text, "calls %ld\n", calls);
    if (real_write(2, text, length) < 0)
        return;
}

/* Whether it is a file of a store; its index in shared memory is none, and a power cut takes all of it. */
static int is_watched(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return strstr(path, "/records.db") && !strstr(path, "-shm");
}

static void cut(void) {
    for (struct undo *one = undone; one; one = one->next) {
        if (one->size && real_pwrite(one->fd, one->bytes, one->size, one->offset) < 0)
            abort();
        if (real_ftruncate(one->fd, one->length))
            abort();
    }
    report();
    _exit(9);
}

/* Counts a call; whether it fails. */
static int fails(int fd) {
    if (!is_watched(fd))
        return 0;
    calls++;
    if (calls != fault_at)
        return 0;
    if (is_cut)
        cut();
    errno = EIO;
    return 1;
}

/* Keeps what a change will replace. */
static void keep(int fd, off_t offset, size_t size) {
    struct stat file;
    if (!is_cut || !is_watched(fd) || fstat(fd, &file))
        return;
    struct undo *one = malloc(sizeof *one + size);
    ssize_t had = pread(fd, one->bytes, size, offset);
    *one = (struct undo){undone, file.st_dev, file.st_ino, dup(fd), offset, file.st_size, had > 0 ? had : 0};
    undone = one;
}

/* What was written to a file stays, once it is synced. Descriptors are not closed: that would release locks. */
static void settle(int fd) {
    struct stat file;
    if (!is_cut || fstat(fd, &file))
        return;
    for (struct undo **place = &undone; *place;) {
        struct undo *one = *place;
        if (one->device == file.st_dev && one->inode == file.st_ino)
            *place = one->next;
        else
            place = &one->next;
    }
}

ssize_t write(int fd, const void *bytes, size_t size) {
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    if (!fails(fd)) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        if (offset >= 0)
            keep(fd, offset, size);
        done = real_write(fd, bytes, size);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    if (!fails(fd)) {
        keep(fd, offset, size);
        done = real_pwrite(fd, bytes, size, offset);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    return pwrite(fd, bytes, size, offset);
}

int ftruncate(int fd, off_t length) {
    pthread_mutex_lock(&lock);
    int done = -1;
    if (!fails(fd)) {
        struct stat file;
        if (!fstat(fd, &file) && file.st_size > length)
            keep(fd, length, file.st_size - length);
        else
            keep(fd, 0, 0);
        done = real_ftruncate(fd, length);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int fd, off64_t length) {
    return ftruncate(fd, length);
}

int fsync(int fd) {
    pthread_mutex_lock(&lock);
    int done = fails(fd) ? -1 : real_fsync(fd);
    if (!done)
        settle(fd);
    pthread_mutex_unlock(&lock);
    return done;
}

int fdatasync(int fd) {
    pthread_mutex_lock(&lock);
    int done = fails(fd) ? -1 : real_fdatasync(fd);
    if (!done)
        settle(fd);
    pthread_mutex_unlock(&lock);
    return done;
}
