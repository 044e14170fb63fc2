// Attention of new rows to keys and values that are kept, in pages of PAGE positions that may lie anywhere: in every head
// softmax(scale * q K^T) V over the positions that a row sees, its own the last of them. Positions are split into parts, which blocks of
// their own take, and a second kernel joins (flash-decoding; FlashAttention-2 is arXiv 2307.08691): one row of a long text keeps a card busy.
// Parts begin at multiples of PART, so that a row's result depends on nothing beside it.

#define PAGE 64
#define PART 128
#define TOGETHER 8  // heads of queries that share keys and values, in one block

// Where the kept row of a position is; -1 if its page is none.
__device__ static inline long long kept_row(const int *table, int position, int pages) {
    const int page = table[position / PAGE];
    return page >= 0 && page < pages ? (long long)page * PAGE + position % PAGE : -1;
}

__device__ static inline int first_seen(int position, int window) {
    return position - window + 1 > 0 ? position - window + 1 : 0;
}

// kept_keys[place] = keys, kept_values[place] = values; a row whose place is none of the places is not kept.
// A thread takes a column. Grid: columns in x, rows in y.
extern "C" __global__ void keep_rows(const float *keys, int keys_stride, const float *values, int values_stride,
                                     const int *row_places, int places, float *kept_keys, int kept_keys_stride,
                                     float *kept_values, int kept_values_stride, int rows, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const int place = row_places[row];
        if (place >= 0 && place < places) {
            kept_keys[(long long)place * kept_keys_stride + column] = keys[(long long)row * keys_stride + column];
            kept_values[(long long)place * kept_values_stride + column] = values[(long long)row * values_stride + column];
        }
    }
}

// Of each part of the positions that a row sees, for each head: the sums of values weighted by exp(score - greatest), that greatest score,
// and the sum of weights: parts [rows, heads, part_count, size + 2]. Parts that a row does not see are left as they are.
// tables: [texts, table_stride], the pages of each text; row r is at positions[r] of text texts[r], and what it sees is kept already.
// A warp takes a key, then a query, then a thread a column. Grid: parts, times sets of TOGETHER heads, times heads of keys in x; rows in y.
// Shared: TOGETHER * PART floats.
extern "C" __global__ void cached_attention(const float *queries, int query_stride, const float *keys, int key_stride,
                                            const float *values, int value_stride, const int *texts, const int *positions,
                                            const int *tables, int table_stride, int pages, float *parts, int part_count,
                                            int rows, int heads, int group, int size, int window, float scale) {
    SHARED(float, weights);
    const int sets = (group + TOGETHER - 1) / TOGETHER;
    const int part = blockIdx.x % part_count;
    const int set = blockIdx.x / part_count % sets;
    const int key_head = blockIdx.x / part_count / sets;
    const int head = key_head * group + set * TOGETHER;
    const int count = group - set * TOGETHER < TOGETHER ? group - set * TOGETHER : TOGETHER;
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    const int column = key_head * size;
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const int position = positions[row];
        const int seen = first_seen(position, window);
        const int from = seen > part * PART ? seen : part * PART;
        const int to = position + 1 < (part + 1) * PART ? position + 1 : (part + 1) * PART;
        if (from >= to) {
            continue;
        }
        const int *table = tables + (long long)texts[row] * table_stride;
        const float *query = queries + (long long)row * query_stride + head * size;
        float *result = parts + (((long long)row * heads + head) * part_count + part) * (size + 2);
        const long long next_head = (long long)part_count * (size + 2);
        for (int k = warp; k < to - from; k += warps) {
            const long long at = kept_row(table, from + k, pages);
            for (int u = 0; u < count; u++) {
                float score = 0.0f;
                for (int j = lane; at >= 0 && j < size; j += 32) {
                    score += query[u * size + j] * keys[at * key_stride + column + j];
                }
                score = warp_sum(score);
                if (lane == 0) {
                    weights[u * PART + k] = at >= 0 ? scale * score : NAN;
                }
            }
        }
        __syncthreads();  // scores
        for (int u = warp; u < count; u += warps) {
            float most = -INFINITY;
            for (int k = lane; k < to - from; k += 32) {
                most = fmaxf(most, weights[u * PART + k]);
            }
            most = warp_max(most);
            float total = 0.0f;
            for (int k = lane; k < to - from; k += 32) {
                const float weight = expf(weights[u * PART + k] - most);
                weights[u * PART + k] = weight;
                total += weight;
            }
            total = warp_sum(total);
            if (lane == 0) {
                result[u * next_head + size] = most;
                result[u * next_head + size + 1] = total;
            }
        }
        __syncthreads();  // weights
        for (int j = threadIdx.x; j < size; j += blockDim.x) {
            float sums[TOGETHER] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
            for (int k = 0; k < to - from; k++) {
                const long long at = kept_row(table, from + k, pages);
                const float value = at >= 0 ? values[at * value_stride + column + j] : 0.0f;
                for (int u = 0; u < TOGETHER; u++) {
                    if (u < count) {
                        sums[u] += weights[u * PART + k] * value;
                    }
                }
            }
            for (int u = 0; u < TOGETHER; u++) {
                if (u < count) {
                    result[u * next_head + j] = sums[u];
                }
            }
        }
        __syncthreads();  // the next row's scores
    }
}

// out [rows, heads * size] from the parts that each row sees, in the order of positions. A row whose position has no part becomes NaN.
// A thread takes a column. Grid: columns in x, rows in y.
extern "C" __global__ void join_parts(const float *parts, int part_count, const int *positions, float *out, int out_stride,
                                      int rows, int columns, int size, int window) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const int position = positions[row];
        const int last = position / PART;
        const bool known = position >= 0 && last < part_count;
        const float *of_head = parts + ((long long)row * (columns / size) + column / size) * part_count * (size + 2);
        float most = -INFINITY;
        for (int part = first_seen(position, window) / PART; known && part <= last; part++) {
            most = fmaxf(most, of_head[(long long)part * (size + 2) + size]);
        }
        float sum = 0.0f, total = 0.0f;
        for (int part = first_seen(position, window) / PART; known && part <= last; part++) {
            const float *of_part = of_head + (long long)part * (size + 2);
            const float kept = expf(of_part[size] - most);
            sum += kept * of_part[column % size];
            total += kept * of_part[size + 1];
        }
        out[(long long)row * out_stride + column] = known ? sum / total : NAN;
    }
}
