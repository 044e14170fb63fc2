// Dropout by key: nothing is kept, a mask is computed again where it is needed again.

#define GOLDEN 0x9E3779B97F4A7C15ull

// The finalizer of SplitMix64.
__device__ static inline unsigned long long mixed(unsigned long long z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

__device__ static inline unsigned int mixed32(unsigned int h) {
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= h >> 15;
    h *= 0x846ca68bu;
    return h ^ (h >> 16);
}

// out = factor * in where it is kept, else 0; added to what is there if add is not 0. out may be in. key: 2 words, the lower first.
extern "C" __global__ void dropout(const float *in, int in_stride, const int *key, long long stream, long long first_row,
                                   int threshold, float factor, float *out, int out_stride, int add, int rows, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    const unsigned long long words = (unsigned int)key[0] | (unsigned long long)(unsigned int)key[1] << 32;
    const unsigned long long of_stream = mixed(words + (unsigned long long)(stream + 1) * GOLDEN);
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const unsigned long long bits = mixed(of_stream + (unsigned long long)(first_row + row + 1) * GOLDEN);
        const unsigned int u = mixed32(mixed32((unsigned int)bits + column * 0x9E3779B9u) ^ (unsigned int)(bits >> 32));
        const float value = (int)(u >> 1) < threshold ? 0.0f : factor * in[(long long)row * in_stride + column];
        float *place = out + (long long)row * out_stride + column;
        *place = add ? *place + value : value;
    }
}

extern "C" __global__ void set_key(int *key, int lower, int upper) {
    if (blockIdx.x == 0 && threadIdx.x == 0) {
        key[0] = lower;
        key[1] = upper;
    }
}
