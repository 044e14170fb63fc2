// What is left of an adapted layer beside its large products, in memory that others laid out.

#define TILE 8

// y += scale * low * up + bias, in place: low [rows, rank], up [rank, columns], both with any strides; y [rows, columns] with
// contiguous rows. bias has an element for each row (row_bias) or each column (column_bias); both may be null.
// A block takes 8 rows, whose low it shares, and blockDim.x columns. Shared: 8 * rank floats.
extern "C" __global__ void adapter_sum(float *y, int y_stride, const float *low, int low_row, int low_column, const float *up,
                                       int up_row, int up_column, float scale, const float *row_bias,
                                       const float *column_bias, int rows, int columns, int rank) {
    SHARED(float, tile);
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    for (int first = blockIdx.y * TILE; first < rows; first += gridDim.y * TILE) {
        const int count = rows - first < TILE ? rows - first : TILE;
        for (int i = threadIdx.x; i < TILE * rank; i += blockDim.x) {
            const int row = i / rank;
            const int k = i % rank;
            tile[i] = row < count ? low[(long long)(first + row) * low_row + (long long)k * low_column] : 0.0f;
        }
        __syncthreads();
        if (column < columns) {
            float sums[TILE];
            for (int row = 0; row < TILE; row++) {
                sums[row] = 0.0f;
            }
            for (int k = 0; k < rank; k++) {
                const float b = up[(long long)k * up_row + (long long)column * up_column];
                for (int row = 0; row < TILE; row++) {
                    sums[row] += tile[row * rank + k] * b;
                }
            }
            const float shift = column_bias ? column_bias[column] : 0.0f;
            for (int row = 0; row < TILE; row++) {
                if (row < count) {
                    const float more = row_bias ? row_bias[first + row] : shift;
                    y[(long long)(first + row) * y_stride + column] += scale * sums[row] + more;
                }
            }
        }
        __syncthreads();  // the tile is written again
    }
}

// gradient = upstream where 0 < values < most, 0 times upstream elsewhere: all [rows, columns] with contiguous rows.
// Grid: columns in x, rows in y.
extern "C" __global__ void rectifier_gradient(const float *values, int values_stride, const float *upstream,
                                              int upstream_stride, float most, float *gradient, int gradient_stride,
                                              int rows, int columns) {
    for (int column = blockIdx.x * blockDim.x + threadIdx.x; column < columns; column += gridDim.x * blockDim.x) {
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            const float value = values[(long long)row * values_stride + column];
            const float slope = value > 0.0f && value < most ? 1.0f : 0.0f;
            gradient[(long long)row * gradient_stride + column] =
                slope * upstream[(long long)row * upstream_stride + column];
        }
    }
}
