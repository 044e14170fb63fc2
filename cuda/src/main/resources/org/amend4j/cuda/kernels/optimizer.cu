// Steps of optimizers on a whole parameter vector, in place. factor: what the gradient is multiplied by first; share * pace[0]: how
// far a step goes; pace[1]: what Adam's epsilon is multiplied with.

extern "C" __global__ void sgd(float *parameters, const float *gradient, float factor, const float *pace, float share,
                               long long count) {
    const float rate = share * pace[0];
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        parameters[i] -= rate * (factor * gradient[i]);
    }
}

// first = beta1 first + rest1 g, second = beta2 second + rest2 g^2, rest = 1 - beta, which in floats is far from exact near 1,
// parameters -= share pace[0] first / (sqrt(second) + pace[1] epsilon), pace[0] with Adam's correction.
extern "C" __global__ void adam(float *parameters, const float *gradient, float *first, float *second, float factor,
                                const float *pace, float share, float beta1, float rest1, float beta2, float rest2,
                                float epsilon, long long count) {
    const float rate = share * pace[0];
    const float least = pace[1] * epsilon;
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
        const float g = factor * gradient[i];
        const float m = beta1 * first[i] + rest1 * g;
        const float v = beta2 * second[i] + rest2 * g * g;
        first[i] = m;
        second[i] = v;
        parameters[i] -= rate * m / (sqrtf(v) + least);
    }
}

// The begin of a step. counters: the place in the order, the place among the paces, the row of losses, the end of the
// walk, behind which the order begins anew. What the step before left in
// losses [places] goes to the row before; the next count of the order to chosen, -1 behind its end; the next pace to pace, NaN behind
// their end; and counters go on. One block.
extern "C" __global__ void begin_step(int *counters, const int *order, long long ordered, int *chosen, int count,
                                      const float *paces, long long paced, float *pace, const float *losses, int places,
                                      float *kept, int rows) {
    const int place = counters[0];
    const int number = counters[1];
    const int row = counters[2];
    for (int i = threadIdx.x; i < places; i += blockDim.x) {
        kept[(long long)((row + rows - 1) % rows) * places + i] = losses[i];
    }
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        chosen[i] = place + i < ordered ? order[place + i] : -1;
    }
    __syncthreads();  // everybody has read the counters
    if (threadIdx.x == 0) {
        pace[0] = number < paced ? paces[2 * (long long)number] : NAN;
        pace[1] = number < paced ? paces[2 * (long long)number + 1] : NAN;
        counters[0] = place + count == counters[3] ? 0 : place + count;
        counters[1] = number + 1;
        counters[2] = (row + 1) % rows;
    }
}
