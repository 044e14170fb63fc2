// Attention of packed rows on tensor cores (FlashAttention-2, arXiv 2307.08691): the tiles, masks, sums and results of
// row_attention.cu, but factors of products are rounded before they are multiplied, queries, keys, values and the gradient of the
// output as well as weights and their gradients. Sums, L and delta are single precision.
//
// Blocks have 4 warps, each with 16 of 64 rows of every product. What a product is made of comes in steps: two panels of 64 rows by 32
// columns are copied to shared memory as floats while the step before is multiplied, then rounded into words for ldmatrix. A
// panel is taken as it is (its columns are what is summed over) or turned (its rows are). Weights stay in registers: what a lane holds of
// them as sums is what it needs as a left factor, for tf32 if the rows of turned panels are reordered in eights.
//
// A block's own rows are the left factor for every tile that it meets: where there is room for all their words, they stay.
//
// Shared: 2 panels of 64 x 36 floats, 2 of words, and KEPT of words that stay. PER_WORD is 1 for tf32, 2 for bfloat16.

#define PANEL 32
#define PANEL_STRIDE 36  // in floats; a multiple of 4, and 4 more than one of 32, so that 8 rows are in different banks
#define PANEL_FLOATS (ROWS * PANEL_STRIDE)
#define WORDS (PANEL / PER_WORD)
#define WORD_STRIDE (WORDS + 4)
#define TURNED_WORDS (ROWS / PER_WORD)
#define TURNED_STRIDE (TURNED_WORDS + 4)
#define PANEL_WORDS (ROWS * WORD_STRIDE)
#define KEPT (PER_WORD == 2 ? 4 : 1)  // as many as 48 KiB have room for
#define STRIP 64
#define LEAST -3.402823466e38f  // finite: less it would be no number to subtract

// Arrays of registers need loops that are written out; others, written out, need more registers than there are.
#ifdef AMEND_EMULATED
#define UNROLL
#define ROLLED
#else
#define UNROLL _Pragma("unroll")
#define ROLLED _Pragma("unroll 1")
#endif

// A part of a product's factors: 32 columns of some rows.
struct panel {
    rows_of rows;
    int from;
};

// What a lane has of 16 rows by STRIP columns, in tiles of 8.
typedef float strip[8][4];

__device__ static inline int lane_of() { return threadIdx.x % 32; }

// The row, of the 64, of a lane's elements 0 and 1; those of 2 and 3 are 8 below.
__device__ static inline int strip_row(int half) { return threadIdx.x / 32 * 16 + lane_of() / 4 + 8 * half; }
// The column, of the 64, of a lane's element in a tile.
__device__ static inline int strip_column(int number, int element) { return number * 8 + lane_of() % 4 * 2 + element % 2; }

__device__ static inline void clear(strip &sums) {
    UNROLL
    for (int n = 0; n < 8; n++) {
        UNROLL
        for (int e = 0; e < 4; e++) {
            sums[n][e] = 0.0f;
        }
    }
}

// Starts to copy a panel; zeros behind the last row and the last of `size` columns.
__device__ static inline void stage(panel part, int size, float *to) {
    const float *first = part.rows.first + part.from;
    const bool aligned = (((unsigned long long)first | ((unsigned long long)part.rows.stride * 4)) & 15) == 0;
    for (int i = threadIdx.x; i < ROWS * PANEL / 4; i += blockDim.x) {
        const int row = i / (PANEL / 4);
        const int column = i % (PANEL / 4) * 4;
        const int left = row < part.rows.count ? size - part.from - column : 0;
        const float *from = first + (left > 0 ? (long long)row * part.rows.stride + column : 0);
        float *place = to + row * PANEL_STRIDE + column;
        if (aligned) {
            cp_async16(place, from, left >= 4 ? 16 : left > 0 ? 4 * left : 0);
        } else {
            for (int k = 0; k < 4; k++) {
                place[k] = k < left ? from[k] : 0.0f;
            }
        }
    }
}

__device__ static inline void stage(panel one, panel other, int size, float *shared) {
    stage(one, size, shared);
    stage(other, size, shared + PANEL_FLOATS);
    cp_async_commit();
}

// Starts to copy a step; of the left factor only what is not there.
__device__ static inline void stage_rows(panel left, panel right, bool there, int size, float *shared) {
    if (!there) {
        stage(left, size, shared);
    }
    stage(right, size, shared + PANEL_FLOATS);
    cp_async_commit();
}

__device__ static inline unsigned *words_in(float *shared, int number) {
    return (unsigned *)(shared + 2 * PANEL_FLOATS) + number * PANEL_WORDS;
}

__device__ static inline unsigned word_of(float first, float second) {
#if PER_WORD == 2
    return bf16_pair(first, second);
#else
    (void)second;
    return tf32_of(first);
#endif
}

// The row of a turned panel whose number is the first in a word: in tf32, lane t has columns 2t and 2t + 1 of weights, which a
// product takes for numbers t and t + 4.
__device__ static inline int row_of_word(int word) {
    return PER_WORD == 2 ? 2 * word : word / 8 * 8 + word % 4 * 2 + word % 8 / 4;
}

// Waits for the staged panels, rounds them, and leaves them to be overwritten: the left one into words `left`, unless it is there.
__device__ static inline void take_rows(int left, bool there, float *shared) {
    cp_async_wait<0>();
    __syncthreads();  // all of it is there, and words are no longer read
    for (int number = there ? 1 : 0; number < 2; number++) {
        const float *from = shared + number * PANEL_FLOATS;
        unsigned *to = words_in(shared, number == 0 ? left : 1);
        for (int i = threadIdx.x; i < ROWS * WORDS; i += blockDim.x) {
            const float *at = from + i / WORDS * PANEL_STRIDE + i % WORDS * PER_WORD;
            to[i / WORDS * WORD_STRIDE + i % WORDS] = word_of(at[0], at[PER_WORD - 1]);
        }
    }
    __syncthreads();  // words are written, panels no longer read
}

// The same, turned: a word has numbers of one column. A warp takes 8 columns by 4 words.
__device__ static inline void take_columns(float *shared) {
    cp_async_wait<0>();
    __syncthreads();  // all of it is there, and no words are read any more
    for (int number = 0; number < 2; number++) {
        const float *from = shared + number * PANEL_FLOATS;
        unsigned *to = words_in(shared, number);
        for (int i = threadIdx.x; i < PANEL * TURNED_WORDS; i += blockDim.x) {
            const int column = i / 32 % 4 * 8 + i % 8;
            const int word = i / 128 * 4 + i % 32 / 8;
            const float *at = from + row_of_word(word) * PANEL_STRIDE + column;
            to[column * TURNED_STRIDE + word] = word_of(at[0], at[(PER_WORD - 1) * PANEL_STRIDE]);
        }
    }
    __syncthreads();  // words are written, no panels are read any more
}

__device__ static inline void multiply(float (&sums)[4], const unsigned (&left)[4], unsigned right0, unsigned right1) {
#if PER_WORD == 2
    mma_bf16_16816(sums, left, right0, right1);
#else
    mma_tf32_1688(sums, left, right0, right1);
#endif
}

// Of 16 rows of words, 8 words: the fragment of two right factors of 8 columns, words 0 and 1 of the first, 2 and 3 of the second.
__device__ static inline void load_right(unsigned (&right)[4], const unsigned *words, int stride) {
    ldmatrix_x4(right, words + (lane_of() / 16 * 8 + lane_of() % 8) * stride + lane_of() / 8 % 2 * 4);
}

// sums += the products of the rows of words `number` with those of the right panel.
__device__ static inline void add_row_products(strip &sums, int number, float *shared) {
    const unsigned *left_words = words_in(shared, number) + (threadIdx.x / 32 * 16 + lane_of() % 16) * WORD_STRIDE + lane_of() / 16 * 4;
    ROLLED
    for (int word = 0; word < WORDS; word += 8) {
        unsigned left[4];
        ldmatrix_x4(left, left_words + word);
        UNROLL
        for (int n = 0; n < 8; n += 2) {
            unsigned right[4];
            load_right(right, words_in(shared, 1) + n * 8 * WORD_STRIDE + word, WORD_STRIDE);
            multiply(sums[n], left, right[0], right[1]);
            multiply(sums[n + 1], left, right[2], right[3]);
        }
    }
}

// Weights as a left factor: [k / 8][register].
typedef unsigned factor[TURNED_WORDS / 8][4];

__device__ static inline void round_weights(const strip &weights, factor &to) {
    UNROLL
    for (int k = 0; k < TURNED_WORDS / 8; k++) {
#if PER_WORD == 2
        for (int r = 0; r < 4; r++) {
            to[k][r] = bf16_pair(weights[2 * k + r / 2][r % 2 * 2], weights[2 * k + r / 2][r % 2 * 2 + 1]);
        }
#else
        for (int r = 0; r < 4; r++) {
            to[k][r] = tf32_of(weights[k][r % 2 * 2 + r / 2]);
        }
#endif
    }
}

// sums += weights times the turned panels' 64 columns.
__device__ static inline void add_weighted(strip &sums, const factor &weights, float *shared) {
    UNROLL
    for (int k = 0; k < TURNED_WORDS / 8; k++) {
        UNROLL
        for (int n = 0; n < 8; n += 2) {
            unsigned right[4];
            load_right(right, words_in(shared, n / 4) + n % 4 * 8 * TURNED_STRIDE + k * 8, TURNED_STRIDE);
            multiply(sums[n], weights[k], right[0], right[1]);
            multiply(sums[n + 1], weights[k], right[2], right[3]);
        }
    }
}

// Of `count` rows of a result, 64 columns from `from` on: sums times the factors of their rows.
__device__ static inline void write(const strip &sums, float factor0, float factor1, float *result, int stride, int count, int from,
                                    int size) {
    UNROLL
    for (int e = 0; e < 4; e++) {
        const int row = strip_row(e / 2);
        UNROLL
        for (int n = 0; n < 8; n++) {
            const int column = from + strip_column(n, e);
            if (row < count && column < size) {
                result[(long long)row * stride + column] = sums[n][e] * (e < 2 ? factor0 : factor1);
            }
        }
    }
}

// The sum of the four lanes that have a row.
__device__ static inline float row_sum(float value) {
    value += __shfl_xor_sync(0xFFFFFFFFu, value, 1);
    return value + __shfl_xor_sync(0xFFFFFFFFu, value, 2);
}

__device__ static inline float row_max(float value) {
    value = fmaxf(value, __shfl_xor_sync(0xFFFFFFFFu, value, 1));
    return fmaxf(value, __shfl_xor_sync(0xFFFFFFFFu, value, 2));
}

// How many steps of 32 columns a product of rows takes, and how many of 64 columns a block's columns from `from` on.
__device__ static inline int row_steps(int size) { return (size + PANEL - 1) / PANEL; }
__device__ static inline int column_steps(int from, int size) { return size - from > STRIP ? COLUMNS / STRIP : 1; }

// Where the words of a block's own rows are: those of one step after the other, or each for itself.
__device__ static inline int left_words_of(bool kept, int step) { return kept ? 2 + step : 0; }

// Starts to copy the columns of step `step` of the weighted sum of some rows.
__device__ static inline void stage_columns(rows_of rows, int from, int step, int size, float *shared) {
    stage({rows, from + step * STRIP}, {rows, from + step * STRIP + PANEL}, size, shared);
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
    const int products = row_steps(size);
    const int parts = column_steps(from, size);
    const span seen_keys = keys_of(at, causal, window);
    const bool kept = products <= KEPT;
    const auto stage_step = [&](int key, int step) {
        if (step == products + parts) {
            key += ROWS;
            step = 0;
        }
        if (key < seen_keys.end) {
            const int count = at_most_rows(key, seen_keys.end);
            if (step < products) {
                const rows_of k = part_of(keys, key_stride, head / group * size, key, count);
                stage_rows({q, step * PANEL}, {k, step * PANEL}, kept && key > seen_keys.first, size, shared);
            } else {
                const rows_of v = part_of(values, value_stride, head / group * size, key, count);
                stage_columns(v, from, step - products, size, shared);
            }
        }
    };
    strip sums[COLUMNS / STRIP];
    float most[2] = {LEAST, LEAST};
    float totals[2] = {0.0f, 0.0f};
    UNROLL
    for (int part = 0; part < COLUMNS / STRIP; part++) {
        clear(sums[part]);
    }
    stage_step(seen_keys.first, 0);
    for (int key = seen_keys.first; key < seen_keys.end; key += ROWS) {
        const int count = at_most_rows(key, seen_keys.end);
        strip scores;
        clear(scores);
        for (int step = 0; step < products; step++) {
            take_rows(left_words_of(kept, step), kept && key > seen_keys.first, shared);
            stage_step(key, step + 1);
            add_row_products(scores, left_words_of(kept, step), shared);
        }
        UNROLL
        for (int half = 0; half < 2; half++) {
            float highest = most[half];
            UNROLL
            for (int n = 0; n < 8; n++) {
                for (int e = 2 * half; e < 2 * half + 2; e++) {
                    const int column = strip_column(n, e);
                    const bool seen = column < count && sees(at.first + strip_row(half), key + column, causal, window);
                    scores[n][e] = seen ? scale * scores[n][e] : -INFINITY;
                    highest = fmaxf(highest, scores[n][e]);
                }
            }
            highest = row_max(highest);
            const float kept = expf(most[half] - highest);
            most[half] = highest;
            totals[half] *= kept;
            UNROLL
            for (int n = 0; n < 8; n++) {
                for (int e = 2 * half; e < 2 * half + 2; e++) {
                    scores[n][e] = expf(scores[n][e] - highest);
                    totals[half] += scores[n][e];
                    UNROLL
                    for (int part = 0; part < COLUMNS / STRIP; part++) {
                        sums[part][n][e] *= kept;
                    }
                }
            }
        }
        factor weights;
        round_weights(scores, weights);
        UNROLL
        for (int part = 0; part < COLUMNS / STRIP; part++) {
            if (part < parts) {
                take_columns(shared);
                stage_step(key, products + part + 1);
                add_weighted(sums[part], weights, shared);
            }
        }
    }
    float inverses[2];
    UNROLL
    for (int half = 0; half < 2; half++) {
        const float total = row_sum(totals[half]);
        inverses[half] = at.in_example ? 1.0f / total : 0.0f;
        const int row = strip_row(half);
        if (from == 0 && lane_of() % 4 == 0 && row < at.count) {
            log_sums[(long long)(at.first + row) * heads + head] = at.in_example ? most[half] + logf(total) : 0.0f;
        }
    }
    UNROLL
    for (int part = 0; part < COLUMNS / STRIP; part++) {
        write(sums[part], inverses[0], inverses[1], out + (long long)at.first * out_stride + head * size, out_stride, at.count,
              from + part * STRIP, size);
    }
}

// d_queries = scale * dS keys, dS = P o (upstream values' - delta). A block takes what one of the forward pass takes.
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
    const int products = row_steps(size);
    const int parts = column_steps(from, size);
    const span seen_keys = keys_of(at, causal, window);
    const bool kept = 2 * products <= KEPT;
    const auto stage_step = [&](int key, int step) {
        if (step == 2 * products + parts) {
            key += ROWS;
            step = 0;
        }
        if (key < seen_keys.end) {
            const int count = at_most_rows(key, seen_keys.end);
            const rows_of k = part_of(keys, key_stride, head / group * size, key, count);
            const rows_of v = part_of(values, value_stride, head / group * size, key, count);
            const bool there = kept && key > seen_keys.first;
            if (step < products) {
                stage_rows({q, step * PANEL}, {k, step * PANEL}, there, size, shared);
            } else if (step < 2 * products) {
                stage_rows({d, (step - products) * PANEL}, {v, (step - products) * PANEL}, there, size, shared);
            } else {
                stage_columns(k, from, step - 2 * products, size, shared);
            }
        }
    };
    strip sums[COLUMNS / STRIP];
    query_sums of_row[2];
    UNROLL
    for (int part = 0; part < COLUMNS / STRIP; part++) {
        clear(sums[part]);
    }
    UNROLL
    for (int half = 0; half < 2; half++) {
        const int row = strip_row(half);
        of_row[half] = sums_of(log_sums, deltas, at.first + row, heads, head, at.in_example && row < at.count);
    }
    stage_step(seen_keys.first, 0);
    for (int key = seen_keys.first; key < seen_keys.end; key += ROWS) {
        const int count = at_most_rows(key, seen_keys.end);
        strip scores;
        strip gradients;
        clear(scores);
        clear(gradients);
        for (int step = 0; step < products; step++) {
            take_rows(left_words_of(kept, step), kept && key > seen_keys.first, shared);
            stage_step(key, step + 1);
            add_row_products(scores, left_words_of(kept, step), shared);
        }
        for (int step = 0; step < products; step++) {
            take_rows(left_words_of(kept, products + step), kept && key > seen_keys.first, shared);
            stage_step(key, products + step + 1);
            add_row_products(gradients, left_words_of(kept, products + step), shared);
        }
        UNROLL
        for (int n = 0; n < 8; n++) {
            UNROLL
            for (int e = 0; e < 4; e++) {
                const int column = strip_column(n, e);
                const bool seen = column < count && sees(at.first + strip_row(e / 2), key + column, causal, window);
                const float weight = expf(scale * scores[n][e] - of_row[e / 2].log_sum);
                gradients[n][e] = seen ? weight * (gradients[n][e] - of_row[e / 2].delta) : 0.0f;
            }
        }
        factor weights;
        round_weights(gradients, weights);
        UNROLL
        for (int part = 0; part < COLUMNS / STRIP; part++) {
            if (part < parts) {
                take_columns(shared);
                stage_step(key, 2 * products + part + 1);
                add_weighted(sums[part], weights, shared);
            }
        }
    }
    UNROLL
    for (int part = 0; part < COLUMNS / STRIP; part++) {
        write(sums[part], scale, scale, d_queries + (long long)at.first * d_query_stride + head * size, d_query_stride, at.count,
              from + part * STRIP, size);
    }
}

// d_values = P' upstream and d_keys = scale * dS' queries, summed over the heads that share them. A block takes a tile of keys, a head of
// them, and 64 columns of it, as more sums need more registers than there are: in y heads of keys * ceil(size / 64).
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
    const columns_of block = columns_of_block(size, STRIP);
    const int shared_head = block.head;
    const int from = block.from;
    const rows_of k = part_of(keys, key_stride, shared_head * size, at.first, at.count);
    const rows_of v = part_of(values, value_stride, shared_head * size, at.first, at.count);
    const int products = row_steps(size);
    const span seeing = queries_of(at, causal, window);
    const int last_head = (shared_head + 1) * group - 1;
    const bool kept = 2 * products <= KEPT;
    const int first_head = last_head - group + 1;
    const auto stage_step = [&](int head, int query, int step) {
        if (step == 2 * products + 2) {
            query += ROWS;
            step = 0;
        }
        if (query >= seeing.end) {
            query = seeing.first;
            head++;
        }
        if (head <= last_head && query < seeing.end) {
            const int count = at_most_rows(query, seeing.end);
            const rows_of q = part_of(queries, query_stride, head * size, query, count);
            const rows_of d = part_of(upstream, upstream_stride, head * size, query, count);
            const bool there = kept && (query > seeing.first || head > first_head);
            if (step < products) {
                stage_rows({k, step * PANEL}, {q, step * PANEL}, there, size, shared);
            } else if (step < 2 * products) {
                stage_rows({v, (step - products) * PANEL}, {d, (step - products) * PANEL}, there, size, shared);
            } else {
                stage_columns(step == 2 * products ? d : q, from, 0, size, shared);
            }
        }
    };
    strip of_keys;
    strip of_values;
    clear(of_keys);
    clear(of_values);
    stage_step(first_head, seeing.first, 0);
    for (int head = first_head; head <= last_head; head++) {
        for (int query = seeing.first; query < seeing.end; query += ROWS) {
            const int count = at_most_rows(query, seeing.end);
            const bool there = kept && (query > seeing.first || head > first_head);
            strip scores;
            strip gradients;
            clear(scores);
            clear(gradients);
            for (int step = 0; step < products; step++) {
                take_rows(left_words_of(kept, step), there, shared);
                stage_step(head, query, step + 1);
                add_row_products(scores, left_words_of(kept, step), shared);
            }
            for (int step = 0; step < products; step++) {
                take_rows(left_words_of(kept, products + step), there, shared);
                stage_step(head, query, products + step + 1);
                add_row_products(gradients, left_words_of(kept, products + step), shared);
            }
            UNROLL
            for (int n = 0; n < 8; n++) {
                for (int odd = 0; odd < 2; odd++) {
                    const int column = strip_column(n, odd);
                    const query_sums of_column = sums_of(log_sums, deltas, query + column, heads, head, column < count);
                    for (int e = odd; e < 4; e += 2) {
                        const bool seen = column < count && sees(query + column, at.first + strip_row(e / 2), causal, window);
                        scores[n][e] = seen ? expf(scale * scores[n][e] - of_column.log_sum) : 0.0f;
                        gradients[n][e] = seen ? scores[n][e] * (gradients[n][e] - of_column.delta) : 0.0f;
                    }
                }
            }
            factor weights;
            round_weights(scores, weights);
            take_columns(shared);
            stage_step(head, query, 2 * products + 1);
            add_weighted(of_values, weights, shared);
            round_weights(gradients, weights);
            take_columns(shared);
            stage_step(head, query, 2 * products + 2);
            add_weighted(of_keys, weights, shared);
        }
    }
    write(of_keys, scale, scale, d_keys + (long long)at.first * d_key_stride + shared_head * size, d_key_stride, at.count, from,
          size);
    write(of_values, 1.0f, 1.0f, d_values + (long long)at.first * d_value_stride + shared_head * size, d_value_stride, at.count, from,
          size);
}
