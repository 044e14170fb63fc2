/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.lang.ref.Reference;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MatrixOrder;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Memory of arrays of ND4J's CPU backend, and products on it. An address holds no array: who uses it must. */
public final class HostArrays {

    private static final boolean BACKEND =
            Nd4j.getBackend().getClass().getSimpleName().equals("CpuBackend");

    private HostArrays() {}

    /** Whether loops and products on addresses take all of these, which must have one type. */
    public static boolean takes(INDArray... arrays) {
        DataType type = arrays[0].dataType();
        boolean known = BACKEND && (type == DataType.FLOAT || type == DataType.DOUBLE);
        for (INDArray array : arrays) {
            known &= array.dataType() == type;
        }
        return known;
    }

    /** Of an array that is {@link #takes taken}. */
    public static ElementType type(INDArray array) {
        return array.dataType() == DataType.DOUBLE ? ElementType.DOUBLE : ElementType.FLOAT;
    }

    /** Of an element, counted from the first along the array's memory. */
    public static long address(INDArray array, long element) {
        return array.data().address()
                + (array.offset() + element) * array.dataType().width();
    }

    /**
     * A product of arrays that are {@link #takes taken}, on this thread and as many as OpenBLAS takes. For few rows: a call of ND4J takes
     * longer than they do.
     *
     * @param product in order COLUMNS
     * @param fromB B's first element, counted along its array's memory
     * @param fromC the same of C
     */
    public static void multiply(Gemm product, INDArray a, INDArray b, long fromB, INDArray c, long fromC) {
        try {
            new HostProduct(product, type(c), address(a, 0), address(b, fromB), address(c, fromC)).multiply();
        } finally {
            Reference.reachabilityFence(a);
            Reference.reachabilityFence(b);
            Reference.reachabilityFence(c);
        }
    }

    /** A product of Java's arrays by one thread; bytes do not depend on how many OpenBLAS has. */
    public static void multiply(Gemm product, double[] a, double[] b, double[] c) {
        boolean turned = product.order() == MatrixOrder.ROWS;
        BlasThreads.one(() -> HostProduct.multiply(product.inColumns(), turned ? b : a, turned ? a : b, c));
    }
}
