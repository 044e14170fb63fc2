/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rules and shapes of ND4J arrays. */
final class ArrayChecks {
    private ArrayChecks() {}

    static void floating(String what, INDArray array) {
        Checks.present(what, array);
        if (array.dataType() != DataType.FLOAT && array.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException(what + " must be FLOAT or DOUBLE, got " + array.dataType());
        }
        if (array.isEmpty()) {
            throw new IllegalArgumentException(what + " must have a value");
        }
    }

    static List<Long> shape(INDArray array) {
        return Arrays.stream(array.shape()).boxed().toList();
    }
}
