/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.ActivationKernels;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.TokenSegments;
import org.amend4j.internal.cpu.BlasThreads;
import org.amend4j.internal.cpu.HostArrays;
import org.amend4j.internal.cpu.HostMachine;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The processor's kernels on the memory of ND4J's arrays, which are held until this is closed. */
public final class ArrayKernels implements AutoCloseable {

    private static final HostMachine MACHINE =
            HostMachine.open(Runtime.getRuntime().availableProcessors(), Optional.empty());

    private static final String OWNER = "an array of ND4J";

    /** Numbers that are worth another thread. */
    private static final long WORTHWHILE = 1 << 15;

    private final ElementType type;
    private final List<Object> held = new ArrayList<>();

    /** @param like of the type of all others */
    public ArrayKernels(INDArray like) {
        if (!HostArrays.takes(like)) {
            throw new IllegalStateException(
                    "layers of transformers compute in FLOAT or DOUBLE on ND4J's CPU backend, got " + like.dataType()
                            + ": convert the model, or use plans for devices");
        }
        this.type = HostArrays.type(like);
    }

    public Kernels get() {
        return MACHINE.kernels();
    }

    /** A matrix that is read: itself, or a copy whose rows are contiguous. */
    public MatrixView rows(INDArray matrix) {
        boolean plain = matrix.stride(1) == 1 && matrix.stride(0) >= matrix.size(1);
        return plain ? into(matrix) : into(matrix.dup('c'));
    }

    /** A matrix that is written, with contiguous rows. */
    public MatrixView into(INDArray matrix) {
        int rows = (int) matrix.size(0);
        int columns = (int) matrix.size(1);
        int stride = rows == 1 ? columns : matrix.stride(0);
        return new MatrixView(numbers(matrix, (rows - 1L) * stride + columns), rows, columns, stride);
    }

    /** The numbers of a gapless array in the order of its memory, a row each. */
    public MatrixView flat(INDArray array) {
        return MatrixView.of(numbers(array), Math.toIntExact(array.length()), 1);
    }

    /** All numbers of a gapless array. */
    MachineArray numbers(INDArray array) {
        return numbers(array, array.length());
    }

    private MachineArray numbers(INDArray array, long count) {
        if (!HostArrays.takes(array) || HostArrays.type(array) != type) {
            throw new IllegalArgumentException("arrays must be of type " + type + ", got " + array.dataType());
        }
        held.add(array);
        return MACHINE.adopt(OWNER, type, count, HostArrays.address(array, 0), array)
                .orElseThrow();
    }

    MachineArray integers(int... values) {
        IntPointer copy = new IntPointer(values);
        held.add(copy);
        return MACHINE.adopt(OWNER, ElementType.INT, values.length, copy.address(), copy)
                .orElseThrow();
    }

    /** Work on some rows, which touches none of the others. */
    @FunctionalInterface
    public interface OfRows {
        void compute(int from, int count);
    }

    /** Divides a matrix's rows among threads. */
    public void divide(MatrixView matrix, OfRows work) {
        long rows = matrix.rows();
        int shares = (int) Math.max(1, Math.min(MACHINE.width(), rows * matrix.columns() / WORTHWHILE));
        MACHINE.sideBySide(shares, share -> {
            int from = (int) (rows * share / shares);
            work.compute(from, (int) (rows * (share + 1) / shares) - from);
        });
    }

    /** The sums of rows' columns; added to what is there times {@code before}, where that is not 0. */
    void columnSums(MatrixView rows, INDArray into, double before) {
        INDArray scratch =
                Nd4j.createUninitialized(into.dataType(), ActivationKernels.sumsScratch(rows.rows(), rows.columns()));
        get().activation().columnSums(rows, numbers(into), numbers(scratch), before);
    }

    /** Row i of {@code to} becomes row places_i of {@code from}. */
    public void gather(INDArray from, int[] places, INDArray to) {
        get().embedding().gather(rows(from), integers(places), into(to));
    }

    /** Adds row i of {@code from} to row places_i of {@code to}. */
    void scatterAdd(INDArray from, int[] places, INDArray to) {
        try (TokenSegments segments = TokenSegments.of(MACHINE, OWNER, places, (int) to.size(0))) {
            get().embedding().scatterAdd(rows(from), segments, 1, into(to));
        }
    }

    /** The opposite of {@link #gather} where places ascend: row i of {@code from} is put at row places_i of {@code to}. */
    public void place(INDArray from, int[] places, INDArray to) {
        MatrixView source = rows(from);
        MatrixView target = into(to);
        for (int first = 0; first < places.length; ) {
            int end = first + 1;
            while (end < places.length && places[end] == places[end - 1] + 1) {
                end++;
            }
            int count = end - first;
            get().elementwise().merge(List.of(source.rows(first, count)), target.rows(places[first], count));
            first = end;
        }
    }

    @Override
    public void close() {
        try {
            BlasThreads.done();
        } finally {
            Reference.reachabilityFence(held);
        }
    }
}
