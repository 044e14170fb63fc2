// Stands in for cuBLAS: a plain product, checked as cuBLAS checks its arguments.
#include "driver.h"
#include "product.h"

using namespace standin;

struct cublasContext {
    CUstream stream = nullptr;
};

namespace {

enum { OK = 0, NOT_READY_YET = 1, BAD_VALUE = 7, NOT_SUPPORTED = 15 };
}  // namespace

extern "C" {

int cublasCreate_v2(cublasContext **handle) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    if (enter(__func__) != SUCCESS) {
        return NOT_READY_YET;
    }
    *handle = new cublasContext;
    standin::made("cuBLAS handles");
    return OK;
}

int cublasDestroy_v2(cublasContext *handle) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    const int status = enter(__func__);
    delete handle;
    gone("cuBLAS handles");
    return status == SUCCESS ? OK : NOT_READY_YET;
}

int cublasSetStream_v2(cublasContext *handle, CUstream stream) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    if (enter(__func__, stream) != SUCCESS) {
        return NOT_READY_YET;
    }
    handle->stream = stream;
    return OK;
}

int cublasSetWorkspace_v2(cublasContext *, void *workspace, size_t bytes) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    if (enter(__func__) != SUCCESS) {
        return NOT_READY_YET;
    }
    return on_card(workspace, bytes) && reinterpret_cast<uintptr_t>(workspace) % 256 == 0 ? OK : BAD_VALUE;
}

const char *cublasGetStatusString(int status) {
    return status == OK              ? "success"
           : status == NOT_READY_YET ? "the library was not initialized"
           : status == BAD_VALUE     ? "an invalid value"
           : status == NOT_SUPPORTED ? "not supported"
                                     : "unknown";
}

int cublasGemmEx(cublasContext *handle, int transposeA, int transposeB, int m, int n, int k, const void *alpha, const void *a,
                 int typeA, int leadingA, const void *b, int typeB, int leadingB, const void *beta, void *c, int typeC,
                 int leadingC, int compute, int) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    if (enter(__func__, handle->stream) != SUCCESS) {
        return NOT_READY_YET;
    }
    const bool halves = typeA == BFLOAT16;
    const size_t bytes = bytes_of(typeA), bytesC = bytes_of(typeC);
    if ((typeA != FLOAT && !halves) || typeB != typeA || (typeC != FLOAT && !(halves && typeC == BFLOAT16))
        || (compute != COMPUTE_32F && (halves || (compute != FAST_BF16 && compute != FAST_TF32)))) {
        return NOT_SUPPORTED;
    }
    const int rowsA = transposeA ? k : m, columnsA = transposeA ? m : k;
    const int rowsB = transposeB ? n : k, columnsB = transposeB ? k : n;
    if (m < 0 || n < 0 || k < 0 || transposeA < 0 || transposeA > 1 || transposeB < 0 || transposeB > 1 || leadingA < 1
        || leadingA < rowsA || leadingB < 1 || leadingB < rowsB || leadingC < 1 || leadingC < m) {
        return BAD_VALUE;
    }
    const size_t extentA = extent(rowsA, columnsA, leadingA, bytes), extentB = extent(rowsB, columnsB, leadingB, bytes);
    if ((extentA > 0 && !on_card(a, extentA)) || (extentB > 0 && !on_card(b, extentB))
        || (extent(m, n, leadingC, bytesC) > 0 && !on_card(c, extent(m, n, leadingC, bytesC)))) {
        return BAD_VALUE;
    }
    const Factor left = {a, halves, transposeA == 1, size_t(leadingA)};
    const Factor right = {b, halves, transposeB == 1, size_t(leadingB)};
    const float scaleA = *static_cast<const float *>(alpha), scaleC = *static_cast<const float *>(beta);
    const Result result = {c, typeC == BFLOAT16, size_t(leadingC)};
    queue(handle->stream, [=]() -> const char * {
        if ((m > 0 && n > 0) && !on_card(c, extent(m, n, leadingC, bytesC))) {
            return "a product touches memory that is not there any more";
        }
        multiply(left, right, result, m, n, k, scaleA, scaleC, dropped_bits(compute),
                 [](size_t, size_t, float value) { return value; });
        return nullptr;
    });
    return OK;
}

}  // extern "C"
