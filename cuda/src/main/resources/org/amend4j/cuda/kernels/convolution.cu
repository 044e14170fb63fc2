// Convolutions: rows of patches for a matrix product, and depthwise convolutions. Where element (n, c, y, x) of an image lies
// is told by four strides, so channels may come first or last.

// patches [batch * out_h * out_w, channels * kernel_h * kernel_w], columns ordered as the weights are: (channel, ky, kx), or with
// taps_first (ky, kx, channel).
extern "C" __global__ void image_to_patches(const float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                            float *patches, int taps_first, int batch, int channels, int height, int width, int out_h,
                                            int out_w, int kernel_h, int kernel_w, int step_y, int step_x, int pad_y,
                                            int pad_x, int dilation_y, int dilation_x) {
    const int columns = channels * kernel_h * kernel_w;
    const long long count = (long long)batch * out_h * out_w * columns;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int column = (int)(i % columns);
        const long long row = i / columns;
        const int tap = taps_first ? column / channels : column % (kernel_w * kernel_h);
        const int channel = taps_first ? column % channels : column / (kernel_w * kernel_h);
        const int x = (int)(row % out_w) * step_x - pad_x + tap % kernel_w * dilation_x;
        const int y = (int)(row / out_w % out_h) * step_y - pad_y + tap / kernel_w * dilation_y;
        const long long n = row / ((long long)out_w * out_h);
        const bool inside = x >= 0 && x < width && y >= 0 && y < height;
        patches[i] = inside ? image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y +
                                    (long long)x * stride_x]
                            : 0.0f;
    }
}

// The gradient of image_to_patches: each element of the image gathers from the patches that hold it.
extern "C" __global__ void patches_to_image(const float *patches, float *image, int stride_n, int stride_c, int stride_y,
                                            int stride_x, int taps_first, int batch, int channels, int height, int width,
                                            int out_h, int out_w, int kernel_h, int kernel_w, int step_y, int step_x,
                                            int pad_y, int pad_x, int dilation_y, int dilation_x) {
    const int columns = channels * kernel_h * kernel_w;
    const long long count = (long long)batch * channels * height * width;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);  // neighbours differ in the channel, as in the patches of one pixel
        const int x = (int)(i / channels % width);
        const int y = (int)(i / channels / width % height);
        const long long n = i / channels / width / height;
        float sum = 0.0f;
        for (int ky = 0; ky < kernel_h; ky++) {
            const int oy = y + pad_y - ky * dilation_y;
            if (oy < 0 || oy % step_y != 0 || oy / step_y >= out_h) {
                continue;
            }
            for (int kx = 0; kx < kernel_w; kx++) {
                const int ox = x + pad_x - kx * dilation_x;
                if (ox >= 0 && ox % step_x == 0 && ox / step_x < out_w) {
                    const long long row = (n * out_h + oy / step_y) * out_w + ox / step_x;
                    const int column = taps_first ? (ky * kernel_w + kx) * channels + channel
                                                  : (channel * kernel_h + ky) * kernel_w + kx;
                    sum += patches[row * columns + column];
                }
            }
        }
        image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y + (long long)x * stride_x] = sum;
    }
}

// act(sums + bias); out channel = channel * multiplier + m; weights [kernel_h, kernel_w, channels, multiplier]; bias may be null.
// Both images in one layout: strides of the input, then of the output.
extern "C" __global__ void depthwise(const float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                     const float *weights, const float *bias, float *out, int out_stride_n,
                                     int out_stride_c, int out_stride_y, int out_stride_x, int multiplier, int activation,
                                     float slope, int batch, int channels, int height, int width, int out_h, int out_w,
                                     int kernel_h, int kernel_w, int step_y, int step_x, int pad_y, int pad_x,
                                     int dilation_y, int dilation_x) {
    const int outputs = channels * multiplier;
    const long long count = (long long)batch * out_h * out_w * outputs;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int output = (int)(i % outputs);
        const int channel = output / multiplier;
        const int ox = (int)(i / outputs % out_w);
        const int oy = (int)(i / outputs / out_w % out_h);
        const long long n = i / outputs / out_w / out_h;
        float sum = bias ? bias[output] : 0.0f;
        for (int ky = 0; ky < kernel_h; ky++) {
            const int y = oy * step_y - pad_y + ky * dilation_y;
            for (int kx = 0; kx < kernel_w; kx++) {
                const int x = ox * step_x - pad_x + kx * dilation_x;
                if (y >= 0 && y < height && x >= 0 && x < width) {
                    sum += weights[(ky * kernel_w + kx) * outputs + output] *
                           image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y +
                                 (long long)x * stride_x];
                }
            }
        }
        out[n * out_stride_n + (long long)output * out_stride_c + (long long)oy * out_stride_y +
            (long long)ox * out_stride_x] = activate(activation, slope, sum);
    }
}

// The input's gradient of depthwise: strides of the input's gradient, then of the output's.
extern "C" __global__ void depthwise_gradient(float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                              const float *weights, const float *out, int out_stride_n, int out_stride_c,
                                              int out_stride_y, int out_stride_x, int multiplier, int batch, int channels,
                                              int height, int width, int out_h, int out_w, int kernel_h, int kernel_w,
                                              int step_y, int step_x, int pad_y, int pad_x, int dilation_y,
                                              int dilation_x) {
    const int outputs = channels * multiplier;
    const long long count = (long long)batch * channels * height * width;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);
        const int x = (int)(i / channels % width);
        const int y = (int)(i / channels / width % height);
        const long long n = i / channels / width / height;
        float sum = 0.0f;
        for (int ky = 0; ky < kernel_h; ky++) {
            const int oy = y + pad_y - ky * dilation_y;
            if (oy < 0 || oy % step_y != 0 || oy / step_y >= out_h) {
                continue;
            }
            for (int kx = 0; kx < kernel_w; kx++) {
                const int ox = x + pad_x - kx * dilation_x;
                if (ox < 0 || ox % step_x != 0 || ox / step_x >= out_w) {
                    continue;
                }
                for (int m = 0; m < multiplier; m++) {
                    const int output = channel * multiplier + m;
                    sum += weights[(ky * kernel_w + kx) * outputs + output] *
                           out[n * out_stride_n + (long long)output * out_stride_c +
                               (long long)(oy / step_y) * out_stride_y + (long long)(ox / step_x) * out_stride_x];
                }
            }
        }
        image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y + (long long)x * stride_x] = sum;
    }
}
