// Steps of optimizers on a whole parameter vector, in place. factor: what the gradient is multiplied by first.

extern "C" __global__ void sgd(float *parameters, const float *gradient, float factor, float rate, long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        parameters[i] -= rate * (factor * gradient[i]);
    }
}

// first = beta1 first + rest1 g, second = beta2 second + rest2 g^2, rest = 1 - beta, which in floats is far from exact near 1,
// parameters -= corrected * first / (sqrt(second) + epsilon), corrected = rate * sqrt(1 - beta2^t) / (1 - beta1^t).
extern "C" __global__ void adam(float *parameters, const float *gradient, float *first, float *second, float factor,
                                float corrected, float beta1, float rest1, float beta2, float rest2, float epsilon,
                                long long count) {
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const float g = factor * gradient[i];
        const float m = beta1 * first[i] + rest1 * g;
        const float v = beta2 * second[i] + rest2 * g * g;
        first[i] = m;
        second[i] = v;
        parameters[i] -= corrected * m / (sqrtf(v) + epsilon);
    }
}
