// Stands in for the runtime of CUDA 11.6, libcudart.so.11.0, and for the one that is linked into libnd4jcuda.so (see patch.cpp).
// It is a thin layer over the stand-in for the driver, as NVIDIA's is over theirs: one context, one set of streams, and no work
// done before somebody waits for it. Kernels are those of kernels.cpp.
#include "runtime.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

using namespace standin;

extern "C" {
#if !__has_include(<cuda.h>)
CUresult cuInit(unsigned);
CUresult cuDevicePrimaryCtxRetain(CUcontext *, CUdevice);
CUresult cuCtxSetCurrent(CUcontext);
CUresult cuDriverGetVersion(int *);
CUresult cuDeviceGetAttribute(int *, CUdevice_attribute, CUdevice);
CUresult cuDeviceTotalMem_v2(size_t *, CUdevice);
CUresult cuStreamCreate(CUstream *, unsigned);
CUresult cuStreamDestroy_v2(CUstream);
CUresult cuStreamSynchronize(CUstream);
CUresult cuStreamWaitEvent(CUstream, CUevent, unsigned);
CUresult cuEventCreate(CUevent *, unsigned);
CUresult cuEventDestroy_v2(CUevent);
CUresult cuEventRecord(CUevent, CUstream);
CUresult cuEventSynchronize(CUevent);
CUresult cuEventQuery(CUevent);
CUresult cuMemAlloc_v2(CUdeviceptr *, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
#endif
}

namespace {

// What cudaGetDeviceProperties fills, in 11.6's order; the rest is 0.
struct Properties {
    char name[256], identity[24];
    unsigned mask;
    size_t memory, shared;
    int registers, warp;
    size_t pitch;
    int block, threads[3], grid[3], clock;
    size_t constant;
    int major, minor;
    size_t alignment, pitchAlignment;
    int overlap, multiprocessors;
    char rest[728 - 392];
};
static_assert(offsetof(Properties, memory) == 288 && offsetof(Properties, major) == 360 && sizeof(Properties) == 728,
              "cudaDeviceProp of CUDA 11.6");

struct Attributes {
    size_t shared, constant, local;
    int threads, registers, ptx, binary, cache, dynamic, carveout;
};

struct Configuration {
    Dim3 grid, block;
    size_t shared;
    CUstream stream;
};

struct State {
    std::unordered_map<const void *, std::string> kernels;  // by the address of the host's function
    std::unordered_map<const void *, std::vector<char>> variables;
    std::map<const void *, size_t> pinned;
    std::set<CUstream> streams;
    std::map<std::string, long> launches, unknown;
    CUcontext context = nullptr;
    CUstream own = nullptr;  // for what has no stream; nothing waits in it
    size_t used = 0;
    std::map<CUdeviceptr, size_t> sizes;
    int error = 0;
};

// Never destroyed: libnd4jcuda.so still frees memory when the process ends.
State &state() {
    static State *made = new State;
    return *made;
}

thread_local std::vector<Configuration> configurations;

// For the test's twin: waiting for a stream does nothing.
const bool deaf = getenv("AMEND4J_STANDIN_DEAF") != nullptr;

// Kept in a file for the tests.
int complain(int status, const std::string &what) {
    fprintf(stderr, "stand-in for CUDA's runtime: %s\n", what.c_str());
    FILE *file = fopen(STANDIN_FOLDER "/complaints", "a");
    if (file != nullptr) {
        fprintf(file, "%s\n", what.c_str());
        fclose(file);
    }
    return state().error = status;
}

int told(int status, const char *call) {
    return status == 0 ? 0 : complain(status, std::string(call) + " returns " + std::to_string(status));
}

// The runtime makes the first card's context current to whoever calls it.
int begin() {
    State &all = state();
    if (all.context == nullptr) {
        if (cuInit(0) != 0 || cuDevicePrimaryCtxRetain(&all.context, 0) != 0 || cuCtxSetCurrent(all.context) != 0
            || cuStreamCreate(&all.own, 0) != 0) {
            return complain(SUCCESS + 3, "no context");
        }
    }
    return cuCtxSetCurrent(all.context);
}

#define ENTER()                                                     \
    const std::lock_guard<std::recursive_mutex> guard(lock);        \
    const int begun = begin();                                      \
    if (begun != 0) {                                               \
        return begun;                                               \
    }

int wait_for_all() {
    int status = 0;
    for (CUstream stream : state().streams) {
        const int now = cuStreamSynchronize(stream);
        status = status == 0 ? now : status;
    }
    const int own = cuStreamSynchronize(state().own);
    return status == 0 ? own : status;
}

// Work in a stream. What has none is in order with all streams: this one does it at once.
int submit(CUstream stream, Work work) {
    if (stream == nullptr) {
        const int before = wait_for_all();
        queue(state().own, std::move(work));
        const int after = cuStreamSynchronize(state().own);
        return before == 0 ? after : before;
    }
    if (state().streams.count(stream) == 0) {
        return complain(INVALID_HANDLE, "there is no such stream");
    }
    queue(stream, std::move(work));
    return 0;
}

// A variable of libnd4jcuda.so's on the card, by its address there.
bool is_variable(const void *from, size_t bytes) {
    for (const auto &variable : state().variables) {
        const char *start = variable.second.data(), *place = static_cast<const char *>(from);
        if (place >= start && place + bytes <= start + variable.second.size()) {
            return true;
        }
    }
    return false;
}

bool there(const void *from, size_t bytes) { return on_card(from, bytes) || is_variable(from, bytes); }

bool is_pinned(const void *from, size_t bytes) {
    const auto after = state().pinned.upper_bound(from);
    if (after == state().pinned.begin()) {
        return false;
    }
    const auto &block = *std::prev(after);
    return static_cast<const char *>(from) + bytes <= static_cast<const char *>(block.first) + block.second;
}

enum Kind { HOST_TO_HOST, HOST_TO_CARD, CARD_TO_HOST, CARD_TO_CARD, BY_ADDRESS };

// Refuses a copy whose ends are not where its kind says.
int checked(const void *to, const void *from, size_t bytes, int kind) {
    const bool toCard = there(to, bytes), fromCard = there(from, bytes);
    const bool wantsTo = kind == HOST_TO_CARD || kind == CARD_TO_CARD, wantsFrom = kind == CARD_TO_HOST || kind == CARD_TO_CARD;
    // pinned memory is mapped, so that the card reaches it by the same address
    const bool right = kind == BY_ADDRESS
                       || ((toCard == wantsTo || is_pinned(to, bytes)) && (fromCard == wantsFrom || is_pinned(from, bytes)));
    if (to == nullptr || from == nullptr || kind < HOST_TO_HOST || kind > BY_ADDRESS || !right) {
        return complain(RUNTIME_INVALID_VALUE, "a copy of kind " + std::to_string(kind) + " of " + std::to_string(bytes)
                                                   + " bytes goes elsewhere (" + (fromCard ? "card" : "host") + " to "
                                                   + (toCard ? "card" : "host") + ")");
    }
    return 0;
}

Work copied(void *to, const void *from, size_t bytes) {
    return [=]() -> const char * {
        memmove(to, from, bytes);
        return nullptr;
    };
}

char *variable(const void *symbol, size_t bytes, size_t offset) {
    const auto found = state().variables.find(symbol);
    return found == state().variables.end() || offset + bytes > found->second.size() ? nullptr : found->second.data() + offset;
}

std::string demangled(const std::string &name) {
    int status;
    char *text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
    const std::string found = status == 0 ? text : name;
    free(text);
    return found;
}

int set_bytes(void *to, int value, size_t bytes, CUstream stream) {
    if (!there(to, bytes) && !is_pinned(to, bytes)) {
        return complain(RUNTIME_INVALID_VALUE, "memory to be set is not there");
    }
    return submit(stream, [=]() -> const char * {
        memset(to, value, bytes);
        return nullptr;
    });
}

int made_stream(CUstream *stream) {
    const int status = cuStreamCreate(stream, 0);
    if (status == 0) {
        state().streams.insert(*stream);
    }
    return status;
}

int pin(void **memory, size_t bytes) {
    *memory = aligned_alloc(256, (bytes + 511) / 256 * 256);
    if (*memory == nullptr) {
        return OUT_OF_MEMORY;
    }
    state().pinned[*memory] = bytes;
    return 0;
}

}  // namespace

extern "C" {

// --- what nvcc's code calls when a library is loaded

void **__cudaRegisterFatBinary(void *) {
    static void *one;
    return &one;
}

void __cudaRegisterFatBinaryEnd(void **) {}

void __cudaUnregisterFatBinary(void **) {}

void __cudaRegisterFunction(void **, const char *host, char *, const char *name, int, void *, void *, void *, void *, int *) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    state().kernels[host] = name;
}

void __cudaRegisterVar(void **, char *host, char *, const char *, int, size_t bytes, int, int) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    state().variables[host].resize(bytes);
}

char __cudaInitModule(void **) { return 1; }

// --- kernels

unsigned __cudaPushCallConfiguration(Dim3 grid, Dim3 block, size_t shared, CUstream stream) {
    configurations.push_back({grid, block, shared, stream});
    return 0;
}

int __cudaPopCallConfiguration(Dim3 *grid, Dim3 *block, size_t *shared, CUstream *stream) {
    if (configurations.empty()) {
        return complain(RUNTIME_INVALID_VALUE, "a kernel without a shape");
    }
    const Configuration last = configurations.back();
    configurations.pop_back();
    *grid = last.grid;
    *block = last.block;
    *shared = last.shared;
    *stream = last.stream;
    return 0;
}

int cudaLaunchKernel(const void *function, Dim3 grid, Dim3 block, void **arguments, size_t shared, CUstream stream) {
    ENTER()
    const auto known = state().kernels.find(function);
    if (known == state().kernels.end()) {
        return complain(98, "a launch of something that is no kernel");
    }
    const size_t threads = size_t(block.x) * block.y * block.z;
    const std::string name = demangled(known->second);
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0 || threads > 1024 || shared > 48 * 1024) {
        return complain(9, "an invalid shape of " + name);
    }
    const Work work = host_kernel(name, grid, arguments);
    if (!work) {
        if (state().unknown[name]++ == 0) {
            complain(RUNTIME_NOT_SUPPORTED, "no host version of " + name);
        }
        return RUNTIME_NOT_SUPPORTED;
    }
    state().launches[name]++;
    return submit(stream, work);
}

int cudaFuncGetAttributes(Attributes *attributes, const void *) {
    memset(attributes, 0, sizeof *attributes);
    attributes->threads = 1024;
    attributes->registers = 32;
    return 0;
}

int cudaFuncSetAttribute(const void *, int, int) { return 0; }

// --- memory

int cudaMalloc(void **memory, size_t bytes) {
    ENTER()
    CUdeviceptr address = 0;
    const int status = cuMemAlloc_v2(&address, bytes == 0 ? 1 : bytes);
    if (status == 0) {
        state().used += bytes;
        state().sizes[address] = bytes;
    }
    *memory = reinterpret_cast<void *>(address);
    return told(status, __func__);
}

int cudaFree(void *memory) {
    ENTER()
    if (memory == nullptr) {
        return 0;
    }
    const CUdeviceptr address = reinterpret_cast<CUdeviceptr>(memory);
    const auto found = state().sizes.find(address);
    if (found == state().sizes.end()) {
        // When a process ends, ND4J frees what it put into the card's constant memory, too. A card's runtime only refuses that.
        return is_variable(memory, 1) ? int(RUNTIME_INVALID_VALUE)
                                      : complain(RUNTIME_INVALID_VALUE, "cudaFree of what cudaMalloc did not give");
    }
    const int before = wait_for_all();
    state().used -= found->second;
    state().sizes.erase(found);
    const int status = cuMemFree_v2(address);
    return told(before == 0 ? status : before, __func__);
}

int cudaHostAlloc(void **memory, size_t bytes, unsigned) {
    ENTER()
    return pin(memory, bytes);
}

int cudaMallocHost(void **memory, size_t bytes) {
    ENTER()
    return pin(memory, bytes);
}

int cudaFreeHost(void *memory) {
    ENTER()
    if (memory == nullptr) {
        return 0;
    }
    if (state().pinned.erase(memory) == 0) {
        return complain(RUNTIME_INVALID_VALUE, "cudaFreeHost of what cudaHostAlloc did not give");
    }
    const int status = wait_for_all();
    free(memory);
    return status;
}

int cudaHostGetDevicePointer(void **card, void *host, unsigned) {
    *card = host;
    return 0;
}

int cudaHostRegister(void *memory, size_t bytes, unsigned) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    state().pinned[memory] = bytes;
    return 0;
}

int cudaHostUnregister(void *memory) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    return state().pinned.erase(memory) == 1 ? 0 : RUNTIME_INVALID_VALUE;
}

int cudaMemGetInfo(size_t *unused, size_t *total) {
    ENTER()
    const int status = cuDeviceTotalMem_v2(total, 0);
    *unused = *total - state().used;
    return status;
}

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, CUstream stream) {
    ENTER()
    const int status = checked(to, from, bytes, kind);
    return status != 0 ? status : submit(stream, copied(to, from, bytes));
}

int cudaMemcpy(void *to, const void *from, size_t bytes, int kind) { return cudaMemcpyAsync(to, from, bytes, kind, nullptr); }

int cudaMemsetAsync(void *to, int value, size_t bytes, CUstream stream) {
    ENTER()
    return set_bytes(to, value, bytes, stream);
}

int cudaMemset(void *to, int value, size_t bytes) { return cudaMemsetAsync(to, value, bytes, nullptr); }

int cudaMemcpyToSymbolAsync(const void *symbol, const void *from, size_t bytes, size_t offset, int, CUstream stream) {
    ENTER()
    char *to = variable(symbol, bytes, offset);
    return to == nullptr ? complain(13, "an unknown symbol") : submit(stream, copied(to, from, bytes));
}

int cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t offset, int kind) {
    return cudaMemcpyToSymbolAsync(symbol, from, bytes, offset, kind, nullptr);
}

int cudaMemcpyFromSymbolAsync(void *to, const void *symbol, size_t bytes, size_t offset, int, CUstream stream) {
    ENTER()
    const char *from = variable(symbol, bytes, offset);
    return from == nullptr ? complain(13, "an unknown symbol") : submit(stream, copied(to, from, bytes));
}

int cudaMemcpyFromSymbol(void *to, const void *symbol, size_t bytes, size_t offset, int kind) {
    return cudaMemcpyFromSymbolAsync(to, symbol, bytes, offset, kind, nullptr);
}

int cudaGetSymbolAddress(void **address, const void *symbol) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    *address = variable(symbol, 0, 0);
    return *address == nullptr ? complain(13, "an unknown symbol") : 0;
}

// --- streams and events

int cudaStreamCreate(CUstream *stream) {
    ENTER()
    return made_stream(stream);
}

int cudaStreamCreateWithFlags(CUstream *stream, unsigned) {
    ENTER()
    return made_stream(stream);
}

int cudaStreamCreateWithPriority(CUstream *stream, unsigned, int) {
    ENTER()
    return made_stream(stream);
}

int cudaStreamDestroy(CUstream stream) {
    ENTER()
    if (state().streams.erase(stream) == 0) {
        return complain(INVALID_HANDLE, "there is no such stream");
    }
    return cuStreamDestroy_v2(stream);
}

int cudaStreamSynchronize(CUstream stream) {
    ENTER()
    if (deaf) {
        return 0;
    }
    return told(stream == nullptr ? wait_for_all() : int(cuStreamSynchronize(stream)), __func__);
}

// Asking is not waiting; but who asks until the answer is yes would ask for ever.
int cudaStreamQuery(CUstream stream) { return cudaStreamSynchronize(stream); }

int cudaDeviceSynchronize() {
    ENTER()
    return told(wait_for_all(), __func__);
}

int cudaStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) {
    ENTER()
    return told(stream == nullptr ? cuEventSynchronize(event) : cuStreamWaitEvent(stream, event, flags), __func__);
}

int cudaEventCreateWithFlags(CUevent *event, unsigned flags) {
    ENTER()
    return cuEventCreate(event, flags);
}

int cudaEventCreate(CUevent *event) { return cudaEventCreateWithFlags(event, 0); }

int cudaEventDestroy(CUevent event) {
    ENTER()
    return told(cuEventDestroy_v2(event), __func__);
}

int cudaEventRecord(CUevent event, CUstream stream) {
    ENTER()
    if (stream == nullptr) {
        wait_for_all();
    }
    return told(cuEventRecord(event, stream == nullptr ? state().own : stream), __func__);
}

int cudaEventSynchronize(CUevent event) {
    ENTER()
    return told(cuEventSynchronize(event), __func__);
}

int cudaEventQuery(CUevent event) {
    ENTER()
    const int status = cuEventQuery(event);
    return status == NOT_READY ? cuEventSynchronize(event) : status;
}

// --- the card

int cudaGetDeviceCount(int *number) {
    *number = 1;
    return 0;
}

int cudaGetDevice(int *device) {
    *device = 0;
    return 0;
}

int cudaSetDevice(int device) {
    ENTER()
    return device == 0 ? 0 : INVALID_DEVICE;
}

int cudaGetDeviceProperties(Properties *card, int device) {
    ENTER()
    if (device != 0) {
        return INVALID_DEVICE;
    }
    memset(static_cast<void *>(card), 0, sizeof *card);
    strcpy(card->name, "stand-in for a card");
    cuDeviceTotalMem_v2(&card->memory, 0);
    card->shared = 48 * 1024;
    card->registers = 65536;
    card->warp = 32;
    card->pitch = card->grid[0] = 0x7FFFFFFF;
    card->block = card->threads[0] = card->threads[1] = 1024;
    card->threads[2] = 64;
    card->grid[1] = card->grid[2] = 65535;
    card->clock = 1500000;
    card->constant = 65536;
    card->major = STANDIN_MAJOR;
    card->minor = STANDIN_MINOR;
    card->alignment = 512;
    card->pitchAlignment = 32;
    card->overlap = 1;
    card->multiprocessors = 4;
    return 0;
}

int cudaDeviceGetAttribute(int *value, int attribute, int device) {
    ENTER()
    *value = 1;
    if (attribute == 75 || attribute == 76) {
        return cuDeviceGetAttribute(value, CUdevice_attribute(attribute), device);
    }
    return 0;
}

int cudaDeviceCanAccessPeer(int *can, int, int) {
    *can = 0;
    return 0;
}

int cudaDeviceSetLimit(int, size_t) { return 0; }

int cudaDeviceGetLimit(size_t *value, int) {
    *value = 1024;
    return 0;
}

int cudaDriverGetVersion(int *version) { return cuDriverGetVersion(version); }

int cudaRuntimeGetVersion(int *version) { return cuDriverGetVersion(version); }

int cudaGetLastError() {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    const int last = state().error;
    state().error = 0;
    return last;
}

int cudaPeekAtLastError() {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    return state().error;
}

// --- for the tests

// Whatever of the runtime has no stand-in comes here (see patch.cpp).
int standin_missing(const char *call) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    return complain(RUNTIME_NOT_SUPPORTED, std::string("no stand-in for ") + call);
}

}  // extern "C"

namespace {

// What the process leaves when it ends, and which kernels it ran, for the tests.
__attribute__((destructor)) void end() {
    FILE *file = fopen(STANDIN_FOLDER "/ended", "w");
    if (file != nullptr) {
        const State &all = state();
        fprintf(file, "allocations %zu\nbytes %zu\npinned %zu\nstreams %zu\n", all.sizes.size(), all.used, all.pinned.size(),
                all.streams.size());
        for (const std::map<std::string, long> &launches : {driver_launches(), all.launches}) {
            for (const auto &each : launches) {
                fprintf(file, "kernel %ld %s\n", each.second, each.first.c_str());
            }
        }
        fclose(file);
    }
}

}  // namespace
