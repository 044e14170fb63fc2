// What the parts of the stand-in share. Where CUDA's own headers are, they declare the types and functions, and the compiler
// holds the stand-in against them.
#pragma once
#if __has_include(<cuda.h>)
#include <cuda.h>
#else
#include <cstddef>
typedef int CUresult;
typedef int CUdevice;
typedef int CUdevice_attribute;
typedef int CUmemPool_attribute;
typedef int CUstreamCaptureMode;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;
typedef struct CUmemPoolHandle_st *CUmemoryPool;
typedef struct {
    int type, id;
} CUmemLocation;
typedef struct {
    int allocType, handleTypes;
    CUmemLocation location;
    void *win32SecurityAttributes;
    size_t maxSize;
    unsigned short usage;
    unsigned char reserved[54];
} CUmemPoolProps;
extern "C" CUresult cuGetErrorName(CUresult, const char **);
extern "C" CUresult cuGetErrorString(CUresult, const char **);
#endif
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace standin {

// What CUDA's calls return; the numbers are CUDA's.
enum Status {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    INVALID_HANDLE = 400,
    ILLEGAL_STATE = 401,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    POOLS_UNSUPPORTED = 801,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901,
    UNKNOWN = 999
};

// Work on the card: done when a stream is waited for, never when it is asked for. Says what went wrong, or null.
typedef std::function<const char *()> Work;

extern std::recursive_mutex lock;

// How often each kernel was launched through the driver.
std::map<std::string, long> &driver_launches();

// The status that a call is to return at once, or SUCCESS: after a fault on the card, or if a test wants a failure here.
int enter(const char *call);

// The same for a call that needs a context; null streams are refused.
int enter(const char *call, CUstream stream);

// Whether the memory belongs to the card of the current context.
bool on_card(const void *from, size_t bytes);

// Appends work to a stream, or to what it captures.
void queue(CUstream stream, Work work);

// A library's handle that has to be given back, such as cuBLAS's.
void made(const char *what);
void gone(const char *what);

int instantiate(CUgraphExec *made, CUgraph graph);

}  // namespace standin
