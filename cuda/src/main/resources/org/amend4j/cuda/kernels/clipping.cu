// Norms of the gradients of single examples without forming them, and clipping. Examples are groups of consecutive rows.

// totals[e] += factor * sum_{t,u} k(t, u) <y_t, y_u> over the example's rows t, u, where k is <x_t, x_u>, or 1 if x is null,
// or 1 where tokens are equal and 0 elsewhere, if tokens is not null. With x the input and y the output derivative of a layer
// this is the square of the gradient's norm. A block takes an example, a warp a pair. Shared: a float for each warp.
extern "C" __global__ void ghost_norms(const float *x, int x_stride, int x_columns, const int *tokens, const float *y,
                                       int y_stride, int y_columns, float factor, float *totals, int examples, int steps) {
    SHARED(float, scratch);
    const int lane = threadIdx.x % 32;
    const int warps = blockDim.x / 32;
    for (int example = blockIdx.x; example < examples; example += gridDim.x) {
        const long long first = (long long)example * steps;
        float sum = 0.0f;  // of this lane; lane 0 of each warp adds for the warp
        for (long long pair = threadIdx.x / 32; pair < (long long)steps * steps; pair += warps) {
            const int t = (int)(pair / steps);
            const int u = (int)(pair % steps);
            if (u > t) {
                continue;  // the pair (u, t) counts twice
            }
            float xx = 0.0f;
            float yy = 0.0f;
            if (x) {
                for (int c = lane; c < x_columns; c += 32) {
                    xx += x[(first + t) * x_stride + c] * x[(first + u) * x_stride + c];
                }
            }
            for (int c = lane; c < y_columns; c += 32) {
                yy += y[(first + t) * y_stride + c] * y[(first + u) * y_stride + c];
            }
            xx = warp_sum(xx);
            yy = warp_sum(yy);
            if (!x) {
                xx = !tokens || tokens[first + t] == tokens[first + u] ? 1.0f : 0.0f;
            }
            if (lane == 0) {
                sum += (t == u ? 1.0f : 2.0f) * xx * yy;
            }
        }
        sum = block_sum(sum, scratch);
        if (threadIdx.x == 0) {
            totals[example] += factor * sum;
        }
    }
}

// weights = min(1, bound / sqrt(squares)), and 1 where squares <= 0, which rounding may leave of a zero.
extern "C" __global__ void clip_weights(const float *squares, float *weights, float bound, int examples) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < examples; i += gridDim.x * blockDim.x) {
        const float norm = sqrtf(fmaxf(squares[i], 0.0f));
        weights[i] = norm > bound ? bound / norm : 1.0f;
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
