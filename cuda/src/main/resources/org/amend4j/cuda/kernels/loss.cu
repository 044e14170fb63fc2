// Losses of rows, with their gradients.

// The softmax of each row. A block takes a row. Shared: a float for each warp. out may be z.
extern "C" __global__ void softmax(const float *z, int z_stride, float *out, int out_stride, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *in = z + (long long)row * z_stride;
        float most = -INFINITY;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            most = fmaxf(most, in[c]);
        }
        most = block_max(most, scratch);
        float sum = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            sum += expf(in[c] - most);
        }
        sum = block_sum(sum, scratch);
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            out[(long long)row * out_stride + c] = expf(in[c] - most) / sum;
        }
    }
}

// losses[row] = w * sum_c t_c (log sum_j exp z_j - z_c), gradient = w * (softmax(z)_c * sum t - t_c): exact for any targets,
// also those that do not sum to 1. weights (w, one a row) and gradient may be null; gradient may be z.
// A block takes a row. Shared: a float for each warp.
extern "C" __global__ void softmax_cross_entropy(const float *z, int z_stride, const float *target, int target_stride,
                                                 const float *weights, float *losses, float *gradient, int gradient_stride,
                                                 int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *in = z + (long long)row * z_stride;
        const float *t = target + (long long)row * target_stride;
        float most = -INFINITY;
        float mass = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            most = fmaxf(most, in[c]);
            mass += t[c];
        }
        most = block_max(most, scratch);
        mass = block_sum(mass, scratch);
        float sum = 0.0f;
        float against = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float shifted = in[c] - most;
            sum += expf(shifted);
            if (t[c] != 0.0f) {  // 0 times an infinite logit is no loss
                against += t[c] * shifted;
            }
        }
        sum = block_sum(sum, scratch);
        against = block_sum(against, scratch);
        const float weight = weights ? weights[row] : 1.0f;
        if (gradient) {
            for (int c = threadIdx.x; c < columns; c += blockDim.x) {
                const float p = expf(in[c] - most) / sum;
                gradient[(long long)row * gradient_stride + c] = weight * (p * mass - t[c]);
            }
        }
        if (threadIdx.x == 0) {
            losses[row] = weight * (mass * logf(sum) - against);
        }
    }
}

// losses[row] = w * (log sum_j exp z_j - z_y), gradient = w * (softmax(z) - onehot(y)) for the label y of the row: 0 where it is negative,
// of logits that are not read then, and NaN where it is no column. weights and gradient may be null; gradient may be z.
// A block takes a row, which it reads twice. Shared: a float for each warp.
extern "C" __global__ void token_cross_entropy(const float *z, int z_stride, const int *labels, const float *weights,
                                               float *losses, float *gradient, int gradient_stride, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *in = z + (long long)row * z_stride;
        float *to = gradient ? gradient + (long long)row * gradient_stride : gradient;
        const int label = labels[row];
        if (label < 0 || label >= columns) {
            const float value = label < 0 ? 0.0f : NAN;
            for (int c = threadIdx.x; to && c < columns; c += blockDim.x) {
                to[c] = value;
            }
            if (threadIdx.x == 0) {
                losses[row] = value;
            }
            continue;
        }
        const float weight = weights ? weights[row] : 1.0f;
        const float own = in[label];  // before it is overwritten
        float most = -3.402823466e38f;
        float sum = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float logit = in[c];
            if (logit > most) {
                sum *= expf(most - logit);
                most = logit;
            }
            sum += expf(logit - most);
        }
        const float highest = block_max(most, scratch);
        sum = block_sum(sum * expf(most - highest), scratch);
        for (int c = threadIdx.x; to && c < columns; c += blockDim.x) {
            const float p = expf(in[c] - highest) / sum;
            to[c] = weight * (c == label ? p - 1.0f : p);
        }
        if (threadIdx.x == 0) {
            losses[row] = weight * (logf(sum) - (own - highest));
        }
    }
}

// losses[row] = w * sum_c [log(1 + exp z_c) - t_c z_c], gradient = w * (sigmoid(z_c) - t_c). With targets in [0, 1] nothing is
// subtracted that is not exact: the term is share * z + log(1 + exp(-|z|)), share = 1 - t where z > 0 and -t elsewhere.
// weights and gradient may be null; gradient may be z. A block takes a row. Shared: a float for each warp.
extern "C" __global__ void sigmoid_cross_entropy(const float *z, int z_stride, const float *target, int target_stride,
                                                 const float *weights, float *losses, float *gradient, int gradient_stride,
                                                 int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float weight = weights ? weights[row] : 1.0f;
        float sum = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float logit = z[(long long)row * z_stride + c];
            const float t = target[(long long)row * target_stride + c];
            const float share = logit > 0.0f ? 1.0f - t : -t;
            const float small = expf(-fabsf(logit));
            sum += log1pf(small);
            if (share != 0.0f) {  // 0 times an infinite logit is no loss
                sum += share * logit;
            }
            if (gradient) {
                const float tail = small / (1.0f + small);
                gradient[(long long)row * gradient_stride + c] = weight * (logit > 0.0f ? share - tail : share + tail);
            }
        }
        sum = block_sum(sum, scratch);
        if (threadIdx.x == 0) {
            losses[row] = weight * sum;
        }
    }
}

// losses[row] = w * scale * sum_c (y_c - t_c)^2, gradient = w * 2 * scale * (y_c - t_c) with respect to y.
// weights and gradient may be null; gradient may be y. A block takes a row. Shared: a float for each warp.
extern "C" __global__ void squared_error(const float *y, int y_stride, const float *target, int target_stride,
                                         const float *weights, float *losses, float *gradient, int gradient_stride,
                                         float scale, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float weight = weights ? weights[row] : 1.0f;
        float sum = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float d = y[(long long)row * y_stride + c] - target[(long long)row * target_stride + c];
            sum += d * d;
            if (gradient) {
                gradient[(long long)row * gradient_stride + c] = weight * 2.0f * scale * d;
            }
        }
        sum = block_sum(sum, scratch);
        if (threadIdx.x == 0) {
            losses[row] = weight * scale * sum;
        }
    }
}

// result[0] = the sum of values. One block. Shared: a float for each warp.
extern "C" __global__ void total(const float *values, float *result, long long count) {
    SHARED(float, scratch);
    float sum = 0.0f;
    for (long long i = threadIdx.x; i < count; i += blockDim.x) {
        sum += values[i];
    }
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) {
        result[0] = sum;
    }
}

// sums[row] = the sum of a row of values. A block takes a row. Shared: a float for each warp.
extern "C" __global__ void row_sums(const float *values, float *sums, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        float sum = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            sum += values[(long long)row * columns + c];
        }
        sum = block_sum(sum, scratch);
        if (threadIdx.x == 0) {
            sums[row] = sum;
        }
    }
}
