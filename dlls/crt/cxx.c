/* C++ exceptions of Microsoft's compiler on x64: __CxxFrameHandler over the tables the compiler leaves.
 *
 * All references in the tables are offsets from the image's base. A function's states are numbered; state -1 is
 * "nothing to destroy". A catch block is a function of its own (a funclet) that is called with the frame of the
 * function it belongs to and returns the address to go on at; its own unwind information names the same table,
 * so an exception inside it comes to the handler with the funclet's frame, where the real one is kept.
 *
 * A throw goes: _CxxThrowException raises; the handler of a frame finds a catch block; RtlUnwindEx with
 * STATUS_UNWIND_CONSOLIDATE runs the destructors of the frames between; then catch_callback, which calls the funclet
 * while the stack below, with the object on it, is still there.
 */
#include "crt.h"

#define CXX_EXCEPTION 0xe06d7363u
#define CXX_MAGIC 0x19930520u           /* ...22: the newest table format */
#ifndef EXCEPTION_UNWINDING
#define EXCEPTION_UNWINDING 2
#define EXCEPTION_EXIT_UNWIND 4
#define EXCEPTION_TARGET_UNWIND 0x20
#endif

enum { TYPE_CONST = 1, TYPE_VOLATILE = 2, TYPE_REFERENCE = 8 };         /* of a throw and of a catch */
enum { CLASS_SIMPLE = 1, CLASS_REFERENCE_ONLY = 2, CLASS_VIRTUAL_BASE = 4 };

typedef struct type_info { const void *vtable; char *name; char mangled[64]; } type_info;

struct catchable { unsigned int flags, type, this_offset; int vbase_table, vbase_offset; unsigned int size, copy; };
struct catchables { unsigned int count, types[1]; };
struct throw_info { unsigned int flags, destructor, forward, catchables; };

struct unwind_entry { int previous; unsigned int handler; };
struct catch_entry { unsigned int flags, type; int offset; unsigned int handler, frame; };
struct try_entry { int start, end, catch_end; unsigned int catch_count, catches; };
struct ip_entry { unsigned int ip; int state; };
struct function_info
{
    unsigned int magic;
    unsigned int state_count, unwinds, try_count, tries, ip_count, ips;
    int unwind_help;                    /* where in the frame the state is kept once unwinding began; -2: not yet */
    unsigned int expected, flags;
};
enum { NO_ASYNC = 1 };                  /* flags: catch (...) takes C++ exceptions only (/EHs) */

#define AT(type, base, offset) ((type *)((uintptr_t)(base) + (offset)))

typedef void destructor(void *object);
typedef void copy_constructor(void *to, void *from);
typedef void copy_constructor_vb(void *to, void *from, int most_derived);
typedef void unwind_funclet(void *unused, uintptr_t frame);

static void (*on_terminate)(void);
void abort(void) __attribute__((noreturn));
void cxx_terminate(void) __attribute__((noreturn));

/* the exceptions whose catch blocks this thread is in, innermost first; throw; raises the first again */
struct caught
{
    struct caught *outer;
    EXCEPTION_RECORD *record;
    bool rethrown;
    uintptr_t frame;            /* of the function, or the funclet, whose try block it is */
    int state;                  /* outside of that try block: what its frame is in for exceptions that leave the catch block */
};

void cxx_terminate(void)
{
    if (on_terminate) on_terminate();
    abort();
}
typedef void (*terminate_function)(void);
terminate_function cxx_set_terminate(terminate_function handler);
terminate_function cxx_set_terminate(terminate_function handler)
{
    terminate_function old = on_terminate;
    on_terminate = handler;
    return old;
}

static bool is_cxx(const EXCEPTION_RECORD *record)
{
    return record->ExceptionCode == CXX_EXCEPTION && record->NumberParameters == 4 &&
           record->ExceptionInformation[0] >= CXX_MAGIC && record->ExceptionInformation[0] <= CXX_MAGIC + 2;
}

/* the object as its base class that the catch names */
static void *as_base(const struct catchable *type, void *object)
{
    if (type->vbase_table >= 0)
    {
        int *table = *AT(int *, object, type->vbase_table);
        object = AT(void, object, type->vbase_table + table[type->vbase_offset / sizeof(int)]);
    }
    return AT(void, object, type->this_offset);
}

static void destroy_object(const EXCEPTION_RECORD *record)
{
    const struct throw_info *info;
    void *object;

    if (!is_cxx(record) || !(info = (void *)record->ExceptionInformation[2])) return;
    object = (void *)record->ExceptionInformation[1];
    if (object && info->destructor) AT(destructor, record->ExceptionInformation[3], info->destructor)(object);
}

/* which of the thrown object's types the catch takes; NULL none */
static const struct catchable *match(const EXCEPTION_RECORD *record, const struct catch_entry *wanted, uintptr_t base)
{
    const struct throw_info *info = (void *)record->ExceptionInformation[2];
    uintptr_t thrown_base = record->ExceptionInformation[3];
    const struct catchables *all = AT(const struct catchables, thrown_base, info->catchables);
    const type_info *want = AT(const type_info, base, wanted->type);
    unsigned int i;

    for (i = 0; i < all->count; i++)
    {
        const struct catchable *type = AT(const struct catchable, thrown_base, all->types[i]);
        const type_info *have = AT(const type_info, thrown_base, type->type);
        if (have != want && strcmp(have->mangled, want->mangled)) continue;
        if ((type->flags & CLASS_REFERENCE_ONLY) && !(wanted->flags & TYPE_REFERENCE)) continue;
        if ((info->flags & TYPE_CONST) && !(wanted->flags & TYPE_CONST)) continue;
        if ((info->flags & TYPE_VOLATILE) && !(wanted->flags & TYPE_VOLATILE)) continue;
        return type;
    }
    return NULL;
}

static void copy_object(const EXCEPTION_RECORD *record, const struct catch_entry *wanted, const struct catchable *type, uintptr_t frame, uintptr_t base)
{
    void *object = (void *)record->ExceptionInformation[1], *to;

    if (!type || !wanted->type || !AT(type_info, base, wanted->type)->mangled[0] || !wanted->offset) return;
    to = AT(void, frame, wanted->offset);
    if (wanted->flags & TYPE_REFERENCE) *(void **)to = as_base(type, object);
    else if (type->flags & CLASS_SIMPLE)
    {
        memmove(to, object, type->size);
        if (type->size == sizeof(void *) && *(void **)to) *(void **)to = as_base(type, *(void **)to);
    }
    else if (type->copy && (type->flags & CLASS_VIRTUAL_BASE))
        AT(copy_constructor_vb, record->ExceptionInformation[3], type->copy)(to, as_base(type, object), 1);
    else if (type->copy) AT(copy_constructor, record->ExceptionInformation[3], type->copy)(to, as_base(type, object));
    else memmove(to, as_base(type, object), type->size);
}

/* ---- states ---------------------------------------------------------------------------------------------------------- */
static int *state_in_frame(const struct function_info *f, uintptr_t frame)
{
    return AT(int, frame, f->unwind_help);
}
static int state_of(const struct function_info *f, uintptr_t base, uintptr_t pc)
{
    const struct ip_entry *ips = AT(const struct ip_entry, base, f->ips);
    unsigned int low = 0, high = f->ip_count;

    while (low < high)
    {
        unsigned int middle = (low + high) / 2;
        if (ips[middle].ip <= pc - base) low = middle + 1;
        else high = middle;
    }
    return low ? ips[low - 1].state : -1;
}

/* Runs destructors until the function is in state target or one outside of it: a catch block of state 2 may lead to 0, past
 * the try block's 1. A destructor that throws finds the state already lowered. */
static void unwind_states(const struct function_info *f, uintptr_t base, uintptr_t frame, int from, int target)
{
    const struct unwind_entry *unwinds = AT(const struct unwind_entry, base, f->unwinds);
    int *state = state_in_frame(f, frame);

    *state = from;
    while (*state > target && *state >= 0 && (unsigned int)*state < f->state_count)
    {
        const struct unwind_entry *entry = &unwinds[*state];
        *state = entry->previous;
        if (entry->handler) AT(unwind_funclet, base, entry->handler)(NULL, frame);
    }
    *state = target == -1 ? -2 : target;
}

/* ---- calling a catch block ---------------------------------------------------------------------------------------------- */
/* what travels in the consolidating unwind's record */
enum { INFO_CALLBACK, INFO_FRAME, INFO_FUNCTION, INFO_STATE, INFO_RECORD, INFO_HANDLER, INFO_ESTABLISHER, INFO_OUTER, INFO_COUNT };

/* per thread, in crt_thread's block: the list of caught exceptions */
static struct caught **innermost(void) { return (struct caught **)&crt_thread()->caught; }

void *crt_call_catch(void *handler, uintptr_t frame, struct caught *caught);        /* cxx_call.S */

/* The catch block was left by another exception (crt_call_catch's frame is being unwound): the old object ends here,
 * unless it is on its way again. */
void crt_catch_unwound(struct caught *caught);
void crt_catch_unwound(struct caught *caught)
{
    struct crt_thread *t = crt_thread();

    *innermost() = caught->outer;
    t->left_frame = caught->frame;
    t->left_state = caught->state;
    if (!caught->rethrown) destroy_object(caught->record);
}

/* The state of the frame in which pc is. While a catch block runs, and when an exception leaves it, the place in its
 * function is still the one that threw first: what was destroyed then must not be destroyed again, and the try block
 * is over. */
static int current_state(const struct function_info *f, uintptr_t base, uintptr_t frame, uintptr_t pc, bool unwinding)
{
    struct crt_thread *t = crt_thread();
    const struct caught *c;
    bool left = unwinding && t->left_frame == frame;

    if (unwinding) t->left_frame = 0;
    if (left) return t->left_state;
    for (c = t->caught; c; c = c->outer) if (c->frame == frame) return c->state;
    return state_of(f, base, pc);
}

static void *WINAPI catch_callback(EXCEPTION_RECORD *unwind)
{
    uintptr_t frame = unwind->ExceptionInformation[INFO_FRAME];
    struct function_info *f = (void *)unwind->ExceptionInformation[INFO_FUNCTION];
    struct caught caught = { *innermost(), (void *)unwind->ExceptionInformation[INFO_RECORD], false,
                             unwind->ExceptionInformation[INFO_ESTABLISHER], (int)unwind->ExceptionInformation[INFO_OUTER] };
    void *next;

    *innermost() = &caught;
    next = crt_call_catch((void *)unwind->ExceptionInformation[INFO_HANDLER], frame, &caught);
    *innermost() = caught.outer;
    destroy_object(caught.record);
    *state_in_frame(f, frame) = -2;
    return next;
}

/* The frame of the function itself; *in gets the try block whose catch funclet pc is in, if any. */
static uintptr_t real_frame(const struct function_info *f, uintptr_t base, uintptr_t frame, const DISPATCHER_CONTEXT *dispatch, const struct try_entry **in)
{
    unsigned int i, j;

    *in = NULL;
    for (i = 0; i < f->try_count; i++)
    {
        const struct try_entry *t = AT(const struct try_entry, base, f->tries) + i;
        const struct catch_entry *c = AT(const struct catch_entry, base, t->catches);
        for (j = 0; j < t->catch_count; j++)
            if (c[j].handler == dispatch->FunctionEntry->BeginAddress)
            {
                *in = t;
                return *AT(uintptr_t, frame, c[j].frame);
            }
    }
    return frame;
}

EXCEPTION_DISPOSITION __CxxFrameHandler(EXCEPTION_RECORD *record, uintptr_t frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
EXCEPTION_DISPOSITION __CxxFrameHandler(EXCEPTION_RECORD *record, uintptr_t frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    uintptr_t base = dispatch->ImageBase, real;
    const struct function_info *f = AT(const struct function_info, base, *(unsigned int *)dispatch->HandlerData);
    const struct try_entry *in;
    unsigned int i, j;
    int state;

    if ((f->magic & 0x1fffffff) < CXX_MAGIC || (f->magic & 0x1fffffff) > CXX_MAGIC + 2) return ExceptionContinueSearch;
    real = real_frame(f, base, frame, dispatch, &in);
    state = current_state(f, base, frame, dispatch->ControlPc, record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND));

    if (record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
    {
        bool mine = record->ExceptionCode == STATUS_UNWIND_CONSOLIDATE && record->NumberParameters == INFO_COUNT &&
                    record->ExceptionInformation[INFO_CALLBACK] == (ULONG_PTR)catch_callback;
        int target = -1;

        if (!f->unwinds) return ExceptionContinueSearch;
        if (in) target = in->end;       /* a catch funclet's states end where the try block's numbers do */
        if (record->ExceptionFlags & EXCEPTION_TARGET_UNWIND)
        {
            if (!mine) return ExceptionContinueSearch;
            target = (int)record->ExceptionInformation[INFO_STATE];
        }
        if (state > target) unwind_states(f, base, real, state, target);
        return ExceptionContinueSearch;
    }

    if (is_cxx(record) && !record->ExceptionInformation[2])
    {
        /* throw; : the exception that is being handled, again */
        struct caught *caught = *innermost();
        if (!caught) cxx_terminate();
        caught->rethrown = true;
        *record = *caught->record;
        record->ExceptionFlags &= ~(EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND);
    }
    for (i = 0; i < f->try_count; i++)
    {
        const struct try_entry *t = AT(const struct try_entry, base, f->tries) + i;
        const struct catch_entry *c = AT(const struct catch_entry, base, t->catches);

        if (state < t->start || state > t->end) continue;
        /* inside a catch funclet only try blocks of the funclet itself count; outer ones come with the outer frame */
        if (in && (t->start <= in->end || t->end > in->catch_end)) continue;
        for (j = 0; j < t->catch_count; j++)
        {
            const struct catchable *type = NULL;
            EXCEPTION_RECORD unwind = { .ExceptionCode = STATUS_UNWIND_CONSOLIDATE, .ExceptionFlags = EXCEPTION_NONCONTINUABLE, .NumberParameters = INFO_COUNT };
            CONTEXT scratch;

            if (!c[j].type || !AT(type_info, base, c[j].type)->mangled[0])
            {
                /* catch (...) */
                if (!is_cxx(record) && f->magic >= CXX_MAGIC + 2 && (f->flags & NO_ASYNC)) continue;
                if (record->ExceptionCode == EXCEPTION_BREAKPOINT) continue;
            }
            else if (!is_cxx(record) || !(type = match(record, &c[j], base))) continue;

            if (is_cxx(record)) copy_object(record, &c[j], type, real, base);
            unwind.ExceptionInformation[INFO_CALLBACK] = (ULONG_PTR)catch_callback;
            unwind.ExceptionInformation[INFO_FRAME] = real;
            unwind.ExceptionInformation[INFO_FUNCTION] = (ULONG_PTR)f;
            unwind.ExceptionInformation[INFO_STATE] = t->start;
            unwind.ExceptionInformation[INFO_RECORD] = (ULONG_PTR)record;
            unwind.ExceptionInformation[INFO_HANDLER] = base + c[j].handler;
            unwind.ExceptionInformation[INFO_ESTABLISHER] = frame;
            unwind.ExceptionInformation[INFO_OUTER] = AT(const struct unwind_entry, base, f->unwinds)[t->start].previous;
            (void)context;
            RtlUnwindEx((void *)frame, (void *)dispatch->ControlPc, &unwind, NULL, &scratch, dispatch->HistoryTable);
        }
    }
    return ExceptionContinueSearch;
}

CRT_API(void, _CxxThrowException, void *object, const struct throw_info *type)
{
    ULONG_PTR args[4] = { CXX_MAGIC, (ULONG_PTR)object, (ULONG_PTR)type, 0 };
    void *base = NULL;

    if (type) args[3] = (ULONG_PTR)RtlPcToFileHeader((void *)type, &base);
    RaiseException(CXX_EXCEPTION, EXCEPTION_NONCONTINUABLE, 4, args);
    cxx_terminate();
}

/* ---- type_info ------------------------------------------------------------------------------------------------------------- */
void cxx_type_info_destroy(type_info *self);
void cxx_type_info_destroy(type_info *self)
{
    free(self->name);
    self->name = NULL;
}
int cxx_type_info_equal(const type_info *a, const type_info *b);
int cxx_type_info_equal(const type_info *a, const type_info *b) { return !strcmp(a->mangled + 1, b->mangled + 1); }
int cxx_type_info_unequal(const type_info *a, const type_info *b);
int cxx_type_info_unequal(const type_info *a, const type_info *b) { return !!strcmp(a->mangled + 1, b->mangled + 1); }
int cxx_type_info_before(const type_info *a, const type_info *b);
int cxx_type_info_before(const type_info *a, const type_info *b) { return strcmp(a->mangled + 1, b->mangled + 1) < 0; }
const char *cxx_type_info_raw_name(const type_info *self);
const char *cxx_type_info_raw_name(const type_info *self) { return self->mangled; }
