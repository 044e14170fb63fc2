// Stands in for CUDA's runtime, libcudart.so.13: what amend4j takes from there. Its numbers are the driver's.
#include "driver.h"

using namespace standin;

extern "C" int cudaGraphInstantiateWithFlags(CUgraphExec *launchable, CUgraph graph, unsigned long long) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    const int entered = enter(__func__);
    return entered != SUCCESS ? entered : instantiate(launchable, graph);
}

extern "C" const char *cudaGetErrorName(int status) {
    const char *name;
    return int(cuGetErrorName(CUresult(status), &name)) == SUCCESS ? name : "unrecognized error code";
}

extern "C" const char *cudaGetErrorString(int status) {
    const char *sentence;
    return int(cuGetErrorString(CUresult(status), &sentence)) == SUCCESS ? sentence : "unrecognized error code";
}
