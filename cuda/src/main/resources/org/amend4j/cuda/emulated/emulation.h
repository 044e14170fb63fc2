// The part of CUDA C that our kernels use, for a host compiler: blocks run one after the other, the threads of a block as
// fibers that give way only at barriers and shuffles. Prepended to a kernel source by EmulatedDevice.
//
// Stricter than a card where a card would hide a mistake: all threads of a block must meet at the same barrier, a shuffle
// needs all 32 lanes, shared memory holds NaN when a block starts and has guard words around it, vectors must lie where a card
// can move them at once, and threads and blocks can be run in several orders. A warp runs until all its lanes wait at a barrier
// before another warp gets a turn, so that warps are as far apart as barriers allow. What a thread copies asynchronously is NaN
// until it has waited for it.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <utility>
#if !defined(__x86_64__) || defined(AMEND_UCONTEXT)
#include <ucontext.h>
#endif

#define AMEND_EMULATED 1
#define __global__
#define __device__

struct dim3 {
    unsigned x, y, z;
};

static const uint32_t AMEND_POISON = 0xFFFEFFFEu;  // NaN as float, as bfloat16 and as double; a negative int
static const uint32_t AMEND_GUARD = 0xFFFDFFFDu;   // NaN too: who reads too far gets NaN
static const unsigned AMEND_MOST_THREADS = 1024;
static const size_t AMEND_STACK = 32 * 1024;
static const size_t AMEND_SHARED_GUARD = 1024;
static const unsigned AMEND_MOST_WORDS = 6;    // that a lane shows to its warp
static const unsigned AMEND_MOST_COPIES = 64;  // that a thread has not waited for

enum amend_state { AMEND_READY, AMEND_WAITING, AMEND_DONE };

struct amend_fiber {
#if defined(__x86_64__) && !defined(AMEND_UCONTEXT)
    void *stack_pointer;
#else
    ucontext_t context;
#endif
    dim3 index;
    unsigned linear;
    amend_state state;
    const char *waits_at;
    int line;
    int parity;
    unsigned copies;
    unsigned group;
};

// 16 bytes on their way to shared memory.
struct amend_copy {
    char *to;
    const char *from;
    int bytes;
    unsigned group;
};

typedef uint32_t amend_words[AMEND_MOST_WORDS][AMEND_MOST_THREADS];

static amend_fiber *amend_fibers;
static char *amend_stacks;
static amend_fiber amend_scheduler;
static amend_fiber *amend_current;
static amend_words *amend_slots;
static amend_copy (*amend_copies)[AMEND_MOST_COPIES];
static dim3 amend_block, amend_block_size, amend_grid_size;
static unsigned amend_threads, amend_waiting;
static unsigned amend_warp_waiting[AMEND_MOST_THREADS / 32];
static char *amend_shared;
static size_t amend_shared_bytes;
static void (*amend_kernel)(void **);
static void **amend_arguments;
static char amend_fault[512];

#define threadIdx (amend_current->index)
#define blockIdx amend_block
#define blockDim amend_block_size
#define gridDim amend_grid_size
#define SHARED(type, name) type *name = reinterpret_cast<type *>(amend_shared)

// A place that a vector is read from or written to. On a card that is one instruction, which traps where the address is no multiple of
// the vector's size. What a thread keeps in registers there is on its stack here, and may lie anywhere.
[[maybe_unused]] static void amend_aligned(const void *place, size_t bytes, const char *what) {
    const char *at = static_cast<const char *>(place);
    const bool in_registers = at >= amend_stacks && at < amend_stacks + AMEND_MOST_THREADS * AMEND_STACK;
    if (!in_registers && reinterpret_cast<uintptr_t>(place) % bytes != 0 && amend_fault[0] == 0) {
        snprintf(amend_fault, sizeof amend_fault, "thread %u of block %u,%u,%u %s %zu bytes at once at an address that is not a multiple of %zu",
                 amend_current->linear, amend_block.x, amend_block.y, amend_block.z, what, bytes, bytes);
    }
}

// CUDA's vectors, each aligned as its numbers are, so that the compiler counts on no more, and looking where it lies.
#define AMEND_VECTOR2(name, type)                                                                        \
    struct name {                                                                                        \
        type x, y;                                                                                       \
        name() = default;                                                                                \
        name(type a, type b) : x(a), y(b) {}                                                             \
        name(const name &from) : x(from.x), y(from.y) { amend_aligned(&from, sizeof(name), "reads"); }   \
        name &operator=(const name &from) {                                                              \
            amend_aligned(&from, sizeof(name), "reads");                                                 \
            amend_aligned(this, sizeof(name), "writes");                                                 \
            x = from.x, y = from.y;                                                                      \
            return *this;                                                                                \
        }                                                                                                \
    };                                                                                                   \
    [[maybe_unused]] static name make_##name(type x, type y) { return name(x, y); }
#define AMEND_VECTOR4(name, type)                                                                        \
    struct name {                                                                                        \
        type x, y, z, w;                                                                                 \
        name() = default;                                                                                \
        name(type a, type b, type c, type d) : x(a), y(b), z(c), w(d) {}                                 \
        name(const name &from) : x(from.x), y(from.y), z(from.z), w(from.w) {                            \
            amend_aligned(&from, sizeof(name), "reads");                                                 \
        }                                                                                                \
        name &operator=(const name &from) {                                                              \
            amend_aligned(&from, sizeof(name), "reads");                                                 \
            amend_aligned(this, sizeof(name), "writes");                                                 \
            x = from.x, y = from.y, z = from.z, w = from.w;                                              \
            return *this;                                                                                \
        }                                                                                                \
    };                                                                                                   \
    [[maybe_unused]] static name make_##name(type x, type y, type z, type w) { return name(x, y, z, w); }
AMEND_VECTOR2(float2, float)
AMEND_VECTOR4(float4, float)
AMEND_VECTOR2(int2, int)
AMEND_VECTOR4(int4, int)
AMEND_VECTOR2(uint2, unsigned)
AMEND_VECTOR4(uint4, unsigned)

#if defined(__x86_64__) && !defined(AMEND_UCONTEXT)
extern "C" void amend_switch(void **from, void *to) __attribute__((visibility("hidden")));
asm(R"(
.text
.hidden amend_switch
.globl amend_switch
.type amend_switch,@function
amend_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size amend_switch, .-amend_switch
)");
static void amend_go(amend_fiber &from, amend_fiber &to) {
    amend_switch(&from.stack_pointer, to.stack_pointer);
}
#else
static void amend_go(amend_fiber &from, amend_fiber &to) {
    swapcontext(&from.context, &to.context);
}
#endif

static void amend_give_way() {
    amend_fiber *me = amend_current;
    amend_go(*me, amend_scheduler);
}

static void amend_body() {
    amend_kernel(amend_arguments);
    if (amend_current->copies > 0 && amend_fault[0] == 0) {
        snprintf(amend_fault, sizeof amend_fault, "thread %u leaves the kernel without having waited for its copies",
                 amend_current->linear);
    }
    amend_current->state = AMEND_DONE;
    amend_give_way();
    abort();  // a finished fiber is never resumed
}

static void amend_prepare(amend_fiber &fiber, unsigned linear) {
    fiber.linear = linear;
    fiber.index.x = linear % amend_block_size.x;
    fiber.index.y = linear / amend_block_size.x % amend_block_size.y;
    fiber.index.z = linear / amend_block_size.x / amend_block_size.y;
    fiber.state = AMEND_READY;
    fiber.line = 0;
    fiber.parity = 0;
    fiber.copies = 0;
    fiber.group = 0;
    char *stack = amend_stacks + linear * AMEND_STACK;
#if defined(__x86_64__) && !defined(AMEND_UCONTEXT)
    // Six registers, the address to return to, and a word that leaves the stack as a call would have.
    void **top = reinterpret_cast<void **>(stack + AMEND_STACK) - 8;
    memset(top, 0, 8 * sizeof(void *));
    top[6] = reinterpret_cast<void *>(&amend_body);
    fiber.stack_pointer = top;
#else
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = stack;
    fiber.context.uc_stack.ss_size = AMEND_STACK;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, amend_body, 0);
#endif
}

[[maybe_unused]] static void amend_barrier(int line) {
    amend_fiber *me = amend_current;
    me->line = line;
    me->waits_at = "barrier";
    me->state = AMEND_WAITING;
    if (++amend_waiting == amend_threads) {
        for (unsigned t = 0; t < amend_threads; t++) {
            if (amend_fibers[t].line != line && amend_fault[0] == 0) {
                snprintf(amend_fault, sizeof amend_fault, "threads of a block meet at different barriers, lines %d and %d",
                         line, amend_fibers[t].line);
            }
            amend_fibers[t].state = AMEND_READY;
        }
        amend_waiting = 0;
    } else {
        amend_give_way();
    }
}

// What all lanes of the warp show, once they have come here: word w of lane l is [w][32 * warp + l].
static const amend_words &amend_meet(const uint32_t *words, unsigned count, const char *what, int line) {
    amend_fiber *me = amend_current;
    const unsigned warp = me->linear / 32;
    me->line = line;
    me->waits_at = what;
    me->parity ^= 1;
    amend_words &slots = amend_slots[me->parity];
    for (unsigned w = 0; w < count; w++) {
        slots[w][me->linear] = words[w];
    }
    me->state = AMEND_WAITING;
    if (++amend_warp_waiting[warp] == 32) {
        for (unsigned t = warp * 32; t < warp * 32 + 32; t++) {
            amend_fiber &other = amend_fibers[t];
            if ((other.line != line || strcmp(other.waits_at, what) != 0) && amend_fault[0] == 0) {
                snprintf(amend_fault, sizeof amend_fault, "lanes of a warp meet at the %s of line %d and at the %s of line %d",
                         what, line, other.waits_at, other.line);
            }
            other.state = AMEND_READY;
        }
        amend_warp_waiting[warp] = 0;
    } else {
        amend_give_way();
    }
    return slots;
}

static uint32_t amend_exchange(unsigned mask, uint32_t bits, unsigned source, int line) {
    if (mask != 0xFFFFFFFFu && amend_fault[0] == 0) {
        snprintf(amend_fault, sizeof amend_fault, "shuffle with mask %08x in line %d: only whole warps are emulated", mask, line);
    }
    const amend_words &slots = amend_meet(&bits, 1, "shuffle", line);
    return source < 32 ? slots[0][amend_current->linear / 32 * 32 + source] : bits;
}

template <class T> static T amend_shuffle(unsigned mask, T value, unsigned source, int line) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 32 or 64 bits");
    uint32_t words[sizeof(T) / 4];
    memcpy(words, &value, sizeof(T));
    for (uint32_t &word : words) {
        word = amend_exchange(mask, word, source, line);
    }
    memcpy(&value, words, sizeof(T));
    return value;
}

#define amend_lane (amend_current->linear % 32)
#define __syncthreads() amend_barrier(__LINE__)
#define __shfl_sync(mask, value, source) amend_shuffle(mask, value, (unsigned)(source) % 32, __LINE__)
#define __shfl_xor_sync(mask, value, bits) amend_shuffle(mask, value, amend_lane ^ (bits), __LINE__)
#define __shfl_down_sync(mask, value, delta) amend_shuffle(mask, value, amend_lane + (delta), __LINE__)

static float amend_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t amend_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

[[maybe_unused]] static float __int_as_float(int bits) { return amend_float((uint32_t)bits); }
[[maybe_unused]] static float __uint_as_float(unsigned bits) { return amend_float(bits); }
[[maybe_unused]] static unsigned __float_as_uint(float value) { return amend_bits(value); }

// The functions of mma.cuh, by the tables of fragments in PTX's description of mma.m16n8k8 and mma.m16n8k16.

// sums += left right; a word has one number, or two of 16 bits.
[[maybe_unused]] static void amend_mma(float (&sums)[4], const uint32_t (&left)[4], uint32_t right0, uint32_t right1, bool pairs, int line) {
    const uint32_t words[6] = {left[0], left[1], left[2], left[3], right0, right1};
    for (uint32_t word : words) {
        const bool finite = (word & 0x7F800000u) != 0x7F800000u;
        if (!pairs && finite && (word & 0x1FFFu) != 0 && amend_fault[0] == 0) {
            snprintf(amend_fault, sizeof amend_fault, "a factor of the product in line %d is not rounded to tf32", line);
        }
    }
    const amend_words &all = amend_meet(words, 6, "product", line);
    const unsigned warp = amend_current->linear / 32 * 32;
    for (unsigned e = 0; e < 4; e++) {
        const unsigned row = amend_lane / 4 + e / 2 * 8, column = amend_lane % 4 * 2 + e % 2;
        for (unsigned k = 0; k < 8; k++) {
            const uint32_t a = all[row / 8 + k / 4 * 2][warp + row % 8 * 4 + k % 4];
            const uint32_t b = all[4 + k / 4][warp + column * 4 + k % 4];
            if (pairs) {
                sums[e] += amend_float(a << 16) * amend_float(b << 16);
                sums[e] += amend_float(a & 0xFFFF0000u) * amend_float(b & 0xFFFF0000u);
            } else {
                sums[e] += amend_float(a) * amend_float(b);
            }
        }
    }
}

#define mma_bf16_16816(sums, left, right0, right1) amend_mma(sums, left, right0, right1, true, __LINE__)
#define mma_tf32_1688(sums, left, right0, right1) amend_mma(sums, left, right0, right1, false, __LINE__)

[[maybe_unused]] static uint32_t bf16_of(float value) {
    const uint32_t bits = amend_bits(value);
    return value != value ? 0x7FFFu : (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
}
[[maybe_unused]] static uint32_t bf16_pair(float first, float second) { return bf16_of(first) | bf16_of(second) << 16; }
[[maybe_unused]] static uint32_t tf32_of(float value) {
    const uint32_t bits = amend_bits(value);
    return (bits & 0x7F800000u) == 0x7F800000u ? bits : (bits + 0x1000u) & ~0x1FFFu;
}

// Whether 16 bytes of shared memory, at a multiple of 16, are at an address.
static bool amend_is_row(const void *address, const char *what, int line) {
    const char *at = static_cast<const char *>(address);
    const bool within = at >= amend_shared && at + 16 <= amend_shared + amend_shared_bytes;
    if (within && reinterpret_cast<uintptr_t>(at) % 16 == 0) {
        return true;
    }
    if (amend_fault[0] == 0) {
        snprintf(amend_fault, sizeof amend_fault, "the %s of line %d is at byte %td of %zu of shared memory, which is %s", what, line,
                 at - amend_shared, amend_shared_bytes, within ? "not a multiple of 16" : "outside");
    }
    return false;
}

[[maybe_unused]] static void amend_ldmatrix(uint32_t (&words)[4], const void *row, int line) {
    uint32_t own[4] = {AMEND_POISON, AMEND_POISON, AMEND_POISON, AMEND_POISON};
    if (amend_is_row(row, "load of matrices", line)) {
        memcpy(own, row, sizeof own);
    }
    const amend_words &all = amend_meet(own, 4, "load of matrices", line);
    for (unsigned m = 0; m < 4; m++) {
        words[m] = all[amend_lane % 4][amend_current->linear / 32 * 32 + m * 8 + amend_lane / 4];
    }
}
#define ldmatrix_x4(words, row) amend_ldmatrix(words, row, __LINE__)

[[maybe_unused]] static void amend_cp_async(void *to, const void *from, int bytes, int line) {
    amend_fiber *me = amend_current;
    if (!amend_is_row(to, "copy", line)) {
        return;
    }
    const bool misaligned = reinterpret_cast<uintptr_t>(from) % 16 != 0;
    if (misaligned || bytes < 0 || bytes > 16 || me->copies == AMEND_MOST_COPIES) {
        if (amend_fault[0] == 0) {
            snprintf(amend_fault, sizeof amend_fault, "the copy of line %d %s", line,
                     misaligned                          ? "is from an address that is not a multiple of 16"
                     : me->copies == AMEND_MOST_COPIES ? "is one more than a thread may have under way here"
                                                         : "has less than 0 or more than 16 bytes");
        }
        return;
    }
    amend_copies[me->linear][me->copies++] = {static_cast<char *>(to), static_cast<const char *>(from), bytes, me->group};
    for (unsigned word = 0; word < 4; word++) {
        memcpy(static_cast<char *>(to) + 4 * word, &AMEND_POISON, 4);
    }
}
#define cp_async16(to, from, bytes) amend_cp_async(to, from, bytes, __LINE__)

[[maybe_unused]] static void cp_async_commit() { amend_current->group++; }

template <unsigned later> [[maybe_unused]] static void cp_async_wait() {
    amend_fiber *me = amend_current;
    unsigned kept = 0;
    for (unsigned i = 0; i < me->copies; i++) {
        const amend_copy copy = amend_copies[me->linear][i];
        if (copy.group + later < me->group) {
            memset(copy.to, 0, 16);
            memcpy(copy.to, copy.from, (size_t)copy.bytes);
        } else {
            amend_copies[me->linear][kept++] = copy;
        }
    }
    me->copies = kept;
}

// Blocks run one after the other.
[[maybe_unused]] static void __threadfence() {}
[[maybe_unused]] static int atomicAdd(int *address, int value) {
    const int old = *address;
    *address = old + value;
    return old;
}
[[maybe_unused]] static float rsqrtf(float x) { return 1.0f / sqrtf(x); }

// One operation, rounded once: stored before it is used, so that no compiler contracts or reorders.
[[maybe_unused]] static float amend_stored(float x) {
    volatile float stored = x;
    return stored;
}
[[maybe_unused]] static float __fadd_rn(float a, float b) { return amend_stored(a + b); }
[[maybe_unused]] static float __fsub_rn(float a, float b) { return amend_stored(a - b); }
[[maybe_unused]] static float __fmul_rn(float a, float b) { return amend_stored(a * b); }
[[maybe_unused]] static float __fmaf_rn(float a, float b, float c) { return amend_stored(fmaf(a, b, c)); }

static uint64_t amend_random(uint64_t &state) {
    state += 0x9E3779B97F4A7C15ull;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

// order: 0 ascending, 1 descending, 2 shuffled
static void amend_arrange(unsigned *order, unsigned n, int kind, uint64_t &random) {
    for (unsigned i = 0; i < n; i++) {
        order[i] = kind == 1 ? n - 1 - i : i;
    }
    for (unsigned i = n; kind == 2 && i > 1; i--) {
        const unsigned j = (unsigned)(amend_random(random) % i);
        const unsigned kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

// Warps in an order, and lanes within each.
static void amend_arrange_threads(unsigned *order, int kind, uint64_t &random) {
    unsigned warps[AMEND_MOST_THREADS / 32];
    amend_arrange(warps, amend_threads / 32, kind, random);
    for (unsigned w = 0; w < amend_threads / 32; w++) {
        amend_arrange(order + w * 32, 32, kind, random);
        for (unsigned i = 0; i < 32; i++) {
            order[w * 32 + i] += warps[w] * 32;
        }
    }
}

static void amend_fill(char *from, size_t bytes, uint32_t pattern) {
    for (size_t i = 0; i + 4 <= bytes; i += 4) {
        memcpy(from + i, &pattern, 4);
    }
}

static bool amend_filled(const char *from, size_t bytes, uint32_t pattern) {
    for (size_t i = 0; i + 4 <= bytes; i += 4) {
        if (memcmp(from + i, &pattern, 4) != 0) {
            return false;
        }
    }
    return true;
}

static void amend_report_stuck() {
    const amend_fiber *waiting = nullptr, *gone = nullptr;
    for (unsigned t = 0; t < amend_threads; t++) {
        const amend_fiber &fiber = amend_fibers[t];
        (fiber.state == AMEND_DONE ? gone : waiting) = &fiber;
    }
    if (waiting != nullptr && amend_fault[0] == 0) {
        snprintf(amend_fault, sizeof amend_fault, "thread %u of block %u,%u,%u waits at the %s of line %d for ever (%s)",
                 waiting->linear, amend_block.x, amend_block.y, amend_block.z, waiting->waits_at, waiting->line,
                 gone != nullptr ? "another has left the kernel" : "others wait elsewhere");
    }
}

// Gives each lane of a warp a turn that can go on; whether any could.
static bool amend_run_warp(const unsigned *order, unsigned &done) {
    bool progress = false;
    for (unsigned i = 0; i < 32; i++) {
        amend_fiber &fiber = amend_fibers[order[i]];
        if (fiber.state == AMEND_READY) {
            amend_current = &fiber;
            amend_go(amend_scheduler, fiber);
            progress = true;
            done += fiber.state == AMEND_DONE;
        }
    }
    return progress;
}

static void amend_run_block(const unsigned *order, size_t shared_bytes) {
    amend_fill(amend_shared - AMEND_SHARED_GUARD, AMEND_SHARED_GUARD, AMEND_GUARD);
    amend_fill(amend_shared, shared_bytes, AMEND_POISON);
    amend_fill(amend_shared + shared_bytes, AMEND_SHARED_GUARD, AMEND_GUARD);
    amend_waiting = 0;
    memset(amend_warp_waiting, 0, sizeof amend_warp_waiting);
    for (unsigned t = 0; t < amend_threads; t++) {
        amend_prepare(amend_fibers[t], t);
    }
    unsigned done = 0;
    bool progress = true;
    while (progress) {
        progress = false;
        for (unsigned warp = 0; warp < amend_threads; warp += 32) {
            while (amend_run_warp(order + warp, done)) {
                progress = true;
            }
        }
    }
    if (done < amend_threads) {
        amend_report_stuck();
    }
    if (amend_fault[0] == 0
        && !(amend_filled(amend_shared - AMEND_SHARED_GUARD, AMEND_SHARED_GUARD, AMEND_GUARD)
             && amend_filled(amend_shared + shared_bytes, AMEND_SHARED_GUARD, AMEND_GUARD))) {
        snprintf(amend_fault, sizeof amend_fault, "block %u,%u,%u wrote outside its %zu bytes of shared memory", amend_block.x,
                 amend_block.y, amend_block.z, shared_bytes);
    }
}

template <auto F> struct amend_caller;
template <class... P, void (*F)(P...)> struct amend_caller<F> {
    template <class T> static T read(void *slot) {
        T value;
        memcpy(&value, slot, sizeof value);
        return value;
    }
    template <size_t... I> static void spread(void **slots, std::index_sequence<I...>) { F(read<P>(slots[I])...); }
    static void call(void **slots) { spread(slots, std::index_sequence_for<P...>()); }
};

// Runs a grid; null, or what went wrong. Not for concurrent use.
static const char *amend_run(void (*kernel)(void **), const int *shape, void **slots, int order, uint64_t seed) {
    if (amend_fibers == nullptr) {
        amend_fibers = static_cast<amend_fiber *>(calloc(AMEND_MOST_THREADS, sizeof(amend_fiber)));
        amend_slots = static_cast<amend_words *>(calloc(2, sizeof *amend_slots));
        amend_copies = static_cast<amend_copy(*)[AMEND_MOST_COPIES]>(calloc(AMEND_MOST_THREADS, sizeof *amend_copies));
        void *stacks = mmap(nullptr, AMEND_MOST_THREADS * AMEND_STACK, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (amend_fibers == nullptr || amend_slots == nullptr || amend_copies == nullptr || stacks == MAP_FAILED) {
            return "no memory for the threads of a block";
        }
        amend_stacks = static_cast<char *>(stacks);
    }
    amend_grid_size = {(unsigned)shape[0], (unsigned)shape[1], (unsigned)shape[2]};
    amend_block_size = {(unsigned)shape[3], (unsigned)shape[4], (unsigned)shape[5]};
    const size_t shared_bytes = ((size_t)shape[6] + 3) & ~(size_t)3;
    amend_threads = amend_block_size.x * amend_block_size.y * amend_block_size.z;
    amend_kernel = kernel;
    amend_arguments = slots;
    amend_fault[0] = 0;
    const unsigned blocks = amend_grid_size.x * amend_grid_size.y * amend_grid_size.z;
    unsigned *block_order = static_cast<unsigned *>(malloc(sizeof(unsigned) * blocks));
    unsigned thread_order[AMEND_MOST_THREADS];
    char *shared = static_cast<char *>(aligned_alloc(64, (shared_bytes + 2 * AMEND_SHARED_GUARD + 63) / 64 * 64));
    amend_shared = shared + AMEND_SHARED_GUARD;
    amend_shared_bytes = shared_bytes;
    amend_arrange(block_order, blocks, order, seed);
    for (unsigned b = 0; b < blocks && amend_fault[0] == 0; b++) {
        amend_block.x = block_order[b] % amend_grid_size.x;
        amend_block.y = block_order[b] / amend_grid_size.x % amend_grid_size.y;
        amend_block.z = block_order[b] / amend_grid_size.x / amend_grid_size.y;
        if (b == 0 || order == 2) {
            amend_arrange_threads(thread_order, order, seed);
        }
        amend_run_block(thread_order, shared_bytes);
    }
    free(block_order);
    free(shared);
    return amend_fault[0] == 0 ? nullptr : amend_fault;
}
