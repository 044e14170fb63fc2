// Rows of tables by number.

// out[row] = table[token of row]; NaN where the token is not in [0, vocabulary).
extern "C" __global__ void gather(const VALUE *table, int table_stride, int vocabulary, const int *tokens, VALUE *out,
                                  int out_stride, int rows, int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int row = blockIdx.y; row < rows; row += gridDim.y) {
        const int token = tokens[row];
        const bool known = token >= 0 && token < vocabulary;
        VALUE *to = out + (long long)row * out_stride + column;
        if (known) {
            *to = table[(long long)token * table_stride + column];
        } else {
            store1(to, NAN);
        }
    }
}

// table[tokens[s]] += scale * the sum of the rows whose numbers are places[starts[s]] to places[starts[s + 1] - 1], for each of
// the segments s. Tokens are different, so no two threads write to one place; places are sorted, so sums are always the same.
extern "C" __global__ void scatter(const float *rows, int rows_stride, const int *tokens, const int *starts,
                                   const int *places, int segments, float scale, float *table, int table_stride,
                                   int columns) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    for (int s = blockIdx.y; s < segments; s += gridDim.y) {
        float sum = 0.0f;
        for (int i = starts[s]; i < starts[s + 1]; i++) {
            sum += rows[(long long)places[i] * rows_stride + column];
        }
        table[(long long)tokens[s] * table_stride + column] += scale * sum;
    }
}
