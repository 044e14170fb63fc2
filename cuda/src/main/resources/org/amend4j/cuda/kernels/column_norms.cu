// Norms c of the columns of V = W + s A B, of parts as wide as the rank:
// c_j^2 = |W_j|^2 + 2 s (W'A)_j B_j + s^2 B_j'(A'A)B_j.

// The square of column j, formed: weight is [columns, rows], a is [rank, rows], b is [rank, columns].
__device__ float formed_square(const float *weight, const float *a, const float *b, float scale, int rank, int rows,
                               int columns, int column) {
    float square = 0.0f;
    for (int row = 0; row < rows; row++) {
        float value = 0.0f;
        for (int k = 0; k < rank; k++) {
            value += a[(long long)k * rows + row] * b[(long long)k * columns + column];
        }
        value = weight[(long long)column * rows + row] + scale * value;
        square += value * value;
    }
    return square;
}

// scales = m / c and reciprocals = 1 / c, both 0 where c is. A thread takes a column. Where the sum is at most left
// times its positive parts, the column is formed: little but rounding would be left.
extern "C" __global__ void column_scales(const float *weight, const float *a, const float *b, const float *low,
                                         const float *gram, const float *squares, const float *magnitude, float scale,
                                         float left, float *scales, float *reciprocals, int rank, int rows,
                                         int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    float parts = 0.0f;
    float cross = 0.0f;
    for (int k = 0; k < rank; k++) {
        float along = 0.0f;
        for (int l = 0; l < rank; l++) {
            along += gram[k * rank + l] * b[(long long)l * columns + column];
        }
        parts += b[(long long)k * columns + column] * along;
        cross += b[(long long)k * columns + column] * low[(long long)k * columns + column];
    }
    parts = squares[column] + scale * scale * parts;
    float square = parts + 2.0f * scale * cross;
    if (!(square > left * parts)) {
        square = formed_square(weight, a, b, scale, rank, rows, columns, column);
    }
    const float norm = sqrtf(square);
    const float reciprocal = norm == 0.0f ? 0.0f : 1.0f / norm;
    reciprocals[column] = reciprocal;
    scales[column] = magnitude[column] * reciprocal;
}
