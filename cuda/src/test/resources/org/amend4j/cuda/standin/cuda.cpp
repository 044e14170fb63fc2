// Stands in for NVIDIA's driver, libcuda.so.1, in tests: memory is the host's, kernels are those that the stand-in for NVRTC
// compiled for the host. It shows nothing about a card. It shows that calls come in a valid order with valid arguments, and is
// stricter than a card where a card would hide a mistake:
// - no work is done before its stream is waited for, and then host memory is read and written as it is by then;
// - fresh memory holds NaN and has guard words around it;
// - every call needs a current context, every handle must be alive, every copy must lie within one allocation;
// - waiting, allocating and loading code end a capture;
// - what is not given back before the context makes releasing the context fail;
// - memory that stays and a pool's are given back each by its own call, the first not while a stream has work to do: a card may
//   wait for it, or not;
// - where a test has two cards, streams, modules, memory and pools of one are refused in the other's context, and to its kernels.
#include "driver.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <elf.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace standin;

// A card's primary context, and what was done in it since it was made.
struct CUctx_st {
    int ordinal = 0;
    int retained = 0;
    size_t used = 0;
    long allocations = 0, launches = 0;
};
struct CUmod_st {
    CUcontext owner;
    void *library;
};
struct CUfunc_st {
    CUmodule module;
    std::string name;
    int kernel;
    std::vector<size_t> sizes;
};
struct CUstream_st {
    CUcontext owner;
    std::deque<Work> pending = {};
    bool capturing = false;
    bool invalidated = false;
    std::deque<Work> captured = {};
};
// A place in a stream's work: events can be recorded again, and destroyed, while others still wait for where they were.
struct Mark {
    CUstream stream;
    bool reached = false;
    std::chrono::steady_clock::time_point time = {};
};
struct CUevent_st {
    CUcontext owner;
    std::shared_ptr<Mark> mark = {};  // null before it is recorded
};
struct CUgraph_st {
    CUcontext owner;
    std::deque<Work> work;
};
struct CUgraphExec_st {
    CUcontext owner;
    std::deque<Work> work;
};
struct CUmemPoolHandle_st {
    CUcontext owner;
    size_t kept = 0;
};

namespace {

const uint32_t POISON = 0xFFFEFFFEu;
const uint32_t GUARD_WORD = 0xFFFDFFFDu;
const size_t GUARD = 4096;
const size_t MEMORY = size_t(8) << 30;
const unsigned MOST_THREADS = 1024, MOST_SHARED = 48 * 1024, MOST_GRID_Y = 65535;
#ifndef STANDIN_CUDA  // the generation of CUDA, and the card's compute capability
#define STANDIN_CUDA 13010
#define STANDIN_MAJOR 9
#define STANDIN_MINOR 0
#endif
const int MAJOR = STANDIN_MAJOR, MINOR = STANDIN_MINOR, ATTRIBUTE_MAJOR = 75, ATTRIBUTE_MINOR = 76, ATTRIBUTE_POOLS = 115;
const int POOL_KEEPS = 4, MEMORY_PINNED = 1, NO_HANDLES = 0, ON_DEVICE = 1;

bool initialised = false;
int fault = SUCCESS;
long calls_until_failure = -1;
int planned_failure = SUCCESS;
const int MOST_CARDS = 2;
CUctx_st cards[MOST_CARDS] = {{0}, {1}};
thread_local CUcontext current = nullptr;

struct Block {
    CUcontext owner;
    size_t bytes;
    char *base;
    CUmemoryPool pool;  // null for memory that stays
};
std::map<uintptr_t, Block> blocks;
std::set<CUstream> streams;
std::set<CUevent> events;
std::set<CUmodule> modules;
std::map<std::pair<CUmodule, int>, CUfunction> functions;
std::set<CUgraph> graphs;
std::set<CUgraphExec> launchables;
std::set<CUmemoryPool> pools;
std::multiset<std::pair<CUcontext, std::string>> others;

struct Error {
    int status;
    const char *name, *sentence;
};
const Error ERRORS[] = {
    {SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {ILLEGAL_STATE, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {POOLS_UNSUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "operation failed due to a previous error during capture"},
    {UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const Error *error(int status) {
    for (const Error &candidate : ERRORS) {
        if (candidate.status == status) {
            return &candidate;
        }
    }
    return nullptr;
}

int complain(int status, const std::string &what) {
    fprintf(stderr, "stand-in for CUDA: %s\n", what.c_str());
    return status;
}

// A test names the call that is to fail in a file: how many calls from now, and with which status. Calls that give something
// back, or that are made before it is, do not count: what they left would be taken for forgotten.
bool gives_back(const char *call) {
    for (const char *word : {"Destroy", "Free", "Release", "Unload", "EndCapture", "CtxSetCurrent"}) {
        if (strstr(call, word) != nullptr) {
            return true;
        }
    }
    return false;
}

void read_planned_failure() {
    FILE *file = access(STANDIN_FOLDER "/fail", F_OK) == 0 ? fopen(STANDIN_FOLDER "/fail", "r") : nullptr;
    if (file != nullptr) {
        long calls, process;
        int status;
        const bool meant = fscanf(file, "%ld %d %ld", &calls, &status, &process) == 3 && process == long(getpid());
        fclose(file);
        if (meant) {  // not for the process that tries CUDA before this one
            calls_until_failure = calls;
            planned_failure = status;
            remove(STANDIN_FOLDER "/fail");
        }
    }
}

// A test has a card without pools by a file, too, and a second card.
bool has_pools() { return access(STANDIN_FOLDER "/no-pools", F_OK) != 0; }

int number_of_cards() { return access(STANDIN_FOLDER "/two-cards", F_OK) == 0 ? MOST_CARDS : 1; }

bool is_card(int ordinal) { return ordinal >= 0 && ordinal < number_of_cards(); }

bool has_context() { return current != nullptr && current->retained > 0; }

// For the test: what was done in a context until it was given back. No file: the card was not touched.
void report(const CUctx_st &card) {
    const std::string name = STANDIN_FOLDER "/used-" + std::to_string(getpid()) + "-" + std::to_string(card.ordinal);
    FILE *file = fopen(name.c_str(), "a");
    if (file != nullptr) {
        fprintf(file, "%ld %ld\n", card.allocations, card.launches);
        fclose(file);
    }
}

template <class T> bool alive(const std::set<T> &all, T handle) { return all.count(handle) == 1; }

void invalidate_captures() {
    for (CUstream stream : streams) {
        stream->invalidated |= stream->capturing;
    }
}

bool capturing() {
    for (CUstream stream : streams) {
        if (stream->capturing) {
            return true;
        }
    }
    return false;
}

void fill(char *from, size_t bytes, uint32_t word) {
    std::fill_n(reinterpret_cast<uint32_t *>(from), bytes / 4, word);
}

bool intact(const Block &block) {
    static const std::vector<uint32_t> guard(GUARD / 4, GUARD_WORD);
    const char *behind = block.base + GUARD + (block.bytes + 3) / 4 * 4;
    return memcmp(block.base, guard.data(), GUARD) == 0 && memcmp(behind, guard.data(), GUARD) == 0;
}

bool all_intact() {
    for (const auto &block : blocks) {
        if (!intact(block.second)) {
            complain(0, "memory was written outside of an allocation of " + std::to_string(block.second.bytes) + " bytes");
            return false;
        }
    }
    return true;
}

// Does a stream's work, up to a mark if there is one and no further. Work may wait for another stream's, and so come back here.
// Whoever asks for it, it is done in the stream's context.
int run(CUstream stream, const Mark *mark = nullptr) {
    const CUcontext asking = current;
    struct Back {
        CUcontext asking;
        ~Back() { current = asking; }
    } back{asking};
    current = stream->owner;
    while (!stream->pending.empty() && (mark == nullptr || !mark->reached)) {
        const Work work = std::move(stream->pending.front());
        stream->pending.pop_front();
        const char *wrong = work();
        if (wrong != nullptr) {
            return fault = complain(ILLEGAL_ADDRESS, wrong);
        }
    }
    return all_intact() ? SUCCESS : fault = ILLEGAL_ADDRESS;
}

// Does what comes before a mark. A stream that was destroyed has done its work.
int reach(const std::shared_ptr<Mark> &mark) {
    return mark == nullptr || mark->reached || !alive(streams, mark->stream) ? int(SUCCESS) : run(mark->stream, mark.get());
}

int wait_for(CUstream stream) {
    if (stream->capturing) {
        stream->invalidated = true;
        return CAPTURE_UNSUPPORTED;
    }
    return run(stream);
}

Work copy(void *to, const void *from, size_t bytes) {
    return [=]() -> const char * {
        memcpy(to, from, bytes);
        return nullptr;
    };
}

const char *gone_memory(const void *card, size_t bytes) {
    return on_card(card, bytes) ? nullptr : "a copy or fill touches memory that is not there any more";
}

void count(std::string &report, size_t number, const char *what) {
    if (number > 0) {
        report += (report.empty() ? "" : ", ") + std::to_string(number) + " " + what;
    }
}

int allocate(CUdeviceptr *address, size_t bytes, CUmemoryPool pool) {
    if (capturing()) {
        invalidate_captures();
        return CAPTURE_UNSUPPORTED;
    }
    if (bytes == 0) {
        return INVALID_VALUE;
    }
    if (bytes > MEMORY - current->used) {
        return OUT_OF_MEMORY;
    }
    const size_t words = (bytes + 3) / 4 * 4;
    char *base = static_cast<char *>(aligned_alloc(GUARD, (words + 2 * GUARD + GUARD - 1) / GUARD * GUARD));
    if (base == nullptr) {
        return OUT_OF_MEMORY;
    }
    fill(base, GUARD, GUARD_WORD);
    fill(base + GUARD, words, POISON);
    fill(base + GUARD + words, GUARD, GUARD_WORD);
    current->used += bytes;
    current->allocations++;
    *address = reinterpret_cast<uintptr_t>(base + GUARD);
    blocks[*address] = {current, bytes, base, pool};
    return SUCCESS;
}

int give_back(CUdeviceptr address, bool of_pool) {
    if (capturing()) {
        invalidate_captures();
        return CAPTURE_UNSUPPORTED;
    }
    auto found = blocks.find(address);
    if (found == blocks.end()) {
        return INVALID_VALUE;
    }
    if (found->second.owner != current) {
        return complain(INVALID_VALUE, "memory is given back in another card's context");
    }
    if ((found->second.pool != nullptr) != of_pool) {
        return complain(INVALID_VALUE, "memory is given back by the call for memory of another kind");
    }
    const bool whole = intact(found->second);
    current->used -= found->second.bytes;
    free(found->second.base);
    blocks.erase(found);
    return whole ? int(SUCCESS) : complain(ILLEGAL_ADDRESS, "memory was written outside of an allocation");
}

template <class T> size_t of(CUcontext context, const std::set<T> &all) {
    return std::count_if(all.begin(), all.end(), [=](T handle) { return handle->owner == context; });
}

std::string left_over(CUcontext context) {
    std::string report;
    count(report, std::count_if(blocks.begin(), blocks.end(), [=](const auto &it) { return it.second.owner == context; }),
          "allocations");
    count(report, of(context, streams), "streams");
    count(report, of(context, events), "events");
    count(report, of(context, modules), "modules");
    count(report, of(context, graphs), "graphs");
    count(report, of(context, launchables), "launchable graphs");
    count(report, of(context, pools), "pools");
    for (const auto &other : others) {
        count(report, other.first == context, other.second.c_str());
    }
    return report;
}

size_t elf_bytes(const void *image) {
    const Elf64_Ehdr *header = static_cast<const Elf64_Ehdr *>(image);
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64) {
        return 0;
    }
    return header->e_shoff + size_t(header->e_shnum) * header->e_shentsize;
}

void *open_library(const void *image) {
    const size_t bytes = elf_bytes(image);
    char name[] = STANDIN_FOLDER "/module-XXXXXX";
    const int file = bytes == 0 ? -1 : mkstemp(name);
    if (file < 0) {
        return nullptr;
    }
    const bool written = write(file, image, bytes) == ssize_t(bytes);
    close(file);
    void *library = written ? dlopen(name, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (library == nullptr) {
        complain(0, written ? dlerror() : "no room for a module");
    }
    remove(name);
    return library;
}

}  // namespace

std::recursive_mutex standin::lock;

// Never destroyed: it is read when the process ends.
std::map<std::string, long> &standin::driver_launches() {
    static auto *counts = new std::map<std::string, long>;
    return *counts;
}

int standin::enter(const char *call) {
    if (!initialised && strcmp(call, "cuInit") != 0) {
        return NOT_INITIALIZED;
    }
    read_planned_failure();
    if (calls_until_failure > 0 && !gives_back(call) && --calls_until_failure == 0) {
        return planned_failure;
    }
    return fault;
}

int standin::enter(const char *call, CUstream stream) {
    const int status = enter(call);
    if (status != SUCCESS) {
        return status;
    }
    if (!has_context()) {
        return complain(INVALID_CONTEXT, std::string(call) + " without a current context");
    }
    return alive(streams, stream) && stream->owner == current ? SUCCESS : INVALID_HANDLE;
}

bool standin::on_card(const void *from, size_t bytes) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(from);
    auto after = blocks.upper_bound(address);
    if (after == blocks.begin()) {
        return false;
    }
    const auto &block = *std::prev(after);
    return block.second.owner == current && address + bytes <= block.first + block.second.bytes;
}

// Whether a kernel's argument is an address in another card's memory.
static bool of_another_card(const std::vector<char> &value) {
    uintptr_t address = 0;
    if (value.size() != sizeof address) {
        return false;
    }
    memcpy(&address, value.data(), sizeof address);
    const auto after = blocks.upper_bound(address);
    if (after == blocks.begin()) {
        return false;
    }
    const auto &block = *std::prev(after);
    return block.second.owner != current && address < block.first + block.second.bytes;
}

void standin::queue(CUstream stream, Work work) {
    (stream->capturing ? stream->captured : stream->pending).push_back(std::move(work));
}

void standin::made(const char *what) { others.insert({current, what}); }

// In whatever context: a library's handle knows its own.
void standin::gone(const char *what) {
    auto found = others.find({current, what});
    if (found == others.end()) {
        found = std::find_if(others.begin(), others.end(), [=](const auto &other) { return other.second == what; });
    }
    others.erase(found);
}

int standin::instantiate(CUgraphExec *made, CUgraph graph) {
    if (!alive(graphs, graph)) {
        return INVALID_HANDLE;
    }
    *made = new CUgraphExec_st{graph->owner, graph->work};
    launchables.insert(*made);
    return SUCCESS;
}

#define REFUSE_IF(wrong, status)     \
    if (wrong) {                     \
        return CUresult(status);     \
    }
// Begin a call: return from it if it may not go on.
#define ENTER()                                              \
    const std::lock_guard<std::recursive_mutex> guard(lock); \
    const int entered = enter(__func__);                     \
    REFUSE_IF(entered != SUCCESS, entered)
#define ENTER_CONTEXT() \
    ENTER()             \
    REFUSE_IF(!has_context(), INVALID_CONTEXT)
#define ENTER_STREAM(stream)                                 \
    const std::lock_guard<std::recursive_mutex> guard(lock); \
    const int entered = enter(__func__, stream);             \
    REFUSE_IF(entered != SUCCESS, entered)

extern "C" {

CUresult cuInit(unsigned flags) {
    ENTER()
    REFUSE_IF(flags != 0, INVALID_VALUE)
    initialised = true;
    return CUresult(SUCCESS);
}

CUresult cuGetErrorName(CUresult status, const char **name) {
    const Error *found = error(status);
    *name = found == nullptr ? nullptr : found->name;
    return CUresult(found == nullptr ? INVALID_VALUE : SUCCESS);
}

CUresult cuGetErrorString(CUresult status, const char **sentence) {
    const Error *found = error(status);
    *sentence = found == nullptr ? nullptr : found->sentence;
    return CUresult(found == nullptr ? INVALID_VALUE : SUCCESS);
}

CUresult cuDriverGetVersion(int *version) {
    *version = STANDIN_CUDA;
    return CUresult(SUCCESS);
}

CUresult cuDeviceGetCount(int *number) {
    ENTER()
    *number = number_of_cards();
    return CUresult(SUCCESS);
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
    ENTER()
    REFUSE_IF(!is_card(ordinal), INVALID_DEVICE)
    *device = ordinal;
    return CUresult(SUCCESS);
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
    ENTER()
    REFUSE_IF(!is_card(device), INVALID_DEVICE)
    REFUSE_IF(length < 1, INVALID_VALUE)
    snprintf(name, length, device == 0 ? "stand-in for a card" : "stand-in for a second card");
    return CUresult(SUCCESS);
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
    ENTER()
    REFUSE_IF(!is_card(device), INVALID_DEVICE)
    *bytes = MEMORY;
    return CUresult(SUCCESS);
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
    ENTER()
    REFUSE_IF(!is_card(device), INVALID_DEVICE)
    REFUSE_IF(attribute != ATTRIBUTE_MAJOR && attribute != ATTRIBUTE_MINOR && attribute != ATTRIBUTE_POOLS, INVALID_VALUE)
    *value = attribute == ATTRIBUTE_MAJOR ? MAJOR : attribute == ATTRIBUTE_MINOR ? MINOR : has_pools();
    return CUresult(SUCCESS);
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    ENTER()
    REFUSE_IF(!is_card(device), INVALID_DEVICE)
    cards[device].retained++;
    *context = &cards[device];
    return CUresult(SUCCESS);
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    ENTER()
    REFUSE_IF(!is_card(device), INVALID_DEVICE)
    CUctx_st &card = cards[device];
    REFUSE_IF(card.retained == 0, INVALID_CONTEXT)
    if (--card.retained > 0) {
        return CUresult(SUCCESS);
    }
    report(card);
    card.allocations = card.launches = 0;
    const std::string left = left_over(&card);
    return CUresult(left.empty() ? int(SUCCESS) : complain(UNKNOWN, "not given back before the context: " + left));
}

CUresult cuCtxSetCurrent(CUcontext context) {
    ENTER()
    REFUSE_IF(context != nullptr && ((context != &cards[0] && context != &cards[1]) || context->retained == 0), INVALID_CONTEXT)
    current = context;
    return CUresult(SUCCESS);
}

CUresult cuCtxGetDevice(CUdevice *device) {
    ENTER_CONTEXT()
    *device = current->ordinal;
    return CUresult(SUCCESS);
}

CUresult cuStreamCreate(CUstream *stream, unsigned) {
    ENTER_CONTEXT()
    *stream = new CUstream_st{current};
    streams.insert(*stream);
    return CUresult(SUCCESS);
}

CUresult cuStreamDestroy_v2(CUstream stream) {
    ENTER_STREAM(stream)
    const int status = run(stream);
    streams.erase(stream);
    delete stream;
    return CUresult(status);
}

CUresult cuStreamSynchronize(CUstream stream) {
    ENTER_STREAM(stream)
    return CUresult(wait_for(stream));
}

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode) {
    ENTER_STREAM(stream)
    REFUSE_IF(stream->capturing, ILLEGAL_STATE)
    stream->capturing = true;
    stream->invalidated = false;
    stream->captured.clear();
    return CUresult(SUCCESS);
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
    ENTER_STREAM(stream)
    REFUSE_IF(!stream->capturing, ILLEGAL_STATE)
    stream->capturing = false;
    *graph = nullptr;
    REFUSE_IF(stream->invalidated, CAPTURE_INVALIDATED)
    *graph = new CUgraph_st{stream->owner, stream->captured};
    graphs.insert(*graph);
    return CUresult(SUCCESS);
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *launchable, CUgraph graph, unsigned long long) {
    ENTER()
    return CUresult(instantiate(launchable, graph));
}

CUresult cuGraphDestroy(CUgraph graph) {
    ENTER()
    REFUSE_IF(!alive(graphs, graph), INVALID_HANDLE)
    graphs.erase(graph);
    delete graph;
    return CUresult(SUCCESS);
}

CUresult cuGraphLaunch(CUgraphExec launchable, CUstream stream) {
    ENTER_STREAM(stream)
    REFUSE_IF(!alive(launchables, launchable) || launchable->owner != current, INVALID_HANDLE)
    for (const Work &work : launchable->work) {
        queue(stream, work);
    }
    return CUresult(SUCCESS);
}

CUresult cuGraphExecDestroy(CUgraphExec launchable) {
    ENTER()
    REFUSE_IF(!alive(launchables, launchable), INVALID_HANDLE)
    launchables.erase(launchable);
    delete launchable;
    return CUresult(SUCCESS);
}

CUresult cuEventCreate(CUevent *event, unsigned) {
    ENTER_CONTEXT()
    *event = new CUevent_st{current};
    events.insert(*event);
    return CUresult(SUCCESS);
}

CUresult cuEventDestroy_v2(CUevent event) {
    ENTER()
    REFUSE_IF(!alive(events, event), INVALID_HANDLE)
    events.erase(event);
    delete event;
    return CUresult(SUCCESS);
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
    ENTER_STREAM(stream)
    REFUSE_IF(!alive(events, event) || event->owner != current, INVALID_HANDLE)
    const std::shared_ptr<Mark> mark = event->mark = std::make_shared<Mark>(Mark{stream});
    queue(stream, [mark]() -> const char * {
        mark->reached = true;
        mark->time = std::chrono::steady_clock::now();
        return nullptr;
    });
    return CUresult(SUCCESS);
}

CUresult cuEventSynchronize(CUevent event) {
    ENTER_CONTEXT()
    REFUSE_IF(!alive(events, event), INVALID_HANDLE)
    if (capturing()) {
        invalidate_captures();
        return CUresult(CAPTURE_UNSUPPORTED);
    }
    return CUresult(reach(event->mark));
}

CUresult cuEventQuery(CUevent event) {
    ENTER()
    REFUSE_IF(!alive(events, event), INVALID_HANDLE)
    return CUresult(event->mark == nullptr || event->mark->reached ? SUCCESS : NOT_READY);
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
    ENTER_STREAM(stream)
    REFUSE_IF(!alive(events, event), INVALID_HANDLE)
    const std::shared_ptr<Mark> mark = event->mark;  // as it is now; recording it again later is not waited for
    if (mark != nullptr && mark->stream != stream) {
        queue(stream, [mark]() -> const char * {
            return reach(mark) == SUCCESS ? nullptr : "what was waited for in another stream failed";
        });
    }
    return CUresult(SUCCESS);
}

CUresult cuEventElapsedTime_v2(float *milliseconds, CUevent start, CUevent end) {
    ENTER_CONTEXT()
    REFUSE_IF(!alive(events, start) || !alive(events, end) || !start->mark || !end->mark, INVALID_HANDLE)
    REFUSE_IF(!start->mark->reached || !end->mark->reached, NOT_READY)
    *milliseconds = std::chrono::duration<float, std::milli>(end->mark->time - start->mark->time).count();
    return CUresult(SUCCESS);
}

// Its name until CUDA 12.
#undef cuEventElapsedTime
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
    return cuEventElapsedTime_v2(milliseconds, start, end);
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
    ENTER_CONTEXT()
    return CUresult(allocate(address, bytes, nullptr));
}

CUresult cuMemFree_v2(CUdeviceptr address) {
    ENTER_CONTEXT()
    for (CUstream stream : streams) {
        REFUSE_IF(stream->owner == current && !stream->pending.empty(),
                  complain(ILLEGAL_STATE, "memory is given back while a stream has work to do"))
    }
    return CUresult(give_back(address, false));
}

CUresult cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *settings) {
    ENTER()
    REFUSE_IF(!has_pools(), POOLS_UNSUPPORTED)
    REFUSE_IF(settings->allocType != MEMORY_PINNED || settings->handleTypes != NO_HANDLES
                  || settings->location.type != ON_DEVICE || !is_card(settings->location.id) || settings->maxSize != 0
                  || settings->usage != 0,
              INVALID_VALUE)
    for (unsigned char byte : settings->reserved) {
        REFUSE_IF(byte != 0, INVALID_VALUE)
    }
    *pool = new CUmemPoolHandle_st{&cards[settings->location.id]};
    pools.insert(*pool);
    return CUresult(SUCCESS);
}

CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute, void *value) {
    ENTER()
    REFUSE_IF(!alive(pools, pool), INVALID_HANDLE)
    REFUSE_IF(attribute != POOL_KEEPS, INVALID_VALUE)
    pool->kept = size_t(*static_cast<uint64_t *>(value));
    return CUresult(SUCCESS);
}

CUresult cuMemPoolDestroy(CUmemoryPool pool) {
    ENTER()
    REFUSE_IF(!alive(pools, pool), INVALID_HANDLE)
    for (const auto &block : blocks) {
        REFUSE_IF(block.second.pool == pool, complain(INVALID_VALUE, "a pool is given back while its memory is in use"))
    }
    pools.erase(pool);
    delete pool;
    return CUresult(SUCCESS);
}

CUresult cuMemAllocFromPoolAsync(CUdeviceptr *address, size_t bytes, CUmemoryPool pool, CUstream stream) {
    ENTER_STREAM(stream)
    REFUSE_IF(!alive(pools, pool) || pool->owner != current, INVALID_HANDLE)
    REFUSE_IF(pool->kept == 0, complain(ILLEGAL_STATE, "a pool that keeps nothing maps its memory anew after every wait"))
    return CUresult(allocate(address, bytes, pool));
}

CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
    ENTER_STREAM(stream)
    // in the order of the stream: what came before still uses it
    const int status = capturing() ? int(SUCCESS) : run(stream);
    const int given_back = give_back(address, true);
    return CUresult(status == SUCCESS ? given_back : status);
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
    ENTER_STREAM(stream)
    void *card = reinterpret_cast<void *>(to);
    REFUSE_IF(!on_card(card, bytes) || from == nullptr || on_card(from, bytes), INVALID_VALUE)
    queue(stream, copy(card, from, bytes));
    return CUresult(SUCCESS);
}

CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
    ENTER_STREAM(stream)
    const void *card = reinterpret_cast<const void *>(from);
    REFUSE_IF(!on_card(card, bytes) || to == nullptr || on_card(to, bytes), INVALID_VALUE)
    queue(stream, copy(to, card, bytes));
    return CUresult(SUCCESS);
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
    ENTER_STREAM(stream)
    void *target = reinterpret_cast<void *>(to);
    const void *source = reinterpret_cast<const void *>(from);
    REFUSE_IF(!on_card(target, bytes) || !on_card(source, bytes), INVALID_VALUE)
    REFUSE_IF(to < from + bytes && from < to + bytes, INVALID_VALUE)
    queue(stream, [=]() -> const char * {
        const char *wrong = gone_memory(target, bytes) != nullptr ? gone_memory(target, bytes) : gone_memory(source, bytes);
        if (wrong == nullptr) {
            memcpy(target, source, bytes);
        }
        return wrong;
    });
    return CUresult(SUCCESS);
}

CUresult cuMemsetD32Async(CUdeviceptr to, unsigned word, size_t words, CUstream stream) {
    ENTER_STREAM(stream)
    char *card = reinterpret_cast<char *>(to);
    REFUSE_IF(to % 4 != 0 || !on_card(card, 4 * words), INVALID_VALUE)
    queue(stream, [=]() -> const char * {
        const char *wrong = gone_memory(card, 4 * words);
        if (wrong == nullptr) {
            fill(card, 4 * words, word);
        }
        return wrong;
    });
    return CUresult(SUCCESS);
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    ENTER_CONTEXT()
    if (capturing()) {
        invalidate_captures();
        return CUresult(CAPTURE_UNSUPPORTED);
    }
    void *library = open_library(image);
    REFUSE_IF(library == nullptr, INVALID_IMAGE)
    *module = new CUmod_st{current, library};
    modules.insert(*module);
    return CUresult(SUCCESS);
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
    ENTER_CONTEXT()
    REFUSE_IF(!alive(modules, module) || module->owner != current, INVALID_HANDLE)
    typedef int Find(const char *, const size_t **, size_t *);
    Find *find = reinterpret_cast<Find *>(dlsym(module->library, "standin_find"));
    REFUSE_IF(find == nullptr, INVALID_IMAGE)
    const size_t *sizes;
    size_t parameters;
    const int kernel = find(name, &sizes, &parameters);
    REFUSE_IF(kernel < 0, NOT_FOUND)
    CUfunction &known = functions[{module, kernel}];
    if (known == nullptr) {
        known = new CUfunc_st{module, name, kernel, std::vector<size_t>(sizes, sizes + parameters)};
    }
    *function = known;
    return CUresult(SUCCESS);
}

CUresult cuModuleUnload(CUmodule module) {
    ENTER_CONTEXT()
    REFUSE_IF(!alive(modules, module) || module->owner != current, INVALID_HANDLE)
    for (CUstream stream : streams) {
        if (stream->owner != current) {
            continue;
        }
        const int status = run(stream);
        REFUSE_IF(status != SUCCESS, status)
    }
    for (auto entry = functions.begin(); entry != functions.end();) {
        if (entry->first.first == module) {
            delete entry->second;
            entry = functions.erase(entry);
        } else {
            ++entry;
        }
    }
    dlclose(module->library);
    modules.erase(module);
    delete module;
    return CUresult(SUCCESS);
}

CUresult cuLaunchKernel(CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                        unsigned blockZ, unsigned sharedBytes, CUstream stream, void **parameters, void **extra) {
    ENTER_STREAM(stream)
    bool known = false;
    for (const auto &entry : functions) {
        known |= entry.second == function;
    }
    REFUSE_IF(!known || function->module->owner != current, INVALID_HANDLE)
    const size_t threads = size_t(blockX) * blockY * blockZ;
    REFUSE_IF(gridX == 0 || gridY == 0 || gridZ == 0 || gridX > 0x7FFFFFFFu || gridY > MOST_GRID_Y || gridZ > MOST_GRID_Y,
              INVALID_VALUE)
    REFUSE_IF(threads == 0 || threads > MOST_THREADS || sharedBytes > MOST_SHARED, INVALID_VALUE)
    REFUSE_IF((parameters == nullptr && !function->sizes.empty()) || extra != nullptr, INVALID_VALUE)
    // the values are copied now, as wide as the kernel declares them
    std::vector<std::vector<char>> values;
    for (size_t i = 0; i < function->sizes.size(); i++) {
        const char *value = static_cast<const char *>(parameters[i]);
        values.emplace_back(value, value + function->sizes[i]);
    }
    typedef const char *Launch(int, const int *, void **);
    Launch *launch = reinterpret_cast<Launch *>(dlsym(function->module->library, "standin_launch"));
    const std::vector<int> shape = {int(gridX), int(gridY), int(gridZ), int(blockX), int(blockY), int(blockZ), int(sharedBytes)};
    const int kernel = function->kernel;
    driver_launches()[function->name]++;
    current->launches++;
    queue(stream, [=]() mutable -> const char * {
        std::vector<void *> slots;
        for (std::vector<char> &value : values) {
            slots.push_back(value.data());
            if (of_another_card(value)) {
                return "a kernel is given memory of another card";
            }
        }
        return launch(kernel, shape.data(), slots.data());
    });
    return CUresult(SUCCESS);
}

}  // extern "C"
