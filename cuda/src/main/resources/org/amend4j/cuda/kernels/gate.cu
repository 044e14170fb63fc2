// Gates act(a) * b. A thread takes a column. Grid: columns in x, rows in y.

// y = act(a) * b. y may be a or b.
extern "C" __global__ void gate(const float *a, int a_stride, const float *b, int b_stride, float *y, int y_stride, int rows,
                                int columns, int kind, float slope) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const float opened = activate(kind, slope, a[(long long)row * a_stride + column]);
        y[(long long)row * y_stride + column] = opened * b[(long long)row * b_stride + column];
    }
}

// da = dy * b * act'(a), db = dy * act(a). Each of them may be dy, a or b.
extern "C" __global__ void gate_gradient(const float *dy, int dy_stride, const float *a, int a_stride, const float *b,
                                         int b_stride, float *da, int da_stride, float *db, int db_stride, int rows,
                                         int columns, int kind, float slope) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const float d = dy[(long long)row * dy_stride + column];
        const float key = a[(long long)row * a_stride + column];
        const float passed = b[(long long)row * b_stride + column];
        da[(long long)row * da_stride + column] = d * passed * derivative(kind, slope, key);
        db[(long long)row * db_stride + column] = d * activate(kind, slope, key);
    }
}
