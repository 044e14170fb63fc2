// The functions of cuBLAS 11 that ND4J calls and amend4j does not: other names for the product in cublas.cpp.
#include <cstdio>

struct cublasContext;

extern "C" {

int cublasGemmEx(cublasContext *, int, int, int, int, int, const void *, const void *, int, int, const void *, int, int,
                 const void *, void *, int, int, int, int);

enum { FLOAT = 0, COMPUTE_32F = 68, BAD_VALUE = 7, NOT_SUPPORTED = 15 };

int cublasSgemm_v2(cublasContext *handle, int transposeA, int transposeB, int m, int n, int k, const float *alpha, const float *a,
                   int leadingA, const float *b, int leadingB, const float *beta, float *c, int leadingC) {
    return cublasGemmEx(handle, transposeA, transposeB, m, n, k, alpha, a, FLOAT, leadingA, b, FLOAT, leadingB, beta, c, FLOAT,
                        leadingC, COMPUTE_32F, -1);
}

int cublasSgemmEx(cublasContext *handle, int transposeA, int transposeB, int m, int n, int k, const float *alpha, const void *a,
                  int typeA, int leadingA, const void *b, int typeB, int leadingB, const float *beta, void *c, int typeC,
                  int leadingC) {
    return cublasGemmEx(handle, transposeA, transposeB, m, n, k, alpha, a, typeA, leadingA, b, typeB, leadingB, beta, c, typeC,
                        leadingC, COMPUTE_32F, -1);
}

// y += op(A)x, as the product of rows y' += x' op(A)', so that x and y may have gaps.
int cublasSgemv_v2(cublasContext *handle, int transposeA, int rows, int columns, const float *alpha, const float *a, int leadingA,
                   const float *x, int gapX, const float *beta, float *y, int gapY) {
    if (gapX < 1 || gapY < 1) {
        return BAD_VALUE;
    }
    const int inner = transposeA ? rows : columns, outer = transposeA ? columns : rows;
    return cublasSgemm_v2(handle, 0, transposeA ? 0 : 1, 1, outer, inner, alpha, x, gapX, a, leadingA, beta, y, gapY);
}

int cublasGetMathMode(cublasContext *, int *mode) {
    *mode = 0;
    return 0;
}

int cublasSetMathMode(cublasContext *, int) { return 0; }

int cublasGetVersion_v2(cublasContext *, int *version) {
    *version = 11800;
    return 0;
}

#define MISSING(name)                                                      \
    int name() {                                                           \
        fprintf(stderr, "stand-in for cuBLAS: no stand-in for " #name "\n"); \
        return NOT_SUPPORTED;                                              \
    }
MISSING(cublasDgemmBatched)
MISSING(cublasDgemm_v2)
MISSING(cublasDgemv_v2)
MISSING(cublasGemmBatchedEx)
MISSING(cublasHgemm)
MISSING(cublasHgemmBatched)
MISSING(cublasSgemmBatched)

}  // extern "C"
