// The part of CUDA C that our kernels use, for a host compiler: blocks run one after the other, the threads of a block as
// fibers that give way only at barriers and shuffles. Prepended to a kernel source by EmulatedDevice.
//
// Stricter than a card where a card would hide a mistake: all threads of a block must meet at the same barrier, a shuffle
// needs all 32 lanes, shared memory holds NaN when a block starts and has guard words around it, and threads and blocks can
// be run in several orders. A warp runs until all its lanes wait at a barrier before another warp gets a turn, so that warps are
// as far apart as barriers allow.
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

enum amend_state { AMEND_READY, AMEND_AT_BARRIER, AMEND_AT_SHUFFLE, AMEND_DONE };

struct amend_fiber {
#if defined(__x86_64__) && !defined(AMEND_UCONTEXT)
    void *stack_pointer;
#else
    ucontext_t context;
#endif
    dim3 index;
    unsigned linear;
    amend_state state;
    int line;
    int parity;
};

static amend_fiber *amend_fibers;
static char *amend_stacks;
static amend_fiber amend_scheduler;
static amend_fiber *amend_current;
static uint32_t (*amend_slots)[AMEND_MOST_THREADS];
static dim3 amend_block, amend_block_size, amend_grid_size;
static unsigned amend_threads, amend_waiting;
static unsigned amend_warp_waiting[AMEND_MOST_THREADS / 32];
static char *amend_shared;
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
    me->state = AMEND_AT_BARRIER;
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

static uint32_t amend_exchange(unsigned mask, uint32_t bits, unsigned source, int line) {
    amend_fiber *me = amend_current;
    const unsigned warp = me->linear / 32;
    me->line = line;
    me->parity ^= 1;
    const int parity = me->parity;
    amend_slots[parity][me->linear] = bits;
    if (mask != 0xFFFFFFFFu && amend_fault[0] == 0) {
        snprintf(amend_fault, sizeof amend_fault, "shuffle with mask %08x in line %d: only whole warps are emulated", mask, line);
    }
    me->state = AMEND_AT_SHUFFLE;
    if (++amend_warp_waiting[warp] == 32) {
        for (unsigned t = warp * 32; t < warp * 32 + 32; t++) {
            amend_fibers[t].state = AMEND_READY;
        }
        amend_warp_waiting[warp] = 0;
    } else {
        amend_give_way();
    }
    return source < 32 ? amend_slots[parity][warp * 32 + source] : bits;
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
                 waiting->linear, amend_block.x, amend_block.y, amend_block.z,
                 waiting->state == AMEND_AT_BARRIER ? "barrier" : "shuffle", waiting->line,
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
        amend_slots = static_cast<uint32_t(*)[AMEND_MOST_THREADS]>(calloc(2, sizeof *amend_slots));
        void *stacks = mmap(nullptr, AMEND_MOST_THREADS * AMEND_STACK, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (amend_fibers == nullptr || amend_slots == nullptr || stacks == MAP_FAILED) {
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
