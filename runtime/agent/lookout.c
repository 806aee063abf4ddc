/* Where the time goes, seen from outside the interpreter.

   A thread of Python that samples must first get the interpreter, and gets it where the program
   gives it up: its samples fall on reads, writes and jumps, never inside what holds the interpreter.
   This thread holds nothing. It reads thread states and frames while they change, as a debugger
   would, through process_vm_readv: an address that is gone is an error, not a crash. A code object
   is only ever an address here; the agent knows which of them are the user's.

   A thread that holds the interpreter runs Python, or C code where looks at once, after 50 and after
   100 us find its frame as it was to the byte: one instruction that takes so long is a call into C.
   A thread that does not hold it runs C code where its processor time advances between the looks,
   and waits otherwise: for input, a lock, or the interpreter. Of a thread that has work and no
   processor a look says nothing. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE_MODULE 1
#include <Python.h>
#include "internal/pycore_frame.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_runtime.h"

#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "lookout.h"

#define THREADS 256       /* looked at in one look; further ones are left out */
#define FRAMES 200        /* walked in one stack */
#define ENTRIES 1024      /* different stacks between two takings; a power of two */
#define CHUNK 16384       /* bytes of a thread's frames that are read at once */
#define TRIES 8           /* to read a stack that changes meanwhile */
#define SAME 576          /* bytes of a frame that are compared */
#define APART_NS 50000L
#define RUNNING_NS 20000L /* processor time between two looks that says a thread runs */
#define LONGEST_S 0.1
#define LEAST_BUSY 0.1    /* a program that uses less of a processor does not miss what looks take */
#define LATELY 0.1        /* how much the last look weighs in how busy the program is */
#define UNKNOWN -1
#define FIRST_LOOKS 50      /* a short program is seen as well, whatever the machine */
#define IDLE_LOOKS 100      /* after so many in which nothing ran, looks come more rarely */
#define IDLE_FACTOR 5

typedef struct {
    uint64_t hash;
    double weight; /* 0 where the entry is free */
    int state, depth;
    void *codes[SS_DEEPEST];
} Entry;

typedef struct { /* what was seen of a thread in the last look */
    unsigned long id;
    long long cpu;
    int entry; /* where its stack is counted as waiting, or -1 */
} Last;

typedef struct { /* one thread in the present look */
    PyThreadState *at;
    unsigned long id;
    long number;
    long long cpu;
    void *chunk, *top, *cframe;
    struct _PyInterpreterFrame *frame;
    int state, moved, entry, depth;
    void *codes[SS_DEEPEST];
} Seen;

static Entry *entries = NULL;
static int used = 0;
static Last last[THREADS];
static int lasts = 0;
static Seen seen[THREADS];
static char chunk[CHUNK];
static char *chunk_at = NULL;
static size_t chunk_size = 0;

static pthread_t thread;
static volatile int running = 0, stopping = 0;
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER, waking = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake;
static double interval_s, budget;
static long agent;
static pid_t process;
static PyInterpreterState *interpreter;
static volatile long long looks = 0;
static volatile double spent_s = 0, spent_before_s = 0;

static long long clock_ns(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) < 0) return -1;
    return (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* The kernel's clock of one thread by its number; -1 where it has ended. */
static long long cpu_of(long number) {
    return number > 0 ? clock_ns((clockid_t)((~(unsigned long)number) << 3 | 6)) : -1;
}

static ssize_t copy(void *to, const void *from, size_t size) {
    struct iovec here = {to, size}, there = {(void *)from, size};
    return process_vm_readv(process, &here, 1, &there, 1, 0);
}

/* An address may be any bits, read from a frame that is being made: no sum with it may wrap around. */
static int copy_frame(void *to, char *from, size_t size) {
    uintptr_t offset = (uintptr_t)from - (uintptr_t)chunk_at;
    if (chunk_at != NULL && from >= chunk_at && size <= chunk_size && offset <= chunk_size - size) {
        memcpy(to, chunk + offset, size);
        return 1;
    }
    return from != NULL && copy(to, from, size) == (ssize_t)size;
}

/* One thread state into `one`; the next one of the interpreter, NULL at the end. */
static PyThreadState *read_state(PyThreadState *at, Seen *one) {
    static PyThreadState state;
    if (copy(&state, at, sizeof state) != (ssize_t)sizeof state) return NULL;
    one->at = at;
    one->id = state.thread_id;
    one->number = (long)state.native_thread_id;
    one->chunk = state.datastack_chunk;
    one->top = state.datastack_top;
#if PY_VERSION_HEX >= 0x030D0000
    one->cframe = NULL;
    one->frame = state.current_frame;
#else
    one->cframe = state.cframe;
    one->frame = NULL;
    if (state.cframe != NULL)
        copy(&one->frame, (char *)state.cframe + offsetof(_PyCFrame, current_frame), sizeof(void *));
#endif
    return state.next;
}

static void *code_of(struct _PyInterpreterFrame *frame) {
#if PY_VERSION_HEX >= 0x030D0000
    return frame->owner == FRAME_OWNED_BY_CSTACK ? NULL : (void *)frame->f_executable;
#elif PY_VERSION_HEX >= 0x030C0000
    return frame->owner == FRAME_OWNED_BY_CSTACK ? NULL : (void *)frame->f_code;
#else
    return (void *)frame->f_code;
#endif
}

/* Whether an address holds a code object; what was one once is taken for one. */
static int is_code(void *at) {
    static void *known[4096];
    void **place = &known[((uintptr_t)at >> 4) & 4095];
    PyObject object;
    if (*place == at) return 1;
    if ((uintptr_t)at & 7 || copy(&object, at, sizeof object) != (ssize_t)sizeof object) return 0;
    if (object.ob_type != &PyCode_Type) return 0;
    *place = at;
    return 1;
}

/* The different code objects of a stack, the innermost first. -1 where it is no whole stack, because
   the thread called or returned meanwhile. */
static int walk(Seen *one, void **codes) {
    struct _PyInterpreterFrame frame;
    char *at = (char *)one->frame, *top = one->top, *bottom = one->chunk;
    int depth = 0;
    chunk_at = NULL;
    if (bottom != NULL && top > bottom) {
        if (top - bottom > CHUNK) bottom = top - CHUNK;
        if (copy(chunk, bottom, top - bottom) == top - bottom) {
            chunk_at = bottom;
            chunk_size = top - bottom;
        }
    }
    for (int n = 0; n < FRAMES && depth < SS_DEEPEST && at != NULL; n++) {
        if (!copy_frame(&frame, at, offsetof(struct _PyInterpreterFrame, localsplus))) return -1;
        void *code = code_of(&frame);
        if (code != NULL) {
            if (!is_code(code)) return -1;
            int known = depth - 1;
            while (known >= 0 && codes[known] != code) known--;
            if (known < 0) codes[depth++] = code;
        }
        at = (char *)frame.previous;
    }
    return depth;
}

static int count(int state, void **codes, int depth, double weight) {
    uint64_t hash = 1469598103934665603ULL ^ (uint64_t)state;
    for (int n = 0; n < depth; n++) hash = (hash ^ ((uint64_t)(uintptr_t)codes[n] >> 4)) * 1099511628211ULL;
    int at = (int)((hash ^ hash >> 32) & (ENTRIES - 1));
    while (entries[at].weight && entries[at].hash != hash) at = (at + 1) & (ENTRIES - 1);
    Entry *entry = &entries[at];
    if (!entry->weight) {
        if (used >= ENTRIES * 3 / 4) depth = 0; /* too many: what it was is kept, where it was not */
        if (!depth && used >= ENTRIES - 4) return -1;
        used++;
        entry->hash = hash;
        entry->state = state;
        entry->depth = depth;
        memcpy(entry->codes, codes, depth * sizeof(void *));
    }
    entry->weight += weight;
    return at;
}

/* What a thread that works inside one instruction leaves as it is: who is innermost, and the bytes
   of that frame up to the end of its own stack. 0 where it has gone on already. */
static size_t picture(Seen *one, char *to, size_t size) {
    void *inner[2] = {NULL, NULL};
    struct iovec here[3] = {{&inner[0], sizeof(void *)}, {&inner[1], sizeof(void *)}, {to, size}};
#if PY_VERSION_HEX >= 0x030D0000
    struct iovec there[3] = {{&one->at->current_frame, sizeof(void *)},
                             {&one->at->current_frame, sizeof(void *)},
                             {one->frame, size}};
    void *outer = one->frame;
#else
    struct iovec there[3] = {{&one->at->cframe, sizeof(void *)},
                             {(char *)one->cframe + offsetof(_PyCFrame, current_frame), sizeof(void *)},
                             {one->frame, size}};
    void *outer = one->cframe;
#endif
    ssize_t all = (ssize_t)(size + 2 * sizeof(void *));
    if (process_vm_readv(process, here, 3, there, 3, 0) != all) return 0;
    return inner[0] == outer && inner[1] == (void *)one->frame ? size : 0;
}

static size_t size_of(Seen *one) {
    PyCodeObject code;
    size_t fixed = offsetof(struct _PyInterpreterFrame, localsplus);
    size_t head = offsetof(PyCodeObject, co_code_adaptive);
    if (!one->depth || copy(&code, one->codes[0], head) != (ssize_t)head) return fixed;
    long slots = (long)code.co_nlocalsplus + code.co_stacksize;
    if (slots < 0 || slots > (long)((SAME - fixed) / sizeof(void *)))
        slots = (SAME - fixed) / sizeof(void *);
    return fixed + slots * sizeof(void *);
}

/* Whether a thread has work and only waits for a processor. */
static int runnable(long number) {
    char text[256], path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", number);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) return 0;
    text[size] = 0;
    char *name_end = strrchr(text, ')');
    return name_end != NULL && name_end + 2 < text + size && name_end[2] == 'R';
}

static void pause_ns(long ns) {
    struct timespec t = {0, ns};
    nanosleep(&t, NULL);
}

static Last *last_of(unsigned long id) {
    for (int n = 0; n < lasts; n++)
        if (last[n].id == id) return &last[n];
    return NULL;
}

/* Every thread with a frame: its stack, unless it waits where it waited before. */
static int read_threads(PyThreadState *held, Seen **runs, int *moved) {
    PyThreadState *at = PyInterpreterState_ThreadHead(interpreter);
    int threads = 0;
    *runs = NULL;
    *moved = 0;
    for (int n = 0; at != NULL && threads < THREADS && n < 4 * THREADS; n++) {
        Seen *one = &seen[threads];
        one->number = agent;
        at = read_state(at, one);
        if (one->number == agent || one->frame == NULL || (one->cpu = cpu_of(one->number)) < 0)
            continue;
        Last *before = last_of(one->id);
        one->state = SS_WAITING;
        one->moved = before == NULL || one->cpu != before->cpu;
        one->entry = one->moved ? -1 : before->entry;
        if (one->at == held) {
            *runs = one;
            one->state = SS_PYTHON;
            one->entry = -1;
        } else {
            *moved += one->moved;
        }
        one->depth = one->entry < 0 ? walk(one, one->codes) : 0;
        for (int tries = 0; one->depth < 0 && tries < TRIES; tries++) {
            read_state(one->at, one);
            one->depth = walk(one, one->codes);
        }
        if (one->depth > 0 || one->entry >= 0) threads++;
        else if (*runs == one) *runs = NULL;
    }
    return threads;
}

/* Which threads work in C code: those that hold the interpreter and stay where they are, and those
   that do not hold it and use a processor. */
static void look_again(Seen *runs, int threads, int moved) {
    static char first[SAME], again[SAME];
    size_t size = runs ? picture(runs, first, size_of(runs)) : 0;
    if (size) runs->cpu = cpu_of(runs->number);
    /* Most often it has gone on already, and to sleep would cost as much as the rest of the look. */
    if (!moved && (!size || !picture(runs, again, size) || memcmp(first, again, size))) return;
    pause_ns(APART_NS);
    for (int n = 0; n < threads; n++) {
        Seen *one = &seen[n];
        if (one == runs || !one->moved) continue;
        long long now = cpu_of(one->number);
        if (now - one->cpu >= RUNNING_NS) one->state = SS_NATIVE;
        else if (runnable(one->number)) one->state = UNKNOWN;
        one->cpu = now;
    }
    for (int n = 0; n < 2 && size; n++) {
        if (n) pause_ns(APART_NS);
        if (!picture(runs, again, size) || memcmp(first, again, size)) return;
    }
    if (!size) return;
    /* Where it had no processor meanwhile, this look says nothing of it. */
    runs->state = cpu_of(runs->number) - runs->cpu >= 2 * RUNNING_NS ? SS_NATIVE : UNKNOWN;
}

/* One look, which stands for `weight` intervals; whether a thread was at work. */
static int look(double weight) {
    Seen *runs;
    int moved, busy = 0;
    int threads = read_threads(ss_holder(interpreter), &runs, &moved);
    if (runs || moved) look_again(runs, threads, moved);
    pthread_mutex_lock(&table);
    for (int n = 0; n < threads; n++) {
        Seen *one = &seen[n];
        if (one->state == UNKNOWN) {
            one->entry = -1;
        } else if (one->entry >= 0 && entries[one->entry].weight) {
            entries[one->entry].weight += weight;
        } else {
            one->entry = count(one->state, one->codes, one->depth, weight);
        }
        last[n].id = one->id;
        last[n].cpu = one->cpu;
        last[n].entry = one->state == SS_WAITING ? one->entry : -1;
        busy |= one->state != SS_WAITING;
    }
    lasts = threads;
    looks++;
    pthread_mutex_unlock(&table);
    return busy;
}

/* How much of a processor the program uses, 0.1 to 1: of a program that gets half of one, looks may
   take half as much. */
static double lately_busy(double before, long long *wall, long long *cpu) {
    long long now = clock_ns(CLOCK_MONOTONIC), used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    double share = now > *wall ? (double)(used - *cpu) / (double)(now - *wall) : before;
    *wall = now;
    *cpu = used;
    if (share < LEAST_BUSY) share = LEAST_BUSY;
    if (share > 1.0) share = 1.0;
    return before + LATELY * (share - before);
}

/* Descriptors of its own, of which none is open: what this thread opens would else be, for a moment,
   the lowest number, which a program that has just closed its standard input counts on. A kernel or
   sandbox that refuses it leaves that moment. */
void ss_own_descriptors(void) {
#if defined(SYS_close_range)
    syscall(SYS_close_range, 0U, ~0U, 1U << 1 /* CLOSE_RANGE_UNSHARE */);
#endif
}

static void *body(void *nothing) {
    unsigned int jitter = (unsigned int)clock_ns(CLOCK_MONOTONIC);
    long long idle = 0, begun = looks;
    long long wall = clock_ns(CLOCK_MONOTONIC), cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    double pause_s = interval_s, busy = 1.0;
    struct timespec until;
    (void)nothing;
    ss_own_descriptors();
    prctl(PR_SET_NAME, "selfsame", 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
    pthread_mutex_lock(&waking);
    while (!stopping) {
        pthread_mutex_unlock(&waking);
        idle = look(pause_s / interval_s) ? 0 : idle + 1;
        spent_s = spent_before_s + clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1e9;
        busy = lately_busy(busy, &wall, &cpu);
        pause_s = (spent_s - spent_before_s) / (double)(looks - begun) / (budget * busy);
        if (pause_s < interval_s || looks - begun < FIRST_LOOKS) pause_s = interval_s;
        if (idle > IDLE_LOOKS && pause_s < IDLE_FACTOR * interval_s) pause_s = IDLE_FACTOR * interval_s;
        if (pause_s > LONGEST_S) pause_s = LONGEST_S;
        /* Jittered, so that what the program does in step with it is seen too. */
        jitter = jitter * 1664525u + 1013904223u;
        long long ns = clock_ns(CLOCK_MONOTONIC) +
                       (long long)(pause_s * 1e9 * (0.5 + (jitter >> 16) / 65536.0));
        until.tv_sec = ns / 1000000000LL;
        until.tv_nsec = ns % 1000000000LL;
        pthread_mutex_lock(&waking);
        if (!stopping) pthread_cond_timedwait(&wake, &waking, &until);
    }
    pthread_mutex_unlock(&waking);
    spent_before_s = spent_s;
    return NULL;
}

int ss_looks_start(double interval, double share, long agent_thread) {
    pthread_condattr_t monotonic;
    sigset_t all, before;
    void *probe = NULL;
    if (running) return 0;
    interpreter = PyInterpreterState_Main();
    process = getpid();
    /* Some sandboxes refuse it. */
    if (copy(&probe, &interpreter, sizeof probe) < 0) return errno;
    if (entries == NULL && (entries = calloc(ENTRIES, sizeof(Entry))) == NULL) return ENOMEM;
    interval_s = interval;
    budget = share;
    agent = agent_thread;
    stopping = 0;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's */
    int failed = pthread_create(&thread, NULL, body, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    running = !failed;
    return failed;
}

void ss_looks_stop(void) {
    if (!running) return;
    pthread_mutex_lock(&waking);
    int first = !stopping;
    stopping = 1;
    pthread_cond_signal(&wake);
    pthread_mutex_unlock(&waking);
    if (!first) { /* only one may join it */
        while (running && stopping) usleep(100);
        return;
    }
    pthread_join(thread, NULL);
    running = 0;
}

void ss_looks_forget(void) {
    running = lasts = used = 0;
    looks = 0;
    spent_s = spent_before_s = 0;
    pthread_mutex_init(&table, NULL);
    pthread_mutex_init(&waking, NULL);
    /* Given back, not cleared: to write to it a child would first have to copy it. */
    free(entries);
    entries = NULL;
}

PyObject *ss_looks_take(void) {
    PyObject *found = PyList_New(0);
    if (found == NULL || entries == NULL) return found;
    if (pthread_mutex_trylock(&table)) {
        Py_DECREF(found);
        Py_RETURN_NONE;
    }
    for (int n = 0; n < ENTRIES && found != NULL; n++) {
        Entry *entry = &entries[n];
        if (!entry->weight) continue;
        PyObject *codes = PyTuple_New(entry->depth);
        for (int i = 0; codes != NULL && i < entry->depth; i++) {
            PyObject *code = PyLong_FromVoidPtr(entry->codes[i]);
            if (code == NULL) Py_CLEAR(codes);
            else PyTuple_SET_ITEM(codes, i, code);
        }
        PyObject *row = codes ? Py_BuildValue("idN", entry->state, entry->weight, codes) : NULL;
        if (row == NULL || PyList_Append(found, row) < 0) Py_CLEAR(found);
        Py_XDECREF(row);
        entry->weight = 0;
    }
    used = 0;
    for (int n = 0; n < lasts; n++) last[n].entry = -1;
    pthread_mutex_unlock(&table);
    return found;
}

void ss_looks_cost(long long *count, double *seconds) {
    *count = looks;
    *seconds = spent_s;
}
