// Attention of the rows of each example to one another, in tiles of 64 queries by 64 keys (FlashAttention): of P no more than a
// tile exists at a time, forward with a running maximum and sum, backward from L = log sum exp. Rows of example e are starts[e]
// to starts[e + 1] - 1; what is behind the last example is not read, and becomes zeros. A tile's rows are of one example, counted
// from its start, so that an example's results are the same bytes wherever it lies. Every result is written by one block.
//
// Blocks have 256 threads, each of which holds 4 x 4 elements of a product of 64 x 64. Shared: 2 * 64 * 68 floats.

#define DEPTH 32
#define STRIDE 68  // a multiple of 4, for loads of four floats at once
#define COLUMNS 128
#define WEIGHTS (2 * DEPTH * STRIDE)

#include "attention_tiles.cuh"

// The first of the 4 rows, and of the 4 columns, of a thread.
__device__ static inline int thread_row() { return threadIdx.x / 16 * 4; }
__device__ static inline int thread_column() { return threadIdx.x % 16 * 4; }

// to[k][row] = rows[row][from + k]; a warp takes 4 rows by 8 columns. Rows behind the last are zeros.
__device__ static inline void load_turned(rows_of rows, int from, int depth, float *to) {
    for (int i = threadIdx.x; i < ROWS * DEPTH; i += blockDim.x) {
        const int row = i / 32 % 16 * 4 + i % 4;
        const int k = i / 512 * 8 + i % 32 / 4;
        if (k < depth) {
            to[k * STRIDE + row] = row < rows.count ? rows.first[(long long)row * rows.stride + from + k] : 0.0f;
        }
    }
}

// to[row][column] = rows[row][from + column] for 64 columns. Columns behind the last are zeros.
__device__ static inline void load_columns(rows_of rows, int from, int columns, float *to) {
    for (int i = threadIdx.x; i < rows.count * ROWS; i += blockDim.x) {
        const int row = i / ROWS;
        const int column = i % ROWS;
        to[row * STRIDE + column] =
            from + column < columns ? rows.first[(long long)row * rows.stride + from + column] : 0.0f;
    }
}

// sums[i][j] += the sum over k of left[k][row i of the thread] * right[k][column j of the thread].
__device__ static inline void multiply(float (&sums)[4][4], const float *left, const float *right, int depth) {
    const float *a = left + thread_row();
    const float *b = right + thread_column();
    for (int k = 0; k < depth; k++) {
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                sums[i][j] += a[k * STRIDE + i] * b[k * STRIDE + j];
            }
        }
    }
}

// sums = the products of left's rows with right's, of `size` columns.
__device__ static inline void row_products(float (&sums)[4][4], rows_of left, rows_of right, int size, float *shared) {
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            sums[i][j] = 0.0f;
        }
    }
    for (int from = 0; from < size; from += DEPTH) {
        const int depth = size - from < DEPTH ? size - from : DEPTH;
        __syncthreads();  // factors may still be read for the product before
        load_turned(left, from, depth, shared);
        load_turned(right, from, depth, shared + DEPTH * STRIDE);
        __syncthreads();
        multiply(sums, shared, shared + DEPTH * STRIDE, depth);
    }
}

// sums += the rows' columns from `from` on, at most 128 of `size`, each row times its weight: weights[row][row of the result].
__device__ static inline void add_weighted(float (&sums)[2][4][4], rows_of rows, int from, int size, float *shared) {
    for (int half = 0; half < 2; half++) {
        if (from + half * ROWS < size) {
            __syncthreads();  // weights are written, factors no longer read
            load_columns(rows, from + half * ROWS, size, shared);
            __syncthreads();
            multiply(sums[half], shared + WEIGHTS, shared, rows.count);
        }
    }
}

__device__ static inline void clear(float (&sums)[2][4][4]) {
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                sums[half][i][j] = 0.0f;
            }
        }
    }
}

// The thread's part of `count` rows of a result: sums times the factors of their rows.
__device__ static inline void write(const float (&sums)[2][4][4], const float (&factors)[4], float *result, int stride, int count,
                                    int from, int size) {
    for (int i = 0; i < 4; i++) {
        const int row = thread_row() + i;
        if (row < count) {
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 4; j++) {
                    const int column = from + half * ROWS + thread_column() + j;
                    if (column < size) {
                        result[(long long)row * stride + column] = sums[half][i][j] * factors[i];
                    }
                }
            }
        }
    }
}

// out = softmax(scale * queries keys') values in every head, over the keys that a query sees; log_sums [rows, heads]. `group` heads
// of queries share one of keys and values. A block takes a tile of queries, a head, and 128 columns of it: in y heads * ceil(size / 128).
extern "C" __global__ void attention(const float *queries, int query_stride, const float *keys, int key_stride,
                                     const float *values, int value_stride, const int *starts, float *out, int out_stride,
                                     float *log_sums, int rows, int examples, int heads, int group, int size, int causal,
                                     int window, float scale) {
    SHARED(float, shared);
    const tile at = tile_of(starts, examples, rows, blockIdx.x);
    if (at.count <= 0) {
        return;
    }
    const columns_of block = columns_of_block(size, COLUMNS);
    const int head = block.head;
    const int from = block.from;
    const rows_of q = part_of(queries, query_stride, head * size, at.first, at.count);
    float sums[2][4][4];
    float most[4];
    float totals[4];
    clear(sums);
    for (int i = 0; i < 4; i++) {
        most[i] = -3.402823466e38f;  // finite: less it would be no number to subtract
        totals[i] = 0.0f;
    }
    const span seen_keys = keys_of(at, causal, window);
    for (int key = seen_keys.first; key < seen_keys.end; key += ROWS) {
        const int count = at_most_rows(key, seen_keys.end);
        float scores[4][4];
        row_products(scores, q, part_of(keys, key_stride, head / group * size, key, count), size, shared);
        for (int i = 0; i < 4; i++) {
            float highest = most[i];
            for (int j = 0; j < 4; j++) {
                const int column = thread_column() + j;
                const bool seen = column < count && sees(at.first + thread_row() + i, key + column, causal, window);
                scores[i][j] = seen ? scale * scores[i][j] : -INFINITY;
                highest = fmaxf(highest, scores[i][j]);
            }
            for (int distance = 8; distance > 0; distance /= 2) {
                highest = fmaxf(highest, __shfl_xor_sync(0xFFFFFFFFu, highest, distance));
            }
            const float kept = expf(most[i] - highest);
            most[i] = highest;
            totals[i] *= kept;
            for (int j = 0; j < 4; j++) {
                const float weight = expf(scores[i][j] - highest);
                totals[i] += weight;
                shared[WEIGHTS + (thread_column() + j) * STRIDE + thread_row() + i] = weight;
                sums[0][i][j] *= kept;
                sums[1][i][j] *= kept;
            }
        }
        add_weighted(sums, part_of(values, value_stride, head / group * size, key, count), from, size, shared);
    }
    float inverses[4];
    for (int i = 0; i < 4; i++) {
        for (int distance = 8; distance > 0; distance /= 2) {
            totals[i] += __shfl_xor_sync(0xFFFFFFFFu, totals[i], distance);
        }
        inverses[i] = at.in_example ? 1.0f / totals[i] : 0.0f;
        const int row = thread_row() + i;
        if (from == 0 && thread_column() == 0 && row < at.count) {
            log_sums[(long long)(at.first + row) * heads + head] = at.in_example ? most[i] + logf(totals[i]) : 0.0f;
        }
    }
    write(sums, inverses, out + (long long)at.first * out_stride + head * size, out_stride, at.count, from, size);
}

// d_queries = scale * dS keys with P = exp(scale * queries keys' - L), dS = P * (upstream values' - delta). Blocks as of attention.
extern "C" __global__ void attention_query_gradient(const float *queries, int query_stride, const float *keys, int key_stride,
                                                    const float *values, int value_stride, const int *starts,
                                                    const float *upstream, int upstream_stride, const float *log_sums,
                                                    const float *deltas, float *d_queries, int d_query_stride, int rows,
                                                    int examples, int heads, int group, int size, int causal, int window,
                                                    float scale) {
    SHARED(float, shared);
    const tile at = tile_of(starts, examples, rows, blockIdx.x);
    if (at.count <= 0) {
        return;
    }
    const columns_of block = columns_of_block(size, COLUMNS);
    const int head = block.head;
    const int from = block.from;
    const rows_of q = part_of(queries, query_stride, head * size, at.first, at.count);
    const rows_of d = part_of(upstream, upstream_stride, head * size, at.first, at.count);
    float sums[2][4][4];
    query_sums of_row[4];
    clear(sums);
    for (int i = 0; i < 4; i++) {
        const int row = thread_row() + i;
        of_row[i] = sums_of(log_sums, deltas, at.first + row, heads, head, at.in_example && row < at.count);
    }
    const span seen_keys = keys_of(at, causal, window);
    for (int key = seen_keys.first; key < seen_keys.end; key += ROWS) {
        const int count = at_most_rows(key, seen_keys.end);
        const rows_of k = part_of(keys, key_stride, head / group * size, key, count);
        float scores[4][4];
        float products[4][4];
        row_products(scores, q, k, size, shared);
        row_products(products, d, part_of(values, value_stride, head / group * size, key, count), size, shared);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                const int column = thread_column() + j;
                const bool seen = sees(at.first + thread_row() + i, key + column, causal, window);
                const float weight = expf(scale * scores[i][j] - of_row[i].log_sum);
                shared[WEIGHTS + column * STRIDE + thread_row() + i] =
                    seen ? weight * (products[i][j] - of_row[i].delta) : 0.0f;
            }
        }
        add_weighted(sums, k, from, size, shared);
    }
    const float scales[4] = {scale, scale, scale, scale};
    write(sums, scales, d_queries + (long long)at.first * d_query_stride + head * size, d_query_stride, at.count, from, size);
}

// d_values = P' upstream and d_keys = scale * dS' queries, summed over the heads that share them. A block takes a tile of keys, a head of
// them, and 128 columns of it: in y heads of keys * ceil(size / 128).
extern "C" __global__ void attention_key_gradient(const float *queries, int query_stride, const float *keys, int key_stride,
                                                  const float *values, int value_stride, const int *starts,
                                                  const float *upstream, int upstream_stride, const float *log_sums,
                                                  const float *deltas, float *d_keys, int d_key_stride, float *d_values,
                                                  int d_value_stride, int rows, int examples, int heads, int group, int size,
                                                  int causal, int window, float scale) {
    SHARED(float, shared);
    const tile at = tile_of(starts, examples, rows, blockIdx.x);
    if (at.count <= 0) {
        return;
    }
    const columns_of block = columns_of_block(size, COLUMNS);
    const int shared_head = block.head;
    const int from = block.from;
    const rows_of k = part_of(keys, key_stride, shared_head * size, at.first, at.count);
    const rows_of v = part_of(values, value_stride, shared_head * size, at.first, at.count);
    float of_keys[2][4][4];
    float of_values[2][4][4];
    clear(of_keys);
    clear(of_values);
    const span seeing = queries_of(at, causal, window);
    for (int head = shared_head * group; head < (shared_head + 1) * group; head++) {
        for (int query = seeing.first; query < seeing.end; query += ROWS) {
            const int count = at_most_rows(query, seeing.end);
            const rows_of q = part_of(queries, query_stride, head * size, query, count);
            const rows_of d = part_of(upstream, upstream_stride, head * size, query, count);
            float scores[4][4];
            float products[4][4];
            row_products(scores, k, q, size, shared);
            row_products(products, v, d, size, shared);
            for (int j = 0; j < 4; j++) {
                const int column = thread_column() + j;
                const query_sums of_column = sums_of(log_sums, deltas, query + column, heads, head, column < count);
                for (int i = 0; i < 4; i++) {
                    const bool seen = sees(query + column, at.first + thread_row() + i, causal, window);
                    const float weight = seen ? expf(scale * scores[i][j] - of_column.log_sum) : 0.0f;
                    shared[WEIGHTS + column * STRIDE + thread_row() + i] = weight;
                    products[i][j] = seen ? weight * (products[i][j] - of_column.delta) : 0.0f;
                }
            }
            add_weighted(of_values, d, from, size, shared);
            __syncthreads();  // the weights are no longer read
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    shared[WEIGHTS + (thread_column() + j) * STRIDE + thread_row() + i] = products[i][j];
                }
            }
            add_weighted(of_keys, q, from, size, shared);
        }
    }
    const float scales[4] = {scale, scale, scale, scale};
    const float ones[4] = {1.0f, 1.0f, 1.0f, 1.0f};
    write(of_keys, scales, d_keys + (long long)at.first * d_key_stride + shared_head * size, d_key_stride, at.count, from, size);
    write(of_values, ones, d_values + (long long)at.first * d_value_stride + shared_head * size, d_value_stride, at.count, from,
          size);
}
