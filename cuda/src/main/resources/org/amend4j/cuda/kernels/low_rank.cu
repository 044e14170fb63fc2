// Both products of a low-rank adapter's backward pass that read d [rows, columns], in one pass over it: outer = d * up' [rows, rank] and the
// gradient of up, d' * low, stored as [columns, rank]. up [rank, columns], low [rows, rank].
// All but that gradient are VALUEs; arithmetic and sums are in single precision.
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

// What a thread copies: four columns of every fourth row of a strip. What lies behind the matrix, or the chunk, is 0.
__device__ static inline void load_strip(float4 (&loaded)[4], const VALUE *d, int stride, int first, int end, int columns, bool fours) {
    const int column = (int)blockIdx.x * COLUMNS + threadIdx.x % 64 * 4;
    for (int i = 0; i < 4; i++) {
        const int row = first + threadIdx.x / 64 + 4 * i;
        loaded[i] = zeros();
        if (row < end && column < columns) {
            const VALUE *from = d + (long long)row * stride + column;
            if (fours) {
                loaded[i] = load4(from);
            } else {
                loaded[i].x = load1(from);
                loaded[i].y = column + 1 < columns ? load1(from + 1) : 0.0f;
                loaded[i].z = column + 2 < columns ? load1(from + 2) : 0.0f;
                loaded[i].w = column + 3 < columns ? load1(from + 3) : 0.0f;
            }
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

// outer_partial [tiles of columns, rows, rank], up_partial [chunks of rows, columns, rank].
// Grid: tiles of columns in x, chunks of rows and, the fastest, groups of ranks in y. Shared: a strip of d, up and low of this block, and outer
// of each warp.
extern "C" __global__ void low_rank_gradients(const VALUE *d, int d_stride, const VALUE *up, int up_stride, const VALUE *low,
                                              int low_stride, float *outer_partial, float *up_partial, int rows, int columns,
                                              int rank, int chunk) {
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
    const bool fours = columns % 4 == 0 && in_quads(d, d_stride);

    const int own = tile + threadIdx.x;
    for (int k = 0; k < RANKS; k++) {
        ups[threadIdx.x * RANKS + k] =
            own < columns && first_rank + k < rank ? load1(up + (long long)(first_rank + k) * up_stride + own) : 0.0f;
    }
    float4 gradient[4] = {zeros(), zeros(), zeros(), zeros()};
    float4 loaded[4];
    load_strip(loaded, d, d_stride, begin, end, columns, fours);
    for (int first = begin; first < end; first += STRIP) {
        for (int i = 0; i < 4; i++) {
            store4(strip + (threadIdx.x / 64 + 4 * i) * PITCH + threadIdx.x % 64 * 4, loaded[i]);
        }
        const int line = first + threadIdx.x / RANKS;
        const int of_line = first_rank + threadIdx.x % RANKS;
        lows[threadIdx.x] = line < end && of_line < rank ? load1(low + (long long)line * low_stride + of_line) : 0.0f;
        __syncthreads();  // the strip is there
        load_strip(loaded, d, d_stride, first + STRIP, end, columns, fours);

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
}

__device__ static inline float added(const float *partial, int parts, long long size, long long place) {
    float sum = 0.0f;
    for (int part = 0; part < parts; part++) {
        sum += partial[part * size + place];
    }
    return sum;
}

// outer = outer_scale * the sums of outer_partial, up_gradient = beta * up_gradient + up_scale * the sums of up_partial. Without beta the old
// contents are not read.
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
            const float sum = up_scale * added(up_partial, chunks, of_up, place);
            up_gradient[place] = beta == 0.0f ? sum : beta * up_gradient[place] + sum;
        }
    }
}
