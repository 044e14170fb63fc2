// Rotary positions in the form of halves.

// In every head of 2 * half columns the pair (x_j, x_{j + half}) is turned by the angle of its row's position, or by the opposite one if
// back is not 0. cosines and sines: [positions, half]; a row whose position is none of them becomes NaN. y may be x.
// A thread takes a pair. Grid: pairs in x, rows in y.
extern "C" __global__ void rotate_halves(const float *x, int x_stride, const int *places, const float *cosines,
                                         int cosine_stride, const float *sines, int sine_stride, int positions, int half,
                                         float *y, int y_stride, int back, int rows, int columns) {
    const int pair = blockIdx.x * blockDim.x + threadIdx.x;
    if (pair >= columns / 2) {
        return;
    }
    const int j = pair % half;
    const int column = pair / half * 2 * half + j;
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const int position = places[row];
        const bool known = position >= 0 && position < positions;
        const float cosine = known ? cosines[(long long)position * cosine_stride + j] : NAN;
        const float ahead = known ? sines[(long long)position * sine_stride + j] : NAN;
        const float sine = back ? -ahead : ahead;
        const float first = x[(long long)row * x_stride + column];
        const float second = x[(long long)row * x_stride + column + half];
        y[(long long)row * y_stride + column] = first * cosine - second * sine;
        y[(long long)row * y_stride + column + half] = second * cosine + first * sine;
    }
}
