// Skinny products of a low-rank adapter with rows d [rows, columns], which are read once: outer = d * up' [rows, rank], with up [rank, columns],
// and the gradient d' * low, with low [rows, rank]. In single precision; d, up, low and outer hold VALUEs, all else floats.
//
// A block has 256 columns of a chunk of rows, and 16 ranks; further ranks have blocks of their own beside it, which find d in the cache. It goes
// through its rows sixteen at a time: what is d in shared memory is read from both sides. Each warp has 32 of the columns. A lane adds up two rows
// by four ranks of outer, over the warp's columns, and four columns by four ranks of the gradient, over all rows.
//
// Sums of blocks are added in a fixed order: those of outer, which the next product reads, by the block that comes last to some rows; those of the
// gradient, which nobody reads before the step ends, by all blocks of a later launch, whatever else that does.

#define WARPS 8
#define LANES 32
#define COLUMNS 256
#define STRIP 16
#define RANKS 16
// Between rows of the strip in shared memory: eight rows are in different banks.
#define PITCH (COLUMNS + 4)

__device__ static inline float4 zeros() { return make_float4(0.0f, 0.0f, 0.0f, 0.0f); }

// Columns that a thread moves at once, 16 bytes: four floats or eight bfloat16 numbers. So many threads have a row, so many rows are moved at a
// time, and so often.
#define MOVED (16 / (int)sizeof(VALUE))
#define ACROSS (COLUMNS / MOVED)
#define DOWN (WARPS * LANES / ACROSS)
#define MOVES (STRIP / DOWN)

// The first of 16 bytes of numbers, one at a time; what lies behind count of them is 0.
[[maybe_unused]] __device__ static inline uint4 load_some(const float *from, int count) {
    return make_uint4(__float_as_uint(from[0]), count > 1 ? __float_as_uint(from[1]) : 0u, count > 2 ? __float_as_uint(from[2]) : 0u,
                      count > 3 ? __float_as_uint(from[3]) : 0u);
}

[[maybe_unused]] __device__ static inline unsigned load_pair(const unsigned short *from, int count) {
    return (count > 0 ? from[0] : 0u) | (count > 1 ? (unsigned)from[1] << 16 : 0u);
}

[[maybe_unused]] __device__ static inline uint4 load_some(const unsigned short *from, int count) {
    return make_uint4(load_pair(from, count), load_pair(from + 2, count - 2), load_pair(from + 4, count - 4),
                      load_pair(from + 6, count - 6));
}

// What was moved, as floats in shared memory.
[[maybe_unused]] __device__ static inline void put_floats(float *to, uint4 moved, const float *) {
    store4(to, make_float4(__uint_as_float(moved.x), __uint_as_float(moved.y), __uint_as_float(moved.z), __uint_as_float(moved.w)));
}

[[maybe_unused]] __device__ static inline float4 of_pairs(unsigned first, unsigned second) {
    return make_float4(of_upper_half(first & 0xFFFFu), of_upper_half(first >> 16), of_upper_half(second & 0xFFFFu),
                       of_upper_half(second >> 16));
}

[[maybe_unused]] __device__ static inline void put_floats(float *to, uint4 moved, const unsigned short *) {
    store4(to, of_pairs(moved.x, moved.y));
    store4(to + 4, of_pairs(moved.z, moved.w));
}

// A thread's part of a strip: 16 bytes of a row, and of others. What lies behind the matrix, or the chunk, is 0.
__device__ static inline void load_strip(uint4 (&loaded)[MOVES], const VALUE *d, int stride, int first, int end, int columns, bool at_once) {
    const int column = (int)blockIdx.x * COLUMNS + (int)threadIdx.x % ACROSS * MOVED;
    for (int i = 0; i < MOVES; i++) {
        const int row = first + (int)threadIdx.x / ACROSS + DOWN * i;
        loaded[i] = make_uint4(0u, 0u, 0u, 0u);
        if (row < end && column < columns) {
            const VALUE *from = d + (long long)row * stride + column;
            loaded[i] = at_once ? *reinterpret_cast<const uint4 *>(from) : load_some(from, columns - column);
        }
    }
}

// sums += a * b, four numbers of each.
__device__ static inline void add_outer(float4 (&sums)[4], float4 a, float4 b) {
    sums[0] = add_product4(sums[0], a.x, b);
    sums[1] = add_product4(sums[1], a.y, b);
    sums[2] = add_product4(sums[2], a.z, b);
    sums[3] = add_product4(sums[3], a.w, b);
}

// sum += a[0] * b[0] + ... of four columns and their rows of up.
__device__ static inline float4 add_columns(float4 sum, float4 a, const float4 (&b)[4]) {
    sum = add_product4(sum, a.x, b[0]);
    sum = add_product4(sum, a.y, b[1]);
    sum = add_product4(sum, a.z, b[2]);
    return add_product4(sum, a.w, b[3]);
}

// Four ranks of a column's gradient, at places so far apart.
__device__ static inline void put_ranks(float *to, long long apart, float4 values, int rank, int first) {
    const float numbers[4] = {values.x, values.y, values.z, values.w};
    for (int k = 0; k < 4; k++) {
        if (first + k < rank) {
            to[(first + k) * apart] = numbers[k];
        }
    }
}

// The sum of what blocks left at a place, in the order of their numbers.
__device__ static inline float added(const float *partial, int parts, long long size, long long place) {
    float sum = 0.0f;
    for (int part = 0; part < parts; part++) {
        sum += partial[part * size + place];
    }
    return sum;
}

// The same of four neighbours.
__device__ static inline float4 added4(const float *partial, int parts, long long size, long long place) {
    float4 sum = zeros();
    for (int part = 0; part < parts; part++) {
        sum = add4(sum, load4(partial + part * size + place));
    }
    return sum;
}

// Whether a block is the last of so many to come here. Who is leaves the counter as it was before the first.
__device__ static inline int comes_last(int *counter, int blocks) {
    __threadfence();  // this block's sums are there for whoever sees it counted
    const int last = atomicAdd(counter, 1) == blocks - 1;
    if (last) {
        *counter = 0;
        __threadfence();  // others' sums are read after they were counted
    }
    return last;
}

// outer in some rows, of 16 ranks.
__device__ static inline void add_outers(const float *partial, VALUE *outer, int stride, float scale, int begin, int end, int first_rank,
                                         int rows, int rank, int tiles) {
    const long long size = (long long)rows * rank;
    const bool fours = rank % 4 == 0 && in_quads(partial, 0);
    for (int i = 4 * (int)threadIdx.x; i < (end - begin) * RANKS; i += 4 * (int)blockDim.x) {
        const long long row = begin + i / RANKS;
        const int of_row = first_rank + i % RANKS;
        VALUE *to = outer + row * stride + of_row;
        if (fours && of_row < rank) {
            const float4 sum = added4(partial, tiles, size, row * rank + of_row);
            store1(to, scale * sum.x);
            store1(to + 1, scale * sum.y);
            store1(to + 2, scale * sum.z);
            store1(to + 3, scale * sum.w);
        } else {
            for (int k = 0; k < 4 && of_row + k < rank; k++) {
                store1(to + k, scale * added(partial, tiles, size, row * rank + of_row + k));
            }
        }
    }
}

// A gradient whose sums of chunks an earlier launch has left, [chunks, numbers]; the grid's threads share it.
__device__ static inline void add_earlier(const float *earlier, int chunks, int numbers, float *gradient) {
    const long long threads = (long long)gridDim.x * gridDim.y * blockDim.x;
    const long long first = ((long long)blockIdx.y * gridDim.x + blockIdx.x) * blockDim.x + threadIdx.x;
    for (long long i = first; i < numbers; i += threads) {
        gradient[i] = added(earlier, chunks, numbers, i);
    }
}

// What a block works on.
struct Place {
    int tile;         // its first column
    int chunk;        // its number
    int begin, end;   // its rows
    int group;        // of ranks
    int groups;
    int first_rank;
};

__device__ static inline struct Place place_of_block(int rows, int rank, int chunk_rows) {
    struct Place at;
    at.tile = (int)blockIdx.x * COLUMNS;
    at.groups = (rank + RANKS - 1) / RANKS;
    at.group = (int)blockIdx.y % at.groups;
    at.first_rank = at.group * RANKS;
    at.chunk = (int)blockIdx.y / at.groups;
    at.begin = at.chunk * chunk_rows;
    at.end = at.begin + chunk_rows < rows ? at.begin + chunk_rows : rows;
    return at;
}

// Where outer goes: the sums of tiles [tiles, rows, rank], which the last block to come to so many rows adds up, and a counter, a zero, for each
// such rows of a chunk and group of ranks.
struct Outer {
    float *partial;
    int *counters;
    int together;
    VALUE *outer;
    int stride;
    float scale;
};

// Notes that this block has done its rows before end, from a multiple of together on: whether it has to add them up.
__device__ static inline int is_last(struct Outer to, struct Place at, int chunk_rows, int end) {
    const int of_chunk = (chunk_rows + to.together - 1) / to.together;
    const int counted = (at.chunk * of_chunk + (end - 1 - at.begin) / to.together) * at.groups + at.group;
    return comes_last(to.counters + counted, (int)gridDim.x);
}

__device__ static inline void finish_rows(struct Outer to, struct Place at, int end, int rows, int rank) {
    const int begin = at.begin + (end - 1 - at.begin) / to.together * to.together;
    add_outers(to.partial, to.outer, to.stride, to.scale, begin, end, at.first_rank, rows, rank, (int)gridDim.x);
}

// Both products, or one of them. Sums of the gradient are [columns, rank] of each chunk, or turned. Grid: tiles of columns in x, chunks of rows
// and, the fastest, groups of ranks in y. chunk_rows and to.together: multiples of STRIP.
template <bool OUTWARDS, bool UPWARDS, bool TURNED>
__device__ static inline void low_rank(const VALUE *d, int d_stride, const VALUE *up, int up_stride, const VALUE *low, int low_stride,
                                       struct Outer to, float *gradients, int rows, int columns, int rank, int chunk_rows) {
    SHARED(float, memory);
    float *strip = memory;                                          // [STRIP, PITCH]
    float *lows = strip + STRIP * PITCH;                            // [STRIP, RANKS], of the gradient
    float *ups = lows + (UPWARDS ? STRIP * RANKS : 0);              // [COLUMNS, RANKS], of outer
    float *outers = ups + COLUMNS * RANKS;                          // [WARPS, STRIP, RANKS], of outer
    int *last = reinterpret_cast<int *>(outers + WARPS * STRIP * RANKS);  // of outer
    const struct Place at = place_of_block(rows, rank, chunk_rows);
    const int warp = threadIdx.x / LANES;
    const int across = threadIdx.x % LANES / 4;   // of eight: two rows of outer, four columns of the gradient
    const int ranks = threadIdx.x % 4 * 4;        // the first of four
    const int of_line = at.first_rank + threadIdx.x % RANKS;
    const bool at_once = columns % MOVED == 0 && d_stride % MOVED == 0 && reinterpret_cast<unsigned long long>(d) % 16 == 0;

    if (OUTWARDS) {
        const int own = at.tile + threadIdx.x;
        for (int k = 0; k < RANKS; k++) {
            ups[threadIdx.x * RANKS + k] =
                own < columns && at.first_rank + k < rank ? load1(up + (long long)(at.first_rank + k) * up_stride + own) : 0.0f;
        }
    }
    float4 gradient[4] = {zeros(), zeros(), zeros(), zeros()};
    uint4 loaded[MOVES];
    load_strip(loaded, d, d_stride, at.begin, at.end, columns, at_once);
    for (int first = at.begin; first < at.end; first += STRIP) {
        for (int i = 0; i < MOVES; i++) {
            put_floats(strip + ((int)threadIdx.x / ACROSS + DOWN * i) * PITCH + (int)threadIdx.x % ACROSS * MOVED, loaded[i], d);
        }
        const int line = first + threadIdx.x / RANKS;
        if (UPWARDS) {
            lows[threadIdx.x] = line < at.end && of_line < rank ? load1(low + (long long)line * low_stride + of_line) : 0.0f;
        }
        __syncthreads();  // the strip is there, and all sums of the one before are
        const bool done = OUTWARDS && first > at.begin && (first - at.begin) % to.together == 0;
        if (done && threadIdx.x == 0) {
            *last = is_last(to, at, chunk_rows, first);
        }
        load_strip(loaded, d, d_stride, first + STRIP, at.end, columns, at_once);
        if (OUTWARDS) {
            float4 one = zeros();
            float4 other = zeros();
            for (int column = warp * LANES; column < (warp + 1) * LANES; column += 4) {
                const float *place = ups + column * RANKS + ranks;
                const float4 b[4] = {load4(place), load4(place + RANKS), load4(place + 2 * RANKS), load4(place + 3 * RANKS)};
                one = add_columns(one, load4(strip + across * PITCH + column), b);
                other = add_columns(other, load4(strip + (across + STRIP / 2) * PITCH + column), b);
            }
            store4(outers + (warp * STRIP + across) * RANKS + ranks, one);
            store4(outers + (warp * STRIP + across + STRIP / 2) * RANKS + ranks, other);
        }
        if (UPWARDS) {
            for (int row = 0; row < STRIP; row++) {
                add_outer(gradient, load4(strip + row * PITCH + warp * LANES + across * 4), load4(lows + row * RANKS + ranks));
            }
        }
        __syncthreads();  // every warp's outer is there, and the strip may be written again
        if (OUTWARDS && line < at.end && of_line < rank) {
            float sum = 0.0f;
            for (int w = 0; w < WARPS; w++) {
                sum += outers[w * STRIP * RANKS + threadIdx.x];
            }
            to.partial[((long long)blockIdx.x * rows + line) * rank + of_line] = sum;
        }
        if (done && *last) {
            finish_rows(to, at, first, rows, rank);
        }
    }
    if (UPWARDS) {
        float *sums = gradients + (long long)at.chunk * columns * rank;
        for (int i = 0; i < 4; i++) {
            const int column = at.tile + warp * LANES + across * 4 + i;
            if (column < columns) {
                put_ranks(TURNED ? sums + column : sums + (long long)column * rank, TURNED ? columns : 1, gradient[i], rank,
                          at.first_rank + ranks);
            }
        }
    }
    if (OUTWARDS) {
        __syncthreads();  // all sums are there
        if (threadIdx.x == 0) {
            *last = is_last(to, at, chunk_rows, at.end);
        }
        __syncthreads();  // and whose turn it is
        if (*last) {
            finish_rows(to, at, at.end, rows, rank);
        }
    }
}

// outer = scale * d * up'.
extern "C" __global__ void low_rank_projection(const VALUE *d, int d_stride, const VALUE *up, int up_stride, float *outer_partial,
                                               int *counters, int together, VALUE *outer, int outer_stride, float scale, int rows,
                                               int columns, int rank, int chunk) {
    const struct Outer to = {outer_partial, counters, together, outer, outer_stride, scale};
    low_rank<true, false, false>(d, d_stride, up, up_stride, nullptr, 0, to, nullptr, rows, columns, rank, chunk);
}

// outer = scale * d * up', the sums of chunks of d' * low, [chunks, columns, rank], and what an earlier launch left.
extern "C" __global__ void low_rank_gradients(const VALUE *d, int d_stride, const VALUE *up, int up_stride, const VALUE *low,
                                              int low_stride, float *outer_partial, int *counters, int together, VALUE *outer,
                                              int outer_stride, float scale, float *sums, const float *earlier, int earlier_chunks,
                                              int earlier_numbers, float *earlier_gradient, int rows, int columns, int rank, int chunk) {
    const struct Outer to = {outer_partial, counters, together, outer, outer_stride, scale};
    low_rank<true, true, false>(d, d_stride, up, up_stride, low, low_stride, to, sums, rows, columns, rank, chunk);
    add_earlier(earlier, earlier_chunks, earlier_numbers, earlier_gradient);
}

// The sums of chunks of low' * d, [chunks, rank, columns], and what an earlier launch left.
extern "C" __global__ void low_rank_gradient(const VALUE *d, int d_stride, const VALUE *low, int low_stride, float *sums,
                                             const float *earlier, int earlier_chunks, int earlier_numbers, float *earlier_gradient,
                                             int rows, int columns, int rank, int chunk) {
    const struct Outer none = {nullptr, nullptr, STRIP, nullptr, 0, 0.0f};
    low_rank<false, true, true>(d, d_stride, nullptr, 0, low, low_stride, none, sums, rows, columns, rank, chunk);
    add_earlier(earlier, earlier_chunks, earlier_numbers, earlier_gradient);
}

// What an earlier launch left, alone.
extern "C" __global__ void low_rank_sums(const float *earlier, int earlier_chunks, int earlier_numbers, float *earlier_gradient) {
    add_earlier(earlier, earlier_chunks, earlier_numbers, earlier_gradient);
}
