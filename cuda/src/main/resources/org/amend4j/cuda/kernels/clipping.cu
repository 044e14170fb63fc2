// Bounds of the norms of the gradients of single examples, and clipping. Examples are groups of consecutive rows.

#define LEAST_SQUARE 1e-30f  // below it, what underflow takes from a sum of products may count
// A rounding, with what products of roundings add as long as all together are below 2^-6.
#define FLOAT_ROUNDING (0x1p-24 * (1 + 0x1p-5))
#define DOUBLE_ROUNDING (0x1p-53 * (1 + 0x1p-5))

// The sum over c of a[c] * b[c], in every lane of a warp.
template <typename real> __device__ static inline real inner(const float *a, const float *b, int columns) {
    real sum = 0;
    for (int c = threadIdx.x % 32; c < columns; c += 32) {
        sum += (real)a[c] * (real)b[c];
    }
    return warp_sum(sum);
}

// The greatest number of roundings that a term of inner goes through.
__device__ static inline int inner_roundings(int columns) { return (columns + 31) / 32 + 5; }

// What a block adds up over pairs of an example's rows.
struct pair_sums {
    double squares;  // sum_{t,u} k(t, u) <y_t, y_u>
    double sizes;    // sum_t |x_t| |y_t|: what the products' roundings are relative to
};

// A warp takes a pair. Inner products are added up in real, pairs in double. Shared: a double for each warp.
template <typename real>
__device__ static inline pair_sums over_pairs(const float *x, int x_stride, int x_columns, const int *tokens, const float *y,
                                              int y_stride, int y_columns, int steps, real least, double *scratch) {
    pair_sums sums = {0, 0};  // of this lane; lane 0 of each warp adds for the warp
    for (long long pair = threadIdx.x / 32; pair < (long long)steps * steps; pair += blockDim.x / 32) {
        const long long t = pair / steps;
        const long long u = pair % steps;
        if (u > t) {
            continue;  // the pair (u, t) counts twice
        }
        const real yy = inner<real>(y + t * y_stride, y + u * y_stride, y_columns);
        const real xx = x ? inner<real>(x + t * x_stride, x + u * x_stride, x_columns)
                          : (real)(!tokens || tokens[t] == tokens[u] ? 1 : 0);
        if (threadIdx.x % 32 == 0) {
            sums.squares += (t == u ? 1.0 : 2.0) * xx * yy;
            sums.sizes += t == u ? sqrt((double)(xx + least) * (yy + least)) : 0.0;
        }
    }
    sums.squares = block_sum(sums.squares, scratch);
    sums.sizes = block_sum(sums.sizes, scratch);
    return sums;
}

// The root of squares + error, where rounding may have left squares negative. NaN stays NaN.
__device__ static inline double root(double squares, double error) { return sqrt((squares < 0 ? 0 : squares) + error); }

// norms[e] = the root of its square and bound's, rounded up.
__device__ static inline void add_norm(float *norm, double bound) {
    const double old = *norm;
    *norm = (float)(sqrt(old * old + bound * bound) * (1 + 0x1p-22));
}

// Adds to norms[e], as a right angle does, an upper bound of scale * |sum_t x_t y_t^T| over the example's rows, the gradient of
// a layer with input x and output derivative y, and of what rounding makes of that gradient, up to product_error * sizes. Its
// square is sum_{t,u} k(t, u) <y_t, y_u>, where k is <x_t, x_u>, or 1 if x is null, or 1 where tokens are equal and 0 elsewhere,
// if tokens is not null. Terms cancel, their errors do not: those of n roundings are at most n FLOAT_ROUNDING sizes^2. Where
// that is not small against the square, or something overflows, everything is done again in double. A block takes an example.
// Shared: a double for each warp.
extern "C" __global__ void ghost_norms(const float *x, int x_stride, int x_columns, const int *tokens, const float *y,
                                       int y_stride, int y_columns, float scale, float product_error, float *norms,
                                       int examples, int steps) {
    SHARED(double, scratch);
    const double roundings = inner_roundings(x_columns) + inner_roundings(y_columns);
    const double of_pairs = DOUBLE_ROUNDING * ((double)steps * steps + 32);
    for (int example = blockIdx.x; example < examples; example += gridDim.x) {
        const long long first = (long long)example * steps;
        const float *xs = x ? x + first * x_stride : x;
        const int *words = tokens ? tokens + first : tokens;
        const float *ys = y + first * y_stride;
        pair_sums sums =
            over_pairs<float>(xs, x_stride, x_columns, words, ys, y_stride, y_columns, steps, LEAST_SQUARE, scratch);
        sums.sizes *= 1 + FLOAT_ROUNDING * roundings;
        double error = (FLOAT_ROUNDING * roundings + of_pairs) * sums.sizes * sums.sizes;
        if (!(64 * error < sums.squares)) {
            sums = over_pairs<double>(xs, x_stride, x_columns, words, ys, y_stride, y_columns, steps, 0.0, scratch);
            error = (DOUBLE_ROUNDING * roundings + of_pairs) * sums.sizes * sums.sizes;
        }
        if (threadIdx.x == 0) {
            add_norm(norms + example, scale * (root(sums.squares, error) + product_error * sums.sizes));
        }
    }
}

// The sum of squares of a block's count floats, in every thread. Shared: a double for each warp.
template <typename real>
__device__ static inline double sum_of_squares(const float *values, long long count, double *scratch) {
    real sum = 0;
    for (long long i = threadIdx.x; i < count; i += blockDim.x) {
        sum += (real)values[i] * (real)values[i];
    }
    return block_sum((double)sum, scratch);
}

// As ghost_norms with x, from products [examples, count] that were formed of the same rows: those err, too.
extern "C" __global__ void formed_norms(const float *products, long long count, const float *x, int x_stride, int x_columns,
                                        const float *y, int y_stride, int y_columns, float scale, float product_error,
                                        float *norms, int examples, int steps) {
    SHARED(double, scratch);
    const double roundings = (double)(count / blockDim.x) + 16;
    for (int example = blockIdx.x; example < examples; example += gridDim.x) {
        double sizes = 0;
        for (int t = threadIdx.x / 32; t < steps; t += blockDim.x / 32) {
            const float *xs = x + ((long long)example * steps + t) * x_stride;
            const float *ys = y + ((long long)example * steps + t) * y_stride;
            const double size = sqrt(inner<double>(xs, xs, x_columns) * inner<double>(ys, ys, y_columns));
            sizes += threadIdx.x % 32 == 0 ? size : 0.0;
        }
        sizes = block_sum(sizes, scratch);
        const float *formed = products + example * count;
        double squares = sum_of_squares<float>(formed, count, scratch);
        double error = FLOAT_ROUNDING * roundings * squares;
        if (!(squares > 1e-20 && squares < 1e30 && roundings < 0x1p18)) {  // under- or overflow, or too many for floats
            squares = sum_of_squares<double>(formed, count, scratch);
            error = DOUBLE_ROUNDING * roundings * squares;
        }
        if (threadIdx.x == 0) {
            add_norm(norms + example, scale * (root(squares, error) + 2.0 * product_error * sizes));
        }
    }
}

// weights = min(1, bound / norms), 0 where that is below 2^-100, and NaN where the norm is.
extern "C" __global__ void clip_weights(const float *norms, float *weights, float bound, int examples) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < examples; i += gridDim.x * blockDim.x) {
        const float weight = norms[i] <= bound ? 1.0f : bound / norms[i];
        weights[i] = weight < 7.888609e-31f ? 0.0f : weight;
    }
}

// out = rows times the weight of their example. out may be rows' own memory.
extern "C" __global__ void scale_rows(const float *in, int in_stride, const float *weights, float *out, int out_stride,
                                      int rows, int columns, int steps) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        out[(long long)row * out_stride + column] = weights[row / steps] * in[(long long)row * in_stride + column];
    }
}
