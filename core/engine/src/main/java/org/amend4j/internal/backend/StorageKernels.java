/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;

/** Frozen numbers in few bits, and numbers rounded to 8 significant bits (storage.cu). */
public abstract class StorageKernels {

    /**
     * Writes numbers in few bits: the codes of {@link WeightStorage}, the same bytes on every machine.
     *
     * @param values floats
     * @param refused one int, which becomes 1 if a number is not finite or too large to be rounded, and stays otherwise
     */
    public final void encode(MachineArray values, StoredNumbers to, MachineArray refused) {
        requireFloats("values", values, to.length());
        Shapes.requireInts("refused", refused, 1);
        if (values.length() == 0) {
            return;
        }
        computeEncode(values, to, refused);
    }

    protected abstract void computeEncode(MachineArray values, StoredNumbers to, MachineArray refused);

    /**
     * Writes a part's numbers without gaps, row after row.
     *
     * @param to FLOAT: what is kept, exactly; BFLOAT16: that rounded to 8 significant bits, to nearest even
     */
    public final void decode(StoredPart part, MachineArray to) {
        if (to.type() != ElementType.BFLOAT16) {
            requireFloats("to", to, part.length());
        } else {
            requireHalves("to", to, part.length());
        }
        computeDecode(part, to);
    }

    protected abstract void computeDecode(StoredPart part, MachineArray to);

    /** Rounds floats to 8 significant bits, to nearest even; what is not finite stays so. */
    public final void round(MachineArray from, MachineArray to) {
        requireFloats("from", from, to.length());
        requireHalves("to", to, from.length());
        if (from.length() == 0) {
            return;
        }
        computeRound(from, to);
    }

    protected abstract void computeRound(MachineArray from, MachineArray to);

    /** The same of rows, which may have something between them. */
    public final void roundRows(MatrixView from, MatrixView to) {
        to.requireShape("to", from.rows(), from.columns());
        requireFloats("from", from.array(), from.array().length());
        requireHalves("to", to.array(), to.array().length());
        if (!from.isEmpty()) {
            computeRoundRows(from, to);
        }
    }

    protected abstract void computeRoundRows(MatrixView from, MatrixView to);

    private static void requireFloats(String what, MachineArray array, long length) {
        require(what, array, ElementType.FLOAT, length);
    }

    private static void requireHalves(String what, MachineArray array, long length) {
        require(what, array, ElementType.BFLOAT16, length);
    }

    private static void require(String what, MachineArray array, ElementType type, long length) {
        if (array.type() != type || array.length() != length) {
            throw new IllegalArgumentException(what + " must be " + type + "[" + length + "], got " + array);
        }
    }
}
