// A plain product of matrices stored by columns, for the stand-ins of cuBLAS and cuBLASLt. Factors are rounded as TF32 and BF16 round.
#pragma once
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace standin {

enum { FLOAT = 0, BFLOAT16 = 14, COMPUTE_32F = 68, FAST_BF16 = 75, FAST_TF32 = 77 };

inline float widened(uint16_t half) {
    const uint32_t bits = uint32_t(half) << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

inline size_t bytes_of(int type) { return type == BFLOAT16 ? 2 : 4; }

struct Factor {
    const void *values;
    bool halves;  // bfloat16 numbers, else floats
    bool transposed;
    size_t leading;

    // entry (row, column) of op(factor), which is stored by columns
    float at(size_t row, size_t column) const {
        const size_t place = transposed ? column + row * leading : row + column * leading;
        return halves ? widened(static_cast<const uint16_t *>(values)[place]) : static_cast<const float *>(values)[place];
    }
};

inline float rounded(float value, int dropped) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (dropped > 0 && (bits & 0x7F800000u) != 0x7F800000u) {
        bits += (1u << (dropped - 1)) - 1 + ((bits >> dropped) & 1);
        bits &= ~((1u << dropped) - 1);
    }
    memcpy(&value, &bits, 4);
    return value;
}

inline int dropped_bits(int compute) { return compute == FAST_TF32 ? 13 : compute == FAST_BF16 ? 16 : 0; }

// Where results go: floats, or bfloat16 numbers, to which they are rounded once.
struct Result {
    void *values;
    bool halves;
    size_t leading;

    float get(size_t row, size_t column) const {
        const size_t place = row + column * leading;
        return halves ? widened(static_cast<const uint16_t *>(values)[place]) : static_cast<const float *>(values)[place];
    }

    void put(size_t row, size_t column, float value) const {
        const size_t place = row + column * leading;
        if (halves) {
            uint32_t bits;
            const float half = rounded(value, 16);
            memcpy(&bits, &half, 4);
            static_cast<uint16_t *>(values)[place] = uint16_t(value != value ? 0x7FFF : bits >> 16);
        } else {
            static_cast<float *>(values)[place] = value;
        }
    }
};

// c = end(row, column, alpha * a * b + beta * c). As BLAS: c is not read if beta is 0.
inline void multiply(const Factor &a, const Factor &b, const Result &c, size_t m, size_t n, size_t k, float alpha, float beta,
                     int dropped, const std::function<float(size_t, size_t, float)> &end) {
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
            c.put(i, j, end(i, j, alpha * sum[i] + (beta == 0 ? 0 : beta * c.get(i, j))));
        }
    }
}

// Bytes from the first to the last entry of a matrix stored by columns.
inline size_t extent(size_t rows, size_t columns, size_t leading, size_t bytes = 4) {
    return rows == 0 || columns == 0 ? 0 : bytes * ((columns - 1) * leading + rows);
}

}  // namespace standin
