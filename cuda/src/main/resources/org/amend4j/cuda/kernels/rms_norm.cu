// Normalisation of rows by their root mean square: y = (offset + gain) * x / sqrt(mean(x^2) + epsilon).

// A block takes a row. Shared: a float for each warp. y may be x.
extern "C" __global__ void rms_norm(const float *x, int x_stride, const float *gain, float offset, float *y, int y_stride,
                                    float *inverses, float epsilon, int rows, int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *in = x + (long long)row * x_stride;
        float squares = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            squares += in[c] * in[c];
        }
        const float inverse = 1.0f / sqrtf(block_sum(squares, scratch) / columns + epsilon);
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            y[(long long)row * y_stride + c] = (offset + gain[c]) * (in[c] * inverse);
        }
        if (threadIdx.x == 0) {
            inverses[row] = inverse;
        }
    }
}

// dx of a row, with n = x * inverse and e = dy * (offset + gain): inverse * (e - n * average(e n)).
// A block takes a row. Shared: a float for each warp. dx may be dy.
extern "C" __global__ void rms_norm_gradient(const float *dy, int dy_stride, const float *x, int x_stride, const float *gain,
                                             float offset, const float *inverses, float *dx, int dx_stride, int rows,
                                             int columns) {
    SHARED(float, scratch);
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float *d = dy + (long long)row * dy_stride;
        const float *in = x + (long long)row * x_stride;
        const float inverse = inverses[row];
        float product = 0.0f;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            product += d[c] * (offset + gain[c]) * (in[c] * inverse);
        }
        const float along = block_sum(product, scratch) / columns;
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            dx[(long long)row * dx_stride + c] = inverse * (d[c] * (offset + gain[c]) - in[c] * inverse * along);
        }
    }
}

// products = dy * x * inverse, whose column sums are the gain's gradient.
extern "C" __global__ void rms_norm_products(const float *dy, int dy_stride, const float *x, int x_stride,
                                             const float *inverses, float *products, int rows, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        products[(long long)row * columns + column] =
            dy[(long long)row * dy_stride + column] * (x[(long long)row * x_stride + column] * inverses[row]);
    }
}
