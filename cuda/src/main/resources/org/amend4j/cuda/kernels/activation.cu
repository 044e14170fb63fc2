// Activations of z = x W + s (x A) B + b, and their gradients.

// pre = product + bias, out = act(pre). bias and pre may be null; pre and out may be product.
// Grid: columns in x, rows in y.
extern "C" __global__ void bias_activation(const float *product, int product_stride, const float *bias, float *pre,
                                           int pre_stride, float *out, int out_stride, int rows, int columns, int kind,
                                           float slope) {
    for (int column = blockIdx.x * blockDim.x + threadIdx.x; column < columns; column += gridDim.x * blockDim.x) {
        const float shift = bias ? bias[column] : 0.0f;
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            const float z = product[(long long)row * product_stride + column] + shift;
            if (pre) {
                pre[(long long)row * pre_stride + column] = z;
            }
            out[(long long)row * out_stride + column] = activate(kind, slope, z);
        }
    }
}

#define TILE 8

// pre = product + scale * low * up + bias, out = act(pre): low [rows, rank] = x A, up [rank, columns] = B.
// A block takes 8 rows, whose low it shares, and blockDim.x columns. Shared: 8 * rank floats.
extern "C" __global__ void adapter_epilogue(const float *product, int product_stride, const float *low, int low_stride,
                                            const float *up, int up_stride, float scale, const float *bias, float *pre,
                                            int pre_stride, float *out, int out_stride, int rows, int columns, int rank,
                                            int kind, float slope) {
    SHARED(float, tile);
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    for (int first = blockIdx.y * TILE; first < rows; first += gridDim.y * TILE) {
        const int count = rows - first < TILE ? rows - first : TILE;
        for (int i = threadIdx.x; i < TILE * rank; i += blockDim.x) {
            const int row = i / rank;
            tile[i] = row < count ? low[(long long)(first + row) * low_stride + i % rank] : 0.0f;
        }
        __syncthreads();
        if (column < columns) {
            float sums[TILE];
            for (int row = 0; row < TILE; row++) {
                sums[row] = 0.0f;
            }
            for (int k = 0; k < rank; k++) {
                const float b = up[(long long)k * up_stride + column];
                for (int row = 0; row < TILE; row++) {
                    sums[row] += tile[row * rank + k] * b;
                }
            }
            const float shift = bias ? bias[column] : 0.0f;
            for (int row = 0; row < TILE; row++) {
                if (row < count) {
                    const float z =
                        product[(long long)(first + row) * product_stride + column] + scale * sums[row] + shift;
                    if (pre) {
                        pre[(long long)(first + row) * pre_stride + column] = z;
                    }
                    out[(long long)(first + row) * out_stride + column] = activate(kind, slope, z);
                }
            }
        }
        __syncthreads();  // the tile is written again
    }
}

// delta = upstream * act'(pre), and for each chunk of rows the sums of delta's columns: partial [gridDim.y, columns].
// delta may be upstream, or null; partial may be null. pre may be null for the identity.
extern "C" __global__ void activation_gradient(const float *upstream, int upstream_stride, const float *pre, int pre_stride,
                                               float *delta, int delta_stride, float *partial, int rows, int columns,
                                               int chunk, int kind, float slope) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    const int first = blockIdx.y * chunk;
    const int end = first + chunk < rows ? first + chunk : rows;
    float sum = 0.0f;
    for (int row = first; row < end; row++) {
        float d = upstream[(long long)row * upstream_stride + column];
        if (pre) {
            d *= derivative(kind, slope, pre[(long long)row * pre_stride + column]);
        }
        if (delta) {
            delta[(long long)row * delta_stride + column] = d;
        }
        sum += d;
    }
    if (partial) {
        partial[(long long)blockIdx.y * columns + column] = sum;
    }
}

// sums = beta * sums + the sums of the columns of partial [chunks, columns]. Without beta the old sums are not read.
extern "C" __global__ void column_sums(const float *partial, float *sums, float beta, int chunks, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column < columns) {
        float sum = 0.0f;
        for (int chunk = 0; chunk < chunks; chunk++) {
            sum += partial[(long long)chunk * columns + column];
        }
        sums[column] = beta == 0.0f ? sum : beta * sums[column] + sum;
    }
}

// delta = (upstream + scale * low * up) * act'(pre), and for each chunk of rows the sums of delta's columns, as activation_gradient: low
// [rows, rank] = d B', up [rank, columns] = A'. A block takes a chunk, 8 rows at a time, whose low it shares. Shared: 8 * rank floats.
extern "C" __global__ void adapter_gradient(const float *upstream, int upstream_stride, const float *low, int low_stride,
                                            const float *up, int up_stride, float scale, const float *pre, int pre_stride,
                                            float *delta, int delta_stride, float *partial, int rows, int columns, int rank,
                                            int chunk, int kind, float slope) {
    SHARED(float, tile);
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const int start = blockIdx.y * chunk;
    const int end = start + chunk < rows ? start + chunk : rows;
    float total = 0.0f;
    for (int first = start; first < end; first += TILE) {
        const int count = end - first < TILE ? end - first : TILE;
        for (int i = threadIdx.x; i < TILE * rank; i += blockDim.x) {
            const int r = i / rank;
            tile[i] = r < count ? low[(long long)(first + r) * low_stride + i % rank] : 0.0f;
        }
        __syncthreads();  // the tile is there
        if (column < columns) {
            float sums[TILE];
            for (int r = 0; r < TILE; r++) {
                sums[r] = 0.0f;
            }
            for (int k = 0; k < rank; k++) {
                const float *line = up + (long long)k * up_stride;
                for (int r = 0; r < TILE; r++) {
                    sums[r] += tile[r * rank + k] * line[column];
                }
            }
            for (int r = 0; r < TILE && r < count; r++) {
                const long long row = first + r;
                float d = upstream[row * upstream_stride + column] + scale * sums[r];
                if (pre) {
                    d *= derivative(kind, slope, pre[row * pre_stride + column]);
                }
                delta[row * delta_stride + column] = d;
                total += d;
            }
        }
        __syncthreads();  // the tile is loaded again
    }
    if (partial && column < columns) {
        partial[(long long)blockIdx.y * columns + column] = total;
    }
}
