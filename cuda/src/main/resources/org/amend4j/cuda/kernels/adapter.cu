// What is left of an adapted layer beside its large products, in memory that others laid out. Where rows are aligned, a thread takes
// four columns at once.

#define TILE 8
#define LINES 4

// A thread takes four columns of two rows of the tile: a quarter of the block has the first two rows, and so on.
__device__ static inline void sum_quads(const float *tile, float *y, int y_stride, const float *__restrict__ up, int up_row,
                                        float scale, const float *__restrict__ row_bias,
                                        const float *__restrict__ column_bias, int first, int rows, int columns, int rank) {
    const int quads = blockDim.x / LINES;
    const int column = blockIdx.x * blockDim.x + threadIdx.x % quads * 4;
    const int line = threadIdx.x / quads * 2;
    if (column >= columns || first + line >= rows) {
        return;
    }
    float4 one = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    float4 other = one;
    for (int k = 0; k < rank; k++) {
        const float4 b = load4(up + (long long)k * up_row + column);
        one = add_product4(one, tile[line * rank + k], b);
        other = add_product4(other, tile[(line + 1) * rank + k], b);
    }
    const float4 shift = column_bias ? load4(column_bias + column) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    const int last = first + line + 1 < rows ? 1 : 0;
    for (int next = 0; next <= last; next++) {
        const int row = first + line + next;
        const float of_row = row_bias ? row_bias[row] : 0.0f;
        const float4 more = row_bias ? make_float4(of_row, of_row, of_row, of_row) : shift;
        float *place = y + (long long)row * y_stride + column;
        store4(place, add4(load4(place), add_product4(more, scale, next == 0 ? one : other)));
    }
}

// y += scale * low * up + bias, in place: low [rows, rank], up [rank, columns], both with any strides; y [rows, columns] with
// contiguous rows. bias has an element for each row (row_bias) or each column (column_bias); both may be null.
// A block takes 8 rows, whose low it shares, and blockDim.x columns. Shared: 8 * rank floats.
extern "C" __global__ void adapter_sum(float *y, int y_stride, const float *low, int low_row, int low_column, const float *up,
                                       int up_row, int up_column, float scale, const float *row_bias,
                                       const float *column_bias, int rows, int columns, int rank) {
    SHARED(float, tile);
    const bool in_fours = columns % 4 == 0 && up_column == 1 && in_quads(y, y_stride) && in_quads(up, up_row)
                          && in_quads(column_bias, 0);
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    for (int first = blockIdx.y * TILE; first < rows; first += gridDim.y * TILE) {
        const int count = rows - first < TILE ? rows - first : TILE;
        for (int i = threadIdx.x; i < TILE * rank; i += blockDim.x) {
            const int row = i / rank;
            const int k = i % rank;
            tile[i] = row < count ? low[(long long)(first + row) * low_row + (long long)k * low_column] : 0.0f;
        }
        __syncthreads();
        if (in_fours) {
            sum_quads(tile, y, y_stride, up, up_row, scale, row_bias, column_bias, first, rows, columns, rank);
        } else if (column < columns) {
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

__device__ static inline float rectified(float value, float most, float upstream) {
    const float slope = value > 0.0f && value < most ? 1.0f : 0.0f;
    return slope * upstream;
}

// A thread for four columns of some rows.
__device__ static inline void rectify_quads(const float *values, int values_stride, const float *upstream, int upstream_stride,
                                            float most, float *gradient, int gradient_stride, int rows, int columns) {
    const int quads = columns / 4;
    const int thread = blockIdx.x * blockDim.x + threadIdx.x;
    const int lines = (int)(gridDim.x * blockDim.x) / quads;
    if (thread >= quads * lines) {
        return;
    }
    const int column = thread % quads * 4;
    for (int row = blockIdx.y * lines + thread / quads; row < rows; row += gridDim.y * lines) {
        const float4 v = load4(values + (long long)row * values_stride + column);
        const float4 d = load4(upstream + (long long)row * upstream_stride + column);
        store4(gradient + (long long)row * gradient_stride + column,
               make_float4(rectified(v.x, most, d.x), rectified(v.y, most, d.y), rectified(v.z, most, d.z),
                           rectified(v.w, most, d.w)));
    }
}

// gradient = upstream where 0 < values < most, 0 times upstream elsewhere: all [rows, columns] with contiguous rows.
// Grid: columns in x, rows in y.
extern "C" __global__ void rectifier_gradient(const float *values, int values_stride, const float *upstream,
                                              int upstream_stride, float most, float *gradient, int gradient_stride,
                                              int rows, int columns) {
    if (columns % 4 == 0 && in_quads(values, values_stride) && in_quads(upstream, upstream_stride)
        && in_quads(gradient, gradient_stride)) {
        rectify_quads(values, values_stride, upstream, upstream_stride, most, gradient, gradient_stride, rows, columns);
        return;
    }
    for (int column = blockIdx.x * blockDim.x + threadIdx.x; column < columns; column += gridDim.x * blockDim.x) {
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            gradient[(long long)row * gradient_stride + column] =
                rectified(values[(long long)row * values_stride + column], most,
                          upstream[(long long)row * upstream_stride + column]);
        }
    }
}
