// The functions of mma.cuh, element by element as PTX's tables have it. A block of one warp takes one of each array.

#include "mma.cuh"

// sums [16, 8] += left [16, 16] right [16, 8]
extern "C" __global__ void product_bf16(const float *left, const float *right, float *sums) {
    const int group = threadIdx.x / 4;
    const int within = threadIdx.x % 4;
    left += blockIdx.x * 256;
    right += blockIdx.x * 128;
    sums += blockIdx.x * 128;
    float a[8];
    float b[4];
    float c[4];
    for (int i = 0; i < 8; i++) {
        const int row = i % 4 < 2 ? group : group + 8;
        const int column = within * 2 + i % 2 + (i < 4 ? 0 : 8);
        a[i] = left[row * 16 + column];
    }
    for (int i = 0; i < 4; i++) {
        b[i] = right[(within * 2 + i % 2 + (i < 2 ? 0 : 8)) * 8 + group];
        c[i] = sums[(i < 2 ? group : group + 8) * 8 + within * 2 + i % 2];
    }
    const unsigned words[4] = {bf16_pair(a[0], a[1]), bf16_pair(a[2], a[3]), bf16_pair(a[4], a[5]), bf16_pair(a[6], a[7])};
    const unsigned first = bf16_pair(b[0], b[1]);
    const unsigned second = bf16_pair(b[2], b[3]);
    mma_bf16_16816(c, words, first, second);
    for (int i = 0; i < 4; i++) {
        sums[(i < 2 ? group : group + 8) * 8 + within * 2 + i % 2] = c[i];
    }
}

// sums [16, 8] += left [16, 8] right [8, 8]
extern "C" __global__ void product_tf32(const float *left, const float *right, float *sums) {
    const int group = threadIdx.x / 4;
    const int within = threadIdx.x % 4;
    left += blockIdx.x * 128;
    right += blockIdx.x * 64;
    sums += blockIdx.x * 128;
    unsigned a[4];
    unsigned b[2];
    float c[4];
    for (int i = 0; i < 4; i++) {
        const int row = i % 2 == 0 ? group : group + 8;
        const int column = i < 2 ? within : within + 4;
        a[i] = tf32_of(left[row * 8 + column]);
        c[i] = sums[(i < 2 ? group : group + 8) * 8 + within * 2 + i % 2];
    }
    for (int i = 0; i < 2; i++) {
        b[i] = tf32_of(right[(i == 0 ? within : within + 4) * 8 + group]);
    }
    mma_tf32_1688(c, a, b[0], b[1]);
    for (int i = 0; i < 4; i++) {
        sums[(i < 2 ? group : group + 8) * 8 + within * 2 + i % 2] = c[i];
    }
}

// out [4, 8, 4] = four matrices of 8 rows of 4 floats, which lie 32 bytes apart. `bytes` of each row are copied. Shared: 32 * 8 floats.
extern "C" __global__ void matrices(const float *from, float *out, int bytes) {
    SHARED(float, shared);
    const float *row = shared + threadIdx.x * 8;
    const int other = threadIdx.x ^ 1;
    cp_async16(shared + other * 8, from + other * 4, bytes);
    cp_async_commit();
    cp_async_wait<0>();
    __syncthreads();
    unsigned words[4];
    ldmatrix_x4(words, (const unsigned *)row);
    for (int m = 0; m < 4; m++) {
        out[m * 32 + threadIdx.x] = __int_as_float((int)words[m]);
    }
}

// What the formats make of numbers.
extern "C" __global__ void rounded(const float *from, float *bf16, float *tf32) {
    const unsigned pair = bf16_pair(from[threadIdx.x], from[threadIdx.x] * 2.0f);
    bf16[2 * threadIdx.x] = __int_as_float((int)(pair << 16));
    bf16[2 * threadIdx.x + 1] = __int_as_float((int)(pair & 0xFFFF0000u));
    tf32[threadIdx.x] = __int_as_float((int)tf32_of(from[threadIdx.x]));
}
