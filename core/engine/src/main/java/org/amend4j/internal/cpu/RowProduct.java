/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.backend.Gemm;

/**
 * C = alpha·A·Bᵀ + beta·C of rows with a small matrix, every element a sum in the order of its products, rounded after each
 * multiplication and addition: a row's bytes depend neither on how many rows there are, nor on the processor. OpenBLAS chooses its
 * loops by the number of rows, and sums differ in their last bits. Its products of 64 rows with 64 × 64 numbers are four times as fast; but of
 * a small network's step that is a tenth.
 *
 * @param lanes loops over the type of numbers
 * @param product in order ROWS, that {@link #takes} lets pass
 * @param a address of A, [m, k]
 * @param b address of B, [n, k]
 * @param c address of C, [m, n]
 */
record RowProduct<A>(VectorLoops<A> lanes, Gemm product, long a, long b, long c) implements Runnable {

    /** The most numbers that B has, which are turned for every product. */
    private static final int MOST = 1 << 14;
    /** From so many columns of C on, a loop along a row is long enough for vector instructions. */
    private static final int WIDE = 8;
    /** From so many rows on it pays to turn B. */
    private static final int MANY = 6;
    /** Numbers of A in hand at a time. */
    private static final int IN_HAND = 4096;

    /** Matrices of some shapes that this thread has turned, each row an array of its own; by columns and rows. */
    private static final ThreadLocal<Map<Long, List<?>>> TURNED = ThreadLocal.withInitial(HashMap::new);

    /** Whether a product is such a one. */
    static boolean takes(Gemm product) {
        return !product.transposeA()
                && product.transposeB()
                && (long) product.n() * product.k() <= MOST
                && product.k() > 0
                && product.leadingA() == product.k()
                && product.leadingB() == product.k()
                && product.leadingC() == product.n();
    }

    @Override
    public void run() {
        int m = product.m();
        int n = product.n();
        int k = product.k();
        int some = Math.max(1, IN_HAND / Math.max(n, k));
        A weights = lanes.scratch(0, n * k);
        lanes.load(b, weights, n * k);
        boolean wide = n >= WIDE && m >= MANY;
        List<A> turned = wide ? turned(weights, n, k) : List.of();
        A rows = lanes.scratch(1, some * k);
        A sums = lanes.scratch(2, some * n);
        for (int row = 0; row < m; row += some) {
            int count = Math.min(some, m - row);
            lanes.load(a + (long) row * k * lanes.bytes(), rows, count * k);
            if (wide) {
                along(rows, turned, sums, count);
            } else {
                across(rows, weights, sums, count);
            }
            store(sums, c + (long) row * n * lanes.bytes(), count * n);
        }
    }

    @SuppressWarnings("unchecked") // the lanes are in the key
    private List<A> turned(A weights, int n, int k) {
        long key = ((long) lanes.bytes() << 56) | ((long) n << 28) | k;
        List<A> columns = (List<A>) TURNED.get().computeIfAbsent(key, unused -> fresh(n, k));
        for (int j = 0; j < k; j++) {
            lanes.every(weights, j, k, columns.get(j), n);
        }
        return columns;
    }

    private List<A> fresh(int n, int k) {
        List<A> columns = new ArrayList<>();
        for (int j = 0; j < k; j++) {
            columns.add(lanes.make(n));
        }
        return columns;
    }

    /** Vectors along the rows of C. */
    private void along(A rows, List<A> turned, A sums, int count) {
        int n = product.n();
        int k = product.k();
        A sum = lanes.scratch(3, n);
        for (int row = 0; row < count; row++) {
            lanes.fill(sum, 0, n, 0);
            int at = row * k;
            int j = 0;
            for (; j + 4 <= k; j += 4) {
                lanes.addFour(
                        sum, rows, at + j, turned.get(j), turned.get(j + 1), turned.get(j + 2), turned.get(j + 3), n);
            }
            for (; j < k; j++) {
                lanes.addScaled(sum, lanes.get(rows, at + j), turned.get(j), n);
            }
            lanes.copy(sum, 0, sums, row * n, n);
        }
    }

    /** Several sums at a time, each along a row of A: where there are few rows, or few columns of C. */
    private void across(A rows, A weights, A sums, int count) {
        int n = product.n();
        int k = product.k();
        if (n >= count) {
            for (int row = 0; row < count; row++) {
                lanes.dots(rows, row * k, weights, 0, k, sums, row * n, 1, n);
            }
        } else {
            for (int column = 0; column < n; column++) {
                lanes.dots(weights, column * k, rows, 0, k, sums, column, n, count);
            }
        }
    }

    /** C = alpha·sums + beta·C. */
    private void store(A sums, long to, int length) {
        if (product.alpha() != 1) {
            lanes.scale(sums, product.alpha(), length);
        }
        if (product.beta() != 0) {
            A before = lanes.scratch(3, length);
            lanes.load(to, before, length);
            lanes.addScaled(sums, product.beta(), before, length);
        }
        lanes.store(sums, to, length);
    }
}
