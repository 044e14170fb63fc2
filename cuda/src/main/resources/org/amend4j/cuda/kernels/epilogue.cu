// What a product leaves to kernels where it cannot do it itself: bias, rectifier and its mask of signs, the rectifier's gradient and the sums of
// its columns. A warp has 128 columns of a row at a time, a lane four of them: neighbours where rows are aligned, else every 32nd. C holds VALUEs.

#define SEGMENT 128
#define LANES 32

// The bits of all lanes of a group of neighbours, a power of two of them, in each of these.
__device__ static inline unsigned gathered(unsigned bits, int group) {
    for (int distance = group / 2; distance > 0; distance /= 2) {
        bits |= __shfl_xor_sync(0xFFFFFFFFu, bits, distance);
    }
    return bits;
}

__device__ static inline float ended(float value, float shift, int rectified) {
    const float z = value + shift;
    return rectified && z <= 0.0f ? 0.0f : z;  // a NaN stays one
}

__device__ static inline unsigned positive(float value, int place) { return value > 0.0f ? 1u << place : 0u; }

// c += bias, rectified if that is wanted; then mask has a bit for each element that is positive, if there is one.
// Grid: segments of columns in x, rows in y, a warp for a row.
extern "C" __global__ void epilogue_bias(VALUE *c, int c_stride, const VALUE *bias, int *mask, int words_of_row, int rows,
                                         int columns, int rectified) {
    const int warps = blockDim.x / LANES;
    const int lane = threadIdx.x % LANES;
    const int start = blockIdx.x * SEGMENT;
    const bool fours = columns % 4 == 0 && in_quads(c, c_stride);
    const int step = fours ? 1 : LANES;
    const int first = start + (fours ? 4 * lane : lane);
    float shift[4];
    for (int i = 0; i < 4; i++) {
        shift[i] = first + i * step < columns ? load1(bias + first + i * step) : 0.0f;
    }
    for (int row = blockIdx.y * warps + threadIdx.x / LANES; row < rows; row += gridDim.y * warps) {
        VALUE *line = c + (long long)row * c_stride;
        int *words = mask ? mask + (long long)row * words_of_row : 0;
        if (fours) {
            unsigned bits = 0;
            if (first < columns) {
                const float4 v = load4(line + first);
                const float4 z = make_float4(ended(v.x, shift[0], rectified), ended(v.y, shift[1], rectified),
                                             ended(v.z, shift[2], rectified), ended(v.w, shift[3], rectified));
                store4(line + first, z);
                bits = positive(z.x, 0) | positive(z.y, 1) | positive(z.z, 2) | positive(z.w, 3);
            }
            if (words) {
                bits = gathered(bits << first % LANES, 8);
                if (lane % 8 == 0 && first < columns) {
                    words[first / LANES] = (int)bits;
                }
            }
        } else {
            for (int i = 0; i < 4; i++) {
                const int column = first + i * LANES;
                unsigned bits = 0;
                if (column < columns) {
                    const float z = ended(load1(line + column), shift[i], rectified);
                    store1(line + column, z);
                    bits = positive(z, lane);
                }
                if (words) {
                    bits = gathered(bits, LANES);
                    if (lane == 0 && column < columns) {
                        words[column / LANES] = (int)bits;
                    }
                }
            }
        }
    }
}

__device__ static inline float passed(int bits, int place, float value) { return bits >> place & 1 ? value : 0.0f; }

// c = c where mask has a bit, else 0; and, if partial is there, for each chunk of rows the sums of c's columns: partial [chunks, columns].
// Grid: segments of columns in x, chunks of rows in y, the warps of a block take turns with its rows. Shared: a float for each column of each warp.
extern "C" __global__ void epilogue_gradient(VALUE *c, int c_stride, const int *mask, int words_of_row, float *partial, int rows,
                                             int columns, int chunk) {
    SHARED(float, totals);
    const int warps = blockDim.x / LANES;
    const int warp = threadIdx.x / LANES;
    const int lane = threadIdx.x % LANES;
    const int start = blockIdx.x * SEGMENT;
    const bool fours = columns % 4 == 0 && in_quads(c, c_stride);
    const int step = fours ? 1 : LANES;
    const int first = start + (fours ? 4 * lane : lane);
    const int begin = blockIdx.y * chunk;
    const int end = begin + chunk < rows ? begin + chunk : rows;
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int row = begin + warp; row < end; row += warps) {
        VALUE *line = c + (long long)row * c_stride;
        const int *words = mask + (long long)row * words_of_row;
        if (fours) {
            if (first < columns) {
                const int bits = words[first / LANES] >> first % LANES;
                const float4 v = load4(line + first);
                const float4 d = make_float4(passed(bits, 0, v.x), passed(bits, 1, v.y), passed(bits, 2, v.z), passed(bits, 3, v.w));
                store4(line + first, d);
                sums[0] += d.x;
                sums[1] += d.y;
                sums[2] += d.z;
                sums[3] += d.w;
            }
        } else {
            for (int i = 0; i < 4; i++) {
                const int column = first + i * LANES;
                if (column < columns) {
                    const float d = passed(words[column / LANES], lane, load1(line + column));
                    store1(line + column, d);
                    sums[i] += d;
                }
            }
        }
    }
    if (!partial) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        totals[warp * SEGMENT + first - start + i * step] = sums[i];
    }
    __syncthreads();
    const int column = start + threadIdx.x;
    if (threadIdx.x < SEGMENT && column < columns) {
        float total = 0.0f;
        for (int w = 0; w < warps; w++) {
            total += totals[w * SEGMENT + threadIdx.x];
        }
        partial[(long long)blockIdx.y * columns + column] = total;
    }
}

// sums = the sums of the columns of partial [chunks, columns].
extern "C" __global__ void epilogue_sums(const float *partial, float *sums, int chunks, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column < columns) {
        float sum = 0.0f;
        for (int chunk = 0; chunk < chunks; chunk++) {
            sum += partial[(long long)chunk * columns + column];
        }
        sums[column] = sum;
    }
}
