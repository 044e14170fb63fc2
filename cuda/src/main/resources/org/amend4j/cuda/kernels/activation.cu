// Activations of z = x W + s (x A) B + b, and their gradients. Where all rows are aligned, a thread takes four columns at once.
// Rows hold VALUEs; biases, factors of adapters and sums are floats, and sums are those of numbers before they are rounded.

// No function of its own: whatever the kernel is told.
#define ANY -1
// Does something with a function that the compiler knows, where it is one of the most frequent, so that no loop chooses.
#define WITH_FUNCTION(kind, call) \
    switch (kind) {               \
        case IDENTITY: call(IDENTITY); break; \
        case RELU: call(RELU); break;         \
        default: call(ANY);                   \
    }

template <int KIND> __device__ static inline float activated(int kind, float slope, float z) {
    return activate(KIND == ANY ? kind : KIND, slope, z);
}

template <int KIND> __device__ static inline float4 activated(int kind, float slope, float4 z) {
    return make_float4(activated<KIND>(kind, slope, z.x), activated<KIND>(kind, slope, z.y), activated<KIND>(kind, slope, z.z),
                       activated<KIND>(kind, slope, z.w));
}

// out = act(product + bias), a thread for four columns of some rows.
template <int KIND>
__device__ static inline void activate_quads(const VALUE *product, int product_stride, const float *__restrict__ bias, VALUE *pre,
                                             int pre_stride, VALUE *out, int out_stride, int rows, int columns, int kind,
                                             float slope) {
    const int quads = columns / 4;
    const int thread = blockIdx.x * blockDim.x + threadIdx.x;
    const int lines = (int)(gridDim.x * blockDim.x) / quads;
    if (thread >= quads * lines) {
        return;
    }
    const int column = thread % quads * 4;
    const float4 shift = bias ? load4(bias + column) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int row = blockIdx.y * lines + thread / quads; row < rows; row += gridDim.y * lines) {
        const float4 z = add4(load4(product + (long long)row * product_stride + column), shift);
        if (pre) {
            store4(pre + (long long)row * pre_stride + column, z);
        }
        store4(out + (long long)row * out_stride + column, activated<KIND>(kind, slope, z));
    }
}

// pre = product + bias, out = act(pre). bias and pre may be null; pre and out may be product.
// Grid: columns in x, rows in y.
extern "C" __global__ void bias_activation(const VALUE *product, int product_stride, const float *bias, VALUE *pre,
                                           int pre_stride, VALUE *out, int out_stride, int rows, int columns, int kind,
                                           float slope) {
    if (columns % 4 == 0 && in_quads(product, product_stride) && in_quads(bias, 0) && in_quads(pre, pre_stride)
        && in_quads(out, out_stride)) {
#define QUADS(KIND) \
    activate_quads<KIND>(product, product_stride, bias, pre, pre_stride, out, out_stride, rows, columns, kind, slope)
        WITH_FUNCTION(kind, QUADS)
        return;
    }
    for (int column = blockIdx.x * blockDim.x + threadIdx.x; column < columns; column += gridDim.x * blockDim.x) {
        const float shift = bias ? bias[column] : 0.0f;
        for (int row = blockIdx.y; row < rows; row += gridDim.y) {
            const float z = load1(product + (long long)row * product_stride + column) + shift;
            if (pre) {
                store1(pre + (long long)row * pre_stride + column, z);
            }
            store1(out + (long long)row * out_stride + column, activate(kind, slope, z));
        }
    }
}

#define TILE 8
#define LINES 4

// A thread takes four columns of two rows of the tile: a quarter of the block has the first two rows, and so on.
template <int KIND>
__device__ static inline void epilogue_quads(const float *tile, const VALUE *product, int product_stride,
                                             const float *__restrict__ up, int up_stride, float scale,
                                             const float *__restrict__ bias, VALUE *pre, int pre_stride, VALUE *out,
                                             int out_stride, int first, int rows, int columns, int rank, int kind,
                                             float slope) {
    const int quads = blockDim.x / LINES;
    const int column = blockIdx.x * blockDim.x + threadIdx.x % quads * 4;
    const int line = threadIdx.x / quads * 2;
    if (column >= columns || first + line >= rows) {
        return;
    }
    float4 one = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    float4 other = one;
    for (int k = 0; k < rank; k++) {
        const float4 b = load4(up + column + (long long)k * up_stride);
        one = add_product4(one, tile[line * rank + k], b);
        other = add_product4(other, tile[(line + 1) * rank + k], b);
    }
    const float4 shift = bias ? load4(bias + column) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    const int last = first + line + 1 < rows ? 1 : 0;
    for (int next = 0; next <= last; next++) {
        const int row = first + line + next;
        const float4 sums = next == 0 ? one : other;
        const float4 z = add4(add_product4(load4(product + (long long)row * product_stride + column), scale, sums), shift);
        if (pre) {
            store4(pre + (long long)row * pre_stride + column, z);
        }
        store4(out + (long long)row * out_stride + column, activated<KIND>(kind, slope, z));
    }
}

// pre = product + scale * low * up + bias, out = act(pre): low [rows, rank] = x A, up [rank, columns] = B.
// A block takes 8 rows, whose low it shares, and blockDim.x columns. Shared: 8 * rank floats.
extern "C" __global__ void adapter_epilogue(const VALUE *product, int product_stride, const float *low, int low_stride,
                                            const float *up, int up_stride, float scale, const float *bias, VALUE *pre,
                                            int pre_stride, VALUE *out, int out_stride, int rows, int columns, int rank,
                                            int kind, float slope) {
    SHARED(float, tile);
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const bool in_fours = columns % 4 == 0 && in_quads(product, product_stride) && in_quads(up, up_stride) && in_quads(bias, 0)
                          && in_quads(pre, pre_stride) && in_quads(out, out_stride);
    for (int first = blockIdx.y * TILE; first < rows; first += gridDim.y * TILE) {
        const int count = rows - first < TILE ? rows - first : TILE;
        for (int i = threadIdx.x; i < TILE * rank; i += blockDim.x) {
            const int row = i / rank;
            tile[i] = row < count ? low[(long long)(first + row) * low_stride + i % rank] : 0.0f;
        }
        __syncthreads();
        if (in_fours) {
#define EPILOGUE(KIND)                                                                                                    \
    epilogue_quads<KIND>(tile, product, product_stride, up, up_stride, scale, bias, pre, pre_stride, out, out_stride, first, \
                         rows, columns, rank, kind, slope)
            WITH_FUNCTION(kind, EPILOGUE)
        } else if (column < columns) {
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
                        load1(product + (long long)(first + row) * product_stride + column) + scale * sums[row] + shift;
                    if (pre) {
                        store1(pre + (long long)(first + row) * pre_stride + column, z);
                    }
                    store1(out + (long long)(first + row) * out_stride + column, activate(kind, slope, z));
                }
            }
        }
        __syncthreads();  // the tile is written again
    }
}

template <int KIND> __device__ static inline float4 differentiated(int kind, float slope, float4 d, float4 z) {
    const int known = KIND == ANY ? kind : KIND;
    return make_float4(d.x * derivative(known, slope, z.x), d.y * derivative(known, slope, z.y),
                       d.z * derivative(known, slope, z.z), d.w * derivative(known, slope, z.w));
}

// The sums of four columns of a quarter of a chunk's rows.
template <int KIND>
__device__ static inline float4 gradient_quads(const VALUE *upstream, int upstream_stride, const VALUE *pre, int pre_stride,
                                               VALUE *delta, int delta_stride, int first, int end, int column, int kind,
                                               float slope) {
    float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    for (int row = first; row < end; row += LINES) {
        float4 d = load4(upstream + (long long)row * upstream_stride + column);
        if (pre) {
            d = differentiated<KIND>(kind, slope, d, load4(pre + (long long)row * pre_stride + column));
        }
        if (delta) {
            store4(delta + (long long)row * delta_stride + column, d);
        }
        sum = add4(sum, d);
    }
    return sum;
}

// delta = upstream * act'(pre), and for each chunk of rows the sums of delta's columns: partial [gridDim.y, columns].
// delta may be upstream, or null; partial may be null. pre may be null for the identity. Shared: 4 floats a thread.
extern "C" __global__ void activation_gradient(const VALUE *upstream, int upstream_stride, const VALUE *pre, int pre_stride,
                                               VALUE *delta, int delta_stride, float *partial, int rows, int columns,
                                               int chunk, int kind, float slope) {
    SHARED(float, sums);
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const int first = blockIdx.y * chunk;
    const int end = first + chunk < rows ? first + chunk : rows;
    if (columns % 4 == 0 && in_quads(upstream, upstream_stride) && in_quads(pre, pre_stride)
        && in_quads(delta, delta_stride)) {
        const int quads = blockDim.x / LINES;
        const int line = threadIdx.x / quads;
        const int own = threadIdx.x % quads * 4;
        const int left = blockIdx.x * blockDim.x + own;
        float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
        if (left < columns) {
#define GRADIENT(KIND) \
    sum = gradient_quads<KIND>(upstream, upstream_stride, pre, pre_stride, delta, delta_stride, first + line, end, left, kind, slope)
            WITH_FUNCTION(kind, GRADIENT)
        }
        store4(sums + line * blockDim.x + own, sum);
        __syncthreads();
        if (partial && column < columns) {
            float all = 0.0f;
            for (int of = 0; of < LINES; of++) {
                all += sums[of * blockDim.x + threadIdx.x];
            }
            partial[(long long)blockIdx.y * columns + column] = all;
        }
        return;
    }
    if (column >= columns) {
        return;
    }
    float sum = 0.0f;
    for (int row = first; row < end; row++) {
        float d = load1(upstream + (long long)row * upstream_stride + column);
        if (pre) {
            d *= derivative(kind, slope, load1(pre + (long long)row * pre_stride + column));
        }
        if (delta) {
            store1(delta + (long long)row * delta_stride + column, d);
        }
        sum += d;
    }
    if (partial) {
        partial[(long long)blockIdx.y * columns + column] = sum;
    }
}

// sums = beta * sums + sum, in one column. Without beta the old sum is not read.
__device__ static inline void put_sum(float *sums, int column, float beta, float sum) {
    sums[column] = beta == 0.0f ? sum : beta * sums[column] + sum;
}

// sums = beta * sums + the sums of the columns of partial [chunks, columns].
extern "C" __global__ void column_sums(const float *partial, float *sums, float beta, int chunks, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column < columns) {
        float sum = 0.0f;
        for (int chunk = 0; chunk < chunks; chunk++) {
            sum += partial[(long long)chunk * columns + column];
        }
        put_sum(sums, column, beta, sum);
    }
}

// sums = beta * sums + the sums of the columns of values, a block for each: where they are few, so are the rows that blocks read together.
// Shared: a float for each warp.
extern "C" __global__ void narrow_sums(const VALUE *values, int values_stride, float *sums, float beta, int rows,
                                       int columns) {
    SHARED(float, scratch);
    const int column = blockIdx.x;
    float sum = 0.0f;
    for (int row = threadIdx.x; row < rows; row += blockDim.x) {
        sum += load1(values + (long long)row * values_stride + column);
    }
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) {
        put_sum(sums, column, beta, sum);
    }
}

// delta = (upstream + scale * low * up) * act'(pre), and for each chunk of rows the sums of delta's columns, as activation_gradient: low
// [rows, rank] = d B', up [rank, columns] = A'. A block takes a chunk, 8 rows at a time, whose low it shares. Shared: 8 * rank floats.
extern "C" __global__ void adapter_gradient(const VALUE *upstream, int upstream_stride, const float *low, int low_stride,
                                            const float *up, int up_stride, float scale, const VALUE *pre, int pre_stride,
                                            VALUE *delta, int delta_stride, float *partial, int rows, int columns, int rank,
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
                float d = load1(upstream + row * upstream_stride + column) + scale * sums[r];
                if (pre) {
                    d *= derivative(kind, slope, load1(pre + row * pre_stride + column));
                }
                store1(delta + row * delta_stride + column, d);
                total += d;
            }
        }
        __syncthreads();  // the tile is loaded again
    }
    if (partial && column < columns) {
        partial[(long long)blockIdx.y * columns + column] = total;
    }
}
