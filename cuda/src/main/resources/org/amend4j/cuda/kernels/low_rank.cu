// Both products of a low-rank adapter's backward pass that read d [rows, columns], in one pass over it: outer = d * up' [rows, rank] and the
// gradient of up, d' * low, stored as [columns, rank]. up [rank, columns], low [rows, rank]. In single precision; d, up, low and outer hold
// VALUEs, all else floats.
//
// A block has 256 columns of a chunk of rows, and 16 ranks; further ranks have blocks of their own beside it, which find d in the cache. It goes
// through its rows sixteen at a time: what is d in shared memory is read from both sides. Each warp has 32 of the columns. A lane adds up two rows
// by four ranks of outer, over the warp's columns, and four columns by four ranks of the gradient, over all rows. Sums of blocks are added by
// low_rank_sums, always in the same order.

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

__device__ static inline void put_ranks(float *to, float4 values, int rank, int first) {
    if (first < rank) {
        to[first] = values.x;
    }
    if (first + 1 < rank) {
        to[first + 1] = values.y;
    }
    if (first + 2 < rank) {
        to[first + 2] = values.z;
    }
    if (first + 3 < rank) {
        to[first + 3] = values.w;
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

// The same of four neighbours, or of the first count of them.
__device__ static inline float4 added4(const float *partial, int parts, long long size, long long place, int count, bool fours) {
    float4 sum = zeros();
    if (!fours) {
        sum.x = added(partial, parts, size, place);
        sum.y = count > 1 ? added(partial, parts, size, place + 1) : 0.0f;
        sum.z = count > 2 ? added(partial, parts, size, place + 2) : 0.0f;
        sum.w = count > 3 ? added(partial, parts, size, place + 3) : 0.0f;
        return sum;
    }
    for (int part = 0; part < parts; part++) {
        sum = add4(sum, load4(partial + part * size + place));
    }
    return sum;
}

// beta times what is there, which is not read without beta, plus a sum.
__device__ static inline void put_gradient(float *place, float beta, float sum) { *place = beta == 0.0f ? sum : beta * *place + sum; }

// Whether a block is the last of so many to come here. Who is leaves the counter as it was before the first.
__device__ static inline int comes_last(int *counter, int blocks) {
    if (atomicAdd(counter, 1) < blocks - 1) {
        return 0;
    }
    *counter = 0;
    return 1;
}

// outer in rows, of 16 ranks.
__device__ static inline void add_outers(const float *partial, VALUE *outer, int stride, float scale, int begin, int end, int first_rank,
                                         int rows, int rank, int tiles, bool fours) {
    for (int i = 4 * (int)threadIdx.x; i < (end - begin) * RANKS; i += 4 * (int)blockDim.x) {
        const long long row = begin + i / RANKS;
        const int of_row = first_rank + i % RANKS;
        if (of_row < rank) {
            const float4 sum = added4(partial, tiles, (long long)rows * rank, row * rank + of_row, rank - of_row, fours);
            const float sums[4] = {sum.x, sum.y, sum.z, sum.w};
            for (int k = 0; k < 4; k++) {
                if (of_row + k < rank) {
                    store1(outer + row * stride + of_row + k, scale * sums[k]);
                }
            }
        }
    }
}

// The gradient of up in a tile of columns, of 16 ranks.
__device__ static inline void add_ups(const float *partial, float *gradient, float scale, float beta, int tile, int first_rank, int columns,
                                      int rank, int chunks, bool fours) {
    const int count = columns - tile < COLUMNS ? columns - tile : COLUMNS;
    for (int i = 4 * (int)threadIdx.x; i < count * RANKS; i += 4 * (int)blockDim.x) {
        const long long column = tile + i / RANKS;
        const int of_column = first_rank + i % RANKS;
        if (of_column < rank) {
            const long long place = column * rank + of_column;
            const float4 sum = added4(partial, chunks, (long long)columns * rank, place, rank - of_column, fours);
            const float sums[4] = {sum.x, sum.y, sum.z, sum.w};
            for (int k = 0; k < 4; k++) {
                if (of_column + k < rank) {
                    put_gradient(gradient + place + k, beta, scale * sums[k]);
                }
            }
        }
    }
}

// outer_partial [tiles of columns, rows, rank], up_partial [chunks of rows, columns, rank]. With counters, zeros, one for each chunk and each
// tile of each group of ranks, the last block of a chunk to come also does to outer, and the last of a tile to the gradient of up, what
// low_rank_sums would: whichever it is, it adds the same numbers in the same order.
// Grid: tiles of columns in x, chunks of rows and, the fastest, groups of ranks in y. Shared: a strip of d, up and low of this block, and outer
// of each warp.
extern "C" __global__ void low_rank_gradients(const VALUE *d, int d_stride, const VALUE *up, int up_stride, const VALUE *low,
                                              int low_stride, float *outer_partial, float *up_partial, int *counters, VALUE *outer,
                                              int outer_stride, float *up_gradient, float outer_scale, float up_scale, float beta,
                                              int rows, int columns, int rank, int chunk) {
    SHARED(float, memory);
    float *strip = memory;                     // [STRIP, PITCH]
    float *ups = strip + STRIP * PITCH;        // [COLUMNS, RANKS]
    float *lows = ups + COLUMNS * RANKS;       // [STRIP, RANKS]
    float *outers = lows + STRIP * RANKS;      // [WARPS, STRIP, RANKS]
    const int groups = (rank + RANKS - 1) / RANKS;
    const int first_rank = (int)blockIdx.y % groups * RANKS;
    const int chunk_number = (int)blockIdx.y / groups;
    const int begin = chunk_number * chunk;
    const int end = begin + chunk < rows ? begin + chunk : rows;
    const int tile = (int)blockIdx.x * COLUMNS;
    const int warp = threadIdx.x / LANES;
    const int across = threadIdx.x % LANES / 4;   // of eight: two rows of outer, four columns of the gradient
    const int ranks = threadIdx.x % 4 * 4;        // the first of four
    const bool at_once = columns % MOVED == 0 && d_stride % MOVED == 0 && reinterpret_cast<unsigned long long>(d) % 16 == 0;

    const int own = tile + threadIdx.x;
    for (int k = 0; k < RANKS; k++) {
        ups[threadIdx.x * RANKS + k] =
            own < columns && first_rank + k < rank ? load1(up + (long long)(first_rank + k) * up_stride + own) : 0.0f;
    }
    float4 gradient[4] = {zeros(), zeros(), zeros(), zeros()};
    uint4 loaded[MOVES];
    load_strip(loaded, d, d_stride, begin, end, columns, at_once);
    for (int first = begin; first < end; first += STRIP) {
        for (int i = 0; i < MOVES; i++) {
            put_floats(strip + ((int)threadIdx.x / ACROSS + DOWN * i) * PITCH + (int)threadIdx.x % ACROSS * MOVED, loaded[i], d);
        }
        const int line = first + threadIdx.x / RANKS;
        const int of_line = first_rank + threadIdx.x % RANKS;
        lows[threadIdx.x] = line < end && of_line < rank ? load1(low + (long long)line * low_stride + of_line) : 0.0f;
        __syncthreads();  // the strip is there
        load_strip(loaded, d, d_stride, first + STRIP, end, columns, at_once);

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
        for (int row = 0; row < STRIP; row++) {
            add_outer(gradient, load4(strip + row * PITCH + warp * LANES + across * 4), load4(lows + row * RANKS + ranks));
        }
        __syncthreads();  // every warp's outer is there, and the strip may be written again
        if (line < end && of_line < rank) {
            float sum = 0.0f;
            for (int w = 0; w < WARPS; w++) {
                sum += outers[w * STRIP * RANKS + threadIdx.x];
            }
            outer_partial[((long long)blockIdx.x * rows + line) * rank + of_line] = sum;
        }
    }
    for (int i = 0; i < 4; i++) {
        const int column = tile + warp * LANES + across * 4 + i;
        if (column < columns) {
            put_ranks(up_partial + ((long long)chunk_number * columns + column) * rank, gradient[i], rank, first_rank + ranks);
        }
    }
    if (!counters) {
        return;
    }
    __threadfence();  // this block's sums are there for whoever sees it counted
    __syncthreads();  // all threads' are
    int *last = reinterpret_cast<int *>(strip);
    if (threadIdx.x == 0) {
        last[0] = comes_last(counters + blockIdx.y, (int)gridDim.x);
        last[1] = comes_last(counters + gridDim.y + (int)blockIdx.x * groups + (int)blockIdx.y % groups, (int)gridDim.y / groups);
        __threadfence();  // others' sums are read after they were counted
    }
    __syncthreads();
    const bool sums_in_fours = rank % 4 == 0 && in_quads(outer_partial, 0) && in_quads(up_partial, 0);
    if (last[0]) {
        add_outers(outer_partial, outer, outer_stride, outer_scale, begin, end, first_rank, rows, rank, (int)gridDim.x, sums_in_fours);
    }
    if (last[1]) {
        add_ups(up_partial, up_gradient, up_scale, beta, tile, first_rank, columns, rank, (int)gridDim.y / groups, sums_in_fours);
    }
}

// outer = outer_scale * the sums of outer_partial, up_gradient = beta * up_gradient + up_scale * the sums of up_partial.
extern "C" __global__ void low_rank_sums(const float *outer_partial, const float *up_partial, VALUE *outer, int outer_stride,
                                         float *up_gradient, float outer_scale, float up_scale, float beta, int rows, int columns,
                                         int rank, int tiles, int chunks) {
    const long long of_outer = (long long)rows * rank;
    const long long of_up = (long long)columns * rank;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < of_outer + of_up;
         i += (long long)gridDim.x * blockDim.x) {
        if (i < of_outer) {
            store1(outer + i / rank * outer_stride + i % rank, outer_scale * added(outer_partial, tiles, of_outer, i));
        } else {
            const long long place = i - of_outer;
            put_gradient(up_gradient + place, beta, up_scale * added(up_partial, chunks, of_up, place));
        }
    }
}
