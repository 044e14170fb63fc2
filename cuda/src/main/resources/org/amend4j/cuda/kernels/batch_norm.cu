// Batch normalisation with stored statistics: y = factor * x + shift per channel.

// [outer, channels, inner]: inner is 1 where channels come last. shift may be null, which is the gradient. y may be x.
extern "C" __global__ void channel_affine(const float *x, const float *factor, const float *shift, float *y,
                                          long long outer, int channels, long long inner) {
    const long long count = outer * channels * inner;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const int c = (int)(i / inner % channels);
        y[i] = factor[c] * x[i] + (shift ? shift[c] : 0.0f);
    }
}
