// Layer normalisation of rows: y = gain * (x - mean) / sqrt(variance + epsilon) + bias, variance over the row, not n - 1.

// A block takes a row. Shared: a float for each warp. bias may be null; y may be x.
extern "C" __global__ void layer_norm(const float *x, int x_stride, const float *gain, const float *bias, float *y,
                                      int y_stride, float *means, float *inverses, float epsilon, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *in = x + (long long)row * x_stride;
        float sum = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            sum += in[c];
        }
        const float mean = block_sum(sum, scratch) / columns;
        float squares = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float d = in[c] - mean;
            squares += d * d;
        }
        const float inverse = 1.0f / sqrtf(block_sum(squares, scratch) / columns + epsilon);
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float shift = bias ? bias[c] : 0.0f;
            y[(long long)row * y_stride + c] = gain[c] * (in[c] - mean) * inverse + shift;
        }
        if (threadIdx.x == 0) {
            means[row] = mean;
            inverses[row] = inverse;
        }
    }
}

// dx of a row, with n_c = (x_c - mean) * inverse and e = dy * gain: inverse * (e - average(e) - n * average(e n)).
// A block takes a row. Shared: a float for each warp. dx may be dy.
extern "C" __global__ void layer_norm_gradient(const float *dy, int dy_stride, const float *x, int x_stride,
                                               const float *gain, const float *means, const float *inverses, float *dx,
                                               int dx_stride, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *d = dy + (long long)row * dy_stride;
        const float *in = x + (long long)row * x_stride;
        const float mean = means[row];
        const float inverse = inverses[row];
        float sum = 0.0f;
        float product = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float e = d[c] * gain[c];
            sum += e;
            product += e * (in[c] - mean) * inverse;
        }
        const float average = block_sum(sum, scratch) / columns;
        const float along = block_sum(product, scratch) / columns;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const float n = (in[c] - mean) * inverse;
            dx[(long long)row * dx_stride + c] = inverse * (d[c] * gain[c] - average - n * along);
        }
    }
}

// products = dy * (x - mean) * inverse, whose column sums are the gain's gradient.
extern "C" __global__ void layer_norm_products(const float *dy, int dy_stride, const float *x, int x_stride,
                                               const float *means, const float *inverses, float *products, int rows,
                                               int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        products[(long long)row * columns + column] = dy[(long long)row * dy_stride + column] *
                                                      (x[(long long)row * x_stride + column] - means[row]) * inverses[row];
    }
}
