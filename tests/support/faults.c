/* Faults of a disk, for a process that this is preloaded into (tests/support/faults.rs).
 *
 * It counts the calls that change or sync files whose path contains FAULT_PATH: writes, truncations, syncs, creations of
 * files and folders, and renames. The call FAULT_AT fails once with EIO; with FAULT_KIND=cut the power is cut there
 * instead: what was written and not synced is taken back, and so is what was created or renamed in a folder that was not
 * synced since; then the process ends. At its end the process prints the number of calls on standard error.
 *
 * A number that follows FAULT_PATH in a path stands for FAULT_AT, and each number has a count of its own: so one process
 * can have many faults, one after the other, each in a folder of its own.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { WRITTEN, CREATED, CREATED_FOLDER, RENAMED };

/* A change that a power cut takes back, the newest first. It is durable once the file with this inode is synced: the file
 * itself where bytes were written, the folder where a name was changed. */
struct change {
    struct change *next;
    enum kind kind;
    dev_t device;
    ino_t inode;
    int fd; /* WRITTEN, CREATED: the file, which stays open */
    off_t offset, length; /* WRITTEN */
    size_t size;
    char *bytes; /* WRITTEN: what was replaced */
    char *path, *before; /* CREATED_FOLDER, RENAMED */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct change *changes;
static const char *watched;
static long calls, fault_at;
static int is_cut;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_rename)(const char *, const char *);

/* Other libraries' constructors may call before this one's. */
static void begin(void) {
    if (real_rename)
        return;
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    real_openat = dlsym(RTLD_NEXT, "openat");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    const char *at = getenv("FAULT_AT"), *kind = getenv("FAULT_KIND");
    watched = getenv("FAULT_PATH");
    fault_at = at ? atol(at) : 0;
    is_cut = kind && !strcmp(kind, "cut");
    real_rename = dlsym(RTLD_NEXT, "rename");
}

static void enter(void) {
    pthread_mutex_lock(&lock);
    begin();
}

__attribute__((destructor)) static void report(void) {
    char text[64];
    int length = snprintf(text, sizeof text, "calls %ld\n", calls);
    begin();
    if (real_write(2, text, length) < 0)
        return;
}

static int path_of(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return 1;
}

/* A store's index in shared memory is no file that is kept: a power cut takes all of it. */
static const char *watched_part(const char *path) {
    return watched && !strstr(path, "-shm") ? strstr(path, watched) : NULL;
}

static int is_watched(int fd) {
    char path[4096];
    return path_of(fd, path, sizeof path) && watched_part(path);
}

static void must(int is_done) {
    if (!is_done)
        abort();
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *position) {
    (void)status, (void)kind, (void)position;
    return remove(path);
}

static void take_back(struct change *one) {
    char path[4096];
    switch (one->kind) {
    case WRITTEN:
        must(!one->size || real_pwrite(one->fd, one->bytes, one->size, one->offset) >= 0);
        must(!real_ftruncate(one->fd, one->length));
        break;
    case CREATED: /* under the name that it has now, unless it was removed */
        if (path_of(one->fd, path, sizeof path))
            unlink(path);
        break;
    case CREATED_FOLDER: /* with all that was synced in it: the way to it is lost */
        nftw(one->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        break;
    case RENAMED:
        must(!real_rename(one->path, one->before));
        break;
    }
}

static void cut(void) {
    for (struct change *one = changes; one; one = one->next)
        take_back(one);
    report();
    _exit(9);
}

/* Counts a call on a path; whether it fails. */
static int fails_at(const char *path) {
    static long number = -1;
    const char *part = watched_part(path);
    if (!part)
        return 0;
    part += strlen(watched);
    if (isdigit((unsigned char)*part) && atol(part) != number) {
        fault_at = number = atol(part);
        calls = 0;
    }
    calls++;
    if (calls != fault_at)
        return 0;
    if (is_cut)
        cut();
    errno = EIO;
    return 1;
}

static int fails(int fd) {
    char path[4096];
    return path_of(fd, path, sizeof path) && fails_at(path);
}

/* Remembers a change; NULL when there is nothing to take back later. */
static struct change *add(enum kind kind, const struct stat *synced_by) {
    struct change *one = calloc(1, sizeof *one);
    must(one != NULL);
    one->next = changes;
    one->kind = kind;
    one->device = synced_by->st_dev;
    one->inode = synced_by->st_ino;
    changes = one;
    return one;
}

/* Keeps what a write will replace. */
static void keep(int fd, off_t offset, size_t size) {
    struct stat file;
    if (!is_cut || !is_watched(fd) || fstat(fd, &file))
        return;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    struct change *one = add(WRITTEN, &file);
    /* The descriptor may be for writing only. */
    one->fd = real_openat(AT_FDCWD, link, O_RDWR);
    must(one->fd >= 0);
    one->bytes = malloc(size);
    ssize_t had = size ? pread(one->fd, one->bytes, size, offset) : 0;
    one->offset = offset;
    one->length = file.st_size;
    one->size = had > 0 ? had : 0;
}

/* The folder that a path is in. */
static void folder_of(const char *path, struct stat *folder) {
    char *copy = strdup(path), *end = strrchr(copy, '/');
    must(end != NULL);
    end[end == copy] = 0;
    must(!stat(copy, folder));
    free(copy);
}

/* Remembers a name that was changed. */
static struct change *named(enum kind kind, const char *path) {
    if (!is_cut || !watched_part(path))
        return NULL;
    struct stat folder;
    folder_of(path, &folder);
    struct change *one = add(kind, &folder);
    one->path = strdup(path);
    return one;
}

/* What was changed stays, once it is synced. Descriptors are not closed: that would release locks. */
static void settle(int fd) {
    struct stat file;
    if (!is_cut || fstat(fd, &file))
        return;
    for (struct change **place = &changes; *place;) {
        struct change *one = *place;
        if (one->device == file.st_dev && one->inode == file.st_ino)
            *place = one->next;
        else
            place = &one->next;
    }
}

ssize_t write(int fd, const void *bytes, size_t size) {
    enter();
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
    enter();
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
    enter();
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

static int sync_with(int (*sync)(int), int fd) {
    int done = fails(fd) ? -1 : sync(fd);
    if (!done)
        settle(fd);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) {
    enter();
    return sync_with(real_fsync, fd);
}

int fdatasync(int fd) {
    enter();
    return sync_with(real_fdatasync, fd);
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
    struct stat before;
    enter();
    int creates = flags & O_CREAT && watched_part(path) && stat(path, &before);
    int truncates = !creates && flags & O_TRUNC && watched_part(path);
    int fd = -1;
    if (!(creates || truncates) || !fails_at(path)) {
        /* It is truncated once it is kept. */
        fd = real_openat(folder, path, truncates ? flags & ~O_TRUNC : flags, mode);
        if (fd >= 0 && creates) {
            struct change *one = named(CREATED, path);
            if (one)
                one->fd = dup(fd);
        }
        if (fd >= 0 && truncates) {
            struct stat file;
            must(!fstat(fd, &file));
            keep(fd, 0, file.st_size);
            must(!real_ftruncate(fd, 0));
        }
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

/* The mode is given where a file may be created. */
#define OPEN(folder)                                                                                                     \
    va_list arguments;                                                                                                   \
    va_start(arguments, flags);                                                                                          \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;                                         \
    va_end(arguments);                                                                                                   \
    return open_at(folder, path, flags, mode);

int open(const char *path, int flags, ...) {
    OPEN(AT_FDCWD)
}

int open64(const char *path, int flags, ...) {
    OPEN(AT_FDCWD)
}

int openat(int folder, const char *path, int flags, ...) {
    OPEN(folder)
}

int openat64(int folder, const char *path, int flags, ...) {
    OPEN(folder)
}

int mkdir(const char *path, mode_t mode) {
    enter();
    int done = fails_at(path) ? -1 : real_mkdir(path, mode);
    if (!done)
        named(CREATED_FOLDER, path);
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *before, const char *path) {
    struct stat there;
    enter();
    int done = -1;
    if (!fails_at(path)) {
        /* What it replaces could not be brought back. */
        must(!is_cut || !watched_part(path) || stat(path, &there));
        done = real_rename(before, path);
        struct change *one = done ? NULL : named(RENAMED, path);
        if (one)
            one->before = strdup(before);
    }
    pthread_mutex_unlock(&lock);
    return done;
}
