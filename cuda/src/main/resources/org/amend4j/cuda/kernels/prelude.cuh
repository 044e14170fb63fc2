// Before every kernel source. Rules for all of them: C-style CUDA without libraries; blocks of one dimension, a multiple of
// 32; shared memory only as SHARED (its size comes with the launch); no result depends on the order of threads, so no
// atomics on floats.
#ifndef AMEND_EMULATED
#define SHARED(type, name) extern __shared__ __align__(16) type name[]
#endif
#ifndef INFINITY  // NVRTC has no headers
#define INFINITY __int_as_float(0x7f800000)
#endif
#ifndef NAN
#define NAN __int_as_float(0x7fffffff)
#endif

template <typename real> [[maybe_unused]] __device__ static inline real warp_sum(real value) {
    for (int distance = 16; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(0xFFFFFFFFu, value, distance);
    }
    return value;
}

[[maybe_unused]] __device__ static inline float warp_max(float value) {
    for (int distance = 16; distance > 0; distance /= 2) {
        value = fmaxf(value, __shfl_xor_sync(0xFFFFFFFFu, value, distance));
    }
    return value;
}

// The sum over the block, in every thread. scratch: a number for each warp.
template <typename real> [[maybe_unused]] __device__ static inline real block_sum(real value, real *scratch) {
    value = warp_sum(value);
    __syncthreads();  // scratch may still be read for the sum before
    if (threadIdx.x % 32 == 0) {
        scratch[threadIdx.x / 32] = value;
    }
    __syncthreads();
    real sum = 0;
    for (int warp = 0; warp < (int)(blockDim.x / 32); warp++) {
        sum += scratch[warp];
    }
    return sum;
}

// The greatest value of the block, in every thread. scratch: a float for each warp.
[[maybe_unused]] __device__ static inline float block_max(float value, float *scratch) {
    value = warp_max(value);
    __syncthreads();
    if (threadIdx.x % 32 == 0) {
        scratch[threadIdx.x / 32] = value;
    }
    __syncthreads();
    float most = scratch[0];
    for (int warp = 1; warp < (int)(blockDim.x / 32); warp++) {
        most = fmaxf(most, scratch[warp]);
    }
    return most;
}

// Four floats that a card moves at once: where the place is a multiple of 16 bytes, and every row begins at one.
[[maybe_unused]] __device__ static inline bool in_quads(const float *rows, int stride) {
    return reinterpret_cast<unsigned long long>(rows) % 16 == 0 && stride % 4 == 0;
}

[[maybe_unused]] __device__ static inline float4 load4(const float *from) { return *reinterpret_cast<const float4 *>(from); }

[[maybe_unused]] __device__ static inline void store4(float *to, float4 value) { *reinterpret_cast<float4 *>(to) = value; }

[[maybe_unused]] __device__ static inline float4 add4(float4 a, float4 b) {
    return make_float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
}

// sum + factor * of
[[maybe_unused]] __device__ static inline float4 add_product4(float4 sum, float factor, float4 of) {
    return make_float4(sum.x + factor * of.x, sum.y + factor * of.y, sum.z + factor * of.z, sum.w + factor * of.w);
}

// The upper half of a number, to nearest even: that number in bfloat16. Of a NaN it is one.
[[maybe_unused]] __device__ static inline unsigned upper_half(float value) {
    const unsigned bits = __float_as_uint(value);
    return value != value ? 0x7FFFu : (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
}

[[maybe_unused]] __device__ static inline float of_upper_half(unsigned half) { return __uint_as_float(half << 16); }

// What rows hold: floats, or bfloat16 numbers, which are read as floats and rounded to nearest even when they are written.
#ifndef VALUE
#define VALUE float
#endif

[[maybe_unused]] __device__ static inline float load1(const float *from) { return *from; }

[[maybe_unused]] __device__ static inline float load1(const unsigned short *from) { return of_upper_half(*from); }

[[maybe_unused]] __device__ static inline void store1(float *to, float value) { *to = value; }

[[maybe_unused]] __device__ static inline void store1(unsigned short *to, float value) {
    *to = static_cast<unsigned short>(upper_half(value));
}

// Four bfloat16 numbers are 8 bytes.
[[maybe_unused]] __device__ static inline bool in_quads(const unsigned short *rows, int stride) {
    return reinterpret_cast<unsigned long long>(rows) % 8 == 0 && stride % 4 == 0;
}

[[maybe_unused]] __device__ static inline float4 load4(const unsigned short *from) {
    const uint2 pairs = *reinterpret_cast<const uint2 *>(from);
    return make_float4(of_upper_half(pairs.x & 0xFFFFu), of_upper_half(pairs.x >> 16), of_upper_half(pairs.y & 0xFFFFu),
                       of_upper_half(pairs.y >> 16));
}

[[maybe_unused]] __device__ static inline unsigned halves(float first, float second) {
    return upper_half(first) | upper_half(second) << 16;
}

[[maybe_unused]] __device__ static inline void store4(unsigned short *to, float4 value) {
    *reinterpret_cast<uint2 *>(to) = make_uint2(halves(value.x, value.y), halves(value.z, value.w));
}

// As org.amend4j.internal.cuda.kernel.Activation counts them.
enum {
    IDENTITY,
    RELU,
    RELU6,
    LEAKY_RELU,
    ELU,
    SELU,
    SIGMOID,
    HARD_SIGMOID,
    TANH,
    HARD_TANH,
    SOFTPLUS,
    SOFTSIGN,
    SWISH,
    GELU,
    GELU_EXACT,
    GELU_TANH
};

#define SELU_SCALE 1.0507009873554805f
#define SELU_SLOPE 1.6732632423543772f
#define ROOT_HALF 0.7071067811865476f
#define NORMAL_DENSITY 0.3989422804014327f  // 1 / sqrt(2 pi)
#define GELU_SLOPE 0.7978845608028654f      // sqrt(2 / pi)
#define GELU_CUBE 0.044715f

[[maybe_unused]] __device__ static inline float sigmoid(float z) { return 1.0f / (1.0f + expf(-z)); }

[[maybe_unused]] __device__ static inline float gelu_inner(float z) { return GELU_SLOPE * (z + GELU_CUBE * z * z * z); }

// z within the bounds; NaN stays NaN, which fminf and fmaxf forget.
[[maybe_unused]] __device__ static inline float clamped(float z, float least, float most) {
    return z <= least ? least : z >= most ? most : z;
}

// Of a NaN every function makes a NaN.
[[maybe_unused]] __device__ static inline float activate(int kind, float slope, float z) {
    switch (kind) {
        case RELU: return z <= 0.0f ? 0.0f : z;
        case RELU6: return clamped(z, 0.0f, 6.0f);
        case LEAKY_RELU: return z > 0.0f ? z : slope * z;
        case ELU: return z > 0.0f ? z : slope * expm1f(z);
        case SELU: return SELU_SCALE * (z > 0.0f ? z : SELU_SLOPE * expm1f(z));
        case SIGMOID: return sigmoid(z);
        case HARD_SIGMOID: return clamped(0.2f * z + 0.5f, 0.0f, 1.0f);
        case TANH: return tanhf(z);
        case HARD_TANH: return clamped(z, -1.0f, 1.0f);
        case SOFTPLUS: return fmaxf(z, 0.0f) + log1pf(expf(-fabsf(z)));
        case SOFTSIGN: return z / (1.0f + fabsf(z));
        case SWISH: return z * sigmoid(z);
        case GELU: return z * sigmoid(1.702f * z);
        case GELU_EXACT: return z * 0.5f * erfcf(-ROOT_HALF * z);
        case GELU_TANH: return z * sigmoid(2.0f * gelu_inner(z));  // (1 + tanh u) / 2 = sigmoid(2 u)
        default: return z;
    }
}

// Of a NaN every derivative is a NaN, as the function is.
[[maybe_unused]] __device__ static inline float derivative(int kind, float slope, float z) {
    if (z != z) {
        return z;
    }
    switch (kind) {
        case RELU: return z > 0.0f ? 1.0f : 0.0f;
        case RELU6: return z > 0.0f && z < 6.0f ? 1.0f : 0.0f;
        case LEAKY_RELU: return z > 0.0f ? 1.0f : slope;
        case ELU: return z > 0.0f ? 1.0f : slope * expf(z);
        case SELU: return SELU_SCALE * (z > 0.0f ? 1.0f : SELU_SLOPE * expf(z));
        case SIGMOID: {
            const float s = sigmoid(z);
            return s * (1.0f - s);
        }
        case HARD_SIGMOID: return z > -2.5f && z < 2.5f ? 0.2f : 0.0f;
        case TANH: {
            const float t = tanhf(z);
            return 1.0f - t * t;
        }
        case HARD_TANH: return z > -1.0f && z < 1.0f ? 1.0f : 0.0f;
        case SOFTPLUS: return sigmoid(z);
        case SOFTSIGN: {
            const float d = 1.0f + fabsf(z);
            return 1.0f / (d * d);
        }
        case SWISH: {
            const float s = sigmoid(z);
            return s + z * s * (1.0f - s);
        }
        case GELU: {
            const float s = sigmoid(1.702f * z);
            return s + 1.702f * z * s * (1.0f - s);
        }
        case GELU_EXACT: return 0.5f * erfcf(-ROOT_HALF * z) + z * NORMAL_DENSITY * expf(-0.5f * z * z);
        case GELU_TANH: {
            const float s = sigmoid(2.0f * gelu_inner(z));
            return s + 2.0f * z * s * (1.0f - s) * GELU_SLOPE * (1.0f + 3.0f * GELU_CUBE * z * z);
        }
        default: return 1.0f;
    }
}
