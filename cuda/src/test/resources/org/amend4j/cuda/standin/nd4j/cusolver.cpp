// Stands in for libcusolver.so.11, which libnd4jcuda.so is linked against. A handle is all that a network's training asks of it.
#include <cstdio>

namespace {

const int NOT_SUPPORTED = 9;
int handle;

int missing(const char *call) {
    fprintf(stderr, "stand-in for cuSOLVER: no stand-in for %s\n", call);
    return NOT_SUPPORTED;
}

}  // namespace

extern "C" {

int cusolverDnCreate(void **made) {
    *made = &handle;
    return 0;
}

int cusolverDnDestroy(void *) { return 0; }

int cusolverDnSetStream(void *, void *) { return 0; }

#define MISSING(name) \
    int name() { return missing(#name); }
MISSING(cusolverDnCreateGesvdjInfo)
MISSING(cusolverDnDestroyGesvdjInfo)
MISSING(cusolverDnDgesvdj)
MISSING(cusolverDnDgesvdj_bufferSize)
MISSING(cusolverDnDgetrf)
MISSING(cusolverDnDgetrf_bufferSize)
MISSING(cusolverDnDpotrfBatched)
MISSING(cusolverDnSgesvdj)
MISSING(cusolverDnSgesvdj_bufferSize)
MISSING(cusolverDnSgetrf)
MISSING(cusolverDnSgetrf_bufferSize)
MISSING(cusolverDnSpotrfBatched)
MISSING(cusolverDnXgesvdjSetMaxSweeps)
MISSING(cusolverDnXgesvdjSetTolerance)

}  // extern "C"
