// Pooling over windows of an image; a window as large as the image is global pooling. Strides as in convolution.cu.

// The greatest element of each window, the first in row order among equals, and its place y * width + x in the image. A NaN, the
// first of them, is above all.
// Padding counts as nothing; a window of nothing but padding gives -infinity and place -1.
extern "C" __global__ void max_pool(const float *image, int stride_n, int stride_c, int stride_y, int stride_x, float *out,
                                    int out_stride_n, int out_stride_c, int out_stride_y, int out_stride_x, int *places,
                                    int batch, int channels, int height, int width, int out_h, int out_w, int kernel_h,
                                    int kernel_w, int step_y, int step_x, int pad_y, int pad_x, int dilation_y,
                                    int dilation_x) {
    const long long count = (long long)batch * out_h * out_w * channels;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);
        const int ox = (int)(i / channels % out_w);
        const int oy = (int)(i / channels / out_w % out_h);
        const long long n = i / channels / out_w / out_h;
        float most = -INFINITY;
        int place = -1;
        for (int ky = 0; ky < kernel_h; ky++) {
            const int y = oy * step_y - pad_y + ky * dilation_y;
            for (int kx = 0; kx < kernel_w; kx++) {
                const int x = ox * step_x - pad_x + kx * dilation_x;
                if (y >= 0 && y < height && x >= 0 && x < width) {
                    const float value = image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y +
                                              (long long)x * stride_x];
                    if (place < 0 || value > most || (value != value && most == most)) {
                        most = value;
                        place = y * width + x;
                    }
                }
            }
        }
        out[n * out_stride_n + (long long)channel * out_stride_c + (long long)oy * out_stride_y +
            (long long)ox * out_stride_x] = most;
        places[i] = place;
    }
}

// Each element of the image gathers from the windows whose greatest it was. places is ordered (n, oy, ox, channel).
extern "C" __global__ void max_pool_gradient(float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                             const float *out, int out_stride_n, int out_stride_c, int out_stride_y,
                                             int out_stride_x, const int *places, int batch, int channels, int height,
                                             int width, int out_h, int out_w, int kernel_h, int kernel_w, int step_y,
                                             int step_x, int pad_y, int pad_x, int dilation_y, int dilation_x) {
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
                const long long window = (n * out_h + oy / step_y) * out_w + ox / step_x;
                if (places[window * channels + channel] == y * width + x) {
                    sum += out[n * out_stride_n + (long long)channel * out_stride_c +
                               (long long)(oy / step_y) * out_stride_y + (long long)(ox / step_x) * out_stride_x];
                }
            }
        }
        image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y + (long long)x * stride_x] = sum;
    }
}

// How many elements of a window are in the image, along one side.
__device__ static inline int inside(int start, int kernel, int dilation, int size) {
    int count = 0;
    for (int k = 0; k < kernel; k++) {
        const int place = start + k * dilation;
        count += place >= 0 && place < size;
    }
    return count;
}

// The average of each window: over its elements inside the image, or over all with padding as zeros.
extern "C" __global__ void average_pool(const float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                        float *out, int out_stride_n, int out_stride_c, int out_stride_y, int out_stride_x,
                                        int count_padding, int batch, int channels, int height, int width, int out_h,
                                        int out_w, int kernel_h, int kernel_w, int step_y, int step_x, int pad_y, int pad_x,
                                        int dilation_y, int dilation_x) {
    const long long count = (long long)batch * out_h * out_w * channels;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int channel = (int)(i % channels);
        const int ox = (int)(i / channels % out_w);
        const int oy = (int)(i / channels / out_w % out_h);
        const long long n = i / channels / out_w / out_h;
        const int top = oy * step_y - pad_y;
        const int left = ox * step_x - pad_x;
        float sum = 0.0f;
        for (int ky = 0; ky < kernel_h; ky++) {
            const int y = top + ky * dilation_y;
            for (int kx = 0; kx < kernel_w; kx++) {
                const int x = left + kx * dilation_x;
                if (y >= 0 && y < height && x >= 0 && x < width) {
                    sum += image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y +
                                 (long long)x * stride_x];
                }
            }
        }
        const int size = count_padding ? kernel_h * kernel_w
                                       : inside(top, kernel_h, dilation_y, height) * inside(left, kernel_w, dilation_x, width);
        out[n * out_stride_n + (long long)channel * out_stride_c + (long long)oy * out_stride_y +
            (long long)ox * out_stride_x] = size == 0 ? 0.0f : sum / size;
    }
}

extern "C" __global__ void average_pool_gradient(float *image, int stride_n, int stride_c, int stride_y, int stride_x,
                                                 const float *out, int out_stride_n, int out_stride_c, int out_stride_y,
                                                 int out_stride_x, int count_padding, int batch, int channels, int height,
                                                 int width, int out_h, int out_w, int kernel_h, int kernel_w, int step_y,
                                                 int step_x, int pad_y, int pad_x, int dilation_y, int dilation_x) {
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
                const int size = count_padding ? kernel_h * kernel_w
                                               : inside(oy - pad_y, kernel_h, dilation_y, height) *
                                                     inside(ox - pad_x, kernel_w, dilation_x, width);
                sum += out[n * out_stride_n + (long long)channel * out_stride_c +
                           (long long)(oy / step_y) * out_stride_y + (long long)(ox / step_x) * out_stride_x] /
                       size;
            }
        }
        image[n * stride_n + (long long)channel * stride_c + (long long)y * stride_y + (long long)x * stride_x] = sum;
    }
}
