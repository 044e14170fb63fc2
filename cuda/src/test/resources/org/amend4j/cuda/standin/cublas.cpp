// Stands in for cuBLAS: a plain product, checked as cuBLAS checks its arguments. Factors are rounded as TF32 and BF16 round.
#include "driver.h"

#include <cstdint>
#include <cstring>
#include <vector>

using namespace standin;

struct cublasContext {
    CUstream stream = nullptr;
};

namespace {

enum { OK = 0, NOT_READY_YET = 1, BAD_VALUE = 7, NOT_SUPPORTED = 15 };
enum { FLOAT = 0, BFLOAT16 = 14, COMPUTE_32F = 68, FAST_BF16 = 75, FAST_TF32 = 77 };

struct Factor {
    const void *values;
    bool halves;  // bfloat16 numbers, else floats
    bool transposed;
    size_t leading;

    // entry (row, column) of op(factor), which is stored by columns
    float at(size_t row, size_t column) const {
        const size_t place = transposed ? column + row * leading : row + column * leading;
        if (!halves) {
            return static_cast<const float *>(values)[place];
        }
        const uint32_t bits = uint32_t(static_cast<const uint16_t *>(values)[place]) << 16;
        float value;
        memcpy(&value, &bits, 4);
        return value;
    }
};

float rounded(float value, int dropped) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (dropped > 0 && (bits & 0x7F800000u) != 0x7F800000u) {
        bits += (1u << (dropped - 1)) - 1 + ((bits >> dropped) & 1);
        bits &= ~((1u << dropped) - 1);
    }
    memcpy(&value, &bits, 4);
    return value;
}

void multiply(const Factor &a, const Factor &b, float *c, size_t leading, size_t m, size_t n, size_t k, float alpha,
              float beta, int dropped) {
    std::vector<float> left(m * k);
    for (size_t l = 0; l < k; l++) {
        for (size_t i = 0; i < m; i++) {
            left[i + l * m] = rounded(a.at(i, l), dropped);
        }
    }
    std::vector<float> sum(m);
    for (size_t j = 0; j < n; j++) {
        std::fill(sum.begin(), sum.end(), 0.0f);
        for (size_t l = 0; l < k; l++) {
            const float factor = rounded(b.at(l, j), dropped);
            const float *column = &left[l * m];
            for (size_t i = 0; i < m; i++) {
                sum[i] += factor * column[i];
            }
        }
        for (size_t i = 0; i < m; i++) {
            float &target = c[i + j * leading];
            target = alpha * sum[i] + (beta == 0 ? 0 : beta * target);  // as BLAS: c is not read if beta is 0
        }
    }
}

// Bytes from the first to the last entry of a matrix stored by columns.
size_t extent(size_t rows, size_t columns, size_t leading, size_t bytes = 4) {
    return rows == 0 || columns == 0 ? 0 : bytes * ((columns - 1) * leading + rows);
}

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
    const size_t bytes = halves ? 2 : 4;
    if ((typeA != FLOAT && !halves) || typeB != typeA || typeC != FLOAT
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
        || (extent(m, n, leadingC) > 0 && !on_card(c, extent(m, n, leadingC)))) {
        return BAD_VALUE;
    }
    const Factor left = {a, halves, transposeA == 1, size_t(leadingA)};
    const Factor right = {b, halves, transposeB == 1, size_t(leadingB)};
    const float scaleA = *static_cast<const float *>(alpha), scaleC = *static_cast<const float *>(beta);
    const int dropped = compute == FAST_TF32 ? 13 : compute == FAST_BF16 ? 16 : 0;
    queue(handle->stream, [=]() -> const char * {
        if ((m > 0 && n > 0) && !on_card(c, extent(m, n, leadingC))) {
            return "a product touches memory that is not there any more";
        }
        multiply(left, right, static_cast<float *>(c), leadingC, m, n, k, scaleA, scaleC, dropped);
        return nullptr;
    });
    return OK;
}

}  // extern "C"
