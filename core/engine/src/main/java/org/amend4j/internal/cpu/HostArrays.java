/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Memory of arrays of ND4J's CPU backend. An address holds no array: who uses it must. */
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
}
