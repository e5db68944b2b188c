/* A wall clock that is ahead by what a file says, for the process that has this library in LD_PRELOAD.
 *
 * STEPPED_CLOCK names a file of eight bytes, seconds as int64; who writes to it steps the clock of all that run. The
 * monotonic clock and all waiting stay as they are. (libfaketime 0.9.10 with FAKETIME_DONT_FAKE_MONOTONIC=1 makes each
 * clock_nanosleep fail with EINVAL, and with that each time.sleep of Python 3.11.)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const volatile int64_t nothing = 0;
static const volatile int64_t *ahead_s = &nothing;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("STEPPED_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED)
        ahead_s = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!real_clock_gettime) /* another library's constructor came first */
        real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real_clock_gettime(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += *ahead_s;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec told;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &told))
        return -1;
    now->tv_sec = told.tv_sec;
    now->tv_usec = told.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now)
{
    struct timespec told;
    clock_gettime(CLOCK_REALTIME_COARSE, &told);
    if (now)
        *now = told.tv_sec;
    return told.tv_sec;
}
