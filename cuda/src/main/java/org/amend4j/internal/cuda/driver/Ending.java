/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.PlacedEpilogue;

/** The epilogues of {@link Epilogue} that cuBLASLt counts as different ones. */
enum Ending {
    BIAS(true, false),
    RECTIFIER(true, false),
    RECTIFIER_WITH_MASK(true, true),
    GRADIENT(false, true),
    GRADIENT_WITH_SUMS(true, true);

    private final boolean vector;
    private final boolean mask;

    Ending(boolean vector, boolean mask) {
        this.vector = vector;
        this.mask = mask;
    }

    static Ending of(PlacedEpilogue epilogue) {
        if (epilogue.epilogue() instanceof Epilogue.Bias) {
            return BIAS;
        }
        if (epilogue.epilogue() instanceof Epilogue.BiasRectifier) {
            return epilogue.hasMask() ? RECTIFIER_WITH_MASK : RECTIFIER;
        }
        return epilogue.sums().isPresent() ? GRADIENT_WITH_SUMS : GRADIENT;
    }

    /** Whether it has a bias or sums. */
    boolean hasVector() {
        return vector;
    }

    /** Whether it has a mask of signs. */
    boolean hasMask() {
        return mask;
    }
}
