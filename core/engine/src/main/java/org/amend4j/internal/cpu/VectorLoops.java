/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.network.Activation;

/**
 * The inner loops of kernels over arrays of one type. Each is one plain counted loop, the form that HotSpot turns into vector
 * instructions: all arrays of a loop are indexed alike and from 0, with offsets of their own it cannot tell whether a store meets a
 * later load, and leaves the loop scalar. So kernels are written once, for both types.
 *
 * @param <A> float[] or double[]
 */
abstract class VectorLoops<A> {

    /** Numbers in hand at a time: a few arrays of so many stay in the first cache. */
    static final int PIECE = 2048;

    private final ThreadLocal<List<A>> scratch = ThreadLocal.withInitial(ArrayList::new);

    /** An array of this thread that holds at least so many numbers, contents undefined; another one for each slot from 0 on. */
    final A scratch(int slot, int length) {
        List<A> mine = scratch.get();
        while (mine.size() <= slot) {
            mine.add(make(0));
        }
        if (length(mine.get(slot)) < length) {
            mine.set(slot, make(Math.max(length, PIECE)));
        }
        return mine.get(slot);
    }

    /** Whole rows in hand at a time. */
    static int rowsInHand(int columns) {
        return Math.max(1, PIECE / columns);
    }

    /** The loops over a type of numbers. */
    static VectorLoops<?> of(ElementType type) {
        return switch (type) {
            case FLOAT -> FloatLoops.ONLY;
            case DOUBLE -> DoubleLoops.ONLY;
            case INT, BFLOAT16 ->
                throw new IllegalArgumentException("the host computes in FLOAT or DOUBLE, got " + type);
        };
    }

    /** Bytes of a number. */
    abstract int bytes();

    /** Half the distance between 1 and the next number. */
    abstract double unit();

    abstract A make(int length);

    abstract int length(A array);

    abstract double get(A x, int at);

    abstract void set(A x, int at, double value);

    /** to[0..n) = the numbers at an address. */
    final void load(long from, A to, int n) {
        load(from, to, 0, n);
    }

    /** to[offset..offset+n) = the numbers at an address. */
    abstract void load(long from, A to, int offset, int n);

    /** The numbers at an address = from[0..n). */
    final void store(A from, long to, int n) {
        store(from, 0, to, n);
    }

    /** The numbers at an address = from[offset..offset+n). */
    abstract void store(A from, int offset, long to, int n);

    /** The number with an index behind an address, by way of an array with a place. */
    final double get(long from, int index, A place) {
        load(from + (long) index * bytes(), place, 1);
        return get(place, 0);
    }

    /** The opposite of {@link #get(long, int, Object)}. */
    final void put(double value, long to, int index, A place) {
        set(place, 0, value);
        store(place, to + (long) index * bytes(), 1);
    }

    /** Rows of a matrix with a stride, side by side. */
    final void loadRows(long from, long stride, A to, int rows, int columns) {
        loadRows(from, stride, to, 0, rows, columns);
    }

    /** The same to an array from a place on. */
    final void loadRows(long from, long stride, A to, int at, int rows, int columns) {
        if (stride == columns) {
            load(from, to, at, rows * columns);
            return;
        }
        for (int row = 0; row < rows; row++) {
            load(from + row * stride * bytes(), to, at + row * columns, columns);
        }
    }

    /** The opposite of {@link #loadRows}. */
    final void storeRows(A from, long to, long stride, int rows, int columns) {
        if (stride == columns) {
            store(from, 0, to, rows * columns);
            return;
        }
        for (int row = 0; row < rows; row++) {
            store(from, row * columns, to + row * stride * bytes(), columns);
        }
    }

    /** x[from..to) = value. */
    abstract void fill(A x, int from, int to, double value);

    /** to[toAt..toAt+n) = from[fromAt..fromAt+n). Left to subclasses, as it is slow if the arrays' type is not known. */
    abstract void copy(A from, int fromAt, A to, int toAt, int n);

    /** [rows, columns] to [columns, rows]. */
    abstract void transpose(A from, A to, int rows, int columns);

    /** x += y. */
    abstract void add(A x, A y, int n);

    /** x[from..to) += y[from..to). */
    abstract void add(A x, A y, int from, int to);

    /** x[from..to) += y[from..to) · z[from..to). */
    abstract void multiplyAdd(A x, A y, A z, int from, int to);

    /** x[from..to) = ((x + a·u) + b·v) + c·w. */
    abstract void multiplyAdd3(A x, A a, A u, A b, A v, A c, A w, int from, int to);

    /** x /= y. */
    abstract void divide(A x, A y, int n);

    /** to[toAt + i] = from[fromAt + places[i]]. */
    abstract void gather(A from, int fromAt, int[] places, A to, int toAt, int n);

    /** to[toAt + places[i]] += from[fromAt + i]. */
    abstract void scatterAdd(A from, int fromAt, int[] places, A to, int toAt, int n);

    /** A search for the greatest of some sets, each of which has a place of its own. */
    abstract Maxima<A> maxima(int... own);

    /** x += factor · y. */
    abstract void addScaled(A x, double factor, A y, int n);

    /** to[i] = from[at + i·stride]. */
    abstract void every(A from, int at, int stride, A to, int n);

    /** x += f[at]·p + f[at+1]·q + f[at+2]·r + f[at+3]·s, from the left to the right. */
    abstract void addFour(A x, A f, int at, A p, A q, A r, A s, int n);

    /**
     * to[toAt + i·stride] = Σ_j one[oneAt + j] · many[manyAt + i·k + j] for i below n, each from 0 on in the order of j, of k products.
     */
    abstract void dots(A one, int oneAt, A many, int manyAt, int k, A to, int toAt, int stride, int n);

    /** x = alpha · x + beta · y, two roundings more than exact. */
    abstract void combine(A x, double alpha, A y, double beta, int n);

    /** x += shift. */
    abstract void shift(A x, double shift, int n);

    /** (high, low) += factor · x, the sum not evaluated: see {@link org.amend4j.internal.backend.AccumulationKernels#addTo}. */
    abstract void accumulate(A x, double factor, A high, A low, int n);

    /** x *= factor. */
    abstract void scale(A x, double factor, int n);

    /** x = x where kept is all ones, 0 where it is 0. */
    abstract void keep(A x, int[] kept, int n);

    /** x *= y. */
    abstract void multiply(A x, A y, int n);

    /** x += y · z. */
    abstract void multiplyAdd(A x, A y, A z, int n);

    /** x = max(x, y); NaN if either is. */
    abstract void maximum(A x, A y, int n);

    /** x = d where {@code a >= b}, else 0; y = d where {@code a < b}, else 0; both d where either of a and b is NaN. */
    abstract void toTheGreater(A d, A a, A b, A x, A y, int n);

    /** (x, y) = (x · cos − y · sin, y · cos + x · sin). */
    abstract void rotate(A x, A y, A cos, A sin, int n);

    /** x = exp(x − y). */
    abstract void expOfDifference(A x, A y, int n);

    /** to[i] = the sum of row i of x, [n, columns], added up in four parts. */
    abstract void rowSums(A x, int columns, A to, int n);

    /** x = exp(x - shift). */
    abstract void exp(A x, double shift, int n);

    /** The greatest of x, −∞ without any; a NaN may be overlooked. */
    abstract double greatest(A x, int from, int n);

    /** The sum of x[from..from+n), added up in double. */
    abstract double sum(A x, int from, int n);

    /** Σ x·y, added up in double. */
    abstract double dot(A x, int fromX, A y, int fromY, int n);

    /** As {@link #sum} of the first n, perhaps in another order: several sums at once, whose additions do not wait for each other. */
    double quickSum(A x, int n) {
        return sum(x, 0, n);
    }

    /** As {@link #dot} of the first n, perhaps in another order. */
    double quickDot(A x, A y, int n) {
        return dot(x, 0, y, 0, n);
    }

    /** x = act(x); a NaN stays one. */
    abstract void activate(Activation activation, A x, int n);

    /** d *= act'(z), z is lost; of a NaN the derivative is NaN. */
    abstract void differentiate(Activation activation, A d, A z, int n);

    /** p -= rate · (factor · g). */
    abstract void descend(A p, A g, double factor, double rate, int n);

    /** A step of Adam with g' = factor · g: m = b1·m + (1−b1)·g', v = b2·v + (1−b2)·g'², p −= rate·m/(√v + ε). */
    abstract void adam(A p, A g, A m, A v, AdamStep step, int n);

    /** What one step of Adam multiplies with. */
    record AdamStep(double factor, double rate, double beta1, double beta2, double epsilon) {}
}
