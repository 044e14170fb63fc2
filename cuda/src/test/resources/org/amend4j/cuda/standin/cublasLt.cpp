// Stands in for cuBLASLt: products with epilogues, checked as it checks its arguments and more strictly. An algorithm is for one product only,
// with the layouts, the epilogue and the alignments that it was asked for with.
#include "driver.h"
#include "product.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <unistd.h>

using namespace standin;

struct cublasLtContext {};
struct cublasLtMatmulDescOpaque_t {
    int compute = COMPUTE_32F, transposeA = 0, transposeB = 0;
    unsigned epilogue = 1;
    void *bias = nullptr, *aux = nullptr;
    int64_t aux_leading = 0;
};
struct cublasLtMatrixLayoutOpaque_t {
    int type;
    uint64_t rows, columns;
    int64_t leading;
};
struct cublasLtMatmulPreferenceOpaque_t {
    uint64_t workspace = 0;
    unsigned alignments[4] = {256, 256, 256, 256};  // of A, B, C, D: what cuBLASLt takes for granted
};

typedef cublasLtContext *Handle;
typedef cublasLtMatmulDescOpaque_t *Description;
typedef cublasLtMatrixLayoutOpaque_t *Layout;
typedef cublasLtMatmulPreferenceOpaque_t *Preference;

struct Algorithm {
    uint64_t data[8];
};
struct Heuristic {
    Algorithm algorithm;
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};

namespace {

enum { OK = 0, NOT_READY_YET = 1, BAD_VALUE = 7, NOT_SUPPORTED = 15 };
enum { TRANSA = 3, TRANSB = 4, EPILOGUE = 7, BIAS_POINTER = 8, AUX_POINTER = 11, AUX_LD = 12 };
enum { MAX_WORKSPACE = 1, ALIGNMENT_A = 5, ALIGNMENT_D = 8 };
enum { RELU = 2, BIAS = 4, DRELU = 8, BGRAD = 16, AUX = 128 };
const size_t WORKSPACE = 1 << 16;

std::set<const void *> alive;

template <class T> int make(T **place, T *made, const char *what) {
    alive.insert(*place = made);
    standin::made(what);
    return OK;
}

template <class T> int destroy(const char *call, T *handle, const char *what) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    const int status = enter(call);
    if (alive.erase(handle) == 0) {
        return BAD_VALUE;
    }
    delete handle;
    gone(what);
    return status == SUCCESS ? OK : NOT_READY_YET;
}

template <class T> int set(T &place, const void *value, size_t bytes) {
    if (value == nullptr || bytes != sizeof(T)) {
        return BAD_VALUE;
    }
    memcpy(&place, value, bytes);
    return OK;
}

// A test wants one of these by a file.
bool wanted(const char *sign) { return access((std::string(STANDIN_FOLDER "/") + sign).c_str(), F_OK) == 0; }

bool known(unsigned epilogue) {
    for (unsigned each : {1u, unsigned(BIAS), unsigned(RELU | BIAS), unsigned(RELU | BIAS | AUX), unsigned(DRELU | AUX),
                          unsigned(DRELU | AUX | BGRAD)}) {
        if (epilogue == each) {
            return true;
        }
    }
    return false;
}

bool has_vector(const cublasLtMatmulDescOpaque_t &of) { return (of.epilogue & (BIAS | BGRAD)) != 0; }

bool has_aux(const cublasLtMatmulDescOpaque_t &of) { return (of.epilogue & AUX) != 0; }

bool aligned(const void *pointer, size_t bytes) { return reinterpret_cast<uintptr_t>(pointer) % bytes == 0; }

// The dimensions of op(A) op(B) = D; OK if layouts, types and epilogue are such that there can be a product.
int check(Description of, Layout a, Layout b, Layout c, Layout d, uint64_t &m, uint64_t &n, uint64_t &k) {
    for (const void *handle : {(const void *)of, (const void *)a, (const void *)b, (const void *)c, (const void *)d}) {
        if (alive.count(handle) == 0) {
            return BAD_VALUE;
        }
    }
    m = d->rows;
    n = d->columns;
    k = of->transposeA ? a->rows : a->columns;
    if ((of->transposeA ? a->columns : a->rows) != m || (of->transposeB ? b->columns : b->rows) != k
        || (of->transposeB ? b->rows : b->columns) != n || c->rows != m || c->columns != n || m == 0 || n == 0 || k == 0
        || !known(of->epilogue)) {
        return BAD_VALUE;
    }
    for (Layout each : {a, b, c, d}) {
        if (each->leading < int64_t(each->rows)) {
            return BAD_VALUE;
        }
    }
    const bool halves = a->type == BFLOAT16;
    if ((a->type != FLOAT && !halves) || b->type != a->type || c->type != d->type
        || (d->type != FLOAT && !(halves && d->type == BFLOAT16))
        || (of->compute != COMPUTE_32F && (halves || (of->compute != FAST_BF16 && of->compute != FAST_TF32)))) {
        return NOT_SUPPORTED;
    }
    if (has_vector(*of) && of->bias == nullptr) {
        return BAD_VALUE;
    }
    if (has_aux(*of) && (of->aux == nullptr || of->aux_leading % 128 != 0 || of->aux_leading < int64_t(m))) {
        return BAD_VALUE;
    }
    // sums are of the type of what is summed
    return OK;
}

Algorithm algorithm(Description of, Layout a, Layout b, Layout c, Layout d, const unsigned *alignments) {
    Algorithm made = {};
    made.data[0] = d->rows << 32 | d->columns;
    made.data[1] = (of->transposeA ? a->rows : a->columns) << 32 | of->epilogue << 8 | (of->transposeA << 1 | of->transposeB);
    made.data[2] = uint64_t(a->leading) << 32 | uint64_t(b->leading);
    made.data[3] = uint64_t(c->leading) << 32 | uint64_t(d->leading);
    made.data[4] = uint64_t(a->type) << 32 | d->type << 16 | of->compute;
    made.data[5] = uint64_t(alignments[0]) << 32 | alignments[1];
    made.data[6] = uint64_t(alignments[2]) << 32 | alignments[3];
    made.data[7] = uint64_t(d->type) << 32 | uint64_t(of->aux_leading);
    return made;
}

void tell(uint64_t m, uint64_t n, uint64_t k, unsigned epilogue) {
    FILE *file = wanted("lt-products") ? fopen(STANDIN_FOLDER "/lt-products", "a") : nullptr;
    if (file != nullptr) {
        fprintf(file, "%lu %lu %lu %u\n", (unsigned long)m, (unsigned long)n, (unsigned long)k, epilogue);
        fclose(file);
    }
}

float number(const void *values, int type, size_t place) {
    return type == BFLOAT16 ? widened(static_cast<const uint16_t *>(values)[place]) : static_cast<const float *>(values)[place];
}

// What becomes of the elements, in the order of columns of D: its aux has a column's bits one after the other.
struct End {
    cublasLtMatmulDescOpaque_t of;
    int type;
    bool keeps_nan;
    std::shared_ptr<std::vector<float>> sums;

    float operator()(size_t row, size_t column, float value) const {
        unsigned char *bits = static_cast<unsigned char *>(of.aux) + column * (of.aux_leading / 8);
        if ((of.epilogue & DRELU) != 0) {
            const float d = bits[row / 8] >> row % 8 & 1 ? value : 0.0f;
            (*sums)[row] += d;
            return d;
        }
        if ((of.epilogue & BIAS) != 0) {
            value += number(of.bias, type, row);
        }
        if ((of.epilogue & RELU) == 0) {
            return value;
        }
        if (has_aux(of)) {
            if (row == 0) {
                memset(bits, 0xFF, of.aux_leading / 8);  // behind the last row they have no meaning
            }
            bits[row / 8] = (unsigned char)(value > 0 ? bits[row / 8] | 1 << row % 8 : bits[row / 8] & ~(1 << row % 8));
        }
        return value > 0 || (value != value && keeps_nan) ? value : 0.0f;
    }
};

}  // namespace

#define ENTER()                                              \
    const std::lock_guard<std::recursive_mutex> guard(lock); \
    if (enter(__func__) != SUCCESS) {                        \
        return NOT_READY_YET;                                \
    }

extern "C" {

const char *cublasLtGetStatusString(int) { return "not here"; }

int cublasLtCreate(Handle *handle) {
    ENTER()
    return make(handle, new cublasLtContext, "cuBLASLt handles");
}

int cublasLtDestroy(Handle handle) { return destroy(__func__, handle, "cuBLASLt handles"); }

int cublasLtMatmulDescCreate(Description *description, int compute, int scale) {
    ENTER()
    if (scale != FLOAT) {
        return NOT_SUPPORTED;
    }
    make(description, new cublasLtMatmulDescOpaque_t, "cuBLASLt descriptions");
    (*description)->compute = compute;
    return OK;
}

int cublasLtMatmulDescDestroy(Description description) { return destroy(__func__, description, "cuBLASLt descriptions"); }

int cublasLtMatmulDescSetAttribute(Description of, int attribute, const void *value, size_t bytes) {
    ENTER()
    if (alive.count(of) == 0) {
        return BAD_VALUE;
    }
    switch (attribute) {
        case TRANSA: return set(of->transposeA, value, bytes);
        case TRANSB: return set(of->transposeB, value, bytes);
        case EPILOGUE: return set(of->epilogue, value, bytes);
        case BIAS_POINTER: return set(of->bias, value, bytes);
        case AUX_POINTER: return set(of->aux, value, bytes);
        case AUX_LD: return set(of->aux_leading, value, bytes);
        default: return BAD_VALUE;
    }
}

int cublasLtMatrixLayoutCreate(Layout *layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    ENTER()
    return make(layout, new cublasLtMatrixLayoutOpaque_t{type, rows, columns, leading}, "cuBLASLt layouts");
}

int cublasLtMatrixLayoutDestroy(Layout layout) { return destroy(__func__, layout, "cuBLASLt layouts"); }

int cublasLtMatmulPreferenceCreate(Preference *preference) {
    ENTER()
    return make(preference, new cublasLtMatmulPreferenceOpaque_t, "cuBLASLt preferences");
}

int cublasLtMatmulPreferenceDestroy(Preference preference) { return destroy(__func__, preference, "cuBLASLt preferences"); }

int cublasLtMatmulPreferenceSetAttribute(Preference preference, int attribute, const void *value, size_t bytes) {
    ENTER()
    if (alive.count(preference) == 0) {
        return BAD_VALUE;
    }
    if (attribute == MAX_WORKSPACE) {
        return set(preference->workspace, value, bytes);
    }
    return attribute >= ALIGNMENT_A && attribute <= ALIGNMENT_D
               ? set(preference->alignments[attribute - ALIGNMENT_A], value, bytes)
               : int(BAD_VALUE);
}

int cublasLtMatmulAlgoGetHeuristic(Handle handle, Description of, Layout a, Layout b, Layout c, Layout d, Preference preference,
                                   int most, Heuristic *found, int *count) {
    ENTER()
    *count = 0;
    if (alive.count(handle) == 0 || alive.count(preference) == 0 || most < 1) {
        return BAD_VALUE;
    }
    uint64_t m, n, k;
    const int status = check(of, a, b, c, d, m, n, k);
    if (status != OK) {
        return status;
    }
    // what is moved in sixteens, and what its kernels for epilogues want
    if (wanted("no-algorithms") || preference->workspace < WORKSPACE || (has_vector(*of) && !aligned(of->bias, 16))
        || (has_aux(*of) && !aligned(of->aux, 16))) {
        return NOT_SUPPORTED;
    }
    *found = {algorithm(of, a, b, c, d, preference->alignments), WORKSPACE, OK, 1.0f, {}};
    *count = 1;
    return OK;
}

int cublasLtMatmul(Handle handle, Description of, const void *alpha, const void *a, Layout layoutA, const void *b, Layout layoutB,
                   const void *beta, const void *c, Layout layoutC, void *d, Layout layoutD, const Algorithm *chosen,
                   void *workspace, size_t workspace_bytes, CUstream stream) {
    const std::lock_guard<std::recursive_mutex> guard(lock);
    if (enter(__func__, stream) != SUCCESS) {
        return NOT_READY_YET;
    }
    uint64_t m, n, k;
    const int status = alive.count(handle) == 0 ? int(BAD_VALUE) : check(of, layoutA, layoutB, layoutC, layoutD, m, n, k);
    if (status != OK) {
        return status;
    }
    const unsigned alignments[4] = {unsigned(chosen->data[5] >> 32), unsigned(chosen->data[5]), unsigned(chosen->data[6] >> 32),
                                    unsigned(chosen->data[6])};
    const Algorithm right = algorithm(of, layoutA, layoutB, layoutC, layoutD, alignments);
    if (memcmp(chosen, &right, sizeof right) != 0 || !aligned(a, alignments[0]) || !aligned(b, alignments[1])
        || !aligned(c, alignments[2]) || !aligned(d, alignments[3]) || c != d || workspace_bytes < WORKSPACE
        || !on_card(workspace, workspace_bytes) || !aligned(workspace, 256)) {
        return BAD_VALUE;
    }
    const size_t bytesA = extent(layoutA->rows, layoutA->columns, layoutA->leading, bytes_of(layoutA->type));
    const size_t bytesB = extent(layoutB->rows, layoutB->columns, layoutB->leading, bytes_of(layoutB->type));
    const size_t bytesD = extent(m, n, layoutD->leading, bytes_of(layoutD->type));
    const int type = layoutD->type;
    if (!on_card(a, bytesA) || !on_card(b, bytesB) || !on_card(d, bytesD)
        || (has_vector(*of) && (!aligned(of->bias, 16) || !on_card(of->bias, m * bytes_of(type))))
        || (has_aux(*of) && (!aligned(of->aux, 16) || !on_card(of->aux, n * of->aux_leading / 8)))) {
        return BAD_VALUE;
    }
    const Factor left = {a, layoutA->type == BFLOAT16, of->transposeA == 1, size_t(layoutA->leading)};
    const Factor second = {b, layoutB->type == BFLOAT16, of->transposeB == 1, size_t(layoutB->leading)};
    const Result result = {d, layoutD->type == BFLOAT16, size_t(layoutD->leading)};
    const float scaleA = *static_cast<const float *>(alpha), scaleC = *static_cast<const float *>(beta);
    // the description may be used for the next product before this one is made
    const cublasLtMatmulDescOpaque_t kept = *of;
    const bool keeps_nan = !wanted("rectifier-loses-nan");
    tell(m, n, k, kept.epilogue);
    queue(stream, [=]() -> const char * {
        if (!on_card(d, bytesD) || !on_card(workspace, WORKSPACE)) {
            return "a product touches memory that is not there any more";
        }
        memset(workspace, 0xFF, WORKSPACE);
        const End end = {kept, type, keeps_nan, std::make_shared<std::vector<float>>(m, 0.0f)};
        multiply(left, second, result, m, n, k, scaleA, scaleC, dropped_bits(kept.compute), end);
        if ((kept.epilogue & BGRAD) != 0) {
            const Result sums = {kept.bias, type == BFLOAT16, m};
            for (size_t row = 0; row < m; row++) {
                sums.put(row, 0, (*end.sums)[row]);
            }
        }
        return nullptr;
    });
    return OK;
}

}  // extern "C"
