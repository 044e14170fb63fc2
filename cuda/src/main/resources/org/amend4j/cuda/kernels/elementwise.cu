// Elementwise vertices, merging, and changes of layout.

// out = alpha * a + beta * b; out may be a or b. b may be null (then beta is ignored).
extern "C" __global__ void scaled_sum(const VALUE *a, float alpha, const VALUE *b, float beta, VALUE *out, long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        store1(out + i, b ? alpha * load1(a + i) + beta * load1(b + i) : alpha * load1(a + i));
    }
}

// out = a * b; out may be a or b.
extern "C" __global__ void product(const VALUE *a, const VALUE *b, VALUE *out, long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        store1(out + i, load1(a + i) * load1(b + i));
    }
}

// Whether the greater of two is the first: also of two equal ones, and where the first is NaN, so that a NaN is not lost.
__device__ static inline bool first_is_greater(float a, float b) { return a >= b || a != a; }

// out = max(a, b); out may be a or b.
extern "C" __global__ void maximum(const VALUE *a, const VALUE *b, VALUE *out, long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        out[i] = first_is_greater(load1(a + i), load1(b + i)) ? a[i] : b[i];
    }
}

// The gradient of maximum goes to the greater, 0 to the other. Either output may be any of the inputs.
extern "C" __global__ void maximum_gradient(const VALUE *delta, const VALUE *a, const VALUE *b, VALUE *to_a, VALUE *to_b,
                                            long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const VALUE d = delta[i];
        const bool first = first_is_greater(load1(a + i), load1(b + i));
        to_a[i] = first ? d : static_cast<VALUE>(0);
        to_b[i] = first ? static_cast<VALUE>(0) : d;
    }
}

// Rows into rows of another stride: merging is one of these per input, its gradient one per input the other way.
extern "C" __global__ void copy_rows(const VALUE *in, int in_stride, VALUE *out, int out_stride, int rows, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        out[(long long)row * out_stride + column] = in[(long long)row * in_stride + column];
    }
}

#define SIDE 32

// out [batch, columns, rows] = in [batch, rows, columns] transposed: channels first to channels last and back.
// A block of 256 threads takes tiles of 32 x 32. Shared: 32 * 33 VALUEs.
extern "C" __global__ void transpose(const VALUE *in, VALUE *out, int batch, int rows, int columns) {
    SHARED(VALUE, tile);
    const int across = (columns + SIDE - 1) / SIDE;
    const int down = (rows + SIDE - 1) / SIDE;
    const long long tiles = (long long)batch * across * down;
    const int x = threadIdx.x % SIDE;
    const int y = threadIdx.x / SIDE;
    const int height = blockDim.x / SIDE;
    for (long long t = blockIdx.x; t < tiles; t += gridDim.x) {
        const long long image = t / ((long long)across * down) * rows * columns;
        const int top = (int)(t / across % down) * SIDE;
        const int left = (int)(t % across) * SIDE;
        for (int i = y; i < SIDE; i += height) {
            if (top + i < rows && left + x < columns) {
                tile[i * (SIDE + 1) + x] = in[image + (long long)(top + i) * columns + left + x];
            }
        }
        __syncthreads();
        for (int i = y; i < SIDE; i += height) {
            if (left + i < columns && top + x < rows) {
                out[image + (long long)(left + i) * rows + top + x] = tile[x * (SIDE + 1) + i];
            }
        }
        __syncthreads();  // the tile is written again
    }
}
