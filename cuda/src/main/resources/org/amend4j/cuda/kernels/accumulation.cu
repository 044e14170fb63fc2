// Sums in about twice float's precision: pairs of floats, high + low unevaluated. The intrinsics forbid the compiler to contract
// or reorder.

// What a + b loses in rounding, exactly (Knuth, Møller), whichever is larger.
__device__ static inline float lost(float a, float b, float sum) {
    const float ofB = __fsub_rn(sum, a);
    return __fadd_rn(__fsub_rn(a, __fsub_rn(sum, ofB)), __fsub_rn(b, ofB));
}

// (high, low) += factor * from, factor being another such pair.
extern "C" __global__ void add_to(const float *from, float factor_high, float factor_low, float *high, float *low,
                                  long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const float product = __fmul_rn(factor_high, from[i]);
        const float of_product = __fmaf_rn(factor_low, from[i], __fmaf_rn(factor_high, from[i], -product));
        const float sum = __fadd_rn(high[i], product);
        const float of_sum = lost(high[i], product, sum);
        const float rest = __fadd_rn(low[i], __fadd_rn(of_sum, of_product));
        const float rounded = __fadd_rn(sum, rest);
        high[i] = rounded;
        low[i] = lost(sum, rest, rounded);
    }
}
