"""The C helpers for numbers and text: each is Python's own result, or a deopt.

A helper for numbers that cannot give Python's result notes it in ``sf_failed`` and returns zero;
loops, calls and the end look there, and nothing that was computed in between is used. Other helpers
raise. The wrapper turns all exceptions but those of a signal handler into the sentinel, and the
original runs. The note is only there while this thread holds the interpreter: before another gets
its turn it is looked at.
"""

LEAVING_C = r"""
/* Cython makes a frame for each function that an exception leaves. Nobody is to see these, and they take
   most of the time of a raise; but some traceback an exception must have, which is made here once. */
static PyFrameObject *sf_left(void) {
    static PyObject *once = NULL;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!once) {
        PyCodeObject *code = PyCode_NewEmpty("", "", 1);
        PyObject *names = PyDict_New();
        PyFrameObject *frame = code && names ? PyFrame_New(PyThreadState_Get(), code, names, NULL) : NULL;
        if (frame)
            once = PyObject_CallFunction((PyObject *)&PyTraceBack_Type, "OOii", Py_None, frame, 0, 1);
        Py_XDECREF(code); Py_XDECREF(names); Py_XDECREF(frame);
        PyErr_Clear();
    }
    if (!traceback) traceback = Py_XNewRef(once);
    PyErr_Restore(type, value, traceback);
    return NULL;
}
#define PyFrame_New(...) sf_left()
"""

NUMBERS_C = r"""
#include <math.h>
#include <errno.h>
#include <limits.h>
#include <time.h>
#if !defined(_WIN32)
#include <pthread.h>
#endif
#define SF_2_53 9007199254740992LL

static int sf_signal = 0;

static int sf_failed = 0;

/* Always the same exception: nothing of the user's sees it. */
static Py_NO_INLINE int sf_deopt(void) {
    static PyObject *left = NULL;
    if (!left && !(left = PyObject_CallNoArgs(PyExc_RuntimeError))) return -1;
    PyErr_Restore(Py_NewRef(PyExc_RuntimeError), Py_NewRef(left), NULL);
    return -1;
}
static inline int sf_bad(void) { sf_failed = 1; return 0; }
static inline double sf_badf(void) { sf_failed = 1; return 0.0; }
/* Whether all went well so far. */
static inline int sf_sound(void) { return sf_failed ? sf_deopt() : 0; }

/* Whether a call that failed is still on its way out: what collects garbage may call again meanwhile. */
static inline int sf_within(void) { return sf_failed; }
/* The exception that the text has raised, or its class, on its way to a handler for it. */
static PyObject *sf_raised = NULL;
/* Whether the exception that is set came from a signal handler. It is reset. */
static int sf_interrupted(void) {
    int r = sf_signal;
    sf_signal = sf_failed = 0;
    Py_CLEAR(sf_raised);
    return r;
}

/* How far down the stack of the thread that runs may be used, so that what is called last has room;
   NULL where that is not known. */
static char *sf_stack_low = NULL;

/* Signals, and other threads' turn: the loop would hold both up. A thread that waits for its turn
   asks for it only after a whole switch interval (5 ms) without a release, and one that has not
   asked loses the race for the lock: so releases are further apart than that. */
static Py_NO_INLINE int sf_poll(void) {
    static long long last = 0;
    char *low = sf_stack_low;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long at = now.tv_sec * 1000000000LL + now.tv_nsec;
    if (at - last > 6000000) {
        PyEval_RestoreThread(PyEval_SaveThread());
        last = at;
    }
    if (PyErr_CheckSignals() < 0) { sf_signal = 1; return -1; }
    sf_stack_low = low;
    return 0;
}
static inline int sf_tick(unsigned *ticks) {
    if (sf_failed) return sf_deopt();
    return ((++*ticks & 0xFFFFu) == 0) ? sf_poll() : 0;
}

/* A call is declined past every handler of the user's that is compiled: those catch errors only. */
static Py_NO_INLINE int sf_depart(void) { PyErr_SetNone(PyExc_SystemExit); return -1; }
/* By a name that is interned: CPython's cache of what classes have keeps each text that it is asked by. */
static PyObject *sf_attr(PyObject *o, const char *name) {
    PyObject *key = PyUnicode_InternFromString(name), *found = key ? PyObject_GetAttr(o, key) : NULL;
    Py_XDECREF(key);
    return found;
}
static PyObject *sf_by_name(PyObject *o, const char *name, PyObject *given) {
    PyObject *key = PyUnicode_InternFromString(name), *found = NULL;
    if (key) found = given ? PyObject_CallMethodOneArg(o, key, given) : PyObject_CallMethodNoArgs(o, key);
    Py_XDECREF(key);
    return found;
}
/* Whether going over an instance may use it up: its class, in Python, has a way of its own. */
static int sf_in_python(PyTypeObject *type, const char *name) {
    PyObject *goes = sf_attr((PyObject *)type, name);
    if (goes == NULL) { PyErr_Clear(); return -1; }
    int found = 0;
    if (PyFunction_Check(goes)) {
        PyObject *module = ((PyFunctionObject *)goes)->func_module;
        const char *text = module && PyUnicode_Check(module) ? PyUnicode_AsUTF8(module) : NULL;
        if (text == NULL) PyErr_Clear();
        found = text && !strcmp(text, "_collections_abc") ? -1
            : !(text && (!strcmp(text, "collections") || !strcmp(text, "enum")));
    }
    Py_DECREF(goes);
    return found;
}
static Py_NO_INLINE int sf_used_up(PyTypeObject *type) {
    int found = sf_in_python(type, "__iter__");
    return (found < 0 ? sf_in_python(type, "__getitem__") : found) > 0;
}
static inline PyObject *sf_whole(PyObject *o) {
    PyTypeObject *type = Py_TYPE(o);
    if (type->tp_iternext != NULL
        || (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && sf_used_up(type))) {
        sf_depart();
        return NULL;
    }
    Py_INCREF(o);
    return o;
}

static Py_NO_INLINE char *sf_stack_of_thread(void) {
    char *low = NULL;
    size_t size = 0;
#if defined(__linux__)
    pthread_attr_t attributes;
    void *start;
    if (!pthread_getattr_np(pthread_self(), &attributes)) {
        if (!pthread_attr_getstack(&attributes, &start, &size)) low = (char *)start;
        pthread_attr_destroy(&attributes);
    }
#elif defined(__APPLE__)
    size = pthread_get_stacksize_np(pthread_self());
    low = (char *)pthread_get_stackaddr_np(pthread_self()) - size;
#endif
    return low ? low + (size < (1 << 20) ? size / 4 : 1 << 18) : NULL;
}

/* A call of a compiled function by itself counts as the frame that it saves. */
#if PY_VERSION_HEX >= 0x030C0000
#define SF_REMAINING py_recursion_remaining
#else
#define SF_REMAINING recursion_remaining
#endif
static inline int sf_deeper(void) {
    PyThreadState *state = PyThreadState_Get();
    if (state->SF_REMAINING <= 1) return 0;
    state->SF_REMAINING--;
    return 1;
}
static inline void sf_shallower(void) { PyThreadState_Get()->SF_REMAINING++; }
/* Whether a function's code, now, tries this compiled function first. */
static int sf_runs(PyObject *function, PyObject *compiled) {
    if (!PyFunction_Check(function)) return 0;
    PyObject *constants = ((PyCodeObject *)PyFunction_GET_CODE(function))->co_consts;
    for (Py_ssize_t i = PyTuple_GET_SIZE(constants); i-- > 0;)
        if (PyTuple_GET_ITEM(constants, i) == compiled) return 1;
    return 0;
}

/* How many more calls the interpreter would allow, bounded by what most C stacks bear. */
static long sf_depth(void) {
    static __thread int looked = 0;
    static __thread char *low;
    PyThreadState *state = PyThreadState_Get();
    if (!looked) { low = sf_stack_of_thread(); looked = 1; }
    sf_stack_low = low;
    long left = state->SF_REMAINING;
    return left < 4000 ? left : 4000;
}
static inline int sf_enter(long depth) {
    static unsigned calls = 0;
    if (depth < 0 || sf_failed || (char *)__builtin_frame_address(0) < sf_stack_low) return sf_deopt();
    return ((++calls & 0xFFFFu) == 0) ? sf_poll() : 0;
}

static Py_NO_INLINE long long sf_long_of(PyObject *o) {
    int overflow;
    long long r = PyLong_AsLongLongAndOverflow(o, &overflow);
    return overflow ? sf_bad() : r;
}
/* Most ints have one digit. */
static inline long long sf_int_of(PyObject *o) {
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)o))
        return PyUnstable_Long_CompactValue((PyLongObject *)o);
#else
    Py_ssize_t n = Py_SIZE(o);
    if (n >= -1 && n <= 1) return n * (long long)((PyLongObject *)o)->ob_digit[0];
#endif
    return sf_long_of(o);
}
static inline long long sf_exact_int(PyObject *o) {
    return PyLong_CheckExact(o) ? sf_int_of(o) : sf_bad();
}
static inline double sf_exact_float(PyObject *o) {
    return PyFloat_CheckExact(o) ? PyFloat_AS_DOUBLE(o) : sf_badf();
}
static inline int sf_exact_bool(PyObject *o) {
    return o == Py_True ? 1 : o == Py_False ? 0 : sf_bad();
}

static inline long long sf_add(long long a, long long b) {
    long long r; return __builtin_add_overflow(a, b, &r) ? sf_bad() : r;
}
static inline long long sf_sub(long long a, long long b) {
    long long r; return __builtin_sub_overflow(a, b, &r) ? sf_bad() : r;
}
static inline long long sf_mul(long long a, long long b) {
    long long r; return __builtin_mul_overflow(a, b, &r) ? sf_bad() : r;
}
static inline long long sf_neg(long long a) { return a == LLONG_MIN ? sf_bad() : -a; }
static inline long long sf_abs(long long a) { return a < 0 ? sf_neg(a) : a; }
static inline long long sf_floordiv(long long a, long long b) {
    long long q;
    if (b == 0 || (b == -1 && a == LLONG_MIN)) return sf_bad();
    q = a / b;
    return q - ((a % b != 0) & ((a ^ b) < 0));
}
static inline long long sf_mod(long long a, long long b) {
    long long r;
    if (b == 0 || (b == -1 && a == LLONG_MIN)) return sf_bad();
    r = a % b;
    return (r != 0 && (r ^ b) < 0) ? r + b : r;
}
/* Within 2**53 both convert exactly, so that one rounding of the quotient is Python's. */
static inline double sf_truediv(long long a, long long b) {
    if (b == 0 || a > SF_2_53 || a < -SF_2_53 || b > SF_2_53 || b < -SF_2_53) return sf_badf();
    return (double)a / (double)b;
}
static inline long long sf_shl(long long a, long long s) {
    if (s < 0) return sf_bad();
    if (a == 0) return 0;
    if (s > 62 || a > (LLONG_MAX >> s) || a < (LLONG_MIN >> s)) return sf_bad();
    return (long long)((unsigned long long)a << s);
}
static inline long long sf_shr(long long a, long long s) {
    if (s < 0) return sf_bad();
    return a >> (s > 63 ? 63 : s);
}
static inline long long sf_pow(long long a, long long n) {
    long long r = 1;
    if (n < 0) return sf_bad();
    while (n) {
        if ((n & 1) && __builtin_mul_overflow(r, a, &r)) return sf_bad();
        n >>= 1;
        if (n && __builtin_mul_overflow(a, a, &a)) return sf_bad();
    }
    return r;
}
static inline long long sf_powmod(long long a, long long n, long long m) {
    unsigned long long base, r;
    if (n < 0 || m <= 0) return sf_bad();
    r = 1 % m;
    base = (unsigned long long)sf_mod(a, m);
    for (; n; n >>= 1) {
        if (n & 1) r = (unsigned long long)((unsigned __int128)r * base % m);
        base = (unsigned long long)((unsigned __int128)base * base % m);
    }
    return (long long)r;
}
/* The low 64 bits, for what stands under a mask: there no overflow can be seen. */
static inline long long sf_low_add(long long a, long long b) {
    return (long long)((unsigned long long)a + (unsigned long long)b);
}
static inline long long sf_low_sub(long long a, long long b) {
    return (long long)((unsigned long long)a - (unsigned long long)b);
}
static inline long long sf_low_mul(long long a, long long b) {
    return (long long)((unsigned long long)a * (unsigned long long)b);
}
static inline long long sf_low_shl(long long a, long long s) {
    if (s < 0 || s >> 20) return sf_bad();  /* a number that Python may have no memory for */
    return s > 63 ? 0 : (long long)((unsigned long long)a << s);
}
static inline long long sf_inc(long long a) { return a + 1; }
static inline long long sf_span(long long start, long long k, long long step) {
    unsigned long long far = (unsigned long long)k * (unsigned long long)step;
    return (long long)((unsigned long long)start + far);
}
static inline long long sf_range_len(long long start, long long stop, long long step) {
    unsigned long long n;
    if (step == 0) return sf_bad();
    if (step > 0 ? start >= stop : start <= stop) return 0;
    n = step > 0
        ? ((unsigned long long)stop - (unsigned long long)start - 1) / (unsigned long long)step
        : ((unsigned long long)start - (unsigned long long)stop - 1)
            / (0ULL - (unsigned long long)step);
    return n >= LLONG_MAX ? sf_bad() : (long long)(n + 1);
}
static inline long long sf_min(long long a, long long b) { return b < a ? b : a; }
static inline long long sf_max(long long a, long long b) { return b > a ? b : a; }
static inline double sf_fmin(double a, double b) { return b < a ? b : a; }
static inline double sf_fmax(double a, double b) { return b > a ? b : a; }

/* An int beside a float in a comparison: equal as doubles must mean equal. */
static inline double sf_exact(long long a) {
    return (a > SF_2_53 || a < -SF_2_53) ? sf_badf() : (double)a;
}
static inline double sf_need_float(double a, int is_int) { return is_int ? sf_badf() : a; }
/* The value of a local that may be None. */
#define SF_SOME(W, T) static inline T sf_some_##W(int none, T v) { return none ? (T)sf_bad() : v; }
SF_SOME(int, long long) SF_SOME(float, double) SF_SOME(bool, int) SF_SOME(char, Py_UCS4)
static inline PyObject *sf_some_object(int none, PyObject *v) {
    if (none) { sf_deopt(); return NULL; }
    Py_INCREF(v);
    return v;
}
/* A float as an object among others, where NaN would be told by its identity. */
static inline PyObject *sf_box_float(double a) {
    if (a != a) { sf_deopt(); return NULL; }
    return PyFloat_FromDouble(a);
}
static inline PyObject *sf_box_wide(double a, int is_int) {
    return is_int ? PyLong_FromDouble(a) : sf_box_float(a);
}
static inline double sf_fdiv(double a, double b) { return b == 0.0 ? sf_badf() : a / b; }
static inline double sf_fmod(double a, double b) {
    double m;
    if (b == 0.0) return sf_badf();
    m = fmod(a, b);
    if (m) return ((b < 0) != (m < 0)) ? m + b : m;
    return copysign(0.0, b);
}
/* CPython's float_floor_div: the quotient is corrected by the remainder, never taken by floor. */
static inline double sf_ffloordiv(double a, double b) {
    double m, q, f;
    if (b == 0.0) return sf_badf();
    m = fmod(a, b);
    q = (a - m) / b;
    if (m && ((b < 0) != (m < 0))) q -= 1.0;
    if (!q) return copysign(0.0, a / b);
    f = floor(q);
    return (q - f > 0.5) ? f + 1.0 : f;
}
static inline double sf_fpow(double a, double b) {
    double r;
    if (!isfinite(a) || !isfinite(b)) return sf_badf();
    if ((a == 0.0 && b < 0.0) || (a < 0.0 && b != floor(b))) return sf_badf();
    errno = 0;
    r = pow(a, b);
    return (errno || !isfinite(r)) ? sf_badf() : r;
}
/* A math function as the module calls it: an error or a non-finite result is left to Python. */
#define SF_MATH(NAME) static inline double sf_##NAME(double a) { \
    double r; if (!isfinite(a)) return sf_badf(); errno = 0; r = NAME(a); \
    return (errno || !isfinite(r)) ? sf_badf() : r; }
SF_MATH(sin) SF_MATH(cos) SF_MATH(tan) SF_MATH(exp) SF_MATH(atan) SF_MATH(asin) SF_MATH(acos)
SF_MATH(sinh) SF_MATH(cosh) SF_MATH(tanh)
static inline double sf_sqrt(double a) { return a >= 0.0 ? sqrt(a) : sf_badf(); }
static inline double sf_log(double a) { return (a > 0.0 && isfinite(a)) ? log(a) : sf_badf(); }
static inline double sf_atan2(double a, double b) {
    return (isfinite(a) && isfinite(b) && a != 0.0 && b != 0.0) ? atan2(a, b) : sf_badf();
}
static inline double sf_c_fabs(double a) { return fabs(a); }
static inline int sf_c_isnan(double a) { return isnan(a) != 0; }
static inline int sf_c_isinf(double a) { return isinf(a) != 0; }
static inline long long sf_trunc(double a) {
    return (a >= -9223372036854775808.0 && a < 9223372036854775808.0) ? (long long)a : sf_bad();
}
static inline long long sf_floor(double a) { return sf_trunc(floor(a)); }
static inline long long sf_ceil(double a) { return sf_trunc(ceil(a)); }
static inline long long sf_round(double a) {
    return (a > -4503599627370496.0 && a < 4503599627370496.0) ? (long long)rint(a) : sf_bad();
}
static inline long long sf_gcd(long long a, long long b) {
    if (a == LLONG_MIN || b == LLONG_MIN) return sf_bad();
    a = a < 0 ? -a : a; b = b < 0 ? -b : b;
    while (b) { long long t = a % b; a = b; b = t; }
    return a;
}
static inline long long sf_isqrt(long long n) {
    long long r;
    if (n < 0) return sf_bad();
    r = (long long)sqrt((double)n);
    while (r > 3037000499LL || r * r > n) r--;
    while (r < 3037000499LL && (r + 1) * (r + 1) <= n) r++;
    return r;
}
"""

TEXT_C = r"""
/* A str or bytes argument; the caller's frame keeps the object. */
typedef struct { PyObject *object; const void *data; int width; long long n; } sf_text;

static inline sf_text sf_text_of(PyObject *o) {
    sf_text t;
    t.object = o;
    if (PyBytes_Check(o)) {
        t.data = PyBytes_AS_STRING(o); t.width = 1; t.n = PyBytes_GET_SIZE(o);
    } else {
        t.data = PyUnicode_DATA(o); t.width = PyUnicode_KIND(o); t.n = PyUnicode_GET_LENGTH(o);
    }
    return t;
}
static inline PyObject *sf_text_object(sf_text t) { Py_INCREF(t.object); return t.object; }
/* ``x += y`` for a local: a str that nothing else holds grows where it is, as in the interpreter.
   ``x`` is set back by Cython at once, also where this fails; until then it holds None. */
static inline PyObject *sf_text_append_at(PyObject **x, PyObject *y) {
    PyObject *text = *x;
    if (!PyUnicode_CheckExact(text) || !PyUnicode_CheckExact(y) || text == y)
        return PyNumber_InPlaceAdd(text, y);
    Py_INCREF(Py_None);
    *x = Py_None;
    PyUnicode_Append(&text, y);
    return text;
}
#define sf_text_append(x, y) sf_text_append_at(&(x), (y))
static inline Py_UCS4 sf_text_read(sf_text t, long long i) {
    return t.width == 1 ? ((const Py_UCS1 *)t.data)[i]
         : t.width == 2 ? ((const Py_UCS2 *)t.data)[i] : ((const Py_UCS4 *)t.data)[i];
}
static inline Py_UCS4 sf_text_at(sf_text t, long long i) {
    if (i < 0) i += t.n;
    if (i < 0 || i >= t.n) return (Py_UCS4)sf_bad();
    return sf_text_read(t, i);
}
static inline long long sf_bytes_read(sf_text t, long long i) {
    return ((const unsigned char *)t.data)[i];
}
static inline long long sf_bytes_at(sf_text t, long long i) {
    if (i < 0) i += t.n;
    if (i < 0 || i >= t.n) return sf_bad();
    return ((const unsigned char *)t.data)[i];
}
static inline int sf_text_cmp(sf_text a, sf_text b) {
    long long i, n = a.n < b.n ? a.n : b.n;
    for (i = 0; i < n; i++) {
        Py_UCS4 x = sf_text_read(a, i), y = sf_text_read(b, i);
        if (x != y) return x < y ? -1 : 1;
    }
    return (a.n > b.n) - (a.n < b.n);
}
static inline int sf_text_has(sf_text t, long long c) {
    long long i;
    for (i = 0; i < t.n; i++) if ((long long)sf_text_read(t, i) == c) return 1;
    return 0;
}
static inline int sf_text_is(sf_text t, Py_UCS4 c) { return t.n == 1 && sf_text_read(t, 0) == c; }
static inline Py_UCS4 sf_chr(long long a) {
    if (a < 0 || a > 0x10FFFF) return (Py_UCS4)sf_bad();
    return (Py_UCS4)a;
}
static inline long long sf_digit(Py_UCS4 c) {
    int d = Py_UNICODE_TODECIMAL(c); return d < 0 ? sf_bad() : d;
}
static inline int sf_isdigit(Py_UCS4 c) { return Py_UNICODE_ISDIGIT(c) != 0; }
static inline int sf_isalpha(Py_UCS4 c) { return Py_UNICODE_ISALPHA(c) != 0; }
static inline int sf_isalnum(Py_UCS4 c) { return Py_UNICODE_ISALNUM(c) != 0; }
static inline int sf_isspace(Py_UCS4 c) { return Py_UNICODE_ISSPACE(c) != 0; }
static inline int sf_isupper(Py_UCS4 c) { return Py_UNICODE_ISUPPER(c) != 0; }
static inline int sf_islower(Py_UCS4 c) { return Py_UNICODE_ISLOWER(c) != 0; }
"""
