// Images with more or fewer pixels. Strides as in convolution.cu.

// Each pixel of the image becomes a block of factor_y x factor_x equal ones.
extern "C" __global__ void upsample(const float *image, int stride_n, int stride_c, int stride_y, int stride_x, float *out,
                                    int out_stride_n, int out_stride_c, int out_stride_y, int out_stride_x, int batch,
                                    int channels, int height, int width, int factor_y, int factor_x) {
    const int out_h = height * factor_y;
    const int out_w = width * factor_x;
    const long long count = (long long)batch * out_h * out_w * channels;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);
        const int ox = (int)(i / channels % out_w);
        const int oy = (int)(i / channels / out_w % out_h);
        const long long n = i / channels / out_w / out_h;
        out[n * out_stride_n + (long long)channel * out_stride_c + (long long)oy * out_stride_y +
            (long long)ox * out_stride_x] = image[n * stride_n + (long long)channel * stride_c +
                                                  (long long)(oy / factor_y) * stride_y + (long long)(ox / factor_x) * stride_x];
    }
}

// Each pixel of the image gathers from its block, row by row.
extern "C" __global__ void upsample_gradient(float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                             const float *out, int out_stride_n, int out_stride_c, int out_stride_y,
                                             int out_stride_x, int batch, int channels, int height, int width, int factor_y,
                                             int factor_x) {
    const long long count = (long long)batch * channels * height * width;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);
        const int x = (int)(i / channels % width);
        const int y = (int)(i / channels / width % height);
        const long long n = i / channels / width / height;
        const long long corner = n * out_stride_n + (long long)channel * out_stride_c +
                                 (long long)y * factor_y * out_stride_y + (long long)x * factor_x * out_stride_x;
        float sum = 0.0f;
        for (int by = 0; by < factor_y; by++) {
            for (int bx = 0; bx < factor_x; bx++) {
                sum += out[corner + (long long)by * out_stride_y + (long long)bx * out_stride_x];
            }
        }
        image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y + (long long)x * stride_x] = sum;
    }
}

// out(y, x) = image(y + top, x + left), 0 outside of the image: cropping, and with negative distances zero padding, which are
// each other's gradients.
extern "C" __global__ void crop(const float *image, int stride_n, int stride_c, int stride_y, int stride_x, float *out,
                                int out_stride_n, int out_stride_c, int out_stride_y, int out_stride_x, int batch,
                                int channels, int height, int width, int out_h, int out_w, int top, int left) {
    const long long count = (long long)batch * out_h * out_w * channels;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);
        const int ox = (int)(i / channels % out_w);
        const int oy = (int)(i / channels / out_w % out_h);
        const long long n = i / channels / out_w / out_h;
        const int y = oy + top;
        const int x = ox + left;
        float value = 0.0f;
        if (y >= 0 && y < height && x >= 0 && x < width) {
            value = image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y + (long long)x * stride_x];
        }
        out[n * out_stride_n + (long long)channel * out_stride_c + (long long)oy * out_stride_y +
            (long long)ox * out_stride_x] = value;
    }
}
